/* The command line. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board.h"
#include "storage.h"

static const char help[] =
    "usage: rosehip-firmware LINK [--app FILE] [--flash FILE] [options]\n"
    "Runs a Rosehip app on this computer as on a board.\n"
    "\n"
    "LINK to the agent, one of:\n"
    "  --pty PATH         make a pseudo-terminal and PATH a symbolic link to it\n"
    "  --serial DEVICE    a serial port; see --baud\n"
    "  --udp HOST:PORT    the agent's UDP port\n"
    "  --tcp HOST:PORT    the agent's TCP port\n"
    "\n"
    "Options:\n"
    "  --app FILE         the app, a .wasm made by `rosehip build`; none if it is compiled in, or\n"
    "                     comes into --flash\n"
    "  --flash FILE       flash for apps that `rosehip deploy` sends; made if it is not there (no such flash)\n"
    "  --flash-size BYTES size of it when it is made, for two apps (262144)\n"
    "  --flash-cut N      lose power inside the N-th write or erase of it\n"
    "  --health-ms N      time for which a new app has to run before it is kept (3000)\n"
    "  --baud N           speed of --serial (115200)\n"
    "  --key HEX          client key, 8 hex digits, the board's identity (made of host, link and app)\n"
    "  --domain N         ROS domain, 0 to 232 ($ROS_DOMAIN_ID, or 0)\n"
    "  --arena BYTES      memory for all of the firmware and the app (1048576)\n"
    "  --memory BYTES     most linear memory an app may ask for (the arena)\n"
    "  --sample BYTES     largest request, response or message (16384)\n"
    "  --storage FOLDER   where the app's stored values are kept; made if it is not there (no storage)\n"
    "  --pins             simulated pins and buses: shows what the app does with them, takes from standard input what\n"
    "                     is outside, e.g. \"pin 0 1\", \"analog 34 1650\", \"i2c 0 0x48 0x00 18 52\" (no pins)\n"
    "  --budget-ms N      longest time the app may run without giving control back (1000)\n"
    "  --verbose          show DEBUG lines, and counts at the end\n"
    "  --help             this\n"
    "\n"
    "SIGTERM and SIGINT end it cleanly, SIGUSR1 shows how much of the arena is used.\n"
    "Exit status: 0 ended cleanly, 1 failed, 2 wrong command line.\n";

typedef struct {
  const char* link_option;
  const char* link_target;
  const char* key;
  long baud;
} values_t;

static bool number(const char* option, const char* text, unsigned long lowest, unsigned long highest,
                   unsigned long* value) {
  char* end = NULL;
  errno = 0;
  *value = strtoul(text, &end, 10);
  if (errno == 0 && end != text && *end == '\0' && text[0] != '-' && *value >= lowest && *value <= highest) return true;
  fprintf(stderr, "error: %s %s: a number from %lu to %lu is needed\n", option, text, lowest, highest);
  return false;
}

static bool parse_key(const char* text, uint8_t key[4]) {
  char* end = NULL;
  const unsigned long value = strtoul(text, &end, 16);
  if (strlen(text) != 8 || *end != '\0' || strspn(text, "0123456789abcdefABCDEF") != 8 || value == 0) {
    fprintf(stderr, "error: --key %s: 8 hex digits that are not all 0 are needed\n", text);
    return false;
  }
  for (int i = 0; i < 4; i++) key[i] = (uint8_t)(value >> (8 * (3 - i)));
  return true;
}

/* A key that is the same at each start, and another for another board on this or another computer (FNV-1a). */
static void derive_key(const posix_board_t* board, const char* link, uint8_t key[4]) {
  char host[256] = "";
  uint32_t hash = 2166136261u;
  gethostname(host, sizeof host - 1);
  const char* app = board->app_path != NULL ? board->app_path : board->flash_path != NULL ? board->flash_path : "";
  const char* const parts[] = {host, link, app};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    for (const char* at = parts[i];; at++) {
      hash = (hash ^ (uint8_t)*at) * 16777619u;
      if (*at == '\0') break;
    }
  }
  if (hash == 0) hash = 1;
  for (int i = 0; i < 4; i++) key[i] = (uint8_t)(hash >> (8 * i));
}

static bool set_link(values_t* values, const char* option, const char* target) {
  if (values->link_option != NULL) {
    fprintf(stderr, "error: %s and %s: there can be one link only\n", values->link_option, option);
    return false;
  }
  values->link_option = option;
  values->link_target = target;
  return true;
}

static bool domain_from_environment(posix_board_t* board) {
  unsigned long value = 0;
  const char* domain = getenv("ROS_DOMAIN_ID");
  if (domain == NULL || domain[0] == '\0') return true;
  if (!number("ROS_DOMAIN_ID", domain, 0, 232, &value)) return false;
  board->config.domain_id = (uint16_t)value;
  return true;
}

enum { OPT_FLASH = 512, OPT_FLASH_SIZE, OPT_FLASH_CUT, OPT_HEALTH };
enum { OPT_PTY = 256, OPT_SERIAL, OPT_UDP, OPT_TCP, OPT_APP, OPT_BAUD, OPT_KEY, OPT_DOMAIN, OPT_ARENA, OPT_MEMORY,
       OPT_SAMPLE, OPT_STORAGE, OPT_BUDGET, OPT_PINS, OPT_VERBOSE, OPT_HELP };

static bool apply(posix_board_t* board, values_t* values, int option, const char* text) {
  unsigned long n = 0;
  switch (option) {
    case OPT_PTY: return set_link(values, "--pty", text);
    case OPT_SERIAL: return set_link(values, "--serial", text);
    case OPT_UDP: return set_link(values, "--udp", text);
    case OPT_TCP: return set_link(values, "--tcp", text);
    case OPT_APP: board->app_path = text; return true;
    case OPT_KEY: values->key = text; return parse_key(text, board->config.client_key);
    case OPT_STORAGE: board->storage_folder = text; return posix_storage_open(text);
    case OPT_PINS: board->has_pins = true; return true;
    case OPT_VERBOSE: board->verbose = true; return true;
    case OPT_FLASH: board->flash_path = text; return true;
    case OPT_FLASH_SIZE:
      if (!number("--flash-size", text, 16384, 1 << 30, &n)) return false;
      board->flash_bytes = (uint32_t)n;
      return true;
    case OPT_FLASH_CUT:
      if (!number("--flash-cut", text, 1, UINT32_MAX, &n)) return false;
      board->flash.cut = (uint32_t)n;
      return true;
    case OPT_HEALTH:
      if (!number("--health-ms", text, 1, 65535, &n)) return false;
      board->config.health_ms = (uint16_t)n;
      return true;
    case OPT_BAUD:
      if (!number("--baud", text, 1, 4000000, &n)) return false;
      values->baud = (long)n;
      return true;
    case OPT_DOMAIN:
      if (!number("--domain", text, 0, 232, &n)) return false;
      board->config.domain_id = (uint16_t)n;
      return true;
    case OPT_ARENA:
      if (!number("--arena", text, 16384, ROSEHIP_ARENA_MAX_SIZE, &n)) return false;
      board->arena_bytes = n;
      return true;
    case OPT_MEMORY:
      if (!number("--memory", text, 8, ROSEHIP_ARENA_MAX_SIZE, &n)) return false;
      board->config.memory_limit_bytes = (uint32_t)n;
      return true;
    case OPT_SAMPLE:
      if (!number("--sample", text, 512, 16777216, &n)) return false;
      board->config.sample_limit_bytes = (uint32_t)n;
      return true;
    case OPT_BUDGET:
      if (!number("--budget-ms", text, 1, 3600000, &n)) return false;
      board->config.budget_us = (uint32_t)n * 1000u;
      return true;
    default: return false; /* getopt has said what is wrong */
  }
}

static bool open_link(posix_board_t* board, const values_t* values) {
  const char* option = values->link_option;
  if (strcmp(option, "--pty") == 0) return posix_link_open_pty(&board->link, values->link_target);
  if (strcmp(option, "--udp") == 0) return posix_link_open_udp(&board->link, values->link_target);
  if (strcmp(option, "--tcp") == 0) return posix_link_open_tcp(&board->link, values->link_target);
  return posix_link_open_serial(&board->link, values->link_target, values->baud);
}

bool posix_options(posix_board_t* board, int argc, char** argv, int* exit_code) {
  static const struct option options[] = {
      {"flash", 1, NULL, OPT_FLASH},     {"flash-size", 1, NULL, OPT_FLASH_SIZE},
      {"health-ms", 1, NULL, OPT_HEALTH}, {"flash-cut", 1, NULL, OPT_FLASH_CUT},
      {"pty", 1, NULL, OPT_PTY},         {"serial", 1, NULL, OPT_SERIAL}, {"udp", 1, NULL, OPT_UDP},
      {"tcp", 1, NULL, OPT_TCP},         {"app", 1, NULL, OPT_APP},       {"baud", 1, NULL, OPT_BAUD},
      {"key", 1, NULL, OPT_KEY},         {"domain", 1, NULL, OPT_DOMAIN}, {"arena", 1, NULL, OPT_ARENA},
      {"memory", 1, NULL, OPT_MEMORY},   {"sample", 1, NULL, OPT_SAMPLE}, {"budget-ms", 1, NULL, OPT_BUDGET},
      {"storage", 1, NULL, OPT_STORAGE}, {"pins", 0, NULL, OPT_PINS},       {"verbose", 0, NULL, OPT_VERBOSE},
      {"help", 0, NULL, OPT_HELP},
      {NULL, 0, NULL, 0},
  };
  values_t values = {.baud = 115200};
  int option = 0;
  board->arena_bytes = 1048576;
  board->flash_bytes = 262144;
  *exit_code = EXIT_USAGE;
  if (!domain_from_environment(board)) return false;
  while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
    if (option == OPT_HELP) {
      fputs(help, stdout);
      *exit_code = EXIT_OK;
      return false;
    }
    if (!apply(board, &values, option, optarg)) return false;
  }
  const bool is_compiled_in = rosehip_engine_has_app();
  const bool needs_app = board->app_path == NULL && board->flash_path == NULL && !is_compiled_in;
  if (board->flash_path != NULL && is_compiled_in) {
    fputs("error: --flash: this firmware's app is compiled in, it takes no others\n", stderr);
    return false;
  }
  if (optind < argc || values.link_option == NULL || needs_app) {
    if (optind < argc) fprintf(stderr, "error: %s: unexpected\n", argv[optind]);
    else fprintf(stderr, "error: %s is missing\n", needs_app ? "--app FILE" : "a link to the agent");
    fputs("  to fix: see --help\n", stderr);
    return false;
  }
  if (values.key == NULL) derive_key(board, values.link_target, board->config.client_key);
  *exit_code = EXIT_FAILED;
  return open_link(board, &values);
}
