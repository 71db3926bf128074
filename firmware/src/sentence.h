/* Composes short texts for people into a buffer of the caller: cut at its end, always NUL-terminated. No printf.
   Those about what may go on are said once in a minute: nothing is silent, and nothing floods the log. */
#ifndef ROSEHIP_SENTENCE_H
#define ROSEHIP_SENTENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rosehip/text.h"

typedef struct {
  char* data; /* NUL-terminated */
  size_t size_bytes;
  size_t length_bytes; /* without the NUL */
} rosehip_sentence_t;

/* Why something was dropped or waits for memory, and what to do about it. */
#define ROSEHIP_SENTENCE_ARENA_FULL_BYTES 56
extern const char rosehip_sentence_arena_full[ROSEHIP_SENTENCE_ARENA_FULL_BYTES + 1];

/* True if it is time to say it. `said`: when it was last said, 0 for never; brought up to date. */
bool rosehip_sentence_due(uint32_t* said, uint64_t now_us);

/* An empty sentence in `data`, which holds `size_bytes` octets, at least 1. */
rosehip_sentence_t rosehip_sentence(char* data, size_t size_bytes);

void rosehip_sentence_add(rosehip_sentence_t* sentence, const char* text);
void rosehip_sentence_add_text(rosehip_sentence_t* sentence, rosehip_text_t text);
void rosehip_sentence_add_number(rosehip_sentence_t* sentence, uint64_t number);

#endif
