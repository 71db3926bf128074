/*
 * The engine on wasm3 0.9.0: how it gets memory, time and the app's calls. What a module must be is in wasm3_module.c.
 *
 * Two hooks of wasm3 have no context argument, its allocator and m3_Yield; what they need is in `active`, set at each
 * entry. wasm3 does not come through a failed allocation in one piece (found by tests: null pointers are followed),
 * so it never sees one: the allocator leaves it by longjmp, and all that it holds is in a list that is freed as a
 * whole.
 */
#ifndef ROSEHIP_ENGINE_AOT /* then the engine is aot/aot_engine.c */

#include "wasm3_module.h"

#include <setjmp.h>
#include <string.h>

#include "m3_exec_defs.h"

/* Calls and loop iterations between two looks at the clock: some hundred microseconds on a microcontroller. */
#define FUEL_STEP 1024u

/* Largest page of code, and the smallest gap in the arena that is filled by one as long as other code can go. */
enum { CODE_PAGE_BYTES = 512, CODE_GAP_BYTES = 256 };

static struct {
  rosehip_engine_t* engine; /* the one that wasm3 works for at the moment */
  jmp_buf* no_memory;       /* where a failed allocation leads */
  uint64_t deadline_us;
  uint32_t fuel;
} active;

static const char out_of_time[] = "time budget exceeded: the app ran too long without giving control back";

/* ---- Memory ------------------------------------------------------------------------------------------------------ */

static void link_block(block_t* block) {
  block_t* ring = &active.engine->blocks;
  block->next = ring->next;
  block->previous = ring;
  ring->next->previous = block;
  ring->next = block;
}

static void unlink_block(const block_t* block) {
  block->next->previous = block->previous;
  block->previous->next = block->next;
}

void* rosehip_wasm3_allocate(size_t count, size_t size) {
  const bool sane = size == 0 || count <= (SIZE_MAX - sizeof(block_t)) / size;
  block_t* block = NULL;
  if (sane) block = rosehip_arena_alloc_zeroed(active.engine->config.arena, sizeof *block + count * size, 0);
  if (block == NULL) longjmp(*active.no_memory, 1);
  link_block(block);
  return block + 1;
}

void* rosehip_wasm3_resize(void* pointer, size_t size) {
  if (pointer == NULL) return rosehip_wasm3_allocate(1, size);
  block_t* block = (block_t*)pointer - 1;
  block_t* resized = NULL;
  unlink_block(block);
  if (size <= SIZE_MAX - sizeof *block) {
    resized = rosehip_arena_resize(active.engine->config.arena, block, sizeof *block + size, 0);
  }
  link_block(resized == NULL ? block : resized);
  if (resized == NULL) longjmp(*active.no_memory, 1);
  return resized + 1;
}

void rosehip_wasm3_release(void* pointer) {
  if (pointer == NULL) return;
  unlink_block((block_t*)pointer - 1);
  rosehip_arena_free(active.engine->config.arena, (block_t*)pointer - 1);
}

/* ---- Arithmetic -------------------------------------------------------------------------------------------------- */

uint64_t rosehip_wasm3_divide(uint64_t a, uint64_t b) {
  return a / b;
}

/* Without a trap for INT64_MIN / -1, which is INT64_MIN. */
int64_t rosehip_wasm3_divide_signed(int64_t a, int64_t b) {
  const uint64_t dividend = a < 0 ? 0 - (uint64_t)a : (uint64_t)a;
  const uint64_t quotient = rosehip_wasm3_divide(dividend, b < 0 ? 0 - (uint64_t)b : (uint64_t)b);
  return (int64_t)((a < 0) != (b < 0) ? 0 - quotient : quotient);
}

/* ---- Operand stack ----------------------------------------------------------------------------------------------- */

/*
 * It is taken in pieces, as far as calls go: an app seldom needs a fifth of what it may. The last one that was given back
 * is kept as long as there is memory, so that calls across the end of a piece are not slow.
 */
static stack_piece_t* take_piece(rosehip_engine_t* engine, size_t least) {
  stack_piece_t* piece = engine->spare;
  engine->spare = NULL;
  if (piece != NULL && piece->bytes >= least) return piece;
  rosehip_wasm3_release(piece);
  const size_t bytes = least < MIN_STACK_BYTES ? MIN_STACK_BYTES : least;
  piece = rosehip_wasm3_allocate(1, sizeof *piece + bytes);
  piece->bytes = bytes;
  return piece;
}

static bool give_spare(rosehip_engine_t* engine) {
  stack_piece_t* piece = engine->spare;
  engine->spare = NULL;
  rosehip_wasm3_release(piece);
  return piece != NULL;
}

const void* rosehip_wasm3_call_apart(IM3Function function, void* sp, void* memory_header) {
  rosehip_engine_t* engine = active.engine;
  M3MemoryHeader* const memory = memory_header;
  m3slot_t* const outer = engine->stack;
  void* const outer_end = memory->maxStack;
  const size_t used = (size_t)((m3stack_t)sp - outer) * sizeof(m3slot_t);
  const size_t least = (function->maxStackSlots + 1u) * sizeof(m3slot_t);
  if (engine->stack_used + used + least > engine->config.stack_bytes) return m3Err_trapStackOverflow;
  stack_piece_t* const piece = take_piece(engine, least);
  const size_t results_bytes = function->funcType->numRets * sizeof(uint64_t);
  memcpy(piece->slots, sp, results_bytes + function->funcType->numArgs * sizeof(uint64_t));
  engine->stack_used += used;
  engine->stack = piece->slots;
  memory->maxStack = (uint8_t*)piece->slots + piece->bytes;
  m3ret_t result = m3_Yield();
  if (result == m3Err_none) result = RunCode(function->compiled, piece->slots, memory, 0);
  ROSEHIP_RESUME(result, memory);
  memcpy(sp, piece->slots, results_bytes);
  engine->stack_used -= used;
  engine->stack = outer;
  memory->maxStack = outer_end;
  give_spare(engine);
  engine->spare = piece;
  return result;
}

/* Gives the outermost call the operand stack that it needs, if that is more than there is. */
static M3Result fit_stack(rosehip_engine_t* engine, IM3Function function) {
  IM3Runtime runtime = engine->runtime;
  const u32 slots = function->maxStackSlots + 1u;
  if (slots <= runtime->numStackSlots) return m3Err_none;
  if (slots * sizeof(m3slot_t) > engine->config.stack_bytes) return m3Err_trapStackOverflow;
  rosehip_wasm3_release(runtime->originStack);
  runtime->originStack = NULL;
  runtime->originStack = runtime->stack = rosehip_wasm3_allocate(slots, sizeof(m3slot_t));
  runtime->numStackSlots = slots;
  runtime->memory.mallocated->maxStack = (m3slot_t*)runtime->stack + slots;
  engine->stack = runtime->stack;
  return m3Err_none;
}

/* ---- Code -------------------------------------------------------------------------------------------------------- */

/* rosehip_arena_reclaim_t. */
static bool evict_code(void* context) {
  rosehip_engine_t* engine = context;
  rosehip_engine_t* const outer = active.engine; /* this may be in the midst of anything */
  active.engine = engine;
  const bool freed = give_spare(engine) || rh_code_cache_evict(&engine->cache);
  active.engine = outer;
  return freed;
}

/*
 * Octets to take from the arena at a time while a function is compiled; what is left of them then goes back. Pages that
 * fill gaps are welcome, but many small ones cost a jump each, so code goes first that is not in use. 0: none is so large.
 */
size_t rosehip_wasm3_page_bytes(size_t least) {
  rosehip_engine_t* engine = active.engine;
  rosehip_arena_stats_t stats;
  if (least > UINT16_MAX * sizeof(code_t)) return 0; /* the table of a br_table: more than a page can count */
  do rosehip_arena_stats(engine->config.arena, &stats);
  while (stats.largest_free < CODE_GAP_BYTES && rh_code_cache_evict(&engine->cache));
  size_t bytes = CODE_PAGE_BYTES;
  while (bytes + sizeof(block_t) > stats.largest_free && bytes > least) bytes -= CODE_PAGE_BYTES / 8;
  return bytes > least ? bytes : least;
}

#if ROSEHIP_PARKS
rosehip_parked_t rosehip_parked;
#endif

/* ---- Running ----------------------------------------------------------------------------------------------------- */

/* wasm3 asks at each call and, by our edit of its source, at each loop iteration. */
M3Result m3_Yield(void) {
  if (M3_LIKELY(--active.fuel != 0)) return m3Err_none;
  active.fuel = FUEL_STEP;
  const rosehip_engine_config_t* config = &active.engine->config;
  if (config->budget_us == 0 || config->now_us(config->host) < active.deadline_us) return m3Err_none;
  return out_of_time;
}

/* The one raw function behind all imports; wasm3 has checked the signature when it was linked. */
static const void* call_import(IM3Runtime runtime, IM3ImportContext context, uint64_t* stack, void* memory) {
  (void)memory;
  const rosehip_import_t* import = context->userdata;
  const rosehip_engine_t* engine = m3_GetUserData(runtime);
  const bool has_result = import->signature[0] != 'v';
  const int64_t result = import->call(engine->config.host, has_result ? stack + 1 : stack);
  if (has_result) *stack = (uint64_t)result;
  return m3Err_none;
}

/* ---- Loading ----------------------------------------------------------------------------------------------------- */

static int load(rosehip_engine_t* engine, rosehip_sentence_t* reason) {
  jmp_buf no_memory;
  active.engine = engine;
  active.no_memory = &no_memory;
  if (setjmp(no_memory) != 0) return rh_module_refuse(reason, m3Err_mallocFailed);
  const int status = rh_module_load(engine, call_import, reason);
  if (status != ROSEHIP_OK) return status;
  engine->cache.module = engine->module;
  engine->stack = engine->runtime->stack;
  rosehip_arena_set_reclaim(engine->config.arena, evict_code, engine);
  return ROSEHIP_OK;
}

int rosehip_engine_load(const rosehip_engine_config_t* config, const uint8_t* module, size_t module_bytes,
                        rosehip_engine_t** engine, char* reason, size_t reason_bytes) {
  rosehip_sentence_t sentence = rosehip_sentence(reason, reason_bytes);
  *engine = NULL;
  if (config->stack_bytes < MIN_STACK_BYTES || module_bytes > INT32_MAX || config->now_us == NULL) {
    rosehip_sentence_add(&sentence, "the engine's configuration is out of range");
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  if (module == NULL) {
    rosehip_sentence_add(&sentence, "there is no app");
    return ROSEHIP_ERROR_MALFORMED;
  }
  rosehip_engine_t* made = rosehip_arena_alloc_zeroed(config->arena, sizeof *made, 0);
  if (made == NULL) return rh_module_refuse(&sentence, m3Err_mallocFailed);
  made->config = *config;
  made->bytes = module;
  made->size = (uint32_t)module_bytes;
  made->blocks.next = made->blocks.previous = &made->blocks;
  made->fault = "";
  const int status = load(made, &sentence);
  if (status != ROSEHIP_OK) {
    rosehip_engine_unload(made);
    return status;
  }
  *engine = made;
  return ROSEHIP_OK;
}

/* ---- Interface --------------------------------------------------------------------------------------------------- */

static M3Result prepare(rosehip_engine_t* engine, rosehip_frame_t* frame, IM3Function function) {
  frame->function = function;
  function->recent = true;
  const M3Result result = function->compiled != NULL ? m3Err_none : CompileFunction(function);
  return result == m3Err_none ? fit_stack(engine, function) : result;
}

static M3Result run_poll(rosehip_engine_t* engine, rosehip_frame_t* frame) {
  M3Result result = m3Err_none;
  if (engine->module->startFunction >= 0) {
    result = prepare(engine, frame, &engine->module->functions[engine->module->startFunction]);
    if (result == m3Err_none) result = m3_RunStart(engine->module);
  }
  if (result == m3Err_none) result = prepare(engine, frame, engine->poll);
  return result == m3Err_none ? m3_CallV(engine->poll) : result;
}

/* Returns the result of run_poll; or that there is no memory for code or for the operand stack. */
static M3Result try_poll(rosehip_engine_t* engine) {
  jmp_buf no_memory;
  rosehip_frame_t outermost = {0};
  active.engine = engine;
  active.no_memory = &no_memory;
  active.fuel = FUEL_STEP;
  engine->runtime->memory.mallocated->frames = &outermost;
  return setjmp(no_memory) != 0 ? m3Err_mallocFailed : run_poll(engine, &outermost);
}

static M3Result call_poll(rosehip_engine_t* engine, int64_t* wake_ns) {
  const M3Result result = try_poll(engine);
  engine->runtime->memory.mallocated->frames = NULL;
  return result != m3Err_none ? result : m3_GetResultsV(engine->poll, wake_ns);
}

bool rosehip_engine_has_app(void) {
  return false;
}

int rosehip_engine_poll(rosehip_engine_t* engine, int64_t* wake_ns) {
  const uint64_t start_us = engine->config.now_us(engine->config.host);
  active.deadline_us = start_us + engine->config.budget_us;
  const M3Result result = call_poll(engine, wake_ns);
  const uint64_t elapsed_us = engine->config.now_us(engine->config.host) - start_us;
  engine->stats.polls++;
  if (elapsed_us > engine->stats.longest_poll_us) engine->stats.longest_poll_us = (uint32_t)elapsed_us;
  if (result == m3Err_none) return ROSEHIP_OK;
  engine->fault = rh_module_reason(result);
  return ROSEHIP_ERROR_TRAPPED;
}

const char* rosehip_engine_fault(const rosehip_engine_t* engine) {
  return engine->fault;
}

void* rosehip_engine_memory(rosehip_engine_t* engine, uint32_t address, uint32_t length) {
  uint32_t size = 0;
  uint8_t* memory = m3_GetMemory(engine->runtime, &size, 0);
  if (memory == NULL || address > size || length > size - address) return NULL;
  return memory + address;
}

void rosehip_engine_stats(const rosehip_engine_t* engine, rosehip_engine_stats_t* stats) {
  *stats = engine->stats;
}

void rosehip_engine_unload(rosehip_engine_t* engine) {
  if (engine == NULL) return;
  rosehip_arena_t* arena = engine->config.arena;
  rosehip_arena_set_reclaim(arena, NULL, NULL);
  for (block_t* block = engine->blocks.next; block != &engine->blocks;) {
    block_t* next = block->next;
    rosehip_arena_free(arena, block);
    block = next;
  }
  rosehip_arena_free(arena, engine);
}

#endif
