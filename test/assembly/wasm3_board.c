/*
 * A board for one app in the firmware's own engine (wasm3), with a virtual clock: the C counterpart of
 * simulation/board.ts, for comparing the two. Usage: wasm3_board APP < SCRIPT. Lines of the script:
 *   request SERVICE HEX    queues a request; an empty payload is "-"
 *   advance MS             lets time pass
 * Output: "reply TOKEN HEX", "log SEVERITY LOGGER MESSAGE", "panic MESSAGE", "trap WHY"; ends at the first trap.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rosehip/engine.h"
#include "wasm/abi_table.h"

enum { MAX_SERVICES = 32, MAX_REQUESTS = 64, MAX_PAYLOAD = 4096, MAX_LINE = 3 * MAX_PAYLOAD, ARENA_BYTES = 1 << 20 };

typedef struct {
  int32_t token;
  int32_t entity;
  uint32_t length;
  uint8_t payload[MAX_PAYLOAD];
} request_t;

static struct {
  rosehip_engine_t* engine;
  int64_t now_ns;
  int64_t wake_ns;
  char services[MAX_SERVICES][256];
  int32_t handles; /* a service's handle is its index in `services`; nodes take one too */
  request_t queue[MAX_REQUESTS];
  int queued;
  int32_t tokens;
} board;

static uint32_t word(const uint64_t* arguments, int index) {
  return (uint32_t)arguments[index];
}

static void* memory(uint32_t address, uint32_t length) {
  return rosehip_engine_memory(board.engine, address, length);
}

static int64_t abi_log(void* host, const uint64_t* a) {
  (void)host;
  const uint32_t logger_length = word(a, 2), length = word(a, 4);
  const char* logger = memory(word(a, 1), logger_length);
  const char* message = memory(word(a, 3), length);
  if (logger == NULL || message == NULL) return 0;
  printf("log %" PRIu32 " %.*s %.*s\n", word(a, 0), (int)logger_length, logger, (int)length, message);
  return 0;
}

static int64_t abi_panic(void* host, const uint64_t* a) {
  (void)host;
  const uint32_t length = word(a, 1);
  const char* message = memory(word(a, 0), length);
  if (message != NULL) printf("panic %.*s\n", (int)length, message);
  return 0;
}

static int64_t abi_now(void* host, const uint64_t* a) {
  (void)host;
  return word(a, 0) == ROSEHIP_ABI_CLOCK_MONOTONIC ? board.now_ns : 0;
}

static int64_t abi_node_create(void* host, const uint64_t* a) {
  (void)host, (void)a;
  return board.handles++;
}

static int64_t abi_service_create(void* host, const uint64_t* a) {
  (void)host;
  const uint32_t length = word(a, 2);
  const char* name = memory(word(a, 1), length);
  if (name == NULL || length >= sizeof board.services[0]) return ROSEHIP_ABI_ERR_INVALID_ARGUMENT;
  if (board.handles == MAX_SERVICES) return ROSEHIP_ABI_ERR_OUT_OF_MEMORY;
  memcpy(board.services[board.handles], name, length);
  return board.handles++;
}

static int64_t abi_entity_destroy(void* host, const uint64_t* a) {
  (void)host, (void)a;
  return 0;
}

static int64_t abi_event_next(void* host, const uint64_t* a) {
  (void)host;
  int32_t* info = memory(word(a, 0), ROSEHIP_ABI_EVENT_INFO_SIZE);
  if (info == NULL) return ROSEHIP_ABI_ERR_INVALID_ARGUMENT;
  if (board.queued == 0) return ROSEHIP_ABI_EVENT_NONE;
  const int32_t record[] = {board.queue[0].entity, board.queue[0].token, (int32_t)board.queue[0].length, 0, 0};
  memcpy(info, record, sizeof record);
  return ROSEHIP_ABI_EVENT_REQUEST;
}

static int64_t abi_event_take(void* host, const uint64_t* a) {
  (void)host;
  if (board.queued == 0) return ROSEHIP_ABI_ERR_NO_EVENT;
  const uint32_t length = word(a, 1), wanted = board.queue[0].length;
  void* payload = memory(word(a, 0), length);
  if (payload == NULL) return ROSEHIP_ABI_ERR_INVALID_ARGUMENT;
  if (length != 0 && length < wanted) return ROSEHIP_ABI_ERR_TOO_LARGE;
  if (length != 0) memcpy(payload, board.queue[0].payload, wanted);
  board.queued--;
  memmove(&board.queue[0], &board.queue[1], (size_t)board.queued * sizeof board.queue[0]);
  return length == 0 ? 0 : (int64_t)wanted;
}

static int64_t abi_service_reply(void* host, const uint64_t* a) {
  (void)host;
  const uint32_t length = word(a, 2);
  const uint8_t* payload = memory(word(a, 1), length);
  if (payload == NULL) return ROSEHIP_ABI_ERR_INVALID_ARGUMENT;
  printf("reply %" PRIu32 " ", word(a, 0));
  for (uint32_t i = 0; i < length; i++) printf("%02x", payload[i]);
  printf("\n");
  return 0;
}

#include "service_imports.h"

static uint64_t no_time(void* host) {
  (void)host;
  return 0;
}

static void settle(void) {
  do {
    if (rosehip_engine_poll(board.engine, &board.wake_ns) != ROSEHIP_OK) {
      printf("trap %s\n", rosehip_engine_fault(board.engine));
      exit(0);
    }
  } while (board.queued > 0 || board.wake_ns <= board.now_ns);
}

static void advance(int64_t ms) {
  const int64_t end = board.now_ns + ms * 1000000;
  settle();
  while (board.wake_ns <= end) {
    board.now_ns = board.wake_ns;
    settle();
  }
  board.now_ns = end;
}

static int queue_request(const char* service, const char* hex) {
  if (board.queued == MAX_REQUESTS) return -1;
  request_t* request = &board.queue[board.queued];
  *request = (request_t){.token = ++board.tokens, .entity = -1};
  for (int32_t i = 0; i < board.handles; i++) {
    if (strcmp(board.services[i], service) == 0) request->entity = i;
  }
  for (; request->length < MAX_PAYLOAD && sscanf(hex, "%2hhx", &request->payload[request->length]) == 1; hex += 2) {
    request->length++;
  }
  board.queued++;
  return request->entity;
}

static void run_script(void) {
  static char line[MAX_LINE], service[256], hex[2 * MAX_PAYLOAD + 1];
  long ms;
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (sscanf(line, "request %255s %8192s", service, hex) == 2) {
      if (queue_request(service, hex) < 0) {
        printf("error: no service %s\n", service);
        exit(1);
      }
    } else if (sscanf(line, "advance %ld", &ms) == 1) {
      advance(ms);
    }
  }
}

int main(int argc, char** argv) {
  static uint8_t module[1 << 20], arena_block[ARENA_BYTES];
  FILE* file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (file == NULL) return 2;
  const size_t size = fread(module, 1, sizeof module, file);
  fclose(file);
  rosehip_arena_t arena;
  rosehip_arena_init(&arena, arena_block, sizeof arena_block);
  const rosehip_engine_config_t config = {.arena = &arena,
                                          .imports = imports,
                                          .import_count = sizeof imports / sizeof imports[0],
                                          .now_us = no_time,
                                          .stack_bytes = 8192};
  char reason[256];
  if (rosehip_engine_load(&config, module, size, &board.engine, reason, sizeof reason) != ROSEHIP_OK) {
    printf("error: %s\n", reason);
    return 1;
  }
  settle();
  run_script();
  rosehip_engine_stats_t stats;
  rosehip_engine_stats(board.engine, &stats);
  printf("memory %" PRIu32 "\n", stats.memory_bytes);
  rosehip_engine_unload(board.engine);
  return 0;
}
