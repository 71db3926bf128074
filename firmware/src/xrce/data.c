#include "data.h"

#include <assert.h>

#include "session.h"

enum { BASE_BYTES = 4 }; /* request id and object id */

static int write_data(rosehip_xrce_object_t* object, bool reliable, const uint8_t* identity, const uint8_t* payload,
                      size_t length_bytes) {
  rosehip_xrce_session_t* session = object->session;
  if (object->state != OBJECT_READY) return ROSEHIP_ERROR_DISCONNECTED;
  const uint16_t request_id = rh_object_next_request_id(session);
  uint8_t prefix[BASE_BYTES + ROSEHIP_SAMPLE_IDENTITY_BYTES];
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(prefix, sizeof prefix, false);
  rosehip_cdr_write_id(&writer, request_id);
  rosehip_cdr_write_id(&writer, object->id);
  if (identity != NULL) rosehip_cdr_write_octets(&writer, identity, ROSEHIP_SAMPLE_IDENTITY_BYTES);
  const output_submessage_t sample = {.kind = SUBMESSAGE_WRITE_DATA,
                                      .prefix = prefix,
                                      .prefix_bytes = writer.position,
                                      .payload = payload,
                                      .payload_bytes = length_bytes};
  const int result = rh_output_stream_put_sample(session, reliable, &sample);
  return result == ROSEHIP_OK ? request_id : result;
}

int rosehip_xrce_write(rosehip_xrce_object_t* datawriter, const uint8_t* payload, size_t length_bytes) {
  assert(rosehip_xrce_object_kind(datawriter) == ROSEHIP_XRCE_DATAWRITER);
  const int result = write_data(datawriter, datawriter->reliable, NULL, payload, length_bytes);
  return result > 0 ? ROSEHIP_OK : result;
}

int rosehip_xrce_request(rosehip_xrce_object_t* requester, const uint8_t* payload, size_t length_bytes) {
  assert(rosehip_xrce_object_kind(requester) == ROSEHIP_XRCE_REQUESTER);
  return write_data(requester, true, NULL, payload, length_bytes);
}

int rosehip_xrce_reply(rosehip_xrce_object_t* replier, const uint8_t* identity, const uint8_t* payload,
                       size_t length_bytes) {
  assert(rosehip_xrce_object_kind(replier) == ROSEHIP_XRCE_REPLIER && identity != NULL);
  const int result = write_data(replier, true, identity, payload, length_bytes);
  return result > 0 ? ROSEHIP_OK : result;
}

/* The octets of a SampleIdentity as they are written back: little-endian, whatever the DATA was. */
static void read_identity(rosehip_cdr_reader_t* reader, uint8_t identity[ROSEHIP_SAMPLE_IDENTITY_BYTES]) {
  enum { GUID_BYTES = 16 };
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(identity, ROSEHIP_SAMPLE_IDENTITY_BYTES, false);
  const uint8_t* guid = rosehip_cdr_read_octets(reader, GUID_BYTES);
  if (guid != NULL) rosehip_cdr_write_octets(&writer, guid, GUID_BYTES);
  rosehip_cdr_write_u32(&writer, rosehip_cdr_read_u32(reader));
  rosehip_cdr_write_u32(&writer, rosehip_cdr_read_u32(reader));
}

/*
 * Offers a sample to its object. What finds no memory waits at the agent, and so does all that is behind it, perhaps what
 * the app needs to free some: not for ever. Then, or at once if its QoS is best effort, it is offered without its payload.
 */
static int offer(const rosehip_xrce_object_t* object, rosehip_xrce_sample_t* sample, uint64_t now_us) {
  rosehip_xrce_session_t* session = object->session;
  const rosehip_xrce_session_config_t* config = &session->config;
  for (;;) {
    const int result = object->on_sample(object->context, sample);
    if (result != ROSEHIP_ERROR_OUT_OF_MEMORY) return result;
    if (rh_input_stream_drop_early(session)) continue;
    const size_t length_bytes = sample->length_bytes + sample->too_large_bytes;
    if (object->reliable && rosehip_arena_may_wait(&session->input.starved, now_us)) {
      if (config->on_waits != NULL) config->on_waits(config->context, object, length_bytes);
      return ROSEHIP_ERROR_BUSY;
    }
    if (sample->payload == NULL) return ROSEHIP_ERROR_BUSY;
    sample->no_memory = true;
    sample->too_large_bytes = length_bytes;
    sample->payload = NULL;
    sample->length_bytes = 0;
  }
}

int rh_data_on_data(rosehip_xrce_session_t* session, const submessage_t* submessage, uint64_t now_us) {
  const bool big_endian = !(submessage->flags & FLAG_LITTLE_ENDIAN);
  rosehip_cdr_reader_t reader = rosehip_cdr_reader(submessage->payload, submessage->length_bytes, big_endian);
  rosehip_cdr_read_id(&reader); /* Of the READ_DATA: the object id says all. */
  const uint16_t object_id = rosehip_cdr_read_id(&reader);
  rosehip_xrce_object_t* object = reader.failed ? NULL : rh_object_find(session, object_id);
  if (!reader.failed && (object == NULL || !rh_object_reads(object))) {
    session->stats.unknown_objects++;
    return ROSEHIP_OK;
  }
  uint8_t identity[ROSEHIP_SAMPLE_IDENTITY_BYTES] = {0};
  rosehip_xrce_sample_t sample = {.big_endian = big_endian};
  if (object != NULL && rosehip_xrce_object_kind(object) == ROSEHIP_XRCE_REPLIER) {
    read_identity(&reader, identity);
    sample.identity = identity;
  } else if (object != NULL && rosehip_xrce_object_kind(object) == ROSEHIP_XRCE_REQUESTER) {
    sample.request_id = rosehip_cdr_read_id(&reader);
    rosehip_cdr_read_id(&reader); /* requester id */
  }
  const size_t length_bytes = rosehip_cdr_reader_left(&reader) + submessage->cut_bytes;
  if (reader.failed) {
    session->stats.malformed++;
    return ROSEHIP_OK;
  }
  sample.no_memory = submessage->cut_bytes != 0 && length_bytes <= session->config.sample_limit_bytes;
  if (sample.no_memory || length_bytes > session->config.sample_limit_bytes) {
    sample.too_large_bytes = length_bytes;
  } else {
    sample.length_bytes = length_bytes;
    sample.payload = rosehip_cdr_read_octets(&reader, length_bytes);
  }
  const bool nested = session->in_callback;
  session->in_callback = true;
  const int result = offer(object, &sample, now_us);
  session->in_callback = nested;
  if (result == ROSEHIP_ERROR_BUSY) return result;
  if (sample.too_large_bytes != 0) session->stats.samples_too_large++;
  else session->stats.samples_received++;
  return ROSEHIP_OK;
}
