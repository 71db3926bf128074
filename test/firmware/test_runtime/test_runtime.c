/*
 * The whole firmware but for its port, against the fake agent: an app (apps/runtime.ts) that does on request what apps
 * should not do. Virtual time. The first argument is the folder with runtime.wasm.
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

enum { MS = 1000, SECOND = 1000000, MAX_REPLIES = 600, MAX_LINES = 200 };

static const char* folder;
static uint8_t module[64 * 1024];
static size_t module_bytes;
static _Alignas(16) uint8_t memory[512 * 1024];
static rosehip_arena_t arena;
static fake_world_t world;
static rosehip_runtime_t* runtime;
static uint64_t skew_us, look_us; /* the device's clock is ahead by skew, and each look at it moves it by look */
static uint32_t asked;
static unsigned step_count;

static struct {
  uint8_t number; /* the last octet of the request's identity */
  size_t length;
  uint8_t octets[200];
} replies[MAX_REPLIES];
static unsigned reply_count;

static struct {
  int severity;
  char text[300];
} lines[MAX_LINES];
static unsigned line_count;

/* ---- The port ---------------------------------------------------------------------------------------------------- */

static uint64_t now_us(void* unused) {
  (void)unused;
  skew_us += look_us;
  return world.now_us + skew_us;
}

static int write_datagram(void* unused, const uint8_t* bytes, size_t length) {
  (void)unused;
  return fake_send(&world, bytes, length) == ROSEHIP_OK ? (int)length : 0;
}

static void console(void* unused, const rosehip_log_line_t* line) {
  (void)unused;
  if (line_count >= MAX_LINES) return;
  lines[line_count].severity = line->severity;
  snprintf(lines[line_count++].text, sizeof lines->text, "%.*s: %.*s", (int)line->logger.length_bytes,
           line->logger.data, (int)line->message.length_bytes, line->message.data);
}

static const rosehip_port_t port = {.link_kind = ROSEHIP_FRAMING_DATAGRAM,
                                    .mtu_bytes = FAKE_MTU,
                                    .now_us = now_us,
                                    .write = write_datagram,
                                    .console = console};

static void receive(void* client, const uint8_t* message, size_t length, uint64_t at_us) {
  rosehip_runtime_ingest(client, message, length, at_us + skew_us);
}

static uint64_t poll(void* client, uint64_t at_us) {
  const uint64_t wake_us = rosehip_runtime_step(client, at_us + skew_us);
  step_count++;
  if (wake_us == ROSEHIP_NEVER_US) return wake_us;
  return wake_us > skew_us ? wake_us - skew_us : 0;
}

static void on_write(void* unused, uint16_t object_id, const uint8_t* payload, size_t length) {
  (void)unused;
  if ((object_id & 0x0f) != 8 || reply_count >= MAX_REPLIES) return;
  replies[reply_count].number = payload[23];
  replies[reply_count].length = length - 24;
  memcpy(replies[reply_count].octets, payload + 24, length - 24 < 200 ? length - 24 : 200);
  reply_count++;
}

/* ---- Set-up ------------------------------------------------------------------------------------------------------ */

static void create(size_t arena_bytes, const rosehip_runtime_config_t* limits) {
  rosehip_runtime_config_t config = *limits;
  rosehip_arena_init(&arena, memory, arena_bytes);
  config.arena = &arena;
  config.port = &port;
  memcpy(config.client_key, "key1", 4);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_runtime_create(&config, &runtime));
  world.receive = receive;
  world.poll = poll;
  world.client = runtime;
  world.agent.on_write = on_write;
}

static void load_app(void) {
  char reason[200];
  TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_OK, rosehip_runtime_load(runtime, module, module_bytes, reason, sizeof reason),
                            reason);
}

void setUp(void) {
  static const rosehip_runtime_config_t defaults;
  fake_world_init(&world, 0);
  skew_us = look_us = 0;
  reply_count = line_count = asked = 0;
  create(sizeof memory, &defaults);
}

void tearDown(void) {
  full_arena_end();
  rosehip_runtime_destroy(runtime);
  runtime = NULL;
  TEST_ASSERT_EQUAL_MESSAGE(0, arena.used, "the runtime left memory allocated");
  TEST_ASSERT_TRUE(rosehip_arena_check(&arena));
}

/* The object at the agent of the n-th service, from 0; NULL if there is none. */
static fake_object_t* service(unsigned n) {
  for (unsigned i = 0; i < world.agent.object_count; i++) {
    if (world.agent.objects[i].kind == 8 && n-- == 0) return &world.agent.objects[i];
  }
  return NULL;
}

static void start(void) {
  load_app();
  fake_run(&world, SECOND);
  TEST_ASSERT_NOT_NULL(service(1));
  TEST_ASSERT_NULL(service(2));
}

/* Sends a request to a service; its number is the count of those before. */
static uint8_t ask_of(unsigned n, const char* what) {
  uint8_t sample[24 + 64] = {0};
  sample[23] = (uint8_t)asked++;
  memcpy(sample + 24, what, strlen(what));
  TEST_ASSERT_TRUE(fake_agent_data(&world, service(n)->id, 1, sample, 24 + strlen(what)));
  return sample[23];
}

static uint8_t ask(const char* what) {
  const uint8_t number = ask_of(0, what);
  fake_run(&world, 10 * MS);
  return number;
}

static unsigned replies_to(uint8_t number) {
  unsigned count = 0;
  for (unsigned i = 0; i < reply_count; i++) count += replies[i].number == number;
  return count;
}

/* Exactly one answer came, and it is this. */
static void answered(uint8_t number, const char* with) {
  TEST_ASSERT_EQUAL_MESSAGE(1, replies_to(number), with);
  for (unsigned i = 0; i < reply_count; i++) {
    if (replies[i].number != number) continue;
    replies[i].octets[replies[i].length < 199 ? replies[i].length : 199] = '\0';
    TEST_ASSERT_EQUAL_STRING(with, (const char*)replies[i].octets);
  }
}

static const char* logged(int severity, const char* part) {
  for (unsigned i = 0; i < line_count; i++) {
    if (lines[i].severity == severity && strstr(lines[i].text, part) != NULL) return lines[i].text;
  }
  return NULL;
}

static unsigned times_logged(const char* part) {
  unsigned count = 0;
  for (unsigned i = 0; i < line_count; i++) count += strstr(lines[i].text, part) != NULL;
  return count;
}

/* ---- The ordinary day -------------------------------------------------------------------------------------------- */

static void test_answers_requests(void) {
  start();
  answered(ask("e hello"), "e hello");
  answered(ask(""), "");
  const uint8_t other = ask_of(1, "e other");
  fake_run(&world, 10 * MS);
  answered(other, "e other");
  TEST_ASSERT_EQUAL(3, rosehip_runtime_stats(runtime)->requests);
  TEST_ASSERT_EQUAL(3, rosehip_runtime_stats(runtime)->replies);
  TEST_ASSERT_EQUAL(0, world.agent.deletes);
}

static void test_answers_when_the_app_likes(void) {
  start();
  const uint8_t first = ask("h"), second = ask("h");
  fake_run(&world, 5 * SECOND);
  TEST_ASSERT_EQUAL(0, reply_count);
  const uint8_t third = ask("release");
  answered(first, "release");
  answered(second, "release");
  answered(third, "release");
}

static void test_a_request_is_answered_once(void) {
  start();
  answered(ask("2"), "2");
  TEST_ASSERT_NOT_NULL(logged(ROSEHIP_LOG_INFO, "refused"));
}

static void test_an_idle_board_sleeps(void) {
  start();
  const unsigned before = step_count;
  fake_run(&world, 10 * SECOND);
  TEST_ASSERT_TRUE(step_count - before < 100); /* a ping and its answer each half second, and a time now and then */
}

static void test_refuses_misuse(void) {
  static const int8_t expected[] = {-1, -1, -1, -5, -5, -2, -2, -1, -5, -1, -2, -2, -2, -1, -1, -1, -6, -2, -2, -1, -1};
  start();
  ask("m");
  TEST_ASSERT_EQUAL(1, reply_count);
  TEST_ASSERT_EQUAL(sizeof expected, replies[0].length);
  for (size_t i = 0; i < sizeof expected; i++) TEST_ASSERT_EQUAL_MESSAGE(expected[i], (int8_t)replies[0].octets[i], "call");
  TEST_ASSERT_NOT_NULL(logged(ROSEHIP_LOG_WARN, "bad severity or address"));
  TEST_ASSERT_EQUAL(0, rosehip_runtime_stats(runtime)->app_faults);
  answered(ask("e still well"), "e still well");
}

static void test_a_reply_that_is_too_large_is_an_error_of_its_caller(void) {
  start();
  answered(ask("b"), "\xfc"); /* TOO_LARGE, and the token was still good */
}

static uint8_t ask_large(size_t length) {
  static uint8_t sample[24 + 7500];
  memset(sample, 'e', sizeof sample);
  sample[23] = (uint8_t)asked++;
  TEST_ASSERT_TRUE(fake_agent_data(&world, service(0)->id, 1, sample, 24 + length));
  fake_run(&world, 10 * MS);
  return sample[23];
}

static void test_a_request_that_is_too_large_is_answered_with_the_reason(void) {
  const rosehip_runtime_config_t limits = {.sample_limit_bytes = 1000};
  static const char reason[] = "Fthe request is larger than the 1000 octets this board takes (sample_limit_bytes)";
  rosehip_runtime_destroy(runtime);
  fake_world_init(&world, 0);
  create(sizeof memory, &limits);
  start();
  TEST_ASSERT_EQUAL(1, replies_to(ask_large(1000)));
  answered(ask_large(1001), reason);
  const uint32_t used = arena.used; /* with the interpreter's code for it */
  answered(ask_large(4096), reason);
  answered(ask_large(1001), reason);
  TEST_ASSERT_UINT32_WITHIN(64, used, arena.used);
  answered(ask("e and on"), "e and on");
  TEST_ASSERT_EQUAL(0, rosehip_runtime_stats(runtime)->app_faults);
}

/* The app stops while one that was too large waits: that one keeps its reason. */
static void test_a_request_that_is_too_large_outlasts_a_trap(void) {
  const rosehip_runtime_config_t limits = {.sample_limit_bytes = 1000};
  rosehip_runtime_destroy(runtime);
  fake_world_init(&world, 0);
  create(sizeof memory, &limits);
  start();
  const uint8_t fatal = ask_of(0, "t");
  const uint8_t large = ask_large(1001);
  fake_run(&world, SECOND);
  answered(fatal, "Funreachable executed");
  answered(large, "Fthe request is larger than the 1000 octets this board takes (sample_limit_bytes)");
}

static void test_a_destroyed_service_takes_its_requests_with_it(void) {
  start();
  const uint8_t held = ask("h"), destroyer = ask("d");
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL(0, replies_to(held) + replies_to(destroyer));
  TEST_ASSERT_NOT_NULL(logged(ROSEHIP_LOG_ERROR, "2 request(s) stay unanswered"));
  TEST_ASSERT_EQUAL(2, rosehip_runtime_stats(runtime)->requests_dropped);
}

/* ---- Back-pressure ----------------------------------------------------------------------------------------------- */

static void test_a_burst_waits_at_the_agent_and_is_answered_in_order(void) {
  start();
  unsigned sent = 0;
  while (sent < 300) {
    uint8_t sample[26] = {0};
    sample[23] = (uint8_t)sent;
    sample[24] = 'e';
    sample[25] = (uint8_t)sent;
    if (fake_agent_data(&world, service(0)->id, 1, sample, sizeof sample)) sent++;
    else fake_run(&world, MS);
  }
  fake_run(&world, 10 * SECOND);
  TEST_ASSERT_EQUAL(300, reply_count);
  for (unsigned i = 0; i < 300; i++) TEST_ASSERT_EQUAL((uint8_t)i, replies[i].octets[1]);
}

static void test_an_app_that_takes_no_events_is_not_asked_for_ever(void) {
  start();
  answered(ask("n"), "n");
  ask("e");
  const uint64_t before = now_us(NULL);
  unsigned steps = 0;
  for (uint64_t at = before; at < before + SECOND; steps++) {
    const uint64_t wake = rosehip_runtime_step(runtime, at);
    at = wake > at ? wake : at + 1;
  }
  TEST_ASSERT_TRUE(steps < 300);
}

static void test_limits_of_open_requests_hold(void) {
  const rosehip_runtime_config_t limits = {.waiting_limit = 4, .request_limit = 8};
  rosehip_runtime_destroy(runtime);
  fake_world_init(&world, 0);
  create(sizeof memory, &limits);
  start();
  for (int i = 0; i < 12; i++) ask("h");
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL(8, rosehip_runtime_stats(runtime)->requests);
  TEST_ASSERT_TRUE(rosehip_runtime_stats(runtime)->requests_refused > 0);
  TEST_ASSERT_NOT_NULL(logged(ROSEHIP_LOG_WARN, "request_limit"));
}

static void test_a_limit_that_is_reached_again_and_again_is_told_once(void) {
  const rosehip_runtime_config_t limits = {.request_limit = 2};
  rosehip_runtime_destroy(runtime);
  fake_world_init(&world, 0);
  create(sizeof memory, &limits);
  start();
  for (int i = 0; i < 10; i++) {
    ask("h");
    ask("h");
    const uint8_t waits = ask("e");
    TEST_ASSERT_EQUAL(0, replies_to(waits));
    load_app();
    fake_run(&world, SECOND);
    answered(waits, "e");
  }
  TEST_ASSERT_TRUE(rosehip_runtime_stats(runtime)->requests_refused >= 10);
  TEST_ASSERT_EQUAL(1, times_logged("request_limit"));
}

/* ---- Without memory ---------------------------------------------------------------------------------------------- */

/* Of what the app is going to do, the interpreter has the code. */
static void start_warm(void) {
  start();
  answered(ask("t"), "Funreachable executed");
  answered(ask("e warm"), "e warm");
  fake_run(&world, SECOND);
  line_count = 0;
}

static const char no_memory[] = "Fthe arena is full (raise --arena or ROSEHIP_ARENA_BYTES)";

static void without_memory(size_t octets_left, const char* line) {
  start_warm();
  full_arena_begin(&arena, octets_left);
  const uint8_t large = ask_large(7500), behind = ask_of(1, "e behind");
  fake_run(&world, 3 * SECOND);
  TEST_ASSERT_EQUAL_MESSAGE(0, replies_to(large), "answered before memory was waited for");
  fake_run(&world, 7 * SECOND);
  answered(large, no_memory);
  answered(behind, "e behind");
  TEST_ASSERT_EQUAL(1, times_logged(line));
  TEST_ASSERT_EQUAL(1, times_logged("dropped, the arena is full (raise --arena or ROSEHIP_ARENA_BYTES), "));
  TEST_ASSERT_NOT_NULL(logged(ROSEHIP_LOG_WARN, " free in one piece: 7500 octets for the service /echo"));
  const uint8_t again = ask_large(7500);
  fake_run(&world, 10 * SECOND);
  answered(again, no_memory);
  TEST_ASSERT_EQUAL(1, times_logged("dropped"));
  full_arena_end();
  TEST_ASSERT_EQUAL(1, replies_to(ask_large(7500)));
  TEST_ASSERT_EQUAL(0, rosehip_runtime_stats(runtime)->requests_dropped);
}

static void test_a_request_whose_fragments_have_no_room_is_answered(void) {
  without_memory(6500, "dropped, the arena is full");
}

/* Its fragments have room, the request that they make up does not. */
static void test_a_request_that_cannot_be_kept_is_answered(void) {
  without_memory(12000, "waiting, the arena is full");
}

/* The arena is full of requests that wait for the app: those behind them wait at the agent for as long as it takes. */
static void test_requests_of_a_busy_app_wait_for_memory(void) {
  start_warm();
  skew_us += 1000ull * SECOND; /* the next start traps, until 1100 s */
  const uint8_t fatal = ask("t");
  full_arena_begin(&arena, 12000);
  const uint8_t first = ask_large(7500), second = ask_large(7500);
  fake_run(&world, 20 * SECOND);
  TEST_ASSERT_EQUAL(0, reply_count - 2);
  TEST_ASSERT_EQUAL(0, times_logged("dropped, "));
  full_arena_end();
  skew_us += 100ull * SECOND;
  fake_run(&world, 40 * SECOND);
  answered(fatal, "Funreachable executed");
  TEST_ASSERT_EQUAL(1, replies_to(first));
  TEST_ASSERT_EQUAL(1, replies_to(second));
  for (unsigned i = reply_count - 2; i < reply_count; i++) TEST_ASSERT_EQUAL('e', replies[i].octets[0]);
}

static void test_a_request_that_finds_memory_in_time_is_served(void) {
  start_warm();
  full_arena_begin(&arena, 6500);
  const uint8_t large = ask_large(7500);
  fake_run(&world, 4 * SECOND);
  TEST_ASSERT_EQUAL(0, replies_to(large));
  full_arena_end();
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL(1, replies_to(large));
  TEST_ASSERT_EQUAL('e', replies[reply_count - 1].octets[0]);
}

static void test_a_reply_waits_for_memory_and_then_its_app_is_told(void) {
  start_warm();
  const uint8_t held = ask("h");
  answered(ask("e warm"), "e warm");
  full_arena_begin(&arena, 6500);
  answered(ask("q"), "\xf9"); /* BUSY */
  fake_run(&world, 4 * SECOND);
  answered(ask("q"), "\xf9");
  fake_run(&world, 2 * SECOND);
  answered(ask("q"), "\xfd"); /* OUT_OF_MEMORY */
  TEST_ASSERT_EQUAL(0, replies_to(held));
  full_arena_end();
  answered(ask("q"), "");
  TEST_ASSERT_EQUAL(1, replies_to(held));
}

/* ---- Faults ------------------------------------------------------------------------------------------------------ */

static void test_a_trap_answers_what_was_in_flight_and_keeps_the_graph(void) {
  start();
  const uint16_t echo = service(0)->id;
  const uint8_t held = ask("h"), fatal = ask("t");
  answered(held, "Funreachable executed");
  answered(fatal, "Funreachable executed");
  answered(ask("e again"), "e again");
  TEST_ASSERT_EQUAL(echo, service(0)->id);
  TEST_ASSERT_EQUAL_MESSAGE(0, world.agent.deletes, "an entity left the graph");
  TEST_ASSERT_NOT_NULL(logged(ROSEHIP_LOG_ERROR, "the app stopped: unreachable executed; it starts again"));
  TEST_ASSERT_EQUAL(2, rosehip_runtime_stats(runtime)->app_starts);
  TEST_ASSERT_EQUAL(2, rosehip_runtime_stats(runtime)->requests_faulted);
}

static void test_requests_behind_a_fatal_one_are_served(void) {
  start();
  const uint8_t fatal = ask_of(0, "t"), behind = ask_of(0, "e behind");
  fake_run(&world, SECOND);
  answered(fatal, "Funreachable executed");
  answered(behind, "e behind");
}

static void test_a_panic_gives_the_reason(void) {
  start();
  answered(ask("p"), "Ftold to (app.ts:12:7)");
  TEST_ASSERT_NOT_NULL(logged(ROSEHIP_LOG_ERROR, "the app stopped: told to (app.ts:12:7)"));
}

static void test_an_endless_loop_is_stopped(void) {
  start();
  look_us = 100 * MS;
  const uint8_t fatal = ask_of(0, "l");
  fake_run(&world, 20 * MS);
  look_us = 0;
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL(1, replies_to(fatal));
  TEST_ASSERT_NOT_NULL(logged(ROSEHIP_LOG_ERROR, "time budget exceeded"));
  answered(ask("e"), "e");
}

static void test_a_thousand_faults_leak_nothing(void) {
  start();
  ask("t");
  const uint32_t used = arena.used;
  for (int i = 0; i < 1000; i++) ask("t");
  TEST_ASSERT_UINT32_WITHIN(64, used, arena.used); /* a block may be a few octets larger, where the rest was too small */
  TEST_ASSERT_EQUAL(1001, rosehip_runtime_stats(runtime)->app_faults);
  TEST_ASSERT_EQUAL(MAX_REPLIES, reply_count);
}

static void test_what_the_new_run_does_not_make_again_goes(void) {
  start();
  const uint16_t echo = service(0)->id;
  const uint8_t held = ask("h");
  ask_of(1, "h");
  fake_run(&world, 10 * MS);
  skew_us += 2000ull * SECOND;
  ask("t");
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL(echo, service(0)->id);
  TEST_ASSERT_NULL_MESSAGE(service(1), "/gone is still at the agent");
  answered(held, "Funreachable executed");
  TEST_ASSERT_NOT_NULL(logged(ROSEHIP_LOG_ERROR, "1 request(s) stay unanswered: their service was removed"));
}

static void test_traps_at_the_start_back_off(void) {
  start();
  skew_us += 1000ull * SECOND; /* the next start traps, until 1100 s */
  const uint8_t fatal = ask("t");
  TEST_ASSERT_EQUAL(0, replies_to(fatal));
  fake_run(&world, 60 * SECOND);
  /* At 0, then after 1, 2, 4, 8, 16 and 30 s. */
  TEST_ASSERT_EQUAL(7, rosehip_runtime_stats(runtime)->app_starts);
  TEST_ASSERT_NOT_NULL(logged(ROSEHIP_LOG_ERROR, "it starts again in 1 s"));
  TEST_ASSERT_NOT_NULL(logged(ROSEHIP_LOG_ERROR, "it starts again in 16 s"));
  TEST_ASSERT_NOT_NULL(logged(ROSEHIP_LOG_ERROR, "it starts again in 30 s"));
  TEST_ASSERT_NOT_NULL_MESSAGE(service(1), "the services left the graph");
  const uint8_t meanwhile = ask("e patience");
  fake_run(&world, 90 * SECOND);
  answered(fatal, "Funreachable executed");
  answered(meanwhile, "e patience");
}

static void test_an_app_that_traps_by_itself_backs_off_too(void) {
  start();
  ask("w");
  fake_run(&world, 3 * SECOND);
  TEST_ASSERT_EQUAL(1, rosehip_runtime_stats(runtime)->app_faults);
  answered(ask("e"), "e");
}

/* ---- Load -------------------------------------------------------------------------------------------------------- */

static void test_an_app_can_be_replaced(void) {
  start();
  const uint8_t held = ask("h");
  load_app();
  fake_run(&world, SECOND);
  answered(held, "Fthe app was replaced");
  answered(ask("e new"), "e new");
  TEST_ASSERT_EQUAL(0, world.agent.deletes);
}

static void test_a_module_that_is_no_app_is_refused(void) {
  char reason[200];
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_MALFORMED, rosehip_runtime_load(runtime, module, 20, reason, sizeof reason));
  TEST_ASSERT_TRUE(strlen(reason) > 10);
  fake_run(&world, SECOND);
  start();
  answered(ask("e"), "e");
}

static void test_a_full_arena_is_never_a_crash(void) {
  static const rosehip_runtime_config_t limits = {.sample_limit_bytes = 1024};
  unsigned served = 0;
  for (size_t size = 8000; size < 160000; size += 1520) {
    char reason[200];
    rosehip_runtime_config_t config = limits;
    rosehip_runtime_destroy(runtime);
    runtime = NULL;
    fake_world_init(&world, 0);
    reply_count = asked = 0;
    rosehip_arena_init(&arena, memory, size);
    config.arena = &arena;
    config.port = &port;
    memcpy(config.client_key, "key1", 4);
    if (rosehip_runtime_create(&config, &runtime) != ROSEHIP_OK) continue;
    world.receive = receive;
    world.poll = poll;
    world.client = runtime;
    world.agent.on_write = on_write;
    const int status = rosehip_runtime_load(runtime, module, module_bytes, reason, sizeof reason);
    TEST_ASSERT_TRUE_MESSAGE(status == ROSEHIP_OK || status == ROSEHIP_ERROR_OUT_OF_MEMORY, reason);
    fake_run(&world, 3 * SECOND);
    if (service(0) == NULL) continue;
    for (int i = 0; i < 8; i++) ask(i == 5 ? "t" : "e");
    fake_run(&world, 5 * SECOND);
    served += reply_count == 8;
  }
  TEST_ASSERT_TRUE(served > 20);
}

/* ---- Link -------------------------------------------------------------------------------------------------------- */

static bool has_service(fake_world_t* unused) {
  (void)unused;
  return service(1) != NULL;
}

static void test_a_reply_given_without_an_agent_goes_when_it_is_back(void) {
  start();
  const uint8_t held = ask("h");
  const uint8_t release = ask_of(0, "release");
  /* The agent's last octets arrive, then it is gone before the answer to them leaves. */
  rosehip_runtime_reconnect(runtime, now_us(NULL));
  fake_agent_restart(&world.agent);
  TEST_ASSERT_TRUE(fake_run_until(&world, has_service, 5 * SECOND));
  fake_run(&world, SECOND);
  TEST_ASSERT_TRUE(replies_to(held) <= 1 && replies_to(release) <= 1);
  answered(ask("release"), "release");
}

static void test_everything_is_answered_once_over_a_bad_link(void) {
  world.link.seed = 12345;
  world.link.loss_percent = 10;
  world.link.duplicate_percent = 5;
  world.link.jitter_us = 3 * MS;
  load_app();
  TEST_ASSERT_TRUE(fake_run_until(&world, has_service, 60 * SECOND));
  fake_run(&world, 5 * SECOND);
  for (int i = 0; i < 100; i++) {
    ask("e");
    fake_run(&world, 100 * MS);
  }
  fake_run(&world, 20 * SECOND);
  TEST_ASSERT_EQUAL(100, reply_count);
  for (uint8_t i = 0; i < 100; i++) TEST_ASSERT_EQUAL(1, replies_to(i));
}

int main(int argc, char** argv) {
  char path[1024];
  folder = argc > 1 ? argv[1] : TEST_APPS;
  snprintf(path, sizeof path, "%s/runtime.wasm", folder);
  FILE* file = fopen(path, "rb");
  if (file == NULL) return 1;
  module_bytes = fread(module, 1, sizeof module, file);
  fclose(file);
  UNITY_BEGIN();
  RUN_TEST(test_answers_requests);
  RUN_TEST(test_answers_when_the_app_likes);
  RUN_TEST(test_a_request_is_answered_once);
  RUN_TEST(test_an_idle_board_sleeps);
  RUN_TEST(test_refuses_misuse);
  RUN_TEST(test_a_reply_that_is_too_large_is_an_error_of_its_caller);
  RUN_TEST(test_a_request_that_is_too_large_is_answered_with_the_reason);
  RUN_TEST(test_a_request_that_is_too_large_outlasts_a_trap);
  RUN_TEST(test_a_destroyed_service_takes_its_requests_with_it);
  RUN_TEST(test_a_burst_waits_at_the_agent_and_is_answered_in_order);
  RUN_TEST(test_an_app_that_takes_no_events_is_not_asked_for_ever);
  RUN_TEST(test_limits_of_open_requests_hold);
  RUN_TEST(test_a_limit_that_is_reached_again_and_again_is_told_once);
  RUN_TEST(test_a_request_whose_fragments_have_no_room_is_answered);
  RUN_TEST(test_a_request_that_cannot_be_kept_is_answered);
  RUN_TEST(test_requests_of_a_busy_app_wait_for_memory);
  RUN_TEST(test_a_request_that_finds_memory_in_time_is_served);
  RUN_TEST(test_a_reply_waits_for_memory_and_then_its_app_is_told);
  RUN_TEST(test_a_trap_answers_what_was_in_flight_and_keeps_the_graph);
  RUN_TEST(test_requests_behind_a_fatal_one_are_served);
  RUN_TEST(test_a_panic_gives_the_reason);
  RUN_TEST(test_an_endless_loop_is_stopped);
  RUN_TEST(test_a_thousand_faults_leak_nothing);
  RUN_TEST(test_what_the_new_run_does_not_make_again_goes);
  RUN_TEST(test_traps_at_the_start_back_off);
  RUN_TEST(test_an_app_that_traps_by_itself_backs_off_too);
  RUN_TEST(test_an_app_can_be_replaced);
  RUN_TEST(test_a_module_that_is_no_app_is_refused);
  RUN_TEST(test_a_full_arena_is_never_a_crash);
  RUN_TEST(test_a_reply_given_without_an_agent_goes_when_it_is_back);
  RUN_TEST(test_everything_is_answered_once_over_a_bad_link);
  return UNITY_END();
}
