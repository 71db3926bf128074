/*
 * Settings of wasm3, included in front of each of its files and of wasm3_engine.c, on every board. They are for a
 * microcontroller, and the same on a computer, so that what runs there runs here. A build may give its own value for
 * what is within #ifndef.
 */
#ifndef ROSEHIP_WASM3_CONFIG_H
#define ROSEHIP_WASM3_CONFIG_H

/* Every module is validated; a module is never trusted. */
#define d_m3EnableValidation 1

/* Octets of machine code fragments taken from the arena at a time. */
#ifndef d_m3CodePageAlignSize
#define d_m3CodePageAlignSize 1024
#endif

/* Locals and operands of one function; a function with more is refused when the module is loaded. */
#ifndef d_m3MaxFunctionStackHeight
#define d_m3MaxFunctionStackHeight 512
#endif

/* Constants of one function kept beside its locals; further ones are instructions. */
#ifndef d_m3MaxConstantTableSize
#define d_m3MaxConstantTableSize 64
#endif

/* Octets of C stack for the app: calls beyond trap. Must be well below the stack of the thread that runs the loop. */
#ifndef d_m3MaxNativeStack
#define d_m3MaxNativeStack 65536
#endif

/* Deepest nesting of blocks; a module with more is refused. */
#ifndef d_m3ValCtrlDepth
#define d_m3ValCtrlDepth 128
#endif

/* Floating point is ours (wasm3_float.h). */
#define d_m3HasFloat 0

/* Proposals of which AssemblyScript and C compilers use nothing unless asked to. */
#define d_m3HasRefTypes 0
#define d_m3HasExtendedConst 0
#define d_m3HasCompactImports 0

#define d_m3CascadedOpcodes 0
#define d_m3VerboseErrorMessages 0

/* The app is never asked to print profiles, and wasm3's own printing is not linked. */
#define d_m3LogOutput 0

/*
 * Division of 64 bits, used by wasm3_transform.json: a routine of a kilobyte each on a board of 32 bits, so there is one
 * (wasm3_engine.c) for quotient and remainder with and without sign.
 */
#include <stdint.h>
uint64_t rosehip_wasm3_divide(uint64_t a, uint64_t b);
int64_t rosehip_wasm3_divide_signed(int64_t a, int64_t b);
#define ROSEHIP_DIV_U64(RES, A, B)                         \
  if (M3_UNLIKELY(B == 0)) newTrap(m3Err_trapDivisionByZero); \
  RES = (i64)rosehip_wasm3_divide(A, B);
#define ROSEHIP_REM_U64(RES, A, B)                         \
  if (M3_UNLIKELY(B == 0)) newTrap(m3Err_trapDivisionByZero); \
  RES = (i64)(A - rosehip_wasm3_divide(A, B) * B);
#define ROSEHIP_DIV_S64(RES, A, B)                                                        \
  if (M3_UNLIKELY(B == 0)) newTrap(m3Err_trapDivisionByZero);                             \
  if (M3_UNLIKELY(B == -1 and A == INT64_MIN)) newTrap(m3Err_trapIntegerOverflow);        \
  RES = rosehip_wasm3_divide_signed(A, B);
#define ROSEHIP_REM_S64(RES, A, B)                         \
  if (M3_UNLIKELY(B == 0)) newTrap(m3Err_trapDivisionByZero); \
  RES = (i64)((u64)A - (u64)rosehip_wasm3_divide_signed(A, B) * (u64)B);

/* All of wasm3's memory comes from the arena of the runtime (wasm3_engine.c). */
#include <stddef.h>
#include <stdlib.h>
void* rosehip_wasm3_allocate(size_t count, size_t size);
void* rosehip_wasm3_resize(void* pointer, size_t size);
void rosehip_wasm3_release(void* pointer);
#define calloc(count, size) rosehip_wasm3_allocate(count, size)
#define realloc(pointer, size) rosehip_wasm3_resize(pointer, size)
#define free(pointer) rosehip_wasm3_release(pointer)

#endif
