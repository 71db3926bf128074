/*
 * Simulated pins and buses (--pins): 64 pins with PWM and A/D converters, two I2C and two SPI buses. What the app does
 * with them is shown on standard output; standard input is what is outside:
 *
 *   pin 0 0 1 z             drives pin 0 low, then high, then lets it go, before the app can react
 *   analog 34 1650          millivolts at pin 34; full scale is 3,300
 *   i2c 0 0x48 0x01 18 52   a device at 0x48 on bus 0 has 18 and 52 in its registers 1 and 2
 *   i2c 0 0x48              there is no device any more
 *
 * An SPI bus has a wire from its output to its input.
 */
#ifndef ROSEHIP_POSIX_PINS_H
#define ROSEHIP_POSIX_PINS_H

#include "rosehip/hardware.h"

/* There is one such board in a process. */
const rosehip_hardware_t* posix_pins_open(void);

/* Takes octets of standard input: lines as above. */
void posix_pins_input(const char* text, size_t length_bytes);

/* True if gpio_edge has something to tell. */
bool posix_pins_edge_waits(void);

#endif
