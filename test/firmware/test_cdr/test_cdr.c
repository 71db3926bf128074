/* CDR cursors. Octets are written by hand from DDS-XTypes 1.3, 7.4.1 (XCDR1). */
#include <string.h>

#include "../../../firmware/src/cdr/reader.h"
#include "../../../firmware/src/cdr/writer.h"
#include "unity.h"

void setUp(void) {}
void tearDown(void) {}

static const uint8_t LITTLE[] = {
    0x01,                                           /* bool true */
    0x00,                                           /* padding to 2 */
    0x34, 0x12,                                     /* u16 0x1234 */
    0x78, 0x56, 0x34, 0x12,                         /* u32 0x12345678 */
    0x03, 0x00, 0x00, 0x00, 'a',  'b',  0x00,       /* string "ab" */
    0xab, 0xcd,                                     /* id 0xabcd: big endian always, unaligned */
    0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00,       /* padding to 4, u32 4 */
};
static const uint8_t BIG[] = {
    0x01, 0x00, 0x12, 0x34, 0x12, 0x34, 0x56, 0x78, 0x00, 0x00, 0x00, 0x03,
    'a',  'b',  0x00, 0xab, 0xcd, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04,
};

static void read_all(const uint8_t* bytes, size_t length, bool big_endian) {
  rosehip_cdr_reader_t reader = rosehip_cdr_reader(bytes, length, big_endian);
  TEST_ASSERT_TRUE(rosehip_cdr_read_bool(&reader));
  TEST_ASSERT_EQUAL_HEX16(0x1234, rosehip_cdr_read_u16(&reader));
  TEST_ASSERT_EQUAL_HEX32(0x12345678, rosehip_cdr_read_u32(&reader));
  const rosehip_text_t text = rosehip_cdr_read_string(&reader);
  TEST_ASSERT_EQUAL_UINT(2, text.length_bytes);
  TEST_ASSERT_EQUAL_MEMORY("ab", text.data, 2);
  TEST_ASSERT_EQUAL_HEX16(0xabcd, rosehip_cdr_read_id(&reader));
  TEST_ASSERT_EQUAL_UINT(4, rosehip_cdr_read_u32(&reader));
  TEST_ASSERT_FALSE(reader.failed);
  TEST_ASSERT_EQUAL_UINT(0, rosehip_cdr_reader_left(&reader));
}

static size_t write_all(uint8_t* out, size_t capacity, bool big_endian, bool* failed) {
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(out, capacity, big_endian);
  rosehip_cdr_write_u8(&writer, 1);
  rosehip_cdr_write_u16(&writer, 0x1234);
  rosehip_cdr_write_u32(&writer, 0x12345678);
  rosehip_cdr_write_string(&writer, ROSEHIP_TEXT("ab"));
  rosehip_cdr_write_id(&writer, 0xabcd);
  rosehip_cdr_write_u32(&writer, 4);
  *failed = writer.failed;
  return writer.position;
}

static void test_reads_both_byte_orders(void) {
  read_all(LITTLE, sizeof LITTLE, false);
  read_all(BIG, sizeof BIG, true);
}

static void test_writes_both_byte_orders(void) {
  uint8_t out[64];
  bool failed;
  TEST_ASSERT_EQUAL_UINT(sizeof LITTLE, write_all(out, sizeof out, false, &failed));
  TEST_ASSERT_EQUAL_HEX8_ARRAY(LITTLE, out, sizeof LITTLE);
  TEST_ASSERT_EQUAL_UINT(sizeof BIG, write_all(out, sizeof out, true, &failed));
  TEST_ASSERT_EQUAL_HEX8_ARRAY(BIG, out, sizeof BIG);
  TEST_ASSERT_FALSE(failed);
}

static void test_every_truncation_fails_and_stays_inside(void) {
  for (size_t length = 0; length < sizeof LITTLE; length++) {
    uint8_t exact[sizeof LITTLE];
    memcpy(exact, LITTLE, length);
    rosehip_cdr_reader_t reader = rosehip_cdr_reader(exact, length, false);
    rosehip_cdr_read_bool(&reader);
    rosehip_cdr_read_u16(&reader);
    rosehip_cdr_read_u32(&reader);
    const rosehip_text_t text = rosehip_cdr_read_string(&reader);
    TEST_ASSERT_NOT_NULL(text.data);
    rosehip_cdr_read_id(&reader);
    TEST_ASSERT_EQUAL_UINT(0, rosehip_cdr_read_u32(&reader));
    TEST_ASSERT_TRUE(reader.failed);
    TEST_ASSERT_EQUAL_UINT(0, rosehip_cdr_reader_left(&reader));
    TEST_ASSERT_NULL(rosehip_cdr_read_octets(&reader, 0)); /* failure is final */
  }
}

static void test_hostile_strings_fail(void) {
  const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff, 'a', 0};
  const uint8_t zero[] = {0, 0, 0, 0};
  const uint8_t no_nul[] = {2, 0, 0, 0, 'a', 'b'};
  const struct {
    const uint8_t* bytes;
    size_t length;
  } cases[] = {{huge, sizeof huge}, {zero, sizeof zero}, {no_nul, sizeof no_nul}};
  for (size_t i = 0; i < 3; i++) {
    rosehip_cdr_reader_t reader = rosehip_cdr_reader(cases[i].bytes, cases[i].length, false);
    TEST_ASSERT_EQUAL_UINT(0, rosehip_cdr_read_string(&reader).length_bytes);
    TEST_ASSERT_TRUE(reader.failed);
  }
}

static void test_bool_of_2_fails(void) {
  const uint8_t two[] = {2};
  rosehip_cdr_reader_t reader = rosehip_cdr_reader(two, 1, false);
  TEST_ASSERT_FALSE(rosehip_cdr_read_bool(&reader));
  TEST_ASSERT_TRUE(reader.failed);
}

static void test_writer_never_writes_beyond_its_capacity(void) {
  for (size_t capacity = 0; capacity < sizeof LITTLE; capacity++) {
    uint8_t out[64];
    memset(out, 0xee, sizeof out);
    bool failed;
    TEST_ASSERT_EQUAL_UINT(sizeof LITTLE, write_all(out, capacity, false, &failed));
    TEST_ASSERT_TRUE(failed);
    for (size_t i = capacity; i < sizeof out; i++) TEST_ASSERT_EQUAL_HEX8(0xee, out[i]);
  }
}

static void test_writer_without_memory_measures(void) {
  bool failed;
  TEST_ASSERT_EQUAL_UINT(sizeof LITTLE, write_all(NULL, 0, false, &failed));
  TEST_ASSERT_TRUE(failed);
}

int main(void) {
  UNITY_BEGIN();
  RUN_TEST(test_reads_both_byte_orders);
  RUN_TEST(test_writes_both_byte_orders);
  RUN_TEST(test_every_truncation_fails_and_stays_inside);
  RUN_TEST(test_hostile_strings_fail);
  RUN_TEST(test_bool_of_2_fails);
  RUN_TEST(test_writer_never_writes_beyond_its_capacity);
  RUN_TEST(test_writer_without_memory_measures);
  return UNITY_END();
}
