/* A board that runs the app it was built with, and has room for others in flash. */
#include "esp_err.h"
#include "rosehip/esp32.h"

#ifndef ROSEHIP_ENGINE_AOT
extern const uint8_t app_start[] __asm__("_binary_app_wasm_start");
extern const uint8_t app_end[] __asm__("_binary_app_wasm_end");
#endif

void app_main(void) {
  rosehip_esp32_config_t config = ROSEHIP_ESP32_CONFIG_DEFAULT();
#ifndef ROSEHIP_ENGINE_AOT
  config.app = app_start;
  config.app_bytes = (size_t)(app_end - app_start);
#endif
  ESP_ERROR_CHECK(rosehip_esp32_start(&config));
}
