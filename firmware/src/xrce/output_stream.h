/*
 * Output streams (DDS-XRCE 1.0, 8.4.7-8.4.9): one reliable and one best-effort queue of messages that wait to leave.
 *
 * A message in the reliable queue is, from head to tail:
 *   sent, not acknowledged    at most `window` of them; sent again when the agent misses them
 *   not sent                  gets its sequence number when it is first sent; the last of them may still grow
 * and leaves the queue when it is acknowledged. `held` has samples of a connection that was lost, until the objects
 * they are for exist again. A message of the best-effort queue leaves it when it is sent.
 */
#ifndef ROSEHIP_XRCE_OUTPUT_STREAM_H
#define ROSEHIP_XRCE_OUTPUT_STREAM_H

#include "message.h"
#include "rosehip/xrce_session.h"

enum {
  OUTPUT_WINDOW_MAX = 16, /* The bitmap of an ACKNACK has 16 bits. */
  HEARTBEAT_PERIOD_US = 100 * 1000,
  RESEND_HOLDOFF_US = 20 * 1000, /* Several ACKNACKs about one gap ask for one resend. */
  STALL_TIMEOUT_US = 10 * 1000 * 1000, /* Longer than an agent may hold back for a slow DDS reader. */
};

typedef struct output_message output_message_t;

typedef struct {
  output_message_t* head;
  output_message_t* tail;
} output_queue_t;

typedef struct {
  output_queue_t reliable;
  output_queue_t held;
  output_queue_t best_effort;
  size_t sample_bytes; /* Samples in all three queues, each message with MESSAGE_COST_BYTES. */
  uint16_t next_sequence_number;
  uint16_t best_effort_sequence_number;
  uint16_t in_flight;   /* Sent and not acknowledged. */
  uint64_t activity_us; /* Last first-time send or acknowledgement: HEARTBEATs are due after silence from here. */
  uint64_t progress_us; /* Last acknowledgement, or when the first message went out after none were in flight. */
  uint64_t heartbeat_us; /* When the last HEARTBEAT was sent. */
} output_stream_t;

/* One submessage in two parts, so that a sample is copied only once. */
typedef struct {
  submessage_kind_t kind;
  uint8_t flags;
  const uint8_t* prefix;
  size_t prefix_bytes;
  const uint8_t* payload;
  size_t payload_bytes;
} output_submessage_t;

/*
 * Queues a sample: in one message, or in as many FRAGMENTs as it needs on the reliable stream. All or nothing.
 * ROSEHIP_OK, ROSEHIP_ERROR_TOO_LARGE, ROSEHIP_ERROR_BUSY, ROSEHIP_ERROR_OUT_OF_MEMORY.
 */
int rh_output_stream_put_sample(rosehip_xrce_session_t* session, bool reliable, const output_submessage_t* sample);

/*
 * Queues a submessage of the session itself on the reliable stream, in the last unsent message if that has room.
 * Not counted against the queue's limit. ROSEHIP_OK or ROSEHIP_ERROR_OUT_OF_MEMORY.
 */
int rh_output_stream_put_control(rosehip_xrce_session_t* session, const output_submessage_t* submessage);

/* True if messages that were never sent fill a window: more control submessages should wait. */
bool rh_output_stream_crowded(const rosehip_xrce_session_t* session);

/* Sends what may be sent now, `most` messages of it. False if the link said BUSY. */
bool rh_output_stream_flush(rosehip_xrce_session_t* session, uint32_t most, uint64_t now_us);

void rh_output_stream_on_acknack(rosehip_xrce_session_t* session, const submessage_t* submessage, uint64_t now_us);

/* True if a HEARTBEAT is due; *deadline_us is when one will be, ROSEHIP_NEVER_US if nothing is in flight. */
bool rh_output_stream_heartbeat_due(const rosehip_xrce_session_t* session, uint64_t now_us, uint64_t* deadline_us);
void rh_output_stream_write_heartbeat(rosehip_xrce_session_t* session, rosehip_cdr_writer_t* writer, uint64_t now_us);

/* True if the agent acknowledged nothing for STALL_TIMEOUT_US while it should have. */
bool rh_output_stream_stalled(const rosehip_xrce_session_t* session, uint64_t now_us);

/* New connection: sequence numbers start at 0; whole samples of the reliable queue become held, the rest goes. */
void rh_output_stream_reset(rosehip_xrce_session_t* session);

/* The objects exist again: held samples go into the reliable queue. */
void rh_output_stream_release_held(rosehip_xrce_session_t* session);

void rh_output_stream_free(rosehip_xrce_session_t* session);

#endif
