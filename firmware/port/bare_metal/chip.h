/*
 * What the boards without an operating system have in common is main.c; what it needs of the chip is this. A board of
 * one kind alone would have it all in one file: see port/template.
 */
#ifndef ROSEHIP_BARE_METAL_CHIP_H
#define ROSEHIP_BARE_METAL_CHIP_H

#include <stdint.h>
#include <stdnoreturn.h>

#include "rosehip/port.h"

/* Brings up clock, link and console, and lets interrupts come: the start-up code calls it, before main. */
void chip_start(void);

/* The functions of rosehip_port_t. They get no context. */
uint64_t chip_now_us(void* context);
int chip_read(void* context, uint8_t* buffer, size_t size_bytes);
int chip_write(void* context, const uint8_t* bytes, size_t length_bytes);
bool chip_sleep(void* context, uint64_t until_us, bool writable);

/* Flash for apps that come over the link; with -DROSEHIP_APP_FLASH alone, so that others do not pay for it. */
extern const rosehip_flash_t* const chip_app_flash;

/* Writes a text that ends with a NUL to whoever sits at the board. Works in a fault, too. */
void chip_console(const char* text);

/* Starts the chip anew, as its reset line does; so does the return of main. */
noreturn void chip_reset(void);

/* The board has nothing more to do, for example since its app is none: waits for power to go. */
noreturn void chip_halt(void);

/* For the chip's fault handlers: says what happened, and starts anew. `address`: of the instruction. */
noreturn void board_fault(const char* what, uint32_t cause, uint32_t address);

#endif
