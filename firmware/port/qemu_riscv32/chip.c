/*
 * QEMU's "virt" machine with one RV32IMC hart, the instruction set of the ESP32-C3: the link is its ns16550 UART, the
 * clock its CLINT. The machine has no second UART, so the console is semihosting (-semihosting-config); where nobody
 * listens to it, nothing is said.
 *
 * Nothing is polled: octets come and go by the UART's interrupt, and the hart sleeps in wfi until that or the timer.
 */
#include "chip.h"

#include "ring.h"
#include "riscv.h"

/* Addresses and numbers are those of QEMU's hw/riscv/virt.c. */
#define REGISTER32(address) (*(volatile uint32_t*)(uintptr_t)(address))
#define REGISTER8(address) (*(volatile uint8_t*)(uintptr_t)(address))

/* Core-local interruptor: 10 MHz. */
#define MTIMECMP_LOW REGISTER32(0x02004000u)
#define MTIMECMP_HIGH REGISTER32(0x02004004u)
#define MTIME_LOW REGISTER32(0x0200bff8u)
#define MTIME_HIGH REGISTER32(0x0200bffcu)
enum { TICKS_PER_US = 10 };

/* Platform-level interrupt controller, context 0: machine mode of hart 0. */
#define PLIC_PRIORITY(source) REGISTER32(0x0c000000u + 4u * (source))
#define PLIC_ENABLE REGISTER32(0x0c002000u)
#define PLIC_THRESHOLD REGISTER32(0x0c200000u)
#define PLIC_CLAIM REGISTER32(0x0c200004u)
#define UART_SOURCE 10u

/* ns16550 (PC16550D data sheet, table II), clocked with 3.6864 MHz. */
#define UART_DATA REGISTER8(0x10000000u)
#define UART_DIVISOR_LOW REGISTER8(0x10000000u)
#define UART_INTERRUPTS REGISTER8(0x10000001u)
#define UART_DIVISOR_HIGH REGISTER8(0x10000001u)
#define UART_FIFO REGISTER8(0x10000002u)
#define UART_LINE_CONTROL REGISTER8(0x10000003u)
#define UART_MODEM_CONTROL REGISTER8(0x10000004u)
#define UART_LINE_STATUS REGISTER8(0x10000005u)
enum {
  UART_CLOCK_HZ = 3686400,
  LINK_BAUD = 115200,
  INTERRUPT_RECEIVED = 0x01,
  INTERRUPT_SENT = 0x02,
  FIFO_ON_AND_EMPTY = 0x07, /* an interrupt from one octet on: they are taken as they come */
  FIFO_OCTETS = 16,
  LINE_8N1 = 0x03,
  LINE_DIVISOR_ACCESS = 0x80,
  MODEM_DTR_RTS = 0x03,
  STATUS_RECEIVED = 0x01,
  STATUS_SENT = 0x20,
};

/* SiFive test device. */
#define FINISHER REGISTER32(0x00100000u)
#define FINISHER_RESET 0x7777u

enum { SEMIHOSTING_WRITE0 = 0x04 };
int semihosting(int operation, const void* argument);
extern const uint8_t semihosting_sign[];

static ring_t received, sending;
static uint64_t start_ticks;
static volatile bool woken; /* the timer came */
static volatile bool nobody_listens; /* to semihosting */

/* ---- Clock ------------------------------------------------------------------------------------------------------- */

static uint64_t ticks(void) {
  uint32_t high = 0, low = 0;
  do {
    high = MTIME_HIGH;
    low = MTIME_LOW;
  } while (high != MTIME_HIGH);
  return (uint64_t)high << 32 | low;
}

uint64_t chip_now_us(void* context) {
  (void)context;
  return (ticks() - start_ticks) / TICKS_PER_US;
}

/* The timer's interrupt comes at `until_us`, at once if that is over. */
static void set_alarm(uint64_t until_us) {
  const uint64_t latest = (UINT64_MAX - start_ticks) / TICKS_PER_US;
  const uint64_t at = start_ticks + (until_us < latest ? until_us : latest) * TICKS_PER_US;
  MTIMECMP_LOW = UINT32_MAX; /* so that no earlier time is seen between the two halves */
  MTIMECMP_HIGH = (uint32_t)(at >> 32);
  MTIMECMP_LOW = (uint32_t)at;
  CSR_SET(mie, MIE_TIMER);
}

/* ---- Link -------------------------------------------------------------------------------------------------------- */

/*
 * Both directions. When `received` is full the rest stays in the UART and its interrupt is off until chip_read has made
 * room: as long as its FIFO and the sender's flow control allow, nothing is lost.
 */
static void serve_uart(void) {
  while (!ring_is_full(&received) && (UART_LINE_STATUS & STATUS_RECEIVED) != 0) ring_put(&received, UART_DATA);
  if ((UART_LINE_STATUS & STATUS_SENT) != 0) {
    for (int room = FIFO_OCTETS; room > 0 && !ring_is_empty(&sending); room--) UART_DATA = ring_take(&sending);
  }
  UART_INTERRUPTS = (uint8_t)((ring_is_full(&received) ? 0 : INTERRUPT_RECEIVED) |
                              (ring_is_empty(&sending) ? 0 : INTERRUPT_SENT));
}

static void serve_uart_now(void) {
  CSR_CLEAR(mstatus, MSTATUS_MIE);
  serve_uart();
  CSR_SET(mstatus, MSTATUS_MIE);
}

int chip_read(void* context, uint8_t* buffer, size_t size_bytes) {
  (void)context;
  const bool was_full = ring_is_full(&received);
  size_t count = 0;
  while (count < size_bytes && !ring_is_empty(&received)) buffer[count++] = ring_take(&received);
  if (was_full) serve_uart_now();
  return (int)count;
}

int chip_write(void* context, const uint8_t* bytes, size_t length_bytes) {
  (void)context;
  size_t count = 0;
  while (count < length_bytes && !ring_is_full(&sending)) ring_put(&sending, bytes[count++]);
  serve_uart_now();
  return (int)count;
}

static void start_uart(void) {
  const unsigned divisor = UART_CLOCK_HZ / (16 * LINK_BAUD);
  UART_INTERRUPTS = 0;
  UART_LINE_CONTROL = LINE_8N1 | LINE_DIVISOR_ACCESS;
  UART_DIVISOR_LOW = (uint8_t)divisor;
  UART_DIVISOR_HIGH = (uint8_t)(divisor >> 8);
  UART_LINE_CONTROL = LINE_8N1;
  UART_MODEM_CONTROL = MODEM_DTR_RTS;
  UART_FIFO = FIFO_ON_AND_EMPTY;
  UART_INTERRUPTS = INTERRUPT_RECEIVED;
  PLIC_PRIORITY(UART_SOURCE) = 1;
  PLIC_ENABLE = 1u << UART_SOURCE;
  PLIC_THRESHOLD = 0;
}

/* ---- Sleep ------------------------------------------------------------------------------------------------------- */

bool chip_sleep(void* context, uint64_t until_us, bool writable) {
  (void)context;
  woken = false;
  set_alarm(until_us);
  for (;;) {
    /* With interrupts off none can come between the look and wfi; wfi ends by one that waits. */
    CSR_CLEAR(mstatus, MSTATUS_MIE);
    const bool ready = woken || !ring_is_empty(&received) || (writable && !ring_is_full(&sending));
    if (!ready) WAIT_FOR_INTERRUPT();
    CSR_SET(mstatus, MSTATUS_MIE);
    if (ready) return true;
  }
}

/* ---- Interrupts and faults --------------------------------------------------------------------------------------- */

/* From start.S. Returns the address at which to go on. */
uint32_t chip_trap(uint32_t cause, uint32_t address);
uint32_t chip_trap(uint32_t cause, uint32_t address) {
  if (cause == MCAUSE_TIMER) {
    CSR_CLEAR(mie, MIE_TIMER);
    woken = true;
    return address;
  }
  if (cause == MCAUSE_EXTERNAL) {
    const uint32_t source = PLIC_CLAIM;
    if (source == UART_SOURCE) serve_uart();
    if (source != 0) PLIC_CLAIM = source;
    return address;
  }
  if (cause == MCAUSE_BREAKPOINT && address == (uint32_t)(uintptr_t)semihosting_sign) {
    nobody_listens = true;
    return address + 4;
  }
  board_fault("the firmware failed", cause, address);
}

void chip_start(void) {
  start_ticks = ticks();
  start_uart();
  CSR_SET(mie, MIE_EXTERNAL);
  CSR_SET(mstatus, MSTATUS_MIE);
}

void chip_console(const char* text) {
  if (!nobody_listens) semihosting(SEMIHOSTING_WRITE0, text);
}

noreturn void chip_reset(void) {
  FINISHER = FINISHER_RESET;
  for (;;) WAIT_FOR_INTERRUPT();
}

noreturn void chip_halt(void) {
  CSR_CLEAR(mstatus, MSTATUS_MIE);
  for (;;) WAIT_FOR_INTERRUPT();
}
