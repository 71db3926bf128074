/* One message of an output stream: made, cut into fragments, queued, freed. */
#ifndef ROSEHIP_XRCE_OUTPUT_MESSAGE_H
#define ROSEHIP_XRCE_OUTPUT_MESSAGE_H

#include "output_stream.h"

/* What queue_limit_bytes counts for each message besides its octets; the headers of an output_message_t and of the
   arena are about that. */
enum { MESSAGE_COST_BYTES = 16 };

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

void rh_output_queue_append(output_queue_t* queue, output_message_t* message);
output_message_t* rh_output_queue_take(output_queue_t* queue);

/* Part of a sample; otherwise submessages of the session itself. */
bool rh_output_message_is_sample(const output_message_t* message);

/* Gives its memory and its share of the queue's limit back. */
void rh_output_message_free(rosehip_xrce_session_t* session, output_message_t* message);

/* A message with its header (the sequence number is set when it is sent) and nothing else; NULL: no memory. */
output_message_t* rh_output_message_new(rosehip_xrce_session_t* session, uint8_t stream_id, size_t capacity_bytes);

/* Octets of the submessage with its header. */
size_t rh_output_submessage_bytes(const output_submessage_t* submessage);

/* Copies `length_bytes` octets from `offset` on of the submessage: header, prefix and payload behind each other. */
void rh_output_submessage_copy(uint8_t* out, const output_submessage_t* submessage, size_t offset, size_t length_bytes);

/* Appends the submessage to `out` in one message, or in FRAGMENTs (8.3.5.14). ROSEHIP_OK or ROSEHIP_ERROR_OUT_OF_MEMORY;
   then `out` may hold some of them. */
int rh_output_message_put_whole(rosehip_xrce_session_t* session, uint8_t stream_id, const output_submessage_t* sample,
                                output_queue_t* out);
int rh_output_message_put_fragments(rosehip_xrce_session_t* session, const output_submessage_t* sample,
                                    output_queue_t* out);

#endif
