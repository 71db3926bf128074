/* The session's own memory, shared by the files of this folder. */
#ifndef ROSEHIP_XRCE_SESSION_PRIVATE_H
#define ROSEHIP_XRCE_SESSION_PRIVATE_H

#include "connection.h"
#include "input_stream.h"
#include "message.h"
#include "object.h"
#include "output_stream.h"
#include "rosehip/xrce_session.h"
#include "time_sync.h"

struct rosehip_xrce_session {
  rosehip_xrce_session_config_t config;
  rosehip_xrce_stats_t stats;
  connection_t connection;
  time_sync_t time_sync;
  output_stream_t output;
  input_stream_t input;
  rosehip_xrce_object_t* objects; /* In the order in which they were made. */
  rosehip_xrce_object_t* deleted; /* In the order in which they were deleted. */
  uint16_t last_request_id;
  uint64_t object_retry_us; /* When refused and silent objects are looked at again. */
  bool objects_dirty;       /* Some object may be WANTED or DELETED. */
  bool refusal_told;        /* The agent has said on /rosout why it refused, and so ours need not. */
  bool tells_matches;       /* The agent of this connection has told of a match. */
  bool control_waits;       /* ACKNACK and the like let a message go first once: now it is their turn. */
  bool in_callback;         /* receive, poll and destroy are not allowed. */
};

/* Gives one message to the link and counts it. False if the link said BUSY. */
bool rh_session_send(rosehip_xrce_session_t* session, const uint8_t* message, size_t length_bytes);

/*
 * Handles the submessages of a message from `reader` on. ROSEHIP_OK, or ROSEHIP_ERROR_BUSY or
 * ROSEHIP_ERROR_OUT_OF_MEMORY with reader->position at the submessage that is to be handled again.
 */
int rh_session_handle_submessages(rosehip_xrce_session_t* session, rosehip_cdr_reader_t* reader, uint8_t stream_id,
                                  uint64_t now_us);

#endif
