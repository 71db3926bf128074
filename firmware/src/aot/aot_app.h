/*
 * Between an app that was translated to C (toolchain/aot) and the engine that runs it.
 */
#ifndef ROSEHIP_AOT_APP_H
#define ROSEHIP_AOT_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rosehip/engine.h"

/* In front of the app's instance. */
typedef struct {
  uint32_t fuel;         /* Loop iterations and calls until the engine looks at the clock. */
  uintptr_t stack_limit; /* Lowest address the stack pointer may have in the app's functions. */
  const rosehip_import_t* const* imports; /* As in rosehip_aot_app_t, each found in the configuration. */
  void* host;
} rosehip_aot_instance_t;

typedef struct {
  const char* module;
  const char* name;
  const char* signature; /* As in rosehip_import_t. */
} rosehip_aot_import_t;

/* An app, linked in. */
typedef struct {
  uint32_t abi_version;
  uint32_t instance_bytes; /* A multiple of 8; linear memory begins there. */
  uint32_t memory_bytes;
  const rosehip_aot_import_t* imports;
  size_t import_count;
  void (*instantiate)(rosehip_aot_instance_t* instance); /* Sets globals, tables and memory; the rest is 0. May trap. */
  void (*start)(rosehip_aot_instance_t* instance);       /* NULL: none. */
  uint64_t (*poll)(rosehip_aot_instance_t* instance);
} rosehip_aot_app_t;

/* The app that is linked into this firmware. Defined in the C that `rosehip build --target c` makes. */
const rosehip_aot_app_t* rosehip_aot_app(void);

/* For the app's code, while it runs. */

/* Looks at the clock and gives new fuel, or ends the run: time budget exceeded. */
void rosehip_aot_refuel(rosehip_aot_instance_t* instance);

/* Calls import number `index` of the app. */
static inline int64_t rosehip_aot_import(const rosehip_aot_instance_t* instance, size_t index,
                                         const uint64_t* arguments) {
  return instance->imports[index]->call(instance->host, arguments);
}

#endif
