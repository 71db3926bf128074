/*
 * Input streams (DDS-XRCE 1.0, 8.4.10-8.4.12).
 *
 * Reliable: messages are handled in sequence. `expected` is the next one to handle. It is handled straight from the
 * caller's buffer; only messages that came early, or that a callback was too busy for, are copied into the arena
 * (`stored`, ascending). Not acknowledging is the back-pressure: the agent keeps at most 16 messages on their way.
 *
 * A sample in FRAGMENTs is put together in `assembly`. Of one that is over the limit, or for which there is no memory for
 * long, only the head is kept: when its last fragment has come, its object is told of it and of its length.
 *
 *   blocked    a callback said BUSY at submessage `resume_position` of message `expected`; every poll tries again
 */
#ifndef ROSEHIP_XRCE_INPUT_STREAM_H
#define ROSEHIP_XRCE_INPUT_STREAM_H

#include "message.h"
#include "rosehip/xrce_session.h"

enum {
  INPUT_WINDOW = 16, /* The bitmap of an ACKNACK has 16 bits. */
};

typedef struct stored_message stored_message_t;

/* A sample that comes in FRAGMENTs: the submessage they make up, header included. */
typedef struct {
  uint8_t* data; /* In the arena; NULL between samples. */
  size_t length_bytes; /* That came, also what was not kept. */
  size_t capacity_bytes;
  bool too_large;  /* What is beyond the capacity, that of a head, passes by. */
  bool no_memory;  /* With too_large: not for its length. */
  bool discarding; /* Malformed or no memory: passes by until its last fragment. */
} assembly_t;

typedef struct {
  stored_message_t* stored;
  uint16_t expected;
  uint16_t last_announced; /* Highest sequence number that the agent is known to have sent. */
  uint16_t best_effort_expected;
  size_t resume_position;
  bool blocked;
  bool acknowledge; /* An ACKNACK is due. */
  uint32_t starved; /* For rosehip_arena_may_wait, of the reliable sample whose turn it is: less than agents wait for us. */
  assembly_t assembly;
} input_stream_t;

/* `message` whole, `reader` behind its header. */
void rh_input_stream_receive(rosehip_xrce_session_t* session, const message_header_t* header, const uint8_t* message,
                             size_t length_bytes, uint64_t now_us);

/* Tries a blocked message again, then those stored behind it. */
void rh_input_stream_resume(rosehip_xrce_session_t* session, uint64_t now_us);

/* ROSEHIP_OK; a HEARTBEAT beyond `expected` makes us skip what the agent has no more. */
void rh_input_stream_on_heartbeat(rosehip_xrce_session_t* session, const submessage_t* submessage, uint64_t now_us);

/*
 * Takes one FRAGMENT of the reliable stream. ROSEHIP_OK or ROSEHIP_ERROR_BUSY: nothing was taken, offer it again;
 * ROSEHIP_ERROR_OUT_OF_MEMORY: nothing was taken, let the agent send it again.
 */
int rh_input_stream_on_fragment(rosehip_xrce_session_t* session, const submessage_t* submessage, uint64_t now_us);

void rh_input_stream_write_acknack(rosehip_xrce_session_t* session, rosehip_cdr_writer_t* writer);

/* Gives the memory of messages that came early back, for the one whose turn it is: the agent has them, too, and sends
   them again. False if there are none. */
bool rh_input_stream_drop_early(rosehip_xrce_session_t* session);

/* New connection: sequence numbers start at 0, everything kept goes. */
void rh_input_stream_reset(rosehip_xrce_session_t* session);

#endif
