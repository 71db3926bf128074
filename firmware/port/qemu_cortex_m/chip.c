/*
 * Arm's MPS2 board with image AN385, a Cortex-M3 at 25 MHz, as QEMU has it: the link is UART 0, the console UART 1.
 *
 * Nothing is polled: octets come and go by the UARTs' interrupts, and the core sleeps in wfi until those or the alarm.
 */
#include "chip.h"

#include "memory.h"
#include "ring.h"

/* Addresses and numbers are those of Arm's application note AN385, chapter 3. */
#define REGISTER(address) (*(volatile uint32_t*)(uintptr_t)(address))
enum { CLOCK_HZ = 25000000, TICKS_PER_US = CLOCK_HZ / 1000000, LINK_BAUD = 115200, CONSOLE_BAUD = 115200 };

/* ARMv7-M: B3.4.4, B3.2.6, B3.2.15. */
#define NVIC_ENABLE REGISTER(0xe000e100u)
#define SCB_AIRCR REGISTER(0xe000ed0cu)
#define SCB_CFSR REGISTER(0xe000ed28u)
#define AIRCR_RESET 0x05fa0004u
enum { INTERRUPTS_USED = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 8 | 1 << 9 };

/* CMSDK timer: Cortex-M System Design Kit Technical Reference Manual, 4.2. Counts down at CLOCK_HZ. */
typedef volatile struct {
  uint32_t control, value, reload, interrupt;
} cmsdk_timer_t;
enum { TIMER_ON = 0x1, TIMER_INTERRUPT = 0x8, TIMER_CLEAR = 0x1 };
#define CLOCK ((cmsdk_timer_t*)0x40000000u)
#define ALARM ((cmsdk_timer_t*)0x40001000u)

/* CMSDK UART: the same manual, 4.3. One octet of buffer each way; interrupts are kept until cleared. */
typedef volatile struct {
  uint32_t data, state, control, interrupt, divisor;
} cmsdk_uart_t;
enum {
  STATE_SENDING = 0x1,
  STATE_RECEIVED = 0x2,
  CONTROL_ALL = 0xf, /* both directions, both interrupts */
  INTERRUPT_ALL = 0xf,
};

typedef struct {
  cmsdk_uart_t* registers;
  ring_t received, sending;
} uart_t;
#define UART_0 ((cmsdk_uart_t*)0x40004000u)
#define UART_1 ((cmsdk_uart_t*)0x40005000u)
static uart_t link, screen;

static volatile uint32_t clock_wraps;
static volatile bool woken; /* the alarm came */

static inline void interrupts_off(void) { __asm__ volatile("cpsid i" ::: "memory"); }
static inline void interrupts_on(void) { __asm__ volatile("cpsie i" ::: "memory"); }
static inline void wait_for_interrupt(void) { __asm__ volatile("wfi" ::: "memory"); }

/* From start.S. */
void chip_link_interrupt(void);
void chip_console_interrupt(void);
void chip_clock_interrupt(void);
void chip_alarm_interrupt(void);
noreturn void chip_fault(const uint32_t* frame);

/* ---- Clock ------------------------------------------------------------------------------------------------------- */

void chip_clock_interrupt(void) {
  CLOCK->interrupt = TIMER_CLEAR;
  clock_wraps = clock_wraps + 1;
}

static uint64_t ticks(void) {
  uint32_t high = 0, low = 0;
  do {
    high = clock_wraps;
    low = UINT32_MAX - CLOCK->value;
  } while (high != clock_wraps);
  return (uint64_t)high << 32 | low;
}

uint64_t chip_now_us(void* context) {
  (void)context;
  return ticks() / TICKS_PER_US;
}

void chip_alarm_interrupt(void) {
  ALARM->control = 0;
  ALARM->interrupt = TIMER_CLEAR;
  woken = true;
}

/* The alarm comes at `until_us`, at once if that is over, and after 171 s at the latest: what its counter holds. */
static void set_alarm(uint64_t until_us) {
  const uint64_t now_us = chip_now_us(NULL);
  const uint64_t most_us = UINT32_MAX / TICKS_PER_US;
  uint64_t wait_us = until_us > now_us ? until_us - now_us : 0;
  if (wait_us > most_us) wait_us = most_us;
  ALARM->control = 0;
  ALARM->interrupt = TIMER_CLEAR;
  woken = wait_us == 0;
  if (woken) return;
  ALARM->reload = ALARM->value = (uint32_t)wait_us * TICKS_PER_US;
  ALARM->control = TIMER_ON | TIMER_INTERRUPT;
}

/* ---- UARTs ------------------------------------------------------------------------------------------------------- */

/*
 * Both directions; not while an interrupt of the same UART can come. When `received` is full the last octet stays in
 * the UART until chip_read has made room: as long as the sender's flow control allows, nothing is lost.
 */
static void serve(uart_t* uart) {
  cmsdk_uart_t* registers = uart->registers;
  registers->interrupt = INTERRUPT_ALL; /* first: what happens from now on interrupts again */
  while (!ring_is_full(&uart->received) && (registers->state & STATE_RECEIVED) != 0) {
    ring_put(&uart->received, (uint8_t)registers->data);
  }
  while (!ring_is_empty(&uart->sending) && (registers->state & STATE_SENDING) == 0) {
    registers->data = ring_take(&uart->sending);
  }
}

static void serve_now(uart_t* uart) {
  interrupts_off();
  serve(uart);
  interrupts_on();
}

void chip_link_interrupt(void) { serve(&link); }

void chip_console_interrupt(void) {
  serve(&screen);
  while (!ring_is_empty(&screen.received)) ring_take(&screen.received); /* nobody asks what is typed */
}

int chip_read(void* context, uint8_t* buffer, size_t size_bytes) {
  (void)context;
  const bool was_full = ring_is_full(&link.received);
  size_t count = 0;
  while (count < size_bytes && !ring_is_empty(&link.received)) buffer[count++] = ring_take(&link.received);
  if (was_full) serve_now(&link);
  return (int)count;
}

int chip_write(void* context, const uint8_t* bytes, size_t length_bytes) {
  (void)context;
  size_t count = 0;
  while (count < length_bytes && !ring_is_full(&link.sending)) ring_put(&link.sending, bytes[count++]);
  serve_now(&link);
  return (int)count;
}

/* What does not fit is lost, as nothing may wait for who reads it. */
void chip_console(const char* text) {
  for (; *text != '\0'; text++) {
    if (ring_is_full(&screen.sending)) serve_now(&screen);
    if (!ring_is_full(&screen.sending)) ring_put(&screen.sending, (uint8_t)*text);
  }
  serve_now(&screen);
}

/* ---- Life -------------------------------------------------------------------------------------------------------- */

bool chip_sleep(void* context, uint64_t until_us, bool writable) {
  (void)context;
  set_alarm(until_us);
  for (;;) {
    /* With interrupts off none can come between the look and wfi; wfi ends by one that waits. */
    interrupts_off();
    const bool ready = woken || !ring_is_empty(&link.received) || (writable && !ring_is_full(&link.sending));
    if (!ready) wait_for_interrupt();
    interrupts_on();
    if (ready) return true;
  }
}

void chip_start(void) {
  CLOCK->reload = CLOCK->value = UINT32_MAX;
  CLOCK->control = TIMER_ON | TIMER_INTERRUPT;
  link.registers = UART_0;
  screen.registers = UART_1;
  UART_0->divisor = CLOCK_HZ / LINK_BAUD;
  UART_1->divisor = CLOCK_HZ / CONSOLE_BAUD;
  UART_0->control = UART_1->control = CONTROL_ALL;
  NVIC_ENABLE = INTERRUPTS_USED;
  interrupts_on();
}

/* Lets the console say the rest of its lines. */
static void drain_console(void) {
  interrupts_off();
  while (!ring_is_empty(&screen.sending)) serve(&screen);
}

noreturn void chip_reset(void) {
  drain_console();
  SCB_AIRCR = AIRCR_RESET;
  for (;;) wait_for_interrupt();
}

noreturn void chip_halt(void) {
  drain_console();
  for (;;) wait_for_interrupt();
}

/* `frame` is what the core has put on main's stack: the seventh word is the address. Without room there is none. */
noreturn void chip_fault(const uint32_t* frame) {
  const bool is_whole = frame >= __stack_bottom && frame + 8 <= __stack_top;
  board_fault(is_whole ? "the firmware failed" : "the stack is full", SCB_CFSR, is_whole ? frame[6] : 0);
}
