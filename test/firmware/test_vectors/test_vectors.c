/*
 * The captures of the Micro XRCE-DDS Client v2.4.3 and Agent v2.4.2 (test/vectors/xrce): everything the agent sent
 * decodes, and what our client sends is what theirs sent, octet for octet.
 */
#include <string.h>

#include "../../../firmware/src/xrce/message.h"
#include "captures.h"
#include "fake_agent.h"
#include "rosehip/arena.h"
#include "rosehip/framing.h"
#include "unity.h"

enum { MS = 1000, SECOND = 1000000 };

static _Alignas(16) uint8_t memory[64 * 1024];
static rosehip_arena_t arena;
static fake_world_t world;

void setUp(void) {}
void tearDown(void) {}

/* ---- Decoding ------------------------------------------------------------------------------------------------------ */

static unsigned kinds[16];

static void decode(const uint8_t* message, size_t length) {
  rosehip_cdr_reader_t reader = rosehip_cdr_reader(message, length, false);
  message_header_t header;
  TEST_ASSERT_TRUE(rh_message_read_header(&reader, &header));
  submessage_t submessage;
  while (rh_message_read_submessage(&reader, &submessage)) {
    TEST_ASSERT_TRUE((unsigned)submessage.kind < 16);
    kinds[submessage.kind]++;
  }
  TEST_ASSERT_FALSE(reader.failed);
  TEST_ASSERT_EQUAL_UINT(0, rosehip_cdr_reader_left(&reader));
}

static void decode_framed(void* context, const uint8_t* message, size_t length) {
  (void)context;
  decode(message, length);
}

static void decode_serial(const capture_t* captures, int number) {
  static uint8_t buffer[1024];
  for (int i = 0; i < number; i++) {
    rosehip_framing_t framing;
    const rosehip_framing_config_t config = {.kind = ROSEHIP_FRAMING_SERIAL,
                                             .buffer = buffer,
                                             .buffer_bytes = sizeof buffer,
                                             .local_address = captures[i].to_agent ? 0 : 1,
                                             .on_message = decode_framed};
    rosehip_framing_init(&framing, &config);
    rosehip_framing_receive(&framing, captures[i].bytes, captures[i].length);
  }
}

/* Numbers of each kind as counted in the decoded commentary of the captures. */
static void test_every_captured_message_decodes(void) {
  memset(kinds, 0, sizeof kinds);
  for (int i = 0; i < SESSION_UDP_COUNT; i++) decode(SESSION_UDP[i].bytes, SESSION_UDP[i].length);
  static const unsigned udp[16] = {1, 27, 2, 5, 1, 32, 2, 5, 5, 5, 81, 2, 0, 6, 1, 1};
  for (int i = 0; i < 16; i++) TEST_ASSERT_EQUAL_UINT(udp[i], kinds[i]);
  memset(kinds, 0, sizeof kinds);
  decode_serial(SESSION_SERIAL, SESSION_SERIAL_COUNT);
  decode_serial(LOSS_SERIAL, LOSS_SERIAL_COUNT);
  static const unsigned serial[16] = {2, 56, 4, 10, 2, 65, 4, 10, 10, 10, 161, 3, 0, 12, 2, 2};
  for (int i = 0; i < 16; i++) TEST_ASSERT_EQUAL_UINT(serial[i], kinds[i]);
}

static void test_every_truncation_of_every_message_stays_inside(void) {
  for (int i = 0; i < SESSION_UDP_COUNT; i++) {
    for (size_t length = 0; length < SESSION_UDP[i].length; length++) {
      uint8_t exact[1024];
      memcpy(exact, SESSION_UDP[i].bytes, length);
      rosehip_cdr_reader_t reader = rosehip_cdr_reader(exact, length, false);
      message_header_t header;
      submessage_t submessage;
      if (!rh_message_read_header(&reader, &header)) continue;
      while (rh_message_read_submessage(&reader, &submessage)) {
        TEST_ASSERT_TRUE(submessage.payload + submessage.length_bytes <= exact + length);
      }
    }
  }
}

/* ---- Encoding ------------------------------------------------------------------------------------------------------ */

/* The captured submessage of that kind from client to agent, the `nth`; its length without padding. */
static const uint8_t* captured(uint8_t kind, unsigned nth, size_t* length) {
  for (int i = 0; i < SESSION_UDP_COUNT; i++) {
    const capture_t* message = &SESSION_UDP[i];
    if (!message->to_agent || message->bytes[4] != kind || nth-- > 0) continue;
    *length = 4 + (size_t)(message->bytes[6] | message->bytes[7] << 8);
    return message->bytes + 4;
  }
  TEST_FAIL_MESSAGE("not in the capture");
  return NULL;
}

static uint8_t sent[64][FAKE_MTU];
static size_t sent_length[64];
static unsigned sent_count;

static int record(void* context, const uint8_t* message, size_t length) {
  if (sent_count < 64) {
    memcpy(sent[sent_count], message, length);
    sent_length[sent_count++] = length;
  }
  return fake_send(context, message, length);
}

/* What our client sent of that kind on stream 0, the first. */
static const uint8_t* ours(uint8_t kind) {
  for (unsigned i = 0; i < sent_count; i++) {
    if (sent[i][1] == 0 && sent[i][4] == kind) return sent[i];
  }
  TEST_FAIL_MESSAGE("not sent");
  return NULL;
}

static rosehip_xrce_object_t *participant, *topic, *publisher, *subscriber, *writer, *reader, *replier, *requester;

static int on_sample(void* context, const rosehip_xrce_sample_t* sample) {
  (void)context;
  (void)sample;
  return ROSEHIP_OK;
}

static void start(void) {
  rosehip_arena_init(&arena, memory, sizeof memory);
  fake_world_init(&world, 0);
  sent_count = 0;
  const rosehip_xrce_session_config_t config = {.arena = &arena,
                                                .client_key = {0x11, 0x22, 0x33, 0x44},
                                                .mtu_bytes = 508,
                                                .send = record,
                                                .context = &world};
  TEST_ASSERT_EQUAL_INT(0, rosehip_xrce_session_create(&config, world.now_us, &world.session));
}

static void make_the_objects_of_the_capture(void) {
  rosehip_xrce_object_t* unused;
  const rosehip_qos_t qos = {ROSEHIP_QOS_RELIABLE | ROSEHIP_QOS_KEEP_LAST | ROSEHIP_QOS_TRANSIENT_LOCAL, 10, 0, 0, 0, false};
  const rosehip_xrce_service_t service = {
      ROSEHIP_TEXT("svc2"),           ROSEHIP_TEXT("RqT"),          ROSEHIP_TEXT("RpT"),
      ROSEHIP_TEXT("rq/svc2Request"), ROSEHIP_TEXT("rr/svc2Reply"), NULL,
      NULL};
  /* Theirs have serial number 2: the first of each kind is made to match. */
  rosehip_xrce_participant_create(world.session, 0, ROSEHIP_TEXT("x"), &unused);
  rosehip_xrce_participant_create(world.session, 0, ROSEHIP_TEXT("bin_part"), &participant);
  rosehip_xrce_topic_create(participant, ROSEHIP_TEXT("x"), ROSEHIP_TEXT("y"), &unused);
  rosehip_xrce_topic_create(participant, ROSEHIP_TEXT("rt/bin"), ROSEHIP_TEXT("BinType"), &topic);
  rosehip_xrce_publisher_create(participant, &unused);
  rosehip_xrce_publisher_create(participant, &publisher);
  rosehip_xrce_subscriber_create(participant, &unused);
  rosehip_xrce_subscriber_create(participant, &subscriber);
  rosehip_xrce_datawriter_create(publisher, topic, qos, NULL, &unused);
  rosehip_xrce_datawriter_create(publisher, topic, qos, NULL, &writer);
  rosehip_xrce_datareader_create(subscriber, topic, qos, NULL, on_sample, NULL, &unused);
  rosehip_xrce_datareader_create(subscriber, topic, qos, NULL, on_sample, NULL, &reader);
  rosehip_xrce_requester_create(participant, &service, on_sample, NULL, &unused);
  rosehip_xrce_requester_create(participant, &service, on_sample, NULL, &requester);
  rosehip_xrce_replier_create(participant, &service, on_sample, NULL, &unused);
  rosehip_xrce_replier_create(participant, &service, on_sample, NULL, &replier);
  fake_run(&world, SECOND);
}

static uint32_t u32(const uint8_t* bytes) {
  return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Compares a CREATE payload of ours with the captured one, except the request id and uninitialised padding of theirs.
   With `extension`, ours has a longer representation whose start is theirs. */
static void same_create(uint16_t id, unsigned nth, const uint8_t* padding, size_t paddings, bool extension) {
  size_t length;
  uint8_t theirs[256];
  const uint8_t* submessage = captured(0x01, nth, &length);
  TEST_ASSERT_EQUAL_HEX8(0x05, submessage[1]); /* REPLACE, little endian */
  memcpy(theirs, submessage + 4, length - 4);
  for (size_t i = 0; i < paddings; i++) theirs[12 + padding[i]] = 0;
  const fake_object_t* object = fake_agent_object(&world.agent, id);
  TEST_ASSERT_NOT_NULL(object);
  const uint8_t* create = object->create;
  TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs + 2, create + 2, 6);
  const uint32_t their_blob = u32(theirs + 8), our_blob = u32(create + 8);
  TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs + 12, create + 12, their_blob);
  if (!extension) TEST_ASSERT_EQUAL_UINT(their_blob, our_blob);
  const size_t their_tail = length - 4 - 12 - their_blob, our_tail = object->create_length - 12 - our_blob;
  if (id == 0x0021) { /* domain id, aligned to 2 */
    TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs + length - 4 - 2, create + object->create_length - 2, 2);
    return;
  }
  TEST_ASSERT_EQUAL_UINT(2, their_tail);
  TEST_ASSERT_EQUAL_UINT(2, our_tail);
  TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs + 12 + their_blob, create + 12 + our_blob, 2);
}

static void test_create_is_theirs(void) {
  start();
  make_the_objects_of_the_capture();
  static const uint8_t topic_padding[] = {13, 14, 15}, endpoint_padding[] = {3, 7}, service_padding[] = {9, 10, 11, 29, 30, 31};
  same_create(0x0021, 8, NULL, 0, false);
  same_create(0x0022, 9, topic_padding, 3, false);
  same_create(0x0023, 10, NULL, 0, false);
  same_create(0x0024, 11, NULL, 0, false);
  same_create(0x0025, 12, endpoint_padding, 2, false);
  same_create(0x0026, 13, endpoint_padding, 2, true);
  same_create(0x0027, 14, service_padding, 6, true);
  same_create(0x0028, 15, service_padding, 6, true);
  rosehip_xrce_session_destroy(world.session);
}

static void test_session_messages_are_theirs(void) {
  size_t length;
  start();
  make_the_objects_of_the_capture();
  const uint8_t* theirs = captured(0x02, 1, &length); /* GET_INFO in the session */
  TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs, ours(0x02) + 4, length);
  theirs = captured(0x03, 4, &length); /* DELETE of the client */
  TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs, ours(0x03) + 4, length);
  theirs = captured(0x00, 0, &length); /* CREATE_CLIENT: the same but for our property and what follows it */
  const uint8_t* mine = ours(0x00);
  TEST_ASSERT_EQUAL_HEX8(0x80, mine[0]);
  TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs + 4, mine + 8, 13);
  TEST_ASSERT_EQUAL_HEX8(1, mine[8 + 13]);
  TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs + length - 2, mine + 8 + 62, 2); /* mtu 508 */
  theirs = captured(0x0a, 0, &length); /* ACKNACK of message 0, where ours acknowledges some */
  TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs, ours(0x0a) + 4, 4);
  TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs + 6, ours(0x0a) + 10, 3);
  theirs = captured(0x0e, 0, &length);
  TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs, ours(0x0e) + 4, 4);
  rosehip_xrce_session_destroy(world.session);
}

static void test_read_data_is_theirs(void) {
  size_t length;
  start();
  make_the_objects_of_the_capture();
  const uint8_t* theirs = captured(0x08, 0, &length);
  bool found = false;
  for (unsigned i = 0; i < sent_count; i++) {
    for (size_t at = 4; at + length <= sent_length[i]; at += 4) {
      if (sent[i][1] != 0x80 || memcmp(sent[i] + at, theirs, 4) != 0 || memcmp(sent[i] + at + 6, theirs + 6, 2) != 0) continue;
      TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs + 6, sent[i] + at + 6, length - 6); /* all but the request id */
      found = true;
    }
  }
  TEST_ASSERT_TRUE(found);
  rosehip_xrce_session_destroy(world.session);
}

/* Their first FRAGMENTs carry a WRITE_DATA of 1,300 octets: ours cuts it at the same places. */
static void test_write_data_and_fragments_are_theirs(void) {
  size_t length;
  start();
  make_the_objects_of_the_capture();
  uint8_t payload[1300];
  size_t got = 0;
  for (unsigned i = 0; i < 3; i++) {
    const uint8_t* fragment = captured(0x0d, i, &length);
    const size_t skip = i == 0 ? 4 + 8 : 4; /* FRAGMENT header; WRITE_DATA header, request id, object id */
    memcpy(payload + got, fragment + skip, length - skip);
    got += length - skip;
  }
  sent_count = 0;
  TEST_ASSERT_EQUAL_INT(0, rosehip_xrce_write(writer, payload, got));
  fake_run(&world, 10 * MS);
  for (unsigned i = 0; i < 3; i++) {
    const uint8_t* theirs = captured(0x0d, i, &length);
    const uint8_t* mine = sent[i] + 4;
    TEST_ASSERT_EQUAL_UINT(length + 4, sent_length[i]);
    TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs, mine, i == 0 ? 8 : length);
    if (i == 0) TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs + 10, mine + 10, length - 10); /* all but the request id */
  }
  const uint8_t* theirs = captured(0x07, 0, &length);
  sent_count = 0;
  TEST_ASSERT_EQUAL_INT(0, rosehip_xrce_write(writer, theirs + 8, length - 8));
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs, sent[0] + 4, 4);
  TEST_ASSERT_EQUAL_HEX8_ARRAY(theirs + 6, sent[0] + 10, length - 6);
  rosehip_xrce_session_destroy(world.session);
}

/* ---- Extensions --------------------------------------------------------------------------------------------------- */

static void test_extensions_follow_the_standards_fields(void) {
  start();
  uint8_t hash[64];
  for (uint8_t i = 0; i < 64; i++) hash[i] = (uint8_t)(0xc0 + i);
  const rosehip_xrce_service_t service = {ROSEHIP_TEXT("/s"), ROSEHIP_TEXT("Q"), ROSEHIP_TEXT("P"), ROSEHIP_TEXT("rq"),
                                          ROSEHIP_TEXT("rr"), hash, hash + 32};
  const rosehip_qos_t qos = {ROSEHIP_QOS_RELIABLE, 0, 1000, 0, 500, true};
  rosehip_xrce_participant_create(world.session, 0, ROSEHIP_TEXT("p"), &participant);
  rosehip_xrce_topic_create(participant, ROSEHIP_TEXT("t"), ROSEHIP_TEXT("T"), &topic);
  rosehip_xrce_publisher_create(participant, &publisher);
  rosehip_xrce_subscriber_create(participant, &subscriber);
  rosehip_xrce_datawriter_create(publisher, topic, qos, hash, &writer);
  rosehip_xrce_datareader_create(subscriber, topic, qos, hash, on_sample, NULL, &reader);
  rosehip_xrce_replier_create(participant, &service, on_sample, NULL, &replier);
  fake_run(&world, SECOND);

  static const uint8_t service_start[] = {3, 0, 0, 0, '/', 's', 0, 0, 2, 0, 0, 0, 'Q', 0, 0, 0, 2, 0, 0, 0, 'P', 0,
                                          1, 0, 3, 0, 0, 0, 'r', 'q', 0, 1, 3, 0, 0, 0, 'r', 'r', 0, 0,
                                          0x31, 0x54, 0x48, 0x52}; /* magic, aligned to 4 */
  const uint8_t* blob = fake_agent_object(&world.agent, 0x0018)->create + 12;
  TEST_ASSERT_EQUAL_UINT(sizeof service_start + 64, u32(blob - 4));
  TEST_ASSERT_EQUAL_HEX8_ARRAY(service_start, blob, sizeof service_start);
  TEST_ASSERT_EQUAL_HEX8_ARRAY(hash, blob + sizeof service_start, 64);

  static const uint8_t reader_start[] = {0, 0x12, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x31, 0x54, 0x48, 0x52};
  blob = fake_agent_object(&world.agent, 0x0016)->create + 12;
  static const uint8_t liveliness[] = {0x31, 0x4c, 0x48, 0x52, 1, 0, 0, 0, 0xf4, 1, 0, 0}; /* manual by topic, 500 ms */
  TEST_ASSERT_EQUAL_UINT(sizeof reader_start + 32 + sizeof liveliness, u32(blob - 4));
  TEST_ASSERT_EQUAL_HEX8_ARRAY(reader_start, blob, sizeof reader_start);
  TEST_ASSERT_EQUAL_HEX8_ARRAY(hash, blob + sizeof reader_start, 32);
  TEST_ASSERT_EQUAL_HEX8_ARRAY(liveliness, blob + sizeof reader_start + 32, sizeof liveliness);

  /* topic, QoS, reliable, no depth, no deadline, lifespan 1000 ms, user data of 81 octets */
  static const uint8_t writer_start[] = {0, 0x12, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0xe8, 3, 0, 0, 1, 0, 0, 0, 81, 0, 0, 0};
  blob = fake_agent_object(&world.agent, 0x0015)->create + 12;
  TEST_ASSERT_EQUAL_HEX8_ARRAY(writer_start, blob, sizeof writer_start);
  TEST_ASSERT_EQUAL_MEMORY(
      "typehash=RIHS01_c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf;", blob + sizeof writer_start, 81);
  /* user data, no ownership strength, padding */
  TEST_ASSERT_EQUAL_HEX8_ARRAY(liveliness, blob + sizeof writer_start + 81 + 1 + 2, sizeof liveliness);
  TEST_ASSERT_EQUAL_UINT(sizeof writer_start + 81 + 1 + 2 + sizeof liveliness, u32(blob - 4));
  rosehip_xrce_session_destroy(world.session);
}

int main(void) {
  UNITY_BEGIN();
  RUN_TEST(test_every_captured_message_decodes);
  RUN_TEST(test_every_truncation_of_every_message_stays_inside);
  RUN_TEST(test_create_is_theirs);
  RUN_TEST(test_session_messages_are_theirs);
  RUN_TEST(test_read_data_is_theirs);
  RUN_TEST(test_write_data_and_fragments_are_theirs);
  RUN_TEST(test_extensions_follow_the_standards_fields);
  return UNITY_END();
}
