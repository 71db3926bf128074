/* DDS-XRCE 1.0, 8.3: message header, submessage header and the numbers in them. */
#ifndef ROSEHIP_XRCE_MESSAGE_H
#define ROSEHIP_XRCE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../cdr/reader.h"
#include "../cdr/writer.h"

/* 8.3.5, Table "SubmessageKind". */
typedef enum {
  SUBMESSAGE_CREATE_CLIENT = 0x00,
  SUBMESSAGE_CREATE = 0x01,
  SUBMESSAGE_GET_INFO = 0x02,
  SUBMESSAGE_DELETE = 0x03,
  SUBMESSAGE_STATUS_AGENT = 0x04,
  SUBMESSAGE_STATUS = 0x05,
  SUBMESSAGE_INFO = 0x06,
  SUBMESSAGE_WRITE_DATA = 0x07,
  SUBMESSAGE_READ_DATA = 0x08,
  SUBMESSAGE_DATA = 0x09,
  SUBMESSAGE_ACKNACK = 0x0a,
  SUBMESSAGE_HEARTBEAT = 0x0b,
  SUBMESSAGE_RESET = 0x0c,
  SUBMESSAGE_FRAGMENT = 0x0d,
  SUBMESSAGE_TIMESTAMP = 0x0e,
  SUBMESSAGE_TIMESTAMP_REPLY = 0x0f,
} submessage_kind_t;

enum {
  FLAG_LITTLE_ENDIAN = 0x01,
  FLAG_LAST_FRAGMENT = 0x02, /* FRAGMENT */
  FLAG_REPLACE = 0x04,       /* CREATE */

  MESSAGE_HEADER_BYTES = 4, /* Without client key: our session id is at least 0x80. */
  MESSAGE_KEY_BYTES = 4,
  SUBMESSAGE_HEADER_BYTES = 4,
  MTU_MIN_BYTES = 72, /* Our CREATE_CLIENT. */
  SUBMESSAGE_ALIGNMENT = 4,

  /* 8.3.2: ids from 0x80 on have no client key in the header. */
  SESSION_ID = 0x81,
  SESSION_NONE = 0x80,
  SESSION_NONE_WITH_KEY = 0x00,

  STREAM_NONE = 0x00,
  STREAM_BEST_EFFORT = 0x01,
  STREAM_RELIABLE = 0x80,

  STATUS_OK = 0x00,
  STATUS_OK_MATCHED = 0x01,
  STATUS_MISMATCH = 0x81,
  IMPLEMENTATION_STATUS_TOLD = 1, /* Rosehip's own: the agent has told the owner what the status is about. */

  OBJECT_AGENT = 0xfffd,
  OBJECT_CLIENT = 0xfffe,
};

typedef struct {
  uint8_t session_id;
  uint8_t stream_id;
  uint16_t sequence_number; /* Always little-endian on the wire. */
} message_header_t;

typedef struct {
  submessage_kind_t kind;
  uint8_t flags;
  const uint8_t* payload; /* Borrowed from the message. */
  size_t length_bytes;
  size_t cut_bytes; /* Of a sample that is too large: what came behind the payload and is not here. */
} submessage_t;

/* Reads the header and passes over the client key if there is one. False if it is cut off. */
bool rh_message_read_header(rosehip_cdr_reader_t* reader, message_header_t* header);

/*
 * Reads the next submessage. False at the end of the message, or if what is left does not decode: then
 * reader->failed is set. Up to 3 octets of padding at the end are no failure.
 */
bool rh_message_read_submessage(rosehip_cdr_reader_t* reader, submessage_t* submessage);

void rh_message_write_header(rosehip_cdr_writer_t* writer, uint8_t session_id, uint8_t stream_id,
                             uint16_t sequence_number);

/* Aligns and writes a submessage header for a payload of `length_bytes` that follows. */
void rh_message_write_submessage(rosehip_cdr_writer_t* writer, submessage_kind_t kind, uint8_t flags,
                                 size_t length_bytes);

/* a - b on the circle of 16-bit sequence numbers (8.3.2.3, RFC 1982). */
int16_t rh_sequence_difference(uint16_t a, uint16_t b);

#endif
