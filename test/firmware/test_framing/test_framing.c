/* Framing. Frames are from the capture of the Micro XRCE-DDS Client and Agent, or written by hand from the standard. */
#include <string.h>

#include "../../../firmware/src/framing/crc16.h"
#include "captures.h"
#include "rosehip/error.h"
#include "rosehip/framing.h"
#include "unity.h"

enum { BUFFER = 512 };

static uint8_t buffer[BUFFER];
static uint8_t received[64][BUFFER];
static size_t received_length[64];
static unsigned count;

static void on_message(void* context, const uint8_t* message, size_t length) {
  (void)context;
  TEST_ASSERT_TRUE(count < 64 && length <= BUFFER);
  memcpy(received[count], message, length);
  received_length[count++] = length;
}

static rosehip_framing_t make(rosehip_framing_kind_t kind, uint8_t local, uint8_t remote) {
  rosehip_framing_t framing;
  const rosehip_framing_config_t config = {.kind = kind,
                                           .buffer = buffer,
                                           .buffer_bytes = sizeof buffer,
                                           .local_address = local,
                                           .remote_address = remote,
                                           .on_message = on_message};
  TEST_ASSERT_EQUAL_INT(ROSEHIP_OK, rosehip_framing_init(&framing, &config));
  count = 0;
  return framing;
}

/* GET_INFO of the client, session_serial.jsonl line 1, and its message. */
static const uint8_t FRAME[] = {0x7e, 0x01, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0x00, 0x02, 0x01, 0x08,
                                0x00, 0x00, 0x0a, 0xff, 0xfd, 0x02, 0x00, 0x00, 0x00, 0xcf, 0x12};

void setUp(void) {}
void tearDown(void) {}

static void test_crc_of_the_standard_check_string(void) {
  uint16_t crc = 0;
  for (const char* c = "123456789"; *c != 0; c++) crc = rosehip_crc16_update(crc, (uint8_t)*c);
  TEST_ASSERT_EQUAL_HEX16(0xbb3d, crc); /* CRC-16/ARC, catalogue of parametrised CRC algorithms */
}

static void round_trip_capture(const capture_t* captures, int number) {
  for (int i = 0; i < number; i++) {
    const capture_t* frame = &captures[i];
    rosehip_framing_t framing = make(ROSEHIP_FRAMING_SERIAL, frame->to_agent ? 0 : 1, frame->to_agent ? 1 : 0);
    rosehip_framing_receive(&framing, frame->bytes, frame->length);
    TEST_ASSERT_EQUAL_UINT(1, count);
    rosehip_framing_t sender = make(ROSEHIP_FRAMING_SERIAL, frame->to_agent ? 1 : 0, frame->to_agent ? 0 : 1);
    uint8_t out[1 + 2 * (BUFFER + 6)];
    TEST_ASSERT_EQUAL_INT((int)frame->length,
                          rosehip_framing_encode(&sender, received[0], received_length[0], out, sizeof out));
    TEST_ASSERT_EQUAL_HEX8_ARRAY(frame->bytes, out, frame->length);
  }
}

static void test_every_captured_frame_decodes_and_encodes_to_itself(void) {
  round_trip_capture(SESSION_SERIAL, SESSION_SERIAL_COUNT);
  round_trip_capture(LOSS_SERIAL, LOSS_SERIAL_COUNT);
}

static void test_frame_split_at_every_byte(void) {
  for (size_t split = 0; split <= sizeof FRAME; split++) {
    rosehip_framing_t framing = make(ROSEHIP_FRAMING_SERIAL, 0, 1);
    rosehip_framing_receive(&framing, FRAME, split);
    rosehip_framing_receive(&framing, FRAME + split, sizeof FRAME - split);
    TEST_ASSERT_EQUAL_UINT(1, count);
    TEST_ASSERT_EQUAL_UINT(16, received_length[0]);
    TEST_ASSERT_EQUAL_HEX8_ARRAY(FRAME + 5, received[0], 16);
  }
}

static void test_worst_stuffing(void) {
  uint8_t message[BUFFER];
  for (size_t i = 0; i < sizeof message; i++) message[i] = i % 2 ? 0x7e : 0x7d;
  rosehip_framing_t framing = make(ROSEHIP_FRAMING_SERIAL, 0x7e, 0x7d);
  uint8_t out[1 + 2 * (BUFFER + 6)];
  const int length = rosehip_framing_encode(&framing, message, sizeof message, out, sizeof out);
  TEST_ASSERT_TRUE(length > 2 * BUFFER);
  for (int i = 1; i < length; i++) TEST_ASSERT_TRUE(out[i] != 0x7e);
  rosehip_framing_t peer = make(ROSEHIP_FRAMING_SERIAL, 0x7d, 0x7e);
  rosehip_framing_receive(&peer, out, (size_t)length);
  TEST_ASSERT_EQUAL_UINT(1, count);
  TEST_ASSERT_EQUAL_HEX8_ARRAY(message, received[0], sizeof message);
}

static void test_truncated_frame_does_not_lose_the_next(void) {
  for (size_t cut = 1; cut < sizeof FRAME; cut++) {
    rosehip_framing_t framing = make(ROSEHIP_FRAMING_SERIAL, 0, 1);
    rosehip_framing_receive(&framing, FRAME, cut);
    rosehip_framing_receive(&framing, FRAME, sizeof FRAME);
    TEST_ASSERT_EQUAL_UINT(1, count);
    TEST_ASSERT_EQUAL_UINT(1, rosehip_framing_stats(&framing)->frames_truncated);
  }
}

static void test_one_changed_octet_loses_at_most_that_frame(void) {
  for (size_t at = 0; at < sizeof FRAME; at++) {
    for (int value = 0; value < 256; value++) {
      if (value == FRAME[at]) continue;
      uint8_t bytes[2 * sizeof FRAME];
      memcpy(bytes, FRAME, sizeof FRAME);
      memcpy(bytes + sizeof FRAME, FRAME, sizeof FRAME);
      bytes[at] = (uint8_t)value;
      rosehip_framing_t framing = make(ROSEHIP_FRAMING_SERIAL, 0, 1);
      rosehip_framing_receive(&framing, bytes, sizeof bytes);
      /* The source address (octet 1) is not looked at and not covered by the CRC; 7E and 7D there still cut. */
      const bool harmless = at == 1 && value != 0x7e && value != 0x7d;
      TEST_ASSERT_EQUAL_UINT(harmless ? 2 : 1, count);
      TEST_ASSERT_EQUAL_HEX8_ARRAY(FRAME + 5, received[0], 16);
    }
  }
}

static void test_noise_is_counted_and_passed_over(void) {
  rosehip_framing_t framing = make(ROSEHIP_FRAMING_SERIAL, 0, 1);
  uint8_t noise[100];
  for (size_t i = 0; i < sizeof noise; i++) noise[i] = (uint8_t)(i * 37 % 125); /* never 7D or 7E */
  rosehip_framing_receive(&framing, noise, sizeof noise);
  rosehip_framing_receive(&framing, FRAME, sizeof FRAME);
  TEST_ASSERT_EQUAL_UINT(1, count);
  TEST_ASSERT_EQUAL_UINT(100, rosehip_framing_stats(&framing)->noise_bytes);
  TEST_ASSERT_EQUAL_UINT(1, rosehip_framing_stats(&framing)->frames_received);
}

static void test_each_cause_has_its_counter(void) {
  rosehip_framing_t framing = make(ROSEHIP_FRAMING_SERIAL, 9, 0);
  rosehip_framing_receive(&framing, FRAME, sizeof FRAME);
  TEST_ASSERT_EQUAL_UINT(1, rosehip_framing_stats(&framing)->frames_misaddressed);
  uint8_t bad[sizeof FRAME];
  memcpy(bad, FRAME, sizeof bad);
  bad[sizeof bad - 1] ^= 1;
  rosehip_framing_receive(&framing, bad, sizeof bad);
  TEST_ASSERT_EQUAL_UINT(1, rosehip_framing_stats(&framing)->frames_bad_crc);
  const uint8_t empty[] = {0x7e, 1, 0, 0, 0, 0, 0};
  rosehip_framing_receive(&framing, empty, sizeof empty);
  TEST_ASSERT_EQUAL_UINT(1, rosehip_framing_stats(&framing)->frames_empty);
  const uint8_t large[] = {0x7e, 1, 0, 0x01, 0x02, 1, 2, 3}; /* 513 octets announced */
  rosehip_framing_receive(&framing, large, sizeof large);
  TEST_ASSERT_EQUAL_UINT(1, rosehip_framing_stats(&framing)->frames_too_large);
  TEST_ASSERT_EQUAL_UINT(0, count);
  rosehip_framing_reset(&framing);
  rosehip_framing_receive(&framing, FRAME, 3);
  rosehip_framing_reset(&framing);
  rosehip_framing_receive(&framing, FRAME, sizeof FRAME);
  TEST_ASSERT_EQUAL_UINT(0, rosehip_framing_stats(&framing)->frames_truncated);
}

static void test_stream_split_at_every_byte_and_passes_over_too_large(void) {
  const uint8_t bytes[] = {3, 0, 0xaa, 0xbb, 0xcc, 0, 0, 1, 0, 0xdd}; /* 3 octets, an empty message, 1 octet */
  for (size_t split = 0; split <= sizeof bytes; split++) {
    rosehip_framing_t framing = make(ROSEHIP_FRAMING_STREAM, 0, 0);
    rosehip_framing_receive(&framing, bytes, split);
    rosehip_framing_receive(&framing, bytes + split, sizeof bytes - split);
    TEST_ASSERT_EQUAL_UINT(2, count);
    TEST_ASSERT_EQUAL_HEX8_ARRAY(bytes + 2, received[0], 3);
    TEST_ASSERT_EQUAL_HEX8(0xdd, received[1][0]);
    TEST_ASSERT_EQUAL_UINT(1, rosehip_framing_stats(&framing)->frames_empty);
  }
  rosehip_framing_t framing = make(ROSEHIP_FRAMING_STREAM, 0, 0);
  uint8_t large[2 + 600 + 3] = {600 & 0xff, 600 >> 8};
  large[602] = 1;
  large[604] = 0x55;
  rosehip_framing_receive(&framing, large, sizeof large);
  TEST_ASSERT_EQUAL_UINT(1, rosehip_framing_stats(&framing)->frames_too_large);
  TEST_ASSERT_EQUAL_UINT(1, count);
  TEST_ASSERT_EQUAL_HEX8(0x55, received[0][0]);
}

static void test_stream_and_datagram_encode(void) {
  uint8_t out[8];
  const uint8_t message[] = {1, 2, 3};
  rosehip_framing_t stream = make(ROSEHIP_FRAMING_STREAM, 0, 0);
  const uint8_t expected[] = {3, 0, 1, 2, 3};
  TEST_ASSERT_EQUAL_INT(5, rosehip_framing_encode(&stream, message, 3, out, sizeof out));
  TEST_ASSERT_EQUAL_HEX8_ARRAY(expected, out, 5);
  rosehip_framing_t datagram = make(ROSEHIP_FRAMING_DATAGRAM, 0, 0);
  TEST_ASSERT_EQUAL_INT(3, rosehip_framing_encode(&datagram, message, 3, out, sizeof out));
  TEST_ASSERT_EQUAL_HEX8_ARRAY(message, out, 3);
  rosehip_framing_receive(&datagram, message, 3);
  TEST_ASSERT_EQUAL_UINT(1, count);
}

static void test_refuses_what_does_not_fit(void) {
  uint8_t out[64];
  rosehip_framing_t framing = make(ROSEHIP_FRAMING_SERIAL, 1, 0);
  TEST_ASSERT_EQUAL_UINT(1 + 2 * (10 + 6), rosehip_framing_bound_bytes(ROSEHIP_FRAMING_SERIAL, 10));
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_TOO_LARGE, rosehip_framing_encode(&framing, FRAME, 10, out, 32));
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_TOO_LARGE, rosehip_framing_encode(&framing, FRAME, 0, out, sizeof out));
  rosehip_framing_config_t config = {.kind = ROSEHIP_FRAMING_SERIAL, .on_message = on_message};
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_ARGUMENT, rosehip_framing_init(&framing, &config));
  config.buffer = buffer;
  config.buffer_bytes = 15;
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_ARGUMENT, rosehip_framing_init(&framing, &config));
  config.buffer_bytes = 16;
  config.on_message = NULL;
  TEST_ASSERT_EQUAL_INT(ROSEHIP_ERROR_INVALID_ARGUMENT, rosehip_framing_init(&framing, &config));
}

int main(void) {
  UNITY_BEGIN();
  RUN_TEST(test_crc_of_the_standard_check_string);
  RUN_TEST(test_every_captured_frame_decodes_and_encodes_to_itself);
  RUN_TEST(test_frame_split_at_every_byte);
  RUN_TEST(test_worst_stuffing);
  RUN_TEST(test_truncated_frame_does_not_lose_the_next);
  RUN_TEST(test_one_changed_octet_loses_at_most_that_frame);
  RUN_TEST(test_noise_is_counted_and_passed_over);
  RUN_TEST(test_each_cause_has_its_counter);
  RUN_TEST(test_stream_split_at_every_byte_and_passes_over_too_large);
  RUN_TEST(test_stream_and_datagram_encode);
  RUN_TEST(test_refuses_what_does_not_fit);
  return UNITY_END();
}
