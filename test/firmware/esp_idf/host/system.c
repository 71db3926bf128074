/* What is left of the chip. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "esp_err.h"
#include "esp_heap_caps.h"
#include "esp_log.h"
#include "esp_mac.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_task_wdt.h"

static vprintf_like_t print = vprintf;

vprintf_like_t esp_log_set_vprintf(vprintf_like_t function) {
  const vprintf_like_t before = print;
  print = function;
  return before;
}

void esp_log_write(esp_log_level_t level, const char* tag, const char* format, ...) {
  char line[512];
  va_list arguments;
  if (level > ESP_LOG_INFO) return;
  snprintf(line, sizeof line, "%c %s: %s", "NEWIDV"[level], tag, format);
  va_start(arguments, format);
  print(line, arguments);
  va_end(arguments);
  fflush(stdout);
}

void esp_log_level_set(const char* tag, esp_log_level_t level) {
  (void)tag;
  (void)level;
}

const char* esp_err_to_name(esp_err_t code) {
  return code == ESP_OK ? "ESP_OK" : "ESP_ERR";
}

void esp_test_error_check(esp_err_t status) {
  if (status != ESP_OK) abort();
}

void esp_restart(void) {
  exit(EXIT_FAILURE);
}

esp_err_t esp_efuse_mac_get_default(uint8_t* mac) {
  memcpy(mac, "\x24\x0a\xc4\x00\x00\x01", 6);
  return ESP_OK;
}

void esp_fill_random(void* octets, size_t length) {
  FILE* source = fopen("/dev/urandom", "rb");
  if (source == NULL || fread(octets, 1, length, source) != length) abort();
  fclose(source);
}

void* heap_caps_malloc(size_t size, uint32_t caps) {
  (void)caps;
  return malloc(size);
}

esp_err_t esp_task_wdt_add(TaskHandle_t task) {
  (void)task;
  return ESP_OK;
}

esp_err_t esp_task_wdt_reset(void) {
  return ESP_OK;
}
