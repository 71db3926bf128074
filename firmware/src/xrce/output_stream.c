#include "output_stream.h"

#include <assert.h>

#include "output_message.h"
#include "session.h"

enum { CONTROL_MESSAGE_BYTES = 512 };

static void free_queue(rosehip_xrce_session_t* session, output_queue_t* queue) {
  while (queue->head != NULL) rh_output_message_free(session, rh_output_queue_take(queue));
}

/* ---- Putting ------------------------------------------------------------------------------------------- */

static size_t sample_cost_bytes(const rosehip_xrce_session_t* session, size_t total) {
  const size_t piece_max = session->config.mtu_bytes - MESSAGE_HEADER_BYTES - SUBMESSAGE_HEADER_BYTES;
  const size_t per_message = MESSAGE_COST_BYTES + MESSAGE_HEADER_BYTES;
  if (MESSAGE_HEADER_BYTES + total <= session->config.mtu_bytes) return per_message + total;
  return (total + piece_max - 1) / piece_max * (per_message + SUBMESSAGE_HEADER_BYTES) + total;
}

int rh_output_stream_put_sample(rosehip_xrce_session_t* session, bool reliable, const output_submessage_t* sample) {
  output_stream_t* output = &session->output;
  const size_t total = rh_output_submessage_bytes(sample);
  const bool whole = MESSAGE_HEADER_BYTES + total <= session->config.mtu_bytes;
  if (sample->payload_bytes > session->config.sample_limit_bytes) return ROSEHIP_ERROR_TOO_LARGE;
  /* An empty queue takes any sample, so that the limit never makes one impossible. */
  const size_t cost = sample_cost_bytes(session, total);
  if (output->sample_bytes > 0 && output->sample_bytes + cost > session->config.queue_limit_bytes) {
    return ROSEHIP_ERROR_BUSY;
  }

  /* Fragments exist on reliable streams only (8.3.5.14). */
  output_queue_t put = {0};
  const bool best_effort = whole && !reliable;
  const uint8_t stream_id = best_effort ? STREAM_BEST_EFFORT : STREAM_RELIABLE;
  const int result = whole ? rh_output_message_put_whole(session, stream_id, sample, &put)
                           : rh_output_message_put_fragments(session, sample, &put);
  while (result != ROSEHIP_OK && put.head != NULL) {
    rosehip_arena_free(session->config.arena, rh_output_queue_take(&put));
  }
  if (result != ROSEHIP_OK) return output->sample_bytes > 0 ? ROSEHIP_ERROR_BUSY : result; /* what leaves makes room */
  output->sample_bytes += cost;
  output_queue_t* queue = best_effort ? &output->best_effort : &output->reliable;
  while (put.head != NULL) rh_output_queue_append(queue, rh_output_queue_take(&put));
  session->stats.samples_sent++;
  return ROSEHIP_OK;
}

static bool grow_tail(rosehip_xrce_session_t* session, const output_submessage_t* submessage) {
  output_message_t* tail = session->output.reliable.tail;
  if (tail == NULL || tail->sent || rh_output_message_is_sample(tail)) return false;
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(tail->bytes, tail->capacity_bytes, false);
  writer.position = tail->length_bytes;
  rosehip_cdr_write_align(&writer, SUBMESSAGE_ALIGNMENT);
  const size_t length = rh_output_submessage_bytes(submessage);
  if (writer.failed || length > tail->capacity_bytes - writer.position) return false;
  rh_output_submessage_copy(tail->bytes + writer.position, submessage, 0, length);
  tail->length_bytes = (uint16_t)(writer.position + length);
  return true;
}

int rh_output_stream_put_control(rosehip_xrce_session_t* session, const output_submessage_t* submessage) {
  if (grow_tail(session, submessage)) return ROSEHIP_OK;
  const size_t needed = MESSAGE_HEADER_BYTES + rh_output_submessage_bytes(submessage);
  if (needed > session->config.mtu_bytes) {
    output_queue_t put = {0};
    const int result = rh_output_message_put_fragments(session, submessage, &put);
    while (put.head != NULL) {
      output_message_t* message = rh_output_queue_take(&put);
      message->sample_first = message->sample_last = message->fragment = false; /* Not a sample: never held. */
      if (result == ROSEHIP_OK) {
        rh_output_queue_append(&session->output.reliable, message);
      } else {
        rosehip_arena_free(session->config.arena, message);
      }
    }
    return result;
  }
  const size_t roomy =
      session->config.mtu_bytes < CONTROL_MESSAGE_BYTES ? session->config.mtu_bytes : CONTROL_MESSAGE_BYTES;
  output_message_t* message = rh_output_message_new(session, STREAM_RELIABLE, needed > roomy ? needed : roomy);
  if (message == NULL) message = rh_output_message_new(session, STREAM_RELIABLE, needed);
  if (message == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  rh_output_queue_append(&session->output.reliable, message);
  const bool grown = grow_tail(session, submessage);
  assert(grown);
  (void)grown;
  return ROSEHIP_OK;
}

bool rh_output_stream_crowded(const rosehip_xrce_session_t* session) {
  unsigned unsent = 0;
  for (const output_message_t* message = session->output.reliable.head; message != NULL; message = message->next) {
    if (!message->sent) unsent++;
  }
  return unsent >= session->config.window_messages;
}

/* ---- Sending ------------------------------------------------------------------------------------------- */

static void set_sequence_number(output_message_t* message, uint16_t sequence_number) {
  message->sequence_number = sequence_number;
  message->bytes[2] = (uint8_t)sequence_number;
  message->bytes[3] = (uint8_t)(sequence_number >> 8);
}

static bool send_first_time(rosehip_xrce_session_t* session, output_message_t* message, uint64_t now_us) {
  output_stream_t* output = &session->output;
  set_sequence_number(message, output->next_sequence_number);
  if (!rh_session_send(session, message->bytes, message->length_bytes)) return false;
  if (output->in_flight == 0) output->progress_us = now_us;
  output->next_sequence_number++;
  output->in_flight++;
  output->activity_us = now_us;
  message->sent = true;
  message->sent_us = now_us;
  return true;
}

static bool send_again(rosehip_xrce_session_t* session, output_message_t* message, uint64_t now_us) {
  if (!rh_session_send(session, message->bytes, message->length_bytes)) return false;
  message->resend = false;
  message->sent_us = now_us;
  session->stats.messages_resent++;
  return true;
}

bool rh_output_stream_flush(rosehip_xrce_session_t* session, uint32_t most, uint64_t now_us) {
  output_stream_t* output = &session->output;
  for (output_message_t* message = output->reliable.head; message != NULL && most > 0; message = message->next) {
    if (message->sent) {
      if (!message->resend) continue;
      if (!send_again(session, message, now_us)) return false;
    } else {
      if (output->in_flight >= session->config.window_messages) break;
      if (!send_first_time(session, message, now_us)) return false;
    }
    most--;
  }
  for (; output->best_effort.head != NULL && most > 0; most--) {
    output_message_t* message = output->best_effort.head;
    set_sequence_number(message, output->best_effort_sequence_number);
    if (!rh_session_send(session, message->bytes, message->length_bytes)) return false;
    output->best_effort_sequence_number++;
    rh_output_message_free(session, rh_output_queue_take(&output->best_effort));
  }
  return true;
}

/* ---- Acknowledgement ----------------------------------------------------------------------------------- */

static void acknowledge_before(rosehip_xrce_session_t* session, uint16_t first_unacked, uint64_t now_us) {
  output_stream_t* output = &session->output;
  while (output->reliable.head != NULL && output->reliable.head->sent &&
         rh_sequence_difference(output->reliable.head->sequence_number, first_unacked) < 0) {
    rh_output_message_free(session, rh_output_queue_take(&output->reliable));
    output->in_flight--;
    output->progress_us = now_us;
    output->activity_us = now_us;
  }
}

/* 8.3.5.11. Bit i of the 16-bit number that the two octets make, big endian, is first_unacked + i. */
void rh_output_stream_on_acknack(rosehip_xrce_session_t* session, const submessage_t* submessage, uint64_t now_us) {
  rosehip_cdr_reader_t reader =
      rosehip_cdr_reader(submessage->payload, submessage->length_bytes, !(submessage->flags & FLAG_LITTLE_ENDIAN));
  const uint16_t first_unacked = rosehip_cdr_read_u16(&reader);
  const uint16_t missing = rosehip_cdr_read_id(&reader);
  const uint8_t stream_id = rosehip_cdr_read_u8(&reader);
  output_stream_t* output = &session->output;
  const int16_t beyond = rh_sequence_difference(first_unacked, output->next_sequence_number);
  if (reader.failed || beyond > 0) {
    session->stats.malformed++;
    return;
  }
  if (stream_id != STREAM_RELIABLE) {
    session->stats.foreign_session++;
    return;
  }
  acknowledge_before(session, first_unacked, now_us);
  for (output_message_t* message = output->reliable.head; message != NULL && message->sent; message = message->next) {
    const int16_t bit = rh_sequence_difference(message->sequence_number, first_unacked);
    if (bit < 0 || bit >= OUTPUT_WINDOW_MAX || !(missing >> bit & 1)) continue;
    if (now_us - message->sent_us >= RESEND_HOLDOFF_US) message->resend = true;
  }
}

bool rh_output_stream_heartbeat_due(const rosehip_xrce_session_t* session, uint64_t now_us, uint64_t* deadline_us) {
  const output_stream_t* output = &session->output;
  *deadline_us = ROSEHIP_NEVER_US;
  if (output->in_flight == 0) return false;
  const uint64_t last_us = output->heartbeat_us > output->activity_us ? output->heartbeat_us : output->activity_us;
  *deadline_us = last_us + HEARTBEAT_PERIOD_US;
  return now_us >= *deadline_us;
}

void rh_output_stream_write_heartbeat(rosehip_xrce_session_t* session, rosehip_cdr_writer_t* writer, uint64_t now_us) {
  output_stream_t* output = &session->output;
  rh_message_write_header(writer, SESSION_ID, STREAM_NONE, 0);
  rh_message_write_submessage(writer, SUBMESSAGE_HEARTBEAT, 0, 5);
  rosehip_cdr_write_u16(writer, (uint16_t)(output->next_sequence_number - output->in_flight));
  rosehip_cdr_write_u16(writer, (uint16_t)(output->next_sequence_number - 1));
  rosehip_cdr_write_u8(writer, STREAM_RELIABLE);
  output->heartbeat_us = now_us;
}

bool rh_output_stream_stalled(const rosehip_xrce_session_t* session, uint64_t now_us) {
  return session->output.in_flight > 0 && now_us - session->output.progress_us >= STALL_TIMEOUT_US;
}

/* ---- Connections --------------------------------------------------------------------------------------- */

void rh_output_stream_reset(rosehip_xrce_session_t* session) {
  output_stream_t* output = &session->output;
  /* Samples held from the connection before are older than those of the queue. */
  output_queue_t held = output->held;
  bool keeping = false;
  while (output->reliable.head != NULL) {
    output_message_t* message = rh_output_queue_take(&output->reliable);
    /* The first fragments of a sample may be acknowledged and gone: the new agent can't use the rest. */
    if (message->sample_first) keeping = true;
    const bool keep = keeping && rh_output_message_is_sample(message);
    if (message->sample_last) {
      if (!keep) session->stats.samples_lost++;
      keeping = false;
    }
    if (!keep) {
      rh_output_message_free(session, message);
      continue;
    }
    message->sent = message->resend = false;
    rh_output_queue_append(&held, message);
  }
  for (output_message_t* message = output->best_effort.head; message != NULL; message = message->next) {
    session->stats.samples_lost++;
  }
  free_queue(session, &output->best_effort);
  const size_t sample_bytes = output->sample_bytes;
  *output = (output_stream_t){.held = held, .sample_bytes = sample_bytes};
}

void rh_output_stream_release_held(rosehip_xrce_session_t* session) {
  while (session->output.held.head != NULL) {
    rh_output_queue_append(&session->output.reliable, rh_output_queue_take(&session->output.held));
  }
}

void rh_output_stream_free(rosehip_xrce_session_t* session) {
  free_queue(session, &session->output.reliable);
  free_queue(session, &session->output.held);
  free_queue(session, &session->output.best_effort);
}
