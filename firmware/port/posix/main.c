/* The firmware on this computer. */
#include <stdio.h>

#include "board.h"
#include "rosehip/board.h"

static void show_counts(void* context, const rosehip_runtime_t* runtime) {
  const posix_board_t* board = context;
  const rosehip_runtime_stats_t* counts = rosehip_runtime_stats(runtime);
  if (!board->verbose) return;
  posix_board_report_arena(board);
  printf("requests: %u, replies: %u, faulted: %u, dropped: %u, faults of the app: %u\n", (unsigned)counts->requests,
         (unsigned)counts->replies, (unsigned)counts->requests_faulted, (unsigned)counts->requests_dropped,
         (unsigned)counts->app_faults);
}

static int run(posix_board_t* board) {
  char reason[256];
  rosehip_arena_t arena;
  rosehip_arena_init(&arena, board->arena_block, board->arena_bytes);
  board->config.arena = &arena;
  const rosehip_board_t whole = {
      .config = board->config, .app = board->module, .app_bytes = board->module_bytes, .ended = show_counts};
  const int status = rosehip_board_run(&whole, reason, sizeof reason);
  if (status == ROSEHIP_OK) return EXIT_OK;
  const char* app = board->app_path == NULL ? "(not given)" : board->app_path;
  if (status == ROSEHIP_ERROR_MALFORMED) fprintf(stderr, "error: --app %s: %s\n", app, reason);
  else fprintf(stderr, "error: --app %s, --arena %zu: %s\n", app, board->arena_bytes, reason);
  return EXIT_FAILED;
}

int main(int argc, char** argv) {
  posix_board_t board;
  int exit_code = EXIT_OK;
  if (posix_board_open(&board, argc, argv, &exit_code)) exit_code = run(&board);
  posix_board_close(&board);
  return exit_code;
}
