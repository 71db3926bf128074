#include "connection.h"

#include "session.h"

enum {
  CONTROL_BYTES = MTU_MIN_BYTES, /* The longest message written here is CREATE_CLIENT. */
  INFO_MASK_ACTIVITY = 2,
  RESULT_UNKNOWN_SESSION = 0,
};

static const uint8_t COOKIE_AND_VERSION[] = {'X', 'R', 'C', 'E', 1, 0, 1, 0x0f};

void rh_connection_init(rosehip_xrce_session_t* session, uint64_t now_us) {
  session->connection = (connection_t){.step = STEP_HELLO, .due_us = now_us, .retry_us = RETRY_MIN_US};
}

/* The length of the one submessage of a message is known only after it was written. */
static void patch_length(rosehip_cdr_writer_t* writer) {
  const size_t length = writer->position - MESSAGE_HEADER_BYTES - SUBMESSAGE_HEADER_BYTES;
  writer->data[MESSAGE_HEADER_BYTES + 2] = (uint8_t)length;
  writer->data[MESSAGE_HEADER_BYTES + 3] = (uint8_t)(length >> 8);
}

/* 8.3.5.1. uxr_hl: the agent drops us after that time of silence. rosehip: it tells us about matches; others pass it
   over. */
static void write_create_client(const rosehip_xrce_session_t* session, rosehip_cdr_writer_t* writer) {
  rh_message_write_header(writer, SESSION_NONE, STREAM_NONE, 0);
  rh_message_write_submessage(writer, SUBMESSAGE_CREATE_CLIENT, 0, 0);
  rosehip_cdr_write_octets(writer, COOKIE_AND_VERSION, sizeof COOKIE_AND_VERSION);
  rosehip_cdr_write_octets(writer, session->config.client_key, sizeof session->config.client_key);
  rosehip_cdr_write_u8(writer, SESSION_ID);
  rosehip_cdr_write_u8(writer, 1); /* has properties */
  rosehip_cdr_write_u32(writer, 2);
  rosehip_cdr_write_string(writer, ROSEHIP_TEXT("uxr_hl"));
  rosehip_cdr_write_string(writer, ROSEHIP_TEXT(HARD_LIVELINESS_MS));
  rosehip_cdr_write_string(writer, ROSEHIP_TEXT("rosehip"));
  rosehip_cdr_write_string(writer, ROSEHIP_TEXT("1"));
  rosehip_cdr_write_u16(writer, session->config.mtu_bytes);
  patch_length(writer);
}

static void write_delete_client(rosehip_cdr_writer_t* writer) {
  rh_message_write_header(writer, SESSION_ID, STREAM_NONE, 0);
  rh_message_write_submessage(writer, SUBMESSAGE_DELETE, 0, 4);
  rosehip_cdr_write_id(writer, REQUEST_ID_DELETE_CLIENT);
  rosehip_cdr_write_id(writer, OBJECT_CLIENT);
}

static void write_ping(rosehip_cdr_writer_t* writer) {
  rh_message_write_header(writer, SESSION_ID, STREAM_NONE, 0);
  rh_message_write_submessage(writer, SUBMESSAGE_GET_INFO, 0, 8);
  rosehip_cdr_write_id(writer, REQUEST_ID_FIRST);
  rosehip_cdr_write_id(writer, OBJECT_AGENT);
  rosehip_cdr_write_u32(writer, INFO_MASK_ACTIVITY);
}

static void write_info(const connection_t* connection, rosehip_cdr_writer_t* writer) {
  rh_message_write_header(writer, SESSION_ID, STREAM_NONE, 0);
  rh_message_write_submessage(writer, SUBMESSAGE_INFO, 0, 8);
  rosehip_cdr_write_octets(writer, connection->info_request, sizeof connection->info_request);
  rosehip_cdr_write_u8(writer, STATUS_OK);
  rosehip_cdr_write_u8(writer, 0);
  rosehip_cdr_write_u8(writer, 0); /* no config */
  rosehip_cdr_write_u8(writer, 0); /* no activity */
}

int rh_connection_send_delete(rosehip_xrce_session_t* session) {
  uint8_t bytes[CONTROL_BYTES];
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(bytes, sizeof bytes, false);
  write_delete_client(&writer);
  return rh_session_send(session, bytes, writer.position) ? ROSEHIP_OK : ROSEHIP_ERROR_BUSY;
}

/* ---- Before CONNECTED ---------------------------------------------------------------------------------- */

static void enter_step(rosehip_xrce_session_t* session, connection_step_t step, uint64_t now_us) {
  session->connection.step = step;
  session->connection.due_us = now_us;
  session->connection.retry_us = RETRY_MIN_US;
}

static bool handshake_flush(rosehip_xrce_session_t* session, uint64_t now_us) {
  connection_t* connection = &session->connection;
  if (now_us < connection->due_us) return true;
  uint8_t bytes[CONTROL_BYTES];
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(bytes, sizeof bytes, false);
  if (connection->step == STEP_FORGET) {
    write_delete_client(&writer);
  } else {
    write_create_client(session, &writer);
  }
  if (!rh_session_send(session, bytes, writer.position)) return false;
  connection->due_us = now_us + connection->retry_us;
  connection->retry_us = connection->retry_us * 2 < RETRY_MAX_US ? connection->retry_us * 2 : RETRY_MAX_US;
  return true;
}

static void connected(rosehip_xrce_session_t* session, uint64_t now_us) {
  session->connection = (connection_t){.step = STEP_CONNECTED, .since_us = now_us};
  session->connection.due_us = now_us; /* Ping at once: this STATUS_AGENT may be a late answer to HELLO. */
  session->time_sync.next_us = now_us;
  session->objects_dirty = true;
  session->stats.connections++;
  if (session->config.on_state != NULL) session->config.on_state(session->config.context, ROSEHIP_XRCE_CONNECTED);
}

bool rh_connection_on_status_agent(rosehip_xrce_session_t* session, const submessage_t* submessage, uint64_t now_us) {
  if (submessage->length_bytes < 2) return false;
  const connection_step_t step = session->connection.step;
  if (step != STEP_HELLO && step != STEP_CREATE) return true;
  if (submessage->payload[0] != STATUS_OK) {
    session->stats.connections_refused++;
  } else if (step == STEP_HELLO) {
    enter_step(session, STEP_FORGET, now_us);
  } else {
    connected(session, now_us);
  }
  return true;
}

void rh_connection_on_client_deleted(rosehip_xrce_session_t* session, uint64_t now_us) {
  if (session->connection.step == STEP_FORGET) enter_step(session, STEP_CREATE, now_us);
}

/* ---- CONNECTED ----------------------------------------------------------------------------------------- */

void rh_connection_lose(rosehip_xrce_session_t* session, uint32_t* cause, uint64_t now_us) {
  const bool was_connected = session->connection.step == STEP_CONNECTED;
  const bool was_short = was_connected && now_us - session->connection.since_us < SHORT_CONNECTION_US;
  if (was_connected && cause != NULL) (*cause)++;
  rh_connection_init(session, was_short && cause != NULL ? now_us + RETRY_MAX_US : now_us);
  rh_output_stream_reset(session);
  rh_input_stream_reset(session);
  rh_object_reset_all(session);
  if (was_connected && session->config.on_state != NULL) {
    session->config.on_state(session->config.context, ROSEHIP_XRCE_CONNECTING);
  }
}

void rh_connection_on_message(rosehip_xrce_session_t* session, uint64_t now_us) {
  if (session->connection.step != STEP_CONNECTED) return;
  session->connection.pings_unanswered = 0;
  session->connection.due_us = now_us + PING_PERIOD_US;
}

bool rh_connection_on_info(rosehip_xrce_session_t* session, const submessage_t* submessage) {
  /* BaseObjectReply: request id, object id, then the result: status and implementation status. */
  if (submessage->length_bytes < 6) return false;
  const bool known = submessage->payload[5] != RESULT_UNKNOWN_SESSION;
  if (session->connection.step == STEP_CONNECTED && !known) session->connection.disowned = true;
  return true;
}

bool rh_connection_on_get_info(rosehip_xrce_session_t* session, const submessage_t* submessage) {
  connection_t* connection = &session->connection;
  if (submessage->length_bytes < sizeof connection->info_request) return false;
  for (size_t i = 0; i < sizeof connection->info_request; i++) connection->info_request[i] = submessage->payload[i];
  connection->info_due = true;
  return true;
}

static bool ping_flush(rosehip_xrce_session_t* session, uint64_t now_us) {
  connection_t* connection = &session->connection;
  if (now_us < connection->due_us) return true;
  if (connection->pings_unanswered >= PING_MISSES) {
    rh_connection_lose(session, &session->stats.losses_silent, now_us);
    return true;
  }
  uint8_t bytes[CONTROL_BYTES];
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(bytes, sizeof bytes, false);
  write_ping(&writer);
  /* Counted even if the link is BUSY: one that is BUSY for ever is lost too. */
  connection->pings_unanswered++;
  connection->due_us = now_us + PING_TIMEOUT_US;
  return rh_session_send(session, bytes, writer.position);
}

static bool info_flush(rosehip_xrce_session_t* session) {
  connection_t* connection = &session->connection;
  if (!connection->info_due) return true;
  uint8_t bytes[CONTROL_BYTES];
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(bytes, sizeof bytes, false);
  write_info(connection, &writer);
  if (!rh_session_send(session, bytes, writer.position)) return false;
  connection->info_due = false;
  return true;
}

bool rh_connection_flush(rosehip_xrce_session_t* session, uint64_t now_us) {
  if (session->connection.step != STEP_CONNECTED) return handshake_flush(session, now_us);
  return info_flush(session) && ping_flush(session, now_us);
}
