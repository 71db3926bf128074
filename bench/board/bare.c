/*
 * The whole firmware on bare metal with the least board there can be, for its size: one UART at an address, one timer.
 * It is linked and weighed, never run.
 */
#include <stddef.h>
#include <stdint.h>

#include "rosehip/runtime.h"

enum { ARENA_BYTES = 8 }; /* counted apart: what an app needs of it is measured on a running board */

#define UART_STATUS (*(volatile uint32_t*)0x10000004u)
#define UART_DATA (*(volatile uint32_t*)0x10000000u)
#define TIMER_US (*(volatile uint64_t*)0x0200bff8u)

/* The app, as the linker puts it into flash. */
__asm__(
    ".section .rodata.app,\"a\"\n"
    ".global app_wasm, app_wasm_end\n"
    ".balign 4\n"
    "app_wasm: .incbin \"" APP_PATH "\"\n"
    "app_wasm_end:\n"
    ".previous\n");
extern const uint8_t app_wasm[], app_wasm_end[];

static uint64_t now_us(void* context) {
  (void)context;
  return TIMER_US;
}

static int read_uart(void* context, uint8_t* buffer, size_t size_bytes) {
  (void)context;
  if (size_bytes == 0 || (UART_STATUS & 1u) == 0) return 0;
  buffer[0] = (uint8_t)UART_DATA;
  return 1;
}

static int write_uart(void* context, const uint8_t* bytes, size_t length_bytes) {
  (void)context;
  if (length_bytes == 0 || (UART_STATUS & 2u) == 0) return 0;
  UART_DATA = bytes[0];
  return 1;
}

static bool sleep_until(void* context, uint64_t until_us, bool writable) {
  (void)writable;
  return now_us(context) < until_us || until_us != 0;
}

int main(void) {
  static uint64_t block[ARENA_BYTES / sizeof(uint64_t)];
  static rosehip_arena_t arena;
  static const rosehip_port_t port = {
      .link_kind = ROSEHIP_FRAMING_SERIAL,
      .mtu_bytes = 512,
      .now_us = now_us,
      .read = read_uart,
      .write = write_uart,
      .sleep = sleep_until,
  };
  const rosehip_runtime_config_t config = {.arena = &arena, .port = &port, .client_key = {1, 2, 3, 4}};
  rosehip_runtime_t* runtime = NULL;
  char reason[64];
  rosehip_arena_init(&arena, block, sizeof block);
  if (rosehip_runtime_create(&config, &runtime) != ROSEHIP_OK) return 1;
  if (rosehip_runtime_load(runtime, app_wasm, (size_t)(app_wasm_end - app_wasm), reason, sizeof reason) != ROSEHIP_OK) {
    return 1;
  }
  rosehip_runtime_run(runtime);
  return 0;
}
