/*
 * The firmware of firmware/port/posix, that tells at its end how much of its arena it needed: "arena PEAK USED",
 * in octets. The rest is the same, so it stands for it in measurements.
 */
#include <stdio.h>

#include "posix/board.h"

static int run(posix_board_t* board, rosehip_arena_t* arena) {
  rosehip_runtime_t* runtime = NULL;
  rosehip_arena_stats_t stats;
  char reason[256];
  board->config.arena = arena;
  if (rosehip_runtime_create(&board->config, &runtime) != ROSEHIP_OK ||
      rosehip_runtime_load(runtime, board->module, board->module_bytes, reason, sizeof reason) != ROSEHIP_OK) {
    fputs("error: the board does not start\n", stderr);
    return EXIT_FAILED;
  }
  rosehip_runtime_run(runtime);
  rosehip_arena_stats(arena, &stats);
  printf("arena %zu %zu\n", stats.peak, stats.used);
  rosehip_runtime_destroy(runtime);
  return EXIT_OK;
}

int main(int argc, char** argv) {
  posix_board_t board;
  rosehip_arena_t arena;
  int exit_code = EXIT_OK;
  if (posix_board_open(&board, argc, argv, &exit_code)) {
    rosehip_arena_init(&arena, board.arena_block, board.arena_bytes);
    exit_code = run(&board, &arena);
  }
  posix_board_close(&board);
  return exit_code;
}
