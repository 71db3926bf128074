/* Pins, buses, storage and flash of the ESP32 port, on the fake chip. */
#include <stdlib.h>
#include <string.h>

#include "../../../../firmware/port/esp32/apps_partition.h"
#include "../../../../firmware/port/esp32/nvs_storage.h"
#include "../../../../firmware/port/esp32/pins_and_buses.h"
#include "../../../../firmware/port/esp32/port.h"
#include "host.h"
#include "pins.h"
#include "rosehip/error.h"
#include "unity.h"

enum { LED = 2, BUTTON = 9, UART_PIN = 21, FLASH_PIN = 14 };

static const rosehip_hardware_t* hardware;
static unsigned wakes;

/* In place of port.c's: these tests have no loop. */
static void count_wake(BaseType_t* woken) {
  wakes++;
  *woken = pdTRUE;
}

static void nothing(void) {
}

static int read_nothing(uint8_t* buffer, size_t size, uint64_t now_us) {
  (void)buffer;
  (void)size;
  (void)now_us;
  return 0;
}

static const esp32_link_t quiet = {.read = read_nothing, .wake = nothing, .wake_from_isr = count_wake,
                                   .reserved_pins = 1ull << UART_PIN};
static rosehip_port_t port;

void setUp(void) {
  hardware = port.hardware;
}

void tearDown(void) {
  hardware->reset(NULL);
}

static void test_an_output_begins_with_the_level_it_was_given_and_can_be_read(void) {
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->gpio_write(NULL, LED, true));
  TEST_ASSERT_EQUAL(GPIO_MODE_DISABLE, host_pins[LED].mode);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->gpio_mode(NULL, LED, ROSEHIP_GPIO_OUTPUT));
  TEST_ASSERT_EQUAL(1, hardware->gpio_read(NULL, LED));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->gpio_write(NULL, LED, false));
  TEST_ASSERT_EQUAL(0, hardware->gpio_read(NULL, LED));
  hardware->reset(NULL);
  TEST_ASSERT_EQUAL(GPIO_MODE_DISABLE, host_pins[LED].mode);
}

static void test_pins_of_the_flash_of_the_link_and_of_nothing_are_refused(void) {
  const uint32_t pins[] = {FLASH_PIN, UART_PIN, 22, 63, 64, UINT32_MAX};
  for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
    TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->gpio_mode(NULL, pins[i], ROSEHIP_GPIO_INPUT));
    TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->gpio_read(NULL, pins[i]));
    TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->gpio_write(NULL, pins[i], true));
    TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->gpio_watch(NULL, pins[i], ROSEHIP_GPIO_RISING));
    TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->pwm_write(NULL, pins[i], 1000, 500));
  }
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->i2c_open(NULL, 0, UART_PIN, 5, 100000));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->i2c_open(NULL, 0, 5, 5, 100000));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->i2c_open(NULL, 0, -2, 5, 100000));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->spi_open(NULL, 0, FLASH_PIN, 5, 6));
}

static void test_edges_are_counted_told_in_turns_and_wake_the_loop(void) {
  rosehip_gpio_edge_t edge;
  const unsigned before = wakes;
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->gpio_mode(NULL, BUTTON, ROSEHIP_GPIO_INPUT_PULL_UP));
  TEST_ASSERT_TRUE(host_pins[BUTTON].pull_up);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->gpio_mode(NULL, 4, ROSEHIP_GPIO_INPUT));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->gpio_watch(NULL, BUTTON, ROSEHIP_GPIO_RISING | ROSEHIP_GPIO_FALLING));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->gpio_watch(NULL, 4, ROSEHIP_GPIO_RISING));
  TEST_ASSERT_FALSE(hardware->gpio_edge(NULL, &edge));
  for (int i = 0; i < 5; i++) host_drive(BUTTON, i % 2 == 0);
  host_drive(4, true);
  host_drive(4, false);
  TEST_ASSERT_EQUAL(before + 6, wakes);
  TEST_ASSERT_TRUE(hardware->gpio_edge(NULL, &edge));
  const uint32_t first = edge.pin;
  host_drive((int)first, false); /* a pin that never rests does not keep the other from being told */
  host_drive((int)first, true);
  TEST_ASSERT_TRUE(hardware->gpio_edge(NULL, &edge));
  TEST_ASSERT_NOT_EQUAL(first, edge.pin);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->gpio_watch(NULL, BUTTON, 0));
  host_drive(BUTTON, false);
  while (hardware->gpio_edge(NULL, &edge)) TEST_ASSERT_EQUAL(4, edge.pin);
}

static void test_the_level_and_the_number_of_edges_are_those_of_the_pin(void) {
  rosehip_gpio_edge_t edge;
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->gpio_watch(NULL, 4, ROSEHIP_GPIO_FALLING));
  host_drive(4, true);
  host_drive(4, false);
  host_drive(4, true);
  host_drive(4, false);
  TEST_ASSERT_TRUE(hardware->gpio_edge(NULL, &edge));
  TEST_ASSERT_EQUAL(2, edge.edges);
  TEST_ASSERT_FALSE(edge.level);
  TEST_ASSERT_FALSE(hardware->gpio_edge(NULL, &edge));
}

static const host_pwm_t* pwm_of(int pin) {
  TEST_ASSERT_TRUE(host_pins[pin].pwm >= 0);
  return &host_pwm[host_pins[pin].pwm];
}

static void test_pwm_has_a_timer_for_each_period_and_a_channel_for_each_pin(void) {
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->pwm_write(NULL, 2, 20000000, 1500000));
  TEST_ASSERT_EQUAL(50, pwm_of(2)->hz);
  TEST_ASSERT_INT_WITHIN(1, 75, (int)pwm_of(2)->permille);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->pwm_write(NULL, 3, 20000000, 20000000));
  TEST_ASSERT_EQUAL(pwm_of(2)->timer, pwm_of(3)->timer);
  TEST_ASSERT_EQUAL(1000, pwm_of(3)->permille);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->pwm_write(NULL, 4, 40000, 10000));
  TEST_ASSERT_EQUAL(25000, pwm_of(4)->hz);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->pwm_write(NULL, 5, 1000000, 0));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->pwm_write(NULL, 6, 2000000, 0));
  /* The fifth period: no timer is left, but a pin that is alone on one may change its own. */
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_UNSUPPORTED, hardware->pwm_write(NULL, 7, 3000000, 0));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->pwm_write(NULL, 6, 3000000, 1500000));
  TEST_ASSERT_EQUAL(333, pwm_of(6)->hz);
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->pwm_write(NULL, 6, 1, 0));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->pwm_write(NULL, 4, 0, 0));
  TEST_ASSERT_EQUAL(-1, host_pins[4].pwm);
  TEST_ASSERT_EQUAL(0, hardware->gpio_read(NULL, 4));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->gpio_mode(NULL, 3, ROSEHIP_GPIO_OUTPUT));
  TEST_ASSERT_EQUAL(-1, host_pins[3].pwm);
}

static void test_i2c_tells_apart_who_does_not_answer_and_what_hangs(void) {
  const uint8_t reg[] = {0x10};
  uint8_t got[3] = {0};
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->i2c_transfer(NULL, 0, 0x48, reg, 1, got, 3));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->i2c_open(NULL, 0, ROSEHIP_PIN_DEFAULT, ROSEHIP_PIN_DEFAULT, 400000));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->i2c_transfer(NULL, 0, 0x48, reg, 1, got, 3));
  TEST_ASSERT_EQUAL_UINT8_ARRAY("\x10\x11\x12", got, 3);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->i2c_transfer(NULL, 0, 0x48, NULL, 0, got, 1));
  TEST_ASSERT_EQUAL(0x13, got[0]);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->i2c_transfer(NULL, 0, 0x48, reg, 1, NULL, 0));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->i2c_transfer(NULL, 0, 0x48, NULL, 0, NULL, 0));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_NACK, hardware->i2c_transfer(NULL, 0, 0x49, NULL, 0, NULL, 0));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_NACK, hardware->i2c_transfer(NULL, 0, 0x49, reg, 1, got, 1));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_TIMEOUT, hardware->i2c_transfer(NULL, 0, 0x50, reg, 1, NULL, 0));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->i2c_open(NULL, 0, 4, 5, 100000)); /* anew */
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->i2c_open(NULL, 2, 4, 5, 100000));
}

static void test_spi_sends_and_hears(void) {
  uint8_t octets[] = {1, 2, 3, 4}, heard[4] = {0};
  rosehip_spi_device_t device = {.bus = 0, .chip_select = 7, .frequency_hz = 1000000, .mode = 3};
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->spi_transfer(NULL, &device, octets, heard, 4));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->spi_open(NULL, 0, 4, 5, 6));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->spi_transfer(NULL, &device, octets, heard, 4));
  TEST_ASSERT_EQUAL_UINT8_ARRAY(octets, heard, 4);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->spi_transfer(NULL, &device, octets, NULL, 4));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->spi_transfer(NULL, &device, octets, NULL, 0));
  device.frequency_hz = 200000000;
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->spi_transfer(NULL, &device, octets, heard, 4));
  device = (rosehip_spi_device_t){.bus = 0, .chip_select = FLASH_PIN, .frequency_hz = 1000000};
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->spi_transfer(NULL, &device, octets, heard, 4));
  device = (rosehip_spi_device_t){.bus = 1, .chip_select = -1, .frequency_hz = 1000000};
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, hardware->spi_transfer(NULL, &device, octets, heard, 4));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, hardware->spi_open(NULL, 0, 4, 5, 6)); /* anew */
}

static void test_storage_has_whole_records_and_tells_the_length_of_longer_ones(void) {
  static const char name[] = "0123456789abcde";
  uint8_t record[4161], got[4161];
  for (size_t i = 0; i < sizeof record; i++) record[i] = (uint8_t)(i * 7);
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_NOT_FOUND, port.storage_read(NULL, name, got, sizeof got));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, port.storage_write(NULL, name, record, 0)); /* it is not there: as wanted */
  TEST_ASSERT_EQUAL(ROSEHIP_OK, port.storage_write(NULL, name, record, sizeof record));
  TEST_ASSERT_EQUAL(sizeof record, port.storage_read(NULL, name, got, sizeof got));
  TEST_ASSERT_EQUAL_MEMORY(record, got, sizeof record);
  memset(got, 0, sizeof got);
  TEST_ASSERT_EQUAL(sizeof record, port.storage_read(NULL, name, got, 10));
  TEST_ASSERT_EQUAL_MEMORY(record, got, 10);
  TEST_ASSERT_EQUAL(0, got[10]);
  TEST_ASSERT_EQUAL(sizeof record, port.storage_read(NULL, name, NULL, 0));
  for (int i = 0; i < 20; i++) TEST_ASSERT_EQUAL(ROSEHIP_OK, port.storage_write(NULL, name, record, 3)); /* no leak */
  TEST_ASSERT_EQUAL(3, port.storage_read(NULL, name, got, sizeof got));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, port.storage_write(NULL, name, record, 0));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_NOT_FOUND, port.storage_read(NULL, name, got, sizeof got));
}

static void test_flash_is_a_partition(void) {
  const rosehip_flash_t* flash = port.app_flash;
  uint8_t got[4] = {0};
  TEST_ASSERT_NOT_NULL(flash);
  TEST_ASSERT_EQUAL(0x40000, flash->size_bytes);
  TEST_ASSERT_EQUAL(4096, flash->erase_bytes);
  TEST_ASSERT_EQUAL(4, flash->write_bytes);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, flash->erase(flash->context, 8192));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, flash->write(flash->context, 8192, "rose", 4));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, flash->read(flash->context, 8192, got, 4));
  TEST_ASSERT_EQUAL_MEMORY("rose", got, 4);
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_STORAGE, flash->write(flash->context, 0x3ffff, "rose", 4));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_STORAGE, flash->erase(flash->context, 0x40000));
  TEST_ASSERT_NULL(rh_esp32_apps_partition("other"));
}

static void test_what_is_mapped_again_shows_what_was_written_since(void) {
  const rosehip_flash_t* flash = port.app_flash;
  const uint32_t slots[] = {4096, 0x21000};
  TEST_ASSERT_NOT_NULL(flash->map(flash->context, slots[0], 4));
  TEST_ASSERT_NULL(flash->map(flash->context, 8192, 4)); /* on the same page: it is read, not mapped */
  for (int round = 0; round < 3; round++) {
    const char* octets = round == 1 ? "hips" : "rose";
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
      const uint8_t* before = flash->map(flash->context, slots[i], 4);
      TEST_ASSERT_NOT_NULL(before);
      TEST_ASSERT_EQUAL(ROSEHIP_OK, flash->erase(flash->context, slots[i]));
      TEST_ASSERT_EQUAL(ROSEHIP_OK, flash->write(flash->context, slots[i], octets, 4));
      TEST_ASSERT_EQUAL_MEMORY(octets, flash->map(flash->context, slots[i], 4), 4);
    }
  }
  TEST_ASSERT_NULL(flash->map(flash->context, 0x3f000, 4)); /* a third place, too */
}

int main(int argc, char** argv) {
  if (argc != 3 || !host_apps_file(argv[2])) return EXIT_FAILURE;
  host_nvs_folder(argv[1]);
  if (rh_esp32_port_open(&port, "apps") != ESP_OK) return EXIT_FAILURE;
  rh_esp32_port_connect(&port, &quiet);
  UNITY_BEGIN();
  RUN_TEST(test_an_output_begins_with_the_level_it_was_given_and_can_be_read);
  RUN_TEST(test_pins_of_the_flash_of_the_link_and_of_nothing_are_refused);
  RUN_TEST(test_edges_are_counted_told_in_turns_and_wake_the_loop);
  RUN_TEST(test_the_level_and_the_number_of_edges_are_those_of_the_pin);
  RUN_TEST(test_pwm_has_a_timer_for_each_period_and_a_channel_for_each_pin);
  RUN_TEST(test_i2c_tells_apart_who_does_not_answer_and_what_hangs);
  RUN_TEST(test_spi_sends_and_hears);
  RUN_TEST(test_storage_has_whole_records_and_tells_the_length_of_longer_ones);
  RUN_TEST(test_flash_is_a_partition);
  RUN_TEST(test_what_is_mapped_again_shows_what_was_written_since);
  return UNITY_END();
}
