#include "output_stream.h"

#include <assert.h>
#include <string.h>

#include "session.h"

/* What queue_limit_bytes counts for each message besides its octets; the headers of an output_message_t and of the
   arena are about that. */
enum { MESSAGE_COST_BYTES = 16, CONTROL_MESSAGE_BYTES = 512 };

struct output_message {
  output_message_t* next;
  uint64_t sent_us; /* 0: never. */
  uint16_t sequence_number;
  uint16_t capacity_bytes; /* Of `bytes`; more than length_bytes only if it may still grow. */
  uint16_t length_bytes;
  bool sent;
  bool resend;
  bool sample_first; /* Has the start of a sample, */
  bool sample_last;  /* its end, or both. Neither and no `fragment`: submessages of the session itself. */
  bool fragment;
  uint8_t bytes[];
};

_Static_assert(sizeof(struct output_message) <= 40, "MESSAGE_COST_BYTES no longer is about the overhead");

static void append(output_queue_t* queue, output_message_t* message) {
  message->next = NULL;
  if (queue->tail == NULL) {
    queue->head = message;
  } else {
    queue->tail->next = message;
  }
  queue->tail = message;
}

static output_message_t* take_head(output_queue_t* queue) {
  output_message_t* message = queue->head;
  queue->head = message->next;
  if (queue->head == NULL) queue->tail = NULL;
  return message;
}

static bool is_sample(const output_message_t* message) {
  return message->sample_first || message->sample_last || message->fragment;
}

static void free_message(rosehip_xrce_session_t* session, output_message_t* message) {
  if (is_sample(message)) session->output.sample_bytes -= MESSAGE_COST_BYTES + (size_t)message->length_bytes;
  rosehip_arena_free(session->config.arena, message);
}

static void free_queue(rosehip_xrce_session_t* session, output_queue_t* queue) {
  while (queue->head != NULL) free_message(session, take_head(queue));
}

/* A message with its header (the sequence number is set when it is sent) and nothing else. */
static output_message_t* new_message(rosehip_xrce_session_t* session, uint8_t stream_id, size_t capacity_bytes) {
  output_message_t* message = rosehip_arena_alloc(session->config.arena, sizeof *message + capacity_bytes,
                                                  _Alignof(output_message_t));
  if (message == NULL) return NULL;
  *message = (output_message_t){.capacity_bytes = (uint16_t)capacity_bytes, .length_bytes = MESSAGE_HEADER_BYTES};
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(message->bytes, capacity_bytes, false);
  message_write_header(&writer, SESSION_ID, stream_id, 0);
  return message;
}

static size_t submessage_bytes(const output_submessage_t* submessage) {
  return SUBMESSAGE_HEADER_BYTES + submessage->prefix_bytes + submessage->payload_bytes;
}

static void write_header(uint8_t* bytes, const output_submessage_t* submessage) {
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(bytes, SUBMESSAGE_HEADER_BYTES, false);
  message_write_submessage(&writer, submessage->kind, submessage->flags,
                           submessage->prefix_bytes + submessage->payload_bytes);
}

/* Copies `length` octets from `offset` on of the submessage: header, prefix and payload behind each other. */
static void copy_piece(uint8_t* out, const output_submessage_t* submessage, size_t offset, size_t length) {
  uint8_t header[SUBMESSAGE_HEADER_BYTES];
  write_header(header, submessage);
  const struct {
    const uint8_t* bytes;
    size_t length;
  } parts[] = {{header, sizeof header},
               {submessage->prefix, submessage->prefix_bytes},
               {submessage->payload, submessage->payload_bytes}};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    if (offset >= parts[i].length) {
      offset -= parts[i].length;
      continue;
    }
    const size_t here = parts[i].length - offset < length ? parts[i].length - offset : length;
    memcpy(out, parts[i].bytes + offset, here);
    out += here;
    length -= here;
    offset = 0;
  }
}

/* ---- Putting --------------------------------------------------------------------------------------------------- */

/* One FRAGMENT (8.3.5.14) with the piece from `offset` on. */
static output_message_t* new_fragment(rosehip_xrce_session_t* session, const output_submessage_t* sample, size_t offset,
                                      size_t piece_bytes) {
  const size_t total = submessage_bytes(sample);
  const size_t headers = MESSAGE_HEADER_BYTES + SUBMESSAGE_HEADER_BYTES;
  output_message_t* message = new_message(session, STREAM_RELIABLE, headers + piece_bytes);
  if (message == NULL) return NULL;
  message->fragment = true;
  message->sample_first = offset == 0;
  message->sample_last = offset + piece_bytes == total;
  const output_submessage_t fragment = {.kind = SUBMESSAGE_FRAGMENT,
                                        .flags = message->sample_last ? FLAG_LAST_FRAGMENT : 0,
                                        .payload_bytes = piece_bytes};
  write_header(message->bytes + MESSAGE_HEADER_BYTES, &fragment);
  copy_piece(message->bytes + headers, sample, offset, piece_bytes);
  message->length_bytes = message->capacity_bytes;
  return message;
}

static int put_fragments(rosehip_xrce_session_t* session, const output_submessage_t* sample, output_queue_t* out) {
  const size_t total = submessage_bytes(sample);
  const size_t piece_max = session->config.mtu_bytes - MESSAGE_HEADER_BYTES - SUBMESSAGE_HEADER_BYTES;
  for (size_t offset = 0; offset < total;) {
    const size_t piece = total - offset < piece_max ? total - offset : piece_max;
    output_message_t* message = new_fragment(session, sample, offset, piece);
    if (message == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
    append(out, message);
    offset += piece;
  }
  return ROSEHIP_OK;
}

static int put_whole(rosehip_xrce_session_t* session, uint8_t stream_id, const output_submessage_t* sample,
                     output_queue_t* out) {
  output_message_t* message = new_message(session, stream_id, MESSAGE_HEADER_BYTES + submessage_bytes(sample));
  if (message == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  copy_piece(message->bytes + MESSAGE_HEADER_BYTES, sample, 0, submessage_bytes(sample));
  message->length_bytes = message->capacity_bytes;
  message->sample_first = message->sample_last = true;
  append(out, message);
  return ROSEHIP_OK;
}

static size_t sample_cost_bytes(const rosehip_xrce_session_t* session, size_t total) {
  const size_t piece_max = session->config.mtu_bytes - MESSAGE_HEADER_BYTES - SUBMESSAGE_HEADER_BYTES;
  const size_t per_message = MESSAGE_COST_BYTES + MESSAGE_HEADER_BYTES;
  if (MESSAGE_HEADER_BYTES + total <= session->config.mtu_bytes) return per_message + total;
  return (total + piece_max - 1) / piece_max * (per_message + SUBMESSAGE_HEADER_BYTES) + total;
}

int output_stream_put_sample(rosehip_xrce_session_t* session, bool reliable, const output_submessage_t* sample) {
  output_stream_t* output = &session->output;
  const size_t total = submessage_bytes(sample);
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
  const int result = whole ? put_whole(session, best_effort ? STREAM_BEST_EFFORT : STREAM_RELIABLE, sample, &put)
                           : put_fragments(session, sample, &put);
  while (result != ROSEHIP_OK && put.head != NULL) {
    rosehip_arena_free(session->config.arena, take_head(&put));
  }
  if (result != ROSEHIP_OK) return result;
  output->sample_bytes += cost;
  while (put.head != NULL) append(best_effort ? &output->best_effort : &output->reliable, take_head(&put));
  session->stats.samples_sent++;
  return ROSEHIP_OK;
}

static bool grow_tail(rosehip_xrce_session_t* session, const output_submessage_t* submessage) {
  output_message_t* tail = session->output.reliable.tail;
  if (tail == NULL || tail->sent || is_sample(tail)) return false;
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(tail->bytes, tail->capacity_bytes, false);
  writer.position = tail->length_bytes;
  rosehip_cdr_write_align(&writer, SUBMESSAGE_ALIGNMENT);
  const size_t length = submessage_bytes(submessage);
  if (writer.failed || length > tail->capacity_bytes - writer.position) return false;
  copy_piece(tail->bytes + writer.position, submessage, 0, length);
  tail->length_bytes = (uint16_t)(writer.position + length);
  return true;
}

int output_stream_put_control(rosehip_xrce_session_t* session, const output_submessage_t* submessage) {
  if (grow_tail(session, submessage)) return ROSEHIP_OK;
  const size_t needed = MESSAGE_HEADER_BYTES + submessage_bytes(submessage);
  if (needed > session->config.mtu_bytes) {
    output_queue_t put = {0};
    const int result = put_fragments(session, submessage, &put);
    while (put.head != NULL) {
      output_message_t* message = take_head(&put);
      message->sample_first = message->sample_last = message->fragment = false; /* Not a sample: never held. */
      if (result == ROSEHIP_OK) {
        append(&session->output.reliable, message);
      } else {
        rosehip_arena_free(session->config.arena, message);
      }
    }
    return result;
  }
  const size_t roomy =
      session->config.mtu_bytes < CONTROL_MESSAGE_BYTES ? session->config.mtu_bytes : CONTROL_MESSAGE_BYTES;
  output_message_t* message = new_message(session, STREAM_RELIABLE, needed > roomy ? needed : roomy);
  if (message == NULL) message = new_message(session, STREAM_RELIABLE, needed);
  if (message == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  append(&session->output.reliable, message);
  const bool grown = grow_tail(session, submessage);
  assert(grown);
  (void)grown;
  return ROSEHIP_OK;
}

bool output_stream_crowded(const rosehip_xrce_session_t* session) {
  unsigned unsent = 0;
  for (const output_message_t* message = session->output.reliable.head; message != NULL; message = message->next) {
    if (!message->sent) unsent++;
  }
  return unsent >= session->config.window_messages;
}

/* ---- Sending --------------------------------------------------------------------------------------------------- */

static void set_sequence_number(output_message_t* message, uint16_t sequence_number) {
  message->sequence_number = sequence_number;
  message->bytes[2] = (uint8_t)sequence_number;
  message->bytes[3] = (uint8_t)(sequence_number >> 8);
}

static bool send_first_time(rosehip_xrce_session_t* session, output_message_t* message, uint64_t now_us) {
  output_stream_t* output = &session->output;
  set_sequence_number(message, output->next_sequence_number);
  if (!session_send(session, message->bytes, message->length_bytes)) return false;
  if (output->in_flight == 0) output->progress_us = now_us;
  output->next_sequence_number++;
  output->in_flight++;
  output->activity_us = now_us;
  message->sent = true;
  message->sent_us = now_us;
  return true;
}

static bool send_again(rosehip_xrce_session_t* session, output_message_t* message, uint64_t now_us) {
  if (!session_send(session, message->bytes, message->length_bytes)) return false;
  message->resend = false;
  message->sent_us = now_us;
  session->stats.messages_resent++;
  return true;
}

bool output_stream_flush(rosehip_xrce_session_t* session, uint64_t now_us) {
  output_stream_t* output = &session->output;
  for (output_message_t* message = output->reliable.head; message != NULL; message = message->next) {
    if (message->sent) {
      if (message->resend && !send_again(session, message, now_us)) return false;
    } else {
      if (output->in_flight >= session->config.window_messages) break;
      if (!send_first_time(session, message, now_us)) return false;
    }
  }
  while (output->best_effort.head != NULL) {
    output_message_t* message = output->best_effort.head;
    set_sequence_number(message, output->best_effort_sequence_number);
    if (!session_send(session, message->bytes, message->length_bytes)) return false;
    output->best_effort_sequence_number++;
    free_message(session, take_head(&output->best_effort));
  }
  return true;
}

/* ---- Acknowledgement ------------------------------------------------------------------------------------------- */

static void acknowledge_before(rosehip_xrce_session_t* session, uint16_t first_unacked, uint64_t now_us) {
  output_stream_t* output = &session->output;
  while (output->reliable.head != NULL && output->reliable.head->sent &&
         sequence_difference(output->reliable.head->sequence_number, first_unacked) < 0) {
    free_message(session, take_head(&output->reliable));
    output->in_flight--;
    output->progress_us = now_us;
    output->activity_us = now_us;
  }
}

/* 8.3.5.11. Bit i of the 16-bit number that the two octets make, big endian, is first_unacked + i. */
void output_stream_on_acknack(rosehip_xrce_session_t* session, const submessage_t* submessage, uint64_t now_us) {
  rosehip_cdr_reader_t reader =
      rosehip_cdr_reader(submessage->payload, submessage->length_bytes, !(submessage->flags & FLAG_LITTLE_ENDIAN));
  const uint16_t first_unacked = rosehip_cdr_read_u16(&reader);
  const uint16_t missing = rosehip_cdr_read_id(&reader);
  const uint8_t stream_id = rosehip_cdr_read_u8(&reader);
  output_stream_t* output = &session->output;
  const int16_t beyond = sequence_difference(first_unacked, output->next_sequence_number);
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
    const int16_t bit = sequence_difference(message->sequence_number, first_unacked);
    if (bit < 0 || bit >= OUTPUT_WINDOW_MAX || !(missing >> bit & 1)) continue;
    if (now_us - message->sent_us >= RESEND_HOLDOFF_US) message->resend = true;
  }
}

bool output_stream_heartbeat_due(const rosehip_xrce_session_t* session, uint64_t now_us, uint64_t* deadline_us) {
  const output_stream_t* output = &session->output;
  *deadline_us = ROSEHIP_NEVER_US;
  if (output->in_flight == 0) return false;
  const uint64_t last_us = output->heartbeat_us > output->activity_us ? output->heartbeat_us : output->activity_us;
  *deadline_us = last_us + HEARTBEAT_PERIOD_US;
  return now_us >= *deadline_us;
}

void output_stream_write_heartbeat(rosehip_xrce_session_t* session, rosehip_cdr_writer_t* writer, uint64_t now_us) {
  output_stream_t* output = &session->output;
  message_write_header(writer, SESSION_ID, STREAM_NONE, 0);
  message_write_submessage(writer, SUBMESSAGE_HEARTBEAT, 0, 5);
  rosehip_cdr_write_u16(writer, (uint16_t)(output->next_sequence_number - output->in_flight));
  rosehip_cdr_write_u16(writer, (uint16_t)(output->next_sequence_number - 1));
  rosehip_cdr_write_u8(writer, STREAM_RELIABLE);
  output->heartbeat_us = now_us;
}

bool output_stream_stalled(const rosehip_xrce_session_t* session, uint64_t now_us) {
  return session->output.in_flight > 0 && now_us - session->output.progress_us >= STALL_TIMEOUT_US;
}

/* ---- Connections ----------------------------------------------------------------------------------------------- */

void output_stream_reset(rosehip_xrce_session_t* session) {
  output_stream_t* output = &session->output;
  /* Samples held from the connection before are older than those of the queue. */
  output_queue_t held = output->held;
  bool keeping = false;
  while (output->reliable.head != NULL) {
    output_message_t* message = take_head(&output->reliable);
    /* The first fragments of a sample may be acknowledged and gone: the new agent can't use the rest. */
    if (message->sample_first) keeping = true;
    const bool keep = keeping && is_sample(message);
    if (message->sample_last) {
      if (!keep) session->stats.samples_lost++;
      keeping = false;
    }
    if (!keep) {
      free_message(session, message);
      continue;
    }
    message->sent = message->resend = false;
    append(&held, message);
  }
  for (output_message_t* message = output->best_effort.head; message != NULL; message = message->next) {
    session->stats.samples_lost++;
  }
  free_queue(session, &output->best_effort);
  const size_t sample_bytes = output->sample_bytes;
  *output = (output_stream_t){.held = held, .sample_bytes = sample_bytes};
}

void output_stream_release_held(rosehip_xrce_session_t* session) {
  while (session->output.held.head != NULL) {
    append(&session->output.reliable, take_head(&session->output.held));
  }
}

void output_stream_free(rosehip_xrce_session_t* session) {
  free_queue(session, &session->output.reliable);
  free_queue(session, &session->output.held);
  free_queue(session, &session->output.best_effort);
}
