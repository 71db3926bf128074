/*
 * The engine for an app that was translated to C and linked in: what it may do is bounded as in the interpreter, and
 * what goes wrong is said in the same words.
 *
 * The app's code has no room for a context in its traps; what they need is in `active`, set at each entry.
 */
#ifdef ROSEHIP_ENGINE_AOT /* else the engine is wasm/wasm3_engine.c */

#include "aot/wasm-rt.h"

#include "sentence.h"
#include "wasm/abi_table.h"

#include <setjmp.h>
#include <string.h>

/* Calls and loop iterations between two looks at the clock: some ten microseconds on a microcontroller. */
#define FUEL_STEP 1024u

#define MIN_STACK_BYTES 1024u

struct rosehip_engine {
  rosehip_engine_config_t config;
  const rosehip_aot_app_t* app;
  rosehip_aot_instance_t* instance; /* Linear memory is behind it. */
  const rosehip_import_t** imports; /* Those of the app, in its order. */
  wasm_rt_funcref_t* table;
  bool started;
  const char* fault; /* A literal. */
  rosehip_engine_stats_t stats;
};

static struct {
  rosehip_engine_t* engine;
  jmp_buf* trapped; /* Where a trap leads; its reason is in engine->fault. */
  uint64_t deadline_us;
} active;

static const char out_of_time[] = "time budget exceeded: the app ran too long without giving control back";
static const char out_of_memory[] = "out of memory: the arena is full";

/* `octets` may be more than a board can address. NULL if there is no room. */
static void* allocate(const rosehip_engine_t* engine, uint64_t octets) {
  if (octets > ROSEHIP_ARENA_MAX_SIZE) return NULL;
  return rosehip_arena_alloc_zeroed(engine->config.arena, (size_t)octets, 0);
}

/* ---- What the app's code calls ----------------------------------------------------------------------------------- */

_Noreturn static void end_run(const char* fault) {
  active.engine->fault = fault;
  longjmp(*active.trapped, 1);
}

_Noreturn void wasm_rt_trap(wasm_rt_trap_t trap) {
  static const char* const words[] = {
      [WASM_RT_TRAP_OOB] = "out of bounds memory access",
      [WASM_RT_TRAP_INT_OVERFLOW] = "integer overflow",
      [WASM_RT_TRAP_DIV_BY_ZERO] = "integer divide by zero",
      [WASM_RT_TRAP_INVALID_CONVERSION] = "invalid conversion to integer",
      [WASM_RT_TRAP_UNREACHABLE] = "unreachable executed",
      [WASM_RT_TRAP_UNDEFINED_ELEMENT] = "undefined element",
      [WASM_RT_TRAP_NULL_ELEMENT] = "uninitialized element",
      [WASM_RT_TRAP_WRONG_TYPE] = "indirect call type mismatch",
      [WASM_RT_TRAP_TABLE_OOB] = "out of bounds table access",
      [WASM_RT_TRAP_EXHAUSTION] = "stack overflow",
  };
  end_run(words[trap]);
}

void rosehip_aot_refuel(rosehip_aot_instance_t* instance) {
  const rosehip_engine_config_t* config = &active.engine->config;
  instance->fuel = FUEL_STEP;
  if (config->budget_us == 0 || config->now_us(config->host) < active.deadline_us) return;
  end_run(out_of_time);
}

void wasm_rt_allocate_memory(wasm_rt_memory_t* memory, uint64_t pages, uint64_t most, bool is64, uint32_t page_bytes) {
  (void)most;
  (void)is64;
  (void)page_bytes;
  memory->pages = (uint32_t)pages;
}

uint32_t wasm_rt_grow_memory(wasm_rt_memory_t* memory, uint64_t delta) {
  return delta == 0 ? memory->pages : UINT32_MAX;
}

void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t* table, uint32_t elements, uint32_t most) {
  (void)most;
  rosehip_engine_t* engine = active.engine;
  engine->table = allocate(engine, (uint64_t)elements * sizeof *table->data);
  if (engine->table == NULL) end_run(out_of_memory);
  *table = (wasm_rt_funcref_table_t){.data = engine->table, .size = elements};
}

/* ---- Loading ----------------------------------------------------------------------------------------------------- */

static int refuse(rosehip_sentence_t* reason, const char* what, const char* detail) {
  rosehip_sentence_add(reason, what);
  rosehip_sentence_add(reason, detail);
  return ROSEHIP_ERROR_MALFORMED;
}

static int failed(rosehip_sentence_t* reason, const char* fault) {
  refuse(reason, "not a module that can run here: ", fault);
  return fault == out_of_memory ? ROSEHIP_ERROR_OUT_OF_MEMORY : ROSEHIP_ERROR_MALFORMED;
}

static int check_app(const rosehip_engine_t* engine, rosehip_sentence_t* reason) {
  const rosehip_aot_app_t* app = engine->app;
  if (app->abi_version != ROSEHIP_ABI_VERSION) {
    rosehip_sentence_add(reason, "the app was built for interface version ");
    rosehip_sentence_add_number(reason, app->abi_version);
    rosehip_sentence_add(reason, ", this firmware has version ");
    rosehip_sentence_add_number(reason, ROSEHIP_ABI_VERSION);
    return refuse(reason, ": ", app->abi_version > ROSEHIP_ABI_VERSION ? "update the firmware" : "build the app again");
  }
  if (engine->config.memory_limit_bytes != 0 && app->memory_bytes > engine->config.memory_limit_bytes) {
    rosehip_sentence_add(reason, "the app needs ");
    rosehip_sentence_add_number(reason, app->memory_bytes);
    rosehip_sentence_add(reason, " octets of memory, the limit is ");
    rosehip_sentence_add_number(reason, engine->config.memory_limit_bytes);
    return ROSEHIP_ERROR_MALFORMED;
  }
  return ROSEHIP_OK;
}

static const rosehip_import_t* find_import(const rosehip_engine_t* engine, const rosehip_aot_import_t* wanted) {
  if (strcmp(wanted->module, ROSEHIP_ABI_MODULE) != 0) return NULL;
  for (size_t i = 0; i < engine->config.import_count; i++) {
    if (strcmp(wanted->name, engine->config.imports[i].name) == 0) return &engine->config.imports[i];
  }
  return NULL;
}

static int link_imports(rosehip_engine_t* engine, rosehip_sentence_t* reason) {
  const rosehip_aot_app_t* app = engine->app;
  engine->imports = allocate(engine, app->import_count * sizeof *engine->imports);
  if (engine->imports == NULL) return failed(reason, out_of_memory);
  for (size_t i = 0; i < app->import_count; i++) {
    const rosehip_import_t* import = find_import(engine, &app->imports[i]);
    engine->imports[i] = import;
    if (import != NULL && strcmp(import->signature, app->imports[i].signature) == 0) continue;
    rosehip_sentence_add(reason, "the app imports ");
    rosehip_sentence_add(reason, app->imports[i].module);
    rosehip_sentence_add(reason, ".");
    rosehip_sentence_add(reason, app->imports[i].name);
    return refuse(reason, ": ",
                  import == NULL ? "this firmware has no such function" : "function signature mismatch");
  }
  return ROSEHIP_OK;
}

static int instantiate(rosehip_engine_t* engine, rosehip_sentence_t* reason) {
  const rosehip_aot_app_t* app = engine->app;
  jmp_buf trapped;
  engine->instance = allocate(engine, (uint64_t)app->instance_bytes + app->memory_bytes);
  if (engine->instance == NULL) return failed(reason, out_of_memory);
  engine->instance->imports = engine->imports;
  engine->instance->host = engine->config.host;
  active.engine = engine;
  active.trapped = &trapped;
  if (setjmp(trapped) != 0) return failed(reason, engine->fault);
  app->instantiate(engine->instance);
  return ROSEHIP_OK;
}

static int load(rosehip_engine_t* engine, rosehip_sentence_t* reason) {
  int status = check_app(engine, reason);
  if (status == ROSEHIP_OK) status = link_imports(engine, reason);
  if (status == ROSEHIP_OK) status = instantiate(engine, reason);
  return status;
}

int rosehip_engine_load(const rosehip_engine_config_t* config, const uint8_t* module, size_t module_bytes,
                        rosehip_engine_t** engine, char* reason, size_t reason_bytes) {
  (void)module_bytes;
  rosehip_sentence_t sentence = rosehip_sentence(reason, reason_bytes);
  *engine = NULL;
  if (config->stack_bytes < MIN_STACK_BYTES || config->now_us == NULL) {
    rosehip_sentence_add(&sentence, "the engine's configuration is out of range");
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  if (module != NULL) {
    return refuse(&sentence, "the app of this firmware is compiled into it: it runs no other one;",
                  " build and flash the firmware with the new app");
  }
  rosehip_engine_t* made = rosehip_arena_alloc_zeroed(config->arena, sizeof *made, 0);
  if (made == NULL) return failed(&sentence, out_of_memory);
  made->config = *config;
  made->app = rosehip_aot_app();
  made->fault = "";
  made->stats.memory_bytes = made->app->memory_bytes;
  const int status = load(made, &sentence);
  if (status != ROSEHIP_OK) {
    rosehip_engine_unload(made);
    return status;
  }
  *engine = made;
  return ROSEHIP_OK;
}

/* ---- Interface --------------------------------------------------------------------------------------------------- */

bool rosehip_engine_has_app(void) {
  return true;
}

/* Not inlined: the app's stack begins at its frame. */
__attribute__((noinline)) static int run(rosehip_engine_t* engine, int64_t* wake_ns) {
  rosehip_aot_instance_t* instance = engine->instance;
  const uintptr_t stack = (uintptr_t)__builtin_frame_address(0);
  jmp_buf trapped;
  active.engine = engine;
  active.trapped = &trapped;
  instance->fuel = FUEL_STEP;
  instance->stack_limit = stack > engine->config.stack_bytes ? stack - engine->config.stack_bytes : 0;
  if (setjmp(trapped) != 0) return ROSEHIP_ERROR_TRAPPED;
  if (!engine->started) {
    engine->started = true;
    if (engine->app->start != NULL) engine->app->start(instance);
  }
  *wake_ns = (int64_t)engine->app->poll(instance);
  return ROSEHIP_OK;
}

int rosehip_engine_poll(rosehip_engine_t* engine, int64_t* wake_ns) {
  const uint64_t start_us = engine->config.now_us(engine->config.host);
  active.deadline_us = start_us + engine->config.budget_us;
  const int status = run(engine, wake_ns);
  const uint64_t elapsed_us = engine->config.now_us(engine->config.host) - start_us;
  engine->stats.polls++;
  if (elapsed_us > engine->stats.longest_poll_us) engine->stats.longest_poll_us = (uint32_t)elapsed_us;
  return status;
}

const char* rosehip_engine_fault(const rosehip_engine_t* engine) {
  return engine->fault;
}

void* rosehip_engine_memory(rosehip_engine_t* engine, uint32_t address, uint32_t length) {
  const uint32_t size = engine->app->memory_bytes;
  if (address > size || length > size - address) return NULL;
  return (uint8_t*)engine->instance + engine->app->instance_bytes + address;
}

void rosehip_engine_stats(const rosehip_engine_t* engine, rosehip_engine_stats_t* stats) {
  *stats = engine->stats;
}

void rosehip_engine_unload(rosehip_engine_t* engine) {
  if (engine == NULL) return;
  rosehip_arena_t* arena = engine->config.arena;
  rosehip_arena_free(arena, engine->table);
  rosehip_arena_free(arena, engine->instance);
  rosehip_arena_free(arena, engine->imports);
  rosehip_arena_free(arena, engine);
}

#endif
