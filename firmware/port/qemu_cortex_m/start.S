/*
 * From reset to main. Interrupts and faults have a stack of their own (MSP), main has the other one (PSP), so that the
 * fault of a full stack can be told.
 */
#define STACK_PAINT 0xa5a5a5a5
#define CONTROL_USE_PSP 2

  .syntax unified
  .thumb

/* ARMv7-M Architecture Reference Manual, B1.5.3; from 16 on the interrupts of AN385, table 3-3. */
  .section .vectors, "a"
  .word handler_stack_top
  .word reset
  .rept 14
  .word fault
  .endr
  .word chip_link_interrupt     /* 0: UART 0 received */
  .word chip_link_interrupt     /* 1: UART 0 sent */
  .word chip_console_interrupt  /* 2: UART 1 received */
  .word chip_console_interrupt  /* 3: UART 1 sent */
  .word fault
  .word fault
  .word fault
  .word fault
  .word chip_clock_interrupt    /* 8: timer 0 */
  .word chip_alarm_interrupt    /* 9: timer 1 */

  .text
  .thumb_func
  .global reset
reset:
  ldr r0, =__stack_bottom
  ldr r1, =__stack_top
  ldr r2, =STACK_PAINT
1:
  str r2, [r0], #4
  cmp r0, r1
  blo 1b
  msr psp, r1
  movs r0, #CONTROL_USE_PSP
  msr control, r0
  isb
  bl memory_start
  bl chip_start
  bl main
  b chip_reset

  .thumb_func
fault:
  mrs r0, psp
  b chip_fault

  .bss
  .balign 8
  .space 1024
handler_stack_top:
