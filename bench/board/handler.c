/*
 * rosehip-bench-handler APP SECONDS: how often the firmware's engine runs a service handler of APP (its only service, of
 * type AddTwoInts) when nothing but the handler is in the way: requests come from here and replies go nowhere.
 * Prints "calls N elapsed_ns T memory BYTES arena PEAK".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rosehip/engine.h"
#include "wasm/abi_table.h"

enum { ARENA_BYTES = 1 << 20, MODULE_LIMIT = 1 << 20, BATCH = 1000, NODE = 1, SERVICE = 2 };

static rosehip_engine_t* engine;
static uint64_t calls, wrong;
static int queued; /* requests that wait in this poll */
static int64_t a = 20, b = 22;

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t now_us(void* host) {
  (void)host;
  return now_ns() / 1000;
}

static void* memory(uint64_t address, uint64_t length) {
  return rosehip_engine_memory(engine, (uint32_t)address, (uint32_t)length);
}

static int64_t abi_log(void* host, const uint64_t* v) {
  (void)host, (void)v;
  return 0;
}

static int64_t abi_panic(void* host, const uint64_t* v) {
  (void)host;
  const char* message = memory(v[0], v[1]);
  fprintf(stderr, "error: panic: %.*s\n", (int)(uint32_t)v[1], message == NULL ? "" : message);
  return 0;
}

static int64_t abi_now(void* host, const uint64_t* v) {
  (void)host, (void)v;
  return (int64_t)now_ns();
}

static int64_t abi_node_create(void* host, const uint64_t* v) {
  (void)host, (void)v;
  return NODE;
}

static int64_t abi_service_create(void* host, const uint64_t* v) {
  (void)host, (void)v;
  return SERVICE;
}

static int64_t abi_entity_destroy(void* host, const uint64_t* v) {
  (void)host, (void)v;
  return 0;
}

static int64_t abi_event_next(void* host, const uint64_t* v) {
  (void)host;
  const int32_t info[5] = {SERVICE, (int32_t)(calls + 1), sizeof a + sizeof b, 0, 0};
  void* record = memory(v[0], sizeof info);
  if (queued == 0 || record == NULL) return ROSEHIP_ABI_EVENT_NONE;
  memcpy(record, info, sizeof info);
  return ROSEHIP_ABI_EVENT_REQUEST;
}

static int64_t abi_event_take(void* host, const uint64_t* v) {
  (void)host;
  uint8_t* payload = memory(v[0], v[1]);
  if (queued == 0 || payload == NULL || (uint32_t)v[1] < sizeof a + sizeof b) return ROSEHIP_ABI_ERR_INVALID_ARGUMENT;
  memcpy(payload, &a, sizeof a);
  memcpy(payload + sizeof a, &b, sizeof b);
  queued--;
  return sizeof a + sizeof b;
}

static int64_t abi_service_reply(void* host, const uint64_t* v) {
  (void)host;
  int64_t sum = 0;
  const void* payload = memory(v[1], v[2]);
  if (payload == NULL || (uint32_t)v[2] != sizeof sum) wrong++;
  else memcpy(&sum, payload, sizeof sum);
  if (sum != a + b) wrong++;
  calls++;
  return 0;
}

#include "../../test/assembly/service_imports.h"

static void poll_app(void) {
  int64_t wake_ns = 0;
  if (rosehip_engine_poll(engine, &wake_ns) == ROSEHIP_OK) return;
  fprintf(stderr, "error: %s\n", rosehip_engine_fault(engine));
  exit(1);
}

static size_t read_module(const char* path, uint8_t* module) {
  FILE* file = fopen(path, "rb");
  const size_t size = file == NULL ? 0 : fread(module, 1, MODULE_LIMIT, file);
  if (file != NULL) fclose(file);
  return size;
}

int main(int argc, char** argv) {
  static uint8_t module[MODULE_LIMIT], block[ARENA_BYTES];
  rosehip_arena_t arena;
  char reason[256] = "cannot be read";
  if (argc != 3) return 2;
  rosehip_arena_init(&arena, block, sizeof block);
  const rosehip_engine_config_t config = {
      .arena = &arena,
      .imports = imports,
      .import_count = sizeof imports / sizeof *imports,
      .now_us = now_us,
      .budget_us = 10000000, /* as in the firmware, the clock is looked at */
      .stack_bytes = 8192,
  };
  const size_t size = read_module(argv[1], module);
  if (size == 0 || rosehip_engine_load(&config, module, size, &engine, reason, sizeof reason) != ROSEHIP_OK) {
    fprintf(stderr, "error: %s: %s\n", argv[1], reason);
    return 1;
  }
  poll_app(); /* makes node and service */
  const uint64_t limit_ns = (uint64_t)(strtod(argv[2], NULL) * 1e9);
  const uint64_t start_ns = now_ns();
  while (now_ns() - start_ns < limit_ns) {
    for (int i = 0; i < BATCH; i++) {
      queued = 1;
      poll_app();
    }
  }
  const uint64_t elapsed_ns = now_ns() - start_ns;
  rosehip_engine_stats_t engine_stats;
  rosehip_arena_stats_t arena_stats;
  rosehip_engine_stats(engine, &engine_stats);
  rosehip_arena_stats(&arena, &arena_stats);
  if (wrong != 0 || calls == 0) {
    fprintf(stderr, "error: %" PRIu64 " calls, %" PRIu64 " wrong answers\n", calls, wrong);
    return 1;
  }
  printf("calls %" PRIu64 " elapsed_ns %" PRIu64 " memory %" PRIu32 " arena %zu\n", calls, elapsed_ns,
         engine_stats.memory_bytes, arena_stats.peak);
  return 0;
}
