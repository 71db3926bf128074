/* This computer as a board: what the command line says, and the port on it. */
#ifndef ROSEHIP_POSIX_BOARD_H
#define ROSEHIP_POSIX_BOARD_H

#include "flash.h"
#include "link.h"
#include "rosehip/runtime.h"

/* The process ends with these. */
enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

typedef struct {
  rosehip_port_t port;
  rosehip_runtime_config_t config; /* complete but for the arena */
  size_t arena_bytes;
  void* arena_block;
  const char* app_path;       /* NULL: none, an app comes over the link */
  const char* storage_folder; /* NULL: none */
  const char* flash_path;     /* NULL: none */
  uint32_t flash_bytes;
  posix_flash_t flash;
  uint8_t* module;
  size_t module_bytes;
  posix_link_t link;
  bool verbose;
  bool has_pins; /* simulated ones */
  int pins_fd;   /* where what is outside of them comes from; -1: nothing */
} posix_board_t;

/*
 * Makes a board of the command line. Returns false if the process is to end now, with *exit_code; what there was to
 * say has been said.
 */
bool posix_board_open(posix_board_t* board, int argc, char** argv, int* exit_code);

/* Writes how much of the arena is used to standard output; SIGUSR1 does so while the board runs. */
void posix_board_report_arena(const posix_board_t* board);

void posix_board_close(posix_board_t* board);

/* board.c's parts of it: options.c reads the command line and opens the link. */
bool posix_options(posix_board_t* board, int argc, char** argv, int* exit_code);

#endif
