/* The firmware on a board without an operating system. */
#include "boot_image.h"
#include "chip.h"
#include "console.h"
#include "memory.h"
#include "rosehip/board.h"

/* Ends of the module that is linked in (app.S); the same address if there is none. */
extern const uint8_t factory_app[], factory_app_end[];

/* The linker script says where. */
extern const boot_image_t __boot_image;

enum { LINK_MTU_BYTES = 512, TEXT_BYTES = 256, LOOK_INTERVAL_US = 500000 };

static rosehip_arena_t arena;
static size_t shown_stack_bytes;
static uint64_t next_look_us;

static void console(void* context, const rosehip_log_line_t* line) {
  (void)context;
  char text[TEXT_BYTES];
  rosehip_board_log_text(line, text, sizeof text);
  console_line(text);
}

/* How much memory the board needed so far; said when the stack was deeper than ever, looked at now and then. */
static void show_memory(void) {
  char text[TEXT_BYTES];
  const uint64_t now_us = chip_now_us(NULL);
  if (now_us < next_look_us) return;
  next_look_us = now_us + LOOK_INTERVAL_US;
  const size_t peak = stack_peak_bytes();
  if (peak <= shown_stack_bytes) return;
  shown_stack_bytes = peak;
  rosehip_board_arena_text(&arena, text, sizeof text);
  console_line(text);
  console_number("stack: ", peak, 10);
  console_number(" of ", stack_bytes(), 10);
  console_line(" octets used at most");
}

static bool sleep(void* context, uint64_t until_us, bool writable) {
  show_memory();
  return chip_sleep(context, until_us, writable);
}

/*
 * SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014), seeded by the board's key and,
 * each time, by when the app asks: an emulated board has nothing better. A real chip has a generator.
 */
static uint64_t random_state;

static void random_octets(void* context, uint8_t* octets, size_t length_bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < length_bytes; i++) {
    if (i % 8 == 0) {
      random_state += UINT64_C(0x9e3779b97f4a7c15) + chip_now_us(context);
      value = (random_state ^ random_state >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
      value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
      value ^= value >> 31;
    }
    octets[i] = (uint8_t)(value >> (8 * (i % 8)));
  }
}

#ifdef ROSEHIP_APP_FLASH
static const rosehip_deployment_t* const deployment = &rosehip_deployment;
#else
static const rosehip_deployment_t* const deployment = NULL;
#endif

static rosehip_port_t port = {
    .link_kind = ROSEHIP_FRAMING_SERIAL,
    .mtu_bytes = LINK_MTU_BYTES,
    .now_us = chip_now_us,
    .read = chip_read,
    .write = chip_write,
    .console = console,
    .sleep = sleep,
    .random = random_octets,
};

/* FNV-1a. */
static uint32_t sum_of(const uint8_t* octets, size_t length_bytes) {
  uint32_t sum = 2166136261u;
  for (size_t i = 0; i < length_bytes; i++) sum = (sum ^ octets[i]) * 16777619u;
  return sum;
}

static void apply(const boot_image_t* image, rosehip_board_t* board) {
  if (image->magic != BOOT_IMAGE_MAGIC) return;
  for (int i = 0; i < 4; i++) board->config.client_key[i] = image->client_key[i];
  board->config.domain_id = image->domain_id;
  board->config.health_ms = image->health_ms;
  board->config.budget_us = image->budget_us;
  board->config.memory_limit_bytes = image->memory_limit_bytes;
  board->config.sample_limit_bytes = image->sample_limit_bytes;
  if (image->app_bytes == 0) return;
  if (image->app_bytes > BOOT_IMAGE_APP_LIMIT_BYTES || sum_of(image->app, image->app_bytes) != image->app_sum) {
    console_line("[ERROR] [rosehip]: the boot image's app is damaged, the one of the firmware runs instead");
    return;
  }
  board->app = image->app;
  board->app_bytes = image->app_bytes;
}

int main(void) {
  char reason[TEXT_BYTES];
  const size_t factory_app_bytes = (size_t)(factory_app_end - factory_app);
  rosehip_arena_init(&arena, __arena_start, (size_t)(__arena_end - __arena_start));
  /* A real board takes its key from the chip's unique id. */
  rosehip_board_t board = {
      .config = {.arena = &arena, .port = &port, .client_key = {0x0b, 0xad, 0xca, 0xfe}, .deployment = deployment},
      .app = factory_app_bytes > 0 ? factory_app : NULL, /* NULL: it is in the engine, or nowhere */
      .app_bytes = factory_app_bytes,
  };
#ifdef ROSEHIP_APP_FLASH
  port.app_flash = chip_app_flash;
#endif
  apply(&__boot_image, &board);
  for (int i = 0; i < 4; i++) random_state = random_state << 8 | board.config.client_key[i];
  rosehip_board_run(&board, reason, sizeof reason);
  chip_console("[FATAL] [rosehip]: ");
  console_line(reason);
  chip_halt();
}
