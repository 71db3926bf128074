/*
 * Clients, topics, match counts and storage of the whole firmware, against the fake agent: an app (apps/topics.ts) that
 * does what requests to /cmd say. Virtual time. The first argument is the folder with topics.wasm.
 */
#include "rosehip/runtime.h"

#include <stdio.h>
#include <string.h>

#include "fake_agent.h"
#include "full_arena.h"
#include "unity.h"

#ifndef TEST_APPS
#define TEST_APPS "." /* without an argument */
#endif

enum { MS = 1000, SECOND = 1000000 };

/* Object ids: the serial number of the kind, then the kind; /rosout is the last datawriter. */
enum { IN = 0x16, SENSOR = 0x26, ALL = 0x36, OUT = 0x15, LATCHED = 0x25, CLIENT = 0x17, COMMAND = 0x18 };

/* Events as the app writes them down. */
enum { RESPONSE = 3, SAMPLE = 4, MATCHED = 5 };

static const char* folder;
static uint8_t module[64 * 1024];
static size_t module_bytes;
static _Alignas(16) uint8_t memory[512 * 1024];
static rosehip_arena_t arena;
static fake_world_t world;
static rosehip_runtime_t* runtime;

static uint8_t reply[5000];
static size_t reply_length;
static unsigned replies;

/* What came on other objects than /cmd and /rosout. */
static struct {
  uint16_t object_id, request_id;
  size_t length;
  uint8_t octets[64];
} writes[400];
static unsigned write_count;

static unsigned warnings;
static char last_warning[300], last_error[300];

/* ---- The port ------------------------------------------------------------------------------------------ */

static struct {
  char name[ROSEHIP_STORAGE_NAME_BYTES];
  uint8_t record[ROSEHIP_STORAGE_RECORD_BYTES];
  size_t length;
} store[4];
static bool store_fails;

static int slot_of(const char* name) {
  for (int i = 0; i < 4; i++) {
    if (store[i].length != 0 && strcmp(store[i].name, name) == 0) return i;
  }
  return -1;
}

static int rh_storage_read(void* unused, const char* name, uint8_t* record, size_t size_bytes) {
  (void)unused;
  const int i = slot_of(name);
  TEST_ASSERT_EQUAL(15, strspn(name, "0123456789abcdef"));
  if (store_fails) return ROSEHIP_ERROR_STORAGE;
  if (i < 0) return ROSEHIP_ERROR_NOT_FOUND;
  memcpy(record, store[i].record, store[i].length < size_bytes ? store[i].length : size_bytes);
  return (int)store[i].length;
}

static int rh_storage_write(void* unused, const char* name, const uint8_t* record, size_t length_bytes) {
  (void)unused;
  int i = slot_of(name);
  if (store_fails) return ROSEHIP_ERROR_STORAGE;
  for (int free = 0; i < 0 && free < 4; free++) {
    if (store[free].length == 0) i = free;
  }
  if (i < 0) return ROSEHIP_ERROR_STORAGE;
  strcpy(store[i].name, name);
  store[i].length = length_bytes;
  if (length_bytes != 0) memcpy(store[i].record, record, length_bytes);
  return ROSEHIP_OK;
}

static uint64_t now_us(void* unused) {
  (void)unused;
  return world.now_us;
}

static int write_datagram(void* unused, const uint8_t* bytes, size_t length) {
  (void)unused;
  return fake_send(&world, bytes, length) == ROSEHIP_OK ? (int)length : 0;
}

static void console(void* unused, const rosehip_log_line_t* line) {
  (void)unused;
  if (line->severity == ROSEHIP_LOG_ERROR) {
    snprintf(last_error, sizeof last_error, "%.*s", (int)line->message.length_bytes, line->message.data);
  }
  if (line->severity != ROSEHIP_LOG_WARN) return;
  warnings++;
  snprintf(last_warning, sizeof last_warning, "%.*s", (int)line->message.length_bytes, line->message.data);
}

static const rosehip_port_t port = {.link_kind = ROSEHIP_FRAMING_DATAGRAM,
                                    .mtu_bytes = FAKE_MTU,
                                    .now_us = now_us,
                                    .write = write_datagram,
                                    .console = console,
                                    .storage_read = rh_storage_read,
                                    .storage_write = rh_storage_write};

static void receive(void* client, const uint8_t* message, size_t length, uint64_t at_us) {
  rosehip_runtime_ingest(client, message, length, at_us);
}

static uint64_t poll(void* client, uint64_t at_us) { return rosehip_runtime_step(client, at_us); }

static void on_write(void* unused, uint16_t object_id, const uint8_t* payload, size_t length) {
  (void)unused;
  if (object_id == COMMAND) {
    replies++;
    reply_length = length - 24;
    memcpy(reply, payload + 24, reply_length);
  } else if (object_id <= LATCHED && write_count < sizeof writes / sizeof *writes) {
    writes[write_count].object_id = object_id;
    writes[write_count].request_id = world.agent.written_request_id;
    writes[write_count].length = length;
    memcpy(writes[write_count++].octets, payload, length < 64 ? length : 64);
  }
}

/* ---- Set-up -------------------------------------------------------------------------------------------- */

static void create(const rosehip_port_t* the_port, const rosehip_runtime_config_t* limits) {
  rosehip_runtime_config_t config = *limits;
  char reason[200];
  rosehip_arena_init(&arena, memory, sizeof memory);
  config.arena = &arena;
  config.port = the_port;
  memcpy(config.client_key, "key1", 4);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_runtime_create(&config, &runtime));
  world.receive = receive;
  world.poll = poll;
  world.client = runtime;
  world.agent.on_write = on_write;
  TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_OK, rosehip_runtime_load(runtime, module, module_bytes, reason, sizeof reason),
                            reason);
}

void setUp(void) {
  static const rosehip_runtime_config_t defaults;
  fake_world_init(&world, 0);
  replies = write_count = warnings = 0;
  store_fails = false;
  memset(store, 0, sizeof store);
  create(&port, &defaults);
}

void tearDown(void) {
  full_arena_end();
  rosehip_runtime_destroy(runtime);
  runtime = NULL;
  TEST_ASSERT_EQUAL_MESSAGE(0, arena.used, "the runtime left memory allocated");
  TEST_ASSERT_TRUE(rosehip_arena_check(&arena));
}

static void start(void) {
  fake_run(&world, SECOND);
  TEST_ASSERT_NOT_NULL(fake_agent_object(&world.agent, COMMAND));
  TEST_ASSERT_NOT_NULL(fake_agent_object(&world.agent, LATCHED));
}

static const rosehip_runtime_stats_t* stats(void) { return rosehip_runtime_stats(runtime); }

static void send_command(const char* what, size_t length) {
  uint8_t sample[24 + 4400] = {0};
  memcpy(sample + 24, what, length);
  while (!fake_agent_data(&world, COMMAND, 1, sample, 24 + length)) fake_run(&world, MS);
}

/* The first 4 octets of the answer to a command. */
static int32_t command_octets(const char* what, size_t length) {
  const unsigned before = replies;
  send_command(what, length);
  for (int i = 0; i < 100 && replies == before; i++) fake_run(&world, MS);
  TEST_ASSERT_EQUAL_MESSAGE(before + 1, replies, what);
  int32_t value = 0;
  memcpy(&value, reply, reply_length < 4 ? reply_length : 4);
  return value;
}

static int32_t command(const char* what) { return command_octets(what, strlen(what)); }

/* What the app has written down since the last time; each event as "kind entity payload;". */
static const char* story(void) {
  static char text[2000];
  size_t length = 0;
  text[0] = '\0';
  command("e");
  for (size_t at = 0; at + 5 <= reply_length;) {
    const int shown = reply[at + 4] < 8 ? reply[at + 4] : 8;
    length += (size_t)snprintf(text + length, sizeof text - length, "%d %d %.*s;", reply[at], reply[at + 1], shown,
                               (const char*)reply + at + 5);
    at += 5 + (size_t)shown;
  }
  return text;
}

static void sample(uint16_t object_id, const char* text) {
  while (!fake_agent_data(&world, object_id, 1, (const uint8_t*)text, strlen(text))) fake_run(&world, MS);
}

static void respond(uint16_t request_id, const char* text) {
  uint8_t octets[68] = {(uint8_t)(request_id >> 8), (uint8_t)request_id, CLIENT >> 8, CLIENT & 0xff};
  memcpy(octets + 4, text, strlen(text));
  while (!fake_agent_data(&world, CLIENT, 1, octets, 4 + strlen(text))) fake_run(&world, MS);
}

static void set_matched(uint16_t object_id, uint8_t status, uint8_t count) {
  TEST_ASSERT_TRUE(fake_agent_matched(&world, object_id, status, count));
  fake_run(&world, 10 * MS);
}

static void restart_agent(void) {
  fake_agent_restart(&world.agent);
  fake_run(&world, 2 * SECOND);
}

/* ---- Clients ------------------------------------------------------------------------------------------- */

static void test_a_call_gets_its_response(void) {
  start();
  set_matched(CLIENT, 1, 1);
  const int32_t token = command("c one");
  TEST_ASSERT_TRUE(token > 0);
  TEST_ASSERT_EQUAL(1, write_count);
  TEST_ASSERT_EQUAL(CLIENT, writes[0].object_id);
  TEST_ASSERT_EQUAL_MEMORY(" one", (char*)writes[0].octets, 4);
  respond(writes[0].request_id, "done");
  TEST_ASSERT_EQUAL_STRING("5 0 ;3 0 done;", story());
  TEST_ASSERT_EQUAL(1, stats()->calls);
  TEST_ASSERT_EQUAL(1, stats()->responses);
  respond(writes[0].request_id, "again");
  TEST_ASSERT_EQUAL_STRING("", story());
  TEST_ASSERT_EQUAL(1, stats()->responses_late);
  TEST_ASSERT_EQUAL(-2, command_octets((char[]){'f', (char)token, 0, 0, 0}, 5));
}

static void test_a_response_that_is_too_large_ends_its_call(void) {
  uint8_t octets[300] = {0};
  start();
  set_matched(CLIENT, 1, 1);
  story();
  command("c one");
  command("c two");
  const uint16_t id = writes[0].request_id;
  /* Over 16,384 octets, the default limit. */
  const uint8_t head[] = {9, 1, 0, 0, 0, 10, CLIENT >> 8, CLIENT & 0xff, (uint8_t)(id >> 8), (uint8_t)id,
                          CLIENT >> 8, CLIENT & 0xff};
  memcpy(octets, head, sizeof head);
  for (unsigned i = 0; i < 64;) {
    if (fake_agent_fragment(&world, octets, sizeof octets, i == 63)) i++;
    fake_run(&world, 2 * MS);
  }
  TEST_ASSERT_EQUAL_STRING("19 0 ;", story());
  TEST_ASSERT_EQUAL(-2, command_octets((char[]){'f', 1, 0, 0, 0}, 5)); /* the call is over */
  respond(writes[1].request_id, "done");
  TEST_ASSERT_EQUAL_STRING("3 0 done;", story());
}

static void test_responses_come_in_any_order(void) {
  start();
  set_matched(CLIENT, 1, 2);
  story();
  command("c a");
  command("c b");
  command("c c");
  respond(writes[2].request_id, "C");
  respond(writes[0].request_id, "A");
  respond(writes[1].request_id, "B");
  TEST_ASSERT_EQUAL_STRING("3 0 C;3 0 A;3 0 B;", story());
}

static void test_a_call_waits_for_its_server(void) {
  start();
  set_matched(OUT, 1, 1); /* this agent tells about matches */
  command("c early");
  command("c second");
  fake_run(&world, 10 * SECOND);
  TEST_ASSERT_EQUAL(0, write_count);
  set_matched(CLIENT, 1, 1);
  TEST_ASSERT_EQUAL(2, write_count);
  TEST_ASSERT_EQUAL_MEMORY(" early", (char*)writes[0].octets, 6);
  TEST_ASSERT_EQUAL_MEMORY(" second", (char*)writes[1].octets, 7);
}

static void test_a_call_goes_after_a_second_where_the_agent_does_not_tell(void) {
  fake_run(&world, 300 * MS);
  command("c blind");
  TEST_ASSERT_EQUAL(0, write_count);
  fake_run(&world, SECOND + 100 * MS);
  TEST_ASSERT_EQUAL(1, write_count);
}

static void test_a_call_waits_for_the_agent_and_is_not_sent_twice(void) {
  start();
  set_matched(CLIENT, 1, 1);
  command("c in flight");
  TEST_ASSERT_EQUAL(1, write_count);
  const uint16_t old = writes[0].request_id;
  last_error[0] = '\0';
  restart_agent();
  TEST_ASSERT_EQUAL_STRING("1 call(s) stay unanswered: the connection was lost", last_error);
  set_matched(CLIENT, 1, 1);
  fake_run(&world, 5 * SECOND);
  TEST_ASSERT_EQUAL(1, write_count);
  story();
  respond(old, "late"); /* ids begin anew: it must not be taken for the old one's */
  TEST_ASSERT_EQUAL_STRING("", story());
  TEST_ASSERT_TRUE(command("c next") > 0);
  TEST_ASSERT_EQUAL(2, write_count);
}

static void test_a_call_waits_for_its_server_after_a_reconnection_too(void) {
  start();
  set_matched(CLIENT, 1, 1);
  command("c before");
  restart_agent();
  command("c after");
  fake_run(&world, 500 * MS);
  TEST_ASSERT_EQUAL(1, write_count);
  set_matched(CLIENT, 1, 1);
  TEST_ASSERT_EQUAL(2, write_count);
}

/* What is refused holds back what comes behind it: a response must not wait for handlers that may wait for it. */
static void test_a_flood_of_requests_does_not_hold_back_responses(void) {
  start();
  set_matched(CLIENT, 1, 1);
  command("c");
  command("b");
  for (int i = 0; i < 20; i++) send_command("m", 1); /* over waiting_limit, with room in the window */
  respond(writes[0].request_id, "through");
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL(1, stats()->responses);
  fake_run(&world, 10 * SECOND);
  TEST_ASSERT_EQUAL(22, stats()->replies);
}

static void test_a_forgotten_call_is_over(void) {
  start();
  set_matched(OUT, 1, 1);
  const int32_t token = command("c x");
  TEST_ASSERT_EQUAL(0, command_octets((char[]){'f', (char)token, 0, 0, 0}, 5));
  set_matched(CLIENT, 1, 1);
  TEST_ASSERT_EQUAL(0, write_count);
  const int32_t other = command("c y");
  TEST_ASSERT_EQUAL(0, command_octets((char[]){'f', (char)other, 0, 0, 0}, 5));
  story();
  respond(writes[0].request_id, "too late");
  TEST_ASSERT_EQUAL_STRING("", story());
}

static void test_calls_have_a_limit(void) {
  start();
  set_matched(CLIENT, 1, 1);
  for (int i = 0; i < 64; i++) TEST_ASSERT_TRUE(command("c") > 0);
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_BUSY, command("c"));
  respond(writes[5].request_id, "five");
  fake_run(&world, 10 * MS);
  TEST_ASSERT_TRUE(command("c") > 0);
}

static void test_a_fault_ends_the_calls_of_the_run(void) {
  start();
  set_matched(CLIENT, 1, 1);
  command("c mine");
  command("t");
  const unsigned creates = world.agent.creates;
  respond(writes[0].request_id, "yours");
  TEST_ASSERT_EQUAL_STRING("", story());
  TEST_ASSERT_EQUAL(1, stats()->app_faults);
  TEST_ASSERT_EQUAL(creates, world.agent.creates); /* taken over */
  TEST_ASSERT_EQUAL(0, world.agent.deletes);
  TEST_ASSERT_EQUAL(1, command("m")); /* the new run sees the server at once */
  TEST_ASSERT_TRUE(command("c again") > 0);
  TEST_ASSERT_EQUAL(2, write_count);
}

/* ---- Subscriptions ------------------------------------------------------------------------------------- */

static void test_samples_come_in_order(void) {
  start();
  sample(IN, "a");
  sample(ALL, "b");
  sample(SENSOR, "c");
  sample(IN, "");
  TEST_ASSERT_EQUAL_STRING("4 1 a;4 3 b;4 2 c;4 1 ;", story());
}

static void send_burst(uint16_t object_id, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    char text[12];
    snprintf(text, sizeof text, "%u", i);
    sample(object_id, text);
  }
}

static void test_a_burst_between_polls_is_not_lost(void) {
  start();
  world.link.delay_us = 5 * MS; /* all of it is on its way before the app sees any */
  for (unsigned i = 0; i < 12; i++) {
    TEST_ASSERT_TRUE(fake_agent_data(&world, IN, 1, (const uint8_t*)"abcdefghijkl" + i, 1));
  }
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_STRING("4 1 a;4 1 b;4 1 c;4 1 d;4 1 e;4 1 f;4 1 g;4 1 h;4 1 i;4 1 j;4 1 k;4 1 l;", story());
  TEST_ASSERT_EQUAL(0, stats()->samples_dropped);
}

static void test_keep_last_drops_the_oldest_of_a_slow_app(void) {
  start();
  command("b");
  send_burst(IN, 10);
  fake_run(&world, SECOND);
  send_burst(SENSOR, 5);
  fake_run(&world, 10 * SECOND);
  const char* told = story();
  TEST_ASSERT_NOT_NULL_MESSAGE(strstr(told, "4 1 9;"), told);
  TEST_ASSERT_NOT_NULL_MESSAGE(strstr(told, "4 2 3;4 2 4;"), told);
  TEST_ASSERT_NULL_MESSAGE(strstr(told, "4 2 2;"), told);
  TEST_ASSERT_TRUE(stats()->samples_dropped >= 3);
  TEST_ASSERT_NOT_NULL_MESSAGE(strstr(last_warning, "too slow for the messages of /"), last_warning);
}

static void test_keep_all_loses_nothing(void) {
  static char expected[2000];
  start();
  command("b");
  size_t length = 0;
  for (unsigned i = 0; i < 100; i++) {
    length += (size_t)snprintf(expected + length, sizeof expected - length, "4 3 %u;", i);
  }
  send_burst(ALL, 100);
  fake_run(&world, 10 * SECOND);
  TEST_ASSERT_EQUAL_STRING(expected, story());
}

static void test_samples_have_a_bound_in_octets(void) {
  static const rosehip_runtime_config_t small = {.sample_queue_bytes = 2000};
  tearDown();
  fake_world_init(&world, 0);
  create(&port, &small);
  start();
  command("b");
  const uint32_t before = arena.used;
  char text[301];
  memset(text, 'x', 300);
  text[300] = '\0';
  for (int i = 0; i < 10; i++) sample(ALL, text);
  fake_run(&world, SECOND);
  TEST_ASSERT_TRUE(arena.used - before < 2000 + 10 * 512); /* what waits, and the stream's window */
  TEST_ASSERT_EQUAL(6, stats()->samples);
  fake_run(&world, 10 * SECOND);
  TEST_ASSERT_EQUAL(10, stats()->samples);
}

static int32_t hold(uint8_t index, uint8_t held) {
  return command_octets((char[]){'h', (char)index, (char)held}, 3);
}

static void test_held_samples_wait_and_others_go_past(void) {
  start();
  TEST_ASSERT_EQUAL(0, hold(1, 1));
  const unsigned before = warnings;
  send_burst(IN, 10);
  fake_run(&world, 5 * SECOND);
  sample(ALL, "past");
  TEST_ASSERT_EQUAL_STRING("4 3 past;", story());
  TEST_ASSERT_EQUAL(7, stats()->samples_dropped);
  TEST_ASSERT_EQUAL(before + 1, warnings);
  TEST_ASSERT_EQUAL_STRING("the app is too slow for the messages of /in: the oldest are dropped", last_warning);
  TEST_ASSERT_EQUAL(0, hold(1, 0));
  TEST_ASSERT_EQUAL_STRING("4 1 7;4 1 8;4 1 9;", story());
}

static void test_a_held_subscription_costs_no_polls(void) {
  start();
  hold(1, 1);
  sample(IN, "a");
  fake_run(&world, SECOND);
  TEST_ASSERT_TRUE(rosehip_runtime_step(runtime, world.now_us) > world.now_us);
}

static void test_a_shown_sample_can_be_put_back(void) {
  start();
  command_octets((char[]){'g', 1}, 2);
  sample(IN, "a");
  sample(ALL, "b");
  TEST_ASSERT_EQUAL_STRING("4 3 b;", story());
  sample(IN, "c");
  TEST_ASSERT_EQUAL(0, hold(1, 0));
  TEST_ASSERT_EQUAL_STRING("4 1 a;4 1 c;", story());
}

static void test_held_samples_give_way_to_what_comes_for_others(void) {
  static const rosehip_runtime_config_t small = {.sample_queue_bytes = 1000};
  tearDown();
  fake_world_init(&world, 0);
  create(&port, &small);
  start();
  hold(1, 1);
  char text[301];
  memset(text, 'x', 300);
  text[300] = '\0';
  for (int i = 0; i < 3; i++) sample(IN, text);
  for (int i = 0; i < 4; i++) sample(ALL, text);
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_STRING("4 3 xxxxxxxx;4 3 xxxxxxxx;4 3 xxxxxxxx;4 3 xxxxxxxx;", story());
  TEST_ASSERT_TRUE(stats()->samples_dropped >= 1);
}

static void test_the_next_run_holds_nothing(void) {
  start();
  hold(1, 1);
  sample(IN, "a");
  command("t");
  TEST_ASSERT_EQUAL_STRING("4 1 a;", story());
}

static void test_samples_wait_for_the_next_run(void) {
  start();
  sample(IN, "a");
  command("t");
  sample(IN, "b");
  TEST_ASSERT_EQUAL_STRING("4 1 b;", story());
}

static void test_entities_come_back_with_a_new_agent(void) {
  start();
  restart_agent();
  sample(IN, "a");
  TEST_ASSERT_EQUAL_STRING("4 1 a;", story());
  TEST_ASSERT_EQUAL(0, command("p hello"));
  TEST_ASSERT_EQUAL(OUT, writes[write_count - 1].object_id);
}

static void test_a_destroyed_subscription_hears_nothing(void) {
  start();
  TEST_ASSERT_EQUAL(0, command_octets("d\1", 2));
  TEST_ASSERT_NULL(fake_agent_object(&world.agent, IN));
  TEST_ASSERT_TRUE(fake_agent_data(&world, IN, 1, (const uint8_t*)"x", 1));
  TEST_ASSERT_EQUAL_STRING("", story());
  TEST_ASSERT_EQUAL(-2, command_octets("d\1", 2));
}

/* ---- Without memory ------------------------------------------------------------------------------------ */

static char large[7501];

static void make_large(size_t length) {
  memset(large, 'x', length);
  large[length] = '\0';
}

static void test_a_response_without_memory_ends_its_call(void) {
  uint8_t octets[4 + 7000] = {[2] = CLIENT >> 8, [3] = CLIENT & 0xff};
  start();
  set_matched(CLIENT, 1, 1);
  command("c one");
  command("c two");
  respond(writes[1].request_id, "warm");
  TEST_ASSERT_EQUAL_STRING("5 0 ;3 0 warm;", story());
  full_arena_begin(&arena, 6500);
  octets[0] = (uint8_t)(writes[0].request_id >> 8);
  octets[1] = (uint8_t)writes[0].request_id;
  TEST_ASSERT_TRUE(fake_agent_data(&world, CLIENT, 1, octets, sizeof octets));
  fake_run(&world, 10 * SECOND);
  TEST_ASSERT_EQUAL_STRING("51 0 ;", story());
  TEST_ASSERT_NOT_NULL_MESSAGE(strstr(last_warning, "dropped, the arena is full"), last_warning);
  TEST_ASSERT_NOT_NULL_MESSAGE(strstr(last_warning, " free in one piece: 7000 octets for the client /add"), last_warning);
}

/* In fragments that have no room, and that have. */
static void test_a_message_without_memory_does_not_hold_up_the_rest(void) {
  static const size_t room[] = {6500, 12000};
  for (unsigned i = 0; i < 2; i++) {
    if (i != 0) {
      tearDown();
      setUp();
    }
    start();
    sample(IN, "warm");
    TEST_ASSERT_EQUAL_STRING("4 1 warm;", story());
    full_arena_begin(&arena, room[i]);
    const unsigned before = warnings;
    make_large(7500);
    sample(IN, large);
    sample(ALL, "behind");
    fake_run(&world, 10 * SECOND);
    TEST_ASSERT_EQUAL_STRING("4 3 behind;", story());
    TEST_ASSERT_EQUAL(before + 1 + i, warnings); /* one that had to wait first was told then, too */
    TEST_ASSERT_NOT_NULL_MESSAGE(strstr(last_warning, "dropped, the arena is full"), last_warning);
    TEST_ASSERT_NOT_NULL_MESSAGE(strstr(last_warning, " free in one piece: 7500 octets for the subscription /in"), last_warning);
    sample(IN, large);
    fake_run(&world, 10 * SECOND);
    TEST_ASSERT_EQUAL_MESSAGE(before + 1 + i, warnings, "told again");
    full_arena_end();
    sample(IN, large);
    TEST_ASSERT_EQUAL_STRING("4 1 xxxxxxxx;", story());
  }
}

static void test_a_full_arena_drops_the_oldest_and_says_so(void) {
  start();
  command("b");
  full_arena_begin(&arena, 700);
  make_large(400);
  sample(SENSOR, large); /* keep last 2 */
  large[0] = 'y';
  sample(SENSOR, large);
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_STRING("the arena is too small for the messages of /sensor: the oldest are dropped", last_warning);
  TEST_ASSERT_EQUAL(1, stats()->samples_dropped);
  full_arena_end();
  fake_run(&world, 10 * SECOND);
  TEST_ASSERT_EQUAL_STRING("4 2 yxxxxxxx;", story());
}

/* One XRCE message with a best-effort sample that there is no room for and an empty one, for which there is. */
static void test_a_dropped_message_takes_no_other_with_it(void) {
  static const uint8_t message[] = {0x81, 1,    0, 0,                                              /* best effort, 0 */
                                    9,    1,    5, 0, 0, 10, SENSOR >> 8, SENSOR & 0xff, 's', 0, 0, 0, /* padded */
                                    9,    1,    4, 0, 0, 10, IN >> 8,     IN & 0xff};
  static const rosehip_runtime_config_t small = {.sample_queue_bytes = 300};
  tearDown();
  fake_world_init(&world, 0);
  create(&port, &small);
  start();
  command("b");
  make_large(300);
  sample(ALL, large);
  fake_run(&world, 10 * MS);
  fake_agent_raw(&world, message, sizeof message);
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_STRING("the app is too slow for the messages of /sensor: the oldest are dropped", last_warning);
  fake_run(&world, 10 * SECOND);
  TEST_ASSERT_EQUAL(1, stats()->samples_dropped);
  TEST_ASSERT_EQUAL_STRING("4 3 xxxxxxxx;4 1 ;", story());
}

static void test_a_best_effort_message_without_memory_is_told(void) {
  start();
  full_arena_begin(&arena, 300);
  make_large(400);
  sample(SENSOR, large);
  fake_run(&world, 100 * MS);
  TEST_ASSERT_NOT_NULL_MESSAGE(strstr(last_warning, " free in one piece: 400 octets for the subscription /sensor"), last_warning);
  full_arena_end();
  TEST_ASSERT_EQUAL_STRING("", story());
}

static void test_a_message_larger_than_the_queue_is_taken_alone(void) {
  static const rosehip_runtime_config_t small = {.sample_queue_bytes = 1000};
  tearDown();
  fake_world_init(&world, 0);
  create(&port, &small);
  start();
  make_large(3000);
  sample(ALL, large);
  sample(IN, "behind");
  TEST_ASSERT_EQUAL_STRING("4 3 xxxxxxxx;4 1 behind;", story());
}

/* ---- Publishers ---------------------------------------------------------------------------------------- */

static void test_publishes(void) {
  start();
  TEST_ASSERT_EQUAL(0, command("p one"));
  TEST_ASSERT_EQUAL(0, command("l two"));
  TEST_ASSERT_EQUAL(2, write_count);
  TEST_ASSERT_EQUAL(OUT, writes[0].object_id);
  TEST_ASSERT_EQUAL(LATCHED, writes[1].object_id);
  TEST_ASSERT_EQUAL_MEMORY(" two", (char*)writes[1].octets, 4);
  TEST_ASSERT_EQUAL(2, stats()->published);
}

static void test_latched_messages_are_sent_to_each_new_agent(void) {
  start();
  command("l 1");
  command("l 2");
  command("l 3");
  command("p 1");
  TEST_ASSERT_EQUAL(4, write_count);
  restart_agent();
  TEST_ASSERT_EQUAL(6, write_count); /* the last 2 of the latched, none of the others */
  TEST_ASSERT_EQUAL_MEMORY(" 2", (char*)writes[4].octets, 2);
  TEST_ASSERT_EQUAL_MEMORY(" 3", (char*)writes[5].octets, 2);
  TEST_ASSERT_EQUAL(LATCHED, writes[5].object_id);
}

static void test_the_qos_is_told(void) {
  start();
  const fake_object_t* out = fake_agent_object(&world.agent, OUT);
  /* Behind the CREATE's 12 octets: topic id, has QoS, flags (pad to 2), depth, deadline: 1.5 ms is told as 2. */
  const uint8_t* binary = out->create + 12;
  const uint8_t expected[] = {1, 0, 3, 0, 1, 0, 10, 0, 1, 0, 2, 0, 0, 0, 0};
  TEST_ASSERT_EQUAL_HEX8_ARRAY(expected, binary + 2, sizeof expected);
}

/* ---- Matches ------------------------------------------------------------------------------------------- */

static int32_t matched(int index) {
  int32_t values[6];
  command("m");
  TEST_ASSERT_EQUAL(sizeof values, reply_length);
  memcpy(values, reply, sizeof values);
  return values[index];
}

static void test_matches_are_told_when_they_change(void) {
  start();
  TEST_ASSERT_EQUAL(0, matched(0));
  TEST_ASSERT_EQUAL_STRING("", story());
  set_matched(CLIENT, 1, 1);
  set_matched(OUT, 1, 3);
  set_matched(OUT, 1, 3); /* no news */
  set_matched(IN, 0x81, 0);
  TEST_ASSERT_EQUAL_STRING("5 0 ;5 4 ;5 1 ;", story());
  TEST_ASSERT_EQUAL(1, matched(0));
  TEST_ASSERT_EQUAL(3, matched(4));
  TEST_ASSERT_EQUAL(0x10000, matched(1));
  set_matched(CLIENT, 0, 0);
  TEST_ASSERT_EQUAL_STRING("5 0 ;", story());
  TEST_ASSERT_EQUAL(0, matched(0));
  set_matched(0x997, 1, 1); /* no such object */
  TEST_ASSERT_EQUAL(ROSEHIP_XRCE_CONNECTED, rosehip_context_connected(rosehip_runtime_context(runtime)));
}

static void test_without_an_agent_nothing_is_matched(void) {
  start();
  set_matched(CLIENT, 1, 1);
  story();
  restart_agent();
  TEST_ASSERT_EQUAL_STRING("5 0 ;", story());
  TEST_ASSERT_EQUAL(0, matched(0));
}

static void test_changes_while_the_app_is_busy_are_told_once(void) {
  start();
  command("b");
  set_matched(OUT, 1, 1);
  set_matched(OUT, 1, 2);
  fake_run(&world, 10 * SECOND);
  TEST_ASSERT_EQUAL_STRING("5 4 ;", story());
}

/* ---- Storage ------------------------------------------------------------------------------------------- */

static void test_values_are_kept(void) {
  char longest[1 + 64 + 1 + 4096];
  start();
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_NOT_FOUND, command("ra key that is no file name: ../?*"));
  TEST_ASSERT_EQUAL(0, command("wa key that is no file name: ../?*=first"));
  TEST_ASSERT_EQUAL(0, command("wb=second"));
  TEST_ASSERT_EQUAL(0, command("wb=other"));
  TEST_ASSERT_EQUAL(5, command("ra key that is no file name: ../?*"));
  TEST_ASSERT_EQUAL_MEMORY("first", (char*)reply + 4, 5);
  command("t"); /* over a restart of the app */
  TEST_ASSERT_EQUAL(5, command("rb"));
  TEST_ASSERT_EQUAL_MEMORY("other", (char*)reply + 4, 5);
  TEST_ASSERT_EQUAL(0, command("wb"));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_NOT_FOUND, command("rb"));
  TEST_ASSERT_EQUAL(0, command("wb")); /* is not there any more */
  memset(longest, 'k', sizeof longest);
  longest[0] = 'w';
  longest[65] = '=';
  TEST_ASSERT_EQUAL(0, command_octets(longest, sizeof longest));
  longest[0] = 'r';
  TEST_ASSERT_EQUAL(4096, command_octets(longest, 65));
}

static void test_storage_that_fails_is_an_error(void) {
  start();
  TEST_ASSERT_EQUAL(0, command("wa=1"));
  store_fails = true;
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_STORAGE, command("ra"));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_STORAGE, command("wa=2"));
  store_fails = false;
  TEST_ASSERT_EQUAL(1, command("ra"));
  store[0].record[1] = 'b'; /* the record of another key with the same hash */
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_NOT_FOUND, command("ra"));
  store[0].length = 1; /* cut off */
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_NOT_FOUND, command("ra"));
}

static void test_a_board_may_have_no_storage(void) {
  static const rosehip_runtime_config_t defaults;
  rosehip_port_t none = port;
  none.storage_read = NULL;
  tearDown();
  fake_world_init(&world, 0);
  create(&none, &defaults);
  start();
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_STORAGE, command("ra"));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_STORAGE, command("wa=2"));
  rosehip_runtime_destroy(runtime);
  runtime = NULL;
}

/* ---- Misuse, leaks ------------------------------------------------------------------------------------- */

static void test_refuses_misuse(void) {
  static const int8_t expected[] = {-1, -1, -1, -5, -1, -1, -2, -5, -1, -2, -1, -4, -2,
                                    -1, -4, -2, -2, -2, -2, -2, -2, -2, -1, -1, -1, -4, -1};
  start();
  command("x");
  TEST_ASSERT_EQUAL(sizeof expected, reply_length);
  TEST_ASSERT_EQUAL_INT8_ARRAY(expected, (int8_t*)reply, sizeof expected);
  TEST_ASSERT_EQUAL(0, stats()->app_faults);
}

/* A block may be a few octets larger than asked for, where the rest was too small for a block of its own. */
enum { SLACK_BYTES = 512 };

static void test_making_and_destroying_leaks_nothing(void) {
  start();
  command("k");
  fake_run(&world, SECOND);
  const uint32_t used = arena.used;
  for (int i = 0; i < 300; i++) TEST_ASSERT_EQUAL(0, command("k"));
  fake_run(&world, SECOND);
  TEST_ASSERT_UINT32_WITHIN(SLACK_BYTES, used, arena.used);
}

static void test_ten_thousand_samples_and_calls_leak_nothing(void) {
  start();
  set_matched(CLIENT, 1, 1);
  story();
  uint32_t used = 0;
  for (unsigned i = 0; i < 10000; i++) {
    sample(i % 2 == 0 ? IN : ALL, "12345678");
    if (i % 10 == 0) {
      write_count = 0;
      send_command("c", 1);
      fake_run(&world, MS);
      TEST_ASSERT_EQUAL(1, write_count);
      respond(writes[0].request_id, "r");
    }
    if (i % 100 != 99) continue;
    story();
    fake_run(&world, SECOND);
    if (i == 99) used = arena.used;
  }
  TEST_ASSERT_EQUAL(10000, stats()->samples);
  TEST_ASSERT_EQUAL(1000, stats()->responses);
  TEST_ASSERT_UINT32_WITHIN(SLACK_BYTES, used, arena.used);
}

static void test_a_lossy_link_changes_nothing(void) {
  static char expected[2000];
  size_t length = 0;
  start();
  world.link.seed = 4711;
  world.link.loss_percent = 20;
  world.link.duplicate_percent = 10;
  world.link.delay_us = 2 * MS;
  world.link.jitter_us = 5 * MS;
  for (unsigned i = 0; i < 60; i++) {
    length += (size_t)snprintf(expected + length, sizeof expected - length, "4 3 %u;", i);
  }
  for (unsigned i = 0; i < 60; i++) {
    char text[12];
    snprintf(text, sizeof text, "%u", i);
    sample(ALL, text);
    fake_run(&world, 5 * MS);
  }
  fake_run(&world, 20 * SECOND);
  world.link.loss_percent = world.link.duplicate_percent = 0;
  fake_run(&world, 2 * SECOND);
  TEST_ASSERT_EQUAL_STRING(expected, story());
}

int main(int argc, char** argv) {
  char path[1024];
  folder = argc > 1 ? argv[1] : TEST_APPS;
  snprintf(path, sizeof path, "%s/topics.wasm", folder);
  FILE* file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    return 1;
  }
  module_bytes = fread(module, 1, sizeof module, file);
  fclose(file);
  UNITY_BEGIN();
  RUN_TEST(test_a_call_gets_its_response);
  RUN_TEST(test_a_response_that_is_too_large_ends_its_call);
  RUN_TEST(test_responses_come_in_any_order);
  RUN_TEST(test_a_call_waits_for_its_server);
  RUN_TEST(test_a_call_goes_after_a_second_where_the_agent_does_not_tell);
  RUN_TEST(test_a_call_waits_for_the_agent_and_is_not_sent_twice);
  RUN_TEST(test_a_call_waits_for_its_server_after_a_reconnection_too);
  RUN_TEST(test_a_flood_of_requests_does_not_hold_back_responses);
  RUN_TEST(test_a_forgotten_call_is_over);
  RUN_TEST(test_calls_have_a_limit);
  RUN_TEST(test_a_fault_ends_the_calls_of_the_run);
  RUN_TEST(test_samples_come_in_order);
  RUN_TEST(test_a_burst_between_polls_is_not_lost);
  RUN_TEST(test_keep_last_drops_the_oldest_of_a_slow_app);
  RUN_TEST(test_keep_all_loses_nothing);
  RUN_TEST(test_samples_have_a_bound_in_octets);
  RUN_TEST(test_held_samples_wait_and_others_go_past);
  RUN_TEST(test_a_held_subscription_costs_no_polls);
  RUN_TEST(test_a_shown_sample_can_be_put_back);
  RUN_TEST(test_held_samples_give_way_to_what_comes_for_others);
  RUN_TEST(test_the_next_run_holds_nothing);
  RUN_TEST(test_samples_wait_for_the_next_run);
  RUN_TEST(test_entities_come_back_with_a_new_agent);
  RUN_TEST(test_a_destroyed_subscription_hears_nothing);
  RUN_TEST(test_a_response_without_memory_ends_its_call);
  RUN_TEST(test_a_message_without_memory_does_not_hold_up_the_rest);
  RUN_TEST(test_a_full_arena_drops_the_oldest_and_says_so);
  RUN_TEST(test_a_dropped_message_takes_no_other_with_it);
  RUN_TEST(test_a_best_effort_message_without_memory_is_told);
  RUN_TEST(test_a_message_larger_than_the_queue_is_taken_alone);
  RUN_TEST(test_publishes);
  RUN_TEST(test_latched_messages_are_sent_to_each_new_agent);
  RUN_TEST(test_the_qos_is_told);
  RUN_TEST(test_matches_are_told_when_they_change);
  RUN_TEST(test_without_an_agent_nothing_is_matched);
  RUN_TEST(test_changes_while_the_app_is_busy_are_told_once);
  RUN_TEST(test_values_are_kept);
  RUN_TEST(test_storage_that_fails_is_an_error);
  RUN_TEST(test_a_board_may_have_no_storage);
  RUN_TEST(test_refuses_misuse);
  RUN_TEST(test_making_and_destroying_leaks_nothing);
  RUN_TEST(test_ten_thousand_samples_and_calls_leak_nothing);
  RUN_TEST(test_a_lossy_link_changes_nothing);
  return UNITY_END();
}
