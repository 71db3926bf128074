#include "console.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void posix_put_line(char* text, size_t length) {
  struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
  text[length++] = '\n';
  if (poll(&output, 1, 0) == 1 && (output.revents & POLLOUT) != 0 && write(STDOUT_FILENO, text, length) < 0) return;
}

void posix_say(const char* format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (length > 0) posix_put_line(text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}

bool posix_number(char** rest, unsigned long highest, unsigned long* value) {
  char* end = NULL;
  *value = strtoul(*rest, &end, 0);
  if (end == *rest || *value > highest || (*end != ' ' && *end != '\0')) return false;
  *rest = end;
  return true;
}
