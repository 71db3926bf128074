/*
 * Mutation fuzzing of every decoder under ASan and UBSan, for a fixed number of rounds from a seed that is printed:
 * argv[1], or one from the address of a variable. test/fuzz/firmware_fuzzer.c is the same for libFuzzer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "captures.h"
#include "fake_agent.h"
#include "fuzz_target.h"
#include "unity.h"

enum { ROUNDS = 60000, MAX_INPUT_BYTES = 2048 };

static uint32_t seed;

void setUp(void) {}
void tearDown(void) {}

static uint32_t below(uint32_t limit) { return fake_random(&seed) % limit; }

/* Some of: change an octet, set a length field to an extreme, cut, double a piece, join with another. */
static size_t mutate(uint8_t* bytes, size_t length) {
  static const uint8_t extremes[] = {0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff};
  for (uint32_t times = 1 + below(6); times > 0 && length > 0; times--) {
    const size_t at = below((uint32_t)length);
    switch (below(5)) {
      case 0:
        bytes[at] ^= (uint8_t)(1u << below(8));
        break;
      case 1:
        bytes[at] = extremes[below(sizeof extremes)];
        break;
      case 2:
        length = at;
        break;
      case 3:
        if (length + at <= MAX_INPUT_BYTES) {
          memmove(bytes + at, bytes, length);
          length += at;
        }
        break;
      default:
        bytes[at] = (uint8_t)below(256);
    }
  }
  return length;
}

static void run(void (*target)(const uint8_t*, size_t), const uint8_t* bytes, size_t length) {
  uint8_t* exact = malloc(length == 0 ? 1 : length); /* so that ASan sees a read one octet beyond */
  memcpy(exact, bytes, length);
  target(exact, length);
  free(exact);
}

static uint8_t input[MAX_INPUT_BYTES * 2];

/* Up to three captured packets behind each other, changed. */
static void fuzz(void (*target)(const uint8_t*, size_t), const capture_t* captures, int number) {
  for (int round = 0; round < ROUNDS; round++) {
    size_t length = 0;
    for (uint32_t parts = 1 + below(3); parts > 0; parts--) {
      const capture_t* chosen = &captures[below((uint32_t)number)];
      if (length + chosen->length > MAX_INPUT_BYTES) break;
      memcpy(input + length, chosen->bytes, chosen->length);
      length += chosen->length;
    }
    run(target, input, mutate(input, length));
  }
}

static void test_framing(void) { fuzz(fuzz_framing, SESSION_SERIAL, SESSION_SERIAL_COUNT); }
static void test_messages(void) { fuzz(fuzz_message, SESSION_UDP, SESSION_UDP_COUNT); }

/* Submessages, written by hand, that reach the objects of fuzz_live_session. */
static const struct {
  size_t length;
  uint8_t bytes[48];
} SEEDS[] = {
    {16, {9, 1, 12, 0, 0, 10, 0x00, 0x16, 1, 2, 3, 4, 5, 6, 7, 8}},                     /* DATA, datareader */
    {16, {9, 1, 12, 0, 0, 10, 0x00, 0x17, 0, 11, 0x00, 0x17, 5, 6, 7, 8}},              /* DATA, requester */
    {40, {9, 1, 36, 0, 0, 10, 0x00, 0x18, 1, 2, 3, 4, 5, 6, 7, 8}},                     /* DATA, replier */
    {40, {9, 0, 36, 0, 0, 10, 0x00, 0x18, 1, 2, 3, 4, 5, 6, 7, 8}},                     /* the same, big endian */
    {20, {13, 1, 16, 0, 9, 1, 40, 0, 0, 10, 0x00, 0x18, 1, 2, 3, 4, 5, 6, 7, 8}},       /* FRAGMENT, first of three */
    {20, {13, 1, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8}},               /* the next */
    {16, {13, 3, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4}},                           /* the last */
    {20, {13, 1, 16, 0, 9, 1, 0, 0, 0, 10, 0x00, 0x16, 1, 2, 3, 4, 5, 6, 7, 8}},        /* FRAGMENT of unknown length */
    {12, {11, 1, 5, 0, 0, 0, 20, 0, 0x80}},                                             /* HEARTBEAT */
    {12, {11, 1, 5, 0, 9, 0, 12, 0, 0x80}},                                             /* HEARTBEAT that skips */
    {12, {10, 1, 5, 0, 1, 0, 0, 3, 0x80}},                                              /* ACKNACK */
    {12, {5, 1, 6, 0, 0, 10, 0x00, 0x16, 0x80, 0}},                                     /* STATUS */
    {12, {6, 1, 6, 0, 0, 10, 0xff, 0xfd, 0, 0}},                                        /* INFO: unknown session */
    {12, {2, 1, 8, 0, 0, 0, 0xff, 0xfe, 1, 0, 0, 0}},                                   /* GET_INFO */
    {28, {15, 1, 24, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0}},            /* TIMESTAMP_REPLY */
};

static void test_live_session(void) {
  static const uint8_t streams[] = {1, 1, 1, 1, 4, 4, 8, 17, 33, 129};
  for (int round = 0; round < ROUNDS; round++) {
    size_t length = 0;
    for (uint32_t messages = 1 + below(12); messages > 0; messages--) {
      const size_t start = length;
      length += 2;
      input[start + 1] = streams[below(sizeof streams)];
      for (uint32_t parts = 1 + below(3); parts > 0; parts--) {
        const size_t chosen = below(sizeof SEEDS / sizeof SEEDS[0]);
        memcpy(input + length, SEEDS[chosen].bytes, SEEDS[chosen].length);
        length += SEEDS[chosen].length;
      }
      input[start] = (uint8_t)(length - start - 2);
    }
    run(fuzz_live_session, input, below(4) == 0 ? length : mutate(input, length));
  }
}

int main(int argc, char** argv) {
  const uintptr_t address = (uintptr_t)&argc; /* Different each time where addresses are. */
  seed = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : (uint32_t)(address >> 4) | 1u;
  if (seed == 0) seed = 1;
  printf("seed %u\n", (unsigned)seed);
  fflush(stdout);
  UNITY_BEGIN();
  RUN_TEST(test_framing);
  RUN_TEST(test_messages);
  RUN_TEST(test_live_session);
  return UNITY_END();
}
