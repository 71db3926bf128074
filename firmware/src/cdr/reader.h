/*
 * Bounded CDR reader (DDS-XTypes 1.3, XCDR1; alignment counts from octet 0 of the data).
 *
 * The first read that does not fit sets `failed`; it and every later read then give 0, NULL or an empty text, so
 * that a decoder reads all its fields and checks `failed` once before it uses any of them.
 */
#ifndef ROSEHIP_CDR_READER_H
#define ROSEHIP_CDR_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rosehip/text.h"

typedef struct {
  const uint8_t* data; /* Borrowed. */
  size_t length_bytes;
  size_t position;
  bool big_endian;
  bool failed;
} rosehip_cdr_reader_t;

rosehip_cdr_reader_t rosehip_cdr_reader(const uint8_t* data, size_t length_bytes, bool big_endian);

/* Passes over padding up to a multiple of `alignment` (a power of two). Padding that is cut off is not a failure. */
void rosehip_cdr_read_align(rosehip_cdr_reader_t* reader, size_t alignment);

uint8_t rosehip_cdr_read_u8(rosehip_cdr_reader_t* reader);
uint16_t rosehip_cdr_read_u16(rosehip_cdr_reader_t* reader); /* aligned to 2 */
uint32_t rosehip_cdr_read_u32(rosehip_cdr_reader_t* reader); /* aligned to 4 */
uint16_t rosehip_cdr_read_id(rosehip_cdr_reader_t* reader);  /* RequestId, ObjectId: octet[2], big endian, unaligned */
bool rosehip_cdr_read_bool(rosehip_cdr_reader_t* reader);    /* anything but 0 and 1 fails */

/* `length_bytes` octets, borrowed from the data; NULL on failure. */
const uint8_t* rosehip_cdr_read_octets(rosehip_cdr_reader_t* reader, size_t length_bytes);

/* A string, borrowed from the data, without its NUL; a length of 0 or a missing NUL fails. */
rosehip_text_t rosehip_cdr_read_string(rosehip_cdr_reader_t* reader);

size_t rosehip_cdr_reader_left(const rosehip_cdr_reader_t* reader);

#endif
