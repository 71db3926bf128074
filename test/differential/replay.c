/*
 * Lets an app do again in one of the firmware's engines what trace.ts saw it do on V8. Arguments: the module (wasm3), or
 * its number among those linked in (aot), and the trace. Prints "same POLLS CALLS TRAPS", or the first difference.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rosehip/engine.h"
#include "wasm/abi_table.h"

enum { ARENA_BYTES = 4 << 20, MODULE_BYTES = 1 << 20, LINE_BYTES = 1 << 20, STACK_BYTES = 16 * 1024, MOST_ARGUMENTS = 16 };

static uint8_t block[ARENA_BYTES];
static uint8_t module[MODULE_BYTES];
static size_t module_bytes;
static char line[LINE_BYTES];
static long line_number;
static FILE* trace;
static rosehip_arena_t arena;
static rosehip_engine_t* engine;
static unsigned polls, calls, traps;

#ifdef ROSEHIP_ENGINE_AOT
#include "aot/aot_app.h"
extern const rosehip_aot_app_t* (*const apps[])(void);
static long chosen;

const rosehip_aot_app_t* rosehip_aot_app(void) { return apps[chosen](); }

static void choose(const char* number) { chosen = strtol(number, NULL, 10); }
#else
static void choose(const char* path) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) exit(2);
  module_bytes = fread(module, 1, sizeof module, file);
  fclose(file);
}
#endif

static _Noreturn void differ(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  printf("line %ld: ", line_number);
  vprintf(format, arguments);
  printf(" instead of %s\n", line);
  va_end(arguments);
  exit(0);
}

static bool next_line(void) {
  if (fgets(line, sizeof line, trace) == NULL) return false;
  line[strcspn(line, "\n")] = '\0';
  line_number++;
  return true;
}

static void apply_write(void) {
  char* end = NULL;
  const uint32_t address = (uint32_t)strtoul(line + strlen("write "), &end, 16);
  const char* digits = end + 1;
  const uint32_t length = (uint32_t)strlen(digits) / 2;
  uint8_t* to = rosehip_engine_memory(engine, address, length);
  if (to == NULL) differ("less memory");
  for (uint32_t i = 0; i < length; i++) sscanf(digits + 2 * i, "%2hhx", &to[i]);
}

typedef struct {
  const char* name;
  const char* signature;
} function_t;
#define FUNCTION(name, signature, parameters) {#name, signature},
static const function_t functions[] = {ROSEHIP_ABI_FUNCTIONS(FUNCTION)};

static int64_t call(size_t index, const uint64_t* arguments) {
  char made[400];
  const function_t* function = &functions[index];
  int length = snprintf(made, sizeof made, "call %s", function->name);
  for (const char* type = strchr(function->signature, '(') + 1; *type != ')'; type++) {
    const uint64_t value = *type == 'i' ? (uint32_t)*arguments : *arguments;
    length += snprintf(made + length, sizeof made - (size_t)length, " %" PRIx64, value);
    arguments++;
  }
  if (!next_line() || strcmp(line, made) != 0) differ("%s", made);
  calls++;
  while (next_line() && strncmp(line, "write ", 6) == 0) apply_write();
  return (int64_t)strtoull(line + strlen("return "), NULL, 16);
}

/* Each function of the interface is one of these, which knows its place in the table. */
#define CALL(name, signature, parameters) FUNCTION_##name,
enum { ROSEHIP_ABI_FUNCTIONS(CALL) };
#define DEFINE(name, signature, parameters)                                    \
  static int64_t abi_##name(void* host, const uint64_t* arguments) {           \
    (void)host;                                                                \
    return call(FUNCTION_##name, arguments);                                   \
  }
#define X_DEFINE(name, signature, parameters) DEFINE(name, signature, parameters)
ROSEHIP_ABI_FUNCTIONS(X_DEFINE)
#define IMPORT(name, signature, parameters) {#name, signature, abi_##name},
static const rosehip_import_t imports[] = {ROSEHIP_ABI_FUNCTIONS(IMPORT)};

static uint64_t no_time(void* host) {
  (void)host;
  return 0;
}

static void begin(void) {
  char reason[200];
  const rosehip_engine_config_t config = {.arena = &arena,
                                          .imports = imports,
                                          .import_count = sizeof imports / sizeof *imports,
                                          .now_us = no_time,
                                          .stack_bytes = STACK_BYTES};
  rosehip_engine_unload(engine);
  rosehip_arena_init(&arena, block, sizeof block);
  const uint8_t* octets = module_bytes > 0 ? module : NULL;
  if (rosehip_engine_load(&config, octets, module_bytes, &engine, reason, sizeof reason) != ROSEHIP_OK) {
    differ("refused: %s", reason);
  }
}

static uint32_t sum_of_memory(void) {
  rosehip_engine_stats_t stats;
  rosehip_engine_stats(engine, &stats);
  const uint8_t* memory = rosehip_engine_memory(engine, 0, stats.memory_bytes);
  uint32_t sum = 2166136261u, word;
  for (uint32_t at = 0; at < stats.memory_bytes; at += sizeof word) {
    memcpy(&word, memory + at, sizeof word);
    sum = (sum ^ word) * 16777619u;
  }
  return sum;
}

/* True if `words` is one of those in the line, which are parted by |. */
static bool is_trap(const char* words) {
  const char* at = strncmp(line, "trap ", 5) == 0 ? line + 5 : "";
  const size_t length = strlen(words);
  while (*at != '\0') {
    const size_t one = strcspn(at, "|");
    if (one == length && strncmp(at, words, one) == 0) return true;
    at += at[one] == '|' ? one + 1 : one;
  }
  return false;
}

static void poll(void) {
  char made[64];
  int64_t wake_ns = 0;
  polls++;
  if (rosehip_engine_poll(engine, &wake_ns) != ROSEHIP_OK) {
    if (!next_line() || !is_trap(rosehip_engine_fault(engine))) differ("trap %s", rosehip_engine_fault(engine));
    traps++;
    return;
  }
  snprintf(made, sizeof made, "done %" PRIx64 " %" PRIx32, (uint64_t)wake_ns, sum_of_memory());
  if (!next_line() || strcmp(line, made) != 0) differ("%s", made);
}

int main(int argc, char** argv) {
  if (argc != 3 || (trace = fopen(argv[2], "r")) == NULL) return 2;
  choose(argv[1]);
  while (next_line()) {
    if (strcmp(line, "new") == 0) begin();
    else poll();
  }
  printf("same %u %u %u\n", polls, calls, traps);
  return 0;
}
