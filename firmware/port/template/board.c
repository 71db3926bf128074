/*
 * A new board, to copy: firmware/port/<yours>/board.c. It compiles (a test does so); what it cannot know are your chip's
 * registers, which vendor.h stands for. rosehip/port.h is the contract, this is a way to keep it.
 *
 * What the board must have:
 *
 *   memory   RAM for the arena: an app's linear memory, what the interpreter makes of its code, and the entities; the
 *            emulated boards tell how much that is. A C stack for what the app may use (d_m3MaxNativeStack), 8 KiB more
 *            for the firmware, and what your interrupts need.
 *   clock    microseconds, 64 bits, never backward, and an interrupt at a given time.
 *   link     a UART, USB, UDP or TCP. A UART's interrupt or DMA must take octets as they come, also while an app runs (up
 *            to budget_us) and while flash is written: the buffer is at least baud / 10 * that time, or the line has flow
 *            control. What is lost is sent again, at the cost of time.
 *   sleep    wait for whichever comes first: octets, room to write, the time. Nothing is polled.
 *
 * What it may have: a console, storage, flash for apps, pins and buses, a random generator. A port without one leaves the
 * function out, and the app is told so.
 *
 * How it is seen to work: the system tests run on a real board, too, see CONTRIBUTING.md.
 */
#include "rosehip/board.h"
#include "vendor.h"

enum {
  ARENA_BYTES = 96 * 1024,
  LINK_BAUD = 115200,
  LINK_MTU_BYTES = 512, /* largest DDS-XRCE message; longer samples go in fragments */
  WATCHDOG_MS = 8000,   /* well over budget_us and the slowest write to flash */
  TEXT_BYTES = 256,
};

/* ---- The port ---------------------------------------------------------------------------------------------------- */

/*
 * Microseconds since the board started. Must not go backward, not even by one: do not put it together of two halves that
 * an interrupt can change in between. It is called some hundred times a second.
 */
static uint64_t now_us(void* context) {
  (void)context;
  return vendor_timer_us();
}

/*
 * Takes what has been received, without waiting: 1 to size_bytes octets, or 0. On a link that can be opened again (USB,
 * TCP) the first call after that returns ROSEHIP_ERROR_DISCONNECTED instead, so that a new session begins at once; a UART
 * knows no such thing. Over UDP, each call takes one datagram.
 */
static int read_link(void* context, uint8_t* buffer, size_t size_bytes) {
  (void)context;
  return (int)vendor_uart_read(buffer, size_bytes);
}

/*
 * Takes octets to send, without waiting: as many as there is room for, also 0. `bytes` may change after it has returned.
 * While nobody is at the other end (USB unplugged) it takes all of them and drops them.
 */
static int write_link(void* context, const uint8_t* bytes, size_t length_bytes) {
  (void)context;
  return (int)vendor_uart_write(bytes, length_bytes);
}

/* Shows a line to whoever sits at the board, without waiting: what the console cannot take is lost. */
static void console(void* context, const rosehip_log_line_t* line) {
  char text[TEXT_BYTES];
  (void)context;
  const size_t length_bytes = rosehip_board_log_text(line, text, sizeof text);
  vendor_console_write(text, length_bytes);
  vendor_console_write("\r\n", 2);
}

/*
 * Waits until there are octets to read, `until_us`, or, if `writable`, room to write. It may return early, never late.
 * Interrupts are off between the look and the wait: one that comes in between would otherwise be slept through. Each
 * turn of the firmware's loop passes here, at the latest after budget_us: the place for the watchdog.
 */
static bool sleep(void* context, uint64_t until_us, bool writable) {
  vendor_watchdog_feed();
  /* A long sleep is cut, so that the watchdog is fed in time. */
  const uint64_t longest_us = now_us(context) + WATCHDOG_MS * UINT64_C(1000) / 2;
  if (until_us > longest_us) until_us = longest_us;
  vendor_timer_interrupt_at(until_us);
  for (;;) {
    vendor_interrupts_off();
    const bool ready =
        vendor_uart_received() > 0 || (writable && vendor_uart_can_take() > 0) || now_us(context) >= until_us;
    if (!ready) vendor_wait_for_interrupt();
    vendor_interrupts_on(); /* what waited is served here */
    if (ready) return true;
  }
}

/* The chip's generator, after its warm-up; never the same sequence after two boots. Leave it out if there is none. */
static void random_octets(void* context, uint8_t* octets, size_t length_bytes) {
  (void)context;
  vendor_random(octets, length_bytes);
}

static const rosehip_port_t port = {
    .link_kind = ROSEHIP_FRAMING_SERIAL, /* STREAM: TCP, DATAGRAM: UDP */
    .mtu_bytes = LINK_MTU_BYTES,
    .now_us = now_us,
    .read = read_link,
    .write = write_link,
    .console = console,
    .sleep = sleep,
    .random = random_octets,
    .storage_read = NULL,  /* NVS, EEPROM or a file system: values that apps keep (rosehip/port.h) */
    .storage_write = NULL,
    .app_flash = NULL,     /* a region of flash, for apps that come over the link (rosehip/flash.h) */
    .hardware = NULL,      /* pins and buses for the app (rosehip/hardware.h) */
};

/* ---- Start ------------------------------------------------------------------------------------------------------- */

/* The app that is part of the firmware: made of app.wasm, e.g. by `xxd -i` or .incbin. */
extern const uint8_t app_wasm[];
extern const size_t app_wasm_bytes;

/*
 * The board's name towards the agent: the same after each boot, another one on each board, not all 0. FNV-1a spreads what
 * differs between two chips over all 4 octets.
 */
static void derive_key(uint8_t key[4]) {
  uint8_t id[12];
  uint32_t sum = 2166136261u;
  vendor_unique_id(id, sizeof id);
  for (size_t i = 0; i < sizeof id; i++) sum = (sum ^ id[i]) * 16777619u;
  if (sum == 0) sum = 1;
  for (int i = 0; i < 4; i++) key[i] = (uint8_t)(sum >> (8 * i));
}

int main(void) {
  static uint64_t memory[ARENA_BYTES / sizeof(uint64_t)];
  static rosehip_arena_t arena;
  static rosehip_board_t board;
  char reason[TEXT_BYTES];

  vendor_start();
  vendor_uart_start(LINK_BAUD);
  vendor_watchdog_start(WATCHDOG_MS);

  rosehip_arena_init(&arena, memory, sizeof memory);
  board = (rosehip_board_t){
      .config = {.arena = &arena, .port = &port, .domain_id = 0}, /* 0 elsewhere: the defaults of rosehip/runtime.h */
      .app = app_wasm,
      .app_bytes = app_wasm_bytes,
  };
  derive_key(board.config.client_key);
  rosehip_board_run(&board, reason, sizeof reason);

  /* Only a firmware that could not begin comes here. The watchdog starts it again, so that this is not said too often. */
  size_t length_bytes = 0;
  while (reason[length_bytes] != '\0') length_bytes++;
  vendor_console_write(reason, length_bytes);
  vendor_console_write("\r\n", 2);
  for (;;) vendor_wait_for_interrupt();
}
