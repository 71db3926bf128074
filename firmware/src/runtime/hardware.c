/*
 * Pins and buses for the app, on the port's (rosehip/hardware.h). What an app may ask for is checked here, what a board
 * has is known there.
 */
#include "state.h"
#include "wasm/abi_table.h"

_Static_assert((int)ROSEHIP_ABI_PIN_INPUT_PULL_DOWN == (int)ROSEHIP_GPIO_INPUT_PULL_DOWN, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_PIN_OUTPUT_OPEN_DRAIN == (int)ROSEHIP_GPIO_OUTPUT_OPEN_DRAIN, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_ADC_MILLIVOLTS == (int)ROSEHIP_ADC_MILLIVOLTS, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_I2C_OCTETS == (int)ROSEHIP_I2C_LIMIT_BYTES, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_SPI_OCTETS == (int)ROSEHIP_SPI_LIMIT_BYTES, "the same numbers");

enum {
  EDGES_ALL = ROSEHIP_GPIO_RISING | ROSEHIP_GPIO_FALLING,
  I2C_MIN_HZ = 10000, /* SMBus 3.2, 4.1: the slowest bus that there is. */
  ADDRESS_MAX = 0x7f,
  SPI_MODE_MAX = 3,
  /* Clock cycles of one octet within ROSEHIP_TRANSFER_LIMIT_US, for a second. */
  SPI_MIN_HZ_PER_BYTE = 8 * (1000000 / ROSEHIP_TRANSFER_LIMIT_US),
};

/* The board's, or one that has nothing. */
static const rosehip_hardware_t* use(rosehip_runtime_t* runtime) {
  static const rosehip_hardware_t none;
  runtime->hardware_used = true;
  return runtime->port->hardware == NULL ? &none : runtime->port->hardware;
}

/* ---- Pins -------------------------------------------------------------------------------------------------------- */

/* What waits to be told of this pin is from before. */
static int forget_edge(rosehip_runtime_t* runtime, uint32_t pin, int status) {
  if (status == ROSEHIP_OK && runtime->edge_state == EDGE_WAITING && runtime->edge.pin == pin) {
    runtime->edge_state = EDGE_NONE;
  }
  return status;
}

static int watch(rosehip_runtime_t* runtime, const rosehip_hardware_t* hardware, uint32_t pin, uint32_t edges) {
  if (edges > EDGES_ALL) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  if (hardware->gpio_watch == NULL || hardware->gpio_edge == NULL) return ROSEHIP_ERROR_UNSUPPORTED;
  runtime->watching = true;
  return forget_edge(runtime, pin, hardware->gpio_watch(hardware->context, pin, edges));
}

int32_t rh_hardware_gpio(rosehip_runtime_t* runtime, uint32_t operation, uint32_t pin, uint32_t value) {
  const rosehip_hardware_t* hardware = use(runtime);
  if (operation == ROSEHIP_ABI_GPIO_WATCH) return watch(runtime, hardware, pin, value);
  if (hardware->gpio_mode == NULL) return ROSEHIP_ERROR_UNSUPPORTED;
  switch (operation) {
    case ROSEHIP_ABI_GPIO_MODE:
      if (value > ROSEHIP_GPIO_OUTPUT_OPEN_DRAIN) return ROSEHIP_ERROR_INVALID_ARGUMENT;
      return forget_edge(runtime, pin, hardware->gpio_mode(hardware->context, pin, (rosehip_gpio_mode_t)value));
    case ROSEHIP_ABI_GPIO_READ: return hardware->gpio_read(hardware->context, pin);
    case ROSEHIP_ABI_GPIO_WRITE:
      if (value > 1) return ROSEHIP_ERROR_INVALID_ARGUMENT;
      return hardware->gpio_write(hardware->context, pin, value == 1);
    default: return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
}

bool rh_hardware_edge_waits(rosehip_runtime_t* runtime) {
  if (runtime->edge_state == EDGE_NONE && runtime->watching) {
    const rosehip_hardware_t* hardware = runtime->port->hardware;
    if (hardware->gpio_edge(hardware->context, &runtime->edge)) runtime->edge_state = EDGE_WAITING;
    if (runtime->edge.edges > ROSEHIP_GPIO_EDGES_MAX) runtime->edge.edges = ROSEHIP_GPIO_EDGES_MAX;
  }
  return runtime->edge_state != EDGE_NONE;
}

int32_t rh_hardware_pwm(rosehip_runtime_t* runtime, uint32_t pin, uint32_t period_ns, uint32_t pulse_ns) {
  const rosehip_hardware_t* hardware = use(runtime);
  if (pulse_ns > period_ns) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  if (hardware->pwm_write == NULL) return ROSEHIP_ERROR_UNSUPPORTED;
  return hardware->pwm_write(hardware->context, pin, period_ns, pulse_ns);
}

int32_t rh_hardware_adc(rosehip_runtime_t* runtime, uint32_t pin, uint32_t unit) {
  const rosehip_hardware_t* hardware = use(runtime);
  if (unit > ROSEHIP_ADC_MILLIVOLTS) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  if (hardware->adc_read == NULL) return ROSEHIP_ERROR_UNSUPPORTED;
  return hardware->adc_read(hardware->context, pin, (rosehip_adc_unit_t)unit);
}

/* ---- Buses ------------------------------------------------------------------------------------------------------- */

/* A pin, or the board's own choice. */
static bool is_pin(int32_t pin) { return pin >= ROSEHIP_PIN_DEFAULT; }

int32_t rh_hardware_i2c_open(rosehip_runtime_t* runtime, uint32_t bus, int32_t sda, int32_t scl,
                             uint32_t frequency_hz) {
  const rosehip_hardware_t* hardware = use(runtime);
  if (!is_pin(sda) || !is_pin(scl) || frequency_hz < I2C_MIN_HZ) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  if (hardware->i2c_open == NULL || hardware->i2c_transfer == NULL) return ROSEHIP_ERROR_UNSUPPORTED;
  return hardware->i2c_open(hardware->context, bus, sda, scl, frequency_hz);
}

int32_t rh_hardware_i2c_transfer(rosehip_runtime_t* runtime, uint32_t bus, uint32_t address, const buffer_t* output,
                                 const buffer_t* input) {
  const rosehip_hardware_t* hardware = use(runtime);
  if (address > ADDRESS_MAX) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  if (output->length_bytes > ROSEHIP_I2C_LIMIT_BYTES || input->length_bytes > ROSEHIP_I2C_LIMIT_BYTES) {
    return ROSEHIP_ERROR_TOO_LARGE;
  }
  if (hardware->i2c_transfer == NULL) return ROSEHIP_ERROR_UNSUPPORTED;
  return hardware->i2c_transfer(hardware->context, bus, (uint8_t)address, output->bytes, output->length_bytes,
                                input->bytes, input->length_bytes);
}

int32_t rh_hardware_spi_open(rosehip_runtime_t* runtime, uint32_t bus, int32_t clock, int32_t controller_out,
                             int32_t controller_in) {
  const rosehip_hardware_t* hardware = use(runtime);
  if (!is_pin(clock) || !is_pin(controller_out) || !is_pin(controller_in)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  if (hardware->spi_open == NULL || hardware->spi_transfer == NULL) return ROSEHIP_ERROR_UNSUPPORTED;
  return hardware->spi_open(hardware->context, bus, clock, controller_out, controller_in);
}

int32_t rh_hardware_spi_transfer(rosehip_runtime_t* runtime, const rosehip_spi_device_t* device, const buffer_t* output,
                                 const buffer_t* input) {
  const rosehip_hardware_t* hardware = use(runtime);
  const uint32_t length = output->length_bytes;
  const bool lengths_fit = length != 0 && (input->length_bytes == length || input->length_bytes == 0);
  if (!lengths_fit || device->mode > SPI_MODE_MAX || !is_pin(device->chip_select)) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  if (length > ROSEHIP_SPI_LIMIT_BYTES || length * SPI_MIN_HZ_PER_BYTE > device->frequency_hz) {
    return ROSEHIP_ERROR_TOO_LARGE;
  }
  if (hardware->spi_transfer == NULL) return ROSEHIP_ERROR_UNSUPPORTED;
  return hardware->spi_transfer(hardware->context, device, output->bytes,
                                input->length_bytes == 0 ? NULL : input->bytes, length);
}

/* ---- End --------------------------------------------------------------------------------------------------------- */

void rh_hardware_stop(rosehip_runtime_t* runtime) {
  const rosehip_hardware_t* hardware = runtime->port->hardware;
  if (runtime->hardware_used && hardware != NULL && hardware->reset != NULL) hardware->reset(hardware->context);
  runtime->hardware_used = false;
  runtime->watching = false;
  runtime->edge_state = EDGE_NONE;
}
