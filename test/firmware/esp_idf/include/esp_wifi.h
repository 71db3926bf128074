/* Written for Rosehip's tests out of the documentation of ESP-IDF v5.4; see ../README.md. */
#pragma once

#include "esp_err.h"
#include "esp_event.h"
#include "esp_netif.h"

typedef enum {
  WIFI_MODE_NULL = 0,
  WIFI_MODE_STA,
} wifi_mode_t;
typedef enum {
  WIFI_IF_STA = 0,
} wifi_interface_t;
typedef enum {
  WIFI_STORAGE_FLASH,
  WIFI_STORAGE_RAM,
} wifi_storage_t;
typedef enum {
  WIFI_PS_NONE,
} wifi_ps_type_t;
typedef enum {
  WIFI_EVENT_STA_START = 2,
  WIFI_EVENT_STA_DISCONNECTED = 5,
} wifi_event_t;
extern esp_event_base_t const WIFI_EVENT;

typedef struct {
  uint8_t ssid[32];
  uint8_t ssid_len;
  uint8_t bssid[6];
  uint8_t reason;
  int8_t rssi;
} wifi_event_sta_disconnected_t;

typedef struct {
  uint8_t ssid[32];
  uint8_t password[64];
} wifi_sta_config_t;

typedef union {
  wifi_sta_config_t sta;
} wifi_config_t;

typedef struct {
  int magic;
} wifi_init_config_t;
#define WIFI_INIT_CONFIG_DEFAULT() \
  { .magic = 0x1F2F3F4F }

esp_netif_t* esp_netif_create_default_wifi_sta(void);
esp_err_t esp_wifi_init(const wifi_init_config_t* config);
esp_err_t esp_wifi_set_storage(wifi_storage_t storage);
esp_err_t esp_wifi_set_mode(wifi_mode_t mode);
esp_err_t esp_wifi_set_config(wifi_interface_t interface, wifi_config_t* conf);
esp_err_t esp_wifi_set_ps(wifi_ps_type_t type);
esp_err_t esp_wifi_start(void);
esp_err_t esp_wifi_connect(void);
