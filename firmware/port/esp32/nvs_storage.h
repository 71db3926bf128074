/* The store of the ESP32 port: ESP-IDF's non-volatile storage (NVS), one blob for each record. */
#ifndef ROSEHIP_ESP32_NVS_STORAGE_H
#define ROSEHIP_ESP32_NVS_STORAGE_H

#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"

/* Makes NVS ready; may be called again. A partition that is not NVS, or of a newer ESP-IDF, is erased. */
esp_err_t rh_esp32_storage_open(void);

/* storage_read and storage_write of rosehip_port_t. */
int rh_esp32_storage_read(const char* name, uint8_t* record, size_t size_bytes);
int rh_esp32_storage_write(const char* name, const uint8_t* record, size_t length_bytes);

#endif
