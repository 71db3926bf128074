/*
 * How the loop sleeps: in the link's `wait`, which counts in ticks of FreeRTOS, 10 ms by default, and may round them up.
 * So that a deadline is met to some microseconds, a timer calls the link's `wake`; ticks are the second line.
 */
#include "port.h"

#include "apps_partition.h"
#include "esp_log.h"
#include "esp_random.h"
#include "esp_task_wdt.h"
#include "esp_timer.h"
#include "freertos/task.h"
#include "pins_and_buses.h"
#include "nvs_storage.h"

#ifdef CONFIG_ESP_TASK_WDT_TIMEOUT_S
#define LONGEST_US (CONFIG_ESP_TASK_WDT_TIMEOUT_S * 500000u) /* of one wait: half of what the watchdog allows */
#else
#define LONGEST_US 60000000u
#endif

enum {
  TICK_US = portTICK_PERIOD_MS * 1000,
  BUSY_US = 1000000, /* The tasks of lower priority, idle among them, get a tick at least this often. */
};

static const char tag[] = "rosehip";
static const esp32_link_t* board_link;
static esp_timer_handle_t deadline_timer;
static bool watched;      /* by the task watchdog */
static uint64_t rested_us; /* when the loop last blocked */

static uint64_t port_now_us(void* context) {
  (void)context;
  return (uint64_t)esp_timer_get_time();
}

static int port_read(void* context, uint8_t* buffer, size_t size_bytes) {
  return board_link->read(buffer, size_bytes, port_now_us(context));
}

static int port_write(void* context, const uint8_t* bytes, size_t length_bytes) {
  return board_link->write(bytes, length_bytes, port_now_us(context));
}

static void port_console(void* context, const rosehip_log_line_t* line) {
  const int name_bytes = (int)line->logger.length_bytes, text_bytes = (int)line->message.length_bytes;
  const char *name = line->logger.data, *text = line->message.data;
  (void)context;
  if (line->severity >= ROSEHIP_LOG_ERROR) ESP_LOGE(tag, "[%.*s] %.*s", name_bytes, name, text_bytes, text);
  else if (line->severity >= ROSEHIP_LOG_WARN) ESP_LOGW(tag, "[%.*s] %.*s", name_bytes, name, text_bytes, text);
  else if (line->severity >= ROSEHIP_LOG_INFO) ESP_LOGI(tag, "[%.*s] %.*s", name_bytes, name, text_bytes, text);
  else ESP_LOGD(tag, "[%.*s] %.*s", name_bytes, name, text_bytes, text);
}

static void on_deadline(void* context) {
  (void)context;
  board_link->wake();
}

static void wait_for(uint64_t wait_us, bool writable) {
  const uint64_t ticks = wait_us / TICK_US + 2;
  esp_timer_start_once(deadline_timer, wait_us);
  board_link->wait(ticks < portMAX_DELAY ? (TickType_t)ticks : portMAX_DELAY, writable);
  esp_timer_stop(deadline_timer);
}

static bool port_sleep(void* context, uint64_t until_us, bool writable) {
  const uint64_t now_us = port_now_us(context);
  const uint64_t due_us = board_link->due_us(now_us, writable);
  if (watched) esp_task_wdt_reset();
  if (due_us < until_us) until_us = due_us;
  if (until_us > now_us + LONGEST_US) until_us = now_us + LONGEST_US;
  if (until_us > now_us) {
    wait_for(until_us - now_us, writable);
    rested_us = port_now_us(context);
  } else if (now_us - rested_us > BUSY_US) {
    vTaskDelay(1);
    rested_us = port_now_us(context);
  }
  return true;
}

static int port_storage_read(void* context, const char* name, uint8_t* record, size_t size_bytes) {
  (void)context;
  return rh_esp32_storage_read(name, record, size_bytes);
}

static int port_storage_write(void* context, const char* name, const uint8_t* record, size_t length_bytes) {
  (void)context;
  return rh_esp32_storage_write(name, record, length_bytes);
}

static void port_random(void* context, uint8_t* octets, size_t length_bytes) {
  (void)context;
  esp_fill_random(octets, length_bytes);
}

void rh_esp32_port_wake_from_isr(BaseType_t* woken) {
  board_link->wake_from_isr(woken);
}

esp_err_t rh_esp32_port_open(rosehip_port_t* port, const char* apps_partition) {
  const esp_timer_create_args_t timer = {.callback = on_deadline, .name = "rosehip"};
  const esp_err_t status = esp_timer_create(&timer, &deadline_timer);
  if (status != ESP_OK) return status;
  const esp_err_t storage = rh_esp32_storage_open();
  if (storage != ESP_OK) ESP_LOGW(tag, "NVS: %s; the app has no storage", esp_err_to_name(storage));
  *port = (rosehip_port_t){
      .now_us = port_now_us,
      .read = port_read,
      .write = port_write,
      .sleep = port_sleep,
      .storage_read = storage == ESP_OK ? port_storage_read : NULL,
      .storage_write = storage == ESP_OK ? port_storage_write : NULL,
      .app_flash = apps_partition != NULL ? rh_esp32_apps_partition(apps_partition) : NULL,
      .random = port_random,
  };
  return ESP_OK;
}

void rh_esp32_port_connect(rosehip_port_t* port, const esp32_link_t* link) {
  board_link = link;
#if ROSEHIP_WATCHDOG
  watched = esp_task_wdt_add(NULL) == ESP_OK;
#endif
  rested_us = port_now_us(NULL);
  port->link_kind = link->kind;
  port->mtu_bytes = link->mtu_bytes;
  port->console = link->is_console ? NULL : port_console;
  port->hardware = rh_esp32_hardware(link->reserved_pins);
}
