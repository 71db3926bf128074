#include "message.h"

bool rh_message_read_header(rosehip_cdr_reader_t* reader, message_header_t* header) {
  header->session_id = rosehip_cdr_read_u8(reader);
  header->stream_id = rosehip_cdr_read_u8(reader);
  header->sequence_number = rosehip_cdr_read_u16(reader);
  if (header->session_id < SESSION_NONE) rosehip_cdr_read_octets(reader, MESSAGE_KEY_BYTES);
  return !reader->failed;
}

bool rh_message_read_submessage(rosehip_cdr_reader_t* reader, submessage_t* submessage) {
  rosehip_cdr_read_align(reader, SUBMESSAGE_ALIGNMENT);
  if (rosehip_cdr_reader_left(reader) == 0) return false;
  submessage->kind = (submessage_kind_t)rosehip_cdr_read_u8(reader);
  submessage->flags = rosehip_cdr_read_u8(reader);
  submessage->length_bytes = rosehip_cdr_read_u16(reader); /* Little-endian whatever the flags say (8.3.4.4). */
  /* A sample over 65,535 octets, put together from fragments, does not fit the field: 0 means all there is. */
  const size_t left = rosehip_cdr_reader_left(reader);
  if (submessage->length_bytes == 0 && left > UINT16_MAX) submessage->length_bytes = left;
  submessage->payload = rosehip_cdr_read_octets(reader, submessage->length_bytes);
  submessage->cut_bytes = 0;
  return !reader->failed;
}

void rh_message_write_header(rosehip_cdr_writer_t* writer, uint8_t session_id, uint8_t stream_id,
                             uint16_t sequence_number) {
  rosehip_cdr_write_u8(writer, session_id);
  rosehip_cdr_write_u8(writer, stream_id);
  rosehip_cdr_write_u16(writer, sequence_number);
}

void rh_message_write_submessage(rosehip_cdr_writer_t* writer, submessage_kind_t kind, uint8_t flags,
                                 size_t length_bytes) {
  rosehip_cdr_write_align(writer, SUBMESSAGE_ALIGNMENT);
  rosehip_cdr_write_u8(writer, (uint8_t)kind);
  rosehip_cdr_write_u8(writer, (uint8_t)(flags | FLAG_LITTLE_ENDIAN));
  rosehip_cdr_write_u16(writer, length_bytes > UINT16_MAX ? 0 : (uint16_t)length_bytes);
}

int16_t rh_sequence_difference(uint16_t a, uint16_t b) { return (int16_t)(uint16_t)(a - b); }
