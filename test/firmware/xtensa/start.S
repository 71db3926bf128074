/* Reset of QEMU's sim machine with an lx106, and two of its simulator calls (number in a2, arguments from a3 on). */
    .section .boot, "ax"
    j _start
    .section .reset, "ax"
    .align 4
    .global _start
_start:
    movi a1, stack_top
    movi a0, main
    callx0 a0
    mov a3, a2
    movi a2, 1          /* exit */
    simcall
1:  j 1b

    .text
    .align 4
    .global sim_write   /* int sim_write(int file, const void* data, int size) */
sim_write:
    mov a5, a4
    mov a4, a3
    mov a3, a2
    movi a2, 4          /* write */
    simcall
    ret
