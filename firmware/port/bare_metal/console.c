#include "console.h"

#include "chip.h"

void console_line(const char* text) {
  chip_console(text);
  chip_console("\n");
}

void console_number(const char* text, uint32_t number, uint32_t base) {
  char digits[11];
  char* first = digits + sizeof digits - 1;
  *first = '\0';
  do {
    *--first = "0123456789abcdef"[number % base];
    number /= base;
  } while (number != 0);
  chip_console(text);
  chip_console(first);
}

noreturn void board_fault(const char* what, uint32_t cause, uint32_t address) {
  chip_console("[FATAL] [rosehip]: ");
  chip_console(what);
  console_number(", cause 0x", cause, 16);
  console_number(" at 0x", address, 16);
  console_line(", the board starts again");
  chip_reset();
}
