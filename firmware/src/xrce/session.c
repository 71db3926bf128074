#include "session.h"

#include <assert.h>

#include "data.h"

enum {
  SAMPLE_LIMIT_DEFAULT_BYTES = 16 * 1024,
  CONTROL_BYTES = 32,
  LINK_RETRY_US = 1000,
};

/* ---- Life ---------------------------------------------------------------------------------------------- */

static bool is_valid(const rosehip_xrce_session_config_t* config) {
  uint8_t any = 0;
  for (size_t i = 0; i < sizeof config->client_key; i++) any |= config->client_key[i];
  return config->arena != NULL && config->send != NULL && any != 0 && config->mtu_bytes >= MTU_MIN_BYTES &&
         config->window_messages <= OUTPUT_WINDOW_MAX;
}

int rosehip_xrce_session_create(const rosehip_xrce_session_config_t* config, uint64_t now_us,
                                rosehip_xrce_session_t** session) {
  *session = NULL;
  if (!is_valid(config)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  rosehip_xrce_session_t* made = rosehip_arena_alloc(config->arena, sizeof *made, _Alignof(rosehip_xrce_session_t));
  if (made == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  *made = (rosehip_xrce_session_t){.config = *config, .object_retry_us = ROSEHIP_NEVER_US};
  if (config->window_messages == 0) made->config.window_messages = OUTPUT_WINDOW_MAX;
  if (config->sample_limit_bytes == 0) made->config.sample_limit_bytes = SAMPLE_LIMIT_DEFAULT_BYTES;
  if (config->queue_limit_bytes == 0) made->config.queue_limit_bytes = 2 * made->config.sample_limit_bytes;
  rh_connection_init(made, now_us);
  rh_input_stream_reset(made);
  *session = made;
  return ROSEHIP_OK;
}

void rosehip_xrce_session_destroy(rosehip_xrce_session_t* session) {
  if (session == NULL) return;
  assert(!session->in_callback);
  rh_input_stream_reset(session);
  rh_output_stream_free(session);
  rh_object_free_all(session);
  rosehip_arena_free(session->config.arena, session);
}

int rosehip_xrce_session_close(rosehip_xrce_session_t* session) { return rh_connection_send_delete(session); }

void rosehip_xrce_session_reconnect(rosehip_xrce_session_t* session, uint64_t now_us) {
  assert(!session->in_callback);
  rh_connection_lose(session, NULL, now_us);
}

rosehip_xrce_state_t rosehip_xrce_session_state(const rosehip_xrce_session_t* session) {
  return session->connection.step == STEP_CONNECTED ? ROSEHIP_XRCE_CONNECTED : ROSEHIP_XRCE_CONNECTING;
}

const rosehip_xrce_stats_t* rosehip_xrce_session_stats(const rosehip_xrce_session_t* session) {
  return &session->stats;
}

int64_t rosehip_xrce_session_epoch_time_ns(rosehip_xrce_session_t* session, uint64_t now_us) {
  return rh_time_sync_now_ns(&session->time_sync, now_us);
}

size_t rosehip_xrce_session_queued_bytes(const rosehip_xrce_session_t* session) {
  return session->output.sample_bytes;
}

/* ---- Receiving ----------------------------------------------------------------------------------------- */

/* Submessages about the session as a whole. False if one does not decode. They come on stream 0 only (8.3.2.2):
   handled inside a reliable message, some of them would change the stream that is just being read. */
static bool handle_session_submessage(rosehip_xrce_session_t* session, const submessage_t* submessage,
                                      uint64_t now_us) {
  switch (submessage->kind) {
    case SUBMESSAGE_STATUS_AGENT:
      return rh_connection_on_status_agent(session, submessage, now_us);
    case SUBMESSAGE_INFO:
      return rh_connection_on_info(session, submessage);
    case SUBMESSAGE_GET_INFO:
      return rh_connection_on_get_info(session, submessage);
    default:
      break;
  }
  /* What was under way on the line when the connection was lost is about streams that are no more: a HEARTBEAT of
     theirs would make us skip what comes on the new ones. */
  if (session->connection.step != STEP_CONNECTED) {
    session->stats.foreign_session++;
    return true;
  }
  switch (submessage->kind) {
    case SUBMESSAGE_TIMESTAMP_REPLY:
      return rh_time_sync_on_reply(&session->time_sync, submessage, now_us);
    case SUBMESSAGE_ACKNACK:
      rh_output_stream_on_acknack(session, submessage, now_us);
      return true;
    case SUBMESSAGE_HEARTBEAT:
      rh_input_stream_on_heartbeat(session, submessage, now_us);
      return true;
    default:
      session->stats.unknown_submessages++;
      return true;
  }
}

static int handle_submessage(rosehip_xrce_session_t* session, const submessage_t* submessage, uint8_t stream_id,
                             uint64_t now_us) {
  bool decoded = true;
  if (submessage->kind == SUBMESSAGE_DATA) return rh_data_on_data(session, submessage, now_us);
  if (submessage->kind == SUBMESSAGE_STATUS) {
    decoded = rh_object_on_status(session, submessage, now_us);
  } else if (submessage->kind == SUBMESSAGE_FRAGMENT) {
    if (stream_id == STREAM_RELIABLE) return rh_input_stream_on_fragment(session, submessage, now_us);
    decoded = false; /* Reliable streams only (8.3.5.14). */
  } else if (stream_id == STREAM_NONE) {
    decoded = handle_session_submessage(session, submessage, now_us);
  } else {
    session->stats.unknown_submessages++;
  }
  if (!decoded) session->stats.malformed++;
  return ROSEHIP_OK;
}

int rh_session_handle_submessages(rosehip_xrce_session_t* session, rosehip_cdr_reader_t* reader, uint8_t stream_id,
                                  uint64_t now_us) {
  submessage_t submessage;
  size_t start = reader->position;
  while (rh_message_read_submessage(reader, &submessage)) {
    const int result = handle_submessage(session, &submessage, stream_id, now_us);
    if (result != ROSEHIP_OK) {
      reader->position = start;
      return result;
    }
    start = reader->position;
  }
  if (reader->failed) session->stats.malformed++;
  return ROSEHIP_OK;
}

/* A message came that says that the agent does not know us. Not done while that message is being read. */
static void check_connection(rosehip_xrce_session_t* session, uint64_t now_us) {
  if (session->connection.disowned) rh_connection_lose(session, &session->stats.losses_unknown, now_us);
}

void rosehip_xrce_session_receive(rosehip_xrce_session_t* session, const uint8_t* message, size_t length_bytes,
                                  uint64_t now_us) {
  assert(!session->in_callback);
  rosehip_cdr_reader_t reader = rosehip_cdr_reader(message, length_bytes, false);
  message_header_t header;
  if (!rh_message_read_header(&reader, &header)) {
    session->stats.malformed++;
    return;
  }
  if (header.session_id != SESSION_ID && header.session_id != SESSION_NONE &&
      header.session_id != SESSION_NONE_WITH_KEY) {
    session->stats.foreign_session++;
    return;
  }
  session->stats.messages_received++;
  rh_connection_on_message(session, now_us);
  rh_input_stream_receive(session, &header, message, length_bytes, now_us);
  check_connection(session, now_us);
}

/* ---- Sending ------------------------------------------------------------------------------------------- */

bool rh_session_send(rosehip_xrce_session_t* session, const uint8_t* message, size_t length_bytes) {
  if (session->config.send(session->config.context, message, length_bytes) != ROSEHIP_OK) return false;
  session->stats.messages_sent++;
  return true;
}

/* ACKNACK, HEARTBEAT and TIMESTAMP, if due. False if the link said BUSY. */
static bool flush_control(rosehip_xrce_session_t* session, uint64_t now_us) {
  uint8_t bytes[CONTROL_BYTES];
  uint64_t unused;
  if (session->input.acknowledge) {
    rosehip_cdr_writer_t writer = rosehip_cdr_writer(bytes, sizeof bytes, false);
    rh_input_stream_write_acknack(session, &writer);
    if (!rh_session_send(session, bytes, writer.position)) return false;
    session->input.acknowledge = false;
  }
  if (rh_output_stream_heartbeat_due(session, now_us, &unused)) {
    rosehip_cdr_writer_t writer = rosehip_cdr_writer(bytes, sizeof bytes, false);
    rh_output_stream_write_heartbeat(session, &writer, now_us);
    if (!rh_session_send(session, bytes, writer.position)) return false;
  }
  if (now_us >= session->time_sync.next_us) {
    rosehip_cdr_writer_t writer = rosehip_cdr_writer(bytes, sizeof bytes, false);
    rh_message_write_header(&writer, SESSION_ID, STREAM_NONE, 0);
    rh_time_sync_write(&session->time_sync, &writer, now_us);
    if (!rh_session_send(session, bytes, writer.position)) return false;
  }
  return true;
}

/*
 * What is new on the output stream, then ACKNACKs and the like, then the rest: on a slow line a caller waits for the reply,
 * and for nothing else that leaves with it. False if the link said BUSY; what then waits is next, so that a link that is
 * always busy carries both.
 */
static bool flush(rosehip_xrce_session_t* session, uint64_t now_us) {
  const bool control_first = session->control_waits;
  session->control_waits = true;
  if (!control_first && !rh_output_stream_flush(session, 1, now_us)) return false;
  if (!flush_control(session, now_us)) return false;
  session->control_waits = false;
  return rh_output_stream_flush(session, UINT32_MAX, now_us);
}

static uint64_t earlier(uint64_t a, uint64_t b) { return a < b ? a : b; }

static uint64_t next_wake_us(const rosehip_xrce_session_t* session, uint64_t now_us, bool link_busy) {
  uint64_t wake_us = session->connection.due_us;
  if (link_busy) wake_us = earlier(wake_us, now_us + LINK_RETRY_US);
  if (session->connection.step != STEP_CONNECTED) return wake_us;
  uint64_t heartbeat_us;
  rh_output_stream_heartbeat_due(session, now_us, &heartbeat_us);
  wake_us = earlier(wake_us, heartbeat_us);
  wake_us = earlier(wake_us, session->time_sync.next_us);
  return earlier(wake_us, rh_object_deadline_us(session));
}

uint64_t rosehip_xrce_session_poll(rosehip_xrce_session_t* session, uint64_t now_us) {
  assert(!session->in_callback);
  if (session->connection.step == STEP_CONNECTED) {
    rh_input_stream_resume(session, now_us);
    check_connection(session, now_us);
    if (rh_output_stream_stalled(session, now_us)) rh_connection_lose(session, &session->stats.losses_stalled, now_us);
  }
  bool sent = rh_connection_flush(session, now_us);
  if (session->connection.step != STEP_CONNECTED) rh_object_free_deleted(session);
  if (session->connection.step == STEP_CONNECTED) {
    if (rh_object_pump(session, now_us)) rh_output_stream_release_held(session);
    sent = sent && flush(session, now_us);
  } else if (sent && now_us >= session->connection.due_us) {
    sent = rh_connection_flush(session, now_us); /* The connection was lost just now: the first HELLO goes at once. */
  }
  return next_wake_us(session, now_us, !sent);
}
