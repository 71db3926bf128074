#include "sentence.h"

#include <assert.h>
#include <string.h>

const char rosehip_sentence_arena_full[ROSEHIP_SENTENCE_ARENA_FULL_BYTES + 1] =
    "the arena is full (raise --arena or ROSEHIP_ARENA_BYTES)";

bool rosehip_sentence_due(uint32_t* said, uint64_t now_us) {
  enum { US_BITS = 20, PERIOD = 60 }; /* in units of 2^20 us, about a second */
  const uint32_t now = (uint32_t)(now_us >> US_BITS) + 1;
  if (*said != 0 && now - *said < PERIOD) return false;
  *said = now;
  return true;
}

rosehip_sentence_t rosehip_sentence(char* data, size_t size_bytes) {
  assert(size_bytes > 0);
  data[0] = '\0';
  return (rosehip_sentence_t){.data = data, .size_bytes = size_bytes, .length_bytes = 0};
}

void rosehip_sentence_add_text(rosehip_sentence_t* sentence, rosehip_text_t text) {
  const size_t room = sentence->size_bytes - sentence->length_bytes - 1;
  const size_t taken = text.length_bytes < room ? text.length_bytes : room;
  if (taken == 0) return;
  memcpy(sentence->data + sentence->length_bytes, text.data, taken);
  sentence->length_bytes += taken;
  sentence->data[sentence->length_bytes] = '\0';
}

void rosehip_sentence_add(rosehip_sentence_t* sentence, const char* text) {
  size_t length_bytes = 0;
  while (text[length_bytes] != '\0') length_bytes++;
  rosehip_sentence_add_text(sentence, (rosehip_text_t){text, length_bytes});
}

void rosehip_sentence_add_number(rosehip_sentence_t* sentence, uint64_t number) {
  char digits[20];
  size_t start = sizeof digits;
  do {
    const uint64_t tenth = number / 10;
    digits[--start] = (char)('0' + (number - tenth * 10)); /* % would be a second routine of a kilobyte on a board */
    number = tenth;
  } while (number != 0);
  rosehip_sentence_add_text(sentence, (rosehip_text_t){digits + start, sizeof digits - start});
}
