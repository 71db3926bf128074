/* The engine on modules that are good, bad and hostile. The first argument is the folder with the assembled modules. */
#include "rosehip/engine.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "unity.h"

#ifndef TEST_APPS
#define TEST_APPS "." /* without an argument */
#endif

enum { ARENA_BYTES = 512 * 1024, MODULE_BYTES = 256 * 1024, FUZZ_SECONDS = 8 };

static const char* folder;
static uint8_t block[ARENA_BYTES];
static uint8_t module[MODULE_BYTES];
static size_t module_bytes;
static rosehip_arena_t arena;
static rosehip_engine_t* engine;
static char reason[200];
static uint64_t clock_us;      /* virtual */
static uint64_t clock_step_us; /* how far each look at it moves it */
static bool hungry;            /* the app's call takes all memory */

static uint64_t now_us(void* host) {
  (void)host;
  return clock_us += clock_step_us;
}

/* Takes all memory that there is, for a moment. */
static void be_hungry(void) {
  void* taken = NULL;
  for (size_t bytes = sizeof block; bytes >= sizeof taken; bytes /= 2) {
    for (void** piece; (piece = rosehip_arena_alloc(&arena, bytes, 0)) != NULL; taken = piece) *piece = taken;
  }
  while (taken != NULL) {
    void* next = *(void**)taken;
    rosehip_arena_free(&arena, taken);
    taken = next;
  }
}

static int64_t import_now(void* host, const uint64_t* arguments) {
  TEST_ASSERT_EQUAL_PTR(&arena, host);
  if (hungry) be_hungry();
  return 0x123456789a + (int64_t)(uint32_t)arguments[0];
}

static const rosehip_import_t imports[] = {{"now", "I(i)", import_now}};

static rosehip_engine_config_t configuration(void) {
  return (rosehip_engine_config_t){
      .arena = &arena, .imports = imports, .import_count = 1, .host = &arena, .now_us = now_us,
      .budget_us = 1000000, .stack_bytes = 4096, .memory_limit_bytes = 65536};
}

static size_t used(void) {
  rosehip_arena_stats_t stats;
  rosehip_arena_stats(&arena, &stats);
  return stats.used;
}

void setUp(void) {
  rosehip_arena_init(&arena, block, sizeof block);
  engine = NULL;
  clock_step_us = 1000;
  hungry = false;
}

void tearDown(void) {
  rosehip_engine_unload(engine);
  TEST_ASSERT_EQUAL_MESSAGE(0, used(), "the engine left memory allocated");
  TEST_ASSERT_TRUE(rosehip_arena_check(&arena));
}

static void read_module(const char* name) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s.wasm", folder, name);
  FILE* file = fopen(path, "rb");
  TEST_ASSERT_NOT_NULL_MESSAGE(file, path);
  module_bytes = fread(module, 1, sizeof module, file);
  fclose(file);
}

static int load(const char* name) {
  const rosehip_engine_config_t config = configuration();
  read_module(name);
  return rosehip_engine_load(&config, module, module_bytes, &engine, reason, sizeof reason);
}

static int64_t polled(const char* name) {
  int64_t wake_ns = -1;
  TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_OK, load(name), reason);
  TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_OK, rosehip_engine_poll(engine, &wake_ns), rosehip_engine_fault(engine));
  return wake_ns;
}

static void refused(const char* name, const char* because) {
  TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_ERROR_MALFORMED, load(name), name);
  TEST_ASSERT_NULL(engine);
  TEST_ASSERT_TRUE_MESSAGE(strstr(reason, because) != NULL, reason);
  TEST_ASSERT_EQUAL_MESSAGE(0, used(), name);
}

static void traps(const char* name, const char* because) {
  int64_t wake_ns = 0;
  TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_OK, load(name), reason);
  TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_ERROR_TRAPPED, rosehip_engine_poll(engine, &wake_ns), name);
  TEST_ASSERT_TRUE_MESSAGE(strstr(rosehip_engine_fault(engine), because) != NULL, rosehip_engine_fault(engine));
  rosehip_engine_unload(engine);
  engine = NULL;
  TEST_ASSERT_EQUAL_MESSAGE(0, used(), name);
}

/* ---- Good modules ------------------------------------------------------------------------------------------------ */

static void test_runs_and_calls_imports(void) {
  TEST_ASSERT_EQUAL_HEX64(0x123456789a + 5, polled("ok"));
}

static void test_runs_the_start_function_once_and_first(void) {
  TEST_ASSERT_EQUAL(42, polled("start"));
}

static void test_keeps_state_between_polls_and_counts_them(void) {
  rosehip_engine_stats_t stats;
  int64_t wake_ns = 0;
  TEST_ASSERT_EQUAL(1, polled("counter"));
  for (int i = 2; i < 10; i++) {
    rosehip_engine_poll(engine, &wake_ns);
    TEST_ASSERT_EQUAL(i, wake_ns);
  }
  rosehip_engine_stats(engine, &stats);
  TEST_ASSERT_EQUAL(9, stats.polls);
  TEST_ASSERT_EQUAL(4096, stats.memory_bytes);
}

static void test_each_run_has_fresh_memory(void) {
  for (int i = 0; i < 3; i++) {
    TEST_ASSERT_EQUAL(1, polled("counter"));
    rosehip_engine_unload(engine);
    engine = NULL;
  }
}

static void test_memory_is_as_large_as_the_app_says(void) {
  TEST_ASSERT_EQUAL(99, polled("last_octets"));
  rosehip_engine_unload(engine);
  engine = NULL;
  traps("beyond_memory", "out of bounds memory access");
}

static void test_memory_does_not_grow(void) {
  TEST_ASSERT_EQUAL(-1, polled("grow"));
}

static void test_runs_the_instructions_behind_the_prefix_0xfc(void) {
  TEST_ASSERT_EQUAL_HEX64(INT64_MAX + UINT64_C(0x01010101), polled("saturating"));
  rosehip_engine_unload(engine);
  engine = NULL;
  TEST_ASSERT_EQUAL(7, polled("fill"));
}

static void test_calculates_with_floats_as_v8_does(void) {
  TEST_ASSERT_EQUAL(7, polled("floats"));
}

static void test_checks_what_comes_behind_them(void) {
  refused("fill_underflow", "not a module that can run here");
}

static void test_checks_the_host_view_of_memory(void) {
  TEST_ASSERT_EQUAL(1, polled("counter"));
  uint8_t* start = rosehip_engine_memory(engine, 0, 4096);
  TEST_ASSERT_EQUAL(0, memcmp(start, "rosehip", 7));
  TEST_ASSERT_EQUAL_PTR(start + 4095, rosehip_engine_memory(engine, 4095, 1));
  TEST_ASSERT_NOT_NULL(rosehip_engine_memory(engine, 4096, 0));
  TEST_ASSERT_NULL(rosehip_engine_memory(engine, 4097, 0));
  TEST_ASSERT_NULL(rosehip_engine_memory(engine, 0, 4097));
  TEST_ASSERT_NULL(rosehip_engine_memory(engine, 4095, 2));
  TEST_ASSERT_NULL(rosehip_engine_memory(engine, 0xffffffffu, 1));
  TEST_ASSERT_NULL(rosehip_engine_memory(engine, 8, 0xffffffffu));
}

/* ---- Limits ------------------------------------------------------------------------------------------------------ */

static void test_stops_what_never_ends(void) {
  traps("endless_loop", "time budget");
  traps("endless_table", "time budget");
  traps("endless_calls", "time budget");
  traps("endless_start", "time budget");
}

static void test_no_budget_means_no_bound(void) {
  rosehip_engine_config_t config = configuration();
  int64_t wake_ns = 0;
  clock_step_us = 10000000;
  read_module("fib");
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_TRAPPED, (load("fib"), rosehip_engine_poll(engine, &wake_ns)));
  rosehip_engine_unload(engine);
  config.budget_us = 0;
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_engine_load(&config, module, module_bytes, &engine, reason, sizeof reason));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_engine_poll(engine, &wake_ns));
  TEST_ASSERT_EQUAL(6765, wake_ns);
}

/* One poll in a thread whose C stack is what wasm3_config.h promises to keep to, and what calls it. */
static int thread_status;
static int64_t thread_wake_ns;

static void* poll_in_thread(void* unused) {
  thread_status = rosehip_engine_poll(engine, &thread_wake_ns);
  return unused;
}

static void poll_with_little_stack(const char* name) {
  pthread_attr_t attributes;
  pthread_t thread;
  if (engine != NULL) rosehip_engine_unload(engine);
  TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_OK, load(name), reason);
  pthread_attr_init(&attributes);
  TEST_ASSERT_EQUAL(0, pthread_attr_setstacksize(&attributes, 192 * 1024));
  TEST_ASSERT_EQUAL(0, pthread_create(&thread, &attributes, poll_in_thread, NULL));
  pthread_join(thread, NULL);
  pthread_attr_destroy(&attributes);
}

static void test_deep_recursion_is_a_trap(void) {
  poll_with_little_stack("recursion");
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_TRAPPED, thread_status);
  TEST_ASSERT_EQUAL_STRING("stack overflow", rosehip_engine_fault(engine));
  poll_with_little_stack("indirect_recursion");
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_TRAPPED, thread_status);
  TEST_ASSERT_EQUAL_STRING("stack overflow", rosehip_engine_fault(engine));
}

static void test_deep_recursion_is_a_trap_before_the_c_stack_ends(void) {
  rosehip_engine_config_t config = configuration();
  int64_t wake_ns = 0;
  config.stack_bytes = 400 * 1024; /* so that the C stack is the one that ends */
  read_module("recursion");
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_engine_load(&config, module, module_bytes, &engine, reason, sizeof reason));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_TRAPPED, rosehip_engine_poll(engine, &wake_ns));
  TEST_ASSERT_EQUAL_STRING("stack overflow", rosehip_engine_fault(engine));
}

static void test_straight_code_needs_no_c_stack(void) {
  poll_with_little_stack("straight");
  TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_OK, thread_status, rosehip_engine_fault(engine));
  TEST_ASSERT_EQUAL(11994, thread_wake_ns);
}

static void test_loops_in_a_row_trap_before_the_c_stack_ends(void) {
  poll_with_little_stack("loops");
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_TRAPPED, thread_status);
  TEST_ASSERT_EQUAL_STRING("stack overflow", rosehip_engine_fault(engine));
}

/* ---- Code cache -------------------------------------------------------------------------------------------------- */

static void polls_to_7(void) {
  int64_t wake_ns = 0;
  TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_OK, rosehip_engine_poll(engine, &wake_ns), rosehip_engine_fault(engine));
  TEST_ASSERT_EQUAL(7, wake_ns);
}

static void test_code_is_made_again_when_memory_is_short(void) {
  TEST_ASSERT_EQUAL(ROSEHIP_OK, load("many"));
  const size_t loaded = used();
  polls_to_7();
  const size_t code = used() - loaded;
  rosehip_engine_unload(engine);
  rosehip_arena_init(&arena, block, loaded + code / 2);
  TEST_ASSERT_EQUAL(7, polled("many"));
  for (int i = 0; i < 3; i++) polls_to_7();
}

static void test_code_gives_way_to_other_needs(void) {
  enum { PIECE = 1000, PIECES = ARENA_BYTES / PIECE };
  static void* pieces[PIECES];
  TEST_ASSERT_EQUAL(ROSEHIP_OK, load("many"));
  const size_t loaded = used();
  polls_to_7();
  const size_t all = used();
  TEST_ASSERT_TRUE(all > 2 * loaded);
  for (int round = 0; round < 3; round++) {
    int count = 0;
    while ((pieces[count] = rosehip_arena_alloc(&arena, PIECE, 0)) != NULL) memset(pieces[count++], round, PIECE);
    TEST_ASSERT_TRUE(used() - (size_t)count * (PIECE + 8) < loaded + (all - loaded) / 8);
    while (count > 0) rosehip_arena_free(&arena, pieces[--count]);
    polls_to_7();
  }
}

static void test_code_of_functions_under_way_gives_way_too(void) {
  enum { SUM = 309, STEP = 8 };
  TEST_ASSERT_EQUAL(SUM, polled("under_way"));
  const size_t with_all_code = used();
  rosehip_engine_unload(engine);
  hungry = true;
  TEST_ASSERT_EQUAL(SUM, polled("under_way"));
  rosehip_engine_unload(engine);
  hungry = false;
  for (size_t size = with_all_code + 1024;; size -= STEP) { /* until not even one function has room */
    int64_t wake_ns = 0;
    rosehip_arena_init(&arena, block, size);
    const int status = load("under_way");
    if (status != ROSEHIP_OK || rosehip_engine_poll(engine, &wake_ns) != ROSEHIP_OK) {
      TEST_ASSERT_TRUE_MESSAGE(strstr(status == ROSEHIP_OK ? rosehip_engine_fault(engine) : reason, "memory"), reason);
      TEST_ASSERT_TRUE(size < with_all_code - 2000); /* less than the two functions' code */
      return;
    }
    TEST_ASSERT_EQUAL(SUM, wake_ns);
    rosehip_engine_unload(engine);
    engine = NULL;
  }
}

static void test_operand_stack_is_taken_as_it_is_needed(void) {
  TEST_ASSERT_EQUAL(210, polled("deep"));
  hungry = true;
  for (int i = 0; i < 3; i++) {
    int64_t wake_ns = 0;
    TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_engine_poll(engine, &wake_ns));
    TEST_ASSERT_EQUAL(210, wake_ns);
  }
  rosehip_engine_unload(engine);
  engine = NULL;
  rosehip_engine_config_t config = configuration();
  int64_t wake_ns = 0;
  config.stack_bytes = 2048;
  read_module("deep");
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_engine_load(&config, module, module_bytes, &engine, reason, sizeof reason));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_TRAPPED, rosehip_engine_poll(engine, &wake_ns));
  TEST_ASSERT_EQUAL_STRING("stack overflow", rosehip_engine_fault(engine));
}

static void test_ordinary_traps_say_what_happened(void) {
  traps("divide", "integer divide by zero");
  traps("unreachable", "unreachable executed");
  traps("wrong_type", "indirect call type mismatch");
}

static void test_a_full_arena_is_an_error_wherever_it_happens(void) {
  static const char* const names[] = {"ok", "counter", "fib", "start"};
  for (size_t i = 0; i < 4; i++) {
    int loaded = 0;
    read_module(names[i]);
    for (size_t size = 64; size < 40000; size += 152) {
      rosehip_engine_config_t config = configuration();
      int64_t wake_ns = 0;
      rosehip_arena_init(&arena, block, size);
      const int status = rosehip_engine_load(&config, module, module_bytes, &engine, reason, sizeof reason);
      if (status == ROSEHIP_OK) {
        loaded++;
        if (rosehip_engine_poll(engine, &wake_ns) != ROSEHIP_OK) {
          TEST_ASSERT_TRUE_MESSAGE(strstr(rosehip_engine_fault(engine), "memory") != NULL, rosehip_engine_fault(engine));
        }
        rosehip_engine_unload(engine);
        engine = NULL;
      } else {
        TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_ERROR_OUT_OF_MEMORY, status, reason);
      }
      TEST_ASSERT_EQUAL(0, used());
    }
    TEST_ASSERT_TRUE(loaded > 50);
  }
}

static void test_refuses_a_bad_configuration(void) {
  rosehip_engine_config_t config = configuration();
  config.stack_bytes = 512;
  read_module("ok");
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT,
                    rosehip_engine_load(&config, module, module_bytes, &engine, reason, sizeof reason));
}

/* ---- Modules that are not apps ----------------------------------------------------------------------------------- */

static void test_refuses_what_is_not_an_app(void) {
  refused("no_version", "rosehip_abi_version");
  refused("mutable_version", "rosehip_abi_version");
  refused("version_i64", "rosehip_abi_version");
  refused("version_2", "interface version 2, this firmware has version 1: update the firmware");
  refused("version_0", "interface version 0, this firmware has version 1: build the app again");
  refused("no_poll", "does not export rosehip_poll");
  refused("poll_returns_i32", "rosehip_poll is not a function () -> i64");
  refused("poll_takes_i32", "rosehip_poll is not a function () -> i64");
}

static void test_refuses_memory_it_cannot_give(void) {
  refused("no_memory", "memory");
  refused("memory_not_exported", "memory");
  refused("memory_other_name", "memory");
  refused("imported_memory", "memory");
  refused("no_memory_bytes", "rosehip_memory_bytes");
  refused("memory_bytes_odd", "rosehip_memory_bytes");
  refused("memory_bytes_over", "rosehip_memory_bytes");
  refused("memory_bytes_negative", "rosehip_memory_bytes");
  refused("memory_over_limit", "needs 131072 octets of memory, the limit is 65536");
  refused("data_beyond_memory", "data segment out of bounds");
}

static void test_refuses_imports_it_does_not_have(void) {
  refused("unknown_import", "the app imports rosehip.reboot");
  refused("other_module", "the app imports env.abort");
  refused("import_signature", "rosehip.now: function signature mismatch");
  refused("imported_global", "global");
}

static void test_refuses_every_truncation(void) {
  static const char* const names[] = {"ok", "start", "counter", "indirect_recursion"};
  for (size_t i = 0; i < 4; i++) {
    const rosehip_engine_config_t config = configuration();
    read_module(names[i]);
    for (size_t length = 0; length < module_bytes; length++) {
      uint8_t* cut = malloc(length + 1); /* on the heap, so that a read beyond is seen */
      uint8_t* exact = realloc(cut, length == 0 ? 1 : length);
      memcpy(exact, module, length);
      const int status = rosehip_engine_load(&config, exact, length, &engine, reason, sizeof reason);
      if (status == ROSEHIP_OK) rosehip_engine_unload(engine); /* cut in front of a section that it can do without */
      engine = NULL;
      TEST_ASSERT_TRUE(status == ROSEHIP_OK || status == ROSEHIP_ERROR_MALFORMED);
      TEST_ASSERT_EQUAL(0, used());
      free(exact);
    }
  }
}

/* ---- Mutation fuzz ----------------------------------------------------------------------------------------------- */

static uint64_t random_state;

static uint32_t next_random(void) {
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(random_state >> 33);
}

static void mutate(uint8_t* octets, size_t length) {
  static const uint8_t special[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0x0b, 0x10, 0x20, 0x41, 0x02, 0x03, 0x0d};
  for (uint32_t changes = 1 + next_random() % 4; changes > 0; changes--) {
    uint8_t* at = octets + next_random() % length;
    switch (next_random() % 4) {
      case 0: *at ^= (uint8_t)(1u << next_random() % 8); break;
      case 1: *at = (uint8_t)next_random(); break;
      case 2: *at = special[next_random() % sizeof special]; break;
      default: *at = octets[next_random() % length]; break;
    }
  }
}

static void test_survives_mutated_modules(void) {
  static const char* const names[] = {"ok", "start", "counter", "fib", "indirect_recursion", "wrong_type", "grow"};
  const char* given = getenv("ROSEHIP_TEST_SEED");
  const time_t end = time(NULL) + FUZZ_SECONDS;
  unsigned cases = 0, loaded = 0;
  random_state = given == NULL ? (uint64_t)time(NULL) * 1000003u + (uint64_t)getpid() : strtoull(given, NULL, 10);
  printf("ROSEHIP_TEST_SEED=%llu\n", (unsigned long long)random_state);
  while (time(NULL) < end) {
    rosehip_engine_config_t config = configuration();
    int64_t wake_ns = 0;
    config.budget_us = 20000; /* virtual: 20 looks at the clock */
    read_module(names[next_random() % 7]);
    mutate(module, module_bytes);
    uint8_t* exact = malloc(module_bytes);
    memcpy(exact, module, module_bytes);
    if (rosehip_engine_load(&config, exact, module_bytes, &engine, reason, sizeof reason) == ROSEHIP_OK) {
      loaded++;
      for (int i = 0; i < 3 && rosehip_engine_poll(engine, &wake_ns) == ROSEHIP_OK; i++) continue;
      rosehip_engine_unload(engine);
      engine = NULL;
    }
    free(exact);
    if (used() != 0) printf("left behind: %zu octets by case %u\n", used(), cases);
    TEST_ASSERT_EQUAL(0, used());
    cases++;
  }
  printf("%u cases, %u of them ran\n", cases, loaded);
  TEST_ASSERT_TRUE(cases > 500 && loaded > 50);
}

int main(int argc, char** argv) {
  folder = argc > 1 ? argv[1] : TEST_APPS;
  UNITY_BEGIN();
  RUN_TEST(test_runs_and_calls_imports);
  RUN_TEST(test_runs_the_start_function_once_and_first);
  RUN_TEST(test_keeps_state_between_polls_and_counts_them);
  RUN_TEST(test_each_run_has_fresh_memory);
  RUN_TEST(test_memory_is_as_large_as_the_app_says);
  RUN_TEST(test_memory_does_not_grow);
  RUN_TEST(test_runs_the_instructions_behind_the_prefix_0xfc);
  RUN_TEST(test_calculates_with_floats_as_v8_does);
  RUN_TEST(test_checks_what_comes_behind_them);
  RUN_TEST(test_checks_the_host_view_of_memory);
  RUN_TEST(test_stops_what_never_ends);
  RUN_TEST(test_no_budget_means_no_bound);
  RUN_TEST(test_deep_recursion_is_a_trap);
  RUN_TEST(test_deep_recursion_is_a_trap_before_the_c_stack_ends);
  RUN_TEST(test_straight_code_needs_no_c_stack);
  RUN_TEST(test_loops_in_a_row_trap_before_the_c_stack_ends);
  RUN_TEST(test_code_is_made_again_when_memory_is_short);
  RUN_TEST(test_code_gives_way_to_other_needs);
  RUN_TEST(test_code_of_functions_under_way_gives_way_too);
  RUN_TEST(test_operand_stack_is_taken_as_it_is_needed);
  RUN_TEST(test_ordinary_traps_say_what_happened);
  RUN_TEST(test_a_full_arena_is_an_error_wherever_it_happens);
  RUN_TEST(test_refuses_a_bad_configuration);
  RUN_TEST(test_refuses_what_is_not_an_app);
  RUN_TEST(test_refuses_memory_it_cannot_give);
  RUN_TEST(test_refuses_imports_it_does_not_have);
  RUN_TEST(test_refuses_every_truncation);
  RUN_TEST(test_survives_mutated_modules);
  return UNITY_END();
}
