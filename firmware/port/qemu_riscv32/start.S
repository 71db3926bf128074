/* From reset to main, and from an interrupt or fault to C. Machine mode, one hart. */
#include "riscv.h"

#define STACK_PAINT 0xa5a5a5a5

  .section .vectors, "ax"
  .global reset
reset:
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  la t0, trap
  csrw mtvec, t0
  la t0, trap_stack_top
  csrw mscratch, t0

  /* What is in "flash" stays as it is, and a stack that is too deep, which would grow into it, is a fault. */
  la t0, __flash_protection
  csrw pmpaddr0, t0
  li t0, PMP_LOCKED | PMP_NAPOT | PMP_READ | PMP_EXECUTE
  csrw pmpcfg0, t0

  la sp, __stack_top
  la t0, __stack_bottom
  li t1, STACK_PAINT
1:
  sw t1, 0(t0)
  addi t0, t0, 4
  bltu t0, sp, 1b

  call memory_start
  call chip_start
  call main
  j chip_reset

/*
 * Interrupts and faults have a stack of their own, so that the fault of a full stack can be told. It is in mscratch;
 * there is no nesting.
 */
  .text
  .balign 4
trap:
  csrrw sp, mscratch, sp
  addi sp, sp, -64
  sw ra, 0(sp)
  sw t0, 4(sp)
  sw t1, 8(sp)
  sw t2, 12(sp)
  sw a0, 16(sp)
  sw a1, 20(sp)
  sw a2, 24(sp)
  sw a3, 28(sp)
  sw a4, 32(sp)
  sw a5, 36(sp)
  sw a6, 40(sp)
  sw a7, 44(sp)
  sw t3, 48(sp)
  sw t4, 52(sp)
  sw t5, 56(sp)
  sw t6, 60(sp)
  csrr a0, mcause
  csrr a1, mepc
  call chip_trap
  csrw mepc, a0
  lw ra, 0(sp)
  lw t0, 4(sp)
  lw t1, 8(sp)
  lw t2, 12(sp)
  lw a0, 16(sp)
  lw a1, 20(sp)
  lw a2, 24(sp)
  lw a3, 28(sp)
  lw a4, 32(sp)
  lw a5, 36(sp)
  lw a6, 40(sp)
  lw a7, 44(sp)
  lw t3, 48(sp)
  lw t4, 52(sp)
  lw t5, 56(sp)
  lw t6, 60(sp)
  addi sp, sp, 64
  csrrw sp, mscratch, sp
  mret

/*
 * int semihosting(int operation, const void* argument): asks the emulator or debugger. These three instructions in one
 * page are the sign ("RISC-V Semihosting", 2.1). Without anyone who listens, chip_trap goes on behind it.
 */
  .global semihosting
  .global semihosting_sign
  .balign 16
semihosting:
  .option push
  .option norvc
  slli zero, zero, 0x1f
semihosting_sign:
  ebreak
  srai zero, zero, 7
  .option pop
  ret

  .bss
  .balign 16
  .space 1024
trap_stack_top:
