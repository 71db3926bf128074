/*
 * Pins and buses of the whole firmware, without an agent: an app (apps/hardware.ts) that calls what the test's board
 * tells it to, with any arguments. Virtual time. The first argument is the folder with hardware.wasm.
 */
#include "rosehip/runtime.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "unity.h"

#ifndef TEST_APPS
#define TEST_APPS "." /* without an argument */
#endif

enum { COMMAND = 1000, RESULT = 1000, EDGE_REQUEST = 1001, EDGE_ENTITY = 1002, WORDS = 9, APP_BYTES = 65536 };
enum { RANDOM = 1, GPIO, PWM, ADC, I2C_OPEN, I2C_TRANSFER, SPI_OPEN, SPI_TRANSFER, FILL, LOAD, TRAP };
enum { MODE, READ, WRITE, WATCH };
enum { OUTPUT = 2000, INPUT = 9000 }; /* places in the app's memory where nothing else is */

static const char* folder;
static uint8_t module[64 * 1024];
static size_t module_bytes;
static _Alignas(16) uint8_t memory[256 * 1024];
static rosehip_arena_t arena;
static rosehip_runtime_t* runtime;
static uint64_t now;

/* ---- The board ------------------------------------------------------------------------------------------------- */

static int32_t words[WORDS]; /* what the app is to call */
static int32_t result;

/* The last call that came through. */
static struct {
  const char* name;
  int64_t values[4];
  size_t output_bytes, input_bytes;
  bool has_input;
  uint8_t first, last; /* of what the app sends */
} got;
static unsigned calls, resets;
static int status; /* what a call gives */

/* Pins 0 to 9 */
static uint32_t watched[10], counted[10];
static bool levels[10];

static struct {
  int32_t pin;
  uint32_t edges;
  bool level;
} edges[100];
static unsigned edge_count;
static uint32_t edge_request;

static int record(const char* name, int64_t a, int64_t b, int64_t c, int64_t d) {
  memset(&got, 0, sizeof got);
  got.name = name;
  const int64_t values[] = {a, b, c, d};
  memcpy(got.values, values, sizeof values);
  calls++;
  return status;
}

static int gpio_mode(void* context, uint32_t pin, rosehip_gpio_mode_t mode) {
  TEST_ASSERT_EQUAL_PTR(words, context);
  TEST_ASSERT_TRUE((unsigned)mode <= ROSEHIP_GPIO_OUTPUT_OPEN_DRAIN);
  return record("mode", pin, mode, 0, 0);
}

static int gpio_read(void* context, uint32_t pin) {
  (void)context;
  if (pin >= COMMAND && pin < COMMAND + WORDS) return words[pin - COMMAND];
  return record("read", pin, 0, 0, 0);
}

static int gpio_write(void* context, uint32_t pin, bool level) {
  (void)context;
  return record("write", pin, level, 0, 0);
}

static int gpio_watch(void* context, uint32_t pin, uint32_t kinds) {
  (void)context;
  TEST_ASSERT_TRUE(kinds <= 3);
  if (pin >= 10) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  watched[pin] = kinds;
  counted[pin] = 0;
  return record("watch", pin, kinds, 0, 0);
}

static bool gpio_edge(void* context, rosehip_gpio_edge_t* edge) {
  (void)context;
  for (uint32_t pin = 0; pin < 10; pin++) {
    if (counted[pin] == 0) continue;
    *edge = (rosehip_gpio_edge_t){.pin = pin, .edges = counted[pin], .level = levels[pin]};
    counted[pin] = 0;
    return true;
  }
  return false;
}

static int pwm_write(void* context, uint32_t pin, uint32_t period_ns, uint32_t pulse_ns) {
  (void)context;
  TEST_ASSERT_TRUE(pulse_ns <= period_ns);
  if (pin == RESULT) {
    words[0] = 0;
    result = (int32_t)pulse_ns;
  } else if (pin == EDGE_REQUEST) {
    edge_request = pulse_ns;
  } else if (pin == EDGE_ENTITY) {
    if (edge_count == 100) return ROSEHIP_OK;
    edges[edge_count].pin = -1 - (int32_t)pulse_ns;
    edges[edge_count].edges = edge_request >> 1;
    edges[edge_count++].level = edge_request & 1;
  } else {
    return record("pwm", pin, period_ns, pulse_ns, 0);
  }
  return ROSEHIP_OK;
}

static int adc_read(void* context, uint32_t pin, rosehip_adc_unit_t unit) {
  (void)context;
  TEST_ASSERT_TRUE((unsigned)unit <= ROSEHIP_ADC_MILLIVOLTS);
  return record("adc", pin, unit, 0, 0);
}

static int i2c_open(void* context, uint32_t bus, int32_t sda, int32_t scl, uint32_t frequency_hz) {
  (void)context;
  TEST_ASSERT_TRUE(sda >= -1 && scl >= -1 && frequency_hz >= 10000);
  return record("i2c open", bus, sda, scl, frequency_hz);
}

/* Touches every octet: the sanitizer sees if one is not the app's. */
static void touch(const uint8_t* output, size_t output_bytes, uint8_t* input, size_t input_bytes) {
  got.output_bytes = output_bytes;
  got.input_bytes = input_bytes;
  got.has_input = input != NULL;
  if (output_bytes > 0) got.first = output[0], got.last = output[output_bytes - 1];
  for (size_t i = 0; i < input_bytes; i++) input[i] = (uint8_t)(i + 1);
}

static int i2c_transfer(void* context, uint32_t bus, uint8_t address, const uint8_t* output, size_t output_bytes,
                        uint8_t* input, size_t input_bytes) {
  (void)context;
  TEST_ASSERT_TRUE(address <= 0x7f && output_bytes <= ROSEHIP_I2C_LIMIT_BYTES && input_bytes <= ROSEHIP_I2C_LIMIT_BYTES);
  record("i2c", bus, address, 0, 0);
  touch(output, output_bytes, input, input_bytes);
  return status;
}

static int spi_open(void* context, uint32_t bus, int32_t clock, int32_t controller_out, int32_t controller_in) {
  (void)context;
  TEST_ASSERT_TRUE(clock >= -1 && controller_out >= -1 && controller_in >= -1);
  return record("spi open", bus, clock, controller_out, controller_in);
}

static int spi_transfer(void* context, const rosehip_spi_device_t* device, const uint8_t* output, uint8_t* input,
                        size_t length_bytes) {
  (void)context;
  TEST_ASSERT_TRUE(length_bytes >= 1 && length_bytes <= ROSEHIP_SPI_LIMIT_BYTES && device->mode <= 3);
  TEST_ASSERT_TRUE(device->chip_select >= -1);
  TEST_ASSERT_TRUE(UINT64_C(8000000) * length_bytes <= UINT64_C(1) * ROSEHIP_TRANSFER_LIMIT_US * device->frequency_hz);
  record("spi", device->bus, device->chip_select, device->mode, device->frequency_hz);
  touch(output, length_bytes, input, input == NULL ? 0 : length_bytes);
  return status;
}

static void reset(void* context) {
  (void)context;
  memset(watched, 0, sizeof watched);
  memset(counted, 0, sizeof counted);
  resets++;
}

static void fill_random(void* context, uint8_t* octets, size_t length_bytes) {
  (void)context;
  TEST_ASSERT_TRUE(length_bytes <= 256);
  memset(octets, 0x5a, length_bytes);
}

static uint64_t now_us(void* context) {
  (void)context;
  return now;
}

static int write_nothing(void* context, const uint8_t* bytes, size_t length) {
  (void)context, (void)bytes;
  return (int)length;
}

static rosehip_hardware_t hardware;
static rosehip_port_t port;

static void change(uint32_t pin, bool level) {
  const uint32_t kind = level ? ROSEHIP_GPIO_RISING : ROSEHIP_GPIO_FALLING;
  if (levels[pin] != level && (watched[pin] & kind) != 0) counted[pin]++;
  levels[pin] = level;
}

/* ---- Set-up ---------------------------------------------------------------------------------------------------- */

static void start(void) {
  char reason[200];
  const rosehip_runtime_config_t config = {.arena = &arena, .port = &port, .client_key = {'k', 'e', 'y', '1'}};
  rosehip_arena_init(&arena, memory, sizeof memory);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_runtime_create(&config, &runtime));
  TEST_ASSERT_EQUAL_MESSAGE(ROSEHIP_OK, rosehip_runtime_load(runtime, module, module_bytes, reason, sizeof reason),
                            reason);
  rosehip_runtime_step(runtime, now);
}

void setUp(void) {
  hardware = (rosehip_hardware_t){
      .context = words, .gpio_mode = gpio_mode, .gpio_read = gpio_read, .gpio_write = gpio_write,
      .gpio_watch = gpio_watch, .gpio_edge = gpio_edge, .pwm_write = pwm_write, .adc_read = adc_read,
      .i2c_open = i2c_open, .i2c_transfer = i2c_transfer, .spi_open = spi_open, .spi_transfer = spi_transfer,
      .reset = reset};
  port = (rosehip_port_t){.link_kind = ROSEHIP_FRAMING_DATAGRAM, .mtu_bytes = 512, .now_us = now_us,
                          .write = write_nothing, .random = fill_random, .hardware = &hardware};
  now = 1;
  memset(words, 0, sizeof words);
  memset(watched, 0, sizeof watched);
  memset(counted, 0, sizeof counted);
  memset(levels, 0, sizeof levels);
  calls = edge_count = resets = 0;
  status = ROSEHIP_OK;
  start();
}

void tearDown(void) {
  rosehip_runtime_destroy(runtime);
  runtime = NULL;
  TEST_ASSERT_EQUAL_MESSAGE(0, arena.used, "the runtime left memory allocated");
}

static void step(void) { rosehip_runtime_step(runtime, ++now); }

/* Lets the app call a function; what that gave. */
static int32_t call_all(const int32_t* command) {
  memcpy(words, command, sizeof words);
  result = 12345;
  calls = 0;
  now += 1000000;
  step();
  return result;
}

#define CALL(...) call_all((const int32_t[WORDS]){__VA_ARGS__})

static void assert_call(const char* name, int64_t a, int64_t b, int64_t c, int64_t d) {
  TEST_ASSERT_EQUAL(1, calls);
  TEST_ASSERT_EQUAL_STRING(name, got.name);
  const int64_t values[] = {a, b, c, d};
  TEST_ASSERT_EQUAL_INT64_ARRAY(values, got.values, 4);
}

/* What does not get to the board. */
static void assert_refused(int32_t expected, int32_t given) {
  TEST_ASSERT_EQUAL(expected, given);
  TEST_ASSERT_EQUAL(0, calls);
}

/* ---- Pins -------------------------------------------------------------------------------------------------------- */

static void test_pins_are_the_boards(void) {
  TEST_ASSERT_EQUAL(ROSEHIP_OK, CALL(GPIO, MODE, 7, 4));
  assert_call("mode", 7, ROSEHIP_GPIO_OUTPUT_OPEN_DRAIN, 0, 0);
  status = 1;
  TEST_ASSERT_EQUAL(1, CALL(GPIO, READ, 7, 99));
  assert_call("read", 7, 0, 0, 0);
  status = ROSEHIP_ERROR_INVALID_ARGUMENT;
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(GPIO, WRITE, -1, 1));
  assert_call("write", UINT32_MAX, 1, 0, 0);
  status = ROSEHIP_OK;
  TEST_ASSERT_EQUAL(ROSEHIP_OK, CALL(PWM, 5, 1000, 1000));
  assert_call("pwm", 5, 1000, 1000, 0);
  status = 3300;
  TEST_ASSERT_EQUAL(3300, CALL(ADC, 34, 1));
  assert_call("adc", 34, ROSEHIP_ADC_MILLIVOLTS, 0, 0);
}

static void test_pins_refuse_what_is_no_mode_level_or_unit(void) {
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(GPIO, MODE, 7, 5));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(GPIO, MODE, 7, -1));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(GPIO, WRITE, 7, 2));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(GPIO, WATCH, 7, 4));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(GPIO, 4, 7, 0));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(GPIO, -1, 7, 0));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(PWM, 5, 1000, 1001));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(PWM, 5, 0, 1));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(ADC, 34, 2));
}

/* ---- Edges ------------------------------------------------------------------------------------------------------- */

static void assert_edge(unsigned index, int32_t pin, uint32_t count, bool level) {
  TEST_ASSERT_TRUE(index < edge_count);
  TEST_ASSERT_EQUAL(pin, edges[index].pin);
  TEST_ASSERT_EQUAL(count, edges[index].edges);
  TEST_ASSERT_EQUAL(level, edges[index].level);
}

static void test_an_edge_wakes_the_app(void) {
  CALL(GPIO, WATCH, 3, 3);
  change(3, true);
  step();
  TEST_ASSERT_EQUAL(1, edge_count);
  assert_edge(0, 3, 1, true);
  step();
  TEST_ASSERT_EQUAL(1, edge_count);
}

static void test_edges_that_come_together_are_one_event_for_each_pin(void) {
  CALL(GPIO, WATCH, 3, 3);
  CALL(GPIO, WATCH, 4, 2);
  for (int i = 0; i < 7; i++) change(3, i % 2 == 0), change(4, i % 2 == 0);
  step();
  TEST_ASSERT_EQUAL(2, edge_count);
  assert_edge(0, 3, 7, true);
  assert_edge(1, 4, 3, true);
}

static void test_a_count_that_is_full_is_told_as_the_most_there_is(void) {
  CALL(GPIO, WATCH, 3, 3);
  levels[3] = true;
  counted[3] = UINT32_MAX;
  step();
  assert_edge(0, 3, 0x3fffffff, true);
}

static void test_pin_0_and_the_last_one_are_told(void) {
  CALL(GPIO, WATCH, 0, 1);
  CALL(GPIO, WATCH, 9, 1);
  change(0, true), change(9, true);
  step();
  assert_edge(0, 0, 1, true);
  assert_edge(1, 9, 1, true);
}

static void test_nothing_is_asked_of_a_board_whose_pins_are_not_watched(void) {
  counted[3] = 1;
  step();
  TEST_ASSERT_EQUAL(0, edge_count);
  TEST_ASSERT_EQUAL(1, counted[3]);
}

/* ---- Buses ------------------------------------------------------------------------------------------------------- */

static void test_i2c_writes_and_reads(void) {
  TEST_ASSERT_EQUAL(ROSEHIP_OK, CALL(I2C_OPEN, 0, -1, 22, 400000));
  assert_call("i2c open", 0, -1, 22, 400000);
  CALL(FILL, OUTPUT, 0xa5, 512);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, CALL(I2C_TRANSFER, 1, 0x7f, OUTPUT, 512, INPUT, 512));
  assert_call("i2c", 1, 0x7f, 0, 0);
  TEST_ASSERT_EQUAL(512, got.output_bytes);
  TEST_ASSERT_EQUAL_HEX8(0xa5, got.first);
  TEST_ASSERT_EQUAL_HEX8(0xa5, got.last);
  TEST_ASSERT_EQUAL(2, CALL(LOAD, INPUT + 1));
  TEST_ASSERT_EQUAL(255, CALL(LOAD, INPUT + 254));
  TEST_ASSERT_EQUAL(0, CALL(LOAD, INPUT + 512));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, CALL(I2C_TRANSFER, 1, 0, 0, 0, APP_BYTES, 0));
  assert_call("i2c", 1, 0, 0, 0);
}

static void test_what_a_bus_says_comes_to_the_app(void) {
  static const int errors[] = {ROSEHIP_ERROR_NACK, ROSEHIP_ERROR_TIMEOUT, ROSEHIP_ERROR_BUS};
  for (int i = 0; i < 3; i++) {
    status = errors[i];
    TEST_ASSERT_EQUAL(errors[i], CALL(I2C_TRANSFER, 0, 1, OUTPUT, 1, INPUT, 1));
    TEST_ASSERT_EQUAL(errors[i], CALL(SPI_TRANSFER, 0, 1, 0, 1000000, OUTPUT, 1, INPUT, 1));
  }
}

static void test_i2c_refuses_lengths_addresses_and_speeds(void) {
  assert_refused(ROSEHIP_ERROR_TOO_LARGE, CALL(I2C_TRANSFER, 0, 1, OUTPUT, 513, INPUT, 0));
  assert_refused(ROSEHIP_ERROR_TOO_LARGE, CALL(I2C_TRANSFER, 0, 1, OUTPUT, 0, INPUT, 513));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(I2C_TRANSFER, 0, 0x80, OUTPUT, 1, INPUT, 1));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(I2C_TRANSFER, 0, 1, APP_BYTES - 1, 2, INPUT, 1));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(I2C_TRANSFER, 0, 1, OUTPUT, 1, APP_BYTES, 1));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(I2C_TRANSFER, 0, 1, OUTPUT, -1, INPUT, 1));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(I2C_TRANSFER, 0, 1, -1, 1, INPUT, 1));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(I2C_OPEN, 0, -2, -1, 100000));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(I2C_OPEN, 0, -1, -2, 100000));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(I2C_OPEN, 0, -1, -1, 9999));
}

static void test_spi_exchanges_octets(void) {
  TEST_ASSERT_EQUAL(ROSEHIP_OK, CALL(SPI_OPEN, 1, 18, -1, 19));
  assert_call("spi open", 1, 18, -1, 19);
  CALL(FILL, OUTPUT, 0x3c, 4092);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, CALL(SPI_TRANSFER, 1, 5, 3, 40000000, OUTPUT, 4092, INPUT, 4092));
  assert_call("spi", 1, 5, 3, 40000000);
  TEST_ASSERT_EQUAL_HEX8(0x3c, got.last);
  TEST_ASSERT_EQUAL(0xfc, CALL(LOAD, INPUT + 4091));
  TEST_ASSERT_EQUAL(ROSEHIP_OK, CALL(SPI_TRANSFER, 1, -1, 0, 1000000, OUTPUT, 3, 0, 0));
  TEST_ASSERT_FALSE(got.has_input);
  TEST_ASSERT_EQUAL(ROSEHIP_OK, CALL(SPI_TRANSFER, 1, -1, 0, 1000000, OUTPUT, 3, OUTPUT, 3));
  TEST_ASSERT_EQUAL(3, CALL(LOAD, OUTPUT + 2));
}

static void test_spi_refuses_lengths_modes_and_transfers_without_end(void) {
  assert_refused(ROSEHIP_ERROR_TOO_LARGE, CALL(SPI_TRANSFER, 0, 5, 0, 40000000, OUTPUT, 4093, INPUT, 4093));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(SPI_TRANSFER, 0, 5, 0, 1000000, OUTPUT, 0, INPUT, 0));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(SPI_TRANSFER, 0, 5, 0, 1000000, OUTPUT, 4, INPUT, 3));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(SPI_TRANSFER, 0, 5, 0, 1000000, OUTPUT, 0, INPUT, 3));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(SPI_TRANSFER, 0, 5, 4, 1000000, OUTPUT, 4, INPUT, 4));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(SPI_TRANSFER, 0, -2, 0, 1000000, OUTPUT, 4, INPUT, 4));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(SPI_TRANSFER, 0, 5, 0, 1000000, APP_BYTES - 3, 4, INPUT, 4));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(SPI_TRANSFER, 0, 5, 0, 1000000, OUTPUT, 4, -4, 8));
  /* 200 ms for 100 octets: 4,000 Hz. */
  TEST_ASSERT_EQUAL(ROSEHIP_OK, CALL(SPI_TRANSFER, 0, 5, 0, 4000, OUTPUT, 100, INPUT, 100));
  assert_refused(ROSEHIP_ERROR_TOO_LARGE, CALL(SPI_TRANSFER, 0, 5, 0, 3999, OUTPUT, 100, INPUT, 100));
  assert_refused(ROSEHIP_ERROR_TOO_LARGE, CALL(SPI_TRANSFER, 0, 5, 0, 0, OUTPUT, 1, INPUT, 1));
  assert_refused(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(SPI_OPEN, 0, -2, -1, -1));
}

/* ---- Random numbers ---------------------------------------------------------------------------------------------- */

static void test_random_numbers_fill_what_is_the_apps(void) {
  TEST_ASSERT_EQUAL(ROSEHIP_OK, CALL(RANDOM, OUTPUT, 256));
  TEST_ASSERT_EQUAL_HEX8(0x5a, CALL(LOAD, OUTPUT + 255));
  TEST_ASSERT_EQUAL_HEX8(0, CALL(LOAD, OUTPUT + 256));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_TOO_LARGE, CALL(RANDOM, OUTPUT, 257));
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_INVALID_ARGUMENT, CALL(RANDOM, APP_BYTES - 15, 16));
  port.random = NULL;
  TEST_ASSERT_EQUAL(ROSEHIP_ERROR_UNSUPPORTED, CALL(RANDOM, OUTPUT, 16));
}

/* ---- Boards and runs --------------------------------------------------------------------------------------------- */

static void test_a_board_without_a_kind_of_thing_says_so(void) {
  /* Of a board without gpio_mode and pwm_write the app could not tell anything. */
  hardware.gpio_watch = NULL;
  assert_refused(ROSEHIP_ERROR_UNSUPPORTED, CALL(GPIO, WATCH, 7, 3));
  hardware.adc_read = NULL;
  assert_refused(ROSEHIP_ERROR_UNSUPPORTED, CALL(ADC, 7, 0));
  hardware.i2c_transfer = NULL;
  assert_refused(ROSEHIP_ERROR_UNSUPPORTED, CALL(I2C_OPEN, 0, -1, -1, 100000));
  assert_refused(ROSEHIP_ERROR_UNSUPPORTED, CALL(I2C_TRANSFER, 0, 1, OUTPUT, 1, INPUT, 1));
  hardware.spi_transfer = NULL;
  assert_refused(ROSEHIP_ERROR_UNSUPPORTED, CALL(SPI_OPEN, 0, -1, -1, -1));
  assert_refused(ROSEHIP_ERROR_UNSUPPORTED, CALL(SPI_TRANSFER, 0, 1, 0, 1000000, OUTPUT, 1, INPUT, 1));
}

static void test_the_end_of_a_run_gives_everything_back(void) {
  CALL(GPIO, MODE, 7, 3);
  CALL(GPIO, WATCH, 3, 3);
  TEST_ASSERT_EQUAL(0, resets);
  CALL(TRAP);
  TEST_ASSERT_EQUAL(1, resets);
  words[0] = 0;
  change(3, true);
  now += 60000000;
  step();
  TEST_ASSERT_EQUAL(0, edge_count);
}

static void test_a_board_that_has_nothing_stays_whole(void) {
  char reason[200];
  port.hardware = NULL;
  TEST_ASSERT_EQUAL(ROSEHIP_OK, rosehip_runtime_load(runtime, module, module_bytes, reason, sizeof reason));
  step();
  TEST_ASSERT_EQUAL(0, resets);
  TEST_ASSERT_EQUAL(0, calls);
}

/* ---- Any arguments ----------------------------------------------------------------------------------------------- */

static uint32_t seed;

static uint32_t below(uint32_t limit) {
  seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
  return seed % limit;
}

static int32_t any_word(void) {
  static const int32_t edge_cases[] = {0,    1,    2,     3,     4,     5,         -1,        -2,       0x7f,  0x80,
                                       255,  256,  257,   511,   512,   513,       4091,      4092,     4093,  9999,
                                       10000, OUTPUT, INPUT, 65023, 65024, APP_BYTES - 1, APP_BYTES, INT32_MAX,
                                       INT32_MIN, 400000, 40000000};
  if (below(8) == 0) return (int32_t)below(UINT32_MAX);
  return edge_cases[below(sizeof edge_cases / sizeof *edge_cases)];
}

/* The board's functions above check what comes to them; the sanitizers that nothing else is touched. */
static void test_any_arguments_leave_the_firmware_whole(void) {
  printf("seed %" PRIu32 "\n", seed);
  unsigned through = 0;
  for (int i = 0; i < 20000; i++) {
    int32_t command[WORDS] = {1 + (int32_t)below(8)};
    for (int k = 1; k < WORDS; k++) command[k] = any_word();
    /* So that the result is what it is about: no mailbox is touched. */
    if ((command[0] == GPIO || command[0] == PWM) && command[1] >= COMMAND) command[1] = 3;
    if (command[0] == GPIO && command[2] >= COMMAND) command[2] = 3;
    const int32_t given = call_all(command);
    TEST_ASSERT_TRUE(given != 12345);
    through += calls;
  }
  TEST_ASSERT_TRUE(through > 1000);
  TEST_ASSERT_EQUAL(0, rosehip_runtime_stats(runtime)->app_faults);
  TEST_ASSERT_TRUE(rosehip_arena_check(&arena));
}

static void read_module(void) {
  char path[400];
  snprintf(path, sizeof path, "%s/hardware.wasm", folder);
  FILE* file = fopen(path, "rb");
  if (file == NULL) {
    fprintf(stderr, "error: %s cannot be read\n", path);
    exit(1);
  }
  module_bytes = fread(module, 1, sizeof module, file);
  fclose(file);
}

int main(int argc, char** argv) {
  folder = argc > 1 ? argv[1] : TEST_APPS;
  seed = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 0) : (uint32_t)time(NULL) | 1u;
  read_module();
  UNITY_BEGIN();
  RUN_TEST(test_pins_are_the_boards);
  RUN_TEST(test_pins_refuse_what_is_no_mode_level_or_unit);
  RUN_TEST(test_an_edge_wakes_the_app);
  RUN_TEST(test_edges_that_come_together_are_one_event_for_each_pin);
  RUN_TEST(test_a_count_that_is_full_is_told_as_the_most_there_is);
  RUN_TEST(test_pin_0_and_the_last_one_are_told);
  RUN_TEST(test_nothing_is_asked_of_a_board_whose_pins_are_not_watched);
  RUN_TEST(test_i2c_writes_and_reads);
  RUN_TEST(test_what_a_bus_says_comes_to_the_app);
  RUN_TEST(test_i2c_refuses_lengths_addresses_and_speeds);
  RUN_TEST(test_spi_exchanges_octets);
  RUN_TEST(test_spi_refuses_lengths_modes_and_transfers_without_end);
  RUN_TEST(test_random_numbers_fill_what_is_the_apps);
  RUN_TEST(test_a_board_without_a_kind_of_thing_says_so);
  RUN_TEST(test_the_end_of_a_run_gives_everything_back);
  RUN_TEST(test_a_board_that_has_nothing_stays_whole);
  RUN_TEST(test_any_arguments_leave_the_firmware_whole);
  return UNITY_END();
}
