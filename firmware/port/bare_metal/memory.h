/* What the linker script says of the memory, and how deep the stack was. */
#ifndef ROSEHIP_BARE_METAL_MEMORY_H
#define ROSEHIP_BARE_METAL_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#define STACK_PAINT 0xa5a5a5a5u

extern uint32_t __stack_bottom[], __stack_top[];
extern uint32_t __data_start[], __data_end[], __bss_start[], __bss_end[];
extern const uint32_t __data_source[];
extern uint8_t __arena_start[], __arena_end[];

/* Gives data their first values. Nothing else of C may run before it; the start-up code has painted the stack. */
void memory_start(void);

static inline size_t stack_bytes(void) { return (size_t)((uintptr_t)__stack_top - (uintptr_t)__stack_bottom); }

/* Octets of the stack that were ever used: what is below has still its paint. */
size_t stack_peak_bytes(void);

#endif
