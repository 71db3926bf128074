/*
 * What a board gives an app to control things with: pins, PWM, A/D converters, I2C and SPI buses. A port points at one
 * of these from rosehip_port_t.hardware; a function that the board cannot give is NULL, and the app then gets
 * ROSEHIP_ERROR_UNSUPPORTED. The app's side of it is docs/hardware.md, its numbers are those of docs/abi.md.
 *
 * All functions are called from the firmware's loop. None may wait longer than ROSEHIP_TRANSFER_LIMIT_US. The firmware has checked lengths, modes and pointers (the bounds below) before it calls; a
 * port checks what only it knows: which pins and buses there are, and that they do not belong to the firmware itself
 * (its UART, its flash). Results are ROSEHIP_OK or a value of at least 0, or one of
 *
 *   ROSEHIP_ERROR_INVALID_ARGUMENT  no such pin or bus, or it is not for the app; a rate that it cannot have
 *   ROSEHIP_ERROR_UNSUPPORTED       this pin or bus is there, but cannot do this
 *   ROSEHIP_ERROR_NACK              nobody acknowledged the address or an octet (I2C)
 *   ROSEHIP_ERROR_TIMEOUT           the transfer was not over in time, for example a clock line that is held
 *   ROSEHIP_ERROR_BUS               anything else that went wrong on the bus: arbitration lost, a driver that failed
 *
 * Pins are the chip's own numbers. When a run of the app ends, `reset` takes back all that it was given.
 */
#ifndef ROSEHIP_HARDWARE_H
#define ROSEHIP_HARDWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  ROSEHIP_PIN_DEFAULT = -1,             /* Of a bus: the pin that the board has for this. Of a chip select: none. */
  ROSEHIP_I2C_LIMIT_BYTES = 512,        /* Longest part of a transfer: 46 ms at 100 kHz. */
  ROSEHIP_SPI_LIMIT_BYTES = 4092,       /* Longest transfer: what one DMA descriptor of the smaller chips takes. */
  ROSEHIP_TRANSFER_LIMIT_US = 200000,   /* Longest time that a transfer may take, whatever the other side does. */
};

typedef enum {
  ROSEHIP_GPIO_INPUT = 0,
  ROSEHIP_GPIO_INPUT_PULL_UP = 1,
  ROSEHIP_GPIO_INPUT_PULL_DOWN = 2,
  ROSEHIP_GPIO_OUTPUT = 3,
  ROSEHIP_GPIO_OUTPUT_OPEN_DRAIN = 4, /* low, or let go; read tells the level of the line */
} rosehip_gpio_mode_t;

enum {
  ROSEHIP_GPIO_RISING = 1, /* bits */
  ROSEHIP_GPIO_FALLING = 2,
  ROSEHIP_GPIO_EDGES_MAX = 0x3fffffff, /* what the app is told at most: that or more */
};

/* What happened to a watched pin since it was last told. */
typedef struct {
  uint32_t pin;
  uint32_t edges; /* watched edges, at least 1; a count that is full stays as it is */
  bool level;     /* after the last of them */
} rosehip_gpio_edge_t;

typedef enum {
  ROSEHIP_ADC_RATIO = 0,      /* 0 to 65,535: the part of full scale, whatever the converter's width */
  ROSEHIP_ADC_MILLIVOLTS = 1, /* at the pin, by the chip's calibration if it has one */
} rosehip_adc_unit_t;

/* A device on an SPI bus; the most significant bit of an octet is sent first. */
typedef struct {
  uint32_t bus;
  int32_t chip_select;   /* held low during the transfer; ROSEHIP_PIN_DEFAULT: none */
  uint32_t frequency_hz; /* at most this; at least so much that the transfer ends within the limit */
  uint32_t mode;         /* 0 to 3: CPOL * 2 + CPHA */
} rosehip_spi_device_t;

typedef struct {
  void* context; /* Passed to all functions. */

  /* ---- Pins. mode, read and write go together; watch and edge, too ---- */

  /* What the pin is from now on; PWM and a watch on it end. */
  int (*gpio_mode)(void* context, uint32_t pin, rosehip_gpio_mode_t mode);

  /* 0 or 1, also of an output. */
  int (*gpio_read)(void* context, uint32_t pin);

  /* Of a pin that is no output yet: the level it begins with, so that nothing is driven the wrong way meanwhile. */
  int (*gpio_write)(void* context, uint32_t pin, bool level);

  /* `edges`: which ones count from now on; 0 ends it. Edges that were counted and not told are forgotten. */
  int (*gpio_watch)(void* context, uint32_t pin, uint32_t edges);

  /*
   * Takes the edges of one watched pin that has some, in turns if several have, and true; false if none has. An
   * interrupt does no more than to count, to keep the level and to end the port's `sleep`: however fast they come,
   * there is one of these for each pin, and one event for the app.
   */
  bool (*gpio_edge)(void* context, rosehip_gpio_edge_t* edge);

  /*
   * Drives a pin high for `pulse_ns` of each `period_ns`, as exactly as the board can; the pulse is not longer than the
   * period. A period of 0 ends it: the pin is low.
   */
  int (*pwm_write)(void* context, uint32_t pin, uint32_t period_ns, uint32_t pulse_ns);

  /* One conversion. */
  int (*adc_read)(void* context, uint32_t pin, rosehip_adc_unit_t unit);

  /* ---- Buses ---- */

  /* Makes the board the controller of a bus, from 0. A bus that is open is opened anew. */
  int (*i2c_open)(void* context, uint32_t bus, int32_t sda, int32_t scl, uint32_t frequency_hz);

  /*
   * Writes, then reads after a repeated start; a part without octets is left out, and without both only the address is
   * sent. `address` has 7 bits. A bus that was not opened: ROSEHIP_ERROR_INVALID_ARGUMENT.
   */
  int (*i2c_transfer)(void* context, uint32_t bus, uint8_t address, const uint8_t* output, size_t output_bytes,
                      uint8_t* input, size_t input_bytes);

  /* As i2c_open; a pin that the devices on it do not need may be any other. */
  int (*spi_open)(void* context, uint32_t bus, int32_t clock, int32_t controller_out, int32_t controller_in);

  /* Sends `length_bytes` octets and receives as many; `input` may be NULL, or be `output`. */
  int (*spi_transfer)(void* context, const rosehip_spi_device_t* device, const uint8_t* output, uint8_t* input,
                      size_t length_bytes);

  /*
   * The run of the app that used all this is over: pins become inputs again as after power-up, watches and PWM end, buses
   * are closed. So an app that trapped leaves nothing switched on. May be NULL if nothing needs it.
   */
  void (*reset)(void* context);
} rosehip_hardware_t;

#endif
