/*
 * What C made by wasm2c needs to be compiled: its header includes this by the name that wasm2c gives it. One app, one
 * memory, no operating system; what the app's instructions do is in instructions.h, what runs it is aot_engine.c.
 *
 * The app's instance and its linear memory are one block of the arena: whoever has the instance has the memory without
 * another load. In front is the head, then what wasm2c keeps (globals, tables), then, at ROSEHIP_AOT_MEMORY_OFFSET of the
 * instance, ROSEHIP_AOT_MEMORY_BYTES of memory, which never grows.
 */
#ifndef ROSEHIP_WASM_RT_H
#define ROSEHIP_WASM_RT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aot/aot_app.h"

/* Ends the run of the app: rosehip_engine_poll returns ROSEHIP_ERROR_TRAPPED. Goes there by longjmp. */
typedef enum {
  WASM_RT_TRAP_OOB,
  WASM_RT_TRAP_INT_OVERFLOW,
  WASM_RT_TRAP_DIV_BY_ZERO,
  WASM_RT_TRAP_INVALID_CONVERSION,
  WASM_RT_TRAP_UNREACHABLE,
  WASM_RT_TRAP_UNDEFINED_ELEMENT,
  WASM_RT_TRAP_NULL_ELEMENT,
  WASM_RT_TRAP_WRONG_TYPE,
  WASM_RT_TRAP_TABLE_OOB,
  WASM_RT_TRAP_EXHAUSTION,
} wasm_rt_trap_t;

_Noreturn void wasm_rt_trap(wasm_rt_trap_t trap);

typedef uint32_t wasm_rt_func_type_t; /* The number of a function type. */
typedef void (*wasm_rt_function_ptr_t)(void);
typedef struct {
  void (*unused)(void);
} wasm_rt_tailcallee_t;

typedef struct {
  wasm_rt_func_type_t func_type;
  wasm_rt_function_ptr_t func; /* NULL: no function. Its first argument is module_instance. */
  void* module_instance;
} wasm_rt_funcref_t;

typedef struct {
  wasm_rt_funcref_t* data;
  uint32_t size;
} wasm_rt_funcref_table_t;

typedef struct {
  uint32_t pages; /* What memory.size tells: pages of 64 KiB as the module declares them, not what there is. */
} wasm_rt_memory_t;

void wasm_rt_allocate_memory(wasm_rt_memory_t* memory, uint64_t pages, uint64_t most, bool is64, uint32_t page_bytes);
/* Table of null references, out of the arena. Traps if that is full. */
void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t* table, uint32_t elements, uint32_t most);
/* The old number of pages, or -1: there is no more. */
uint32_t wasm_rt_grow_memory(wasm_rt_memory_t* memory, uint64_t delta);

/* The engine frees everything at once. */
#define wasm_rt_free_memory(memory) ((void)(memory))
#define wasm_rt_free_funcref_table(table) ((void)(table))

#endif
