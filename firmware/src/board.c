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
  status = rosehip_runtime_start(runtime, board->app, board->app_bytes, reason, reason_bytes);
  if (status == ROSEHIP_OK) {
    rosehip_runtime_run(runtime);
    if (board->ended != NULL) board->ended(board->config.port->context, runtime);
  }
  rosehip_runtime_destroy(runtime);
  return status;
}

static const char* severity_name(rosehip_severity_t severity) {
  if (severity >= ROSEHIP_LOG_FATAL) return "FATAL";
  if (severity >= ROSEHIP_LOG_ERROR) return "ERROR";
  if (severity >= ROSEHIP_LOG_WARN) return "WARN";
  return severity >= ROSEHIP_LOG_INFO ? "INFO" : "DEBUG";
}

size_t rosehip_board_log_text(const rosehip_log_line_t* line, char* text, size_t size_bytes) {
  rosehip_sentence_t sentence = rosehip_sentence(text, size_bytes);
  rosehip_sentence_add(&sentence, "[");
  rosehip_sentence_add(&sentence, severity_name(line->severity));
  rosehip_sentence_add(&sentence, "] [");
  rosehip_sentence_add_text(&sentence, line->logger);
  rosehip_sentence_add(&sentence, "]: ");
  rosehip_sentence_add_text(&sentence, line->message);
  return sentence.length_bytes;
}

size_t rosehip_board_arena_text(const rosehip_arena_t* arena, char* text, size_t size_bytes) {
  rosehip_arena_stats_t use;
  rosehip_arena_stats(arena, &use);
  rosehip_sentence_t sentence = rosehip_sentence(text, size_bytes);
  rosehip_sentence_add(&sentence, "arena: ");
  rosehip_sentence_add_number(&sentence, use.used);
  rosehip_sentence_add(&sentence, " of ");
  rosehip_sentence_add_number(&sentence, use.size);
  rosehip_sentence_add(&sentence, " octets used, ");
  rosehip_sentence_add_number(&sentence, use.peak);
  rosehip_sentence_add(&sentence, " at most");
  return sentence.length_bytes;
}
