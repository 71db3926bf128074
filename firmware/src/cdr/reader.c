#include "reader.h"

rosehip_cdr_reader_t rosehip_cdr_reader(const uint8_t* data, size_t length_bytes, bool big_endian) {
  return (rosehip_cdr_reader_t){.data = data, .length_bytes = length_bytes, .big_endian = big_endian};
}

size_t rosehip_cdr_reader_left(const rosehip_cdr_reader_t* reader) {
  return reader->failed ? 0 : reader->length_bytes - reader->position;
}

void rosehip_cdr_read_align(rosehip_cdr_reader_t* reader, size_t alignment) {
  const size_t padding = (0 - reader->position) & (alignment - 1);
  const size_t left = reader->length_bytes - reader->position;
  reader->position += padding < left ? padding : left;
}

const uint8_t* rosehip_cdr_read_octets(rosehip_cdr_reader_t* reader, size_t length_bytes) {
  if (reader->failed || length_bytes > reader->length_bytes - reader->position) {
    reader->failed = true;
    return NULL;
  }
  const uint8_t* octets = reader->data + reader->position;
  reader->position += length_bytes;
  return octets;
}

uint8_t rosehip_cdr_read_u8(rosehip_cdr_reader_t* reader) {
  const uint8_t* octets = rosehip_cdr_read_octets(reader, 1);
  return octets == NULL ? 0 : octets[0];
}

bool rosehip_cdr_read_bool(rosehip_cdr_reader_t* reader) {
  const uint8_t octet = rosehip_cdr_read_u8(reader);
  if (octet > 1) reader->failed = true;
  return octet == 1;
}

uint16_t rosehip_cdr_read_id(rosehip_cdr_reader_t* reader) {
  const uint8_t* octets = rosehip_cdr_read_octets(reader, 2);
  return octets == NULL ? 0 : (uint16_t)(octets[0] << 8 | octets[1]);
}

uint16_t rosehip_cdr_read_u16(rosehip_cdr_reader_t* reader) {
  rosehip_cdr_read_align(reader, 2);
  const uint8_t* octets = rosehip_cdr_read_octets(reader, 2);
  if (octets == NULL) return 0;
  return reader->big_endian ? (uint16_t)(octets[0] << 8 | octets[1]) : (uint16_t)(octets[1] << 8 | octets[0]);
}

uint32_t rosehip_cdr_read_u32(rosehip_cdr_reader_t* reader) {
  rosehip_cdr_read_align(reader, 4);
  const uint8_t* octets = rosehip_cdr_read_octets(reader, 4);
  if (octets == NULL) return 0;
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) value = value << 8 | octets[reader->big_endian ? i : 3 - i];
  return value;
}

rosehip_text_t rosehip_cdr_read_string(rosehip_cdr_reader_t* reader) {
  const uint32_t length = rosehip_cdr_read_u32(reader);
  const uint8_t* octets = rosehip_cdr_read_octets(reader, length);
  if (octets == NULL || length == 0 || octets[length - 1] != 0) {
    reader->failed = true;
    return (rosehip_text_t){"", 0};
  }
  return (rosehip_text_t){(const char*)octets, length - 1};
}
