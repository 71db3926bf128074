/* The board's console: standard output and input of the process. */
#ifndef ROSEHIP_POSIX_CONSOLE_H
#define ROSEHIP_POSIX_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Shows `length` octets and a line end, for which `text` has room. Never blocks: a line that standard output cannot take
 * is lost, as on a UART that nobody reads. At most PIPE_BUF (512) octets: POLLOUT then means that a pipe takes all.
 */
void posix_put_line(char* text, size_t length);

/* Shows a line as printf has it, cut to 255 octets. */
void posix_say(const char* format, ...);

/* Takes the next number of a line of input, decimal or 0x..., 0 to `highest`. False, and *rest as it was, without one. */
bool posix_number(char** rest, unsigned long highest, unsigned long* value);

#endif
