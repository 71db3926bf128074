/*
 * rosehip-bench-engine: runs the app that is linked in (as a module for wasm3, as C for aot) until it has logged "end",
 * and prints what was between its lines "begin" and "end": on a computer nanoseconds, on RISC-V instructions.
 * Prints "spent N", then the app's last line.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "rosehip/engine.h"
#include "wasm/abi_table.h"

#ifndef __riscv
#include <time.h>
#endif

enum { ARENA_BYTES = 128 * 1024, STACK_BYTES = 8192 };

/* Ends of the module (port/bare_metal/app.S). */
extern const uint8_t factory_app[], factory_app_end[];

static rosehip_engine_t* engine;
static uint64_t block[ARENA_BYTES / 8];
static uint64_t begun, spent;

static uint64_t meter(void) {
#ifdef __riscv
  uint32_t high = 0, low = 0, again = 0;
  do {
    __asm__ volatile("csrr %0, instreth\n\tcsrr %1, instret\n\tcsrr %2, instreth" : "=r"(high), "=r"(low), "=r"(again));
  } while (high != again);
  return (uint64_t)high << 32 | low;
#else
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
#endif
}

static uint64_t now_us(void* host) {
  (void)host;
  return 0;
}

static int64_t abi_log(void* host, const uint64_t* v) {
  (void)host;
  const uint64_t now = meter();
  const uint32_t length = (uint32_t)v[4];
  const char* text = rosehip_engine_memory(engine, (uint32_t)v[3], length);
  if (text == NULL) return 0;
  if (length == 5 && memcmp(text, "begin", 5) == 0) {
    begun = meter();
  } else if (length == 3 && memcmp(text, "end", 3) == 0) {
    spent = now - begun;
  } else {
    printf("spent %lu\n%.*s\n", (unsigned long)spent, (int)length, text);
  }
  return 0;
}

static int64_t abi_panic(void* host, const uint64_t* v) {
  (void)host;
  const char* text = rosehip_engine_memory(engine, (uint32_t)v[0], (uint32_t)v[1]);
  printf("panic: %.*s\n", (int)(uint32_t)v[1], text == NULL ? "" : text);
  return 0;
}

static int64_t abi_none(void* host, const uint64_t* v) {
  (void)host, (void)v;
  return 0;
}

static int64_t abi_one(void* host, const uint64_t* v) {
  (void)host, (void)v;
  return 1;
}

#define IMPORT(name, signature, parameters) {#name, signature, abi_none},
static rosehip_import_t imports[] = {ROSEHIP_ABI_FUNCTIONS(IMPORT)};
enum { IMPORTS = sizeof imports / sizeof *imports };

static void provide(const char* name, int64_t (*call)(void* host, const uint64_t* v)) {
  for (size_t i = 0; i < IMPORTS; i++) {
    if (strcmp(imports[i].name, name) == 0) imports[i].call = call;
  }
}

int main(void) {
  rosehip_arena_t arena;
  char reason[200];
  int64_t wake_ns = 0;
  rosehip_arena_init(&arena, block, sizeof block);
  provide("log", abi_log);
  provide("panic", abi_panic);
  provide("node_create", abi_one);
  const rosehip_engine_config_t config = {.arena = &arena,
                                          .imports = imports,
                                          .import_count = IMPORTS,
                                          .now_us = now_us,
                                          .budget_us = 1000000,
                                          .stack_bytes = STACK_BYTES};
  const size_t length = (size_t)(factory_app_end - factory_app);
  if (rosehip_engine_load(&config, length > 0 ? factory_app : NULL, length, &engine, reason, sizeof reason) !=
      ROSEHIP_OK) {
    printf("error: %s\n", reason);
    return 1;
  }
  if (rosehip_engine_poll(engine, &wake_ns) == ROSEHIP_OK) return 0;
  printf("error: %s\n", rosehip_engine_fault(engine));
  return 1;
}
