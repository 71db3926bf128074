/*
 * Stands for your chip's own headers: a timer, a UART with buffers that interrupts or DMA fill and empty, and what the
 * chip has besides. Delete it, and call what your vendor gives you.
 */
#ifndef ROSEHIP_TEMPLATE_VENDOR_H
#define ROSEHIP_TEMPLATE_VENDOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Clocks, pins, interrupt controller. */
void vendor_start(void);

/* A counter of microseconds that does not wrap in the life of a boot: 64 bits. */
uint64_t vendor_timer_us(void);
/* An interrupt at that time, at once if it is over. Another call takes the place of the one before. */
void vendor_timer_interrupt_at(uint64_t until_us);

void vendor_uart_start(unsigned baud);
size_t vendor_uart_received(void);     /* octets that can be read now */
size_t vendor_uart_can_take(void);     /* octets that can be written now */
size_t vendor_uart_read(uint8_t* buffer, size_t size_bytes);
size_t vendor_uart_write(const uint8_t* bytes, size_t length_bytes);

void vendor_console_write(const char* text, size_t length_bytes);

void vendor_interrupts_off(void);
void vendor_interrupts_on(void);
/* Stops the core until an interrupt waits, also while interrupts are off. */
void vendor_wait_for_interrupt(void);

void vendor_random(uint8_t* octets, size_t length_bytes);
void vendor_unique_id(uint8_t* id, size_t size_bytes);
void vendor_watchdog_start(uint32_t timeout_ms);
void vendor_watchdog_feed(void);

#endif
