/*
 * A link of the ESP32 port, as the loop sees it. A board has one, so what it keeps is static in its source file.
 *
 * The loop blocks in `wait` alone, and whatever ends its sleep does so by what `wait` waits for: received octets by the
 * link's own interrupt or task, everything else by `wake`.
 */
#ifndef ROSEHIP_ESP32_LINK_H
#define ROSEHIP_ESP32_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "freertos/FreeRTOS.h"
#include "rosehip/esp32.h"
#include "rosehip/framing.h"

enum {
  LINK_SERIAL_MTU_BYTES = 512,
  LINK_SOCKET_MTU_BYTES = 1400, /* fits an Ethernet frame with all headers */
};

#define LINK_NEVER_US UINT64_MAX

typedef struct esp32_link {
  rosehip_framing_kind_t kind;
  uint16_t mtu_bytes;
  bool is_console; /* What is printed would go to the agent. */
  uint64_t reserved_pins; /* Bits of the pins that are the link's own. */

  /* read and write of rosehip_port_t; now_us is the port's time. */
  int (*read)(uint8_t* buffer, size_t size_bytes, uint64_t now_us);
  int (*write)(const uint8_t* bytes, size_t length_bytes, uint64_t now_us);

  /* When the link wants read or write to be called although nothing arrives; `writable`: octets wait. */
  uint64_t (*due_us)(uint64_t now_us, bool writable);

  /* Blocks until something arrives, octets are taken if `writable`, `wake` was called since, or `ticks` are over. */
  void (*wait)(TickType_t ticks, bool writable);

  /* Ends wait. From a task; from an interrupt, where *woken is set if a task of higher priority is to run. */
  void (*wake)(void);
  void (*wake_from_isr)(BaseType_t* woken);
} esp32_link_t;

#endif
