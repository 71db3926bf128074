/*
 * Pins that keep what they were told. On I2C bus 0 there is a device at 0x48 whose registers are 0, 1, 2 ..., and SPI
 * hears what it says.
 */
#include <stdlib.h>
#include <string.h>

#include "driver/gpio.h"
#include "driver/i2c_master.h"
#include "driver/ledc.h"
#include "driver/spi_master.h"
#include "pins.h"

host_pin_t host_pins[SOC_GPIO_PIN_COUNT];
host_pwm_t host_pwm[LEDC_CHANNEL_MAX];
static uint32_t timer_bits[LEDC_TIMER_MAX], timer_hz[LEDC_TIMER_MAX];
static bool has_service;

/* ---- GPIO -------------------------------------------------------------------------------------------------------- */

esp_err_t gpio_config(const gpio_config_t* config) {
  for (int pin = 0; pin < SOC_GPIO_PIN_COUNT; pin++) {
    if ((config->pin_bit_mask >> pin & 1u) == 0) continue;
    host_pins[pin].mode = config->mode;
    host_pins[pin].pull_up = config->pull_up_en == GPIO_PULLUP_ENABLE;
    host_pins[pin].pull_down = config->pull_down_en == GPIO_PULLDOWN_ENABLE;
    host_pins[pin].pwm = -1;
  }
  return ESP_OK;
}

esp_err_t gpio_reset_pin(gpio_num_t pin) {
  host_pins[pin].mode = GPIO_MODE_DISABLE;
  host_pins[pin].pull_up = true;
  host_pins[pin].pwm = -1;
  return ESP_OK;
}

esp_err_t gpio_set_direction(gpio_num_t pin, gpio_mode_t mode) {
  host_pins[pin].mode = mode;
  return ESP_OK;
}

esp_err_t gpio_set_level(gpio_num_t pin, uint32_t level) {
  host_pins[pin].output = level != 0;
  return ESP_OK;
}

int gpio_get_level(gpio_num_t pin) {
  const host_pin_t* state = &host_pins[pin];
  if ((state->mode & GPIO_MODE_OUTPUT) != 0 && (state->mode != GPIO_MODE_INPUT_OUTPUT_OD || !state->output)) {
    return state->output;
  }
  return state->input;
}

esp_err_t gpio_install_isr_service(int flags) {
  (void)flags;
  if (has_service) return ESP_ERR_INVALID_STATE;
  has_service = true;
  return ESP_OK;
}

esp_err_t gpio_set_intr_type(gpio_num_t pin, gpio_int_type_t type) {
  host_pins[pin].interrupt = type;
  return ESP_OK;
}

esp_err_t gpio_intr_enable(gpio_num_t pin) {
  host_pins[pin].enabled = true;
  return ESP_OK;
}

esp_err_t gpio_intr_disable(gpio_num_t pin) {
  host_pins[pin].enabled = false;
  return ESP_OK;
}

esp_err_t gpio_isr_handler_add(gpio_num_t pin, gpio_isr_t handler, void* context) {
  if (!has_service) return ESP_ERR_INVALID_STATE;
  host_pins[pin].handler = handler;
  host_pins[pin].context = context;
  return ESP_OK;
}

esp_err_t gpio_isr_handler_remove(gpio_num_t pin) {
  host_pins[pin].handler = NULL;
  return ESP_OK;
}

void host_drive(int pin, bool level) {
  host_pin_t* state = &host_pins[pin];
  const bool rose = level && !state->input, fell = !level && state->input;
  state->input = level;
  const bool wanted = (rose && state->interrupt != GPIO_INTR_NEGEDGE) || (fell && state->interrupt != GPIO_INTR_POSEDGE);
  if (wanted && state->enabled && state->handler != NULL) state->handler(state->context);
}

/* ---- LEDC -------------------------------------------------------------------------------------------------------- */

uint32_t ledc_find_suitable_duty_resolution(uint32_t source_hz, uint32_t frequency_hz) {
  uint32_t bits = 0;
  while (bits < 20 && source_hz / frequency_hz >> (bits + 1) != 0) bits++;
  return bits;
}

esp_err_t ledc_timer_config(const ledc_timer_config_t* config) {
  if (config->duty_resolution >= LEDC_TIMER_BIT_MAX || config->duty_resolution == 0) return ESP_ERR_INVALID_ARG;
  if (((uint64_t)config->freq_hz << config->duty_resolution) > 80000000u) return ESP_FAIL;
  timer_bits[config->timer_num] = config->duty_resolution;
  timer_hz[config->timer_num] = config->freq_hz;
  return ESP_OK;
}

static void show(int channel) {
  const ledc_timer_t timer = host_pwm[channel].timer;
  host_pwm[channel].hz = timer_hz[timer];
  host_pwm[channel].permille = host_pwm[channel].duty * 1000u >> timer_bits[timer];
}

esp_err_t ledc_channel_config(const ledc_channel_config_t* config) {
  host_pwm[config->channel].timer = config->timer_sel;
  host_pwm[config->channel].duty = config->duty;
  host_pins[config->gpio_num].pwm = config->channel;
  host_pins[config->gpio_num].mode = GPIO_MODE_OUTPUT;
  show(config->channel);
  return ESP_OK;
}

esp_err_t ledc_set_duty(ledc_mode_t mode, ledc_channel_t channel, uint32_t duty) {
  (void)mode;
  host_pwm[channel].duty = duty;
  return ESP_OK;
}

esp_err_t ledc_update_duty(ledc_mode_t mode, ledc_channel_t channel) {
  (void)mode;
  show(channel);
  return ESP_OK;
}

esp_err_t ledc_stop(ledc_mode_t mode, ledc_channel_t channel, uint32_t level) {
  (void)mode;
  (void)level;
  host_pwm[channel].permille = 0;
  return ESP_OK;
}

/* ---- I2C --------------------------------------------------------------------------------------------------------- */

struct i2c_master_bus_t {
  int devices;
};
struct i2c_master_dev_t {
  i2c_master_bus_handle_t bus;
  uint16_t address;
  uint8_t next;
};

esp_err_t i2c_new_master_bus(const i2c_master_bus_config_t* config, i2c_master_bus_handle_t* bus) {
  if (config->i2c_port > 0 || config->trans_queue_depth != 0) return ESP_ERR_INVALID_ARG;
  *bus = calloc(1, sizeof **bus);
  return ESP_OK;
}

esp_err_t i2c_del_master_bus(i2c_master_bus_handle_t bus) {
  if (bus->devices != 0) return ESP_ERR_INVALID_STATE;
  free(bus);
  return ESP_OK;
}

esp_err_t i2c_master_bus_reset(i2c_master_bus_handle_t bus) {
  (void)bus;
  return ESP_OK;
}

esp_err_t i2c_master_bus_add_device(i2c_master_bus_handle_t bus, const i2c_device_config_t* config,
                                    i2c_master_dev_handle_t* device) {
  *device = calloc(1, sizeof **device);
  (*device)->bus = bus;
  (*device)->address = config->device_address;
  bus->devices++;
  return ESP_OK;
}

esp_err_t i2c_master_bus_rm_device(i2c_master_dev_handle_t device) {
  device->bus->devices--;
  free(device);
  return ESP_OK;
}

static esp_err_t answer(uint16_t address) {
  return address == 0x48 ? ESP_OK : address == 0x50 ? ESP_ERR_TIMEOUT : ESP_ERR_INVALID_STATE;
}

esp_err_t i2c_master_probe(i2c_master_bus_handle_t bus, uint16_t address, int timeout_ms) {
  (void)bus;
  (void)timeout_ms;
  return address == 0x48 ? ESP_OK : ESP_ERR_NOT_FOUND;
}

esp_err_t i2c_master_transmit(i2c_master_dev_handle_t device, const uint8_t* octets, size_t size, int timeout_ms) {
  if (size == 0 || timeout_ms < 0) return ESP_ERR_INVALID_ARG;
  device->next = octets[0];
  return answer(device->address);
}

esp_err_t i2c_master_receive(i2c_master_dev_handle_t device, uint8_t* octets, size_t size, int timeout_ms) {
  if (size == 0 || timeout_ms < 0) return ESP_ERR_INVALID_ARG;
  for (size_t i = 0; i < size; i++) octets[i] = device->next++;
  return answer(device->address);
}

esp_err_t i2c_master_transmit_receive(i2c_master_dev_handle_t device, const uint8_t* output, size_t output_size,
                                      uint8_t* input, size_t input_size, int timeout_ms) {
  const esp_err_t status = i2c_master_transmit(device, output, output_size, timeout_ms);
  return status == ESP_OK ? i2c_master_receive(device, input, input_size, timeout_ms) : status;
}

/* ---- SPI --------------------------------------------------------------------------------------------------------- */

struct spi_device_t {
  int clock_hz;
};
static int spi_devices;
static bool spi_is_open;

esp_err_t spi_bus_initialize(spi_host_device_t host, const spi_bus_config_t* config, spi_dma_chan_t dma) {
  if (host != SPI2_HOST || config->quadwp_io_num != -1 || config->data4_io_num != -1 || dma != SPI_DMA_CH_AUTO) {
    return ESP_ERR_INVALID_ARG;
  }
  if (spi_is_open) return ESP_ERR_INVALID_STATE;
  spi_is_open = true;
  return ESP_OK;
}

esp_err_t spi_bus_free(spi_host_device_t host) {
  (void)host;
  if (spi_devices != 0) return ESP_ERR_INVALID_STATE;
  spi_is_open = false;
  return ESP_OK;
}

esp_err_t spi_bus_add_device(spi_host_device_t host, const spi_device_interface_config_t* config,
                             spi_device_handle_t* device) {
  (void)host;
  if (config->clock_speed_hz > 80000000 || config->queue_size < 1) return ESP_ERR_INVALID_ARG;
  *device = calloc(1, sizeof **device);
  spi_devices++;
  return ESP_OK;
}

esp_err_t spi_bus_remove_device(spi_device_handle_t device) {
  spi_devices--;
  free(device);
  return ESP_OK;
}

esp_err_t spi_device_transmit(spi_device_handle_t device, spi_transaction_t* transaction) {
  (void)device;
  if (transaction->rx_buffer != NULL) memmove(transaction->rx_buffer, transaction->tx_buffer, transaction->length / 8);
  return ESP_OK;
}
