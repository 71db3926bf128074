#include "memory.h"

void memory_start(void) {
  const uint32_t* from = __data_source;
  for (uint32_t* to = __data_start; to != __data_end; to++) *to = *from++;
  for (uint32_t* to = __bss_start; to != __bss_end; to++) *to = 0;
}

size_t stack_peak_bytes(void) {
  const uint32_t* lowest = __stack_bottom;
  while (lowest != __stack_top && *lowest == STACK_PAINT) lowest++;
  return (size_t)((uintptr_t)__stack_top - (uintptr_t)lowest);
}
