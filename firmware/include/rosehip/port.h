/*
 * What a board gives to the firmware: a clock, a link to the agent, a console and a way to sleep. This is all that
 * touches hardware or an operating system; port/posix and port/template show it.
 *
 * All functions are called from one loop (rosehip_runtime_run) and get `context`. None may block, except sleep and
 * storage.
 */
#ifndef ROSEHIP_PORT_H
#define ROSEHIP_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rosehip/flash.h"
#include "rosehip/framing.h"
#include "rosehip/hardware.h"
#include "rosehip/ros2.h"

enum { ROSEHIP_STORAGE_NAME_BYTES = 16, ROSEHIP_STORAGE_RECORD_BYTES = 1 + 64 + 4096 };

typedef struct {
  void* context;
  rosehip_framing_kind_t link_kind; /* SERIAL: UART, USB; STREAM: TCP; DATAGRAM: UDP. */
  uint16_t mtu_bytes;               /* Largest DDS-XRCE message on this link, 72 to 65,535; 512 suits a UART. */

  /* Microseconds since the device started. Never goes backward. */
  uint64_t (*now_us)(void* context);

  /*
   * Takes up to size_bytes received octets (DATAGRAM: one datagram) and returns how many; 0 if there are none now;
   * ROSEHIP_ERROR_DISCONNECTED once after the link was opened again, for example a TCP connection or a USB plug:
   * what was in flight is lost, and a new session begins at once. A lost link is opened again by the port itself.
   */
  int (*read)(void* context, uint8_t* buffer, size_t size_bytes);

  /*
   * Hands octets to the link and returns how many it took, 0 if it can take none now. DATAGRAM: one datagram, all or
   * nothing. While the link is down it takes everything and drops it, as a wire without anyone at its end.
   */
  int (*write)(void* context, const uint8_t* bytes, size_t length_bytes);

  /* Shows one log line to whoever sits at the board. May be NULL. */
  void (*console)(void* context, const rosehip_log_line_t* line);

  /*
   * Waits until there is something to read, or now_us() is `until_us`, or hardware->gpio_edge has something to tell,
   * or, if `writable`, the link takes octets again. May return early. Returns false when the firmware is to stop; a
   * board returns true.
   */
  bool (*sleep)(void* context, uint64_t until_us, bool writable);

  /*
   * A small store that outlives a restart of the board, for example NVS or a file system; both NULL without one. They
   * may take as long as the memory needs. `name` is 15 hexadecimal digits and a NUL; a record has 1 to
   * ROSEHIP_STORAGE_RECORD_BYTES octets.
   */

  /* Copies the first size_bytes octets of a record and returns the length of the whole, or ROSEHIP_ERROR_NOT_FOUND or
     ROSEHIP_ERROR_STORAGE. */
  int (*storage_read)(void* context, const char* name, uint8_t* record, size_t size_bytes);

  /* Puts a record in place of the one of that name, or removes that with a length of 0. When power fails meanwhile the
     old one or the new one is there, whole. ROSEHIP_OK or ROSEHIP_ERROR_STORAGE. */
  int (*storage_write)(void* context, const char* name, const uint8_t* record, size_t length_bytes);

  /* Flash for apps that come over the link (rosehip/flash.h), borrowed as long as the firmware runs; NULL: none. */
  const rosehip_flash_t* app_flash;

  /*
   * Fills octets with random numbers that differ between boards and between boots: of a generator in hardware, or of
   * one that is seeded by something that differs. The app makes ids of them. NULL: the app gets none.
   */
  void (*random)(void* context, uint8_t* octets, size_t length_bytes);

  /* Pins and buses for the app (rosehip/hardware.h), borrowed as long as the firmware runs; NULL: none. */
  const rosehip_hardware_t* hardware;
} rosehip_port_t;

#endif
