#include "object.h"

#include <assert.h>

#include "session.h"

enum { OBJECT_ID_KIND_BITS = 4, OBJECT_SERIAL_MAX = 0xfff, READ_DATA_BYTES = 16, UNLIMITED_SAMPLES = 0xffff };

rosehip_xrce_kind_t rosehip_xrce_object_kind(const rosehip_xrce_object_t* object) {
  return (rosehip_xrce_kind_t)(object->id & 0x0f);
}

bool rh_object_reads(const rosehip_xrce_object_t* object) { return object->on_sample != NULL; }

uint16_t rh_object_next_request_id(rosehip_xrce_session_t* session) {
  session->last_request_id = session->last_request_id < REQUEST_ID_FIRST || session->last_request_id == UINT16_MAX
                                 ? REQUEST_ID_FIRST
                                 : (uint16_t)(session->last_request_id + 1);
  return session->last_request_id;
}

/* ---- List ---------------------------------------------------------------------------------------------- */

static rosehip_xrce_object_t* find_in(rosehip_xrce_object_t* list, uint16_t id) {
  while (list != NULL && list->id != id) list = list->next;
  return list;
}

rosehip_xrce_object_t* rh_object_find(rosehip_xrce_session_t* session, uint16_t id) {
  return find_in(session->objects, id);
}

/* An id is free again when its DELETE was queued. */
static bool is_free(const rosehip_xrce_session_t* session, uint16_t id) {
  return find_in(session->objects, id) == NULL && find_in(session->deleted, id) == NULL;
}

static void append(rosehip_xrce_object_t** list, rosehip_xrce_object_t* object) {
  while (*list != NULL) list = &(*list)->next;
  object->next = NULL;
  *list = object;
}

static uint16_t make_id(unsigned serial, rosehip_xrce_kind_t kind) {
  return (uint16_t)(serial << OBJECT_ID_KIND_BITS | (unsigned)kind);
}

rosehip_xrce_object_t* rh_object_new(rosehip_xrce_session_t* session, rosehip_xrce_kind_t kind, size_t create_bytes) {
  unsigned serial = 1;
  while (serial <= OBJECT_SERIAL_MAX && !is_free(session, make_id(serial, kind))) serial++;
  if (serial > OBJECT_SERIAL_MAX) return NULL;
  rosehip_xrce_object_t* object = rosehip_arena_alloc(session->config.arena, sizeof *object + create_bytes,
                                                      _Alignof(rosehip_xrce_object_t));
  if (object == NULL) return NULL;
  *object = (rosehip_xrce_object_t){.session = session,
                                    .id = make_id(serial, kind),
                                    .state = OBJECT_WANTED,
                                    .create_bytes = (uint32_t)create_bytes};
  append(&session->objects, object);
  session->objects_dirty = true;
  return object;
}

static void free_list(rosehip_xrce_session_t* session, rosehip_xrce_object_t** list) {
  while (*list != NULL) {
    rosehip_xrce_object_t* object = *list;
    *list = object->next;
    rosehip_arena_free(session->config.arena, object);
  }
}

void rh_object_free_deleted(rosehip_xrce_session_t* session) { free_list(session, &session->deleted); }

void rh_object_free_all(rosehip_xrce_session_t* session) {
  free_list(session, &session->objects);
  free_list(session, &session->deleted);
}

void rh_object_reset_all(rosehip_xrce_session_t* session) {
  rh_object_free_deleted(session);
  for (rosehip_xrce_object_t* object = session->objects; object != NULL; object = object->next) {
    object->state = OBJECT_WANTED;
    object->at_agent = false;
    object->matched = 0;
    object->mismatch = false;
    object->refused = STATUS_OK;
  }
  if (session->tells_matches && session->config.on_matched != NULL) {
    session->config.on_matched(session->config.context);
  }
  session->tells_matches = false;
  session->objects_dirty = true;
  session->object_retry_us = ROSEHIP_NEVER_US;
}

void rosehip_xrce_object_delete(rosehip_xrce_object_t* object) {
  assert(object->state != OBJECT_DELETED);
  assert(object->children == 0);
  if (object->parent != NULL) object->parent->children--;
  if (object->topic != NULL) object->topic->children--;
  rosehip_xrce_session_t* session = object->session;
  rosehip_xrce_object_t** place = &session->objects;
  while (*place != object) place = &(*place)->next;
  *place = object->next;
  object->state = OBJECT_DELETED;
  append(&session->deleted, object);
  session->objects_dirty = true;
}

int rosehip_xrce_object_matched(const rosehip_xrce_object_t* object) {
  return object->mismatch ? ROSEHIP_XRCE_MISMATCH : object->matched;
}

bool rosehip_xrce_session_refusal_told(const rosehip_xrce_session_t* session) { return session->refusal_told; }

bool rosehip_xrce_session_tells_matches(const rosehip_xrce_session_t* session) { return session->tells_matches; }

bool rosehip_xrce_object_ready(const rosehip_xrce_object_t* object) { return object->state == OBJECT_READY; }

/* ---- Requests ------------------------------------------------------------------------------------------ */

static bool put(rosehip_xrce_session_t* session, submessage_kind_t kind, uint8_t flags, const uint8_t* payload,
                size_t length_bytes) {
  const output_submessage_t submessage = {
      .kind = kind, .flags = flags, .payload = payload, .payload_bytes = length_bytes};
  if (rh_output_stream_put_control(session, &submessage) == ROSEHIP_OK) return true;
  session->stats.create_out_of_memory++;
  return false;
}

/* 8.3.5.8, with continuous delivery of all samples. */
static bool put_read_data(rosehip_xrce_object_t* object) {
  uint8_t payload[READ_DATA_BYTES];
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(payload, sizeof payload, false);
  object->read_request_id = rh_object_next_request_id(object->session);
  rosehip_cdr_write_id(&writer, object->read_request_id);
  rosehip_cdr_write_id(&writer, object->id);
  rosehip_cdr_write_u8(&writer, object->reliable ? STREAM_RELIABLE : STREAM_BEST_EFFORT);
  rosehip_cdr_write_u8(&writer, 0); /* FORMAT_DATA */
  rosehip_cdr_write_u8(&writer, 0); /* no content filter */
  rosehip_cdr_write_u8(&writer, 1); /* delivery control: */
  rosehip_cdr_write_u16(&writer, UNLIMITED_SAMPLES);
  rosehip_cdr_write_u16(&writer, 0); /* max_elapsed_time: for ever */
  rosehip_cdr_write_u16(&writer, 0); /* max_bytes_per_second: any */
  rosehip_cdr_write_u16(&writer, 0); /* min_pace_period: none */
  return put(object->session, SUBMESSAGE_READ_DATA, 0, payload, writer.position);
}

static bool request_object(rosehip_xrce_object_t* object, uint64_t now_us) {
  object->request_id = rh_object_next_request_id(object->session);
  object->create[0] = (uint8_t)(object->request_id >> 8);
  object->create[1] = (uint8_t)object->request_id;
  if (!put(object->session, SUBMESSAGE_CREATE, FLAG_REPLACE, object->create, object->create_bytes)) return false;
  object->at_agent = true;
  object->state = OBJECT_REQUESTED;
  object->requested_us = now_us;
  /* Right behind, without waiting for the STATUS: the agent handles a stream in order. If this fails for want of
     memory the object is asked for again as a whole, since no samples come. */
  if (rh_object_reads(object) && !put_read_data(object)) object->state = OBJECT_WANTED;
  return object->state == OBJECT_REQUESTED;
}

static bool put_delete(rosehip_xrce_object_t* object) {
  if (!object->at_agent) return true;
  uint8_t payload[4];
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(payload, sizeof payload, false);
  rosehip_cdr_write_id(&writer, rh_object_next_request_id(object->session));
  rosehip_cdr_write_id(&writer, object->id);
  return put(object->session, SUBMESSAGE_DELETE, 0, payload, writer.position);
}

static void schedule_retry(rosehip_xrce_session_t* session, uint64_t now_us) {
  if (session->object_retry_us == ROSEHIP_NEVER_US) session->object_retry_us = now_us + OBJECT_RETRY_US;
}

/* Refused objects, and those whose STATUS never came, are wanted again. */
static void retry(rosehip_xrce_session_t* session, uint64_t now_us) {
  session->object_retry_us = ROSEHIP_NEVER_US;
  for (rosehip_xrce_object_t* object = session->objects; object != NULL; object = object->next) {
    const bool silent = object->state == OBJECT_REQUESTED && now_us - object->requested_us >= OBJECT_RETRY_US;
    if (object->state == OBJECT_REFUSED || silent) {
      object->state = OBJECT_WANTED;
      session->objects_dirty = true;
    } else if (object->state == OBJECT_REQUESTED) {
      schedule_retry(session, now_us);
    }
  }
}

/* In the order of deletion: children go before their parents. False if the stream had no room for all. */
static bool delete_all(rosehip_xrce_session_t* session) {
  while (session->deleted != NULL) {
    rosehip_xrce_object_t* object = session->deleted;
    if (rh_output_stream_crowded(session) || !put_delete(object)) return false;
    session->deleted = object->next;
    rosehip_arena_free(session->config.arena, object);
  }
  return true;
}

/* In the order in which they were made: parents first. False if the stream had no room for all. */
static bool request_all(rosehip_xrce_session_t* session, uint64_t now_us) {
  for (rosehip_xrce_object_t* object = session->objects; object != NULL; object = object->next) {
    if (object->state != OBJECT_WANTED) continue;
    schedule_retry(session, now_us);
    if (rh_output_stream_crowded(session) || !request_object(object, now_us)) return false;
  }
  return true;
}

bool rh_object_pump(rosehip_xrce_session_t* session, uint64_t now_us) {
  if (now_us >= session->object_retry_us) retry(session, now_us);
  if (session->objects_dirty && delete_all(session) && request_all(session, now_us)) session->objects_dirty = false;
  return !session->objects_dirty;
}

uint64_t rh_object_deadline_us(const rosehip_xrce_session_t* session) { return session->object_retry_us; }

/* Not the answer to a request: a Rosehip agent's word that the remote ends of an object are others now. */
static void on_matched(rosehip_xrce_object_t* object, uint8_t status, uint8_t count) {
  rosehip_xrce_session_t* session = object->session;
  object->matched = status == STATUS_OK_MATCHED ? count : 0;
  object->mismatch = status == STATUS_MISMATCH;
  session->tells_matches = true;
  if (session->config.on_matched != NULL) session->config.on_matched(session->config.context);
}

/* 8.3.5.6 */
bool rh_object_on_status(rosehip_xrce_session_t* session, const submessage_t* submessage, uint64_t now_us) {
  rosehip_cdr_reader_t reader = rosehip_cdr_reader(submessage->payload, submessage->length_bytes, false);
  const uint16_t request_id = rosehip_cdr_read_id(&reader);
  const uint16_t object_id = rosehip_cdr_read_id(&reader);
  const uint8_t status = rosehip_cdr_read_u8(&reader);
  if (reader.failed) return false;
  const uint8_t implementation_status = rosehip_cdr_read_u8(&reader); /* Only ours must have it. */
  if (object_id == OBJECT_CLIENT) {
    if (request_id == REQUEST_ID_DELETE_CLIENT) rh_connection_on_client_deleted(session, now_us);
    return true;
  }
  rosehip_xrce_object_t* object = rh_object_find(session, object_id);
  if (object == NULL) return true; /* Of a DELETE, mostly. */
  if (request_id == REQUEST_ID_MATCHED) {
    if (reader.failed) return false;
    on_matched(object, status, implementation_status);
    return true;
  }
  const bool of_create = request_id == object->request_id && object->state == OBJECT_REQUESTED;
  const bool of_read = request_id == object->read_request_id && object->state == OBJECT_READY;
  if (status == STATUS_OK || status == STATUS_OK_MATCHED) {
    if (of_create) object->state = OBJECT_READY;
    object->refused = STATUS_OK;
  } else if (of_create || of_read) {
    object->state = OBJECT_REFUSED;
    session->stats.objects_refused++;
    session->refusal_told = !reader.failed && implementation_status == IMPLEMENTATION_STATUS_TOLD;
    schedule_retry(session, now_us);
    const bool is_news = object->refused != status;
    object->refused = status;
    if (is_news && session->config.on_refused != NULL) {
      session->config.on_refused(session->config.context, object, status);
    }
  }
  return true;
}
