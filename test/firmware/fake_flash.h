/*
 * NOR flash in memory (rosehip/flash.h), whose power fails where a test wants it, and which knows what must not be done:
 * units are written once after an erase, but for zeros, and nothing is read or written outside.
 */
#ifndef FAKE_FLASH_H
#define FAKE_FLASH_H

#include <stdbool.h>

#include "rosehip/flash.h"

enum { FAKE_FLASH_MAX_BYTES = 65536 };

/* What is done of the operation in which power fails. */
typedef enum { TEAR_NOTHING, TEAR_ALL, TEAR_FIRST_HALF, TEAR_LAST_HALF, TEAR_RANDOM_BITS, TEAR_ONE_PIECE, FAKE_TEARS } fake_tear_t;

typedef struct {
  rosehip_flash_t flash;
  bool no_rewrite;     /* A unit that was written refuses even zeros, as with ECC. */
  unsigned operations; /* Writes and erases so far, while there was power. */
  unsigned cut_at;     /* The one in which power fails, from 1; 0: none. */
  fake_tear_t tear;
  uint32_t seed;       /* Of TEAR_RANDOM_BITS; of TEAR_ONE_PIECE which 8 octets are reached. */
  bool off;            /* Since then: every write and erase fails and does nothing. */
  unsigned violations; /* Things that no one may do to such a memory. */
  unsigned erases[FAKE_FLASH_MAX_BYTES / 128]; /* By block. */
  uint8_t memory[FAKE_FLASH_MAX_BYTES];
  bool written[FAKE_FLASH_MAX_BYTES]; /* By unit. */
} fake_flash_t;

/* All erased, with a map. */
void fake_flash_init(fake_flash_t* flash, uint32_t size_bytes, uint32_t erase_bytes, uint32_t write_bytes);

/* Power is back; the next cut, if any, counts from here. */
void fake_flash_power_on(fake_flash_t* flash, unsigned cut_at);

#endif
