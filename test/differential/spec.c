/*
 * Runs modules of the WebAssembly specification's tests in one of the firmware's engines. Standard input names them, one
 * a line: the number of actions, then the path of the module (wasm3), or its number among those linked in (aot). Prints
 * a line for each action: "ok BITS", "trap WHY" or "refused WHY". After a trap the module begins anew, and what was done before and did
 * not trap is done again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rosehip/engine.h"

enum { ARENA_BYTES = 4 << 20, MODULE_BYTES = 1 << 20, MOST_ACTIONS = 4096, STACK_BYTES = 48 * 1024 };

static uint8_t block[ARENA_BYTES];
static uint8_t module[MODULE_BYTES];
static rosehip_arena_t arena;
static rosehip_engine_t* engine;
static int64_t next_action;
static bool trapped[MOST_ACTIONS];

static int64_t import_next(void* host, const uint64_t* arguments) {
  (void)host, (void)arguments;
  return next_action;
}

/* So slow a clock that nothing but an endless loop runs into the budget. */
static uint64_t now_us(void* host) {
  static uint64_t now;
  (void)host;
  return now++;
}

static const rosehip_import_t imports[] = {{"next", "i()", import_next}};

#ifdef ROSEHIP_ENGINE_AOT
#include "aot/aot_app.h"
extern const rosehip_aot_app_t* (*const apps[])(void);
static long chosen;

const rosehip_aot_app_t* rosehip_aot_app(void) { return apps[chosen](); }

static size_t choose(const char* number) {
  chosen = strtol(number, NULL, 10);
  return 0;
}
#else
static size_t choose(const char* path) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) return 0;
  const size_t size = fread(module, 1, sizeof module, file);
  fclose(file);
  return size;
}
#endif

static bool load(size_t size, char* reason, size_t reason_bytes) {
  const rosehip_engine_config_t config = {.arena = &arena,
                                          .imports = imports,
                                          .import_count = 1,
                                          .now_us = now_us,
                                          .budget_us = 1000000,
                                          .stack_bytes = STACK_BYTES};
  rosehip_arena_init(&arena, block, sizeof block);
  return rosehip_engine_load(&config, size > 0 ? module : NULL, size, &engine, reason, reason_bytes) == ROSEHIP_OK;
}

static void run(size_t size, int64_t actions) {
  int64_t result = 0;
  char reason[200];
  if (!load(size, reason, sizeof reason)) {
    for (int64_t action = 0; action < actions; action++) printf("refused %s\n", reason);
    return;
  }
  for (int64_t action = 0; action < actions; action++) {
    next_action = action;
    trapped[action] = rosehip_engine_poll(engine, &result) != ROSEHIP_OK;
    if (!trapped[action]) {
      printf("ok %" PRIx64 "\n", (uint64_t)result);
      continue;
    }
    printf("trap %s\n", rosehip_engine_fault(engine));
    rosehip_engine_unload(engine);
    if (!load(size, reason, sizeof reason)) exit(1);
    for (next_action = 0; next_action < action; next_action++) {
      if (!trapped[next_action]) rosehip_engine_poll(engine, &result);
    }
  }
  rosehip_engine_unload(engine);
}

int main(void) {
  char which[1024];
  long actions;
  while (scanf("%ld %1023s", &actions, which) == 2) {
    if (actions > MOST_ACTIONS) return 2;
    run(choose(which), actions);
  }
  return 0;
}
