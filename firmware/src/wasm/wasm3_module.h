/*
 * A module in wasm3: parsed, held to the interface between app and firmware (docs/abi.md), linked with the firmware's
 * functions and validated as a whole, so that what is wrong with it is told before anything of it runs.
 */
#ifndef ROSEHIP_WASM3_MODULE_H
#define ROSEHIP_WASM3_MODULE_H

#include "wasm3_config.h"
/* wasm3's own headers, in front of ours: they define short names. */
#include "m3_env.h"
#include "wasm3.h"

#include "rosehip/engine.h"
#include "sentence.h"
#include "wasm3_code_cache.h"

/* In front of everything that wasm3 allocates. */
typedef struct block {
  struct block* next;
  struct block* previous;
} block_t;

_Static_assert(sizeof(block_t) % 8 == 0, "what follows a block is aligned to 8");

/* The least operand stack, and the least of it that is taken at a time; what is taken first suffices most apps. */
#define MIN_STACK_BYTES 1024u
#define FIRST_STACK_BYTES 2048u

/* Of the operand stack, behind the first. */
typedef struct {
  size_t bytes;
  _Alignas(8) m3slot_t slots[];
} stack_piece_t;

struct rosehip_engine {
  rosehip_engine_config_t config;
  const uint8_t* bytes;
  uint32_t size;
  block_t blocks;    /* all of wasm3's memory; a ring that begins and ends here */
  IM3Runtime runtime;
  IM3Module module;
  IM3Function poll;
  code_cache_t cache;
  m3slot_t* stack;      /* the piece of the operand stack that calls are in */
  size_t stack_used;    /* octets of those in front of it */
  stack_piece_t* spare; /* or NULL */
  const char* fault; /* a literal of wasm3's or ours */
  rosehip_engine_stats_t stats;
};

/*
 * Makes engine->bytes ready to run in a new runtime, every import of it by `call`, whose user data is the
 * rosehip_import_t. Leaves by the allocator's longjmp if there is no memory. Results as rosehip_engine_load.
 */
int rh_module_load(rosehip_engine_t* engine, M3RawCall call, rosehip_sentence_t* reason);

/* wasm3's words for a fault without its brackets. */
const char* rh_module_reason(M3Result result);

/* Adds to `reason` why a module cannot run. ROSEHIP_ERROR_OUT_OF_MEMORY or ROSEHIP_ERROR_MALFORMED. */
int rh_module_refuse(rosehip_sentence_t* reason, M3Result result);

#endif
