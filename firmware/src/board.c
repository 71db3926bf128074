#include "rosehip/board.h"

#include "sentence.h"

static int fail(int status, const char* why, char* reason, size_t reason_bytes) {
  rosehip_sentence_t sentence = rosehip_sentence(reason, reason_bytes);
  rosehip_sentence_add(&sentence, why);
  return status;
}

int rosehip_board_run(const rosehip_board_t* board, char* reason, size_t reason_bytes) {
  rosehip_runtime_t* runtime = NULL;
  int status = rosehip_runtime_create(&board->config, &runtime);
  if (status == ROSEHIP_ERROR_OUT_OF_MEMORY) {
    return fail(status, "the arena is too little for the firmware", reason, reason_bytes);
  }
  if (status != ROSEHIP_OK) return fail(status, "the firmware's configuration is not valid", reason, reason_bytes);
  status = rosehip_runtime_load(runtime, board->app, board->app_bytes, reason, reason_bytes);
  if (status == ROSEHIP_OK) {
    rosehip_runtime_run(runtime);
    if (board->ended != NULL) board->ended(board->config.port->context, runtime);
  }
  rosehip_runtime_destroy(runtime);
  return status;
}
