/* Composes short texts for people into a buffer of the caller: cut at its end, always NUL-terminated. No printf. */
#ifndef ROSEHIP_SENTENCE_H
#define ROSEHIP_SENTENCE_H

#include <stddef.h>
#include <stdint.h>

#include "rosehip/text.h"

typedef struct {
  char* data; /* NUL-terminated */
  size_t size_bytes;
  size_t length_bytes; /* without the NUL */
} rosehip_sentence_t;

/* An empty sentence in `data`, which holds `size_bytes` octets, at least 1. */
rosehip_sentence_t rosehip_sentence(char* data, size_t size_bytes);

void rosehip_sentence_add(rosehip_sentence_t* sentence, const char* text);
void rosehip_sentence_add_text(rosehip_sentence_t* sentence, rosehip_text_t text);
void rosehip_sentence_add_number(rosehip_sentence_t* sentence, uint64_t number);

#endif
