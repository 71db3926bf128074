/* The board as the portable firmware sees it (rosehip/port.h), on what the other files of this folder give. */
#ifndef ROSEHIP_ESP32_PORT_H
#define ROSEHIP_ESP32_PORT_H

#include "esp_err.h"
#include "link.h"
#include "rosehip/port.h"

/*
 * Fills in what of *port is the board's own, and says on the console what is missing: before there is a link, which may
 * be that of the console. apps_partition: NULL if none is wanted.
 */
esp_err_t rh_esp32_port_open(rosehip_port_t* port, const char* apps_partition);

/* Fills in the rest. It borrows the open link for ever. For the task that runs the firmware. */
void rh_esp32_port_connect(rosehip_port_t* port, const esp32_link_t* link);

/* Ends the loop's sleep, from an interrupt. */
void rh_esp32_port_wake_from_isr(BaseType_t* woken);

#endif
