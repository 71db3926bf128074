#ifndef ROSEHIP_ENGINE_AOT /* then there is no wasm3 */

#include "wasm3_module.h"

#include "m3_validate.h"

#include "abi_table.h"

#include <string.h>

static const char out_of_memory[] = "out of memory: the arena is full";

const char* rh_module_reason(M3Result result) {
  static const char prefix[] = "[trap] ";
  if (result == m3Err_mallocFailed || result == m3Err_mallocFailedCodePage) return out_of_memory;
  return strncmp(result, prefix, sizeof prefix - 1) == 0 ? result + sizeof prefix - 1 : result;
}

static int refuse(rosehip_sentence_t* reason, const char* what, const char* detail) {
  rosehip_sentence_add(reason, what);
  rosehip_sentence_add(reason, detail);
  return ROSEHIP_ERROR_MALFORMED;
}

int rh_module_refuse(rosehip_sentence_t* reason, M3Result result) {
  refuse(reason, "not a module that can run here: ", rh_module_reason(result));
  return rh_module_reason(result) == out_of_memory ? ROSEHIP_ERROR_OUT_OF_MEMORY : ROSEHIP_ERROR_MALFORMED;
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
  const uint32_t stack_bytes = engine->config.stack_bytes;
  const uint32_t first_stack = stack_bytes < FIRST_STACK_BYTES ? stack_bytes : FIRST_STACK_BYTES;
  engine->runtime = m3_NewRuntime(environment, first_stack, engine);
  M3Result result = m3_ParseModule(environment, &engine->module, engine->bytes, engine->size);
  if (result != m3Err_none) return rh_module_refuse(reason, result);
  int status = check_version(engine->module, reason);
  if (status == ROSEHIP_OK) status = check_memory(engine, reason);
  if (status != ROSEHIP_OK) return status;
  engine->runtime->memoryLimit = engine->stats.memory_bytes;
  result = m3_LoadModule(engine->runtime, engine->module);
  if (result != m3Err_none) return rh_module_refuse(reason, result);
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

static int link_imports(rosehip_engine_t* engine, M3RawCall call, rosehip_sentence_t* reason) {
  for (u32 i = 0; i < engine->module->numGlobals; i++) {
    if (engine->module->globals[i].imported) return refuse(reason, "the module imports a global", "");
  }
  for (u32 i = 0; i < engine->module->numFuncImports; i++) {
    const IM3Function function = &engine->module->functions[i];
    if (function->compiled != NULL) continue; /* imported more than once, linked together */
    const rosehip_import_t* import = find_import(engine, function);
    M3Result result = "this firmware has no such function";
    if (import != NULL) {
      result = m3_LinkRawFunctionEx(engine->module, ROSEHIP_ABI_MODULE, import->name, import->signature, call, import);
    }
    if (result == m3Err_none) continue;
    rosehip_sentence_add(reason, "the app imports ");
    rosehip_sentence_add(reason, function->import.moduleUtf8);
    rosehip_sentence_add(reason, ".");
    rosehip_sentence_add(reason, function->import.fieldUtf8);
    refuse(reason, ": ", rh_module_reason(result));
    return rh_module_reason(result) == out_of_memory ? ROSEHIP_ERROR_OUT_OF_MEMORY : ROSEHIP_ERROR_MALFORMED;
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
    return rh_module_refuse(reason, result);
  }
  return ROSEHIP_OK;
}

static int find_poll(rosehip_engine_t* engine, rosehip_sentence_t* reason) {
  const M3Result result = m3_FindFunction(&engine->poll, engine->runtime, ROSEHIP_ABI_EXPORT_POLL);
  if (result == m3Err_functionLookupFailed) {
    return refuse(reason, "the module does not export ", ROSEHIP_ABI_EXPORT_POLL);
  }
  if (result != m3Err_none) return rh_module_refuse(reason, result);
  if (m3_GetArgCount(engine->poll) != 0 || m3_GetRetCount(engine->poll) != 1 ||
      m3_GetRetType(engine->poll, 0) != c_m3Type_i64) {
    return refuse(reason, ROSEHIP_ABI_EXPORT_POLL " is not a function () -> i64", "");
  }
  return ROSEHIP_OK;
}

/* They are linked, and nobody asks for their names again. */
static void free_import_names(IM3Module module) {
  for (u32 i = 0; i < module->numFuncImports; i++) FreeImportInfo(&module->functions[i].import);
}

int rh_module_load(rosehip_engine_t* engine, M3RawCall call, rosehip_sentence_t* reason) {
  int status = create(engine, reason);
  if (status == ROSEHIP_OK) status = link_imports(engine, call, reason);
  if (status != ROSEHIP_OK) return status;
  free_import_names(engine->module);
  rh_code_cache_settle(engine->runtime);
  status = validate_functions(engine, reason);
  return status == ROSEHIP_OK ? find_poll(engine, reason) : status;
}

#endif
