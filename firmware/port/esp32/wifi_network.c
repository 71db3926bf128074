/*
 * The board as a station in a Wi-Fi network. The driver tells when it is out of the network; it is joined again after a
 * pause that grows from RETRY_US to RETRY_LIMIT_US, and begins anew with each address that the board gets.
 */
#include "rosehip/esp32_settings.h"

#if ROSEHIP_WIFI

#include <string.h>

#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_timer.h"
#include "esp_wifi.h"
#include "nvs.h"

#include "nvs_storage.h"
#include "rosehip/esp32.h"

enum {
  SSID_BYTES = 32,
  PASSWORD_BYTES = 64,
  RETRY_US = 500000,
  RETRY_LIMIT_US = 8000000,
};

static const char tag[] = "rosehip";
static const char name_space[] = "rosehip_net";
static esp_timer_handle_t retry_timer;
static uint32_t retry_us = RETRY_US;

static void join(void* context) {
  (void)context;
  esp_wifi_connect();
}

/* In the task of events. */
static void on_event(void* context, esp_event_base_t base, int32_t id, void* data) {
  (void)context;
  if (base == IP_EVENT) {
    retry_us = RETRY_US;
  } else if (id == WIFI_EVENT_STA_START) {
    esp_wifi_connect();
  } else if (id == WIFI_EVENT_STA_DISCONNECTED) {
    const wifi_event_sta_disconnected_t* event = data;
    ESP_LOGW(tag, "Wi-Fi: not in the network, reason %u; again in %u ms", (unsigned)event->reason,
             (unsigned)(retry_us / 1000u));
    esp_timer_start_once(retry_timer, retry_us);
    retry_us = retry_us * 2u > RETRY_LIMIT_US ? RETRY_LIMIT_US : retry_us * 2u;
  }
}

/* A text out of NVS, else `fallback`; it is longer than `text` can hold: ESP_ERR_INVALID_ARG. */
static esp_err_t choose(nvs_handle_t nvs, const char* key, const char* fallback, char* text, size_t text_bytes) {
  size_t length = text_bytes;
  if (nvs != 0 && nvs_get_str(nvs, key, text, &length) == ESP_OK) return ESP_OK;
  if (strlen(fallback) >= text_bytes) return ESP_ERR_INVALID_ARG;
  memcpy(text, fallback, strlen(fallback) + 1);
  return ESP_OK;
}

static esp_err_t credentials(const rosehip_esp32_config_t* config, wifi_sta_config_t* station) {
  char ssid[SSID_BYTES + 1], password[PASSWORD_BYTES + 1];
  nvs_handle_t nvs = 0;
  if (nvs_open(name_space, NVS_READONLY, &nvs) != ESP_OK) nvs = 0;
  esp_err_t status = choose(nvs, "ssid", config->wifi_ssid, ssid, sizeof ssid);
  if (status == ESP_OK) status = choose(nvs, "password", config->wifi_password, password, sizeof password);
  if (nvs != 0) nvs_close(nvs);
  if (status == ESP_OK && ssid[0] == '\0') status = ESP_ERR_NOT_FOUND;
  if (status != ESP_OK) return status;
  memcpy(station->ssid, ssid, strlen(ssid));
  memcpy(station->password, password, strlen(password));
  return ESP_OK;
}

static esp_err_t start_station(wifi_config_t* wifi) {
  const wifi_init_config_t defaults = WIFI_INIT_CONFIG_DEFAULT();
  if (esp_netif_create_default_wifi_sta() == NULL) return ESP_ERR_NO_MEM;
  esp_err_t status = esp_wifi_init(&defaults);
  if (status == ESP_OK) status = esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_event, NULL);
  if (status == ESP_OK) status = esp_event_handler_register(IP_EVENT, IP_EVENT_STA_GOT_IP, on_event, NULL);
  if (status == ESP_OK) status = esp_wifi_set_storage(WIFI_STORAGE_RAM);
  if (status == ESP_OK) status = esp_wifi_set_mode(WIFI_MODE_STA);
  if (status == ESP_OK) status = esp_wifi_set_config(WIFI_IF_STA, wifi);
  if (status == ESP_OK) status = esp_wifi_set_ps(WIFI_PS_NONE); /* an answer must not wait for a beacon */
  if (status == ESP_OK) status = esp_wifi_start();
  return status;
}

esp_err_t rosehip_esp32_wifi(const rosehip_esp32_config_t* config) {
  const esp_timer_create_args_t timer = {.callback = join, .name = "rosehip_wifi"};
  wifi_config_t wifi;
  memset(&wifi, 0, sizeof wifi);
  esp_err_t status = rh_esp32_storage_open(); /* the driver keeps its calibration there, too */
  if (status == ESP_OK) status = credentials(config, &wifi.sta);
  if (status == ESP_ERR_NOT_FOUND) {
    ESP_LOGE(tag, "Wi-Fi: no network is named; set ROSEHIP_WIFI_SSID, or call rosehip_esp32_wifi_store");
    return status;
  }
  if (status == ESP_OK) status = esp_timer_create(&timer, &retry_timer);
  if (status == ESP_OK) status = start_station(&wifi);
  if (status != ESP_OK) ESP_LOGE(tag, "Wi-Fi: %s", esp_err_to_name(status));
  return status;
}

esp_err_t rosehip_esp32_wifi_store(const char* ssid, const char* password) {
  nvs_handle_t nvs = 0;
  if (strlen(ssid) > SSID_BYTES || strlen(password) > PASSWORD_BYTES) return ESP_ERR_INVALID_ARG;
  esp_err_t status = rh_esp32_storage_open();
  if (status == ESP_OK) status = nvs_open(name_space, NVS_READWRITE, &nvs);
  if (status != ESP_OK) return status;
  if (ssid[0] == '\0') {
    status = nvs_erase_all(nvs);
  } else {
    status = nvs_set_str(nvs, "ssid", ssid);
    if (status == ESP_OK) status = nvs_set_str(nvs, "password", password);
  }
  if (status == ESP_OK) status = nvs_commit(nvs);
  nvs_close(nvs);
  return status;
}

#endif
