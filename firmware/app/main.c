/* The firmware on this computer: a board, an arena, the runtime and an app. */
#include <stdio.h>

#include "posix/board.h"

static void report(const posix_board_t* board, const rosehip_runtime_t* runtime) {
  const rosehip_runtime_stats_t* counts = rosehip_runtime_stats(runtime);
  posix_board_report_arena(board);
  printf("requests: %u, replies: %u, faulted: %u, dropped: %u, faults of the app: %u\n", (unsigned)counts->requests,
         (unsigned)counts->replies, (unsigned)counts->requests_faulted, (unsigned)counts->requests_dropped,
         (unsigned)counts->app_faults);
}

static int run(posix_board_t* board, rosehip_arena_t* arena) {
  rosehip_runtime_t* runtime = NULL;
  char reason[256];
  board->config.arena = arena;
  if (rosehip_runtime_create(&board->config, &runtime) != ROSEHIP_OK) {
    fprintf(stderr, "error: --arena %zu is too little for the firmware\n", board->arena_bytes);
    return EXIT_FAILED;
  }
  if (rosehip_runtime_load(runtime, board->module, board->module_bytes, reason, sizeof reason) != ROSEHIP_OK) {
    fprintf(stderr, "error: --app %s: %s\n", board->app_path, reason);
    rosehip_runtime_destroy(runtime);
    return EXIT_FAILED;
  }
  rosehip_runtime_run(runtime);
  if (board->verbose) report(board, runtime);
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
