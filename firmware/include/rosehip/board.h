/*
 * What a board's main does after it has brought up its hardware, the same on every board: make the runtime out of the
 * arena, give it the app, run.
 *
 *     int main(void) {
 *       start_clock_and_uart();
 *       rosehip_arena_init(&arena, memory, sizeof memory);
 *       const int status = rosehip_board_run(&board, reason, sizeof reason);
 *       say_on_the_console(status, reason);
 *       reset();
 *     }
 */
#ifndef ROSEHIP_BOARD_H
#define ROSEHIP_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "rosehip/runtime.h"

typedef struct {
  rosehip_runtime_config_t config; /* Complete: arena, port and client_key are set. */
  const uint8_t* app;              /* The module linked into the firmware or put into memory before it started; the
                                      last resort of a board that keeps apps in flash, which may do without: NULL. */
  size_t app_bytes;
  /* Shows what it wants of the runtime before that is destroyed; gets the port's context. May be NULL. */
  void (*ended)(void* context, const rosehip_runtime_t* runtime);
} rosehip_board_t;

/*
 * Runs the board until the port's `sleep` returns false: ROSEHIP_OK. Otherwise the firmware could not begin, and a
 * sentence that says why is in `reason` (cut to reason_bytes with its NUL): ROSEHIP_ERROR_OUT_OF_MEMORY: the arena is
 * too little; ROSEHIP_ERROR_MALFORMED: the app is no app for this firmware; ROSEHIP_ERROR_INVALID_ARGUMENT: the
 * configuration. *board is borrowed until it returns; the arena is then as it was.
 */
int rosehip_board_run(const rosehip_board_t* board, char* reason, size_t reason_bytes);

/*
 * Texts for a board's console, for boards without printf. Each is cut to size_bytes with its NUL and has no line end;
 * its length in octets is returned.
 */

/* "[WARN] [talker]: the message" */
size_t rosehip_board_log_text(const rosehip_log_line_t* line, char* text, size_t size_bytes);

/* "arena: 20480 of 65536 octets used, 24576 at most" */
size_t rosehip_board_arena_text(const rosehip_arena_t* arena, char* text, size_t size_bytes);

#endif
