#include "writer.h"

rosehip_cdr_writer_t rosehip_cdr_writer(uint8_t* data, size_t capacity_bytes, bool big_endian) {
  return (rosehip_cdr_writer_t){.data = data, .capacity_bytes = capacity_bytes, .big_endian = big_endian};
}

void rosehip_cdr_write_u8(rosehip_cdr_writer_t* writer, uint8_t value) {
  if (writer->position < writer->capacity_bytes) {
    writer->data[writer->position] = value;
  } else {
    writer->failed = true;
  }
  writer->position++;
}

void rosehip_cdr_write_octets(rosehip_cdr_writer_t* writer, const uint8_t* octets, size_t length_bytes) {
  for (size_t i = 0; i < length_bytes; i++) rosehip_cdr_write_u8(writer, octets[i]);
}

void rosehip_cdr_write_align(rosehip_cdr_writer_t* writer, size_t alignment) {
  while ((writer->position & (alignment - 1)) != 0) rosehip_cdr_write_u8(writer, 0);
}

void rosehip_cdr_write_id(rosehip_cdr_writer_t* writer, uint16_t value) {
  rosehip_cdr_write_u8(writer, (uint8_t)(value >> 8));
  rosehip_cdr_write_u8(writer, (uint8_t)value);
}

void rosehip_cdr_write_u16(rosehip_cdr_writer_t* writer, uint16_t value) {
  rosehip_cdr_write_align(writer, 2);
  if (writer->big_endian) value = (uint16_t)(value << 8 | value >> 8);
  rosehip_cdr_write_u8(writer, (uint8_t)value);
  rosehip_cdr_write_u8(writer, (uint8_t)(value >> 8));
}

void rosehip_cdr_write_u32(rosehip_cdr_writer_t* writer, uint32_t value) {
  rosehip_cdr_write_align(writer, 4);
  for (int i = 0; i < 4; i++) {
    rosehip_cdr_write_u8(writer, (uint8_t)(value >> 8 * (writer->big_endian ? 3 - i : i)));
  }
}

void rosehip_cdr_write_string(rosehip_cdr_writer_t* writer, rosehip_text_t text) {
  rosehip_cdr_write_u32(writer, (uint32_t)text.length_bytes + 1);
  rosehip_cdr_write_octets(writer, (const uint8_t*)text.data, text.length_bytes);
  rosehip_cdr_write_u8(writer, 0);
}
