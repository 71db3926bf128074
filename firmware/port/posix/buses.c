#include "buses.h"

#include <stdio.h>
#include <string.h>

#include "console.h"
#include "rosehip/error.h"

enum {
  BUSES = 2,
  DEVICES = 8,
  REGISTERS = 256,
  OCTETS_SHOWN = 16,
};

/* Registers of 8 bits: the first octet written is the number of one, what follows goes there and to the next ones. */
typedef struct {
  bool there;
  uint32_t bus;
  uint8_t address, pointer;
  uint8_t registers[REGISTERS];
} device_t;

static device_t devices[DEVICES];
static bool i2c_is_open[BUSES], spi_is_open[BUSES];

static void say_octets(const char* what, const uint8_t* octets, size_t count) {
  char text[3 * OCTETS_SHOWN + 1] = "";
  const size_t shown = count < OCTETS_SHOWN ? count : OCTETS_SHOWN;
  for (size_t i = 0; i < shown; i++) snprintf(text + 3 * i, 4, " %02x", octets[i]);
  posix_say("%s:%s%s", what, text, shown < count ? " ..." : "");
}

static bool is_pin(int32_t pin) { return pin < POSIX_PINS; }

int posix_i2c_open(void* context, uint32_t bus, int32_t sda, int32_t scl, uint32_t frequency_hz) {
  (void)context, (void)frequency_hz;
  if (bus >= BUSES || !is_pin(sda) || !is_pin(scl)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  i2c_is_open[bus] = true;
  return ROSEHIP_OK;
}

static device_t* find_device(uint32_t bus, uint8_t address) {
  for (int i = 0; i < DEVICES; i++) {
    device_t* device = &devices[i];
    if (device->there && device->bus == bus && device->address == address) return device;
  }
  return NULL;
}

int posix_i2c_transfer(void* context, uint32_t bus, uint8_t address, const uint8_t* output, size_t output_bytes,
                        uint8_t* input, size_t input_bytes) {
  (void)context;
  if (bus >= BUSES || !i2c_is_open[bus]) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  device_t* device = find_device(bus, address);
  if (device == NULL) return ROSEHIP_ERROR_NACK;
  if (output_bytes > 0) device->pointer = output[0];
  for (size_t i = 1; i < output_bytes; i++) device->registers[device->pointer++] = output[i];
  for (size_t i = 0; i < input_bytes; i++) input[i] = device->registers[device->pointer++];
  if (output_bytes > 1) {
    char what[32];
    snprintf(what, sizeof what, "i2c %u 0x%02x", (unsigned)bus, address);
    say_octets(what, output, output_bytes);
  }
  return ROSEHIP_OK;
}

int posix_spi_open(void* context, uint32_t bus, int32_t clock, int32_t controller_out, int32_t controller_in) {
  (void)context;
  if (bus >= BUSES || !is_pin(clock) || !is_pin(controller_out) || !is_pin(controller_in)) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  spi_is_open[bus] = true;
  return ROSEHIP_OK;
}

int posix_spi_transfer(void* context, const rosehip_spi_device_t* device, const uint8_t* output, uint8_t* input,
                        size_t length_bytes) {
  (void)context;
  if (device->bus >= BUSES || !spi_is_open[device->bus] || !is_pin(device->chip_select)) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  char what[64];
  snprintf(what, sizeof what, "spi %u %d, mode %u, %u Hz", (unsigned)device->bus, (int)device->chip_select,
           (unsigned)device->mode, (unsigned)device->frequency_hz);
  say_octets(what, output, length_bytes);
  if (input != NULL) memmove(input, output, length_bytes);
  return ROSEHIP_OK;
}

void posix_buses_close(void) {
  memset(i2c_is_open, 0, sizeof i2c_is_open);
  memset(spi_is_open, 0, sizeof spi_is_open);
}

bool posix_i2c_set_device(char* rest) {
  unsigned long bus = 0, address = 0, first = 0, value = 0;
  if (!posix_number(&rest, BUSES - 1, &bus) || !posix_number(&rest, 0x7f, &address)) return false;
  device_t* device = find_device((uint32_t)bus, (uint8_t)address);
  if (*rest == '\0') {
    if (device != NULL) device->there = false;
    return true;
  }
  if (!posix_number(&rest, REGISTERS - 1, &first)) return false;
  for (int i = 0; device == NULL && i < DEVICES; i++) {
    if (!devices[i].there) device = &devices[i];
  }
  if (device == NULL) return false;
  if (!device->there) *device = (device_t){.there = true, .bus = (uint32_t)bus, .address = (uint8_t)address};
  while (posix_number(&rest, 0xff, &value)) device->registers[first++ % REGISTERS] = (uint8_t)value;
  return *rest == '\0';
}
