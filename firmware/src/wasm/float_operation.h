/*
 * Floating point of WebAssembly in plain C: what an instruction does to the bits of its operands (WebAssembly Core 2.0,
 * 4.3.3 and 4.3.4). The interpreter keeps floats as bits among its integers and has one instruction of its own for all
 * of them, instead of some 240; see wasm3_float.h.
 *
 * All of it is computed in double precision: of the basic operations and the square root the result in single precision
 * is then exact as well, because 53 >= 2 * 24 + 2 bits are kept in between. So a board without floating point hardware
 * needs the C library's routines for one precision only.
 */
#ifndef ROSEHIP_FLOAT_OPERATION_H
#define ROSEHIP_FLOAT_OPERATION_H

#include <stdint.h>

typedef enum {
  FLOAT_OK,
  FLOAT_NO_INTEGER,  /* a truncation of NaN */
  FLOAT_OUT_OF_RANGE /* a truncation of what the integer cannot hold */
} float_trap_t;

/* Whether the operation traps. `opcode`: as in the module, 0xfc00 + n for those with the prefix 0xfc; `a`: its operand. */
float_trap_t rh_float_trap(uint32_t opcode, uint64_t a);

/*
 * The bits of the operation's result. `a` is the first operand, `b` the second, if there is one; of operands of 32 bits
 * the upper half does not count, and of such results it is 0. For what traps the result is that of saturation.
 */
uint64_t rh_float_operation(uint32_t opcode, uint64_t a, uint64_t b);

#endif
