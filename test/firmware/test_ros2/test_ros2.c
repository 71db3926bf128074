/* Nodes, services, publishers and the log, seen from the agent. Virtual time. */
#include <stdio.h>
#include <string.h>

#include "fake_agent.h"
#include "full_arena.h"
#include "rosehip/ros2.h"
#include "unity.h"

#define ARENA_FULL "the arena is full (raise --arena or ROSEHIP_ARENA_BYTES)"

enum { MS = 1000, SECOND = 1000000 };

static _Alignas(16) uint8_t memory[64 * 1024];
static rosehip_arena_t arena;
static fake_world_t world;
static rosehip_context_t* context;
static rosehip_node_t* node;

static void receive(void* client, const uint8_t* message, size_t length, uint64_t now_us) {
  rosehip_context_receive(client, message, length, now_us);
}
static uint64_t poll(void* client, uint64_t now_us) { return rosehip_context_poll(client, now_us); }

static void on_write(void* unused, uint16_t object_id, const uint8_t* payload, size_t length);

/* What left for the agent, one letter for each message: Acknack, Log line, Reply; others are left out. */
static char departures[8];

static int note_and_send(void* to, const uint8_t* message, size_t length) {
  const uint8_t object_kind = length > 11 ? message[11] & 0x0f : 0;
  const char letter = message[4] == 0x0a                        ? 'A'
                      : message[4] == 0x07 && object_kind == 5 ? 'L'
                      : message[4] == 0x07 && object_kind == 8 ? 'R'
                                                               : '\0';
  const size_t count = strlen(departures);
  if (letter != '\0' && count < sizeof departures - 1) departures[count] = letter;
  return fake_send(to, message, length);
}

static unsigned console_lines;
static char first_on_console[300], last_on_console[300];

static void console(void* of, const rosehip_log_line_t* line) {
  TEST_ASSERT_TRUE(of == &world);
  console_lines++;
  snprintf(last_on_console, sizeof last_on_console, "%.*s", (int)line->message.length_bytes, line->message.data);
  if (console_lines == 1) memcpy(first_on_console, last_on_console, sizeof first_on_console);
}

static rosehip_context_config_t settings(void) {
  return (rosehip_context_config_t){.session = {.arena = &arena,
                                                .client_key = {1, 2, 3, 4},
                                                .mtu_bytes = FAKE_MTU,
                                                .send = note_and_send,
                                                .context = &world},
                                    .domain_id = 42,
                                    .console = console};
}

static unsigned rosout_lines, replies;
static uint8_t rosout[32][512];

void setUp(void) {
  rosehip_arena_init(&arena, memory, sizeof memory);
  fake_world_init(&world, 0);
  const rosehip_context_config_t config = settings();
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_context_create(&config, world.now_us, &context));
  world.receive = receive;
  world.poll = poll;
  world.client = context;
  world.agent.on_write = on_write;
  rosout_lines = replies = console_lines = 0;
}

void tearDown(void) {
  rosehip_context_destroy(context);
  TEST_ASSERT_EQUAL_UINT(0, arena.used);
}

static void on_write(void* unused, uint16_t object_id, const uint8_t* payload, size_t length) {
  (void)unused;
  if ((object_id & 0x0f) == 8) replies++;
  if ((object_id & 0x0f) != 5 || rosout_lines >= 32) return;
  TEST_ASSERT_TRUE(length <= 512);
  memcpy(rosout[rosout_lines++], payload, length);
}

static const uint8_t* blob(uint16_t id) {
  const fake_object_t* object = fake_agent_object(&world.agent, id);
  TEST_ASSERT_NOT_NULL(object);
  return object->create + 12;
}

static uint32_t u32(const uint8_t* bytes) {
  return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* The CDR string at an offset is `text`; the offset behind it. */
static size_t is_string(const uint8_t* bytes, size_t at, const char* text) {
  at = (at + 3) & ~(size_t)3;
  TEST_ASSERT_EQUAL_STRING(text, (const char*)bytes + at + 4);
  TEST_ASSERT_EQUAL_UINT(strlen(text) + 1, u32(bytes + at));
  return at + 4 + strlen(text) + 1;
}

static void make_node(void) {
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_node_create(context, ROSEHIP_TEXT("minimal_service"), ROSEHIP_TEXT("/"), &node));
}

/* ---- Names --------------------------------------------------------------------------------------------------------- */

static int node_result(rosehip_text_t name, rosehip_text_t name_space) {
  rosehip_node_t* made;
  const int result = rosehip_node_create(context, name, name_space, &made);
  if (result == ROSEHIP_OK) rosehip_node_destroy(made);
  return result;
}

static void test_node_names(void) {
  TEST_ASSERT_EQUAL_INT(0, node_result(ROSEHIP_TEXT("a_1"), ROSEHIP_TEXT("")));
  TEST_ASSERT_EQUAL_INT(0, node_result(ROSEHIP_TEXT("_a"), ROSEHIP_TEXT("/robot1/arm")));
  const rosehip_text_t bad_names[] = {ROSEHIP_TEXT(""), ROSEHIP_TEXT("1a"), ROSEHIP_TEXT("a/b"), ROSEHIP_TEXT("a b"),
                                      ROSEHIP_TEXT("a-b"), ROSEHIP_TEXT("\xc3\xa4")};
  for (size_t i = 0; i < sizeof bad_names / sizeof bad_names[0]; i++) {
    TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_NAME, node_result(bad_names[i], ROSEHIP_TEXT("/")));
  }
  const rosehip_text_t bad_spaces[] = {ROSEHIP_TEXT("a"), ROSEHIP_TEXT("//"), ROSEHIP_TEXT("/a/"), ROSEHIP_TEXT("/a//b"),
                                       ROSEHIP_TEXT("/1a"), ROSEHIP_TEXT("/a b")};
  for (size_t i = 0; i < sizeof bad_spaces / sizeof bad_spaces[0]; i++) {
    TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_NAME, node_result(ROSEHIP_TEXT("n"), bad_spaces[i]));
  }
  char longest[300];
  memset(longest, 'a', sizeof longest);
  TEST_ASSERT_EQUAL_INT(0, node_result((rosehip_text_t){longest, 255}, ROSEHIP_TEXT("/")));
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_NAME, node_result((rosehip_text_t){longest, 256}, ROSEHIP_TEXT("/")));
}

static void test_participant_is_named_as_its_node(void) {
  rosehip_node_t* second;
  make_node();
  rosehip_node_create(context, ROSEHIP_TEXT("n"), ROSEHIP_TEXT("/robot1/arm"), &second);
  fake_run(&world, SECOND);
  is_string(blob(0x0011), 2, "minimal_service");
  is_string(blob(0x0021), 2, "/robot1/arm/n");
  const fake_object_t* participant = fake_agent_object(&world.agent, 0x0011);
  TEST_ASSERT_EQUAL_UINT(42, participant->create[participant->create_length - 2]); /* domain */
}

/* ---- Services ------------------------------------------------------------------------------------------------------ */

static unsigned requests;
static size_t too_large_bytes; /* Of the last one. */
static bool app_busy;
static uint8_t identities[64][24];

static int on_request(void* count, const rosehip_request_t* request) {
  if (app_busy) return ROSEHIP_ERROR_BUSY;
  too_large_bytes = request->too_large_bytes;
  TEST_ASSERT_EQUAL_UINT(too_large_bytes == 0 ? 16 : 0, request->length_bytes);
  memcpy(identities[requests % 64], request->identity, 24);
  requests++;
  ++*(unsigned*)count;
  return ROSEHIP_OK;
}

static rosehip_service_t* make_service(void* count) {
  static uint8_t hashes[64];
  for (uint8_t i = 0; i < 64; i++) hashes[i] = (uint8_t)(i + 1);
  const rosehip_service_config_t config = {
      .name = ROSEHIP_TEXT("/add_two_ints"),
      .request_type = ROSEHIP_TEXT("example_interfaces::srv::dds_::AddTwoInts_Request_"),
      .response_type = ROSEHIP_TEXT("example_interfaces::srv::dds_::AddTwoInts_Response_"),
      .hashes = hashes,
      .on_request = on_request,
      .context = count};
  rosehip_service_t* service;
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_service_create(node, &config, &service));
  requests = 0;
  app_busy = false;
  return service;
}

static void test_service_is_known_under_its_dds_names(void) {
  unsigned count = 0;
  make_node();
  make_service(&count);
  fake_run(&world, SECOND);
  const uint8_t* bytes = blob(0x0018);
  size_t at = is_string(bytes, 0, "/add_two_ints");
  at = is_string(bytes, at, "example_interfaces::srv::dds_::AddTwoInts_Request_");
  at = is_string(bytes, at, "example_interfaces::srv::dds_::AddTwoInts_Response_");
  TEST_ASSERT_EQUAL_UINT(1, bytes[at]);
  at = is_string(bytes, at + 1, "rq/add_two_intsRequest");
  TEST_ASSERT_EQUAL_UINT(1, bytes[at]);
  at = is_string(bytes, at + 1, "rr/add_two_intsReply");
  at = (at + 3) & ~(size_t)3;
  TEST_ASSERT_EQUAL_HEX32(0x52485431, u32(bytes + at));
  for (uint8_t i = 0; i < 64; i++) TEST_ASSERT_EQUAL_UINT(i + 1u, bytes[at + 4 + i]);
}

static void send_request(uint8_t number) {
  uint8_t request[24 + 16] = {number};
  TEST_ASSERT_TRUE(fake_agent_data(&world, 0x0018, 1, request, sizeof request));
}

static void test_requests_are_answered(void) {
  unsigned count = 0;
  make_node();
  rosehip_service_t* service = make_service(&count);
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_DISCONNECTED, rosehip_service_reply(service, identities[0], identities[0], 8));
  fake_run(&world, SECOND);
  send_request(5);
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT(1, count);
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_service_reply(service, identities[0], (const uint8_t*)"12345678", 8));
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT(1, replies);
  TEST_ASSERT_EQUAL_UINT(5, world.agent.written[0]);
  TEST_ASSERT_EQUAL_MEMORY("12345678", world.agent.written + 24, 8);
}

static void test_busy_app_gets_every_request_later(void) {
  unsigned count = 0;
  make_node();
  make_service(&count);
  fake_run(&world, SECOND);
  app_busy = true;
  for (uint8_t i = 0; i < 10; i++) send_request(i);
  fake_run(&world, 3 * SECOND);
  TEST_ASSERT_EQUAL_UINT(0, count);
  app_busy = false;
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT(10, count);
  for (uint8_t i = 0; i < 10; i++) TEST_ASSERT_EQUAL_UINT(i, identities[i][0]);
}

static void test_callback_can_be_taken_over(void) {
  unsigned first = 0, second = 0;
  make_node();
  rosehip_service_t* service = make_service(&first);
  fake_run(&world, SECOND);
  rosehip_service_set_callback(service, on_request, &second);
  send_request(1);
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT(0, first);
  TEST_ASSERT_EQUAL_UINT(1, second);
}

static void test_service_names_are_checked(void) {
  make_node();
  rosehip_service_t* service;
  rosehip_service_config_t config = {.request_type = ROSEHIP_TEXT("Q"), .response_type = ROSEHIP_TEXT("P"), .on_request = on_request};
  const rosehip_text_t bad[] = {ROSEHIP_TEXT(""), ROSEHIP_TEXT("s"), ROSEHIP_TEXT("/"), ROSEHIP_TEXT("/s/"), ROSEHIP_TEXT("/1"), ROSEHIP_TEXT("/a~b")};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    config.name = bad[i];
    TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_NAME, rosehip_service_create(node, &config, &service));
  }
  config.name = ROSEHIP_TEXT("/fibonacci/_action/send_goal");
  config.request_type = ROSEHIP_TEXT("has space");
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_NAME, rosehip_service_create(node, &config, &service));
  config.request_type = ROSEHIP_TEXT("Q");
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_service_create(node, &config, &service));
  char longest[300] = "/";
  memset(longest + 1, 'a', sizeof longest - 1);
  config.name = (rosehip_text_t){longest, 248};
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_NAME, rosehip_service_create(node, &config, &service));
  config.name.length_bytes = 247;
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_service_create(node, &config, &service));
}

static void test_many_services_come_back_after_a_restart(void) {
  make_node();
  for (int i = 0; i < 30; i++) {
    char name[16];
    rosehip_service_t* service;
    const rosehip_service_config_t config = {
        .name = {name, (size_t)snprintf(name, sizeof name, "/service_%d", i)},
        .request_type = ROSEHIP_TEXT("example_interfaces::srv::dds_::AddTwoInts_Request_"),
        .response_type = ROSEHIP_TEXT("example_interfaces::srv::dds_::AddTwoInts_Response_"),
        .on_request = on_request};
    TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_service_create(node, &config, &service));
  }
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(34, world.agent.object_count); /* and /rosout's topic, publisher, datawriter */
  fake_agent_restart(&world.agent);
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(34, world.agent.object_count);
}

static void test_destroyed_node_takes_everything_with_it(void) {
  unsigned count = 0;
  rosehip_node_t* other;
  make_node();
  make_service(&count);
  rosehip_node_create(context, ROSEHIP_TEXT("other"), ROSEHIP_TEXT(""), &other);
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(6, world.agent.object_count);
  rosehip_node_destroy(node);
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(4, world.agent.object_count); /* /rosout moved to the other node */
  is_string(blob(0x0021), 2, "other");
  rosehip_node_destroy(other);
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(0, world.agent.object_count);
}

/* ---- Publishers ---------------------------------------------------------------------------------------------------- */

static void test_publishers_of_one_topic_share_it(void) {
  rosehip_publisher_t *first, *second, *other;
  make_node();
  fake_run(&world, SECOND);
  const unsigned before = world.agent.object_count;
  rosehip_publisher_config_t config = {.topic = ROSEHIP_TEXT("/chatter"), .type = ROSEHIP_TEXT("std_msgs::msg::dds_::String_"), .qos = {.flags = ROSEHIP_QOS_RELIABLE}};
  TEST_ASSERT_EQUAL_INT(0, rosehip_publisher_create(node, &config, &first));
  TEST_ASSERT_EQUAL_INT(0, rosehip_publisher_create(node, &config, &second));
  config.type = ROSEHIP_TEXT("another");
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_NAME, rosehip_publisher_create(node, &config, &other));
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(before + 3, world.agent.object_count);
  is_string(blob(0x0022), 0, "rt/chatter");
  TEST_ASSERT_EQUAL_INT(0, rosehip_publisher_publish(first, (const uint8_t*)"\1\0\0\0\0", 5));
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT(5, world.agent.written_length);
  rosehip_publisher_destroy(first);
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(before + 2, world.agent.object_count);
  rosehip_publisher_destroy(second);
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(before, world.agent.object_count);
}

/* ---- Log ----------------------------------------------------------------------------------------------------------- */

static void log_text(rosehip_text_t message) {
  const rosehip_log_line_t line = {.severity = ROSEHIP_LOG_WARN, .logger = ROSEHIP_TEXT("n"), .message = message,
                                   .file = ROSEHIP_TEXT("app.ts"), .line = 12};
  rosehip_log(context, &line, world.now_us);
}

static void test_rosout_is_that_of_rclpy(void) {
  make_node();
  fake_run(&world, SECOND);
  is_string(blob(0x0012), 0, "rt/rosout");
  is_string(blob(0x0012), 4 + 10 + 2, "rcl_interfaces::msg::dds_::Log_");
  /* reliable, keep last 1,000, transient local, lifespan 10 s; hash from the interface's JSON in ROS 2 Jazzy */
  static const uint8_t writer[] = {0, 0x12, 1, 0, 0x0b, 0, 1, 0, 0xe8, 3, 0, 1, 0x10, 0x27, 0, 0, 1, 0, 0, 0, 81, 0, 0, 0};
  TEST_ASSERT_EQUAL_HEX8_ARRAY(writer, blob(0x0015), sizeof writer);
  TEST_ASSERT_EQUAL_MEMORY("typehash=RIHS01_e28ce254ca8abc06abf92773b74602cdbf116ed34fbaf294fb9f81da9f318eac;",
                           blob(0x0015) + sizeof writer, 81);
}

static void test_lines_from_before_the_connection_arrive_with_their_time(void) {
  world.agent.up = false;
  log_text(ROSEHIP_TEXT("booting"));
  const int64_t logged_us = (int64_t)world.now_us + world.agent.clock_offset_us;
  fake_run(&world, 3 * SECOND);
  make_node();
  world.agent.up = true;
  fake_run(&world, 2 * SECOND);
  TEST_ASSERT_EQUAL_UINT(1, rosout_lines);
  const uint8_t* line = rosout[0];
  const int64_t stamp_us = (int64_t)u32(line) * 1000000 + u32(line + 4) / 1000;
  TEST_ASSERT_TRUE(stamp_us - logged_us >= -2 && stamp_us - logged_us <= 2);
  TEST_ASSERT_EQUAL_UINT(30, line[8]);
  size_t at = is_string(line, 9, "n");
  at = is_string(line, at, "booting");
  at = is_string(line, at, "app.ts");
  at = is_string(line, at, "");
  TEST_ASSERT_EQUAL_UINT(12, u32(line + ((at + 3) & ~(size_t)3)));
}

static void test_oldest_lines_go_when_the_queue_is_full(void) {
  make_node();
  for (int i = 0; i < 100; i++) {
    char text[16];
    log_text((rosehip_text_t){text, (size_t)snprintf(text, sizeof text, "line %d", i)});
  }
  const uint32_t dropped = rosehip_context_stats(context)->log_lines_dropped;
  TEST_ASSERT_TRUE(dropped > 50 && dropped < 90);
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(100 - dropped + 1, rosout_lines);
  TEST_ASSERT_EQUAL_UINT(100 - dropped + 1, rosehip_context_stats(context)->log_lines_sent);
  is_string(rosout[rosout_lines - 2], 18, "line 99");
  char expected[200];
  snprintf(expected, sizeof expected, "%u log lines dropped: too many, or " ARENA_FULL,
           (unsigned)dropped);
  is_string(rosout[rosout_lines - 1], is_string(rosout[rosout_lines - 1], 9, "rosehip"), expected);
  TEST_ASSERT_EQUAL_STRING(expected, last_on_console);
  TEST_ASSERT_EQUAL_UINT(101, console_lines);
}

static rosehip_service_t* logging_service;

static int log_and_reply(void* unused, const rosehip_request_t* request) {
  (void)unused;
  log_text(ROSEHIP_TEXT("asked"));
  return rosehip_service_reply(logging_service, request->identity, (const uint8_t*)"12345678", 8);
}

/* On a serial line each of them takes its time, and the caller waits for the reply alone. */
static void test_reply_leaves_before_the_acknowledgement_and_what_the_handler_logged(void) {
  make_node();
  unsigned count = 0;
  logging_service = make_service(&count);
  rosehip_service_set_callback(logging_service, log_and_reply, NULL);
  fake_run(&world, SECOND);
  memset(departures, 0, sizeof departures);
  const uint8_t request[24 + 16] = {0};
  TEST_ASSERT_TRUE(fake_agent_data(&world, 0x0018, 1, request, sizeof request));
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_STRING("RAL", departures);
  TEST_ASSERT_EQUAL_UINT(1, replies);
  TEST_ASSERT_EQUAL_UINT(1, rosout_lines);
}

static void test_long_lines_are_cut_at_a_character(void) {
  make_node();
  char text[400];
  memset(text, 'x', sizeof text);
  memcpy(text + 252, "\xe2\x82\xac", 3); /* a euro sign over the cut at 253 */
  log_text((rosehip_text_t){text, 256});
  log_text((rosehip_text_t){text, 257});
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(2, rosout_lines);
  TEST_ASSERT_EQUAL_UINT(257, u32(rosout[0] + 20));
  TEST_ASSERT_EQUAL_UINT(252 + 3 + 1, u32(rosout[1] + 20));
  TEST_ASSERT_EQUAL_MEMORY("x...", rosout[1] + 24 + 251, 5);
  TEST_ASSERT_EQUAL_UINT(1, rosehip_context_stats(context)->log_lines_cut);
}

static void test_log_storm_without_an_agent_costs_bounded_memory(void) {
  make_node();
  world.agent.up = false;
  fake_run(&world, SECOND);
  const size_t before = arena.used;
  for (int i = 0; i < 10000; i++) log_text(ROSEHIP_TEXT("something went wrong again"));
  TEST_ASSERT_TRUE(arena.used - before <= 3 * 1024);
}

static void test_refused_service_is_logged_by_name(void) {
  unsigned count = 0;
  make_node();
  make_service(&count);
  world.agent.refuse_status = 0x80;
  world.agent.refuse_kind_mask = 1 << 8;
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(1, rosout_lines);
  is_string(rosout[0], is_string(rosout[0], 9, "rosehip"),
            "the agent refuses the service /add_two_ints: DDS-XRCE status 0x80; it is tried again every 5 s");
}

static void test_a_refusal_that_the_agent_has_told_of_is_not_logged_again(void) {
  unsigned count = 0;
  make_node();
  make_service(&count);
  world.agent.refuse_status = 0x80;
  world.agent.refuse_kind_mask = 1 << 8;
  world.agent.refusal_told = true;
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(1, rosehip_context_session_stats(context)->objects_refused);
  TEST_ASSERT_EQUAL_UINT(0, rosout_lines);
  TEST_ASSERT_EQUAL_UINT(1, console_lines);
  TEST_ASSERT_EQUAL_STRING(
      "the agent refuses the service /add_two_ints: DDS-XRCE status 0x80; it is tried again every 5 s", last_on_console);
}

static void test_a_refusal_is_told_once(void) {
  unsigned count = 0;
  make_node();
  make_service(&count);
  world.agent.refuse_status = 0x80;
  world.agent.refuse_kind_mask = 1 << 8;
  fake_run(&world, 60 * SECOND);
  TEST_ASSERT_TRUE(rosehip_context_session_stats(context)->objects_refused > 10);
  TEST_ASSERT_EQUAL_UINT(1, rosout_lines);
  TEST_ASSERT_EQUAL_UINT(1, console_lines);
}

/* ---- Without memory ------------------------------------------------------------------------------------------------ */

static bool starved;

static int take_if_memory(void* told, const rosehip_request_t* request) {
  if (starved && request->payload != NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  if (request->no_memory) ++*(unsigned*)told;
  return ROSEHIP_OK;
}

static void test_requests_without_memory_are_told_once_in_a_minute(void) {
  unsigned count = 0, told = 0;
  make_node();
  rosehip_service_set_callback(make_service(&count), take_if_memory, &told);
  fake_run(&world, SECOND);
  starved = true;
  send_request(1);
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_UINT(1, rosout_lines);
  TEST_ASSERT_EQUAL_UINT(0, told);
  TEST_ASSERT_NOT_NULL_MESSAGE(strstr(last_on_console, "waiting, " ARENA_FULL ", "), last_on_console);
  TEST_ASSERT_NOT_NULL_MESSAGE(strstr(last_on_console, " free in one piece: 16 octets for the service /add_two_ints"), last_on_console);
  fake_run(&world, 5 * SECOND);
  TEST_ASSERT_EQUAL_UINT(1, told);
  TEST_ASSERT_EQUAL_UINT(2, rosout_lines);
  TEST_ASSERT_NOT_NULL_MESSAGE(strstr(last_on_console, "dropped, " ARENA_FULL ", "), last_on_console);
  for (uint8_t i = 0; i < 8; i++) {
    send_request(i);
    fake_run(&world, 6 * SECOND);
  }
  TEST_ASSERT_EQUAL_UINT(9, told);
  TEST_ASSERT_EQUAL_UINT(2, rosout_lines);
  fake_run(&world, 10 * SECOND);
  send_request(1);
  fake_run(&world, 6 * SECOND);
  TEST_ASSERT_EQUAL_UINT_MESSAGE(4, rosout_lines, "a minute later it is told again");
  TEST_ASSERT_EQUAL_UINT(rosout_lines, console_lines);
  starved = false;
}

static void test_entities_that_wait_for_memory_are_told(void) {
  unsigned count = 0;
  make_node();
  fake_run(&world, SECOND);
  make_service(&count);
  full_arena_begin(&arena, 0);
  fake_run(&world, 10 * SECOND);
  TEST_ASSERT_EQUAL_UINT(2, console_lines);
  TEST_ASSERT_EQUAL_STRING("1 attempts to make an entity failed: " ARENA_FULL, first_on_console);
  TEST_ASSERT_EQUAL_STRING("1 log lines dropped: too many, or " ARENA_FULL, last_on_console);
  full_arena_end();
  fake_run(&world, SECOND);
  TEST_ASSERT_NOT_NULL(fake_agent_object(&world.agent, 0x0018));
  TEST_ASSERT_EQUAL_UINT(0, rosout_lines); /* there was no memory for them either */
  fake_run(&world, 60 * SECOND);
  TEST_ASSERT_EQUAL_UINT(2, rosout_lines);
  TEST_ASSERT_EQUAL_UINT(rosehip_context_stats(context)->log_lines_dropped + 2, console_lines);
}

static void test_what_the_agent_does_wrong_is_told(void) {
  static const uint8_t refused[] = {0x81, 0, 0, 0, 4, 1, 11, 0, 0x86, 0, 'X', 'R', 'C', 'E', 1, 0, 1, 15, 0};
  static const uint8_t malformed[] = {0x81, 0, 0, 0, 0x0b, 1, 2, 0, 0, 0};
  static const uint8_t heartbeat[] = {0x81, 0, 0, 0, 0x0b, 1, 5, 0, 9, 0, 8, 0, 0x80};
  make_node();
  world.agent.up = false;
  fake_agent_raw(&world, refused, sizeof refused);
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL_STRING("1 connections refused by the agent: its log says why", last_on_console);
  world.agent.up = true;
  fake_run(&world, 2 * SECOND);
  TEST_ASSERT_EQUAL_UINT(1, rosout_lines);
  for (unsigned i = 0; i < 10; i++) {
    fake_agent_raw(&world, malformed, sizeof malformed);
    fake_run(&world, SECOND);
  }
  TEST_ASSERT_EQUAL_UINT(2, rosout_lines);
  TEST_ASSERT_EQUAL_STRING("1 malformed messages from the agent", last_on_console);
  fake_run(&world, 60 * SECOND);
  TEST_ASSERT_EQUAL_UINT(3, rosout_lines);
  TEST_ASSERT_EQUAL_STRING("9 malformed messages from the agent", last_on_console);
  const uint32_t before = rosehip_context_session_stats(context)->messages_skipped;
  fake_agent_raw(&world, heartbeat, sizeof heartbeat);
  fake_run(&world, 10 * MS);
  TEST_ASSERT_TRUE(rosehip_context_session_stats(context)->messages_skipped > before);
  TEST_ASSERT_NOT_NULL(strstr(last_on_console, " messages given up by the agent"));
}

static int on_response(void* response, const rosehip_response_t* borrowed) {
  *(rosehip_response_t*)response = *borrowed;
  return ROSEHIP_OK;
}

static int on_message(void* messages, const rosehip_message_t* message) {
  (void)message;
  ++*(unsigned*)messages;
  return ROSEHIP_OK;
}

static void make_client_and_subscription(rosehip_response_t* response, unsigned* messages) {
  const rosehip_client_config_t client = {.name = ROSEHIP_TEXT("/client"),
                                          .request_type = ROSEHIP_TEXT("Q"),
                                          .response_type = ROSEHIP_TEXT("P"),
                                          .on_response = on_response,
                                          .context = response};
  const rosehip_subscription_config_t subscription = {
      .topic = ROSEHIP_TEXT("/in"), .type = ROSEHIP_TEXT("T"), .on_message = on_message, .context = messages};
  rosehip_client_t* made_client;
  rosehip_subscription_t* made_subscription;
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_client_create(node, &client, &made_client));
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_subscription_create(node, &subscription, &made_subscription));
}

/* The client of a service and the owner of a call are to hear of it: their samples are handed up without payload. */
static void test_samples_over_the_limit_are_told_and_logged(void) {
  static const uint8_t large[1100] = {0x12, 0x34};
  static const char* const for_whom[] = {"service /add_two_ints", "client /client", "subscription /in"};
  static const unsigned head_bytes[] = {24, 4, 0};
  static const uint16_t object_ids[] = {0x0018, 0x0017, 0x0016};
  unsigned count = 0, messages = 0;
  rosehip_response_t response = {0};
  rosehip_context_destroy(context);
  rosehip_context_config_t config = settings();
  config.session.sample_limit_bytes = 1000;
  rosehip_context_create(&config, world.now_us, &context);
  world.client = context;
  make_node();
  make_service(&count);
  make_client_and_subscription(&response, &messages);
  fake_run(&world, SECOND);
  app_busy = true;
  for (unsigned i = 0; i < 3; i++) {
    char expected[256];
    snprintf(expected, sizeof expected,
             "dropped, over sample_limit_bytes (raise it or send less): %u octets for the %s", 1100 - head_bytes[i],
             for_whom[i]);
    TEST_ASSERT_TRUE(fake_agent_data(&world, object_ids[i], 1, large, 1100));
    fake_run(&world, SECOND);
    TEST_ASSERT_EQUAL_UINT_MESSAGE(app_busy ? 0 : i + 1, rosout_lines, "told before it was taken");
    app_busy = false;
    fake_run(&world, SECOND);
    TEST_ASSERT_EQUAL_UINT(i + 1, rosout_lines);
    is_string(rosout[i], is_string(rosout[i], 9, "rosehip"), expected);
  }
  TEST_ASSERT_EQUAL_UINT(1, count);
  TEST_ASSERT_EQUAL_UINT(1076, too_large_bytes);
  TEST_ASSERT_EQUAL_UINT(0x1234, response.request_id);
  TEST_ASSERT_EQUAL_UINT(1096, response.too_large_bytes);
  TEST_ASSERT_EQUAL_UINT(0, messages);
}

static void test_configuration_is_checked(void) {
  rosehip_context_t* made;
  rosehip_context_config_t bad = settings();
  bad.domain_id = 233;
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_ARGUMENT, rosehip_context_create(&bad, 0, &made));
  bad = settings();
  bad.session.mtu_bytes = 10;
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_ARGUMENT, rosehip_context_create(&bad, 0, &made));
  TEST_ASSERT_NULL(made);
}

static void test_every_failing_allocation_is_an_error_and_leaks_nothing(void) {
  static uint8_t small[4096];
  unsigned count = 0;
  world.link.busy = true;
  for (size_t size = 64; size <= sizeof small; size += 8) {
    rosehip_arena_t own;
    rosehip_arena_init(&own, small, size);
    rosehip_context_config_t config = settings();
    config.session.arena = &own;
    rosehip_context_t* made;
    rosehip_node_t* made_node;
    rosehip_service_t* service;
    rosehip_publisher_t* publisher;
    const rosehip_service_config_t service_config = {.name = ROSEHIP_TEXT("/s"), .request_type = ROSEHIP_TEXT("Q"),
                                                     .response_type = ROSEHIP_TEXT("P"), .on_request = on_request, .context = &count};
    const rosehip_publisher_config_t publisher_config = {.topic = ROSEHIP_TEXT("/t"), .type = ROSEHIP_TEXT("T")};
    if (rosehip_context_create(&config, 0, &made) == ROSEHIP_OK) {
      const int result = rosehip_node_create(made, ROSEHIP_TEXT("n"), ROSEHIP_TEXT(""), &made_node);
      TEST_ASSERT_TRUE(result == ROSEHIP_OK || result == ROSEHIP_ERROR_OUT_OF_MEMORY);
      if (result == ROSEHIP_OK) {
        rosehip_service_create(made_node, &service_config, &service);
        rosehip_publisher_create(made_node, &publisher_config, &publisher);
        rosehip_context_poll(made, 1);
      }
      rosehip_context_destroy(made);
    }
    TEST_ASSERT_EQUAL_UINT(0, own.used);
    TEST_ASSERT_TRUE(rosehip_arena_check(&own));
  }
}

int main(void) {
  UNITY_BEGIN();
  RUN_TEST(test_node_names);
  RUN_TEST(test_participant_is_named_as_its_node);
  RUN_TEST(test_service_is_known_under_its_dds_names);
  RUN_TEST(test_requests_are_answered);
  RUN_TEST(test_busy_app_gets_every_request_later);
  RUN_TEST(test_callback_can_be_taken_over);
  RUN_TEST(test_service_names_are_checked);
  RUN_TEST(test_many_services_come_back_after_a_restart);
  RUN_TEST(test_destroyed_node_takes_everything_with_it);
  RUN_TEST(test_publishers_of_one_topic_share_it);
  RUN_TEST(test_rosout_is_that_of_rclpy);
  RUN_TEST(test_lines_from_before_the_connection_arrive_with_their_time);
  RUN_TEST(test_oldest_lines_go_when_the_queue_is_full);
  RUN_TEST(test_reply_leaves_before_the_acknowledgement_and_what_the_handler_logged);
  RUN_TEST(test_long_lines_are_cut_at_a_character);
  RUN_TEST(test_log_storm_without_an_agent_costs_bounded_memory);
  RUN_TEST(test_refused_service_is_logged_by_name);
  RUN_TEST(test_a_refusal_that_the_agent_has_told_of_is_not_logged_again);
  RUN_TEST(test_a_refusal_is_told_once);
  RUN_TEST(test_requests_without_memory_are_told_once_in_a_minute);
  RUN_TEST(test_entities_that_wait_for_memory_are_told);
  RUN_TEST(test_what_the_agent_does_wrong_is_told);
  RUN_TEST(test_samples_over_the_limit_are_told_and_logged);
  RUN_TEST(test_configuration_is_checked);
  RUN_TEST(test_every_failing_allocation_is_an_error_and_leaks_nothing);
  return UNITY_END();
}
