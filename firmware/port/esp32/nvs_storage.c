#include "nvs_storage.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "nvs.h"
#include "nvs_flash.h"
#include "rosehip/error.h"

static const char name_space[] = "rosehip";

esp_err_t rh_esp32_storage_open(void) {
  esp_err_t status = nvs_flash_init();
  if (status == ESP_ERR_NVS_NO_FREE_PAGES || status == ESP_ERR_NVS_NEW_VERSION_FOUND) {
    status = nvs_flash_erase();
    if (status == ESP_OK) status = nvs_flash_init();
  }
  return status;
}

/* NVS gives a blob whole or not at all. */
static int read_part(nvs_handle_t nvs, const char* name, uint8_t* part, size_t part_bytes, size_t length) {
  uint8_t* whole = malloc(length);
  if (whole == NULL) return ROSEHIP_ERROR_STORAGE;
  const bool good = nvs_get_blob(nvs, name, whole, &length) == ESP_OK;
  if (good) memcpy(part, whole, part_bytes);
  free(whole);
  return good ? (int)length : ROSEHIP_ERROR_STORAGE;
}

int rh_esp32_storage_read(const char* name, uint8_t* record, size_t size_bytes) {
  nvs_handle_t nvs = 0;
  size_t length = 0;
  esp_err_t status = nvs_open(name_space, NVS_READONLY, &nvs);
  if (status == ESP_ERR_NVS_NOT_FOUND) return ROSEHIP_ERROR_NOT_FOUND; /* nothing was ever written */
  if (status != ESP_OK) return ROSEHIP_ERROR_STORAGE;
  int result = ROSEHIP_ERROR_STORAGE;
  status = nvs_get_blob(nvs, name, NULL, &length);
  if (status == ESP_ERR_NVS_NOT_FOUND) {
    result = ROSEHIP_ERROR_NOT_FOUND;
  } else if (status == ESP_OK && length <= INT_MAX) {
    if (size_bytes == 0) result = (int)length;
    else if (length > size_bytes) result = read_part(nvs, name, record, size_bytes, length);
    else if (nvs_get_blob(nvs, name, record, &length) == ESP_OK) result = (int)length;
  }
  nvs_close(nvs);
  return result;
}

/* NVS writes the new blob before it drops the old one. */
int rh_esp32_storage_write(const char* name, const uint8_t* record, size_t length_bytes) {
  nvs_handle_t nvs = 0;
  if (nvs_open(name_space, NVS_READWRITE, &nvs) != ESP_OK) return ROSEHIP_ERROR_STORAGE;
  esp_err_t status =
      length_bytes == 0 ? nvs_erase_key(nvs, name) : nvs_set_blob(nvs, name, record, length_bytes);
  if (length_bytes == 0 && status == ESP_ERR_NVS_NOT_FOUND) status = ESP_OK;
  if (status == ESP_OK) status = nvs_commit(nvs);
  nvs_close(nvs);
  return status == ESP_OK ? ROSEHIP_OK : ROSEHIP_ERROR_STORAGE;
}
