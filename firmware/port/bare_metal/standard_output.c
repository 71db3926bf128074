/* The C library's stdout is the console: for programs that print, such as tests. The firmware does not. */
#include <stdio.h>

#include "chip.h"

static int put(char octet, FILE* file) {
  (void)file;
  chip_console((const char[]){octet, '\0'});
  return (unsigned char)octet;
}

static FILE console = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE* const stdout = &console;
