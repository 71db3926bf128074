/*
 * The binary representation of objects in CREATE (DDS-XRCE 1.0, 7.7.3 and Annex A "OBJK_*_Binary"), with three
 * extensions of Rosehip's that other agents pass over:
 *   datawriter            the type hash as user data, "typehash=RIHS01_<64 hex digits>;", as rmw_fastrtps announces it
 *   datareader, requester, replier   behind the standard's fields: padding to 4, magic u32, then one hash of 32
 *                         octets (datareader) or two (request, then reply type); all 0 means unknown
 *   datawriter, datareader   behind that, where it is not the default: padding to 4, magic u32, then the liveliness: kind
 *                         u32 (0 automatic, 1 manual by topic), lease in milliseconds u32 (0 infinite)
 */
#include <assert.h>

#include "session.h"

enum {
  REPRESENTATION_IN_BINARY = 3,
  TYPE_HASH_MAGIC = 0x52485431,
  LIVELINESS_MAGIC = 0x52484c31,
  CREATE_HEADER_BYTES = 12, /* request id, object id, kind, representation, padding, length */
  MAX_TEXT_BYTES = 1024,    /* Of one name or type: DDS has no limit, discovery data of peers does. */
};

typedef struct {
  rosehip_xrce_kind_t kind;
  rosehip_xrce_object_t* parent; /* NULL for a participant: then domain_id. */
  uint16_t domain_id;
  rosehip_xrce_object_t* topic;
  rosehip_qos_t qos;
  rosehip_text_t name;
  rosehip_text_t type;
  const uint8_t* type_hash;
  const rosehip_xrce_service_t* service;
} description_t;

/* ---- Binary representations; each has an alignment origin of its own ----------------------------------- */

static void write_hash(rosehip_cdr_writer_t* writer, const uint8_t* hash) {
  static const uint8_t UNKNOWN[ROSEHIP_TYPE_HASH_BYTES] = {0};
  rosehip_cdr_write_octets(writer, hash == NULL ? UNKNOWN : hash, ROSEHIP_TYPE_HASH_BYTES);
}

static bool is_known(const uint8_t* hash) {
  uint8_t any = 0;
  for (int i = 0; hash != NULL && i < ROSEHIP_TYPE_HASH_BYTES; i++) any |= hash[i];
  return any != 0;
}

static void write_hash_user_data(rosehip_cdr_writer_t* writer, const uint8_t* hash) {
  static const char DIGITS[] = "0123456789abcdef";
  const rosehip_text_t prefix = ROSEHIP_TEXT("typehash=RIHS01_");
  rosehip_cdr_write_u8(writer, is_known(hash));
  if (!is_known(hash)) return;
  rosehip_cdr_write_u32(writer, (uint32_t)prefix.length_bytes + 2 * ROSEHIP_TYPE_HASH_BYTES + 1);
  rosehip_cdr_write_octets(writer, (const uint8_t*)prefix.data, prefix.length_bytes);
  for (int i = 0; i < ROSEHIP_TYPE_HASH_BYTES; i++) {
    rosehip_cdr_write_u8(writer, (uint8_t)DIGITS[hash[i] >> 4]);
    rosehip_cdr_write_u8(writer, (uint8_t)DIGITS[hash[i] & 0x0f]);
  }
  rosehip_cdr_write_u8(writer, ';');
}

static void write_liveliness(rosehip_cdr_writer_t* writer, rosehip_qos_t qos) {
  if (!qos.manual_by_topic && qos.lease_ms == 0) return;
  rosehip_cdr_write_u32(writer, LIVELINESS_MAGIC);
  rosehip_cdr_write_u32(writer, qos.manual_by_topic);
  rosehip_cdr_write_u32(writer, qos.lease_ms);
}

static void write_endpoint(rosehip_cdr_writer_t* writer, const description_t* description) {
  const rosehip_qos_t qos = description->qos;
  const bool writes = description->kind == ROSEHIP_XRCE_DATAWRITER;
  rosehip_cdr_write_id(writer, description->topic->id);
  rosehip_cdr_write_u8(writer, 1); /* has QoS */
  rosehip_cdr_write_u16(writer, qos.flags);
  rosehip_cdr_write_u8(writer, qos.depth != 0);
  if (qos.depth != 0) rosehip_cdr_write_u16(writer, qos.depth);
  rosehip_cdr_write_u8(writer, qos.deadline_ms != 0);
  if (qos.deadline_ms != 0) rosehip_cdr_write_u32(writer, qos.deadline_ms);
  rosehip_cdr_write_u8(writer, writes && qos.lifespan_ms != 0);
  if (writes && qos.lifespan_ms != 0) rosehip_cdr_write_u32(writer, qos.lifespan_ms);
  if (writes) {
    write_hash_user_data(writer, description->type_hash);
    rosehip_cdr_write_u8(writer, 0); /* ownership strength */
    write_liveliness(writer, qos);
    return;
  }
  rosehip_cdr_write_u8(writer, 0); /* user data */
  rosehip_cdr_write_u8(writer, 0); /* time-based filter */
  rosehip_cdr_write_u8(writer, 0); /* content-based filter */
  rosehip_cdr_write_u32(writer, TYPE_HASH_MAGIC);
  write_hash(writer, description->type_hash);
  write_liveliness(writer, qos);
}

static void write_service(rosehip_cdr_writer_t* writer, const rosehip_xrce_service_t* service) {
  rosehip_cdr_write_string(writer, service->service_name);
  rosehip_cdr_write_string(writer, service->request_type);
  rosehip_cdr_write_string(writer, service->reply_type);
  rosehip_cdr_write_u8(writer, 1);
  rosehip_cdr_write_string(writer, service->request_topic);
  rosehip_cdr_write_u8(writer, 1);
  rosehip_cdr_write_string(writer, service->reply_topic);
  rosehip_cdr_write_u32(writer, TYPE_HASH_MAGIC);
  write_hash(writer, service->request_type_hash);
  write_hash(writer, service->reply_type_hash);
}

static void write_representation(rosehip_cdr_writer_t* writer, const description_t* description) {
  switch (description->kind) {
    case ROSEHIP_XRCE_PARTICIPANT:
      rosehip_cdr_write_u8(writer, 0); /* domain reference */
      rosehip_cdr_write_u8(writer, 1);
      rosehip_cdr_write_string(writer, description->name);
      break;
    case ROSEHIP_XRCE_TOPIC:
      rosehip_cdr_write_string(writer, description->name);
      rosehip_cdr_write_u8(writer, 0); /* type reference */
      rosehip_cdr_write_u8(writer, 1);
      rosehip_cdr_write_string(writer, description->type);
      break;
    case ROSEHIP_XRCE_PUBLISHER:
    case ROSEHIP_XRCE_SUBSCRIBER:
      rosehip_cdr_write_u8(writer, 0); /* name */
      rosehip_cdr_write_u8(writer, 0); /* QoS */
      break;
    case ROSEHIP_XRCE_DATAWRITER:
    case ROSEHIP_XRCE_DATAREADER:
      write_endpoint(writer, description);
      break;
    default:
      write_service(writer, description->service);
  }
}

/* ---- CREATE (8.3.5.2) ---------------------------------------------------------------------------------- */

static void write_create(rosehip_cdr_writer_t* writer, const description_t* description, uint16_t object_id,
                         size_t representation_bytes) {
  rosehip_cdr_write_id(writer, 0); /* request id: set when it is sent */
  rosehip_cdr_write_id(writer, object_id);
  rosehip_cdr_write_u8(writer, (uint8_t)description->kind);
  rosehip_cdr_write_u8(writer, REPRESENTATION_IN_BINARY);
  rosehip_cdr_write_u32(writer, (uint32_t)representation_bytes);
  const size_t room = writer->capacity_bytes > writer->position ? writer->capacity_bytes - writer->position : 0;
  rosehip_cdr_writer_t representation =
      rosehip_cdr_writer(room == 0 ? NULL : writer->data + writer->position, room, false);
  write_representation(&representation, description);
  writer->failed |= representation.failed;
  writer->position += representation.position;
  if (description->parent == NULL) {
    rosehip_cdr_write_u16(writer, description->domain_id);
  } else {
    rosehip_cdr_write_id(writer, description->parent->id);
  }
}

static bool fits(rosehip_text_t text) { return text.length_bytes <= MAX_TEXT_BYTES; }

static int create(rosehip_xrce_session_t* session, const description_t* description, rosehip_xrce_object_t** out) {
  *out = NULL;
  if (!fits(description->name) || !fits(description->type)) return ROSEHIP_ERROR_TOO_LARGE;
  rosehip_cdr_writer_t measure = rosehip_cdr_writer(NULL, 0, false);
  write_representation(&measure, description);
  const size_t representation_bytes = measure.position;
  measure = rosehip_cdr_writer(NULL, 0, false);
  write_create(&measure, description, 0, representation_bytes);

  rosehip_xrce_object_t* object = rh_object_new(session, description->kind, measure.position);
  if (object == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(object->create, object->create_bytes, false);
  write_create(&writer, description, object->id, representation_bytes);
  assert(!writer.failed && writer.position == object->create_bytes);
  object->parent = description->parent;
  object->topic = description->topic;
  if (object->parent != NULL) object->parent->children++;
  if (object->topic != NULL) object->topic->children++;
  object->reliable = (description->qos.flags & ROSEHIP_QOS_RELIABLE) != 0 || description->service != NULL;
  *out = object;
  return ROSEHIP_OK;
}

rosehip_text_t rosehip_xrce_object_name(const rosehip_xrce_object_t* object) {
  const rosehip_xrce_kind_t kind = rosehip_xrce_object_kind(object);
  if (object->topic != NULL) return rosehip_xrce_object_name(object->topic);
  if (kind == ROSEHIP_XRCE_PUBLISHER || kind == ROSEHIP_XRCE_SUBSCRIBER) {
    return rosehip_xrce_object_name(object->parent);
  }
  rosehip_cdr_reader_t reader = rosehip_cdr_reader(object->create, object->create_bytes, false);
  rosehip_cdr_read_octets(&reader, kind == ROSEHIP_XRCE_PARTICIPANT ? CREATE_HEADER_BYTES + 2 : CREATE_HEADER_BYTES);
  return rosehip_cdr_read_string(&reader);
}

/* ---- Public -------------------------------------------------------------------------------------------- */

static void assert_kind(const rosehip_xrce_object_t* object, rosehip_xrce_kind_t kind) {
  assert(object != NULL && rosehip_xrce_object_kind(object) == kind && object->state != OBJECT_DELETED);
  (void)object;
  (void)kind;
}

int rosehip_xrce_participant_create(rosehip_xrce_session_t* session, uint16_t domain_id, rosehip_text_t name,
                                    rosehip_xrce_object_t** object) {
  const description_t description = {.kind = ROSEHIP_XRCE_PARTICIPANT, .domain_id = domain_id, .name = name};
  return create(session, &description, object);
}

int rosehip_xrce_topic_create(rosehip_xrce_object_t* participant, rosehip_text_t name, rosehip_text_t type,
                              rosehip_xrce_object_t** object) {
  assert_kind(participant, ROSEHIP_XRCE_PARTICIPANT);
  const description_t description = {.kind = ROSEHIP_XRCE_TOPIC, .parent = participant, .name = name, .type = type};
  return create(participant->session, &description, object);
}

int rosehip_xrce_publisher_create(rosehip_xrce_object_t* participant, rosehip_xrce_object_t** object) {
  assert_kind(participant, ROSEHIP_XRCE_PARTICIPANT);
  return create(participant->session, &(description_t){.kind = ROSEHIP_XRCE_PUBLISHER, .parent = participant}, object);
}

int rosehip_xrce_subscriber_create(rosehip_xrce_object_t* participant, rosehip_xrce_object_t** object) {
  assert_kind(participant, ROSEHIP_XRCE_PARTICIPANT);
  return create(participant->session, &(description_t){.kind = ROSEHIP_XRCE_SUBSCRIBER, .parent = participant}, object);
}

int rosehip_xrce_datawriter_create(rosehip_xrce_object_t* publisher, rosehip_xrce_object_t* topic, rosehip_qos_t qos,
                                   const uint8_t* type_hash, rosehip_xrce_object_t** object) {
  assert_kind(publisher, ROSEHIP_XRCE_PUBLISHER);
  assert_kind(topic, ROSEHIP_XRCE_TOPIC);
  const description_t description = {
      .kind = ROSEHIP_XRCE_DATAWRITER, .parent = publisher, .topic = topic, .qos = qos, .type_hash = type_hash};
  return create(publisher->session, &description, object);
}

/* Gives a new object its callback, if it was made. */
static int set_callback(int result, rosehip_xrce_on_sample_t on_sample, void* context,
                        rosehip_xrce_object_t** object) {
  assert(on_sample != NULL);
  if (result != ROSEHIP_OK) return result;
  (*object)->on_sample = on_sample;
  (*object)->context = context;
  return ROSEHIP_OK;
}

int rosehip_xrce_datareader_create(rosehip_xrce_object_t* subscriber, rosehip_xrce_object_t* topic, rosehip_qos_t qos,
                                   const uint8_t* type_hash, rosehip_xrce_on_sample_t on_sample, void* context,
                                   rosehip_xrce_object_t** object) {
  assert_kind(subscriber, ROSEHIP_XRCE_SUBSCRIBER);
  assert_kind(topic, ROSEHIP_XRCE_TOPIC);
  const description_t description = {
      .kind = ROSEHIP_XRCE_DATAREADER, .parent = subscriber, .topic = topic, .qos = qos, .type_hash = type_hash};
  return set_callback(create(subscriber->session, &description, object), on_sample, context, object);
}

static int create_service(rosehip_xrce_kind_t kind, rosehip_xrce_object_t* participant,
                          const rosehip_xrce_service_t* service, rosehip_xrce_object_t** object) {
  assert_kind(participant, ROSEHIP_XRCE_PARTICIPANT);
  *object = NULL;
  if (!fits(service->service_name) || !fits(service->request_type) || !fits(service->reply_type) ||
      !fits(service->request_topic) || !fits(service->reply_topic)) {
    return ROSEHIP_ERROR_TOO_LARGE;
  }
  const description_t description = {.kind = kind, .parent = participant, .service = service};
  return create(participant->session, &description, object);
}

int rosehip_xrce_requester_create(rosehip_xrce_object_t* participant, const rosehip_xrce_service_t* service,
                                  rosehip_xrce_on_sample_t on_reply, void* context, rosehip_xrce_object_t** object) {
  return set_callback(create_service(ROSEHIP_XRCE_REQUESTER, participant, service, object), on_reply, context, object);
}

int rosehip_xrce_replier_create(rosehip_xrce_object_t* participant, const rosehip_xrce_service_t* service,
                                rosehip_xrce_on_sample_t on_request, void* context, rosehip_xrce_object_t** object) {
  return set_callback(create_service(ROSEHIP_XRCE_REPLIER, participant, service, object), on_request, context, object);
}
