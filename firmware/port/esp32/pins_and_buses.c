#include "pins_and_buses.h"

#if ROSEHIP_HARDWARE

/* Data sheets, "pin overview": the pins of the flash in the package or on the usual module. */
#if defined(CONFIG_IDF_TARGET_ESP32)
#define FLASH_PINS (0x3full << 6) /* 6 to 11 */
#elif defined(CONFIG_IDF_TARGET_ESP32S2) || defined(CONFIG_IDF_TARGET_ESP32S3)
#define FLASH_PINS (0x7full << 26) /* 26 to 32 */
#elif defined(CONFIG_IDF_TARGET_ESP32C3) || defined(CONFIG_IDF_TARGET_ESP32C2)
#define FLASH_PINS (0x3full << 12) /* 12 to 17 */
#elif defined(CONFIG_IDF_TARGET_ESP32C6)
#define FLASH_PINS (0x7full << 24) /* 24 to 30 */
#elif defined(CONFIG_IDF_TARGET_ESP32H2)
#define FLASH_PINS (0x7full << 15) /* 15 to 21 */
#else
#define FLASH_PINS 0ull /* pins of their own */
#endif

static void hardware_reset(void* context) {
  (void)context;
  rh_esp32_pwm_reset();
  rh_esp32_i2c_reset();
  rh_esp32_spi_reset();
#if ROSEHIP_ADC
  rh_esp32_adc_reset();
#endif
  rh_esp32_gpio_reset();
}

const rosehip_hardware_t* rh_esp32_hardware(uint64_t reserved) {
  static const rosehip_hardware_t hardware = {
      .gpio_mode = rh_esp32_gpio_mode,
      .gpio_read = rh_esp32_gpio_read,
      .gpio_write = rh_esp32_gpio_write,
      .gpio_watch = rh_esp32_gpio_watch,
      .gpio_edge = rh_esp32_gpio_edge,
      .pwm_write = rh_esp32_pwm_write,
#if ROSEHIP_ADC
      .adc_read = rh_esp32_adc_read,
#endif
      .i2c_open = rh_esp32_i2c_open,
      .i2c_transfer = rh_esp32_i2c_transfer,
      .spi_open = rh_esp32_spi_open,
      .spi_transfer = rh_esp32_spi_transfer,
      .reset = hardware_reset,
  };
  rh_esp32_pin_reserve(FLASH_PINS | reserved);
  return &hardware;
}

#else

const rosehip_hardware_t* rh_esp32_hardware(uint64_t reserved) {
  (void)reserved;
  return NULL;
}

#endif
