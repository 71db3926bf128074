/*
 * Apps over the link, through the whole firmware but for its port: against the fake agent, with flash whose power fails.
 * The app is apps/runtime.ts, told apart by an octet behind its end. Virtual time. The first argument is the folder with
 * runtime.wasm.
 */
#include "rosehip/runtime.h"

#include <stdio.h>
#include <string.h>

#include "fake_agent.h"
#include "fake_flash.h"
#include "full_arena.h"
#include "rosehip/sha256.h"
#include "unity.h"

#ifndef TEST_APPS
#define TEST_APPS "." /* without an argument */
#endif

enum { MS = 1000, SECOND = 1000000, MAX_REPLIES = 200, MAX_LINES = 200, PART = 1024 };
enum { INFO, BEGIN, WRITE, COMMIT, ABORT };
enum { OK, BUSY, NO_TRANSFER, MALFORMED, TOO_LARGE, WRONG_ABI, WRONG_OFFSET, WRONG_HASH, INVALID, NOT_SIGNED };
enum { EMPTY, PENDING, FAILED, TRIAL, CONFIRMED, FACTORY = 254, NONE = 255 };

static uint8_t module[64 * 1024]; /* the app, and behind it a custom section of one octet: its number */
static size_t module_bytes;
static _Alignas(16) uint8_t memory[512 * 1024];
static rosehip_arena_t arena;
static fake_flash_t flash;
static fake_world_t world;
static rosehip_runtime_t* runtime;
static rosehip_runtime_config_t config;
static uint64_t skew_us;
static char where[100];

static struct {
  uint8_t number; /* the last octet of the request's identity */
  size_t length;
  uint8_t octets[400];
} replies[MAX_REPLIES];
static unsigned reply_count;
static char lines[MAX_LINES][300];
static unsigned line_count;
static uint8_t asked;

/* ---- The board --------------------------------------------------------------------------------------------------- */

static uint64_t now_us(void* unused) {
  (void)unused;
  return world.now_us + skew_us;
}

static int write_datagram(void* unused, const uint8_t* bytes, size_t length) {
  (void)unused;
  return fake_send(&world, bytes, length) == ROSEHIP_OK ? (int)length : 0;
}

static void console(void* unused, const rosehip_log_line_t* line) {
  (void)unused;
  if (line_count >= MAX_LINES) return;
  snprintf(lines[line_count++], sizeof *lines, "%d %.*s", (int)line->severity, (int)line->message.length_bytes,
           line->message.data);
}

static const rosehip_port_t port = {.link_kind = ROSEHIP_FRAMING_DATAGRAM,
                                    .mtu_bytes = FAKE_MTU,
                                    .now_us = now_us,
                                    .write = write_datagram,
                                    .console = console,
                                    .app_flash = &flash.flash};

static void receive(void* client, const uint8_t* message, size_t length, uint64_t at_us) {
  rosehip_runtime_ingest(client, message, length, at_us + skew_us);
}

static uint64_t poll(void* client, uint64_t at_us) {
  const uint64_t wake_us = rosehip_runtime_step(client, at_us + skew_us);
  if (wake_us == ROSEHIP_NEVER_US) return wake_us;
  return wake_us > skew_us ? wake_us - skew_us : 0;
}

static void on_write(void* unused, uint16_t object_id, const uint8_t* payload, size_t length) {
  (void)unused;
  if ((object_id & 0x0f) != 8 || reply_count >= MAX_REPLIES) return;
  const size_t kept = length - 24 < sizeof replies->octets ? length - 24 : sizeof replies->octets;
  replies[reply_count].number = payload[23];
  replies[reply_count].length = kept;
  memcpy(replies[reply_count++].octets, payload + 24, kept);
}

static void set_number(uint8_t number) { module[module_bytes - 1] = number; }

static void power_off(void) {
  rosehip_runtime_destroy(runtime);
  runtime = NULL;
  TEST_ASSERT_EQUAL_MESSAGE(0, arena.used, "the runtime left memory allocated");
}

/* The board starts, with app number 1 linked into its firmware, or none. */
static void power_on(bool with_factory) {
  static uint8_t factory[sizeof module];
  char reason[200];
  fake_world_init(&world, 0);
  rosehip_arena_init(&arena, memory, sizeof memory);
  config.arena = &arena;
  config.port = &port;
  config.deployment = &rosehip_deployment;
  memcpy(config.client_key, "\x0b\xad\xca\xfe", 4);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_runtime_create(&config, &runtime));
  world.receive = receive;
  world.poll = poll;
  world.client = runtime;
  world.agent.on_write = on_write;
  memcpy(factory, module, module_bytes);
  factory[module_bytes - 1] = 1;
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_runtime_start(runtime, with_factory ? factory : NULL,
                                                      with_factory ? module_bytes : 0, reason, sizeof reason));
  fake_run(&world, SECOND);
  reply_count = 0;
}

static void restart(void) {
  power_off();
  power_on(true);
}

void setUp(void) {
  fake_flash_init(&flash, 65536, 4096, 4);
  config = (rosehip_runtime_config_t){0};
  skew_us = 0;
  line_count = reply_count = asked = 0;
  where[0] = '\0';
  power_on(true);
}

void tearDown(void) {
  if (runtime != NULL) power_off();
  TEST_ASSERT_EQUAL_MESSAGE(0, flash.violations, where);
}

static const char* logged(const char* part) {
  for (unsigned i = 0; i < line_count; i++) {
    if (strstr(lines[i], part) != NULL) return lines[i];
  }
  return NULL;
}

/* ---- Asking ------------------------------------------------------------------------------------------------------ */

/* The n-th service at the agent: the board's own, then the app's. */
static fake_object_t* service(unsigned n) {
  for (unsigned i = 0; i < world.agent.object_count; i++) {
    if (world.agent.objects[i].kind == 8 && n-- == 0) return &world.agent.objects[i];
  }
  return NULL;
}

static uint8_t send(unsigned n, uint8_t deployer, const uint8_t* payload, size_t length) {
  static uint8_t sample[24 + PART + 256];
  memset(sample, 0, 24);
  sample[0] = deployer;
  sample[23] = ++asked;
  if (length != 0) memcpy(sample + 24, payload, length);
  while (!fake_agent_data(&world, service(n)->id, 1, sample, 24 + length)) fake_run(&world, MS);
  return sample[23];
}

static const uint8_t* answer_to(uint8_t number) {
  for (unsigned i = 0; i < reply_count; i++) {
    if (replies[i].number == number) return replies[i].octets;
  }
  return NULL;
}

/* The app's service /echo answers with what it got. */
static void app_answers(void) {
  const uint8_t number = send(1, 0, (const uint8_t*)"e well", 6);
  fake_run(&world, 50 * MS);
  const uint8_t* answer = answer_to(number);
  TEST_ASSERT_NOT_NULL_MESSAGE(answer, where);
  TEST_ASSERT_EQUAL_MEMORY_MESSAGE("e well", answer, 6, where);
}

typedef struct {
  uint8_t command;
  uint16_t abi;
  uint32_t size, offset;
  const uint8_t* hash;
  size_t hash_bytes, signature_bytes, data_bytes;
  const uint8_t* data;
} request_t;

static void put_u32(uint8_t** at, uint32_t value) {
  for (int i = 0; i < 4; i++) *(*at)++ = (uint8_t)(value >> (8 * i));
}

static void put_octets(uint8_t* start, uint8_t** at, const uint8_t* octets, size_t length) {
  while ((*at - start) % 4 != 0) *(*at)++ = 0;
  put_u32(at, (uint32_t)length);
  for (size_t i = 0; i < length; i++) *(*at)++ = octets == NULL ? 0x55 : octets[i];
}

static size_t encode(const request_t* request, uint8_t* payload) {
  uint8_t* at = payload;
  *at++ = request->command;
  *at++ = 0;
  *at++ = (uint8_t)request->abi;
  *at++ = (uint8_t)(request->abi >> 8);
  put_u32(&at, request->size);
  put_u32(&at, request->offset);
  put_octets(payload, &at, request->hash, request->hash_bytes);
  put_octets(payload, &at, NULL, request->signature_bytes);
  put_octets(payload, &at, request->data, request->data_bytes);
  return (size_t)(at - payload);
}

static const uint8_t* answer; /* the last one of the board's own service */

static int ask_as(uint8_t deployer, const request_t* request) {
  static uint8_t payload[PART + 256];
  reply_count = 0;
  const uint8_t number = send(0, deployer, payload, encode(request, payload));
  for (int i = 0; i < 100 && (answer = answer_to(number)) == NULL && !flash.off; i++) fake_run(&world, MS);
  if (answer == NULL && flash.off) return -1;
  TEST_ASSERT_NOT_NULL_MESSAGE(answer, where);
  return answer[0];
}

static int ask(const request_t* request) { return ask_as(7, request); }

static uint8_t slot_state(int slot) { return answer[16 + 40 * slot]; }
static const char* message(void) { return (const char*)answer + 100; }

static uint8_t running(void) {
  TEST_ASSERT_EQUAL(OK, ask(&(request_t){.command = INFO}));
  return answer[1];
}

/* The number of the app that runs. */
static int running_number(void) {
  const uint8_t slot = running();
  if (slot >= 2) return slot == FACTORY ? 1 : NONE;
  for (uint8_t number = 1; number < 20; number++) {
    uint8_t digest[32];
    rosehip_sha256_t hash;
    set_number(number);
    rosehip_sha256_begin(&hash);
    rosehip_sha256_add(&hash, module, module_bytes);
    rosehip_sha256_end(&hash, digest);
    if (memcmp(digest, answer + 16 + 40 * slot + 8, 32) == 0) return number;
  }
  return 0;
}

/* ---- Deploying --------------------------------------------------------------------------------------------------- */

static uint8_t digest[32];

static int begin_as(uint8_t deployer, uint8_t number) {
  rosehip_sha256_t hash;
  set_number(number);
  rosehip_sha256_begin(&hash);
  rosehip_sha256_add(&hash, module, module_bytes);
  rosehip_sha256_end(&hash, digest);
  return ask_as(deployer, &(request_t){.command = BEGIN, .abi = 1, .size = (uint32_t)module_bytes, .hash = digest,
                                       .hash_bytes = 32});
}

static int write_part(uint8_t deployer, uint32_t offset) {
  const size_t left = module_bytes - offset;
  return ask_as(deployer, &(request_t){.command = WRITE, .offset = offset, .data = module + offset,
                                       .data_bytes = left < PART ? left : PART});
}

/* Until COMMIT was answered. */
static int transfer(uint8_t number) {
  int result = begin_as(7, number);
  for (uint32_t offset = 0; offset < module_bytes && result == OK; offset += PART) result = write_part(7, offset);
  return result == OK ? ask(&(request_t){.command = COMMIT}) : result;
}

static void deploy(uint8_t number) {
  TEST_ASSERT_EQUAL_MESSAGE(OK, transfer(number), where);
  fake_run(&world, 4 * SECOND);
  TEST_ASSERT_EQUAL_MESSAGE(number, running_number(), where);
  TEST_ASSERT_EQUAL(CONFIRMED, slot_state(answer[1]));
}

static void test_a_board_without_an_app_waits_for_one(void) {
  power_off();
  power_on(false);
  TEST_ASSERT_NOT_NULL(logged("30 there is no app"));
  TEST_ASSERT_EQUAL(NONE, running());
  TEST_ASSERT_NULL(service(1));
  deploy(2);
  app_answers();
  power_off();
  power_on(false);
  TEST_ASSERT_EQUAL(2, running_number());
  app_answers();
}

static void test_a_new_app_takes_over_what_the_old_one_had(void) {
  const uint16_t echo = service(1)->id;
  app_answers();
  deploy(2);
  app_answers();
  deploy(3);
  app_answers();
  TEST_ASSERT_EQUAL(echo, service(1)->id);
  TEST_ASSERT_EQUAL_MESSAGE(0, world.agent.deletes, "an entity left the graph");
  TEST_ASSERT_NOT_NULL(logged("20 the app in slot 1 is new: on trial"));
  TEST_ASSERT_NOT_NULL(logged("20 the app in slot 1 came through its trial"));
  restart();
  TEST_ASSERT_EQUAL(3, running_number());
  app_answers();
}

static void test_the_old_app_answers_while_the_new_one_comes(void) {
  TEST_ASSERT_EQUAL(OK, begin_as(7, 2));
  for (uint32_t offset = 0; offset < module_bytes; offset += PART) {
    TEST_ASSERT_EQUAL(OK, write_part(7, offset));
    app_answers();
  }
}

static void test_a_part_without_memory_is_answered_with_the_reason(void) {
  static uint8_t payload[PART + 256];
  const request_t part = {.command = WRITE, .data = module, .data_bytes = PART};
  TEST_ASSERT_EQUAL(OK, begin_as(7, 2));
  fake_run(&world, SECOND); /* nothing is on its way that will leave memory */
  full_arena_begin(&arena, PART);
  const uint8_t number = send(0, 7, payload, encode(&part, payload));
  fake_run(&world, 8 * SECOND);
  full_arena_end();
  answer = answer_to(number);
  TEST_ASSERT_NOT_NULL(answer);
  TEST_ASSERT_EQUAL(BUSY, answer[0]);
  TEST_ASSERT_EQUAL_STRING("the arena is full (raise --arena or ROSEHIP_ARENA_BYTES)", message());
  deploy(2);
}

static void test_requests_in_flight_are_told_that_the_app_was_replaced(void) {
  const uint8_t held = send(1, 0, (const uint8_t*)"h", 1);
  fake_run(&world, 50 * MS);
  TEST_ASSERT_NULL(answer_to(held));
  TEST_ASSERT_EQUAL(OK, transfer(2));
  fake_run(&world, 100 * MS);
  const uint8_t* reply = answer_to(held);
  TEST_ASSERT_NOT_NULL(reply);
  TEST_ASSERT_EQUAL_MEMORY("Fthe app was replaced", reply, 21);
}

static void test_an_app_that_is_not_mapped_is_copied(void) {
  flash.flash.map = NULL;
  restart();
  deploy(2);
  app_answers();
  deploy(3);
  restart();
  TEST_ASSERT_EQUAL(3, running_number());
  app_answers();
}

static void test_the_answer_names_the_nodes_of_the_app(void) {
  running();
  uint32_t at = 96 + 4 + (uint32_t)strlen(message()) + 1;
  at = (at + 3) & ~3u;
  TEST_ASSERT_EQUAL(1, answer[at]);
  TEST_ASSERT_EQUAL_STRING("/tester", (const char*)answer + at + 8);
}

static void test_an_app_that_was_damaged_is_not_run(void) {
  deploy(2);
  deploy(3); /* into slot 1 */
  flash.memory[flash.flash.size_bytes / 2 + 1000] ^= 1;
  restart();
  TEST_ASSERT_NOT_NULL(logged("40 the app in slot 1 cannot run: it is damaged"));
  TEST_ASSERT_EQUAL(2, running_number());
  flash.memory[1000] ^= 1;
  restart();
  TEST_ASSERT_EQUAL(FACTORY, running());
  app_answers();
  deploy(4);
}

/* ---- Trial ------------------------------------------------------------------------------------------------------- */

static void fails(const char* why) {
  TEST_ASSERT_NOT_NULL(logged("40 the app in slot 1 failed its trial and is rolled back: "));
  TEST_ASSERT_EQUAL(2, running_number());
  TEST_ASSERT_EQUAL(FAILED, slot_state(1));
  TEST_ASSERT_EQUAL_STRING(why, message());
  app_answers();
  restart();
  TEST_ASSERT_EQUAL(2, running_number());
  app_answers();
  skew_us = 0;
  restart();
  deploy(4);
}

static void test_an_app_that_traps_at_its_start_is_rolled_back(void) {
  deploy(2);
  skew_us = 1000 * (uint64_t)SECOND; /* apps that start in the next 100 s trap */
  fake_run(&world, 5 * SECOND);
  TEST_ASSERT_EQUAL(OK, transfer(3));
  skew_us = 1200 * (uint64_t)SECOND; /* the one before it has trapped as well until now */
  fake_run(&world, 5 * SECOND);
  fails("unreachable executed");
}

static void test_an_app_that_traps_later_in_its_trial_is_rolled_back(void) {
  deploy(2);
  TEST_ASSERT_EQUAL(OK, transfer(3));
  fake_run(&world, 2 * SECOND);
  TEST_ASSERT_EQUAL(3, running_number());
  TEST_ASSERT_EQUAL(TRIAL, slot_state(1));
  const uint8_t fatal = send(1, 0, (const uint8_t*)"t", 1);
  fake_run(&world, 100 * MS);
  TEST_ASSERT_EQUAL_MEMORY("Funreachable executed", answer_to(fatal), 21);
  fails("unreachable executed");
}

static void test_an_app_with_which_the_agent_is_lost_is_rolled_back(void) {
  deploy(2);
  TEST_ASSERT_EQUAL(OK, transfer(3));
  fake_run(&world, SECOND);
  world.link.cut = true;
  fake_run(&world, 20 * SECOND);
  world.link.cut = false;
  fake_run(&world, 6 * SECOND);
  fails("with it the board lost its agent");
}

static void test_an_agent_that_restarts_in_the_trial_does_no_harm(void) {
  TEST_ASSERT_EQUAL(OK, transfer(2));
  fake_run(&world, SECOND);
  fake_agent_restart(&world.agent);
  fake_run(&world, 5 * SECOND);
  TEST_ASSERT_EQUAL(2, running_number());
  TEST_ASSERT_EQUAL(CONFIRMED, slot_state(0));
}

static void test_a_board_that_restarts_in_the_trial_runs_the_old_app(void) {
  deploy(2);
  TEST_ASSERT_EQUAL(OK, transfer(3));
  fake_run(&world, 2 * SECOND);
  restart();
  TEST_ASSERT_EQUAL(2, running_number());
  TEST_ASSERT_EQUAL(FAILED, slot_state(1));
  app_answers();
}

static void test_the_time_of_a_trial_can_be_set(void) {
  config.health_ms = 200;
  restart();
  TEST_ASSERT_EQUAL(OK, transfer(2));
  fake_run(&world, 150 * MS);
  TEST_ASSERT_EQUAL(2, running_number());
  TEST_ASSERT_EQUAL(TRIAL, slot_state(0));
  TEST_ASSERT_EQUAL(BUSY, begin_as(7, 3));
  fake_run(&world, SECOND);
  TEST_ASSERT_EQUAL(2, running_number());
  TEST_ASSERT_EQUAL(CONFIRMED, slot_state(0));
}

/* ---- What is refused --------------------------------------------------------------------------------------------- */

static void unharmed(void) {
  TEST_ASSERT_EQUAL(FACTORY, running());
  TEST_ASSERT_EQUAL(EMPTY, slot_state(0));
  TEST_ASSERT_EQUAL(EMPTY, slot_state(1));
  app_answers();
  restart();
  TEST_ASSERT_EQUAL(FACTORY, running());
  app_answers();
}

static void test_what_cannot_run_here_is_refused_at_the_beginning(void) {
  request_t request = {.command = BEGIN, .abi = 2, .size = 5000, .hash = digest, .hash_bytes = 32};
  TEST_ASSERT_EQUAL(WRONG_ABI, ask(&request));
  request.abi = 1;
  request.size = 32768;
  TEST_ASSERT_EQUAL(TOO_LARGE, ask(&request));
  request.size = 0;
  TEST_ASSERT_EQUAL(TOO_LARGE, ask(&request));
  request.size = 5000;
  request.hash_bytes = 31;
  TEST_ASSERT_EQUAL(MALFORMED, ask(&request));
  request.hash_bytes = 32;
  request.signature_bytes = 63;
  TEST_ASSERT_EQUAL(MALFORMED, ask(&request));
  request.command = 5;
  TEST_ASSERT_EQUAL(MALFORMED, ask(&request));
  TEST_ASSERT_EQUAL(0, flash.operations);
  unharmed();
}

static void test_what_arrives_otherwise_than_announced_is_refused(void) {
  TEST_ASSERT_EQUAL(OK, begin_as(7, 2));
  set_number(3);
  for (uint32_t offset = 0; offset < module_bytes; offset += PART) TEST_ASSERT_EQUAL(OK, write_part(7, offset));
  TEST_ASSERT_EQUAL(WRONG_HASH, ask(&(request_t){.command = COMMIT}));
  TEST_ASSERT_EQUAL(OK, begin_as(7, 2));
  TEST_ASSERT_EQUAL(WRONG_HASH, ask(&(request_t){.command = COMMIT}));
  TEST_ASSERT_EQUAL(NO_TRANSFER, ask(&(request_t){.command = COMMIT}));
  unharmed();
}

static void test_a_module_that_is_none_is_refused_before_anything_is_stopped(void) {
  const uint8_t kept = module[20];
  module[20] ^= 0xff;
  const int result = transfer(2);
  module[20] = kept;
  TEST_ASSERT_EQUAL(INVALID, result);
  TEST_ASSERT_TRUE(strlen(message()) > 10);
  TEST_ASSERT_EQUAL(1, rosehip_runtime_stats(runtime)->app_starts);
  unharmed();
}

static void test_parts_come_in_order_and_may_come_again(void) {
  TEST_ASSERT_EQUAL(NO_TRANSFER, write_part(7, 0));
  TEST_ASSERT_EQUAL(OK, begin_as(7, 2));
  TEST_ASSERT_EQUAL(WRONG_OFFSET, write_part(7, PART));
  TEST_ASSERT_EQUAL(OK, write_part(7, 0));
  TEST_ASSERT_EQUAL(OK, write_part(7, 0));
  TEST_ASSERT_EQUAL(WRONG_OFFSET, write_part(7, PART / 2));
  TEST_ASSERT_EQUAL(MALFORMED, ask(&(request_t){.command = WRITE, .offset = PART, .data = module, .data_bytes = 100}));
  TEST_ASSERT_EQUAL(MALFORMED, ask(&(request_t){.command = WRITE, .offset = PART}));
  for (uint32_t offset = PART; offset < module_bytes; offset += PART) TEST_ASSERT_EQUAL(OK, write_part(7, offset));
  TEST_ASSERT_EQUAL(OK, ask(&(request_t){.command = COMMIT}));
  fake_run(&world, 4 * SECOND);
  TEST_ASSERT_EQUAL(2, running_number());
}

static void test_the_second_of_two_deployers_is_told_so(void) {
  TEST_ASSERT_EQUAL(OK, begin_as(7, 2));
  TEST_ASSERT_EQUAL(OK, write_part(7, 0));
  TEST_ASSERT_EQUAL(BUSY, begin_as(8, 3));
  TEST_ASSERT_EQUAL_STRING("somebody else is deploying an app", message());
  TEST_ASSERT_EQUAL(NO_TRANSFER, write_part(8, PART));
  TEST_ASSERT_EQUAL(NO_TRANSFER, ask_as(8, &(request_t){.command = ABORT}));
  set_number(2);
  TEST_ASSERT_EQUAL(OK, write_part(7, PART));
  fake_run(&world, 6 * SECOND); /* the first has gone */
  TEST_ASSERT_EQUAL(OK, begin_as(8, 3));
  TEST_ASSERT_EQUAL(NO_TRANSFER, write_part(7, 2 * PART));
  TEST_ASSERT_EQUAL(OK, ask_as(8, &(request_t){.command = ABORT}));
  deploy(4);
}

static bool verify(const rosehip_app_description_t* app) {
  TEST_ASSERT_EQUAL(module_bytes, app->length_bytes);
  TEST_ASSERT_EQUAL(1, app->abi_version);
  return app->is_signed && app->signature[0] == 0x55;
}

static void test_a_board_with_a_key_takes_signed_apps_only(void) {
  deploy(2);
  config.app_verify = verify;
  restart();
  TEST_ASSERT_EQUAL_MESSAGE(FACTORY, running(), "the one from before has no signature");
  TEST_ASSERT_NOT_NULL(logged("not signed by this board's key"));
  TEST_ASSERT_EQUAL(NOT_SIGNED, begin_as(7, 3));
  request_t request = {.command = BEGIN, .abi = 1, .size = (uint32_t)module_bytes, .hash = digest, .hash_bytes = 32,
                       .signature_bytes = 64};
  TEST_ASSERT_EQUAL(OK, ask(&request));
  set_number(3);
  for (uint32_t offset = 0; offset < module_bytes; offset += PART) TEST_ASSERT_EQUAL(OK, write_part(7, offset));
  TEST_ASSERT_EQUAL(OK, ask(&(request_t){.command = COMMIT}));
  fake_run(&world, 4 * SECOND);
  restart();
  TEST_ASSERT_EQUAL(3, running_number());
}

static void test_small_samples_make_small_parts_or_none(void) {
  static const struct {
    uint32_t limit;
    int status;
    uint16_t part;
  } cases[] = {{383, ROSEHIP_ERROR_INVALID_ARGUMENT, 0}, {384, ROSEHIP_OK, 256}, {1151, ROSEHIP_OK, 768}, {1152, ROSEHIP_OK, 1024}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    power_off();
    config.sample_limit_bytes = cases[i].limit;
    rosehip_runtime_t* made = NULL;
    TEST_ASSERT_EQUAL(cases[i].status, rosehip_runtime_create(&config, &made));
    rosehip_runtime_destroy(made);
    if (cases[i].status != ROSEHIP_OK) config.sample_limit_bytes = 0;
    power_on(true);
    running();
    TEST_ASSERT_EQUAL(cases[i].part == 0 ? 1024 : cases[i].part, answer[4] | answer[5] << 8);
  }
}

static void test_no_request_does_harm(void) {
  uint8_t payload[PART];
  uint32_t seed = 42;
  const request_t request = {.command = BEGIN, .abi = 1, .size = 5000, .hash = digest, .hash_bytes = 32};
  const size_t length = encode(&request, payload);
  for (size_t cut = 0; cut < length; cut++) {
    send(0, 7, payload, cut);
    fake_run(&world, 5 * MS);
  }
  for (int round = 0; round < 2000; round++) {
    const size_t size = fake_random(&seed) % 120;
    for (size_t i = 0; i < size; i++) payload[i] = (uint8_t)(fake_random(&seed) >> 9);
    if (size > 0) payload[0] %= 6;
    if (size > 4) payload[2] = 1, payload[3] = 0;
    if (size > 16) payload[6] = payload[7] = 0;
    send(0, 7, payload, size);
    fake_run(&world, 2 * MS);
  }
  TEST_ASSERT_EQUAL(FACTORY, running());
  app_answers();
  deploy(2);
}

/* ---- Power ------------------------------------------------------------------------------------------------------- */

/* Power fails in each write and erase of a deployment over a running app, and in the confirmation. */
static void test_a_cut_anywhere_in_a_deployment_leaves_a_board_that_answers(void) {
  static const uint8_t seeds[FAKE_TEARS] = {0, 0, 0, 0, 3, 1};
  deploy(2);
  deploy(3); /* the one that comes goes over number 2 */
  static fake_flash_t before;
  before = flash;
  fake_flash_power_on(&flash, 0);
  deploy(4);
  const unsigned operations = flash.operations;
  TEST_ASSERT_TRUE(operations > 5);
  for (unsigned at = 1; at <= operations; at++) {
    for (int tear = 0; tear < FAKE_TEARS; tear++) {
      snprintf(where, sizeof where, "cut %u, tear %d", at, tear);
      power_off();
      flash = before;
      fake_flash_power_on(&flash, at);
      flash.tear = (fake_tear_t)tear;
      flash.seed = seeds[tear];
      power_on(true);
      if (transfer(4) == OK) fake_run(&world, 4 * SECOND);
      TEST_ASSERT_TRUE_MESSAGE(flash.off, where);
      power_off();
      fake_flash_power_on(&flash, 0);
      power_on(true);
      const int first = running_number();
      TEST_ASSERT_TRUE_MESSAGE(first == 3 || first == 4, where);
      app_answers();
      fake_run(&world, 4 * SECOND);
      restart();
      TEST_ASSERT_EQUAL_MESSAGE(first, running_number(), where);
      app_answers();
      deploy(5);
    }
  }
}

int main(int argc, char** argv) {
  char path[1024];
  snprintf(path, sizeof path, "%s/runtime.wasm", argc > 1 ? argv[1] : TEST_APPS);
  FILE* file = fopen(path, "rb");
  if (file == NULL) return 1;
  module_bytes = fread(module, 1, sizeof module - 5, file);
  fclose(file);
  memcpy(module + module_bytes, "\0\x03\x01n", 4); /* a custom section "n" */
  module_bytes += 5;
  UNITY_BEGIN();
  RUN_TEST(test_a_board_without_an_app_waits_for_one);
  RUN_TEST(test_a_new_app_takes_over_what_the_old_one_had);
  RUN_TEST(test_the_old_app_answers_while_the_new_one_comes);
  RUN_TEST(test_a_part_without_memory_is_answered_with_the_reason);
  RUN_TEST(test_requests_in_flight_are_told_that_the_app_was_replaced);
  RUN_TEST(test_an_app_that_is_not_mapped_is_copied);
  RUN_TEST(test_the_answer_names_the_nodes_of_the_app);
  RUN_TEST(test_an_app_that_was_damaged_is_not_run);
  RUN_TEST(test_an_app_that_traps_at_its_start_is_rolled_back);
  RUN_TEST(test_an_app_that_traps_later_in_its_trial_is_rolled_back);
  RUN_TEST(test_an_app_with_which_the_agent_is_lost_is_rolled_back);
  RUN_TEST(test_an_agent_that_restarts_in_the_trial_does_no_harm);
  RUN_TEST(test_a_board_that_restarts_in_the_trial_runs_the_old_app);
  RUN_TEST(test_the_time_of_a_trial_can_be_set);
  RUN_TEST(test_what_cannot_run_here_is_refused_at_the_beginning);
  RUN_TEST(test_what_arrives_otherwise_than_announced_is_refused);
  RUN_TEST(test_a_module_that_is_none_is_refused_before_anything_is_stopped);
  RUN_TEST(test_parts_come_in_order_and_may_come_again);
  RUN_TEST(test_the_second_of_two_deployers_is_told_so);
  RUN_TEST(test_a_board_with_a_key_takes_signed_apps_only);
  RUN_TEST(test_small_samples_make_small_parts_or_none);
  RUN_TEST(test_no_request_does_harm);
  RUN_TEST(test_a_cut_anywhere_in_a_deployment_leaves_a_board_that_answers);
  return UNITY_END();
}
