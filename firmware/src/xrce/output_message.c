#include "output_message.h"

#include <string.h>

#include "session.h"

_Static_assert(sizeof(struct output_message) <= 40, "MESSAGE_COST_BYTES no longer is about the overhead");

void rh_output_queue_append(output_queue_t* queue, output_message_t* message) {
  message->next = NULL;
  if (queue->tail == NULL) {
    queue->head = message;
  } else {
    queue->tail->next = message;
  }
  queue->tail = message;
}

output_message_t* rh_output_queue_take(output_queue_t* queue) {
  output_message_t* message = queue->head;
  queue->head = message->next;
  if (queue->head == NULL) queue->tail = NULL;
  return message;
}

bool rh_output_message_is_sample(const output_message_t* message) {
  return message->sample_first || message->sample_last || message->fragment;
}

void rh_output_message_free(rosehip_xrce_session_t* session, output_message_t* message) {
  if (rh_output_message_is_sample(message)) {
    session->output.sample_bytes -= MESSAGE_COST_BYTES + (size_t)message->length_bytes;
  }
  rosehip_arena_free(session->config.arena, message);
}

output_message_t* rh_output_message_new(rosehip_xrce_session_t* session, uint8_t stream_id, size_t capacity_bytes) {
  output_message_t* message = rosehip_arena_alloc(session->config.arena, sizeof *message + capacity_bytes,
                                                  _Alignof(output_message_t));
  if (message == NULL) return NULL;
  *message = (output_message_t){.capacity_bytes = (uint16_t)capacity_bytes, .length_bytes = MESSAGE_HEADER_BYTES};
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(message->bytes, capacity_bytes, false);
  rh_message_write_header(&writer, SESSION_ID, stream_id, 0);
  return message;
}

size_t rh_output_submessage_bytes(const output_submessage_t* submessage) {
  return SUBMESSAGE_HEADER_BYTES + submessage->prefix_bytes + submessage->payload_bytes;
}

static void write_header(uint8_t* bytes, const output_submessage_t* submessage) {
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(bytes, SUBMESSAGE_HEADER_BYTES, false);
  rh_message_write_submessage(&writer, submessage->kind, submessage->flags,
                              submessage->prefix_bytes + submessage->payload_bytes);
}

void rh_output_submessage_copy(uint8_t* out, const output_submessage_t* submessage, size_t offset,
                               size_t length_bytes) {
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
    const size_t here = parts[i].length - offset < length_bytes ? parts[i].length - offset : length_bytes;
    memcpy(out, parts[i].bytes + offset, here);
    out += here;
    length_bytes -= here;
    offset = 0;
  }
}

/* One FRAGMENT (8.3.5.14) with the piece from `offset` on. */
static output_message_t* new_fragment(rosehip_xrce_session_t* session, const output_submessage_t* sample, size_t offset,
                                      size_t piece_bytes) {
  const size_t total = rh_output_submessage_bytes(sample);
  const size_t headers = MESSAGE_HEADER_BYTES + SUBMESSAGE_HEADER_BYTES;
  output_message_t* message = rh_output_message_new(session, STREAM_RELIABLE, headers + piece_bytes);
  if (message == NULL) return NULL;
  message->fragment = true;
  message->sample_first = offset == 0;
  message->sample_last = offset + piece_bytes == total;
  const output_submessage_t fragment = {.kind = SUBMESSAGE_FRAGMENT,
                                        .flags = message->sample_last ? FLAG_LAST_FRAGMENT : 0,
                                        .payload_bytes = piece_bytes};
  write_header(message->bytes + MESSAGE_HEADER_BYTES, &fragment);
  rh_output_submessage_copy(message->bytes + headers, sample, offset, piece_bytes);
  message->length_bytes = message->capacity_bytes;
  return message;
}

int rh_output_message_put_fragments(rosehip_xrce_session_t* session, const output_submessage_t* sample,
                                    output_queue_t* out) {
  const size_t total = rh_output_submessage_bytes(sample);
  const size_t piece_max = session->config.mtu_bytes - MESSAGE_HEADER_BYTES - SUBMESSAGE_HEADER_BYTES;
  for (size_t offset = 0; offset < total;) {
    const size_t piece = total - offset < piece_max ? total - offset : piece_max;
    output_message_t* message = new_fragment(session, sample, offset, piece);
    if (message == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
    rh_output_queue_append(out, message);
    offset += piece;
  }
  return ROSEHIP_OK;
}

int rh_output_message_put_whole(rosehip_xrce_session_t* session, uint8_t stream_id, const output_submessage_t* sample,
                     output_queue_t* out) {
  const size_t length = MESSAGE_HEADER_BYTES + rh_output_submessage_bytes(sample);
  output_message_t* message = rh_output_message_new(session, stream_id, length);
  if (message == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  rh_output_submessage_copy(message->bytes + MESSAGE_HEADER_BYTES, sample, 0, rh_output_submessage_bytes(sample));
  message->length_bytes = message->capacity_bytes;
  message->sample_first = message->sample_last = true;
  rh_output_queue_append(out, message);
  return ROSEHIP_OK;
}

