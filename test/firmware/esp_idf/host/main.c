/*
 * The ESP32 port with its app on the fake chip.
 *
 *   esp32 --pty PATH | --usb PATH | --udp HOST:PORT | --tcp HOST:PORT
 *         --app FILE --key HEX [--nvs FOLDER] [--apps FILE] [--baud N] [--uart N] [--domain N] [--arena N]
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "rosehip/esp32.h"

static void fail(const char* what) {
  fprintf(stderr, "error: %s\n", what);
  exit(2);
}

static void read_app(rosehip_esp32_config_t* config, const char* path) {
  static uint8_t app[1 << 20];
  FILE* file = fopen(path, "rb");
  if (file == NULL) fail(path);
  config->app = app;
  config->app_bytes = fread(app, 1, sizeof app, file);
  fclose(file);
}

static void set_agent(rosehip_esp32_config_t* config, rosehip_esp32_link_t link, char* address) {
  char* colon = strrchr(address, ':');
  if (colon == NULL) fail(address);
  *colon = '\0';
  config->link = link;
  config->agent_host = address;
  config->agent_port = (uint16_t)atoi(colon + 1);
}

static void apply(rosehip_esp32_config_t* config, const char* option, char* value) {
  if (strcmp(option, "--pty") == 0 && !host_uart_open(value)) fail(value);
  else if (strcmp(option, "--usb") == 0) {
    config->link = rosehip_esp32_usb;
    if (!host_usb_open(value)) fail(value);
  } else if (strcmp(option, "--udp") == 0) set_agent(config, rosehip_esp32_udp, value);
  else if (strcmp(option, "--tcp") == 0) set_agent(config, rosehip_esp32_tcp, value);
  else if (strcmp(option, "--app") == 0) read_app(config, value);
  else if (strcmp(option, "--nvs") == 0) host_nvs_folder(value);
  else if (strcmp(option, "--apps") == 0 && !host_apps_file(value)) fail(value);
  else if (strcmp(option, "--baud") == 0) config->uart_baud = atoi(value);
  else if (strcmp(option, "--domain") == 0) config->domain_id = (uint16_t)atoi(value);
  else if (strcmp(option, "--arena") == 0) config->arena_bytes = (size_t)atol(value);
  else if (strcmp(option, "--uart") == 0) config->uart_num = atoi(value);
  else if (strcmp(option, "--key") == 0) {
    const unsigned long key = strtoul(value, NULL, 16);
    for (int i = 0; i < 4; i++) config->client_key[i] = (uint8_t)(key >> (8 * (3 - i)));
  }
}

int main(int argc, char** argv) {
  rosehip_esp32_config_t config = ROSEHIP_ESP32_CONFIG_DEFAULT();
  sigset_t ends;
  int number = 0;
  for (int i = 1; i + 1 < argc; i += 2) apply(&config, argv[i], argv[i + 1]);
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, NULL);
  if (rosehip_esp32_start(&config) != ESP_OK) fail("rosehip_esp32_start");
  sigwait(&ends, &number);
  printf("waits of the UART: %u\n", host_uart_waits());
  fflush(stdout);
  _exit(0);
}
