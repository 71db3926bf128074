/*
 * Framing: cuts a byte stream into DDS-XRCE messages and back (DDS-XRCE 1.0, clause 11; the wire of the Micro
 * XRCE-DDS Agent v2.4.2). Pure codec: it never sees a UART or a socket, allocates nothing and keeps no globals.
 *
 *   serial    7E | source | destination | length u16 LE | message | CRC-16/ARC u16 LE over the unescaped message.
 *             After the 7E each octet that is 7E or 7D travels as 7D, octet XOR 20. There is no closing flag.
 *   stream    length u16 LE | message (TCP)
 *   datagram  message, as it is (UDP)
 *
 * Functions are not re-entrant for one rosehip_framing_t; different instances are independent.
 */
#ifndef ROSEHIP_FRAMING_H
#define ROSEHIP_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  ROSEHIP_FRAMING_SERIAL,
  ROSEHIP_FRAMING_STREAM,
  ROSEHIP_FRAMING_DATAGRAM,
} rosehip_framing_kind_t;

/* One count per frame, except noise_bytes; all wrap at 2^32. */
typedef struct {
  uint32_t frames_received;   /* Delivered to the receiver. */
  uint32_t noise_bytes;       /* Serial: octets outside any frame, the rest of a refused frame among them. */
  uint32_t frames_truncated;  /* Serial: the next 7E came before the frame was whole. */
  uint32_t frames_bad_crc;    /* Serial. */
  uint32_t frames_misaddressed; /* Serial: for another destination. */
  uint32_t frames_too_large;  /* Longer than the message buffer. */
  uint32_t frames_empty;      /* Length 0. */
} rosehip_framing_stats_t;

/*
 * Receives one message. `message` is borrowed for the duration of the call and may be overwritten afterwards.
 * Must not call rosehip_framing_receive on the same instance.
 */
typedef void (*rosehip_framing_receiver_t)(void* context, const uint8_t* message, size_t length_bytes);

typedef struct {
  rosehip_framing_kind_t kind;
  uint8_t* buffer;            /* Caller's memory, alive as long as the instance; NULL for DATAGRAM, which needs none. */
  size_t buffer_bytes;        /* Largest message taken, the link's MTU: 16 to 65,535. Ignored for DATAGRAM. */
  uint8_t local_address;      /* Serial only; clients use 1. */
  uint8_t remote_address;     /* Serial only; the agent is 0. */
  rosehip_framing_receiver_t on_message;
  void* context;              /* Passed to on_message. */
} rosehip_framing_config_t;

/* Private fields; visible so that the caller can own the memory. */
typedef struct {
  rosehip_framing_config_t config;
  rosehip_framing_stats_t stats;
  uint32_t position;          /* Octets of the current frame taken so far, its header included, unescaped. */
  uint16_t message_bytes;     /* Length that the current frame's header announced. */
  uint16_t crc;               /* Serial: over the message octets taken so far. */
  uint16_t received_crc;      /* Serial. */
  uint8_t destination;        /* Serial. */
  bool in_frame;              /* Serial: a 7E was seen and the frame is neither whole nor refused. */
  bool escaped;               /* Serial: the octet before was 7D. */
  bool skipping;              /* Stream: the current message is too large and passes by. */
} rosehip_framing_t;

/* Largest encoding of a message of `message_bytes`: 1 + 2 * (message_bytes + 6) for serial, + 2 for stream. */
size_t rosehip_framing_bound_bytes(rosehip_framing_kind_t kind, size_t message_bytes);

/*
 * Prepares *framing. Returns ROSEHIP_OK, or ROSEHIP_ERROR_INVALID_ARGUMENT if a pointer is NULL where it must not
 * be or buffer_bytes is out of range.
 */
int rosehip_framing_init(rosehip_framing_t* framing, const rosehip_framing_config_t* config);

/* Forgets a half received frame: after the transport was opened again. Counters stay. */
void rosehip_framing_reset(rosehip_framing_t* framing);

/*
 * Takes octets as they come from the wire, any number at a time (DATAGRAM: exactly one datagram), and calls
 * on_message for every whole message in them. Never fails: what is not a frame is counted and passed over.
 * After noise or a cut frame the next whole serial frame is found, even if the damaged one seemed to cover it, because
 * a raw 7E is always the start of a frame. Cost: O(length_bytes).
 */
void rosehip_framing_receive(rosehip_framing_t* framing, const uint8_t* bytes, size_t length_bytes);

/*
 * Writes the encoding of one message to `out` and returns its length in octets, or ROSEHIP_ERROR_TOO_LARGE if
 * out_bytes could be too small (less than rosehip_framing_bound_bytes) or the message is empty or over 65,535 octets.
 * `message` and `out` must not overlap. Cost: O(message_bytes).
 */
int rosehip_framing_encode(const rosehip_framing_t* framing, const uint8_t* message, size_t message_bytes, uint8_t* out,
                           size_t out_bytes);

const rosehip_framing_stats_t* rosehip_framing_stats(const rosehip_framing_t* framing);

#endif
