/*
 * What the instructions of an app do (WebAssembly Core 2.0, chapter 4), by the names that the C made by wasm2c calls
 * them. Included by that C alone, which has defined before:
 *   ROSEHIP_AOT_MEMORY_OFFSET  from the instance to its linear memory
 *   ROSEHIP_AOT_MEMORY_BYTES   of linear memory, a multiple of 8
 * Accesses to memory are given address and constant offset apart (toolchain/aot/instrument.ts): the check is then one
 * comparison of the address with a constant.
 */
#ifndef ROSEHIP_AOT_INSTRUCTIONS_H
#define ROSEHIP_AOT_INSTRUCTIONS_H

#include <math.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "linear memory is little-endian, and so must the board be");

#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define TRAP(trap) (wasm_rt_trap(WASM_RT_TRAP_##trap), 0)
#define CHECK(condition, trap) (LIKELY(condition) ? (void)0 : wasm_rt_trap(WASM_RT_TRAP_##trap))
#define UNREACHABLE TRAP(UNREACHABLE)
#define INLINE static inline __attribute__((unused))
#define INSERTED static inline __attribute__((always_inline, unused))
#define OUT_OF_LINE static __attribute__((noinline, unused))

/* ---- Bounds of a run --------------------------------------------------------------------------------------------- */

#if defined(__riscv) || defined(__arm__) || defined(__aarch64__) || defined(__xtensa__)
register uintptr_t rosehip_aot_stack_pointer __asm__("sp");
#define STACK_POINTER rosehip_aot_stack_pointer
#elif defined(__x86_64__)
register uintptr_t rosehip_aot_stack_pointer __asm__("rsp");
#define STACK_POINTER rosehip_aot_stack_pointer
#else
#define STACK_POINTER ((uintptr_t)__builtin_frame_address(0))
#endif

/* At the beginning of each function that calls another. */
#define CHECK_STACK CHECK(STACK_POINTER >= instance->head.stack_limit, EXHAUSTION)

/* In each loop, and at the beginning of functions that could make a run long without one. */
#define SPEND_FUEL (UNLIKELY(--instance->head.fuel == 0) ? rosehip_aot_refuel(&instance->head) : (void)0)

/* ---- Memory ------------------------------------------------------------------------------------------------------ */

#define MEMORY(address) ((u8*)instance + ROSEHIP_AOT_MEMORY_OFFSET + (address))
#define IN_MEMORY(address, offset, octets)                       \
  ((u64)(offset) + (octets) <= ROSEHIP_AOT_MEMORY_BYTES &&       \
   (address) <= ROSEHIP_AOT_MEMORY_BYTES - (octets) - (offset))
#define CHECK_RANGE(address, octets) CHECK((u64)(address) + (octets) <= ROSEHIP_AOT_MEMORY_BYTES, OOB)

/*
 * Where unaligned access faults or is slow, the compiler would make octets of every access, or even a call; but nearly
 * all of an app's are aligned. 64 bits need no more than 32.
 */
#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__) || defined(__ARM_FEATURE_UNALIGNED)
#define ALIGNMENT(octets) 1
#else
#define ALIGNMENT(octets) (octets)
#endif
#define AT_ONCE(address, offset, octets) \
  (LIKELY(IN_MEMORY(address, offset, octets)) && LIKELY((((address) + (offset)) & (ALIGNMENT(octets) - 1)) == 0))

/* What is left: out of bounds, or unaligned. */
OUT_OF_LINE u32 read_slowly(const void* instance, u32 address, u32 offset, u32 octets) {
  u32 value = 0;
  CHECK(IN_MEMORY(address, offset, octets), OOB);
  const u8* from = MEMORY(address) + offset;
  while (octets > 0) value = value << 8 | from[--octets];
  return value;
}

OUT_OF_LINE void write_slowly(void* instance, u32 address, u32 offset, u32 octets, u32 value) {
  CHECK(IN_MEMORY(address, offset, octets), OOB);
  u8* to = MEMORY(address) + offset;
  for (; octets > 0; octets--, value >>= 8) *to++ = (u8)value;
}

#define DEFINE_ACCESS(bits)                                                                          \
  INSERTED u##bits read##bits(const void* instance, u32 address, u32 offset) {                       \
    u##bits value;                                                                                   \
    if (!AT_ONCE(address, offset, bits / 8u)) return (u##bits)read_slowly(instance, address, offset, bits / 8u); \
    memcpy(&value, __builtin_assume_aligned(MEMORY(address) + offset, ALIGNMENT(bits / 8u)), bits / 8u); \
    return value;                                                                                    \
  }                                                                                                  \
  INSERTED void write##bits(void* instance, u32 address, u32 offset, u##bits value) {                \
    if (!AT_ONCE(address, offset, bits / 8u)) {                                                      \
      write_slowly(instance, address, offset, bits / 8u, value);                                     \
      return;                                                                                        \
    }                                                                                                \
    memcpy(__builtin_assume_aligned(MEMORY(address) + offset, ALIGNMENT(bits / 8u)), &value, bits / 8u); \
  }
DEFINE_ACCESS(8)
DEFINE_ACCESS(16)
DEFINE_ACCESS(32)

/* Nothing is written if not all of it is inside. */
INLINE u64 read64(const void* instance, u32 address, u32 offset) {
  CHECK(IN_MEMORY(address, offset, 8u), OOB);
  return read32(instance, address, offset) | (u64)read32(instance, address, offset + 4) << 32;
}

INLINE void write64(void* instance, u32 address, u32 offset, u64 value) {
  CHECK(IN_MEMORY(address, offset, 8u), OOB);
  write32(instance, address, offset, (u32)value);
  write32(instance, address, offset + 4, (u32)(value >> 32));
}

#define DEFINE_LOAD(name, type, expression) \
  INLINE type name(const void* instance, u32 address, u32 offset) { return expression; }
#define DEFINE_STORE(name, type, statement) \
  INLINE void name(void* instance, u32 address, u32 offset, type value) { statement; }

#define DEFINE_REINTERPRET(name, from, to) \
  INLINE to name(from value) {             \
    to result;                             \
    memcpy(&result, &value, sizeof result); \
    return result;                         \
  }
DEFINE_REINTERPRET(f32_reinterpret_i32, u32, f32)
DEFINE_REINTERPRET(i32_reinterpret_f32, f32, u32)
DEFINE_REINTERPRET(f64_reinterpret_i64, u64, f64)
DEFINE_REINTERPRET(i64_reinterpret_f64, f64, u64)

DEFINE_LOAD(i32_load, u32, read32(instance, address, offset))
DEFINE_LOAD(i64_load, u64, read64(instance, address, offset))
DEFINE_LOAD(f32_load, f32, f32_reinterpret_i32(read32(instance, address, offset)))
DEFINE_LOAD(f64_load, f64, f64_reinterpret_i64(read64(instance, address, offset)))
DEFINE_LOAD(i32_load8_s, u32, (u32)(s8)read8(instance, address, offset))
DEFINE_LOAD(i64_load8_s, u64, (u64)(s8)read8(instance, address, offset))
DEFINE_LOAD(i32_load8_u, u32, read8(instance, address, offset))
DEFINE_LOAD(i64_load8_u, u64, read8(instance, address, offset))
DEFINE_LOAD(i32_load16_s, u32, (u32)(s16)read16(instance, address, offset))
DEFINE_LOAD(i64_load16_s, u64, (u64)(s16)read16(instance, address, offset))
DEFINE_LOAD(i32_load16_u, u32, read16(instance, address, offset))
DEFINE_LOAD(i64_load16_u, u64, read16(instance, address, offset))
DEFINE_LOAD(i64_load32_s, u64, (u64)(s32)read32(instance, address, offset))
DEFINE_LOAD(i64_load32_u, u64, read32(instance, address, offset))
DEFINE_STORE(i32_store, u32, write32(instance, address, offset, value))
DEFINE_STORE(i64_store, u64, write64(instance, address, offset, value))
DEFINE_STORE(f32_store, f32, write32(instance, address, offset, i32_reinterpret_f32(value)))
DEFINE_STORE(f64_store, f64, write64(instance, address, offset, i64_reinterpret_f64(value)))
DEFINE_STORE(i32_store8, u32, write8(instance, address, offset, (u8)value))
DEFINE_STORE(i32_store16, u32, write16(instance, address, offset, (u16)value))
DEFINE_STORE(i64_store8, u64, write8(instance, address, offset, (u8)value))
DEFINE_STORE(i64_store16, u64, write16(instance, address, offset, (u16)value))
DEFINE_STORE(i64_store32, u64, write32(instance, address, offset, (u32)value))

#define memory_fill(memory, to, value, octets) fill(instance, to, value, octets)
#define memory_copy(memory, from_memory, to, from, octets) copy(instance, to, from, octets)
#define memory_init(memory, data, data_octets, to, from, octets) init(instance, data, data_octets, to, from, octets)
/* A data segment that is there from the beginning. */
#define LOAD_DATA(memory, to, data, octets) init(instance, data, octets, to, 0, octets)

INLINE void fill(void* instance, u32 to, u32 value, u32 octets) {
  CHECK_RANGE(to, octets);
  memset(MEMORY(to), (int)(value & 0xff), octets);
}

INLINE void copy(void* instance, u32 to, u32 from, u32 octets) {
  CHECK_RANGE(to, octets);
  CHECK_RANGE(from, octets);
  memmove(MEMORY(to), MEMORY(from), octets);
}

INLINE void init(void* instance, const u8* data, u32 data_octets, u32 to, u32 from, u32 octets) {
  CHECK((u64)from + octets <= data_octets, OOB);
  CHECK_RANGE(to, octets);
  if (octets > 0) memcpy(MEMORY(to), data + from, octets);
}

/* ---- Integers ---------------------------------------------------------------------------------------------------- */

#define I32_CLZ(x) ((x) == 0 ? 32u : (u32)__builtin_clzll(x) - 32u)
#define I64_CLZ(x) ((x) == 0 ? 64u : (u64)__builtin_clzll(x))
#define I32_CTZ(x) ((x) == 0 ? 32u : (u32)__builtin_ctzll(x))
#define I64_CTZ(x) ((x) == 0 ? 64u : (u64)__builtin_ctzll(x))
#define I32_POPCNT(x) ((u32)__builtin_popcountll(x))
#define I64_POPCNT(x) ((u64)__builtin_popcountll(x))
#define I32_ROTL(x, y) ((x) << ((y) & 31) | (x) >> (-(y) & 31))
#define I32_ROTR(x, y) ((x) >> ((y) & 31) | (x) << (-(y) & 31))
#define I64_ROTL(x, y) ((x) << ((y) & 63) | (x) >> (-(y) & 63))
#define I64_ROTR(x, y) ((x) >> ((y) & 63) | (x) << (-(y) & 63))

#define DIV_U(x, y) (CHECK((y) != 0, DIV_BY_ZERO), (x) / (y))
#define REM_U(x, y) (CHECK((y) != 0, DIV_BY_ZERO), (x) % (y))

#define DEFINE_DIVISION(bits)                                            \
  INLINE u##bits I##bits##_DIV_S(u##bits x, u##bits y) {                 \
    CHECK(y != 0, DIV_BY_ZERO);                                          \
    CHECK(y != (u##bits)-1 || (s##bits)x != INT##bits##_MIN, INT_OVERFLOW); \
    return (u##bits)((s##bits)x / (s##bits)y);                           \
  }                                                                      \
  INLINE u##bits I##bits##_REM_S(u##bits x, u##bits y) {                 \
    CHECK(y != 0, DIV_BY_ZERO);                                          \
    return y == (u##bits)-1 ? 0 : (u##bits)((s##bits)x % (s##bits)y);    \
  }
DEFINE_DIVISION(32)
DEFINE_DIVISION(64)

/* ---- Floating point ---------------------------------------------------------------------------------------------- */

/*
 * From a floating point number: the plain form traps, SAT goes to the nearest there is. `over_low` is true for what is
 * not below the range, `high` is the first above it.
 */
#define DEFINE_TRUNCATION(result, suffix, type, integer, over_low, high, lowest, highest) \
  INLINE result suffix(type x) {                                                         \
    CHECK(x == x, INVALID_CONVERSION);                                                   \
    CHECK((over_low) && x < (high), INT_OVERFLOW);                                       \
    return (result)(integer)x;                                                           \
  }
#define DEFINE_SATURATION(result, suffix, type, integer, over_low, high, lowest, highest) \
  INLINE result suffix(type x) {                                                          \
    if (x != x) return 0;                                                                 \
    if (!(over_low)) return (result)(lowest);                                             \
    return x < (high) ? (result)(integer)x : (result)(highest);                           \
  }
#define DEFINE_BOTH(bits, sign_float, type, integer, over_low, high, lowest, highest)                                 \
  DEFINE_TRUNCATION(u##bits, I##bits##_TRUNC_##sign_float, type, integer, over_low, high, lowest, highest)            \
  DEFINE_SATURATION(u##bits, I##bits##_TRUNC_SAT_##sign_float, type, integer, over_low, high, lowest, highest)
DEFINE_BOTH(32, S_F32, f32, s32, x >= -0x1p31f, 0x1p31f, INT32_MIN, INT32_MAX)
DEFINE_BOTH(32, S_F64, f64, s32, x > -0x1p31 - 1, 0x1p31, INT32_MIN, INT32_MAX)
DEFINE_BOTH(32, U_F32, f32, u32, x > -1.0f, 0x1p32f, 0, UINT32_MAX)
DEFINE_BOTH(32, U_F64, f64, u32, x > -1.0, 0x1p32, 0, UINT32_MAX)
DEFINE_BOTH(64, S_F32, f32, s64, x >= -0x1p63f, 0x1p63f, INT64_MIN, INT64_MAX)
DEFINE_BOTH(64, S_F64, f64, s64, x >= -0x1p63, 0x1p63, INT64_MIN, INT64_MAX)
DEFINE_BOTH(64, U_F32, f32, u64, x > -1.0f, 0x1p64f, 0, UINT64_MAX)
DEFINE_BOTH(64, U_F64, f64, u64, x > -1.0, 0x1p64, 0, UINT64_MAX)

/* A NaN stays the NaN it is and becomes quiet, whatever the C library does. */
INLINE f32 quiet_nanf(f32 x) { return f32_reinterpret_i32(i32_reinterpret_f32(x) | 0x00400000u); }
INLINE f64 quiet_nan(f64 x) { return f64_reinterpret_i64(i64_reinterpret_f64(x) | 0x0008000000000000u); }
INLINE f32 wasm_quietf(f32 x) { return x != x ? quiet_nanf(x) : x; }
INLINE f64 wasm_quiet(f64 x) { return x != x ? quiet_nan(x) : x; }

#define DEFINE_ROUNDING(name)                                                          \
  INLINE f32 wasm_##name##f(f32 x) { return x != x ? quiet_nanf(x) : name##f(x); }     \
  INLINE f64 wasm_##name(f64 x) { return x != x ? quiet_nan(x) : name(x); }
DEFINE_ROUNDING(floor)
DEFINE_ROUNDING(ceil)
DEFINE_ROUNDING(trunc)
DEFINE_ROUNDING(nearbyint)
DEFINE_ROUNDING(sqrt)

INLINE f32 wasm_fabsf(f32 x) { return f32_reinterpret_i32(i32_reinterpret_f32(x) & 0x7fffffffu); }
INLINE f64 wasm_fabs(f64 x) { return f64_reinterpret_i64(i64_reinterpret_f64(x) & 0x7fffffffffffffffu); }

/* Of two zeros -0 is the lesser. */
#define FMIN(x, y) ((x) != (x) || (y) != (y) ? (x) + (y) : (x) == (y) ? (signbit(x) ? (x) : (y)) : (x) < (y) ? (x) : (y))
#define FMAX(x, y) ((x) != (x) || (y) != (y) ? (x) + (y) : (x) == (y) ? (signbit(x) ? (y) : (x)) : (x) > (y) ? (x) : (y))

/* ---- Tables ------------------------------------------------------------------------------------------------------ */

INLINE void check_element(const wasm_rt_funcref_table_t* table, wasm_rt_func_type_t type, u32 element) {
  CHECK(element < table->size, UNDEFINED_ELEMENT);
  CHECK(table->data[element].func != NULL, NULL_ELEMENT);
  CHECK(type == table->data[element].func_type, WRONG_TYPE);
}

#define CALL_INDIRECT(table, pointer_type, type, element, ...) \
  (check_element(&(table), type, element), ((pointer_type)(table).data[element].func)(__VA_ARGS__))

typedef enum { RefFunc, RefNull, GlobalGet } wasm_elem_segment_expr_type_t;

typedef struct {
  wasm_elem_segment_expr_type_t expr_type;
  wasm_rt_func_type_t type;
  wasm_rt_function_ptr_t func;
  wasm_rt_tailcallee_t func_tailcallee;
  size_t module_offset;
} wasm_elem_segment_expr_t;

INLINE void funcref_table_init(wasm_rt_funcref_table_t* table, const wasm_elem_segment_expr_t* segment, u32 elements,
                               u32 to, u32 from, u32 count, void* instance) {
  CHECK((u64)from + count <= elements, TABLE_OOB);
  CHECK((u64)to + count <= table->size, TABLE_OOB);
  for (u32 i = 0; i < count; i++) {
    const wasm_elem_segment_expr_t* element = &segment[from + i];
    table->data[to + i] = (wasm_rt_funcref_t){element->type, element->func, (u8*)instance + element->module_offset};
  }
}

#endif
