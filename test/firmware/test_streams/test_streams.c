/* Objects and samples over the session's streams: order, loss, fragments, back-pressure, memory. Virtual time. */
#include <stdio.h>
#include <string.h>

#include "fake_agent.h"
#include "rosehip/arena.h"
#include "unity.h"

enum { ARENA = 256 * 1024, MS = 1000, SECOND = 1000000, MAX_SAMPLE = 69000 };

static _Alignas(16) uint8_t memory[ARENA];
static rosehip_arena_t arena;
static fake_world_t world;
static rosehip_xrce_session_config_t config;

static rosehip_xrce_object_t *participant, *topic, *publisher, *subscriber, *writer, *reader, *replier, *requester;

static unsigned refusals;
static uint8_t last_refusal;

/* What the client's callbacks got. */
static unsigned samples, busy_answers, too_large;
static size_t too_large_bytes; /* Of the last one. */
static bool client_busy, no_memory; /* The latter: of the last one that was too large. */
static bool client_starved; /* Has no memory for payloads. */
static unsigned waits; /* Calls of on_waits, which had this length. */
static size_t waits_bytes;
static unsigned busy_from; /* Busy once it has taken that many samples. */
static uint8_t last_payload[MAX_SAMPLE];
static size_t last_length;
static uint8_t last_identity[24];
static bool last_big_endian;
static uint16_t last_request_id;
static uint32_t next_number; /* Samples that start with a u32 count: the next one due. */
static bool out_of_order;

static void on_refused(void* context, rosehip_xrce_object_t* object, uint8_t status) {
  (void)context;
  TEST_ASSERT_NOT_NULL(object);
  refusals++;
  last_refusal = status;
}

static void on_waits(void* context, const rosehip_xrce_object_t* object, size_t length_bytes) {
  TEST_ASSERT_TRUE(context == &world && object == replier);
  waits++;
  waits_bytes = length_bytes;
}

static int on_sample(void* context, const rosehip_xrce_sample_t* sample) {
  TEST_ASSERT_TRUE(context == &world);
  if (client_starved && sample->payload != NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  if (client_busy || samples >= busy_from) {
    busy_answers++;
    return ROSEHIP_ERROR_BUSY;
  }
  last_big_endian = sample->big_endian;
  last_request_id = sample->request_id;
  if (sample->identity != NULL) memcpy(last_identity, sample->identity, 24);
  if (sample->too_large_bytes != 0) {
    TEST_ASSERT_TRUE(sample->payload == NULL && sample->length_bytes == 0);
    too_large++;
    too_large_bytes = sample->too_large_bytes;
    no_memory = sample->no_memory;
    return ROSEHIP_OK;
  }
  samples++;
  last_length = sample->length_bytes;
  memcpy(last_payload, sample->payload, sample->length_bytes);
  uint32_t number;
  if (sample->length_bytes >= 4) {
    memcpy(&number, sample->payload, 4);
    if (number != next_number++) out_of_order = true;
  }
  return ROSEHIP_OK;
}

static void start(uint32_t seed) {
  fake_world_init(&world, seed);
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_xrce_session_create(&config, world.now_us, &world.session));
}

static rosehip_xrce_on_sample_t on_reader_sample;

static void make_objects(void) {
  const rosehip_qos_t qos = {.flags = ROSEHIP_QOS_RELIABLE | ROSEHIP_QOS_KEEP_LAST, .depth = 10};
  const rosehip_xrce_service_t service = {ROSEHIP_TEXT("/s"),          ROSEHIP_TEXT("Q"), ROSEHIP_TEXT("P"),
                                          ROSEHIP_TEXT("rq/sRequest"), ROSEHIP_TEXT("rr/sReply"), NULL, NULL};
  TEST_ASSERT_EQUAL_INT(0, rosehip_xrce_participant_create(world.session, 0, ROSEHIP_TEXT("node"), &participant));
  TEST_ASSERT_EQUAL_INT(0, rosehip_xrce_topic_create(participant, ROSEHIP_TEXT("rt/t"), ROSEHIP_TEXT("T"), &topic));
  TEST_ASSERT_EQUAL_INT(0, rosehip_xrce_publisher_create(participant, &publisher));
  TEST_ASSERT_EQUAL_INT(0, rosehip_xrce_subscriber_create(participant, &subscriber));
  TEST_ASSERT_EQUAL_INT(0, rosehip_xrce_datawriter_create(publisher, topic, qos, NULL, &writer));
  TEST_ASSERT_EQUAL_INT(0,
                        rosehip_xrce_datareader_create(subscriber, topic, qos, NULL, on_reader_sample, &world, &reader));
  TEST_ASSERT_EQUAL_INT(0, rosehip_xrce_replier_create(participant, &service, on_sample, &world, &replier));
  TEST_ASSERT_EQUAL_INT(0, rosehip_xrce_requester_create(participant, &service, on_sample, &world, &requester));
}

static bool all_ready(fake_world_t* w) {
  (void)w;
  return rosehip_xrce_object_ready(requester) && rosehip_xrce_object_ready(participant);
}

static const rosehip_xrce_stats_t* stats(void) { return rosehip_xrce_session_stats(world.session); }

void setUp(void) {
  rosehip_arena_init(&arena, memory, sizeof memory);
  config = (rosehip_xrce_session_config_t){.arena = &arena,
                                           .client_key = {1, 2, 3, 4},
                                           .mtu_bytes = FAKE_MTU,
                                           .sample_limit_bytes = MAX_SAMPLE,
                                           .send = fake_send,
                                           .on_refused = on_refused,
                                           .on_waits = on_waits,
                                           .context = &world};
  refusals = samples = busy_answers = too_large = next_number = waits = 0;
  client_busy = client_starved = out_of_order = no_memory = false;
  busy_from = UINT32_MAX;
  on_reader_sample = on_sample;
  start(0);
}

void tearDown(void) {
  rosehip_xrce_session_destroy(world.session);
  TEST_ASSERT_EQUAL_UINT(0, arena.used);
}

static void restart_with(uint32_t seed) {
  rosehip_xrce_session_destroy(world.session);
  start(seed);
}

/* ---- Objects ------------------------------------------------------------------------------------------------------- */

static void test_objects_are_created_in_order_and_in_few_round_trips(void) {
  world.link.delay_us = 10 * MS;
  make_objects();
  TEST_ASSERT_TRUE(fake_run_until(&world, all_ready, SECOND));
  /* Three round trips of the handshake and one for everything else. */
  TEST_ASSERT_TRUE(world.now_us - 1000000 <= 4 * 20 * MS + MS);
  TEST_ASSERT_EQUAL_UINT(8, world.agent.object_count);
  static const uint8_t kinds[] = {1, 2, 3, 4, 5, 6, 8, 7};
  for (unsigned i = 0; i < 8; i++) {
    TEST_ASSERT_EQUAL_UINT(kinds[i], world.agent.objects[i].kind);
    TEST_ASSERT_EQUAL_UINT(kinds[i] >= 6, world.agent.objects[i].reading);
  }
}

static void test_writing_before_the_agent_has_it_is_refused(void) {
  make_objects();
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_DISCONNECTED, rosehip_xrce_write(writer, last_payload, 4));
  fake_run_until(&world, all_ready, SECOND);
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_xrce_write(writer, last_payload, 4));
}

static void test_refused_objects_are_reported_and_tried_again(void) {
  world.agent.refuse_status = 0x80;
  world.agent.refuse_kind_mask = 1 << 5;
  make_objects();
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(1, refusals);
  TEST_ASSERT_EQUAL_HEX8(0x80, last_refusal);
  TEST_ASSERT_FALSE(rosehip_xrce_object_ready(writer));
  TEST_ASSERT_TRUE(rosehip_xrce_object_ready(reader));
  fake_run(&world, 10 * SECOND);
  TEST_ASSERT_EQUAL_UINT(3, stats()->objects_refused);
  TEST_ASSERT_EQUAL_UINT_MESSAGE(1, refusals, "the same was told again");
  world.agent.refuse_status = 0x87;
  fake_run(&world, 5 * SECOND);
  TEST_ASSERT_EQUAL_UINT(2, refusals);
  TEST_ASSERT_EQUAL_HEX8(0x87, last_refusal);
  fake_agent_restart(&world.agent);
  fake_run(&world, 2 * SECOND);
  TEST_ASSERT_EQUAL_UINT_MESSAGE(3, refusals, "another connection");
  world.agent.refuse_status = 0;
  fake_run(&world, 5 * SECOND);
  TEST_ASSERT_TRUE(rosehip_xrce_object_ready(writer));
}

static void test_deleted_objects_leave_children_first_and_ids_are_used_again(void) {
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  rosehip_xrce_object_t* all[] = {writer, reader, replier, requester, topic, publisher, subscriber, participant};
  for (unsigned i = 0; i < 8; i++) rosehip_xrce_object_delete(all[i]);
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(0, world.agent.object_count);
  TEST_ASSERT_EQUAL_UINT(8, world.agent.deletes);
  for (int round = 0; round < 300; round++) {
    TEST_ASSERT_EQUAL_INT(0, rosehip_xrce_participant_create(world.session, 0, ROSEHIP_TEXT("n"), &participant));
    fake_run(&world, 20 * MS);
    TEST_ASSERT_EQUAL_UINT(1, world.agent.object_count);
    TEST_ASSERT_EQUAL_UINT(0x0011, world.agent.objects[0].id);
    rosehip_xrce_object_delete(participant);
    fake_run(&world, 20 * MS);
    TEST_ASSERT_EQUAL_UINT(0, world.agent.object_count);
  }
}

static void test_object_deleted_while_there_is_no_agent_never_appears(void) {
  world.agent.up = false;
  make_objects();
  rosehip_xrce_object_delete(requester);
  const size_t before = arena.used;
  for (int i = 0; i < 1000; i++) {
    TEST_ASSERT_EQUAL_INT(0, rosehip_xrce_topic_create(participant, ROSEHIP_TEXT("x"), ROSEHIP_TEXT("y"), &requester));
    rosehip_xrce_object_delete(requester);
    fake_run(&world, MS);
  }
  TEST_ASSERT_TRUE(arena.used <= before);
  world.agent.up = true;
  fake_run(&world, 2 * SECOND);
  TEST_ASSERT_EQUAL_UINT(7, world.agent.object_count);
}

/* ---- Samples ------------------------------------------------------------------------------------------------------- */

static void test_request_arrives_and_its_reply_leaves(void) {
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  uint8_t request[24 + 4] = {0};
  for (uint8_t i = 0; i < 24; i++) request[i] = i;
  TEST_ASSERT_TRUE(fake_agent_data(&world, 0x0018, 1, request, sizeof request));
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT(1, samples);
  TEST_ASSERT_EQUAL_UINT(4, last_length);
  TEST_ASSERT_FALSE(last_big_endian);
  TEST_ASSERT_EQUAL_HEX8_ARRAY(request, last_identity, 24);
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_xrce_reply(replier, last_identity, (const uint8_t*)"abcd", 4));
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT(28, world.agent.written_length);
  TEST_ASSERT_EQUAL_UINT(0x0018, world.agent.written_object);
  TEST_ASSERT_EQUAL_HEX8_ARRAY(request, world.agent.written, 24);
  TEST_ASSERT_EQUAL_HEX8_ARRAY("abcd", world.agent.written + 24, 4);
}

static void test_big_endian_data(void) {
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  uint8_t request[28] = {0};
  request[19] = 7; /* sequence number high, big endian */
  request[23] = 9; /* low */
  TEST_ASSERT_TRUE(fake_agent_data(&world, 0x0018, 0, request, sizeof request));
  fake_run(&world, 10 * MS);
  TEST_ASSERT_TRUE(last_big_endian);
  TEST_ASSERT_EQUAL_HEX8(7, last_identity[16]); /* given on in little endian, as it is written back */
  TEST_ASSERT_EQUAL_HEX8(9, last_identity[20]);
}

static void test_reply_for_a_requester_carries_the_request_id(void) {
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  const int id = rosehip_xrce_request(requester, (const uint8_t*)"1234", 4);
  TEST_ASSERT_TRUE(id >= 10);
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT((unsigned)id, world.agent.written_request_id);
  const uint8_t reply[] = {(uint8_t)(id >> 8), (uint8_t)id, 0x00, 0x17, 0, 0, 0, 0};
  TEST_ASSERT_TRUE(fake_agent_data(&world, 0x0017, 1, reply, sizeof reply));
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT(1, samples);
  TEST_ASSERT_EQUAL_UINT((unsigned)id, last_request_id);
  TEST_ASSERT_EQUAL_UINT(4, last_length);
}

static void test_data_that_is_too_short_or_for_nobody_is_counted(void) {
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  fake_agent_data(&world, 0x0018, 1, last_payload, 23);
  fake_agent_data(&world, 0x0998, 1, last_payload, 30);
  fake_agent_data(&world, 0x0011, 1, last_payload, 30);
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT(1, stats()->malformed);
  TEST_ASSERT_EQUAL_UINT(2, stats()->unknown_objects);
  TEST_ASSERT_EQUAL_UINT(0, samples);
}

static void fill(uint8_t* payload, size_t length, uint32_t number) {
  for (size_t i = 0; i < length; i++) payload[i] = (uint8_t)(i * 7 + number);
  if (length >= 4) memcpy(payload, &number, 4);
}

static bool idle(fake_world_t* w) {
  return rosehip_xrce_session_queued_bytes(w->session) == 0 && w->agent.out_first == w->agent.out_next;
}

static void test_samples_of_every_size_around_the_mtu_both_ways(void) {
  static uint8_t payload[MAX_SAMPLE];
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  static const size_t sizes[] = {0,   1,    4,    480,  495,  496,   497,   499,   500,  501,
                                 504, 1000, 1004, 1008, 7000, 16384, 65527, 65531, 65532, 66000};
  unsigned writes = 0;
  uint32_t number = 0;
  for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    fill(payload, sizes[i], number);
    if (sizes[i] >= 4) number++;
    TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_xrce_write(writer, payload, sizes[i]));
    TEST_ASSERT_TRUE(fake_run_until(&world, idle, 10 * SECOND));
    TEST_ASSERT_EQUAL_UINT(++writes, world.agent.writes);
    TEST_ASSERT_EQUAL_UINT(sizes[i], world.agent.written_length);
    TEST_ASSERT_EQUAL_MEMORY(payload, world.agent.written, sizes[i] + (sizes[i] == 0));
    if (sizes[i] > 7000) { /* the agent's window has no room for it at once */
      next_number = number;
      continue;
    }
    TEST_ASSERT_TRUE(fake_agent_data(&world, 0x0016, 1, payload, sizes[i]));
    TEST_ASSERT_TRUE(fake_run_until(&world, idle, 10 * SECOND));
    TEST_ASSERT_EQUAL_UINT(sizes[i], last_length);
    TEST_ASSERT_EQUAL_MEMORY(payload, last_payload, sizes[i] + (sizes[i] == 0));
  }
}

static void test_best_effort_samples_use_the_best_effort_stream(void) {
  make_objects();
  rosehip_xrce_object_t* fast;
  rosehip_xrce_datawriter_create(publisher, topic, (rosehip_qos_t){.flags = 0}, NULL, &fast);
  fake_run_until(&world, all_ready, SECOND);
  fake_run(&world, 10 * MS);
  const uint16_t reliable_before = world.agent.in_expected;
  for (int i = 0; i < 10; i++) {
    TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_xrce_write(fast, (const uint8_t*)"12345678", 8));
  }
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT(10, world.agent.writes);
  TEST_ASSERT_EQUAL_UINT(reliable_before, world.agent.in_expected);
  TEST_ASSERT_EQUAL_UINT(0, rosehip_xrce_session_queued_bytes(world.session));
}

static void test_limits_are_errors_at_the_call(void) {
  restart_with(0);
  rosehip_xrce_session_destroy(world.session);
  config.sample_limit_bytes = 2000;
  config.queue_limit_bytes = 4000;
  start(0);
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_TOO_LARGE, rosehip_xrce_write(writer, last_payload, 2001));
  world.link.busy = true;
  unsigned accepted = 0;
  while (rosehip_xrce_write(writer, last_payload, 100) == ROSEHIP_OK) accepted++;
  TEST_ASSERT_EQUAL_UINT(4000 / (100 + 16 + 4 + 8), accepted);
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_BUSY, rosehip_xrce_write(writer, last_payload, 100));
  world.link.busy = false;
  fake_run(&world, 100 * MS);
  TEST_ASSERT_EQUAL_UINT(accepted, world.agent.writes);
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_xrce_write(writer, last_payload, 2000));
}

static void test_window_bounds_what_is_in_flight(void) {
  rosehip_xrce_session_destroy(world.session);
  config.window_messages = 4;
  start(0);
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  fake_run(&world, SECOND);
  for (int i = 0; i < 50; i++) rosehip_xrce_write(writer, last_payload, 100);
  world.link.delay_us = 10 * MS;
  fake_run(&world, 15 * MS); /* there, but the ACKNACK is not yet back */
  TEST_ASSERT_EQUAL_UINT(4, world.agent.writes);
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(50, world.agent.writes);
}

/* ---- Back-pressure ------------------------------------------------------------------------------------------------- */

static void test_busy_callback_keeps_samples_and_stops_the_agent(void) {
  static uint8_t payload[3000];
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  client_busy = true;
  uint32_t number = 0;
  for (;; number++) { /* one in fragments among them */
    fill(payload, number == 2 ? 3000 : 40, number);
    if (!fake_agent_data(&world, 0x0016, 1, payload, number == 2 ? 3000 : 40)) break;
    fake_run(&world, MS);
  }
  fake_run(&world, 5 * SECOND);
  TEST_ASSERT_EQUAL_UINT(0, samples);
  TEST_ASSERT_TRUE(busy_answers > 0);
  TEST_ASSERT_EQUAL_UINT(1, stats()->connections);
  TEST_ASSERT_EQUAL_UINT(FAKE_WINDOW, (uint16_t)(world.agent.out_next - world.agent.out_first));
  client_busy = false;
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(number, samples);
  TEST_ASSERT_FALSE(out_of_order);
}

static void test_busy_in_the_middle_of_a_message_offers_only_the_rest_again(void) {
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  fake_run(&world, SECOND);
  /* Two DATA in one message: the first is taken, the second refused for a while. */
  const uint8_t message[] = {0x81, 0x80, (uint8_t)world.agent.out_next, 0, 9, 1, 8, 0, 0, 10, 0x00, 0x16, 0, 0, 0, 0,
                             9,    1,    8, 0, 0, 10, 0x00, 0x16, 1, 0, 0, 0};
  world.agent.out_next++;
  memcpy(world.agent.out[message[2] % FAKE_WINDOW].bytes, message, sizeof message);
  world.agent.out[message[2] % FAKE_WINDOW].length = sizeof message;
  fake_agent_raw(&world, message, sizeof message);
  busy_from = 1;
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(1, samples);
  TEST_ASSERT_TRUE(busy_answers > 0);
  busy_from = UINT32_MAX;
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(2, samples);
  TEST_ASSERT_FALSE(out_of_order);
}

/* ---- Loss ---------------------------------------------------------------------------------------------------------- */

static uint32_t agent_next;
static bool agent_out_of_order;

static void on_write(void* context, uint16_t object_id, const uint8_t* payload, size_t length) {
  (void)context;
  (void)object_id;
  (void)length;
  uint32_t number;
  memcpy(&number, payload, 4);
  if (number != agent_next++) agent_out_of_order = true;
}

static void exchange_over_bad_link(uint32_t seed, uint32_t count, size_t size) {
  static uint8_t payload[2000];
  restart_with(seed);
  samples = next_number = agent_next = 0;
  out_of_order = agent_out_of_order = false;
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  world.agent.on_write = on_write;
  world.link.loss_percent = 15;
  world.link.duplicate_percent = 10;
  world.link.jitter_us = 5 * MS;
  uint32_t sent = 0, written = 0;
  for (int i = 0; i < 200000 && (samples < count || agent_next < count); i++) {
    fill(payload, size, written);
    if (written < count && rosehip_xrce_write(writer, payload, size) == ROSEHIP_OK) written++;
    fill(payload, size, sent);
    if (sent < count && fake_agent_data(&world, 0x0016, 1, payload, size)) sent++;
    fake_run(&world, 2 * MS);
    client_busy = fake_random(&seed) % 8 == 0;
  }
  client_busy = false;
  if (samples != count || agent_next != count || out_of_order || agent_out_of_order || stats()->connections != 1) {
    printf("seed %u\n", (unsigned)seed);
  }
  TEST_ASSERT_EQUAL_UINT(count, samples);
  TEST_ASSERT_EQUAL_UINT(count, agent_next);
  TEST_ASSERT_FALSE(out_of_order);
  TEST_ASSERT_FALSE(agent_out_of_order);
  TEST_ASSERT_EQUAL_UINT(1, stats()->connections);
}

static void test_bad_link_delivers_everything_once_and_in_order(void) {
  for (uint32_t seed = 1; seed <= 12; seed++) exchange_over_bad_link(seed, 200, 40);
}

static void test_bad_link_delivers_fragmented_samples(void) {
  for (uint32_t seed = 101; seed <= 106; seed++) exchange_over_bad_link(seed, 40, 1900);
}

/* ---- Connections that end and come back ------------------------------------------------------------------------ */

enum { RENEWED_SAMPLES = 400 };
static bool arrived[RENEWED_SAMPLES];
static uint32_t last_taken;
static bool taken_again;

static void on_write_counted(void* context, uint16_t object_id, const uint8_t* payload, size_t length) {
  uint32_t number;
  (void)context, (void)object_id, (void)length;
  memcpy(&number, payload, 4);
  if (number < RENEWED_SAMPLES) arrived[number] = true;
}

static int on_sample_counted(void* context, const rosehip_xrce_sample_t* sample) {
  uint32_t number;
  (void)context;
  memcpy(&number, sample->payload, 4);
  if (number <= last_taken) taken_again = true;
  last_taken = number;
  samples++;
  return ROSEHIP_OK;
}

/* The agent restarts, or nobody is heard for 4 s, or the owner starts anew; what was under way comes late. */
static void interrupt(uint32_t* seed) {
  const uint32_t which = fake_random(seed) % 3;
  if (which == 0) {
    fake_agent_restart(&world.agent);
  } else if (which == 1) {
    world.link.cut = true;
    fake_run(&world, 4 * SECOND);
    world.link.cut = false;
  } else {
    rosehip_xrce_session_reconnect(world.session, world.now_us);
  }
}

/* All that the client could write arrives, and what the agent sends is never taken twice nor after what came later: over
   a bad link, and connections that end at any moment. What the agent had under way then is lost with its streams. The
   session id stays the same (the Micro XRCE-DDS Agent would keep the old objects otherwise), so a message may not come
   later than the two round trips of FORGET and CREATE. */
static void exchange_with_interruptions(uint32_t seed) {
  const uint32_t first_seed = seed;
  uint8_t payload[40] = {0};
  restart_with(seed);
  on_reader_sample = on_sample_counted;
  make_objects();
  memset(arrived, 0, sizeof arrived);
  last_taken = 0;
  taken_again = false;
  samples = 0;
  world.agent.on_write = on_write_counted;
  world.link.loss_percent = 10;
  world.link.duplicate_percent = 10;
  world.link.delay_us = 2 * MS;
  world.link.jitter_us = 5 * MS;
  uint32_t written = 0, sent = 0;
  for (int i = 0; written < RENEWED_SAMPLES && i < 100000; i++) {
    memcpy(payload, &written, 4);
    if (rosehip_xrce_write(writer, payload, sizeof payload) == ROSEHIP_OK) written++;
    const fake_object_t* object = fake_agent_object(&world.agent, 0x0016);
    const uint32_t number = sent + 1;
    memcpy(payload, &number, 4);
    if (object != NULL && object->reading && fake_agent_data(&world, 0x0016, 1, payload, sizeof payload)) sent++;
    fake_run(&world, 2 * MS);
    if (fake_random(&seed) % 100 == 0) interrupt(&seed);
  }
  TEST_ASSERT_TRUE(fake_run_until(&world, all_ready, 20 * SECOND));
  fake_run(&world, 5 * SECOND);
  const uint32_t before = last_taken;
  uint32_t later = 0;
  while (later < 20) {
    const uint32_t number = sent + 1;
    memcpy(payload, &number, 4);
    if (fake_agent_data(&world, 0x0016, 1, payload, sizeof payload)) sent++, later++;
    fake_run(&world, 20 * MS);
  }
  fake_run(&world, 5 * SECOND);
  uint32_t missing = 0;
  for (uint32_t i = 0; i < RENEWED_SAMPLES; i++) missing += !arrived[i];
  if (missing != stats()->samples_lost || taken_again || last_taken != sent || last_taken < before + 20) {
    printf("seed %u\n", (unsigned)first_seed);
  }
  TEST_ASSERT_EQUAL_UINT(stats()->samples_lost, missing);
  TEST_ASSERT_FALSE(taken_again);
  TEST_ASSERT_EQUAL_UINT(sent, last_taken);
}

static void test_connections_that_end_lose_and_double_nothing_the_client_wrote(void) {
  for (uint32_t seed = 1; seed <= 40; seed++) exchange_with_interruptions(seed);
}

static void test_sequence_numbers_wrap(void) {
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  world.agent.on_write = on_write;
  agent_next = 0;
  agent_out_of_order = false;
  uint32_t sent = 0;
  uint8_t payload[8];
  while (sent < 70000) {
    fill(payload, 8, sent);
    const bool wrote = rosehip_xrce_write(writer, payload, 8) == ROSEHIP_OK;
    if (fake_agent_data(&world, 0x0016, 1, payload, 8)) {
      sent++;
      if (!wrote) TEST_FAIL();
    } else if (wrote) {
      TEST_FAIL();
    }
    fake_run(&world, 3 * MS);
  }
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(70000, samples);
  TEST_ASSERT_EQUAL_UINT(70000, agent_next);
  TEST_ASSERT_FALSE(out_of_order || agent_out_of_order);
}

static void test_heartbeat_beyond_what_is_expected_skips(void) {
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  fake_run(&world, SECOND);
  /* The agent took three messages back; the one behind them came early. */
  world.agent.out_next = world.agent.out_first = (uint16_t)(world.agent.out_next + 3);
  uint8_t payload[4] = {0};
  world.link.delay_us = 0;
  fake_agent_data(&world, 0x0016, 1, payload, 4);
  fake_run(&world, MS);
  TEST_ASSERT_EQUAL_UINT(0, samples);
  fake_run(&world, SECOND); /* HEARTBEAT */
  TEST_ASSERT_EQUAL_UINT(1, samples);
  TEST_ASSERT_EQUAL_UINT(3, stats()->messages_skipped);
}

/* ---- Connections --------------------------------------------------------------------------------------------------- */

static void test_samples_survive_the_agents_restart(void) {
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  world.agent.on_write = on_write;
  agent_next = 0;
  agent_out_of_order = false;
  world.agent.up = false;
  uint8_t payload[1200];
  for (uint32_t i = 0; i < 10; i++) {
    fill(payload, i == 4 ? 1200 : 40, i);
    TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_xrce_write(writer, payload, i == 4 ? 1200 : 40));
  }
  fake_run(&world, 3 * SECOND);
  TEST_ASSERT_EQUAL_UINT(0, agent_next);
  fake_agent_restart(&world.agent);
  world.agent.up = true;
  fake_run(&world, 2 * SECOND);
  TEST_ASSERT_EQUAL_UINT(10, agent_next);
  TEST_ASSERT_FALSE(agent_out_of_order);
  TEST_ASSERT_EQUAL_UINT(0, stats()->samples_lost);
  TEST_ASSERT_EQUAL_UINT(0, rosehip_xrce_session_queued_bytes(world.session));
}

static void test_sample_cut_in_its_middle_by_a_restart_is_lost_and_counted(void) {
  static uint8_t payload[20000];
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  world.link.delay_us = 5 * MS;
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_xrce_write(writer, payload, sizeof payload));
  fake_run(&world, 12 * MS); /* one window of fragments is acknowledged */
  fake_agent_restart(&world.agent);
  fake_run(&world, 3 * SECOND);
  TEST_ASSERT_EQUAL_UINT(2, stats()->connections);
  TEST_ASSERT_EQUAL_UINT(1, stats()->samples_lost);
  TEST_ASSERT_EQUAL_UINT(0, world.agent.writes);
  TEST_ASSERT_EQUAL_UINT(0, rosehip_xrce_session_queued_bytes(world.session));
}

static void test_restarts_leak_nothing(void) {
  static uint8_t payload[3000];
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  fake_run(&world, SECOND);
  const size_t before = arena.used;
  for (int round = 0; round < 200; round++) {
    rosehip_xrce_write(writer, payload, round % 2 ? 2500 : 20);
    fake_agent_data(&world, 0x0016, 1, payload, round % 3 ? 2500 : 20);
    fake_run(&world, (uint64_t)(round % 7) * 400);
    fake_agent_restart(&world.agent);
    fake_run(&world, 2 * SECOND);
    TEST_ASSERT_TRUE(all_ready(&world));
  }
  TEST_ASSERT_EQUAL_UINT(before, arena.used);
  TEST_ASSERT_TRUE(rosehip_arena_check(&arena));
}

/* ---- Memory -------------------------------------------------------------------------------------------------------- */

static void test_small_arena_recovers_from_running_out(void) {
  static uint8_t small[6 * 1024];
  static uint8_t payload[3000];
  rosehip_xrce_session_destroy(world.session);
  rosehip_arena_init(&arena, small, sizeof small);
  config.sample_limit_bytes = 3000;
  start(0);
  make_objects();
  TEST_ASSERT_TRUE(fake_run_until(&world, all_ready, 10 * SECOND));
  fake_run(&world, SECOND);
  const size_t before = arena.used;
  /* A sample in fragments finds no room as long as the queue of writes holds the memory. */
  world.link.busy = true;
  unsigned writes = 0;
  while (rosehip_xrce_write(writer, payload, 100) == ROSEHIP_OK) writes++;
  TEST_ASSERT_TRUE(arena.failed > 0);
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_BUSY, rosehip_xrce_write(writer, payload, 100)); /* what leaves makes room */
  TEST_ASSERT_TRUE(fake_agent_data(&world, 0x0016, 1, payload, 2000));
  fake_run(&world, 5 * MS);
  TEST_ASSERT_TRUE(stats()->input_out_of_memory > 0);
  world.link.busy = false;
  fake_run(&world, 3 * SECOND);
  TEST_ASSERT_EQUAL_UINT(writes, world.agent.writes);
  TEST_ASSERT_EQUAL_UINT(1, samples);
  TEST_ASSERT_EQUAL_UINT(2000, last_length);
  TEST_ASSERT_EQUAL_UINT(before, arena.used);
}

static void start_in(uint8_t* block, size_t size) {
  rosehip_xrce_session_destroy(world.session);
  rosehip_arena_init(&arena, block, size);
  start(0);
  make_objects();
  TEST_ASSERT_TRUE(fake_run_until(&world, all_ready, 10 * SECOND));
  fake_run(&world, SECOND);
}

static void one_more_arrives(void) {
  uint8_t payload[24 + 40] = {0};
  const unsigned before = samples;
  TEST_ASSERT_TRUE(fake_agent_data(&world, 0x0018, 1, payload, sizeof payload));
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(before + 1, samples);
}

static void test_sample_that_never_fits_is_told_to_its_object(void) {
  static uint8_t small[5 * 1024];
  static const uint8_t payload[6000];
  static const uint16_t object_ids[] = {0x0016, 0x0017, 0x0018};
  static const unsigned head_bytes[] = {0, 4, 24};
  start_in(small, sizeof small);
  const size_t before = arena.used;
  for (unsigned i = 0; i < 3; i++) {
    TEST_ASSERT_TRUE(fake_agent_data(&world, object_ids[i], 1, payload, 6000));
    fake_run(&world, 3 * SECOND);
    TEST_ASSERT_EQUAL_UINT_MESSAGE(i, too_large, "told before memory was waited for");
    fake_run(&world, 6 * SECOND);
    TEST_ASSERT_EQUAL_UINT(i + 1, too_large);
    TEST_ASSERT_EQUAL_UINT(6000 - head_bytes[i], too_large_bytes);
    TEST_ASSERT_TRUE(no_memory);
  }
  TEST_ASSERT_EQUAL_UINT(3, stats()->samples_too_large);
  TEST_ASSERT_EQUAL_UINT(0, stats()->samples_dropped + stats()->malformed);
  TEST_ASSERT_EQUAL_UINT(before, arena.used);
  one_more_arrives();
}

/* Takes all that is free, down to the smallest block. */
static unsigned take_all(void** blocks, unsigned most) {
  unsigned count = 0;
  for (size_t size = 64 * 1024; size != 0; size /= 2) {
    while (count < most && (blocks[count] = rosehip_arena_alloc(&arena, size, 0)) != NULL) count++;
  }
  TEST_ASSERT_TRUE(count < most);
  return count;
}

static void test_sample_is_dropped_and_counted_if_there_is_no_memory_at_all(void) {
  static uint8_t small[5 * 1024];
  static const uint8_t payload[1000];
  void* blocks[64];
  start_in(small, sizeof small);
  const unsigned count = take_all(blocks, 64);
  TEST_ASSERT_TRUE(fake_agent_data(&world, 0x0018, 1, payload, sizeof payload));
  fake_run(&world, 10 * SECOND);
  TEST_ASSERT_EQUAL_UINT(1, stats()->samples_dropped);
  TEST_ASSERT_EQUAL_UINT(0, too_large);
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_OUT_OF_MEMORY, rosehip_xrce_write(writer, payload, 4)); /* nothing leaves */
  for (unsigned i = 0; i < count; i++) rosehip_arena_free(&arena, blocks[i]);
  one_more_arrives();
}

/* The fragments behind the first were kept as there was no memory for the sample; now they are what is in its way. */
static void test_messages_that_came_early_make_room(void) {
  static uint8_t small[16 * 1024];
  static uint8_t payload[7000];
  void* blocks[64];
  start_in(small, sizeof small);
  void* later = rosehip_arena_alloc(&arena, 3000, 0);
  void* now = rosehip_arena_alloc(&arena, 6000, 0);
  const unsigned count = take_all(blocks, 64);
  rosehip_arena_free(&arena, now);
  fill(payload, sizeof payload, 0);
  TEST_ASSERT_TRUE(fake_agent_data(&world, 0x0018, 1, payload, sizeof payload));
  fake_run(&world, SECOND);
  TEST_ASSERT_TRUE(stats()->input_out_of_memory > 0);
  TEST_ASSERT_EQUAL_UINT(0, samples);
  rosehip_arena_free(&arena, later);
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(1, samples);
  TEST_ASSERT_EQUAL_UINT(sizeof payload - 24, last_length);
  TEST_ASSERT_EQUAL_MEMORY(payload + 24, last_payload, last_length);
  for (unsigned i = 0; i < count; i++) rosehip_arena_free(&arena, blocks[i]);
}

static void test_sample_without_memory_waits_and_then_is_told(void) {
  static const uint8_t payload[1000];
  start_in(memory, sizeof memory);
  for (unsigned whole = 0; whole < 2; whole++) { /* in fragments first */
    const size_t length = whole ? 200 : 1000;
    client_starved = true;
    waits = too_large = 0;
    TEST_ASSERT_TRUE(fake_agent_data(&world, 0x0018, 1, payload, length));
    fake_run(&world, 4900 * MS);
    TEST_ASSERT_EQUAL_UINT(0, too_large + samples);
    TEST_ASSERT_TRUE(waits > 0);
    TEST_ASSERT_EQUAL_UINT(length - 24, waits_bytes);
    fake_run(&world, SECOND);
    TEST_ASSERT_EQUAL_UINT(1, too_large);
    TEST_ASSERT_EQUAL_UINT(length - 24, too_large_bytes);
    TEST_ASSERT_TRUE(no_memory);
  }
  /* Another one that waits has its own time, and is taken if there is memory in it. */
  TEST_ASSERT_TRUE(fake_agent_data(&world, 0x0018, 1, payload, 200));
  fake_run(&world, 4 * SECOND);
  client_starved = false;
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(1, too_large);
  TEST_ASSERT_EQUAL_UINT(1, samples);
}

static void test_best_effort_sample_without_memory_is_told_at_once(void) {
  const rosehip_qos_t qos = {.flags = ROSEHIP_QOS_KEEP_LAST, .depth = 1};
  static const uint8_t payload[200];
  start_in(memory, sizeof memory);
  TEST_ASSERT_EQUAL_INT(
      0, rosehip_xrce_datareader_create(subscriber, topic, qos, NULL, on_reader_sample, &world, &reader));
  fake_run(&world, SECOND);
  client_starved = true;
  TEST_ASSERT_TRUE(fake_agent_data(&world, 0x0026, 1, payload, sizeof payload));
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT(1, too_large);
  TEST_ASSERT_TRUE(no_memory);
  TEST_ASSERT_EQUAL_UINT(0, waits);
}

/* ---- Samples over the limit ---------------------------------------------------------------------------------------- */

static void start_with_limit(uint32_t limit_bytes, uint32_t seed) {
  rosehip_xrce_session_destroy(world.session);
  config.sample_limit_bytes = limit_bytes;
  start(seed);
  make_objects();
  TEST_ASSERT_TRUE(fake_run_until(&world, all_ready, 10 * SECOND));
  fake_run(&world, SECOND);
}

/* Sends to an object a payload of `length` behind `head_length` octets of what DDS-RPC puts before it, each its index. */
static void send_of_length(uint16_t object_id, size_t head_length, size_t length) {
  static uint8_t octets[6100];
  for (size_t i = 0; i < head_length; i++) octets[i] = (uint8_t)(i + 1);
  TEST_ASSERT_TRUE(fake_agent_data(&world, object_id, 1, octets, head_length + length));
  fake_run(&world, SECOND);
}

static void assert_limit_holds(uint16_t object_id, size_t head_length, size_t limit) {
  const size_t before = arena.used;
  const unsigned told = too_large, taken = samples;
  send_of_length(object_id, head_length, limit);
  TEST_ASSERT_EQUAL_UINT(taken + 1, samples);
  TEST_ASSERT_EQUAL_UINT(limit, last_length);
  send_of_length(object_id, head_length, limit + 1);
  TEST_ASSERT_EQUAL_UINT(told + 1, too_large);
  TEST_ASSERT_EQUAL_UINT(limit + 1, too_large_bytes);
  send_of_length(object_id, head_length, limit + 100);
  TEST_ASSERT_EQUAL_UINT(told + 2, too_large);
  TEST_ASSERT_EQUAL_UINT(limit + 100, too_large_bytes);
  send_of_length(object_id, head_length, limit);
  TEST_ASSERT_EQUAL_UINT(taken + 2, samples);
  TEST_ASSERT_EQUAL_UINT(too_large, stats()->samples_too_large);
  TEST_ASSERT_EQUAL_UINT(0, stats()->malformed);
  TEST_ASSERT_EQUAL_UINT(before, arena.used);
}

/* In one message with the smaller limit, in fragments with the other. */
static void test_sample_over_the_limit_is_told_to_its_object(void) {
  static const uint32_t limits[] = {300, 5000};
  for (unsigned i = 0; i < 2; i++) {
    start_with_limit(limits[i], 0);
    assert_limit_holds(0x0016, 0, limits[i]);
    assert_limit_holds(0x0018, 24, limits[i]);
    for (uint8_t octet = 0; octet < 24; octet++) TEST_ASSERT_EQUAL_HEX8(octet + 1, last_identity[octet]);
    assert_limit_holds(0x0017, 4, limits[i]);
    TEST_ASSERT_EQUAL_HEX16(0x0102, last_request_id);
    too_large = 0;
  }
}

static void test_request_over_64_kib_is_told_once_while_its_service_is_busy(void) {
  static const uint8_t head[32] = {9, 1, 0, 0, 0, 10, 0x00, 0x18, [8] = 77, [31] = 99};
  static uint8_t piece[500];
  start_with_limit(5000, 0);
  const size_t before = arena.used;
  memcpy(piece, head, sizeof head);
  busy_from = 0;
  for (unsigned i = 0; i < 200;) {
    if (fake_agent_fragment(&world, piece, sizeof piece, i == 199)) i++;
    fake_run(&world, 5 * MS);
    TEST_ASSERT_TRUE(arena.used - before <= 5000 + 32 + 16);
  }
  fake_run(&world, SECOND);
  TEST_ASSERT_TRUE(busy_answers > 0);
  TEST_ASSERT_EQUAL_UINT(0, too_large + stats()->samples_too_large);
  busy_from = UINT32_MAX;
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(1, too_large);
  TEST_ASSERT_EQUAL_UINT(1, stats()->samples_too_large);
  TEST_ASSERT_EQUAL_UINT(200 * sizeof piece - sizeof head, too_large_bytes);
  TEST_ASSERT_EQUAL_HEX8(77, last_identity[0]);
  TEST_ASSERT_EQUAL_HEX8(99, last_identity[23]);
  TEST_ASSERT_EQUAL_UINT(before, arena.used);
  send_of_length(0x0018, 24, 4);
  TEST_ASSERT_EQUAL_UINT(1, samples);
}

static void test_samples_over_the_limit_are_told_once_over_a_bad_link(void) {
  enum { COUNT = 20 };
  start_with_limit(5000, 4711);
  world.link.loss_percent = 10;
  world.link.duplicate_percent = 10;
  world.link.jitter_us = 3 * MS;
  for (unsigned i = 0; i < COUNT; i++) {
    send_of_length(0x0018, 24, i % 2 == 0 ? 6000 : 5000);
    fake_run(&world, 2 * SECOND);
  }
  TEST_ASSERT_EQUAL_UINT(COUNT / 2, too_large);
  TEST_ASSERT_EQUAL_UINT(COUNT / 2, samples);
}

/* What it takes to be told of a sample that is too large: a DATA for a reader, as long as it says it is. */
static void test_fragments_that_make_up_no_sample_over_the_limit_are_malformed(void) {
  static const uint8_t heads[][32] = {
      {9, 1, 0x00, 0x40, 0, 10, 0x00, 0x18},  /* announces 16 KiB, and ends */
      {9, 1, 0x00, 0x40, 0, 10, 0x00, 0x16},
      {5, 1, 0x00, 0x40, 0, 10, 0x00, 0x18},  /* a STATUS */
      {13, 1, 0x00, 0x40, 0, 10, 0x00, 0x18}, /* a FRAGMENT */
  };
  start_with_limit(5000, 0);
  const size_t before = arena.used;
  unsigned malformed = 0;
  for (size_t length = 4; length <= sizeof heads[0]; length++) {
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
      TEST_ASSERT_TRUE(fake_agent_fragment(&world, heads[i], length, true));
      fake_run(&world, 5 * MS);
      TEST_ASSERT_EQUAL_UINT(++malformed, stats()->malformed);
    }
  }
  TEST_ASSERT_EQUAL_UINT(0, too_large + samples + stats()->samples_too_large);
  TEST_ASSERT_EQUAL_UINT(before, arena.used);
}

static void test_head_in_small_fragments_is_put_together(void) {
  static const uint8_t head[32] = {9, 1, 0x00, 0x40, 0, 10, 0x00, 0x18, [8] = 77, [31] = 99};
  static const uint8_t piece[450];
  start_with_limit(5000, 0);
  TEST_ASSERT_TRUE(fake_agent_fragment(&world, head, 4, false));
  for (size_t at = 4; at < sizeof head; at += 7) {
    TEST_ASSERT_TRUE(fake_agent_fragment(&world, head + at, 7, false));
    fake_run(&world, 5 * MS);
  }
  for (int i = 0; i < 37; i++) {
    TEST_ASSERT_TRUE(fake_agent_fragment(&world, piece, sizeof piece, i == 36));
    fake_run(&world, 5 * MS);
  }
  TEST_ASSERT_EQUAL_UINT(1, too_large);
  TEST_ASSERT_EQUAL_UINT(37 * sizeof piece, too_large_bytes);
  TEST_ASSERT_EQUAL_HEX8(77, last_identity[0]);
  TEST_ASSERT_EQUAL_HEX8(99, last_identity[23]);
}

/* A DATA whose length field is 0 because it does not fit, as the agent sends samples over 65,535 octets. */
static void test_sample_over_64_kib_arrives(void) {
  static uint8_t data[8 + 66000];
  static const uint8_t head[] = {9, 1, 0, 0, 0, 10, 0x00, 0x16};
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  fill(data + 8, 66000, 0);
  memcpy(data, head, sizeof head);
  for (size_t at = 0; at < sizeof data;) {
    const size_t piece = sizeof data - at < 500 ? sizeof data - at : 500;
    if (fake_agent_fragment(&world, data + at, piece, at + piece == sizeof data)) at += piece;
    fake_run(&world, 2 * MS);
  }
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(1, samples);
  TEST_ASSERT_EQUAL_UINT(66000, last_length);
  TEST_ASSERT_EQUAL_MEMORY(data + 8, last_payload, 66000);
}

static void test_endless_fragments_take_bounded_memory(void) {
  rosehip_xrce_session_destroy(world.session);
  config.sample_limit_bytes = 5000;
  start(0);
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  fake_run(&world, SECOND);
  const size_t before = arena.used;
  for (unsigned announced = 0; announced < 40000; announced += 13000) {
    const uint8_t piece[500] = {9, 1, (uint8_t)announced, (uint8_t)(announced >> 8), 0, 10, 0x00, 0x16};
    for (int i = 0; i < 40; i++) {
      TEST_ASSERT_TRUE(fake_agent_fragment(&world, piece, sizeof piece, i == 39));
      fake_run(&world, 5 * MS);
      TEST_ASSERT_TRUE(arena.used - before <= 5000 + 32 + 16);
    }
    TEST_ASSERT_EQUAL_UINT(before, arena.used);
  }
  TEST_ASSERT_EQUAL_UINT(4, stats()->samples_too_large);
  TEST_ASSERT_EQUAL_UINT(0, samples);
}

static void test_messages_beyond_the_window_are_not_kept(void) {
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  fake_run(&world, SECOND);
  const size_t before = arena.used;
  const uint16_t expected = world.agent.out_next;
  for (uint16_t ahead = 1; ahead < 1000; ahead++) {
    const uint16_t number = (uint16_t)(expected + ahead);
    const uint8_t message[] = {0x81, 0x80, (uint8_t)number, (uint8_t)(number >> 8), 5, 1, 6, 0, 0, 99, 0, 0x11, 0, 0};
    fake_agent_raw(&world, message, sizeof message);
    fake_run(&world, MS);
  }
  TEST_ASSERT_TRUE(arena.used > before);
  TEST_ASSERT_TRUE(arena.used - before <= 15 * 64);
}

static void test_acknack_for_what_was_never_sent_is_ignored(void) {
  make_objects();
  fake_run_until(&world, all_ready, SECOND);
  fake_run(&world, SECOND);
  const uint16_t next = world.agent.in_expected;
  world.agent.hold_replies = true;
  for (int i = 0; i < 5; i++) TEST_ASSERT_EQUAL_INT(0, rosehip_xrce_write(writer, last_payload, 40));
  fake_run(&world, 10 * MS);
  const size_t queued = rosehip_xrce_session_queued_bytes(world.session);
  uint8_t acknack[] = {0x81, 0, 0, 0, 10, 1, 5, 0, (uint8_t)(next + 6), 0, 0, 0, 0x80};
  fake_agent_raw(&world, acknack, sizeof acknack);
  fake_run(&world, MS);
  TEST_ASSERT_EQUAL_UINT(queued, rosehip_xrce_session_queued_bytes(world.session));
  TEST_ASSERT_EQUAL_UINT(1, stats()->malformed);
  acknack[8] = (uint8_t)(next + 5);
  fake_agent_raw(&world, acknack, sizeof acknack);
  fake_run(&world, MS);
  TEST_ASSERT_EQUAL_UINT(0, rosehip_xrce_session_queued_bytes(world.session));
}

/* A link that takes one message at each poll, as a serial line that never rests. */
static bool link_has_room;
static unsigned acknacks, data_messages;

static int send_one(void* context, const uint8_t* message, size_t length) {
  if (!link_has_room) return ROSEHIP_ERROR_BUSY;
  link_has_room = false;
  if (message[4] == 10) acknacks++;
  else data_messages++;
  return fake_send(context, message, length);
}

static void test_a_link_that_never_rests_carries_samples_and_acknowledgements(void) {
  enum { ROUNDS = 20 };
  config.send = send_one;
  link_has_room = true;
  restart_with(0);
  make_objects();
  for (int i = 0; i < 200; i++) {
    link_has_room = true;
    fake_run(&world, MS);
  }
  TEST_ASSERT_TRUE(all_ready(&world));
  acknacks = data_messages = 0;
  for (uint32_t i = 0; i < ROUNDS; i++) {
    const uint8_t request[24 + 4] = {[24] = (uint8_t)i};
    TEST_ASSERT_TRUE(fake_agent_data(&world, 0x0018, 1, request, sizeof request));
    for (int n = 0; n < 2; n++) {
      rosehip_xrce_write(writer, last_payload, 40);
      link_has_room = true;
      fake_run(&world, MS);
    }
  }
  TEST_ASSERT_EQUAL_UINT(ROUNDS, samples);
  TEST_ASSERT_TRUE(acknacks >= ROUNDS - 1);
  TEST_ASSERT_TRUE(data_messages >= ROUNDS - 1);
}

int main(void) {
  UNITY_BEGIN();
  RUN_TEST(test_objects_are_created_in_order_and_in_few_round_trips);
  RUN_TEST(test_writing_before_the_agent_has_it_is_refused);
  RUN_TEST(test_refused_objects_are_reported_and_tried_again);
  RUN_TEST(test_deleted_objects_leave_children_first_and_ids_are_used_again);
  RUN_TEST(test_object_deleted_while_there_is_no_agent_never_appears);
  RUN_TEST(test_request_arrives_and_its_reply_leaves);
  RUN_TEST(test_big_endian_data);
  RUN_TEST(test_reply_for_a_requester_carries_the_request_id);
  RUN_TEST(test_data_that_is_too_short_or_for_nobody_is_counted);
  RUN_TEST(test_samples_of_every_size_around_the_mtu_both_ways);
  RUN_TEST(test_best_effort_samples_use_the_best_effort_stream);
  RUN_TEST(test_limits_are_errors_at_the_call);
  RUN_TEST(test_window_bounds_what_is_in_flight);
  RUN_TEST(test_busy_callback_keeps_samples_and_stops_the_agent);
  RUN_TEST(test_busy_in_the_middle_of_a_message_offers_only_the_rest_again);
  RUN_TEST(test_bad_link_delivers_everything_once_and_in_order);
  RUN_TEST(test_bad_link_delivers_fragmented_samples);
  RUN_TEST(test_connections_that_end_lose_and_double_nothing_the_client_wrote);
  RUN_TEST(test_sequence_numbers_wrap);
  RUN_TEST(test_heartbeat_beyond_what_is_expected_skips);
  RUN_TEST(test_samples_survive_the_agents_restart);
  RUN_TEST(test_sample_cut_in_its_middle_by_a_restart_is_lost_and_counted);
  RUN_TEST(test_restarts_leak_nothing);
  RUN_TEST(test_small_arena_recovers_from_running_out);
  RUN_TEST(test_sample_that_never_fits_is_told_to_its_object);
  RUN_TEST(test_sample_is_dropped_and_counted_if_there_is_no_memory_at_all);
  RUN_TEST(test_messages_that_came_early_make_room);
  RUN_TEST(test_sample_without_memory_waits_and_then_is_told);
  RUN_TEST(test_best_effort_sample_without_memory_is_told_at_once);
  RUN_TEST(test_sample_over_the_limit_is_told_to_its_object);
  RUN_TEST(test_request_over_64_kib_is_told_once_while_its_service_is_busy);
  RUN_TEST(test_samples_over_the_limit_are_told_once_over_a_bad_link);
  RUN_TEST(test_fragments_that_make_up_no_sample_over_the_limit_are_malformed);
  RUN_TEST(test_head_in_small_fragments_is_put_together);
  RUN_TEST(test_sample_over_64_kib_arrives);
  RUN_TEST(test_endless_fragments_take_bounded_memory);
  RUN_TEST(test_messages_beyond_the_window_are_not_kept);
  RUN_TEST(test_acknack_for_what_was_never_sent_is_ignored);
  RUN_TEST(test_a_link_that_never_rests_carries_samples_and_acknowledgements);
  return UNITY_END();
}
