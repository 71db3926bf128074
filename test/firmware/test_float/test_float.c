/*
 * The floating point of WebAssembly against this computer's own: the compiler's operators and the C library's functions
 * on float, double and long double, for special values and at random. Of NaN only what the specification tells counts.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../firmware/src/wasm/float_operation.h"
#include "unity.h"

enum { ROUNDS = 200000, TRUNC_SAT = 0xfc00 };

static uint64_t state, first, second; /* of the random numbers; the operands of this round */

void setUp(void) {
  const char* given = getenv("TEST_SEED");
  state = given == NULL ? 0x9e3779b97f4a7c15u : strtoull(given, NULL, 0) | 1;
  printf("seed 0x%016" PRIx64 "\n", state);
}

void tearDown(void) {}

static uint64_t number(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state * 0x2545f4914f6cdd1du;
}

static double f64(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static uint64_t f64_bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static float f32(uint64_t bits) {
  const uint32_t lower = (uint32_t)bits;
  float value;
  memcpy(&value, &lower, sizeof value);
  return value;
}

static uint64_t f32_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static uint64_t operand(void) {
  static const double wide[] = {0,        -0.0,       0.5,        -0.5,      1,         -1,        1.5,         2.5,
                                -2.5,     0x1p31,     -0x1p31,    0x1p32,    0x1p63,    -0x1p63,   0x1p64,      -0x1p31 - 1,
                                0x1p52,   0x1p51 + 1, 0x1p-1074,  0x1p-126,  INFINITY,  -INFINITY, 2147483647.5, 4294967295.9,
                                -0.999999, 0x1p53 + 2, 4503599627370495.5, 0.49999999999999994};
  static const float narrow[] = {0,       -0.0f,   0.5f,    -0.5f,    1.5f,     -2.5f,      0x1p31f,    -0x1p31f, 0x1p32f,
                                 0x1p63f, 0x1p64f, INFINITY, -INFINITY, 0x1p-149f, 8388607.5f, 0.49999997f};
  switch (number() % 6) {
    case 0: return f64_bits(wide[number() % (sizeof wide / sizeof *wide)]);
    case 1: return f32_bits(narrow[number() % (sizeof narrow / sizeof *narrow)]) | number() << 32;
    case 2: return f64_bits((double)(int64_t)number() / (double)(UINT64_C(1) << number() % 63));
    case 3: return f32_bits((float)(int64_t)number() / (float)(UINT64_C(1) << number() % 63));
    case 4: return number() >> number() % 64;
    default: return number() % 3 == 0 ? f64_bits(NAN) | number() % 2 << 63 : number();
  }
}

static void fail(uint32_t opcode, uint64_t expected, uint64_t actual) {
  char text[160];
  snprintf(text, sizeof text, "0x%x of %016" PRIx64 " and %016" PRIx64 ": %016" PRIx64 " instead of %016" PRIx64,
           (unsigned)opcode, first, second, actual, expected);
  TEST_FAIL_MESSAGE(text);
}

static void check(uint32_t opcode, uint64_t expected) {
  const uint64_t actual = rh_float_operation(opcode, first, second);
  if (actual != expected) fail(opcode, expected, actual);
}

/* Any NaN does that is quiet, "arithmetic" as the specification says. */
static void check_f64(uint32_t opcode, double expected) {
  const uint64_t actual = rh_float_operation(opcode, first, second), quiet = UINT64_C(0xfff) << 51;
  if (expected == expected) check(opcode, f64_bits(expected));
  else if ((actual & quiet) != quiet) fail(opcode, f64_bits(expected), actual);
}

static void check_f32(uint32_t opcode, float expected) {
  const uint64_t actual = rh_float_operation(opcode, first, second), quiet = 0x7fc00000;
  if (expected == expected) check(opcode, f32_bits(expected));
  else if ((actual & quiet) != quiet || actual >> 32 != 0) fail(opcode, f32_bits(expected), actual);
}

static void at_random(void (*test)(void)) {
  for (int i = 0; i < ROUNDS; i++) {
    first = operand();
    second = number() % 8 == 0 ? first : operand();
    test();
  }
}

static double least(double x, double y, int most) {
  if (x != x || y != y) return NAN;
  if (x == y) return (signbit(x) != 0) == (most == 0) ? x : y;
  return (x < y) == (most == 0) ? x : y;
}

static void arithmetic(void) {
  const double x = f64(first), y = f64(second);
  const float v = f32(first), w = f32(second);
  check_f64(0x9b, ceil(x)), check_f32(0x8d, ceilf(v));
  check_f64(0x9c, floor(x)), check_f32(0x8e, floorf(v));
  check_f64(0x9d, trunc(x)), check_f32(0x8f, truncf(v));
  check_f64(0x9e, nearbyint(x)), check_f32(0x90, nearbyintf(v));
  check_f64(0x9f, sqrt(x)), check_f32(0x91, sqrtf(v));
  check_f64(0xa0, x + y), check_f32(0x92, v + w);
  check_f64(0xa1, x - y), check_f32(0x93, v - w);
  check_f64(0xa2, x * y), check_f32(0x94, v * w);
  check_f64(0xa4, least(x, y, 0)), check_f32(0x96, (float)least(v, w, 0));
  check_f64(0xa5, least(x, y, 1)), check_f32(0x97, (float)least(v, w, 1));
  if (y != 0) check_f64(0xa3, x / y);
  if (w != 0) check_f32(0x95, v / w);
}

static void test_calculates_as_this_computer_does(void) { at_random(arithmetic); }

/* 1 / -0 and the like are undefined in C. */
static void test_divides_by_zero(void) {
  const double numerators[] = {1, -1, INFINITY, 0, NAN};
  const double quotients[] = {INFINITY, -INFINITY, INFINITY, NAN, NAN};
  for (int i = 0; i < 5; i++) {
    for (int sign = 1; sign >= -1; sign -= 2) {
      first = f64_bits(numerators[i]), second = f64_bits(sign < 0 ? -0.0 : 0.0);
      check_f64(0xa3, sign * quotients[i]);
      first = f32_bits((float)numerators[i]), second = f32_bits(sign < 0 ? -0.0f : 0.0f);
      check_f32(0x95, (float)(sign * quotients[i]));
    }
  }
}

/* Of NaN as well: these are about bits. */
static void signs(void) {
  const uint64_t sign = UINT64_C(1) << 63, lower = (uint32_t)first;
  check(0x99, first & ~sign), check(0x8b, lower & 0x7fffffff);
  check(0x9a, first ^ sign), check(0x8c, lower ^ 0x80000000);
  check(0xa6, (first & ~sign) | (second & sign)), check(0x98, (lower & 0x7fffffff) | (second & 0x80000000));
  check(0xbc, first), check(0xbd, first), check(0xbe, first), check(0xbf, first);
}

static void test_changes_signs(void) { at_random(signs); }

static void comparison(void) {
  const double x = f64(first), y = f64(second);
  const float v = f32(first), w = f32(second);
  check(0x61, x == y), check(0x5b, v == w);
  check(0x62, x != y), check(0x5c, v != w);
  check(0x63, x < y), check(0x5d, v < w);
  check(0x64, x > y), check(0x5e, v > w);
  check(0x65, x <= y), check(0x5f, v <= w);
  check(0x66, x >= y), check(0x60, v >= w);
}

static void test_compares_as_this_computer_does(void) { at_random(comparison); }

static void conversion(void) {
  check_f32(0xb2, (float)(int32_t)(uint32_t)first), check_f64(0xb7, (double)(int32_t)(uint32_t)first);
  check_f32(0xb3, (float)(uint32_t)first), check_f64(0xb8, (double)(uint32_t)first);
  check_f32(0xb4, (float)(int64_t)first), check_f64(0xb9, (double)(int64_t)first);
  check_f32(0xb5, (float)first), check_f64(0xba, (double)first);
  check_f64(0xbb, (double)f32(first));
  const double x = f64(first);
  if (x != x || isinf(x) || fabs(x) < 0x1.ffffffp127) check_f32(0xb6, (float)x);
}

static void test_converts_as_this_computer_does(void) { at_random(conversion); }

/* long double holds every value and every bound exactly, on the computers this runs on. */
static void truncation_of(uint32_t kind) {
  const int is_signed = (kind & 1) == 0, is_wide = (kind & 4) != 0;
  const long double value = (kind & 2) != 0 ? (long double)f64(first) : (long double)f32(first);
  const long double limit = ldexpl(1, (is_wide ? 64 : 32) - is_signed), lowest = is_signed ? -limit : 0;
  const uint64_t mask = is_wide ? UINT64_MAX : UINT32_MAX;
  float_trap_t trap = FLOAT_OUT_OF_RANGE;
  uint64_t expected;
  if (value != value) trap = FLOAT_NO_INTEGER, expected = 0;
  else if (truncl(value) < lowest) expected = is_signed ? mask / 2 + 1 : 0;
  else if (truncl(value) >= limit) expected = is_signed ? mask / 2 : mask;
  else trap = FLOAT_OK, expected = (value < 0 ? 0 - (uint64_t)-value : (uint64_t)value) & mask;
  const uint32_t opcode = is_wide ? 0xaa + kind : 0xa8 + kind;
  check(TRUNC_SAT + kind, expected);
  TEST_ASSERT_EQUAL_INT(FLOAT_OK, rh_float_trap(TRUNC_SAT + kind, first));
  if (rh_float_trap(opcode, first) != trap) fail(opcode, trap, rh_float_trap(opcode, first));
  if (trap == FLOAT_OK) check(opcode, expected);
}

static void truncation(void) {
  for (uint32_t kind = 0; kind < 8; kind++) truncation_of(kind);
}

static void test_truncates_or_says_why_not(void) { at_random(truncation); }

/* WebAssembly Core 2.0, 4.3.3, by hand: the ties, the zeros and the ends of ranges. */
static void test_knows_the_cases_of_the_specification(void) {
  static const struct { uint32_t opcode; uint64_t a, b, result; } cases[] = {
      {0x9e, 0x3fe0000000000000, 0, 0x0000000000000000}, /* f64.nearest 0.5 -> 0 */
      {0x9e, 0x4004000000000000, 0, 0x4000000000000000}, /* 2.5 -> 2 */
      {0x9e, 0xbff8000000000000, 0, 0xc000000000000000}, /* -1.5 -> -2 */
      {0x9b, 0xbfe0000000000000, 0, 0x8000000000000000}, /* f64.ceil -0.5 -> -0 */
      {0x9c, 0x8000000000000000, 0, 0x8000000000000000}, /* f64.floor -0 -> -0 */
      {0xa4, 0x0000000000000000, 0x8000000000000000, 0x8000000000000000}, /* f64.min 0, -0 -> -0 */
      {0xa5, 0x8000000000000000, 0x0000000000000000, 0x0000000000000000}, /* f64.max -0, 0 -> 0 */
      {0x90, 0x3f000000, 0, 0x00000000},                                  /* f32.nearest 0.5 -> 0 */
      {0xb4, 0x7fffff4000000001, 0, 0x5effffff},                          /* f32.convert_i64_s, just above a tie */
      {0xfc00, 0x7fc00000, 0, 0},                                         /* i32.trunc_sat_f32_s NaN -> 0 */
      {0xfc07, 0xfff0000000000000, 0, 0},                                 /* i64.trunc_sat_f64_u -inf -> 0 */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    first = cases[i].a, second = cases[i].b;
    check(cases[i].opcode, cases[i].result);
  }
}

int main(void) {
  UNITY_BEGIN();
  RUN_TEST(test_calculates_as_this_computer_does);
  RUN_TEST(test_divides_by_zero);
  RUN_TEST(test_changes_signs);
  RUN_TEST(test_compares_as_this_computer_does);
  RUN_TEST(test_converts_as_this_computer_does);
  RUN_TEST(test_truncates_or_says_why_not);
  RUN_TEST(test_knows_the_cases_of_the_specification);
  return UNITY_END();
}
