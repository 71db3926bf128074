/*
 * Runs the app. One interface and two engines, of which one is linked: wasm3 interprets a WebAssembly module that is
 * given to it; aot runs the one app that was translated to C (`rosehip build --target c`) and compiled with the
 * firmware. -DROSEHIP_ENGINE_AOT chooses aot. What an app can do and see is the same on both.
 *
 * A module is hostile until proven otherwise: it is validated as a whole before anything of it runs (aot: when it is
 * translated), it can reach nothing but its own linear memory and the functions given to it, and a run is bounded in
 * time, in C stack and in memory. The app <-> firmware interface it must speak is docs/abi.md.
 *
 * Not thread-safe, and one engine runs at a time: the functions of the app must not call back into an engine.
 */
#ifndef ROSEHIP_ENGINE_H
#define ROSEHIP_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rosehip/arena.h"
#include "rosehip/error.h"

typedef struct rosehip_engine rosehip_engine_t; /* In the arena; opaque. */

/* One function that the app may import from module "rosehip". */
typedef struct {
  const char* name;
  const char* signature; /* "i(iI)": result v, i or I, then parameters; i is i32, I is i64. */
  /*
   * `arguments`: one element for each parameter; of an i32 only the lower 32 bits count. Returns the result; what it
   * returns is ignored if there is none.
   */
  int64_t (*call)(void* host, const uint64_t* arguments);
} rosehip_import_t;

typedef struct {
  rosehip_arena_t* arena;          /* Borrowed as long as the engine lives; all its memory comes from here. */
  const rosehip_import_t* imports; /* Borrowed as long as the engine lives. */
  size_t import_count;
  void* host;                       /* Passed to the imports and to now_us. */
  uint64_t (*now_us)(void* host);   /* Monotonic clock, for the budget. */
  uint32_t budget_us;               /* Longest time of one poll; 0: no bound. */
  /*
   * At least 1,024; deeper recursion traps. wasm3: the app's operand stack, in the arena. aot: C stack below
   * rosehip_engine_poll for the app's functions; one frame of them, and what the imports need, come on top.
   */
  uint32_t stack_bytes;
  uint32_t memory_limit_bytes;      /* Largest linear memory the app may ask for; 0: the arena is the bound. */
} rosehip_engine_config_t;

typedef struct {
  uint32_t memory_bytes;    /* Linear memory of the app. */
  uint32_t polls;           /* Calls of rosehip_engine_poll. */
  uint32_t longest_poll_us; /* The longest of them. */
} rosehip_engine_stats_t;

/*
 * Makes a module ready to run; nothing of it runs yet. `module` (its octets) is borrowed as long as the engine lives;
 * aot: NULL is the app of this firmware, and any other is refused (ROSEHIP_ERROR_MALFORMED).
 * Returns ROSEHIP_OK with the engine in *engine; ROSEHIP_ERROR_MALFORMED: not a valid module, or not one for this
 * firmware; ROSEHIP_ERROR_OUT_OF_MEMORY; ROSEHIP_ERROR_INVALID_ARGUMENT: the configuration. Unless it returns OK, a
 * sentence that says what is wrong is in `reason` (cut to reason_bytes with its NUL) and nothing stays allocated.
 */
int rosehip_engine_load(const rosehip_engine_config_t* config, const uint8_t* module, size_t module_bytes,
                        rosehip_engine_t** engine, char* reason, size_t reason_bytes);

/* True if the app is part of the firmware (aot): rosehip_engine_load takes no module. */
bool rosehip_engine_has_app(void);

/*
 * Runs the app until it has nothing to do. Returns ROSEHIP_OK and in *wake_ns when it wants to run again (monotonic
 * time of the app's clock, INT64_MAX: only when there is an event), or ROSEHIP_ERROR_TRAPPED: it did something
 * impossible or took too long. After that only rosehip_engine_fault, _stats and _unload may be called.
 */
int rosehip_engine_poll(rosehip_engine_t* engine, int64_t* wake_ns);

/* Why the app trapped, e.g. "integer divide by zero"; "" before. Valid until unload. */
const char* rosehip_engine_fault(const rosehip_engine_t* engine);

/*
 * `length` octets of linear memory at `address`, or NULL if they are not all inside it. For imports while they run:
 * a pointer is good until they return. Any address up to the end is good for a length of 0.
 */
void* rosehip_engine_memory(rosehip_engine_t* engine, uint32_t address, uint32_t length);

void rosehip_engine_stats(const rosehip_engine_t* engine, rosehip_engine_stats_t* stats);

/* Frees all of it; NULL is allowed. Not inside an import. */
void rosehip_engine_unload(rosehip_engine_t* engine);

#endif
