/*
 * Settings of wasm3, included in front of each of its files and of wasm3_engine.c, on every board. They are for a
 * microcontroller, and the same on a computer, so that what runs there runs here. A build may give its own value for
 * what is within #ifndef.
 */
#ifndef ROSEHIP_WASM3_CONFIG_H
#define ROSEHIP_WASM3_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h> /* before its names are changed */

/* Every module is validated; a module is never trusted. */
#define d_m3EnableValidation 1

/* Locals and operands of one function; a function with more is refused when the module is loaded. */
#ifndef d_m3MaxFunctionStackHeight
#define d_m3MaxFunctionStackHeight 256
#endif

/* Constants of one function kept beside its locals; further ones are instructions. */
#ifndef d_m3MaxConstantTableSize
#define d_m3MaxConstantTableSize 64
#endif

/* Octets of C stack for the app: calls beyond trap. Must be well below the stack of the thread that runs the loop. */
#ifndef d_m3MaxNativeStack
#define d_m3MaxNativeStack 65536
#endif

/*
 * Bounds the C stack where the compiler makes no jumps of calls in tail position: on Xtensa, and without optimisation.
 * wasm3's operations call each other, so code in a row would take a frame for each operation, a hundred kilobytes for a
 * thousand statements, and nothing would notice. Here (wasm3_transform.json) a jump, and every
 * ROSEHIP_PARK_OPERATIONS operations in a row, park: they leave the place to go on at in rosehip_parked, and return
 * through the frames to the call or the loop that they are in, which goes on from there. Calls and loops themselves are
 * bounded by d_m3MaxNativeStack.
 */
#ifndef ROSEHIP_PARKS
#if defined(__XTENSA__) || !defined(__OPTIMIZE__)
#define ROSEHIP_PARKS 1
#else
#define ROSEHIP_PARKS 0
#endif
#endif

#if ROSEHIP_PARKS
#define ROSEHIP_PARK_OPERATIONS 16

typedef struct {
  const void* pc; /* of the operation to go on with; the address of this struct is the result that says so */
  void* sp;
  int64_t r0;
} rosehip_parked_t;

extern rosehip_parked_t rosehip_parked;

static inline const void* rosehip_park(const void* pc, void* sp, int64_t r0) {
  rosehip_parked = (rosehip_parked_t){pc, sp, r0};
  return &rosehip_parked;
}

/* Goes on as long as what was called or looped through has parked; `MEMORY`: where the memory is now. */
#define ROSEHIP_RESUME(RESULT, MEMORY)    \
  while ((RESULT) == &rosehip_parked)     \
    RESULT = RunCode((pc_t)rosehip_parked.pc, (m3stack_t)rosehip_parked.sp, MEMORY, rosehip_parked.r0)
#else
#define ROSEHIP_RESUME(RESULT, MEMORY) ((void)0)
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

/* Code of functions that are called goes when memory is short, so nothing jumps there by address but calls do. */
#define d_m3CanTailCall 0

/* Whoever calls has looked whether there is stack for what is called. */
#define d_m3SkipStackCheck 1

/* The code cache, as wasm3_transform.json calls it: wasm3_code_cache.h. */
struct M3CodePage;
struct M3Function;
struct M3Runtime;
struct M3CodePage* rosehip_wasm3_code_begin(struct M3Runtime* runtime);
void rosehip_wasm3_code_end(struct M3Function* function, struct M3CodePage* others);
size_t rosehip_wasm3_page_bytes(size_t least);
#define ROSEHIP_CODE_BEGIN(RUNTIME) rosehip_wasm3_code_begin(RUNTIME)
#define ROSEHIP_CODE_END(FUNCTION, OTHERS) rosehip_wasm3_code_end(FUNCTION, OTHERS)

/*
 * A call or a loop that is under way. Those of calls are on the operand stack, in front of what is called; a loop's is on
 * the C stack. The innermost is in the header of the linear memory, which every operation has at hand.
 */
typedef struct rosehip_frame {
  struct rosehip_frame* outer;
  struct M3Function* function; /* that runs in it; of a loop, the one it is in */
  const void* pc;              /* where the outer one's function goes on; NULL if its code has gone */
  uint32_t place;              /* then: the number of that place in the function */
} rosehip_frame_t;

enum { ROSEHIP_FRAME_SLOTS = sizeof(rosehip_frame_t) / sizeof(uint32_t), ROSEHIP_LAST_PLACE = 0xffff };

/* An offset on the operand stack, with the number of the place behind it; emitted by rosehip_wasm3_place. */
#define ROSEHIP_OFFSET(OFFSET) ((OFFSET) & 0xffff)
#define ROSEHIP_PLACE(COMPILATION, OFFSET) rosehip_wasm3_place(COMPILATION, OFFSET)
void rosehip_wasm3_place(void* compilation, uint32_t offset);

/* Compiles the function that a call comes back to. */
const char* rosehip_wasm3_return(rosehip_frame_t* frame);

/* Calls a function for which the operand stack has no room: on a piece of its own (wasm3_engine.c). */
const void* rosehip_wasm3_call_apart(struct M3Function* function, void* sp, void* memory);

/* In an operation: calls `FUNCTION` with its frame at `SP`; `R`: NULL, or why not. _pc is then where to go on. */
#define ROSEHIP_CALL(R, FUNCTION, SP)                                               \
  do {                                                                              \
    rosehip_frame_t* const frame = (rosehip_frame_t*)(SP)-1;                        \
    frame->outer = _mem->frames;                                                    \
    frame->function = FUNCTION;                                                     \
    frame->pc = _pc;                                                                \
    _mem->frames = frame;                                                           \
    (FUNCTION)->recent = true;                                                      \
    R = M3_LIKELY((FUNCTION)->compiled) ? m3Err_none : CompileFunction(FUNCTION);   \
    if (M3_UNLIKELY(R)) {                                                           \
    } else if (M3_LIKELY((void*)((SP) + (FUNCTION)->maxStackSlots) < _mem->maxStack)) { \
      R = Call((FUNCTION)->compiled, SP, _mem, d_m3OpDefaultArgs);                  \
      ROSEHIP_RESUME(R, _mem);                                                      \
    } else {                                                                        \
      R = rosehip_wasm3_call_apart(FUNCTION, SP, _mem);                             \
    }                                                                               \
    if (M3_UNLIKELY(frame->pc == NULL) && R == m3Err_none) R = rosehip_wasm3_return(frame); \
    _pc = frame->pc;                                                                \
    _mem->frames = frame->outer;                                                    \
  } while (false)

/*
 * Division of 64 bits, used by wasm3_transform.json: a routine of a kilobyte each on a board of 32 bits, so there is one
 * (wasm3_engine.c) for quotient and remainder with and without sign.
 */
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
void* rosehip_wasm3_allocate(size_t count, size_t size);
void* rosehip_wasm3_resize(void* pointer, size_t size);
void rosehip_wasm3_release(void* pointer);
#define calloc(count, size) rosehip_wasm3_allocate(count, size)
#define realloc(pointer, size) rosehip_wasm3_resize(pointer, size)
#define free(pointer) rosehip_wasm3_release(pointer)

#endif
