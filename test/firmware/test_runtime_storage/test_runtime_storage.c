/* The storage of the posix port: records in files, each whole or not there. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../firmware/port/posix/storage.c" /* the port is in no library */
#include "rosehip/port.h"
#include "unity.h"

static char folder[64];
static uint8_t buffer[ROSEHIP_STORAGE_RECORD_BYTES];

void setUp(void) {
  strcpy(folder, "/tmp/rosehip-storage-XXXXXX");
  TEST_ASSERT_NOT_NULL(mkdtemp(folder));
}

static void remove_file(const char* name) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  unlink(path);
}

void tearDown(void) {
  static const char* const names[] = {"a", "b", "a.new", "b.new"};
  for (size_t i = 0; i < 4; i++) remove_file(names[i]);
  rmdir(folder);
}

static int put(const char* name, const char* text) {
  return posix_storage_write(folder, name, (const uint8_t*)text, strlen(text));
}

static int get(const char* name, size_t size_bytes) {
  memset(buffer, 0, sizeof buffer);
  return posix_storage_read(folder, name, buffer, size_bytes);
}

static void test_a_record_is_read_as_it_was_written(void) {
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_NOT_FOUND, get("a", sizeof buffer));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, put("a", "first"));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, put("b", "second"));
  TEST_ASSERT_EQUAL(5, get("a", sizeof buffer));
  TEST_ASSERT_EQUAL_STRING("first", (char*)buffer);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, put("a", "it"));
  TEST_ASSERT_EQUAL(2, get("a", sizeof buffer));
  TEST_ASSERT_EQUAL_STRING("it", (char*)buffer);
}

static void test_a_small_buffer_gets_the_beginning(void) {
  put("a", "123456");
  TEST_ASSERT_EQUAL(6, get("a", 3));
  TEST_ASSERT_EQUAL_STRING("123", (char*)buffer);
  TEST_ASSERT_EQUAL(6, get("a", 0));
}

static void test_a_removed_record_is_gone(void) {
  put("a", "x");
  TEST_ASSERT_EQUAL(ROSEHIP_OK, posix_storage_write(folder, "a", NULL, 0));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_NOT_FOUND, get("a", sizeof buffer));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, posix_storage_write(folder, "a", NULL, 0));
}

static void test_a_folder_is_made_or_refused(void) {
  char path[128];
  TEST_ASSERT_TRUE(posix_storage_open(folder));
  snprintf(path, sizeof path, "%s/sub", folder);
  TEST_ASSERT_TRUE(posix_storage_open(path));
  TEST_ASSERT_EQUAL(0, rmdir(path));
  snprintf(path, sizeof path, "%s/none/sub", folder);
  TEST_ASSERT_FALSE(posix_storage_open(path));
  put("a", "a file");
  snprintf(path, sizeof path, "%s/a", folder);
  TEST_ASSERT_FALSE(posix_storage_open(path));
}

static void test_what_cannot_be_done_is_an_error(void) {
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_STORAGE, posix_storage_write("/nowhere/at/all", "a", buffer, 1));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_NOT_FOUND, posix_storage_read("/nowhere/at/all", "a", buffer, 1));
  char path[128];
  snprintf(path, sizeof path, "%s/a", folder);
  mkdir(path, 0700); /* in the place of a record */
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_STORAGE, get("a", 10));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_STORAGE, put("a", "x"));
  rmdir(path);
}

/* A process that writes two values in turn is killed again and again: each time one of the two is there, whole. */
static void test_a_killed_writer_leaves_a_whole_record(void) {
  static uint8_t values[2][ROSEHIP_STORAGE_RECORD_BYTES];
  memset(values[0], 'x', sizeof values[0]);
  memset(values[1], 'y', sizeof values[1]);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, posix_storage_write(folder, "a", values[0], sizeof values[0]));
  for (int round = 0; round < 20; round++) {
    const pid_t writer = fork();
    if (writer == 0) {
      for (int i = 0;; i++) posix_storage_write(folder, "a", values[i % 2], sizeof values[0]);
    }
    usleep((useconds_t)(500 + 700 * round));
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
    TEST_ASSERT_EQUAL(sizeof buffer, get("a", sizeof buffer));
    TEST_ASSERT_EQUAL_MEMORY(values[buffer[0] == 'y'], buffer, sizeof buffer);
  }
}

int main(void) {
  UNITY_BEGIN();
  RUN_TEST(test_a_record_is_read_as_it_was_written);
  RUN_TEST(test_a_small_buffer_gets_the_beginning);
  RUN_TEST(test_a_removed_record_is_gone);
  RUN_TEST(test_a_folder_is_made_or_refused);
  RUN_TEST(test_what_cannot_be_done_is_an_error);
  RUN_TEST(test_a_killed_writer_leaves_a_whole_record);
  return UNITY_END();
}
