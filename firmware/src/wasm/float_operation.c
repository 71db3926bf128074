#include "float_operation.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Opcodes (WebAssembly Core 2.0, 5.4.6); the instructions of one type follow each other in the same order. */
enum {
  F32_EQ = 0x5b, F64_EQ = 0x61, F64_COMPARE_END = 0x67,
  F32_ABS = 0x8b, F64_ABS = 0x99, F64_ARITHMETIC_END = 0xa7,
  I32_TRUNC = 0xa8, I64_TRUNC = 0xae,
  F32_CONVERT = 0xb2, F32_DEMOTE = 0xb6, F64_CONVERT = 0xb7, F64_PROMOTE = 0xbb,
  TRUNC_SAT = 0xfc00,
};
enum { EQ, NE, LT, GT, LE, GE };
enum { ABS, NEG, CEIL, FLOOR, TRUNC, NEAREST, SQRT, ADD, SUB, MUL, DIV, MIN, MAX, COPYSIGN };

#define SIGN (UINT64_C(1) << 63)
#define QUIET (UINT64_C(1) << 51)
#define INFINITE (UINT64_C(0x7ff) << 52)
#define F32_SIGN (UINT32_C(1) << 31)

#define IMPLIED (UINT64_C(1) << 52)

/* A double with this exponent (as it is kept, with its bias) has nothing behind the point. */
#define POINT (1023 + 52)

static double to_double(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static uint64_t of_double(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static double widen(uint64_t bits) {
  const uint32_t lower = (uint32_t)bits;
  float value;
  memcpy(&value, &lower, sizeof value);
  return (double)value;
}

static uint64_t narrow(double value) {
  const float single = (float)value;
  uint32_t bits;
  memcpy(&bits, &single, sizeof bits);
  return bits;
}

static bool is_nan(double value) {
  return (of_double(value) & ~SIGN) > INFINITE;
}

/* Numbers are in the order of these integers, and zeros are equal; not for NaN. */
static int64_t order(double value) {
  const uint64_t bits = of_double(value);
  const int64_t magnitude = (int64_t)(bits & ~SIGN);
  return (bits & SIGN) != 0 ? -magnitude : magnitude;
}

/* Two words, each exact, and one rounding: the C library's conversions of 64 bits are not needed. */
static double from_u64(uint64_t value) {
  return (double)(uint32_t)(value >> 32) * 0x1p32 + (double)(uint32_t)value;
}

/* Of the magnitude, which is less than 2^64, towards 0. */
static uint64_t to_u64(double value) {
  const uint64_t bits = of_double(value) & ~SIGN;
  const uint64_t digits = (bits & (IMPLIED - 1)) | IMPLIED;
  const int behind = POINT - (int)(bits >> 52); /* bits behind the point */
  if (behind > 52) return 0;
  return behind >= 0 ? digits >> behind : digits << -behind;
}

/* ---- Integers of floats ------------------------------------------------------------------------------------------ */

/* What a truncation takes and makes. */
typedef struct {
  double value;
  bool is_signed, is_wide;
} truncation_t;

static truncation_t truncation(uint32_t opcode, uint64_t a) {
  const uint32_t kind = opcode >= TRUNC_SAT   ? opcode - TRUNC_SAT
                        : opcode >= I64_TRUNC ? opcode - I64_TRUNC + 4
                                              : opcode - I32_TRUNC;
  truncation_t made = {.is_signed = (kind & 1) == 0, .is_wide = (kind & 4) != 0};
  made.value = (kind & 2) != 0 ? to_double(a) : widen(a);
  return made;
}

/* The lowest value that a truncation may have, and what is just too low, differ by a fraction; so this asks for both. */
static bool too_low(const truncation_t* t) {
  if (!t->is_signed) return order(t->value) <= order(-1);
  return t->is_wide ? order(t->value) < order(-0x1p63) : order(t->value) <= order(-0x1p31 - 1);
}

static bool too_high(const truncation_t* t) {
  const double limit = t->is_wide ? (t->is_signed ? 0x1p63 : 0x1p64) : (t->is_signed ? 0x1p31 : 0x1p32);
  return order(t->value) >= order(limit);
}

float_trap_t rh_float_trap(uint32_t opcode, uint64_t a) {
  const bool may_trap = (opcode >= I32_TRUNC && opcode < I32_TRUNC + 4) || (opcode >= I64_TRUNC && opcode < I64_TRUNC + 4);
  if (!may_trap) return FLOAT_OK;
  const truncation_t t = truncation(opcode, a);
  if (is_nan(t.value)) return FLOAT_NO_INTEGER;
  return too_high(&t) || too_low(&t) ? FLOAT_OUT_OF_RANGE : FLOAT_OK;
}

static uint64_t truncate(uint32_t opcode, uint64_t a) {
  const truncation_t t = truncation(opcode, a);
  const uint64_t lowest = t.is_wide ? SIGN : F32_SIGN; /* as bits; one less is the highest */
  uint64_t integer;
  if (is_nan(t.value)) integer = 0;
  else if (too_high(&t)) integer = t.is_signed ? lowest - 1 : UINT64_MAX;
  else if (too_low(&t)) integer = t.is_signed ? lowest : 0;
  else if (order(t.value) < 0) integer = 0 - to_u64(t.value);
  else integer = to_u64(t.value);
  return t.is_wide ? integer : (uint32_t)integer;
}

/* ---- Floats of integers ------------------------------------------------------------------------------------------ */

static uint64_t convert(uint32_t kind, bool single, uint64_t a) {
  const bool is_signed = (kind & 1) == 0, is_wide = (kind & 2) != 0;
  if (!is_wide) a = is_signed ? (uint64_t)(int64_t)(int32_t)(uint32_t)a : (uint32_t)a;
  const bool negative = is_signed && (a & SIGN) != 0;
  uint64_t magnitude = negative ? 0 - a : a;
  /* Rounded twice, first to double; so what that would drop is told to the second rounding in one bit it keeps. */
  if (single && magnitude >> 53 != 0 && (magnitude & 0x7ff) != 0) magnitude = (magnitude | 0x800) & ~UINT64_C(0x7ff);
  const double value = negative ? -from_u64(magnitude) : from_u64(magnitude);
  return single ? narrow(value) : of_double(value);
}

/* ---- Arithmetic -------------------------------------------------------------------------------------------------- */

static bool compare(uint32_t operation, double x, double y) {
  if (is_nan(x) || is_nan(y)) return operation == NE;
  const int64_t left = order(x), right = order(y);
  switch (operation) {
    case EQ: return left == right;
    case NE: return left != right;
    case LT: return left < right;
    case GT: return left > right;
    case LE: return left <= right;
    default: return left >= right;
  }
}

/* On the bits alone, without their sign: what lies behind the point is in the lowest ones. */
static double round_to(uint32_t operation, double x) {
  const uint64_t bits = of_double(x), sign = bits & SIGN;
  const bool away = operation == (sign != 0 ? FLOOR : CEIL);
  uint64_t magnitude = bits & ~SIGN;
  if (is_nan(x)) return to_double(bits | QUIET);
  if (magnitude >> 52 >= POINT || magnitude == 0) return x;
  if (magnitude < of_double(1)) {
    const bool up = away || (operation == NEAREST && magnitude > of_double(0.5));
    return to_double((up ? of_double(1) : 0) | sign);
  }
  const int behind = POINT - (int)(magnitude >> 52); /* bits behind the point */
  const uint64_t fraction = (UINT64_C(1) << behind) - 1;
  if (away) magnitude += fraction;
  if (operation == NEAREST) magnitude += (fraction >> 1) + ((magnitude >> behind) & 1);
  return to_double((magnitude & ~fraction) | sign);
}

/* Zeros are equal and differ in their signs, of which the lower one is set. */
static double least(double x, double y, bool most) {
  if (is_nan(x) || is_nan(y)) return x + y;
  if (order(x) == order(y)) return to_double(most ? of_double(x) & of_double(y) : of_double(x) | of_double(y));
  return (order(x) < order(y)) != most ? x : y;
}

static double calculate(uint32_t operation, double x, double y) {
  switch (operation) {
    case SQRT: return sqrt(x);
    case SUB: return x + to_double(of_double(y) ^ SIGN);
    case ADD: return x + y;
    case MUL: return x * y;
    case DIV: return x / y;
    case MIN: return least(x, y, false);
    case MAX: return least(x, y, true);
    default: return round_to(operation, x);
  }
}

static uint64_t arithmetic(uint32_t opcode, uint64_t a, uint64_t b) {
  const bool single = opcode < F64_ABS;
  const uint32_t operation = opcode - (single ? F32_ABS : F64_ABS);
  const uint64_t sign = single ? F32_SIGN : SIGN;
  if (single) a = (uint32_t)a;
  switch (operation) {
    case ABS: return a & ~sign;
    case NEG: return a ^ sign;
    case COPYSIGN: return (a & ~sign) | (b & sign);
    default: break;
  }
  if (single) return narrow(calculate(operation, widen(a), widen(b)));
  return of_double(calculate(operation, to_double(a), to_double(b)));
}

uint64_t rh_float_operation(uint32_t opcode, uint64_t a, uint64_t b) {
  if (opcode < F64_EQ) return compare(opcode - F32_EQ, widen(a), widen(b));
  if (opcode < F64_COMPARE_END) return compare(opcode - F64_EQ, to_double(a), to_double(b));
  if (opcode < F64_ARITHMETIC_END) return arithmetic(opcode, a, b);
  if (opcode < F32_CONVERT || opcode >= TRUNC_SAT) return truncate(opcode, a);
  if (opcode < F32_DEMOTE) return convert(opcode - F32_CONVERT, true, a);
  if (opcode == F32_DEMOTE) return narrow(to_double(a));
  if (opcode < F64_PROMOTE) return convert(opcode - F64_CONVERT, false, a);
  if (opcode == F64_PROMOTE) return of_double(widen(a));
  return a; /* a reinterpretation */
}
