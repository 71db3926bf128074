#include "rosehip/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unity.h"

enum { BLOCK_BYTES = 64 * 1024 };

static uint8_t block[BLOCK_BYTES + 16];
static rosehip_arena_t arena;

void setUp(void) {
  rosehip_arena_init(&arena, block + 3, BLOCK_BYTES); /* an unaligned block must do */
}

void tearDown(void) {
  TEST_ASSERT_TRUE(rosehip_arena_check(&arena));
}

static rosehip_arena_stats_t stats(void) {
  rosehip_arena_stats_t now;
  rosehip_arena_stats(&arena, &now);
  return now;
}

static int holds(const uint8_t* octets, size_t count, uint8_t value) {
  for (size_t i = 0; i < count; i++) {
    if (octets[i] != value) return 0;
  }
  return 1;
}

static void test_gives_all_of_it_once_and_again(void) {
  const size_t most = stats().largest_free;
  TEST_ASSERT_TRUE(most > BLOCK_BYTES - 32);
  for (int round = 0; round < 3; round++) {
    void* all = rosehip_arena_alloc(&arena, most, 0);
    TEST_ASSERT_NOT_NULL(all);
    memset(all, 0xaa, most);
    TEST_ASSERT_NULL(rosehip_arena_alloc(&arena, 0, 0));
    TEST_ASSERT_EQUAL(0, stats().largest_free);
    rosehip_arena_free(&arena, all);
  }
  TEST_ASSERT_EQUAL(most, stats().largest_free);
  TEST_ASSERT_EQUAL(0, stats().used);
  TEST_ASSERT_EQUAL(3, stats().failed);
}

static void test_merges_neighbours_in_every_order(void) {
  static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  const size_t most = stats().largest_free;
  for (int order = 0; order < 6; order++) {
    void* parts[3];
    for (int i = 0; i < 3; i++) parts[i] = rosehip_arena_alloc(&arena, 1000, 0);
    for (int i = 0; i < 3; i++) {
      rosehip_arena_free(&arena, parts[orders[order][i]]);
      TEST_ASSERT_TRUE(rosehip_arena_check(&arena));
    }
    TEST_ASSERT_EQUAL(most, stats().largest_free);
  }
}

static void test_aligns(void) {
  for (size_t align = 1; align <= 4096; align *= 2) {
    void* first = rosehip_arena_alloc(&arena, 13, align);
    void* second = rosehip_arena_alloc(&arena, 13, align);
    TEST_ASSERT_EQUAL(0, (uintptr_t)first % align);
    TEST_ASSERT_EQUAL(0, (uintptr_t)second % (align < 8 ? 8 : align));
    rosehip_arena_free(&arena, first);
    rosehip_arena_free(&arena, second);
  }
  TEST_ASSERT_EQUAL(0, stats().used);
}

static void test_refuses_what_no_arena_holds(void) {
  static const size_t sizes[] = {BLOCK_BYTES, SIZE_MAX, SIZE_MAX - 7, SIZE_MAX - 8, ROSEHIP_ARENA_MAX_SIZE, 0x80000000u};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    TEST_ASSERT_NULL(rosehip_arena_alloc(&arena, sizes[i], 0));
    TEST_ASSERT_NULL(rosehip_arena_alloc(&arena, sizes[i], 64));
    TEST_ASSERT_NULL(rosehip_arena_alloc_zeroed(&arena, sizes[i], 0));
  }
  TEST_ASSERT_NULL(rosehip_arena_alloc(&arena, 8, (SIZE_MAX >> 1) + 1));
  TEST_ASSERT_EQUAL(0, stats().used);
}

static void test_resizes_in_place_if_it_can(void) {
  uint8_t* first = rosehip_arena_alloc(&arena, 100, 0);
  memset(first, 0x5a, 100);
  TEST_ASSERT_EQUAL_PTR(first, rosehip_arena_resize(&arena, first, 200, 0));
  TEST_ASSERT_TRUE(holds(first, 100, 0x5a));
  TEST_ASSERT_EQUAL_PTR(first, rosehip_arena_resize(&arena, first, 50, 0));
  void* wall = rosehip_arena_alloc(&arena, 8, 0);
  uint8_t* moved = rosehip_arena_resize(&arena, first, 2000, 0);
  TEST_ASSERT_TRUE(moved != first);
  TEST_ASSERT_TRUE(holds(moved, 50, 0x5a));
  rosehip_arena_free(&arena, wall);
  rosehip_arena_free(&arena, moved);
  TEST_ASSERT_EQUAL(0, stats().used);
}

static void test_a_refused_resize_leaves_the_allocation_alone(void) {
  uint8_t* kept = rosehip_arena_alloc(&arena, 64, 0);
  memset(kept, 0x11, 64);
  TEST_ASSERT_NULL(rosehip_arena_resize(&arena, kept, BLOCK_BYTES, 0));
  TEST_ASSERT_NULL(rosehip_arena_resize(&arena, kept, SIZE_MAX, 0));
  TEST_ASSERT_TRUE(holds(kept, 64, 0x11));
  rosehip_arena_free(&arena, kept);
}

static void test_remembers_its_peak(void) {
  void* first = rosehip_arena_alloc(&arena, 1000, 0);
  void* second = rosehip_arena_alloc(&arena, 2000, 0);
  rosehip_arena_free(&arena, second);
  rosehip_arena_free(&arena, first);
  TEST_ASSERT_EQUAL(1008 + 2008, stats().peak);
}

/* True if `misuse` ends a child process by an assertion. */
static int aborts(void (*misuse)(void)) {
  const pid_t child = fork();
  if (child == 0) {
    fclose(stderr);
    misuse();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
}

static void free_twice(void) {
  void* one = rosehip_arena_alloc(&arena, 32, 0);
  rosehip_arena_free(&arena, one);
  rosehip_arena_free(&arena, one);
}

/* The chunk is merged into the one in front of it before it is freed again. */
static void free_twice_after_merging(void) {
  void* front = rosehip_arena_alloc(&arena, 32, 0);
  void* one = rosehip_arena_alloc(&arena, 32, 0);
  rosehip_arena_free(&arena, front);
  rosehip_arena_free(&arena, one);
  rosehip_arena_free(&arena, one);
}

static void free_the_middle(void) {
  uint8_t* one = rosehip_arena_alloc(&arena, 64, 0);
  memset(one, 0, 64);
  rosehip_arena_free(&arena, one + 16);
}

static void free_foreign(void) {
  rosehip_arena_free(&arena, &arena);
}

static void free_once(void) {
  rosehip_arena_free(&arena, rosehip_arena_alloc(&arena, 32, 0));
}

static void test_asserts_against_misuse(void) {
#ifdef NDEBUG
  TEST_IGNORE_MESSAGE("assertions are off in this build");
#endif
  TEST_ASSERT_TRUE(aborts(free_twice));
  TEST_ASSERT_TRUE(aborts(free_twice_after_merging));
  TEST_ASSERT_TRUE(aborts(free_the_middle));
  TEST_ASSERT_TRUE(aborts(free_foreign));
  TEST_ASSERT_FALSE(aborts(free_once));
}

/* A long random life against a shadow of what each allocation must hold. */
typedef struct {
  uint8_t* octets;
  size_t size;
  uint8_t value;
} shadow_t;

static uint32_t random_state;

static uint32_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}

static void live_a_little(shadow_t* shadow) {
  const size_t size = next_random() % 1500;
  const size_t align = (size_t)1 << next_random() % 8;
  if (shadow->octets != NULL) {
    TEST_ASSERT_TRUE(holds(shadow->octets, shadow->size, shadow->value));
  }
  if (shadow->octets == NULL) {
    shadow->octets = rosehip_arena_alloc(&arena, size, align);
    if (shadow->octets == NULL) return;
    TEST_ASSERT_EQUAL(0, (uintptr_t)shadow->octets % align);
  } else if (next_random() % 2 == 0) {
    rosehip_arena_free(&arena, shadow->octets);
    shadow->octets = NULL;
    return;
  } else {
    uint8_t* resized = rosehip_arena_resize(&arena, shadow->octets, size, 0);
    if (resized == NULL) return;
    for (size_t i = 0; i < size && i < shadow->size; i++) TEST_ASSERT_EQUAL_HEX8(shadow->value, resized[i]);
    shadow->octets = resized;
  }
  shadow->size = size;
  shadow->value = (uint8_t)next_random();
  memset(shadow->octets, shadow->value, size);
}

static void test_survives_a_long_random_life(void) {
  static shadow_t shadows[150];
  const char* given = getenv("ROSEHIP_TEST_SEED");
  random_state = given == NULL ? (uint32_t)getpid() * 2654435761u | 1u : (uint32_t)strtoul(given, NULL, 10);
  printf("ROSEHIP_TEST_SEED=%u\n", (unsigned)random_state);
  for (int i = 0; i < 100000; i++) {
    live_a_little(&shadows[next_random() % 150]);
    if (i % 16 == 0) {
      TEST_ASSERT_TRUE(rosehip_arena_check(&arena));
    }
  }
  for (int i = 0; i < 150; i++) rosehip_arena_free(&arena, shadows[i].octets);
  TEST_ASSERT_EQUAL(0, stats().used);
}

int main(void) {
  UNITY_BEGIN();
  RUN_TEST(test_gives_all_of_it_once_and_again);
  RUN_TEST(test_merges_neighbours_in_every_order);
  RUN_TEST(test_aligns);
  RUN_TEST(test_refuses_what_no_arena_holds);
  RUN_TEST(test_resizes_in_place_if_it_can);
  RUN_TEST(test_a_refused_resize_leaves_the_allocation_alone);
  RUN_TEST(test_remembers_its_peak);
  RUN_TEST(test_asserts_against_misuse);
  RUN_TEST(test_survives_a_long_random_life);
  return UNITY_END();
}
