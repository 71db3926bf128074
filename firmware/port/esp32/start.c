#include "rosehip/esp32.h"

#include <stdlib.h>
#include <string.h>

#include "esp_heap_caps.h"
#include "esp_log.h"
#include "esp_mac.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#include "link.h"
#include "port.h"
#include "rosehip/board.h"
#include "rosehip/engine.h"

enum {
  RESTART_MS = 5000, /* after a start that failed, so that its reason can be read */
  REASON_BYTES = 160,
};

static const char tag[] = "rosehip";
static rosehip_esp32_config_t config;
static TaskHandle_t task;

/* The same at each boot, and another for another chip: FNV-1a over its MAC address. */
static void derive_key(uint8_t key[4]) {
  uint8_t mac[8] = {0}; /* 8 octets on chips with IEEE 802.15.4 */
  uint32_t hash = 2166136261u;
  esp_efuse_mac_get_default(mac);
  for (size_t i = 0; i < sizeof mac; i++) hash = (hash ^ mac[i]) * 16777619u;
  if (hash == 0) hash = 1;
  for (int i = 0; i < 4; i++) key[i] = (uint8_t)(hash >> (8 * i));
}

/* In place of the log: what is printed to the link's own UART would be noise between its frames. */
static int print_nothing(const char* format, va_list arguments) {
  (void)format;
  (void)arguments;
  return 0;
}

static int run(const rosehip_port_t* port, rosehip_arena_t* arena, char* reason) {
  static const uint8_t none[4];
  rosehip_board_t board = {
      .config = {.arena = arena,
                 .port = port,
                 .domain_id = config.domain_id,
                 .sample_limit_bytes = config.sample_limit_bytes,
                 .deployment = config.deployment,
                 .app_verify = config.app_verify},
      .app = config.app,
      .app_bytes = config.app_bytes,
  };
  if (memcmp(config.client_key, none, sizeof none) != 0) memcpy(board.config.client_key, config.client_key, 4);
  else derive_key(board.config.client_key);
  return rosehip_board_run(&board, reason, REASON_BYTES);
}

/* Everything but the link; what is said meanwhile must not come between its frames. */
static bool prepare(rosehip_port_t* port, rosehip_arena_t* arena) {
  const bool takes_apps = config.deployment != NULL && !rosehip_engine_has_app();
  void* memory =
      heap_caps_malloc(config.arena_bytes, ROSEHIP_ARENA_SPIRAM ? MALLOC_CAP_SPIRAM : MALLOC_CAP_8BIT);
  if (memory == NULL || rh_esp32_port_open(port, takes_apps ? config.apps_partition : NULL) != ESP_OK) {
    ESP_LOGE(tag, "the heap has no %u octets in one piece (ROSEHIP_ARENA_BYTES)", (unsigned)config.arena_bytes);
    return false;
  }
  rosehip_arena_init(arena, memory, config.arena_bytes);
  return true;
}

static void main_of_task(void* context) {
  static esp32_link_t link;
  static rosehip_arena_t arena;
  static rosehip_port_t port;
  static char reason[REASON_BYTES];
  (void)context;
  if (prepare(&port, &arena) && config.link(&link, &config) == ESP_OK) {
    vprintf_like_t print = link.is_console ? esp_log_set_vprintf(print_nothing) : NULL;
    rh_esp32_port_connect(&port, &link);
    const int status = run(&port, &arena, reason);
    if (print != NULL) esp_log_set_vprintf(print);
    ESP_LOGE(tag, "the firmware ended: %s (%d)", reason, status);
  }
  vTaskDelay(pdMS_TO_TICKS(RESTART_MS));
  esp_restart();
}

esp_err_t rosehip_esp32_start(const rosehip_esp32_config_t* wanted) {
  if (task != NULL) return ESP_ERR_INVALID_STATE;
  if (wanted->link == NULL) return ESP_ERR_INVALID_ARG;
  config = *wanted;
  const BaseType_t created = xTaskCreatePinnedToCore(main_of_task, "rosehip", config.stack_bytes, NULL,
                                                     (UBaseType_t)config.priority, &task, config.core);
  return created == pdPASS ? ESP_OK : ESP_ERR_NO_MEM;
}
