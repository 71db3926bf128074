/*
 * Two slots for apps on a flash whose power fails: in every write and erase of a series of deployments, in several ways,
 * and again in what follows. And flash that holds anything.
 */
#include "rosehip/app_slot.h"

#include <stdio.h>
#include <string.h>

#include "fake_flash.h"
#include "unity.h"

enum { NONE = -1, MODULE_MAX = 3000 };

typedef struct {
  uint32_t size, erase, write;
} geometry_t;

/* Usual ones, and the ends of what is allowed. */
static const geometry_t geometries[] = {
    {32768, 4096, 4}, {8192, 256, 8}, {16384, 256, 256}, {16384, 1024, 1}, {12288, 512, 16}, {65536, 16384, 32},
};
enum { GEOMETRIES = sizeof geometries / sizeof *geometries };

static fake_flash_t flash;
static rosehip_app_slots_t slots;
static char where[100];

void setUp(void) {}
void tearDown(void) {}

static void start_with(const geometry_t* geometry) {
  fake_flash_init(&flash, geometry->size, geometry->erase, geometry->write);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_app_slots_open(&slots, &flash.flash));
}

/* ---- Apps -------------------------------------------------------------------------------------------------------- */

static uint32_t length_of(int id) { return 700u + 333u * (uint32_t)id % 2000u; }

static uint8_t octet_of(int id, uint32_t at) { return (uint8_t)(at * 31u + (at >> 8) * 7u + (uint32_t)id * 101u); }

static rosehip_app_description_t describe(int id) {
  rosehip_app_description_t app = {.length_bytes = length_of(id), .abi_version = 1};
  rosehip_sha256_t hash;
  rosehip_sha256_begin(&hash);
  for (uint32_t at = 0; at < app.length_bytes; at++) rosehip_sha256_add(&hash, &(uint8_t){octet_of(id, at)}, 1);
  rosehip_sha256_end(&hash, app.hash);
  return app;
}

static int identify(int slot) {
  static uint8_t module[MODULE_MAX];
  const uint32_t length = slots.slot[slot].app.length_bytes;
  TEST_ASSERT_TRUE_MESSAGE(length <= sizeof module, where);
  TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_OK, rosehip_app_slot_read(&slots, slot, module, length), where);
  for (int id = 1; id < 10; id++) {
    bool same = length == length_of(id);
    for (uint32_t at = 0; at < length && same; at++) same = module[at] == octet_of(id, at);
    if (same) return id;
  }
  TEST_FAIL_MESSAGE(where);
  return NONE;
}

static int write_app(int slot, int id, bool ends) {
  rosehip_app_writer_t writer = {.app = describe(id)};
  uint8_t part[1024];
  int status = rosehip_app_write_begin(&slots, slot, &writer);
  while (status == ROSEHIP_OK && writer.received_bytes < writer.app.length_bytes) {
    const uint32_t left = writer.app.length_bytes - writer.received_bytes;
    const uint32_t count = left < 512 ? left : id % 2 == 0 ? 512 : left < 1024 ? left : 1024;
    for (uint32_t i = 0; i < count; i++) part[i] = octet_of(id, writer.received_bytes + i);
    status = rosehip_app_write(&slots, &writer, part, count);
  }
  if (status == ROSEHIP_OK) status = rosehip_app_write_check(&writer);
  return status == ROSEHIP_OK && ends ? rosehip_app_write_end(&slots, &writer) : status;
}

/* ---- A board ----------------------------------------------------------------------------------------------------- */

static int running_slot, running; /* NONE, or the app's number */
static int bad_starts;            /* of number 3 */

/* As runtime/trial.c: the newest that is whole; a new one is marked before it runs. Number 3 and 6 stop at once. */
static void boot(void) {
  unsigned excluded = 0;
  running_slot = running = NONE;
  TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_OK, rosehip_app_slots_open(&slots, &flash.flash), where);
  for (int slot; (slot = rosehip_app_slots_newest(&slots, excluded)) >= 0; excluded |= 1u << slot) {
    const bool is_new = slots.slot[slot].state == ROSEHIP_SLOT_PENDING;
    if (!rosehip_app_slot_intact(&slots, slot)) continue;
  
    if (is_new && rosehip_app_slot_mark(&slots, slot, ROSEHIP_SLOT_TRIED) != ROSEHIP_OK) continue;
    const int id = identify(slot);
    bad_starts += id == 3;
    if (is_new && id % 3 == 0) continue;
    running_slot = slot;
    running = id;
    return;
  }
}

static void confirm(void) {
  if (running_slot < 0 || slots.slot[running_slot].state != ROSEHIP_SLOT_TRIED) return;
  rosehip_app_slot_mark(&slots, running_slot, ROSEHIP_SLOT_CONFIRMED);
}

/* Writes an app while another runs, tries it, and keeps it if it is a good one. */
static void deploy(int id) {
  if (write_app(rosehip_app_slots_free(&slots, running_slot), id, true) != ROSEHIP_OK) return;
  boot();
  confirm();
}

/* A life of a board, until power fails. `old` and `new` are what may run after that. */
static void live(int* old_app, int* new_app) {
  static const int apps[] = {1, 2, 3, 4, 6, 5};
  boot();
  for (unsigned i = 0; i < sizeof apps / sizeof *apps; i++) {
    *old_app = running;
    *new_app = apps[i] % 3 == 0 ? running : apps[i];
    deploy(apps[i]);
    if (flash.off) return;
    TEST_ASSERT_EQUAL_MESSAGE(*new_app, running, where);
  }
}

static void check_after_cut(int old_app, int new_app) {
  boot();
  TEST_ASSERT_TRUE_MESSAGE(running == old_app || running == new_app, where);
  const int first = running;
  boot(); /* nothing was confirmed: a new one is not tried twice */
  TEST_ASSERT_TRUE_MESSAGE(running == old_app || (running == first && running == new_app), where);
  deploy(7); /* and the board takes apps as before */
  TEST_ASSERT_EQUAL_MESSAGE(7, running, where);
  boot();
  TEST_ASSERT_EQUAL_MESSAGE(7, running, where);
  TEST_ASSERT_EQUAL_MESSAGE(0, flash.violations, where);
}

/* ---- Power ------------------------------------------------------------------------------------------------------- */

static unsigned count_operations(const geometry_t* geometry) {
  int old_app, new_app;
  start_with(geometry);
  live(&old_app, &new_app);
  TEST_ASSERT_EQUAL(0, flash.violations);
  return flash.operations;
}

static void cut(const geometry_t* geometry, unsigned at, fake_tear_t tear, uint32_t seed) {
  int old_app, new_app;
  bad_starts = 0;
  snprintf(where, sizeof where, "blocks of %u, cut %u, tear %d, seed %u", (unsigned)geometry->erase, at, (int)tear,
           (unsigned)seed);
  start_with(geometry);
  fake_flash_power_on(&flash, at);
  flash.tear = tear;
  flash.seed = seed;
  live(&old_app, &new_app);
  TEST_ASSERT_TRUE_MESSAGE(flash.off, where);
  fake_flash_power_on(&flash, 0);
  check_after_cut(old_app, new_app);
  TEST_ASSERT_TRUE_MESSAGE(bad_starts <= 1, where);
}

static void test_a_cut_in_any_write_or_erase_leaves_the_old_app_or_the_new_one(void) {
  for (int g = 0; g < GEOMETRIES; g++) {
    const unsigned operations = count_operations(&geometries[g]);
    TEST_ASSERT_TRUE(operations > 30);
    for (unsigned at = 1; at <= operations; at++) {
      for (int tear = 0; tear < FAKE_TEARS; tear++) cut(&geometries[g], at, (fake_tear_t)tear, at);
      for (uint32_t seed = 100; g == 1 && seed < 104; seed++) cut(&geometries[g], at, TEAR_RANDOM_BITS, seed);
    }
  }
}

/* The bad app's marks are erased, all else of it is still there. */
static void test_an_erase_that_is_cut_does_not_bring_a_bad_app_back(void) {
  const geometry_t* geometry = &geometries[1];
  const unsigned operations = count_operations(geometry);
  for (unsigned at = 1; at <= operations; at++) {
    for (uint32_t piece = 14; piece < 20; piece++) cut(geometry, at, TEAR_ONE_PIECE, piece); /* 16 and 17 are the marks */
  }
}

/* Power fails in a deployment, then again while the board comes up or takes the next app. */
static void test_two_cuts_do_no_more_than_one(void) {
  const geometry_t* geometry = &geometries[1];
  const unsigned operations = count_operations(geometry);
  for (unsigned at = 1; at <= operations; at++) {
    for (unsigned again = 1; again <= 6; again++) {
      int old_app, new_app;
      snprintf(where, sizeof where, "cut %u, then %u", at, again);
      start_with(geometry);
      fake_flash_power_on(&flash, at);
      flash.tear = TEAR_RANDOM_BITS;
      flash.seed = at * 100 + again;
      live(&old_app, &new_app);
      fake_flash_power_on(&flash, again);
      boot();
      const int between = running;
      TEST_ASSERT_TRUE_MESSAGE(between == old_app || between == new_app || flash.off, where);
      if (!flash.off) deploy(8);
      fake_flash_power_on(&flash, 0);
      boot();
      TEST_ASSERT_TRUE_MESSAGE(running == old_app || running == new_app || running == 8, where);
      check_after_cut(running, running == 8 ? old_app : running);
    }
  }
}

static void test_a_memory_that_refuses_to_write_twice_takes_apps_too(void) {
  start_with(&geometries[1]);
  flash.no_rewrite = true;
  boot();
  for (int id = 1; id < 9; id++) {
    if (id % 3 != 0) deploy(id);
    if (id % 3 != 0) TEST_ASSERT_EQUAL(id, running);
  }
  TEST_ASSERT_EQUAL(0, flash.violations);
}

static void test_the_app_that_runs_is_never_written_and_the_slots_take_turns(void) {
  start_with(&geometries[1]);
  boot();
  for (int round = 0; round < 40; round++) {
    const int before = running_slot;
    deploy(round % 2 == 0 ? 1 : 2);
    TEST_ASSERT_TRUE(running_slot != before);
  }
  for (unsigned block = 0; block < 32; block++) TEST_ASSERT_TRUE(flash.erases[block] <= 20);
  TEST_ASSERT_EQUAL(20, flash.erases[0]);
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

static void test_a_slot_says_what_was_written_into_it(void) {
  rosehip_app_description_t app = describe(1);
  app.abi_version = 0x1234;
  app.is_signed = true;
  memset(app.signature, 0x5a, sizeof app.signature);
  start_with(&geometries[0]);
  rosehip_app_writer_t writer = {.app = app};
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_app_write_begin(&slots, 1, &writer));
  uint8_t module[MODULE_MAX];
  for (uint32_t i = 0; i < app.length_bytes; i++) module[i] = octet_of(1, i);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_app_write(&slots, &writer, module, 768));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_app_write(&slots, &writer, module + 768, app.length_bytes - 768));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_app_write_check(&writer));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_app_write_end(&slots, &writer));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_app_slots_open(&slots, &flash.flash));
  TEST_ASSERT_EQUAL(ROSEHIP_SLOT_EMPTY, slots.slot[0].state);
  TEST_ASSERT_EQUAL(ROSEHIP_SLOT_PENDING, slots.slot[1].state);
  TEST_ASSERT_EQUAL(0x1234, slots.slot[1].app.abi_version);
  TEST_ASSERT_TRUE(slots.slot[1].app.is_signed);
  TEST_ASSERT_EQUAL_MEMORY(app.hash, slots.slot[1].app.hash, sizeof app.hash);
  TEST_ASSERT_EQUAL_MEMORY(app.signature, slots.slot[1].app.signature, sizeof app.signature);
  TEST_ASSERT_TRUE(rosehip_app_slot_intact(&slots, 1));
  flash.memory[slots.slot_bytes + slots.module_offset + 500] ^= 4;
  TEST_ASSERT_FALSE(rosehip_app_slot_intact(&slots, 1));
}

static void test_what_does_not_fit_is_refused(void) {
  rosehip_app_writer_t writer = {.app = describe(1)};
  uint8_t part[2048] = {0};
  start_with(&geometries[0]);
  writer.app.length_bytes = slots.capacity_bytes + 1;
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_TOO_LARGE, rosehip_app_write_begin(&slots, 0, &writer));
  writer.app.length_bytes = 0;
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_TOO_LARGE, rosehip_app_write_begin(&slots, 0, &writer));
  writer.app.length_bytes = 2000;
  TEST_ASSERT_EQUAL(0, flash.operations);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_app_write_begin(&slots, 0, &writer));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, rosehip_app_write(&slots, &writer, part, 0));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, rosehip_app_write(&slots, &writer, part, 100));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, rosehip_app_write(&slots, &writer, part, 1280));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_MALFORMED, rosehip_app_write_check(&writer));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_app_write(&slots, &writer, part, 1024));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, rosehip_app_write(&slots, &writer, part, 1024));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_app_write(&slots, &writer, part, 976));
  TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_ERROR_MALFORMED, rosehip_app_write_check(&writer), "the hash is another");
}

static void test_the_largest_app_fits(void) {
  static uint8_t part[1024];
  for (int g = 0; g < GEOMETRIES; g++) {
    start_with(&geometries[g]);
    rosehip_app_writer_t writer = {.app = {.length_bytes = slots.capacity_bytes, .abi_version = 1}};
    TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_app_write_begin(&slots, 1, &writer));
    while (writer.received_bytes < writer.app.length_bytes) {
      const uint32_t left = writer.app.length_bytes - writer.received_bytes;
      TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_app_write(&slots, &writer, part, left < 1024 ? left : 1024));
    }
    TEST_ASSERT_EQUAL(0, flash.violations);
  }
}

static void test_a_flash_that_is_none_is_refused(void) {
  static const geometry_t bad[] = {{32768, 4095, 4}, {32768, 4096, 3},  {32768, 4096, 512}, {32768, 4, 8},
                                   {4096, 4096, 4},  {32768, 0, 4},     {32768, 4096, 0},   {0, 4096, 4}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    fake_flash_init(&flash, bad[i].size, bad[i].erase, bad[i].write);
    TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, rosehip_app_slots_open(&slots, &flash.flash));
  }
}

/* ---- Whatever may be in flash ------------------------------------------------------------------------------------ */

/* A header that holds, with what a test wants in it. */
static void put_header(int slot, uint32_t length, uint32_t sequence) {
  uint8_t digest[32], *header = flash.memory + (uint32_t)slot * slots.slot_bytes;
  rosehip_sha256_t hash;
  const uint32_t magic = 0x31504852;
  memset(header, 0, 128);
  memcpy(header, &magic, 4);
  memcpy(header + 4, &sequence, 4);
  memcpy(header + 8, &length, 4);
  rosehip_sha256_begin(&hash);
  rosehip_sha256_add(&hash, header, 124);
  rosehip_sha256_end(&hash, digest);
  memcpy(header + 124, digest, 4);
}

static void test_a_header_with_any_length_is_read_inside_of_its_slot(void) {
  start_with(&geometries[0]);
  const uint32_t capacity = slots.capacity_bytes;
  const uint32_t lengths[] = {0, 1, capacity, capacity + 1, 0x7fffffff, 0x80000000, 0xffffff00, 0xffffffff};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    for (int slot = 0; slot < 2; slot++) {
      start_with(&geometries[0]);
      put_header(slot, lengths[i], 1);
      TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_app_slots_open(&slots, &flash.flash));
      const bool fits = lengths[i] != 0 && lengths[i] <= capacity;
      TEST_ASSERT_EQUAL(fits ? ROSEHIP_SLOT_PENDING : ROSEHIP_SLOT_EMPTY, slots.slot[slot].state);
      TEST_ASSERT_FALSE(fits && rosehip_app_slot_intact(&slots, slot));
      TEST_ASSERT_EQUAL(0, flash.violations);
    }
  }
}

static void test_sequence_numbers_go_round(void) {
  start_with(&geometries[0]);
  put_header(0, 10, 0xffffffff);
  put_header(1, 10, 2);
  rosehip_app_slots_open(&slots, &flash.flash);
  TEST_ASSERT_EQUAL(1, rosehip_app_slots_newest(&slots, 0));
  TEST_ASSERT_EQUAL(0, rosehip_app_slots_newest(&slots, 2));
  TEST_ASSERT_EQUAL(-1, rosehip_app_slots_newest(&slots, 3));
  put_header(1, 10, 0xfffffffe);
  rosehip_app_slots_open(&slots, &flash.flash);
  TEST_ASSERT_EQUAL(0, rosehip_app_slots_newest(&slots, 0));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, write_app(1, 4, true));
  TEST_ASSERT_EQUAL(0, slots.slot[1].sequence);
  TEST_ASSERT_EQUAL(1, rosehip_app_slots_newest(&slots, 0));
}

static void test_a_changed_bit_anywhere_in_a_header_is_seen(void) {
  start_with(&geometries[0]);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, write_app(0, 1, true));
  for (uint32_t bit = 0; bit < 128 * 8; bit++) {
    flash.memory[bit / 8] ^= (uint8_t)(1u << bit % 8);
    rosehip_app_slots_open(&slots, &flash.flash);
    TEST_ASSERT_EQUAL(ROSEHIP_SLOT_EMPTY, slots.slot[0].state);
    flash.memory[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  rosehip_app_slots_open(&slots, &flash.flash);
  TEST_ASSERT_EQUAL(ROSEHIP_SLOT_PENDING, slots.slot[0].state);
}

/* Noise, or noise with a header that holds: nothing outside is touched, and the board takes an app. */
static void test_a_flash_full_of_anything_is_survived(void) {
  uint32_t seed = 20261123; /* printed on failure */
  for (int round = 0; round < 3000; round++) {
    snprintf(where, sizeof where, "seed %u", (unsigned)seed);
    start_with(&geometries[seed >> 20 & 1]);
    for (uint32_t i = 0; i < flash.flash.size_bytes; i += round % 7 == 0 ? 1 : 97) {
      seed = seed * 1664525u + 1013904223u;
      flash.memory[i] = (uint8_t)(seed >> 24);
    }
    memset(flash.written, true, sizeof flash.written);
    for (int slot = 0; slot < 2; slot++) {
      if ((seed >> (10 + slot) & 1) != 0) put_header(slot, seed >> (seed % 24), seed);
    }
    rosehip_app_slots_open(&slots, &flash.flash);
    running_slot = NONE;
    boot();
    TEST_ASSERT_EQUAL_MESSAGE(NONE, running, where);
    if (round % 10 == 0) {
      memset(flash.written, false, sizeof flash.written); /* marks may lie in noise: only what follows is judged */
      const bool is_marked = flash.violations != 0;
      deploy(1);
      TEST_ASSERT_EQUAL_MESSAGE(1, running, where);
      TEST_ASSERT_FALSE(is_marked);
    }
  }
}

/* ---- SHA-256 ----------------------------------------------------------------------------------------------------- */

static void is_hash(const char* text, size_t times, const char* expected) {
  uint8_t digest[32];
  char hex[65];
  rosehip_sha256_t hash;
  rosehip_sha256_begin(&hash);
  for (size_t i = 0; i < times; i++) rosehip_sha256_add(&hash, text, strlen(text));
  rosehip_sha256_end(&hash, digest);
  for (int i = 0; i < 32; i++) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  TEST_ASSERT_EQUAL_STRING(expected, hex);
}

/* NIST, "Cryptographic Standards and Guidelines: Example Values", SHA256.pdf, and FIPS 180-2, appendix B. */
static void test_sha256_gives_the_hashes_of_fips_180(void) {
  is_hash("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  is_hash("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  is_hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  is_hash("a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void) {
  UNITY_BEGIN();
  RUN_TEST(test_a_cut_in_any_write_or_erase_leaves_the_old_app_or_the_new_one);
  RUN_TEST(test_an_erase_that_is_cut_does_not_bring_a_bad_app_back);
  RUN_TEST(test_two_cuts_do_no_more_than_one);
  RUN_TEST(test_a_memory_that_refuses_to_write_twice_takes_apps_too);
  RUN_TEST(test_the_app_that_runs_is_never_written_and_the_slots_take_turns);
  RUN_TEST(test_a_slot_says_what_was_written_into_it);
  RUN_TEST(test_what_does_not_fit_is_refused);
  RUN_TEST(test_the_largest_app_fits);
  RUN_TEST(test_a_flash_that_is_none_is_refused);
  RUN_TEST(test_a_header_with_any_length_is_read_inside_of_its_slot);
  RUN_TEST(test_sequence_numbers_go_round);
  RUN_TEST(test_a_changed_bit_anywhere_in_a_header_is_seen);
  RUN_TEST(test_a_flash_full_of_anything_is_survived);
  RUN_TEST(test_sha256_gives_the_hashes_of_fips_180);
  return UNITY_END();
}
