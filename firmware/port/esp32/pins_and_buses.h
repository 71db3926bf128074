/* Pins and buses of the ESP32 port (rosehip/hardware.h): one file for each kind, put together by pins_and_buses.c. */
#ifndef ROSEHIP_ESP32_PINS_AND_BUSES_H
#define ROSEHIP_ESP32_PINS_AND_BUSES_H

#include "rosehip/esp32_settings.h"
#include "rosehip/hardware.h"

/* `reserved`: bits of the pins that the app may not have beside those of the flash. NULL: built without. */
const rosehip_hardware_t* rh_esp32_hardware(uint64_t reserved);

/* gpio.c: whether the app may have the pin, and as an output; the app has it from now on, until all are given back. */
bool rh_esp32_pin_is_free(int64_t pin);
bool rh_esp32_pin_is_output(int64_t pin);
void rh_esp32_pin_take(uint32_t pin);
void rh_esp32_pin_reserve(uint64_t pins);

int rh_esp32_gpio_mode(void* context, uint32_t pin, rosehip_gpio_mode_t mode);
int rh_esp32_gpio_read(void* context, uint32_t pin);
int rh_esp32_gpio_write(void* context, uint32_t pin, bool level);
int rh_esp32_gpio_watch(void* context, uint32_t pin, uint32_t edges);
bool rh_esp32_gpio_edge(void* context, rosehip_gpio_edge_t* edge);
int rh_esp32_pwm_write(void* context, uint32_t pin, uint32_t period_ns, uint32_t pulse_ns);
int rh_esp32_adc_read(void* context, uint32_t pin, rosehip_adc_unit_t unit);
int rh_esp32_i2c_open(void* context, uint32_t bus, int32_t sda, int32_t scl, uint32_t frequency_hz);
int rh_esp32_i2c_transfer(void* context, uint32_t bus, uint8_t address, const uint8_t* output, size_t output_bytes,
                          uint8_t* input, size_t input_bytes);
int rh_esp32_spi_open(void* context, uint32_t bus, int32_t clock, int32_t controller_out, int32_t controller_in);
int rh_esp32_spi_transfer(void* context, const rosehip_spi_device_t* device, const uint8_t* output, uint8_t* input,
                          size_t length_bytes);

/* Ends PWM on this pin, which is left low, if there is any. */
void rh_esp32_pwm_end(uint32_t pin);

/* What the app has is given back. Pins come last. */
void rh_esp32_gpio_reset(void);
void rh_esp32_pwm_reset(void);
void rh_esp32_adc_reset(void);
void rh_esp32_i2c_reset(void);
void rh_esp32_spi_reset(void);

#endif
