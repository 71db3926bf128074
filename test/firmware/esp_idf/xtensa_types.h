/* Debian's compiler for Xtensa has `int` here, ESP-IDF's `long`, as those for RISC-V: formats and pointers differ. */
#undef __INT32_TYPE__
#undef __UINT32_TYPE__
#define __INT32_TYPE__ long int
#define __UINT32_TYPE__ long unsigned int
