/* The flash for apps of the ESP32 port: a data partition. */
#ifndef ROSEHIP_ESP32_APPS_PARTITION_H
#define ROSEHIP_ESP32_APPS_PARTITION_H

#include "rosehip/flash.h"

/* The partition of this name; NULL, and a line on the console, if there is none or it is too small. */
const rosehip_flash_t* rh_esp32_apps_partition(const char* label);

#endif
