/* The buses of the simulated board; see pins.h. */
#ifndef ROSEHIP_POSIX_BUSES_H
#define ROSEHIP_POSIX_BUSES_H

#include "rosehip/hardware.h"

enum { POSIX_PINS = 64 };

/* As in rosehip_hardware_t. */
int posix_i2c_open(void* context, uint32_t bus, int32_t sda, int32_t scl, uint32_t frequency_hz);
int posix_i2c_transfer(void* context, uint32_t bus, uint8_t address, const uint8_t* output, size_t output_bytes,
                       uint8_t* input, size_t input_bytes);
int posix_spi_open(void* context, uint32_t bus, int32_t clock, int32_t controller_out, int32_t controller_in);
int posix_spi_transfer(void* context, const rosehip_spi_device_t* device, const uint8_t* output, uint8_t* input,
                       size_t length_bytes);

void posix_buses_close(void);

/* What follows "i2c " in a line of standard input. False if it is not understood. */
bool posix_i2c_set_device(char* rest);

#endif
