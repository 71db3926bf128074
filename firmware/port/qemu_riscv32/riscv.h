/* Names of the RISC-V privileged architecture (20211203) that this board needs; also for assembly. */
#ifndef ROSEHIP_QEMU_RISCV32_RISCV_H
#define ROSEHIP_QEMU_RISCV32_RISCV_H

/* pmp0cfg (3.7.1) */
#define PMP_READ 0x01
#define PMP_EXECUTE 0x04
#define PMP_NAPOT 0x18
#define PMP_LOCKED 0x80

/* mstatus, mie and mcause (3.1.6, 3.1.9, 3.1.15) */
#define MSTATUS_MIE 0x8u
#define MIE_TIMER 0x80u
#define MIE_EXTERNAL 0x800u
#define MCAUSE_INTERRUPT 0x80000000u
#define MCAUSE_TIMER (MCAUSE_INTERRUPT | 7u)
#define MCAUSE_EXTERNAL (MCAUSE_INTERRUPT | 11u)
#define MCAUSE_BREAKPOINT 3u

#ifndef __ASSEMBLER__
#define CSR_SET(csr, bits) __asm__ volatile("csrs " #csr ", %0" ::"r"(bits) : "memory")
#define CSR_CLEAR(csr, bits) __asm__ volatile("csrc " #csr ", %0" ::"r"(bits) : "memory")
#define WAIT_FOR_INTERRUPT() __asm__ volatile("wfi" ::: "memory")
#endif

#endif
