/* The connection with an agent: connecting, losing, coming back, the clock. Virtual time. */
#include <string.h>

#include "fake_agent.h"
#include "rosehip/arena.h"
#include "unity.h"

enum { ARENA = 32 * 1024, MS = 1000, SECOND = 1000000 };

static _Alignas(16) uint8_t memory[ARENA];
static rosehip_arena_t arena;
static fake_world_t world;
static unsigned state_changes;
static rosehip_xrce_state_t last_state;

static void on_state(void* context, rosehip_xrce_state_t state) {
  (void)context;
  state_changes++;
  last_state = state;
}

static rosehip_xrce_session_config_t config(void) {
  return (rosehip_xrce_session_config_t){.arena = &arena,
                                         .client_key = {0x11, 0x22, 0x33, 0x44},
                                         .mtu_bytes = FAKE_MTU,
                                         .send = fake_send,
                                         .on_state = on_state,
                                         .context = &world};
}

void setUp(void) {
  rosehip_arena_init(&arena, memory, sizeof memory);
  fake_world_init(&world, 0);
  state_changes = 0;
  const rosehip_xrce_session_config_t settings = config();
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_xrce_session_create(&settings, world.now_us, &world.session));
}

void tearDown(void) {
  rosehip_xrce_session_destroy(world.session);
  TEST_ASSERT_EQUAL_UINT(0, arena.used);
}

static bool connected(fake_world_t* w) { return rosehip_xrce_session_state(w->session) == ROSEHIP_XRCE_CONNECTED; }
static bool disconnected(fake_world_t* w) { return !connected(w); }
static const rosehip_xrce_stats_t* stats(void) { return rosehip_xrce_session_stats(world.session); }

static bool has_participant(fake_world_t* w) { return connected(w) && w->agent.object_count == 1; }

static void test_connects_and_announces_itself(void) {
  TEST_ASSERT_TRUE(fake_run_until(&world, connected, 100 * MS));
  TEST_ASSERT_EQUAL_UINT(2, world.agent.create_clients); /* HELLO, then FORGET, then CREATE */
  TEST_ASSERT_EQUAL_HEX8_ARRAY("\x11\x22\x33\x44", world.agent.key, 4);
  TEST_ASSERT_EQUAL_UINT(FAKE_MTU, world.agent.client_mtu);
  TEST_ASSERT_EQUAL_STRING("003000", world.agent.property);
  TEST_ASSERT_EQUAL_UINT(1, state_changes);
  TEST_ASSERT_EQUAL_INT(ROSEHIP_XRCE_CONNECTED, last_state);
  TEST_ASSERT_EQUAL_UINT(1, stats()->connections);
}

static void test_a_rebooted_board_leaves_nothing_behind(void) {
  world.agent.client_known = true;
  world.agent.object_count = 5; /* of the boot before */
  TEST_ASSERT_TRUE(fake_run_until(&world, connected, 100 * MS));
  TEST_ASSERT_EQUAL_UINT(0, world.agent.object_count);
}

static void test_a_rebooted_board_with_another_address_leaves_nothing_behind(void) {
  world.agent.client_known = true;
  world.agent.object_count = 5;
  world.agent.moved = true;
  TEST_ASSERT_TRUE(fake_run_until(&world, connected, 100 * MS));
  TEST_ASSERT_EQUAL_UINT(0, world.agent.object_count);
}

static void test_repeats_with_growing_pauses_while_there_is_no_agent(void) {
  world.agent.up = false;
  fake_run(&world, 450 * MS);
  TEST_ASSERT_EQUAL_UINT(4, world.link.sent_to_agent); /* at 0, 50, 150, 350 ms */
  world.link.sent_to_agent = 0;
  fake_run(&world, 60 * SECOND);
  TEST_ASSERT_TRUE(world.link.sent_to_agent >= 119 && world.link.sent_to_agent <= 121); /* every 500 ms */
  world.agent.up = true;
  TEST_ASSERT_TRUE(fake_run_until(&world, connected, 510 * MS));
}

static void test_a_refusal_is_counted_and_tried_again(void) {
  static const uint8_t refused[] = {0x81, 0, 0, 0, 4, 1, 11, 0, 0x86, 0, 'X', 'R', 'C', 'E', 1, 0, 1, 15, 0};
  world.agent.up = false;
  fake_run(&world, 10 * MS);
  fake_agent_raw(&world, refused, sizeof refused);
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT(1, stats()->connections_refused);
  TEST_ASSERT_TRUE(disconnected(&world));
  world.agent.up = true;
  TEST_ASSERT_TRUE(fake_run_until(&world, connected, 510 * MS));
}

static void test_restarted_agent_is_noticed_and_gets_everything_again_within_a_second(void) {
  rosehip_xrce_object_t* participant;
  rosehip_xrce_participant_create(world.session, 0, ROSEHIP_TEXT("n"), &participant);
  for (unsigned delay_ms = 0; delay_ms <= 5000; delay_ms += 100) {
    TEST_ASSERT_TRUE(fake_run_until(&world, has_participant, SECOND));
    fake_run(&world, 2037 * MS + delay_ms);
    world.agent.up = false;
    fake_agent_restart(&world.agent);
    fake_run(&world, delay_ms * MS);
    world.agent.up = true;
    const uint64_t up_us = world.now_us;
    TEST_ASSERT_TRUE(fake_run_until(&world, has_participant, SECOND));
    TEST_ASSERT_TRUE(world.now_us - up_us < 600 * MS);
  }
  TEST_ASSERT_TRUE(stats()->losses_unknown > 0);
  TEST_ASSERT_TRUE(stats()->losses_silent > 0);
}

static void test_silent_agent_is_given_up_after_ten_pings(void) {
  fake_run_until(&world, connected, SECOND);
  fake_run(&world, SECOND);
  world.link.cut = true;
  const uint64_t cut_us = world.now_us;
  TEST_ASSERT_TRUE(fake_run_until(&world, disconnected, 5 * SECOND));
  TEST_ASSERT_TRUE(world.now_us - cut_us >= 3000 * MS && world.now_us - cut_us <= 3550 * MS);
  TEST_ASSERT_EQUAL_UINT(1, stats()->losses_silent);
  TEST_ASSERT_EQUAL_INT(ROSEHIP_XRCE_CONNECTING, last_state);
  world.link.cut = false;
  TEST_ASSERT_TRUE(fake_run_until(&world, connected, 510 * MS));
}

/* An agent that was stopped for a while says what it had to say first, and then reads the HELLO. */
static void test_what_the_agent_says_about_the_streams_before_is_ignored(void) {
  static const uint8_t heartbeat[] = {0x81, 0, 0, 0, 11, 1, 5, 0, 0xf5, 0x07, 0xf6, 0x07, 0x80};
  static const uint8_t acknack[] = {0x81, 0, 0, 0, 10, 1, 5, 0, 0xf5, 0x07, 0, 0, 0x80};
  rosehip_xrce_object_t* participant;
  rosehip_xrce_participant_create(world.session, 0, ROSEHIP_TEXT("n"), &participant);
  TEST_ASSERT_TRUE(fake_run_until(&world, has_participant, SECOND));
  world.agent.up = false;
  TEST_ASSERT_TRUE(fake_run_until(&world, disconnected, 5 * SECOND));
  fake_agent_raw(&world, heartbeat, sizeof heartbeat);
  fake_agent_raw(&world, acknack, sizeof acknack);
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT(2, stats()->foreign_session);
  fake_agent_restart(&world.agent);
  world.agent.up = true;
  TEST_ASSERT_TRUE(fake_run_until(&world, has_participant, SECOND));
  fake_run(&world, 100 * MS);
  TEST_ASSERT_TRUE(rosehip_xrce_object_ready(participant));
  TEST_ASSERT_EQUAL_UINT(0, stats()->messages_skipped);
}

static void test_short_silence_does_not_matter(void) {
  fake_run_until(&world, connected, SECOND);
  for (int i = 0; i < 20; i++) {
    fake_run(&world, 2 * SECOND);
    world.link.cut = true;
    fake_run(&world, 500 * MS);
    world.link.cut = false;
  }
  TEST_ASSERT_EQUAL_UINT(1, stats()->connections);
}

static void test_link_that_takes_nothing_is_lost_and_comes_back(void) {
  fake_run_until(&world, connected, SECOND);
  world.link.busy = true;
  TEST_ASSERT_TRUE(fake_run_until(&world, disconnected, 4 * SECOND));
  fake_run(&world, 5 * SECOND);
  TEST_ASSERT_TRUE(world.wake_us <= world.now_us + MS);
  world.link.busy = false;
  TEST_ASSERT_TRUE(fake_run_until(&world, connected, 510 * MS));
}

static void test_idle_traffic_is_small(void) {
  fake_run_until(&world, connected, SECOND);
  fake_run(&world, SECOND);
  world.link.bytes_to_agent = world.link.bytes_to_client = world.link.sent_to_agent = 0;
  fake_run(&world, 60 * SECOND);
  TEST_ASSERT_TRUE(world.link.bytes_to_agent <= 60 * 34);
  TEST_ASSERT_TRUE(world.link.bytes_to_client <= 60 * 77);
  TEST_ASSERT_TRUE(world.link.sent_to_agent >= 119); /* but it does ping */
}

static void test_answers_the_agents_question_whether_it_lives(void) {
  fake_run_until(&world, connected, SECOND);
  static const uint8_t get_info[] = {0x81, 0, 0, 0, 2, 1, 8, 0, 0, 0, 0xff, 0xfe, 1, 0, 0, 0};
  fake_agent_raw(&world, get_info, sizeof get_info);
  fake_run(&world, 10 * MS);
  TEST_ASSERT_EQUAL_UINT(1, world.agent.infos_received);
}

static void test_agent_that_acknowledges_nothing_is_given_up(void) {
  rosehip_xrce_object_t* participant;
  rosehip_xrce_participant_create(world.session, 0, ROSEHIP_TEXT("n"), &participant);
  world.agent.mute_acknowledgements = true;
  fake_run_until(&world, connected, SECOND);
  TEST_ASSERT_TRUE(fake_run_until(&world, disconnected, 11 * SECOND));
  TEST_ASSERT_EQUAL_UINT(1, stats()->losses_stalled);
  world.agent.mute_acknowledgements = false;
  TEST_ASSERT_TRUE(fake_run_until(&world, has_participant, SECOND));
}

static void test_boards_that_share_a_key_do_not_fight_as_fast_as_they_can(void) {
  for (int i = 0; i < 1000; i++) {
    fake_run(&world, 10 * MS);
    world.agent.client_known = false; /* the other board took the session */
  }
  TEST_ASSERT_TRUE(stats()->connections <= 25);
  TEST_ASSERT_TRUE(stats()->connections >= 5);
}

static void test_reconnect_on_request(void) {
  fake_run_until(&world, connected, SECOND);
  rosehip_xrce_session_reconnect(world.session, world.now_us);
  TEST_ASSERT_TRUE(disconnected(&world));
  TEST_ASSERT_TRUE(fake_run_until(&world, connected, 100 * MS));
  TEST_ASSERT_EQUAL_UINT(2, stats()->connections);
}

static uint64_t sleep_for_ever(void* client, uint64_t now_us) {
  (void)client;
  (void)now_us;
  return ROSEHIP_NEVER_US;
}

static void test_close_makes_the_agent_forget(void) {
  fake_run_until(&world, connected, SECOND);
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_xrce_session_close(world.session));
  world.poll = sleep_for_ever;
  fake_run(&world, 2 * MS);
  TEST_ASSERT_FALSE(world.agent.client_known);
}

/* ---- Clock --------------------------------------------------------------------------------------------------------- */

static int64_t error_us(void) {
  const int64_t epoch_us = rosehip_xrce_session_epoch_time_ns(world.session, world.now_us) / 1000;
  return epoch_us - ((int64_t)world.now_us + world.agent.clock_offset_us);
}

static void test_clock_is_zero_then_the_agents(void) {
  TEST_ASSERT_EQUAL_INT(0, rosehip_xrce_session_epoch_time_ns(world.session, world.now_us));
  fake_run_until(&world, connected, SECOND);
  fake_run(&world, 10 * MS);
  TEST_ASSERT_TRUE(error_us() >= -2 && error_us() <= 2); /* the link takes as long in both directions */
}

static void test_clock_set_forward_is_followed_at_once(void) {
  fake_run_until(&world, connected, SECOND);
  fake_run(&world, 10 * MS);
  world.agent.clock_offset_us += 5 * SECOND;
  fake_run(&world, 11 * SECOND);
  TEST_ASSERT_TRUE(error_us() >= -2 && error_us() <= 2);
}

/* The agent's clock runs 100 ppm slower than the board's, then faster. */
static void test_clock_follows_drift_and_never_runs_backward(void) {
  for (int sign = -1; sign <= 1; sign += 2) {
    fake_run_until(&world, connected, SECOND);
    fake_run(&world, 10 * MS);
    int64_t last_ns = 0;
    for (int i = 0; i < 6000; i++) {
      fake_run(&world, 10 * MS);
      world.agent.clock_offset_us += sign;
      const int64_t now_ns = rosehip_xrce_session_epoch_time_ns(world.session, world.now_us);
      TEST_ASSERT_TRUE(now_ns > last_ns);
      TEST_ASSERT_TRUE(error_us() > -1200 && error_us() < 1200); /* 100 ppm of 10 s, and a little */
      last_ns = now_ns;
    }
  }
}

/* A full line delays all answers, but not what we send: each estimate is wrong by half of that, and must not count. */
static void test_clock_is_not_led_astray_by_slow_answers(void) {
  world.link.delay_us = MS;
  fake_run_until(&world, connected, SECOND);
  fake_run(&world, SECOND);
  for (int i = 0; i < 40 * 1000; i++) {
    const unsigned sent = world.link.sent_to_agent;
    fake_run(&world, MS);
    world.link.delay_us = world.link.sent_to_agent == sent ? MS : 200 * MS;
  }
  TEST_ASSERT_TRUE(error_us() > -10 * MS && error_us() < 10 * MS);
}

static void test_clock_set_back_never_runs_backward(void) {
  fake_run_until(&world, connected, SECOND);
  fake_run(&world, 10 * MS);
  world.agent.clock_offset_us -= 5 * SECOND;
  int64_t last_ns = 0;
  for (int i = 0; i < 3000; i++) {
    fake_run(&world, 10 * MS);
    const int64_t now_ns = rosehip_xrce_session_epoch_time_ns(world.session, world.now_us);
    TEST_ASSERT_TRUE(now_ns > last_ns);
    last_ns = now_ns;
  }
  TEST_ASSERT_TRUE(error_us() >= -2 && error_us() <= 2);
}

/* ---- Bad input ------------------------------------------------------------------------------------------------------ */

static void test_foreign_and_broken_messages_change_nothing(void) {
  fake_run_until(&world, connected, SECOND);
  static const uint8_t foreign[] = {0x82, 0, 0, 0, 6, 1, 6, 0, 0, 10, 0xff, 0xfd, 0, 0};
  static const uint8_t broken[] = {0x81, 0, 0, 0, 6, 1, 200, 0, 0, 10};
  static const uint8_t unknown[] = {0x81, 0, 0, 0, 0x3f, 1, 0, 0};
  rosehip_xrce_session_receive(world.session, foreign, sizeof foreign, world.now_us);
  TEST_ASSERT_EQUAL_UINT(1, stats()->foreign_session);
  rosehip_xrce_session_receive(world.session, broken, sizeof broken, world.now_us);
  TEST_ASSERT_EQUAL_UINT(1, stats()->malformed);
  rosehip_xrce_session_receive(world.session, unknown, sizeof unknown, world.now_us);
  TEST_ASSERT_EQUAL_UINT(1, stats()->unknown_submessages);
  for (size_t length = 0; length < 4; length++) {
    rosehip_xrce_session_receive(world.session, foreign, length, world.now_us);
  }
  TEST_ASSERT_EQUAL_UINT(5, stats()->malformed);
  TEST_ASSERT_TRUE(connected(&world));
}

static void test_configuration_is_checked(void) {
  rosehip_xrce_session_t* session;
  rosehip_xrce_session_config_t bad = config();
  memset(bad.client_key, 0, 4);
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_ARGUMENT, rosehip_xrce_session_create(&bad, 0, &session));
  bad = config();
  bad.mtu_bytes = 71;
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_ARGUMENT, rosehip_xrce_session_create(&bad, 0, &session));
  bad = config();
  bad.window_messages = 17;
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_ARGUMENT, rosehip_xrce_session_create(&bad, 0, &session));
  TEST_ASSERT_NULL(session);
  rosehip_xrce_session_destroy(NULL);
}

static void test_lossy_link_connects(void) {
  for (uint32_t seed = 1; seed <= 50; seed++) {
    rosehip_xrce_session_destroy(world.session);
    fake_world_init(&world, seed);
    world.link.loss_percent = 40;
    world.link.duplicate_percent = 20;
    world.link.jitter_us = 20 * MS;
    const rosehip_xrce_session_config_t settings = config();
    rosehip_xrce_session_create(&settings, world.now_us, &world.session);
    TEST_ASSERT_TRUE(fake_run_until(&world, connected, 30 * SECOND));
  }
}

int main(void) {
  UNITY_BEGIN();
  RUN_TEST(test_connects_and_announces_itself);
  RUN_TEST(test_a_rebooted_board_leaves_nothing_behind);
  RUN_TEST(test_a_rebooted_board_with_another_address_leaves_nothing_behind);
  RUN_TEST(test_repeats_with_growing_pauses_while_there_is_no_agent);
  RUN_TEST(test_a_refusal_is_counted_and_tried_again);
  RUN_TEST(test_restarted_agent_is_noticed_and_gets_everything_again_within_a_second);
  RUN_TEST(test_silent_agent_is_given_up_after_ten_pings);
  RUN_TEST(test_what_the_agent_says_about_the_streams_before_is_ignored);
  RUN_TEST(test_short_silence_does_not_matter);
  RUN_TEST(test_link_that_takes_nothing_is_lost_and_comes_back);
  RUN_TEST(test_idle_traffic_is_small);
  RUN_TEST(test_answers_the_agents_question_whether_it_lives);
  RUN_TEST(test_agent_that_acknowledges_nothing_is_given_up);
  RUN_TEST(test_boards_that_share_a_key_do_not_fight_as_fast_as_they_can);
  RUN_TEST(test_reconnect_on_request);
  RUN_TEST(test_close_makes_the_agent_forget);
  RUN_TEST(test_clock_is_zero_then_the_agents);
  RUN_TEST(test_clock_set_forward_is_followed_at_once);
  RUN_TEST(test_clock_follows_drift_and_never_runs_backward);
  RUN_TEST(test_clock_is_not_led_astray_by_slow_answers);
  RUN_TEST(test_clock_set_back_never_runs_backward);
  RUN_TEST(test_foreign_and_broken_messages_change_nothing);
  RUN_TEST(test_configuration_is_checked);
  RUN_TEST(test_lossy_link_connects);
  return UNITY_END();
}
