/*
 * Runs the module -DAPP_PATH, a thousand statements in a row, on an Xtensa lx106 and tells its result and how much C
 * stack the run took: "result HEX stack HEX". There are no tail calls here; see ROSEHIP_PARKS in wasm3_config.h.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "rosehip/engine.h"

enum { ARENA_BYTES = 160 * 1024, PAINT = 0xa5 };

int sim_write(int file, const void* data, int size);
extern uint8_t stack_bottom[], stack_top[];

__asm__(
    ".section .rodata.app,\"a\"\n"
    ".global app, app_end\n"
    ".balign 4\n"
    "app: .incbin \"" APP_PATH "\"\n"
    "app_end:\n"
    ".text\n");
extern const uint8_t app[], app_end[];

static uint64_t block[ARENA_BYTES / sizeof(uint64_t)];

static void put(const char* text) { sim_write(1, text, (int)strlen(text)); }

static void put_number(uint64_t number) {
  char digits[] = "0x0000000000000000";
  for (int i = 17; i > 1; i--, number >>= 4) digits[i] = "0123456789abcdef"[number & 15];
  put(digits);
}

static uint64_t now_us(void* host) {
  (void)host;
  return 0;
}

/* Octets of stack below the caller's frame that were used since they were painted. */
static uint8_t* painted_to;

static void paint(void) {
  painted_to = (uint8_t*)__builtin_frame_address(0) - 64;
  for (uint8_t* at = stack_bottom; at < painted_to; at++) *at = PAINT;
}

static uint32_t used(void) {
  const uint8_t* at = stack_bottom;
  while (at < painted_to && *at == PAINT) at++;
  return (uint32_t)(painted_to - at);
}

int main(void) {
  rosehip_arena_t arena;
  rosehip_engine_t* engine = NULL;
  char reason[100] = "";
  int64_t wake_ns = 0;
  rosehip_arena_init(&arena, block, sizeof block);
  const rosehip_engine_config_t config = {.arena = &arena, .now_us = now_us, .stack_bytes = 4096};
  if (rosehip_engine_load(&config, app, (size_t)(app_end - app), &engine, reason, sizeof reason) != ROSEHIP_OK) {
    put(reason);
    return 1;
  }
  paint();
  const int status = rosehip_engine_poll(engine, &wake_ns);
  const uint32_t stack = used();
  if (status != ROSEHIP_OK) {
    put(rosehip_engine_fault(engine));
    return 1;
  }
  put("result ");
  put_number((uint64_t)wake_ns);
  put(" stack ");
  put_number(stack);
  put("\n");
  return 0;
}

/* ---- What Debian's libgcc for this core lacks -------------------------------------------------------------------- */

uint64_t __udivdi3(uint64_t a, uint64_t b);
uint64_t __muldi3(uint64_t a, uint64_t b);
uint32_t __udivsi3(uint32_t a, uint32_t b);
uint32_t __umodsi3(uint32_t a, uint32_t b);
int32_t __divsi3(int32_t a, int32_t b);
int32_t __modsi3(int32_t a, int32_t b);
uint32_t __mulsi3(uint32_t a, uint32_t b);
void not_called(void);

uint64_t __udivdi3(uint64_t a, uint64_t b) {
  uint64_t quotient = 0, rest = 0;
  for (int i = 63; i >= 0; i--) {
    rest = rest << 1 | (a >> i & 1);
    if (rest < b) continue;
    rest -= b;
    quotient |= UINT64_C(1) << i;
  }
  return quotient;
}

uint64_t __muldi3(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  for (; b != 0; b >>= 1, a <<= 1) {
    if ((b & 1) != 0) product += a;
  }
  return product;
}

uint32_t __mulsi3(uint32_t a, uint32_t b) { return (uint32_t)__muldi3(a, b); }
uint32_t __udivsi3(uint32_t a, uint32_t b) { return (uint32_t)__udivdi3(a, b); }
uint32_t __umodsi3(uint32_t a, uint32_t b) { return a - __udivsi3(a, b) * b; }

int32_t __divsi3(int32_t a, int32_t b) {
  const uint32_t quotient = __udivsi3(a < 0 ? 0 - (uint32_t)a : (uint32_t)a, b < 0 ? 0 - (uint32_t)b : (uint32_t)b);
  return (int32_t)((a < 0) != (b < 0) ? 0 - quotient : quotient);
}

int32_t __modsi3(int32_t a, int32_t b) { return a - __divsi3(a, b) * b; }

/* Floating point: this app has none. */
void not_called(void) {
  for (;;) {
  }
}
#define ABSENT(NAME) __asm__(".global " #NAME "\n.set " #NAME ", not_called");
ABSENT(__adddf3) ABSENT(__subdf3) ABSENT(__muldf3) ABSENT(__divdf3) ABSENT(__extendsfdf2) ABSENT(__truncdfsf2)
ABSENT(__floatunsidf) ABSENT(__unorddf2) ABSENT(__eqdf2) ABSENT(__nedf2) ABSENT(__ltdf2) ABSENT(__gtdf2)
ABSENT(__ledf2) ABSENT(__gedf2) ABSENT(__floatsidf) ABSENT(__fixdfsi)
