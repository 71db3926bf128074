#include "pins_and_buses.h"

#if ROSEHIP_HARDWARE

#include "driver/i2c_master.h"
#include "esp_log.h"
#include "rosehip/error.h"

enum {
  BUSES = 2,
  TRANSFER_MS = ROSEHIP_TRANSFER_LIMIT_US / 1000,
  GLITCH_CYCLES = 7, /* shorter pulses are noise; what the driver's documentation takes */
};

static struct {
  i2c_master_bus_handle_t bus;        /* NULL: closed */
  i2c_master_dev_handle_t device;     /* the one that was last spoken to; NULL: none yet */
  uint8_t address;                    /* its */
  uint32_t frequency_hz;
} buses[BUSES];

static void close_bus(uint32_t bus) {
  if (buses[bus].device != NULL) i2c_master_bus_rm_device(buses[bus].device);
  if (buses[bus].bus != NULL) i2c_del_master_bus(buses[bus].bus);
  buses[bus].device = NULL;
  buses[bus].bus = NULL;
}

int rh_esp32_i2c_open(void* context, uint32_t bus, int32_t sda, int32_t scl, uint32_t frequency_hz) {
  (void)context;
  if (sda == ROSEHIP_PIN_DEFAULT) sda = ROSEHIP_I2C_SDA_PIN;
  if (scl == ROSEHIP_PIN_DEFAULT) scl = ROSEHIP_I2C_SCL_PIN;
  if (bus >= BUSES || sda == scl || frequency_hz == 0) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  if (!rh_esp32_pin_is_output(sda) || !rh_esp32_pin_is_output(scl)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  close_bus(bus);
  esp_log_level_set("i2c.master", ESP_LOG_NONE); /* nobody answering is a result, not a fault */
  const i2c_master_bus_config_t settings = {
      .i2c_port = (i2c_port_num_t)bus,
      .sda_io_num = (gpio_num_t)sda,
      .scl_io_num = (gpio_num_t)scl,
      .clk_source = I2C_CLK_SRC_DEFAULT,
      .glitch_ignore_cnt = GLITCH_CYCLES,
      .flags.enable_internal_pullup = 1, /* beside those that the bus should have */
  };
  if (i2c_new_master_bus(&settings, &buses[bus].bus) != ESP_OK) {
    buses[bus].bus = NULL;
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  buses[bus].frequency_hz = frequency_hz;
  rh_esp32_pin_take((uint32_t)sda);
  rh_esp32_pin_take((uint32_t)scl);
  return ROSEHIP_OK;
}

static esp_err_t choose_device(uint32_t bus, uint8_t address) {
  const i2c_device_config_t settings = {
      .dev_addr_length = I2C_ADDR_BIT_LEN_7,
      .device_address = address,
      .scl_speed_hz = buses[bus].frequency_hz,
  };
  if (buses[bus].device != NULL && buses[bus].address == address) return ESP_OK;
  if (buses[bus].device != NULL) i2c_master_bus_rm_device(buses[bus].device);
  buses[bus].device = NULL;
  buses[bus].address = address;
  return i2c_master_bus_add_device(buses[bus].bus, &settings, &buses[bus].device);
}

/* v5.4 tells of a missing acknowledgement by INVALID_STATE, newer drivers by INVALID_RESPONSE, a probe by NOT_FOUND. */
static int result_of(uint32_t bus, esp_err_t status) {
  switch (status) {
    case ESP_OK: return ROSEHIP_OK;
    case ESP_ERR_INVALID_STATE:
    case ESP_ERR_INVALID_RESPONSE:
    case ESP_ERR_NOT_FOUND: return ROSEHIP_ERROR_NACK;
    case ESP_ERR_TIMEOUT: i2c_master_bus_reset(buses[bus].bus); return ROSEHIP_ERROR_TIMEOUT;
    default: return ROSEHIP_ERROR_BUS;
  }
}

int rh_esp32_i2c_transfer(void* context, uint32_t bus, uint8_t address, const uint8_t* output, size_t output_bytes,
                          uint8_t* input, size_t input_bytes) {
  (void)context;
  if (bus >= BUSES || buses[bus].bus == NULL) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  if (output_bytes == 0 && input_bytes == 0) {
    return result_of(bus, i2c_master_probe(buses[bus].bus, address, TRANSFER_MS));
  }
  if (choose_device(bus, address) != ESP_OK) return ROSEHIP_ERROR_BUS;
  const i2c_master_dev_handle_t device = buses[bus].device;
  if (input_bytes == 0) return result_of(bus, i2c_master_transmit(device, output, output_bytes, TRANSFER_MS));
  if (output_bytes == 0) return result_of(bus, i2c_master_receive(device, input, input_bytes, TRANSFER_MS));
  return result_of(
      bus, i2c_master_transmit_receive(device, output, output_bytes, input, input_bytes, TRANSFER_MS));
}

void rh_esp32_i2c_reset(void) {
  for (uint32_t bus = 0; bus < BUSES; bus++) close_bus(bus);
}

#endif
