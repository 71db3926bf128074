#include "fuzz_target.h"

#include <stdlib.h>
#include <string.h>

#include "fake_agent.h"
#include "rosehip/arena.h"
#include "rosehip/framing.h"

static _Alignas(16) uint8_t memory[24 * 1024];

static void check(bool holds) {
  if (!holds) abort();
}

static void on_message(void* context, const uint8_t* message, size_t length) {
  check(length > 0 && length <= 512);
  *(uint8_t*)context ^= message[0] ^ message[length - 1]; /* touch both ends */
}

void fuzz_framing(const uint8_t* bytes, size_t length) {
  static uint8_t buffer[512];
  uint8_t sum = 0;
  for (int kind = 0; kind < 2; kind++) {
    rosehip_framing_t framing;
    const rosehip_framing_config_t config = {.kind = (rosehip_framing_kind_t)kind,
                                             .buffer = buffer,
                                             .buffer_bytes = sizeof buffer,
                                             .on_message = on_message,
                                             .context = &sum};
    check(rosehip_framing_init(&framing, &config) == ROSEHIP_OK);
    rosehip_framing_receive(&framing, bytes, length / 3);
    rosehip_framing_receive(&framing, bytes + length / 3, length - length / 3);
  }
}

static int on_sample(void* context, const rosehip_xrce_sample_t* sample) {
  uint8_t* state = context;
  check(sample->length_bytes <= 4096);
  check(sample->too_large_bytes == 0 || (sample->no_memory != (sample->too_large_bytes > 4096) && sample->payload == NULL));
  uint8_t sum = 0;
  for (size_t i = 0; i < sample->length_bytes; i++) sum ^= sample->payload[i];
  for (size_t i = 0; sample->identity != NULL && i < 24; i++) sum ^= sample->identity[i];
  *state = (uint8_t)(*state * 31 + sum + 1);
  return *state % 4 == 0 ? ROSEHIP_ERROR_BUSY : ROSEHIP_OK;
}

static rosehip_xrce_session_t* new_session(rosehip_arena_t* arena, fake_world_t* world) {
  rosehip_arena_init(arena, memory, sizeof memory);
  const rosehip_xrce_session_config_t config = {.arena = arena,
                                                .client_key = {1, 2, 3, 4},
                                                .mtu_bytes = 512,
                                                .sample_limit_bytes = 4096,
                                                .send = fake_send,
                                                .context = world};
  rosehip_xrce_session_t* session;
  check(rosehip_xrce_session_create(&config, world->now_us, &session) == ROSEHIP_OK);
  return session;
}

void fuzz_message(const uint8_t* bytes, size_t length) {
  static fake_world_t world;
  rosehip_arena_t arena;
  world.link.busy = true; /* nothing leaves */
  rosehip_xrce_session_t* session = new_session(&arena, &world);
  rosehip_xrce_session_receive(session, bytes, length, 1000);
  rosehip_xrce_session_poll(session, 2000);
  rosehip_xrce_session_destroy(session);
  check(arena.used == 0);
}

static void make_objects(rosehip_xrce_session_t* session, uint8_t* state) {
  rosehip_xrce_object_t *participant, *topic, *subscriber, *object;
  const rosehip_xrce_service_t service = {ROSEHIP_TEXT("/s"), ROSEHIP_TEXT("Q"), ROSEHIP_TEXT("P"), ROSEHIP_TEXT("rq"),
                                          ROSEHIP_TEXT("rr"), NULL, NULL};
  rosehip_xrce_participant_create(session, 0, ROSEHIP_TEXT("p"), &participant);
  rosehip_xrce_topic_create(participant, ROSEHIP_TEXT("t"), ROSEHIP_TEXT("T"), &topic);
  rosehip_xrce_subscriber_create(participant, &subscriber);
  rosehip_xrce_datareader_create(subscriber, topic, (rosehip_qos_t){.flags = 1}, NULL, on_sample, state, &object);
  rosehip_xrce_requester_create(participant, &service, on_sample, state, &object);
  rosehip_xrce_replier_create(participant, &service, on_sample, state, &object);
}

/* Gives one piece to the session in the guise that its first octet chooses. */
static void receive_piece(fake_world_t* world, const uint8_t* bytes, size_t length) {
  const uint8_t choice = bytes[0];
  uint8_t* message = malloc(length + 4);
  check(message != NULL);
  memcpy(message + 4, bytes + 1, length - 1);
  message[0] = 0x81;
  message[1] = choice % 8 == 0 ? 0x01 : choice % 4 == 0 ? 0x00 : 0x80;
  const uint16_t number = (uint16_t)(world->agent.out_next + (choice % 16 == 1 ? choice / 16 : 0));
  message[2] = (uint8_t)number;
  message[3] = (uint8_t)(number >> 8);
  if (message[1] == 0x80 && number == world->agent.out_next) world->agent.out_first = ++world->agent.out_next;
  rosehip_xrce_session_receive(world->session, message, length + 3, world->now_us);
  free(message);
}

void fuzz_live_session(const uint8_t* bytes, size_t length) {
  static fake_world_t world;
  rosehip_arena_t arena;
  uint8_t state = 1;
  fake_world_init(&world, 0);
  world.link.delay_us = 1;
  world.session = new_session(&arena, &world);
  make_objects(world.session, &state);
  fake_run(&world, 20000);
  check(world.agent.object_count == 6);
  world.link.cut = true; /* from here on, the agent says only what is fuzzed */
  for (size_t at = 0; at + 2 < length;) {
    const size_t left = length - at - 1;
    const size_t piece = left < bytes[at] + 1u ? left : bytes[at] + 1u;
    receive_piece(&world, bytes + at + 1, piece);
    at += 1 + piece;
    world.now_us += 100;
    rosehip_xrce_session_poll(world.session, world.now_us);
    memset(world.link.packets, 0, sizeof world.link.packets);
  }
  check(rosehip_arena_check(&arena) == 1);
  rosehip_xrce_session_destroy(world.session);
  check(arena.used == 0);
}
