/*
 * Bounded CDR writer, the mirror of reader.h. Octets that do not fit are not written and set `failed`; `position`
 * goes on counting, so that a writer without memory (data NULL, capacity 0) measures what a value needs.
 */
#ifndef ROSEHIP_CDR_WRITER_H
#define ROSEHIP_CDR_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rosehip/text.h"

typedef struct {
  uint8_t* data; /* Borrowed. */
  size_t capacity_bytes;
  size_t position;
  bool big_endian;
  bool failed;
} rosehip_cdr_writer_t;

rosehip_cdr_writer_t rosehip_cdr_writer(uint8_t* data, size_t capacity_bytes, bool big_endian);

void rosehip_cdr_write_align(rosehip_cdr_writer_t* writer, size_t alignment); /* with zeros */
void rosehip_cdr_write_u8(rosehip_cdr_writer_t* writer, uint8_t value);
void rosehip_cdr_write_u16(rosehip_cdr_writer_t* writer, uint16_t value); /* aligned to 2 */
void rosehip_cdr_write_u32(rosehip_cdr_writer_t* writer, uint32_t value); /* aligned to 4 */
void rosehip_cdr_write_id(rosehip_cdr_writer_t* writer, uint16_t value);  /* octet[2], big endian, unaligned */
void rosehip_cdr_write_octets(rosehip_cdr_writer_t* writer, const uint8_t* octets, size_t length_bytes);
void rosehip_cdr_write_string(rosehip_cdr_writer_t* writer, rosehip_text_t text); /* length with NUL, octets, NUL */

#endif
