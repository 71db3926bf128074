/* The board as the portable firmware sees it (rosehip/port.h), on what the other files of this folder give. */
#ifndef ROSEHIP_ESP32_PORT_H
#define ROSEHIP_ESP32_PORT_H

#include "esp_err.h"
#include "link.h"
#include "rosehip/port.h"

/* Fills in *port over the open link, which it borrows for ever. For the task that runs the firmware. */
esp_err_t esp32_port_open(rosehip_port_t* port, const esp32_link_t* link, const char* apps_partition);

/* Ends the loop's sleep, from an interrupt. */
void esp32_port_wake_from_isr(BaseType_t* woken);

#endif
