/*
 * Rosehip on an ESP32, ESP32-S or ESP32-C chip, below ESP-IDF v5.4 or Arduino:
 *
 *     extern const uint8_t app[] asm("_binary_app_wasm_start"), app_end[] asm("_binary_app_wasm_end");
 *
 *     void app_main(void) {
 *       rosehip_esp32_config_t config = ROSEHIP_ESP32_CONFIG_DEFAULT();
 *       config.app = app;
 *       config.app_bytes = (size_t)(app_end - app);
 *       ESP_ERROR_CHECK(rosehip_esp32_start(&config));
 *     }
 */
#ifndef ROSEHIP_ESP32_H
#define ROSEHIP_ESP32_H

#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"
#include "rosehip/esp32_settings.h"

#ifdef __cplusplus
extern "C" {
#endif

#include "rosehip/runtime.h"

typedef struct rosehip_esp32_config rosehip_esp32_config_t;
struct esp32_link;

/*
 * The links to the agent. One of them is named in the configuration, and only that one is linked. They are called by
 * rosehip_esp32_start's task, and say on the console why they return something else than ESP_OK.
 */
typedef esp_err_t (*rosehip_esp32_link_t)(struct esp32_link* link, const rosehip_esp32_config_t* config);
esp_err_t rosehip_esp32_uart(struct esp32_link* link, const rosehip_esp32_config_t* config);
esp_err_t rosehip_esp32_udp(struct esp32_link* link, const rosehip_esp32_config_t* config);
esp_err_t rosehip_esp32_tcp(struct esp32_link* link, const rosehip_esp32_config_t* config);
/* On chips that have a USB Serial/JTAG controller: C3, C6, H2, S3 and newer. */
esp_err_t rosehip_esp32_usb(struct esp32_link* link, const rosehip_esp32_config_t* config);

/* Joins a Wi-Fi network as a station and stays in it; links over IP need it or another network. */
esp_err_t rosehip_esp32_wifi(const rosehip_esp32_config_t* config);

struct rosehip_esp32_config {
  const uint8_t* app;        /* The app in the firmware, borrowed for ever; NULL: it comes by `rosehip deploy`. */
  size_t app_bytes;
  rosehip_esp32_link_t link;
  int uart_num;
  int uart_tx_pin;           /* -1: as it is */
  int uart_rx_pin;           /* -1: as it is */
  int uart_baud;
  int uart_rx_buffer_bytes;  /* over 128 */
  const char* agent_host;    /* IPv4 address or name */
  uint16_t agent_port;
  esp_err_t (*network)(const rosehip_esp32_config_t* config); /* NULL: there is one, or it comes without us. */
  const char* wifi_ssid;     /* Used if NVS has none. */
  const char* wifi_password; /* "": an open network. */
  uint16_t domain_id;        /* ROS_DOMAIN_ID */
  uint8_t client_key[4];     /* The board's unique id. All 0: made of the chip's MAC address. */
  size_t arena_bytes;
  uint32_t sample_limit_bytes;
  uint32_t stack_bytes;      /* of the task */
  int priority;              /* of the task */
  int core;                  /* of the task */
  const rosehip_deployment_t* deployment; /* &rosehip_deployment: `rosehip deploy` works; NULL: it does not. */
  const char* apps_partition;             /* Name of the data partition for its apps. */
  rosehip_app_verify_t app_verify; /* Decides whose apps it takes; NULL: by the key that is compiled in, else anybody's. */
};

#if ROSEHIP_WIFI
#define ROSEHIP_ESP32_NETWORK rosehip_esp32_wifi
#else
#define ROSEHIP_ESP32_NETWORK NULL
#endif

#if ROSEHIP_DEPLOY
#define ROSEHIP_ESP32_DEPLOYMENT &rosehip_deployment
#else
#define ROSEHIP_ESP32_DEPLOYMENT NULL
#endif

/* What menuconfig or the build flags say. The app is still missing. */
#define ROSEHIP_ESP32_CONFIG_DEFAULT()                                                                               \
  {                                                                                                                  \
    .app = NULL, .app_bytes = 0, .link = ROSEHIP_LINK, .uart_num = ROSEHIP_UART_NUM,                                 \
    .uart_tx_pin = ROSEHIP_UART_TX_PIN, .uart_rx_pin = ROSEHIP_UART_RX_PIN, .uart_baud = ROSEHIP_UART_BAUD,          \
    .uart_rx_buffer_bytes = ROSEHIP_UART_RX_BUFFER, .agent_host = ROSEHIP_AGENT_HOST,                                \
    .agent_port = ROSEHIP_AGENT_PORT, .network = ROSEHIP_ESP32_NETWORK, .wifi_ssid = ROSEHIP_WIFI_SSID,              \
    .wifi_password = ROSEHIP_WIFI_PASSWORD, .domain_id = ROSEHIP_DOMAIN_ID, .client_key = {0, 0, 0, 0},              \
    .arena_bytes = ROSEHIP_ARENA_BYTES, .sample_limit_bytes = ROSEHIP_SAMPLE_BYTES,                                  \
    .stack_bytes = ROSEHIP_TASK_STACK_BYTES, .priority = ROSEHIP_TASK_PRIORITY, .core = ROSEHIP_TASK_CORE,           \
    .deployment = ROSEHIP_ESP32_DEPLOYMENT, .apps_partition = ROSEHIP_APPS_PARTITION, .app_verify = NULL,            \
  }

/*
 * Starts a task that runs the firmware and the app. *config is copied, what it points to is borrowed for ever. Call it
 * once. ESP_ERR_NO_MEM: the heap is too little for the task; ESP_ERR_INVALID_ARG: there is no link in *config;
 * ESP_ERR_INVALID_STATE: it was called before. If the firmware cannot begin, the task says why on the console, and
 * the board starts anew after some seconds.
 */
esp_err_t rosehip_esp32_start(const rosehip_esp32_config_t* config);

/*
 * Puts the Wi-Fi network to join from the next start on into NVS, in place of the configured one; a name of "" takes
 * it out again. ESP_ERR_INVALID_ARG: the name is longer than 32 octets or the password than 64; or an error of NVS.
 */
esp_err_t rosehip_esp32_wifi_store(const char* ssid, const char* password);

#ifdef __cplusplus
}
#endif

#endif
