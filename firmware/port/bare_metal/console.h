/* Lines for whoever sits at the board, without printf. */
#ifndef ROSEHIP_BARE_METAL_CONSOLE_H
#define ROSEHIP_BARE_METAL_CONSOLE_H

#include <stdint.h>

/* A text and the end of the line. */
void console_line(const char* text);

/* A text and a number; `base` is 10 or 16. The line goes on. */
void console_number(const char* text, uint32_t number, uint32_t base);

#endif
