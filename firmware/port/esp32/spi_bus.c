/* Bus 0 is SPI2 of the chip, bus 1 SPI3 where there is one; SPI0 and SPI1 belong to the flash. */
#include "pins_and_buses.h"

#if ROSEHIP_HARDWARE

#include "driver/spi_master.h"
#include "rosehip/error.h"

enum {
#if SOC_SPI_PERIPH_NUM > 2
  BUSES = 2,
#else
  BUSES = 1,
#endif
};

static struct {
  bool is_open;
  spi_device_handle_t handle;  /* of the device that was last spoken to; NULL: none yet */
  rosehip_spi_device_t device; /* it */
} buses[BUSES];

static spi_host_device_t host_of(uint32_t bus) {
#if SOC_SPI_PERIPH_NUM > 2
  if (bus == 1) return SPI3_HOST;
#endif
  (void)bus;
  return SPI2_HOST;
}

static void close_bus(uint32_t bus) {
  if (buses[bus].handle != NULL) spi_bus_remove_device(buses[bus].handle);
  if (buses[bus].is_open) spi_bus_free(host_of(bus));
  buses[bus].handle = NULL;
  buses[bus].is_open = false;
}

int rh_esp32_spi_open(void* context, uint32_t bus, int32_t clock, int32_t controller_out, int32_t controller_in) {
  (void)context;
  if (clock == ROSEHIP_PIN_DEFAULT) clock = ROSEHIP_SPI_CLOCK_PIN;
  if (controller_out == ROSEHIP_PIN_DEFAULT) controller_out = ROSEHIP_SPI_OUTPUT_PIN;
  if (controller_in == ROSEHIP_PIN_DEFAULT) controller_in = ROSEHIP_SPI_INPUT_PIN;
  if (bus >= BUSES || !rh_esp32_pin_is_output(clock) || !rh_esp32_pin_is_output(controller_out) ||
      !rh_esp32_pin_is_free(controller_in)) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  close_bus(bus);
  const spi_bus_config_t settings = {
      .mosi_io_num = controller_out,
      .miso_io_num = controller_in,
      .sclk_io_num = clock,
      .quadwp_io_num = -1,
      .quadhd_io_num = -1,
      .data4_io_num = -1,
      .data5_io_num = -1,
      .data6_io_num = -1,
      .data7_io_num = -1,
      .max_transfer_sz = ROSEHIP_SPI_LIMIT_BYTES,
  };
  const esp_err_t status = spi_bus_initialize(host_of(bus), &settings, SPI_DMA_CH_AUTO);
  if (status == ESP_ERR_INVALID_STATE) return ROSEHIP_ERROR_UNSUPPORTED; /* something else of the project has it */
  if (status != ESP_OK) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  buses[bus].is_open = true;
  rh_esp32_pin_take((uint32_t)clock);
  rh_esp32_pin_take((uint32_t)controller_out);
  rh_esp32_pin_take((uint32_t)controller_in);
  return ROSEHIP_OK;
}

static bool is_same(const rosehip_spi_device_t* one, const rosehip_spi_device_t* other) {
  return one->chip_select == other->chip_select && one->frequency_hz == other->frequency_hz &&
         one->mode == other->mode;
}

static int choose_device(const rosehip_spi_device_t* device) {
  const uint32_t bus = device->bus;
  if (buses[bus].handle != NULL && is_same(device, &buses[bus].device)) return ROSEHIP_OK;
  if (device->chip_select != ROSEHIP_PIN_DEFAULT && !rh_esp32_pin_is_output(device->chip_select)) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  if (buses[bus].handle != NULL) spi_bus_remove_device(buses[bus].handle);
  buses[bus].handle = NULL;
  const spi_device_interface_config_t settings = {
      .mode = device->mode,
      .clock_source = SPI_CLK_SRC_DEFAULT,
      .clock_speed_hz = (int)device->frequency_hz,
      .spics_io_num = device->chip_select,
      .queue_size = 1,
  };
  if (spi_bus_add_device(host_of(bus), &settings, &buses[bus].handle) != ESP_OK) {
    buses[bus].handle = NULL;
    return ROSEHIP_ERROR_INVALID_ARGUMENT; /* a rate that it cannot have */
  }
  buses[bus].device = *device;
  if (device->chip_select != ROSEHIP_PIN_DEFAULT) rh_esp32_pin_take((uint32_t)device->chip_select);
  return ROSEHIP_OK;
}

int rh_esp32_spi_transfer(void* context, const rosehip_spi_device_t* device, const uint8_t* output, uint8_t* input,
                          size_t length_bytes) {
  (void)context;
  if (device->bus >= BUSES || !buses[device->bus].is_open) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  const int status = choose_device(device);
  if (status != ROSEHIP_OK || length_bytes == 0) return status;
  spi_transaction_t transaction = {
      .length = length_bytes * 8u,
      .tx_buffer = output,
      .rx_buffer = input,
  };
  return spi_device_transmit(buses[device->bus].handle, &transaction) == ESP_OK ? ROSEHIP_OK : ROSEHIP_ERROR_BUS;
}

void rh_esp32_spi_reset(void) {
  for (uint32_t bus = 0; bus < BUSES; bus++) close_bus(bus);
}

#endif
