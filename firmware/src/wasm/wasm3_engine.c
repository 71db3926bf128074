/*
 * The engine on wasm3 0.9.0: the only file that knows it.
 *
 * Two hooks of wasm3 have no context argument, its allocator and m3_Yield; what they need is in `active`, set at each
 * entry. wasm3 does not come through a failed allocation in one piece (found by tests: null pointers are followed),
 * so it never sees one: the allocator leaves it by longjmp, and all that it holds is in a list that is freed as a
 * whole.
 */
#ifndef ROSEHIP_ENGINE_AOT /* then the engine is aot/aot_engine.c */

#include "wasm3_config.h"
/* wasm3's own headers, in front of ours: they define short names. */
#include "m3_env.h"
#include "m3_validate.h"
#include "wasm3.h"

#include "abi_table.h"
#include "sentence.h"
#include "wasm3_code_cache.h"
#include "rosehip/engine.h"

#include <setjmp.h>
#include <string.h>

/* Calls and loop iterations between two looks at the clock: some hundred microseconds on a microcontroller. */
#define FUEL_STEP 1024u

#define MIN_STACK_BYTES 1024u

/* Largest page of code, and the smallest gap in the arena that is filled by one as long as other code can go. */
enum { CODE_PAGE_BYTES = 512, CODE_GAP_BYTES = 256 };

/* In front of everything that wasm3 allocates. */
typedef struct block {
  struct block* next;
  struct block* previous;
} block_t;

_Static_assert(sizeof(block_t) % 8 == 0, "what follows a block is aligned to 8");

struct rosehip_engine {
  rosehip_engine_config_t config;
  const uint8_t* bytes;
  uint32_t size;
  block_t blocks;    /* all of wasm3's memory; a ring that begins and ends here */
  IM3Runtime runtime;
  IM3Module module;
  IM3Function poll;
  code_cache_t cache;
  const char* fault; /* a literal of wasm3's or ours */
  rosehip_engine_stats_t stats;
};

static struct {
  rosehip_engine_t* engine; /* the one that wasm3 works for at the moment */
  jmp_buf* no_memory;       /* where a failed allocation leads */
  uint64_t deadline_us;
  uint32_t fuel;
} active;

static const char out_of_time[] = "time budget exceeded: the app ran too long without giving control back";
static const char out_of_memory[] = "out of memory: the arena is full";

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

/* ---- Code -------------------------------------------------------------------------------------------------------- */

/* rosehip_arena_reclaim_t. */
static bool evict_code(void* context) {
  rosehip_engine_t* engine = context;
  rosehip_engine_t* const outer = active.engine; /* this may be in the midst of anything */
  active.engine = engine;
  const bool freed = code_cache_evict(&engine->cache);
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
  while (stats.largest_free < CODE_GAP_BYTES && code_cache_evict(&engine->cache));
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

static const char* readable(M3Result result) {
  static const char prefix[] = "[trap] ";
  if (result == m3Err_mallocFailed || result == m3Err_mallocFailedCodePage) return out_of_memory;
  return strncmp(result, prefix, sizeof prefix - 1) == 0 ? result + sizeof prefix - 1 : result;
}

static int refuse(rosehip_sentence_t* reason, const char* what, const char* detail) {
  rosehip_sentence_add(reason, what);
  rosehip_sentence_add(reason, detail);
  return ROSEHIP_ERROR_MALFORMED;
}

static int failed(rosehip_sentence_t* reason, M3Result result) {
  refuse(reason, "not a module that can run here: ", readable(result));
  return readable(result) == out_of_memory ? ROSEHIP_ERROR_OUT_OF_MEMORY : ROSEHIP_ERROR_MALFORMED;
}

/* The value of an exported immutable i32 global that is a plain constant; false if there is none. */
static bool constant_global(IM3Module module, const char* name, uint32_t* value) {
  enum { I32_CONST = 0x41 };
  const IM3Global global = m3_FindGlobal(module, name);
  if (global == NULL || global->imported || global->isMutable || global->type != c_m3Type_i32) return false;
  if (global->initExpr == NULL || global->initExprSize < 3 || global->initExpr[0] != I32_CONST) return false;
  bytes_t position = global->initExpr + 1;
  i32 read = 0;
  if (ReadLEB_i32(&read, &position, global->initExpr + global->initExprSize) != m3Err_none) return false;
  *value = (uint32_t)read;
  return true;
}

static int check_version(IM3Module module, rosehip_sentence_t* reason) {
  uint32_t version = 0;
  if (!constant_global(module, ROSEHIP_ABI_EXPORT_VERSION, &version)) {
    return refuse(reason, "the module does not export the constant " ROSEHIP_ABI_EXPORT_VERSION,
                  ": it is not an app for this firmware");
  }
  if (version == ROSEHIP_ABI_VERSION) return ROSEHIP_OK;
  rosehip_sentence_add(reason, "the app was built for interface version ");
  rosehip_sentence_add_number(reason, version);
  rosehip_sentence_add(reason, ", this firmware has version ");
  rosehip_sentence_add_number(reason, ROSEHIP_ABI_VERSION);
  return refuse(reason, ": ", version > ROSEHIP_ABI_VERSION ? "update the firmware" : "build the app again");
}

/* Decides how much linear memory the app gets: what it asks for, if that is allowed. */
static int check_memory(rosehip_engine_t* engine, rosehip_sentence_t* reason) {
  const IM3Module module = engine->module;
  uint32_t wanted = 0;
  if (!module->memoryDeclared || module->memoryImported || module->memoryExportName == NULL ||
      strcmp(module->memoryExportName, ROSEHIP_ABI_EXPORT_MEMORY) != 0) {
    return refuse(reason, "the module does not export a memory of its own as ", ROSEHIP_ABI_EXPORT_MEMORY);
  }
  if (!constant_global(module, ROSEHIP_ABI_EXPORT_MEMORY_BYTES, &wanted)) {
    return refuse(reason, "the module does not export the constant ", ROSEHIP_ABI_EXPORT_MEMORY_BYTES);
  }
  const uint64_t page = module->memoryInfo.pageSize != 0 ? module->memoryInfo.pageSize : d_m3DefaultMemPageSize;
  if (wanted == 0 || wanted % 8 != 0 || wanted > module->memoryInfo.initPages * page) {
    return refuse(reason, ROSEHIP_ABI_EXPORT_MEMORY_BYTES " is not a multiple of 8 within the module's memory", "");
  }
  if (engine->config.memory_limit_bytes != 0 && wanted > engine->config.memory_limit_bytes) {
    rosehip_sentence_add(reason, "the app needs ");
    rosehip_sentence_add_number(reason, wanted);
    rosehip_sentence_add(reason, " octets of memory, the limit is ");
    rosehip_sentence_add_number(reason, engine->config.memory_limit_bytes);
    return ROSEHIP_ERROR_MALFORMED;
  }
  engine->stats.memory_bytes = wanted;
  return ROSEHIP_OK;
}

/* They are in the memory now, and nothing can ask for them again, unless one is passive: 28 octets for each constant. */
static void free_data_segments(IM3Module module) {
  for (u32 i = 0; i < module->numDataSegments; i++) {
    if (module->dataSegments[i].isPassive) return;
  }
  m3_Free(module->dataSegments);
  module->numDataSegments = 0;
}

static int create(rosehip_engine_t* engine, rosehip_sentence_t* reason) {
  const IM3Environment environment = m3_NewEnvironment();
  engine->runtime = m3_NewRuntime(environment, engine->config.stack_bytes, engine);
  M3Result result = m3_ParseModule(environment, &engine->module, engine->bytes, engine->size);
  if (result != m3Err_none) return failed(reason, result);
  int status = check_version(engine->module, reason);
  if (status == ROSEHIP_OK) status = check_memory(engine, reason);
  if (status != ROSEHIP_OK) return status;
  engine->runtime->memoryLimit = engine->stats.memory_bytes;
  result = m3_LoadModule(engine->runtime, engine->module);
  if (result != m3Err_none) return failed(reason, result);
  free_data_segments(engine->module);
  /* memoryLimit bounds what is allocated; this bounds what memory.grow promises. */
  engine->runtime->memory.maxPages = engine->runtime->memory.numPages;
  return ROSEHIP_OK;
}

static const rosehip_import_t* find_import(const rosehip_engine_t* engine, IM3Function function) {
  if (strcmp(function->import.moduleUtf8, ROSEHIP_ABI_MODULE) != 0) return NULL;
  for (size_t i = 0; i < engine->config.import_count; i++) {
    if (strcmp(function->import.fieldUtf8, engine->config.imports[i].name) == 0) return &engine->config.imports[i];
  }
  return NULL;
}

static int link_imports(rosehip_engine_t* engine, rosehip_sentence_t* reason) {
  for (u32 i = 0; i < engine->module->numGlobals; i++) {
    if (engine->module->globals[i].imported) return refuse(reason, "the module imports a global", "");
  }
  for (u32 i = 0; i < engine->module->numFuncImports; i++) {
    const IM3Function function = &engine->module->functions[i];
    if (function->compiled != NULL) continue; /* imported more than once, linked together */
    const rosehip_import_t* import = find_import(engine, function);
    M3Result result = "this firmware has no such function";
    if (import != NULL) {
      result = m3_LinkRawFunctionEx(engine->module, ROSEHIP_ABI_MODULE, import->name, import->signature, call_import,
                                    import);
    }
    if (result == m3Err_none) continue;
    rosehip_sentence_add(reason, "the app imports ");
    rosehip_sentence_add(reason, function->import.moduleUtf8);
    rosehip_sentence_add(reason, ".");
    rosehip_sentence_add(reason, function->import.fieldUtf8);
    refuse(reason, ": ", readable(result));
    return readable(result) == out_of_memory ? ROSEHIP_ERROR_OUT_OF_MEMORY : ROSEHIP_ERROR_MALFORMED;
  }
  return ROSEHIP_OK;
}

/* wasm3 validates a function when it compiles it, at its first call; an app should fail when it is loaded. */
static int validate_functions(const rosehip_engine_t* engine, rosehip_sentence_t* reason) {
  for (u32 i = engine->module->numFuncImports; i < engine->module->numFunctions; i++) {
    const M3Result result = ValidateFunction(&engine->module->functions[i]);
    if (result == m3Err_none) continue;
    rosehip_sentence_add(reason, "function ");
    rosehip_sentence_add_number(reason, i);
    rosehip_sentence_add(reason, ": ");
    return failed(reason, result);
  }
  return ROSEHIP_OK;
}

static int find_poll(rosehip_engine_t* engine, rosehip_sentence_t* reason) {
  const M3Result result = m3_FindFunction(&engine->poll, engine->runtime, ROSEHIP_ABI_EXPORT_POLL);
  if (result == m3Err_functionLookupFailed) {
    return refuse(reason, "the module does not export ", ROSEHIP_ABI_EXPORT_POLL);
  }
  if (result != m3Err_none) return failed(reason, result);
  if (m3_GetArgCount(engine->poll) != 0 || m3_GetRetCount(engine->poll) != 1 ||
      m3_GetRetType(engine->poll, 0) != c_m3Type_i64) {
    return refuse(reason, ROSEHIP_ABI_EXPORT_POLL " is not a function () -> i64", "");
  }
  return ROSEHIP_OK;
}

static int load(rosehip_engine_t* engine, rosehip_sentence_t* reason) {
  jmp_buf no_memory;
  active.engine = engine;
  active.no_memory = &no_memory;
  if (setjmp(no_memory) != 0) return failed(reason, m3Err_mallocFailed);
  int status = create(engine, reason);
  if (status == ROSEHIP_OK) status = link_imports(engine, reason);
  if (status == ROSEHIP_OK) code_cache_settle(engine->runtime);
  if (status == ROSEHIP_OK) status = validate_functions(engine, reason);
  if (status == ROSEHIP_OK) status = find_poll(engine, reason);
  if (status != ROSEHIP_OK) return status;
  engine->cache.module = engine->module;
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
  if (module == NULL) return refuse(&sentence, "there is no app", "");
  rosehip_engine_t* made = rosehip_arena_alloc_zeroed(config->arena, sizeof *made, 0);
  if (made == NULL) return failed(&sentence, m3Err_mallocFailed);
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

static M3Result call_poll(rosehip_engine_t* engine, int64_t* wake_ns) {
  jmp_buf no_memory;
  active.engine = engine;
  active.no_memory = &no_memory;
  active.fuel = FUEL_STEP;
  if (setjmp(no_memory) != 0) return out_of_memory; /* while a function was compiled */
  M3Result result = ROSEHIP_ENTER(engine->poll);
  if (result == m3Err_none) result = m3_CallV(engine->poll);
  ROSEHIP_LEAVE(engine->poll);
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
  engine->fault = readable(result);
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
