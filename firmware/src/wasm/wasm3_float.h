/*
 * Floating point for wasm3, which is configured without its own (d_m3HasFloat): floats are bits in slots and in the
 * integer register, and every instruction on them is one of five operations with the opcode behind it. Slower by some
 * nanoseconds than an operation each, and smaller by 30 KB on a board without floating point hardware.
 *
 * Included by wasm3's m3_compile.c at the place that wasm3_transform.json names.
 */
#include "float_operation.h"

/* Values are moved as integers of their size. */
#define op_PreserveSetSlot_f32 op_PreserveSetSlot_i32
#define op_PreserveSetSlot_f64 op_PreserveSetSlot_i64
#define op_SetSlot_f32 op_SetSlot_i32
#define op_SetSlot_f64 op_SetSlot_i64
#define op_SetGlobal_f32 op_SetGlobal_i32
#define op_SetGlobal_f64 op_SetGlobal_i64
#define op_SetRegister_f32 op_SetRegister_i32
#define op_SetRegister_f64 op_SetRegister_i64

/* A slot of 32 bits and the one behind it; that is of this value if it has 64 bits, and else not looked at. */
static inline u64 float_operand(const m3slot_t* slot) {
  return (u64)slot[1] << 32 | slot[0];
}

static const char* float_fault(u32 opcode, u64 operand) {
  switch (rh_float_trap(opcode, operand)) {
    case FLOAT_NO_INTEGER: return m3Err_trapIntegerConversion;
    case FLOAT_OUT_OF_RANGE: return m3Err_trapIntegerOverflow;
    default: return m3Err_none;
  }
}

#define ROSEHIP_FLOAT_UNARY(NAME, OPERAND)               \
  d_m3Op(NAME) {                                         \
    const u64 operand = OPERAND;                         \
    const u32 opcode = immediate(u32);                   \
    const char* fault = float_fault(opcode, operand);    \
    if (M3_UNLIKELY(fault)) newTrap(fault);              \
    _r0 = (m3reg_t)rh_float_operation(opcode, operand, 0);  \
    nextOp();                                            \
  }

/* The top of the stack comes first: it is the second operand. */
#define ROSEHIP_FLOAT_BINARY(NAME, SECOND, FIRST)               \
  d_m3Op(NAME) {                                                \
    const u64 second = SECOND;                                  \
    const u64 first = FIRST;                                    \
    const u32 opcode = immediate(u32);                          \
    _r0 = (m3reg_t)rh_float_operation(opcode, first, second);      \
    nextOp();                                                   \
  }

ROSEHIP_FLOAT_UNARY(Float_r, (u64)_r0)
ROSEHIP_FLOAT_UNARY(Float_s, float_operand(slot_ptr(m3slot_t)))
ROSEHIP_FLOAT_BINARY(Float_rs, (u64)_r0, float_operand(slot_ptr(m3slot_t)))
ROSEHIP_FLOAT_BINARY(Float_sr, float_operand(slot_ptr(m3slot_t)), (u64)_r0)
ROSEHIP_FLOAT_BINARY(Float_ss, float_operand(slot_ptr(m3slot_t)), float_operand(slot_ptr(m3slot_t)))

static M3_NOINLINE void EmitConstant32(IM3Compilation o, const u32 i_immediate);
static M3Result Compile_Operator(IM3Compilation o, m3opcode_t i_opcode);

static M3Result Compile_Float(IM3Compilation o, m3opcode_t opcode) {
  const M3Result result = Compile_Operator(o, opcode);
  if (result == m3Err_none) EmitConstant32(o, opcode);
  return result;
}

/* An entry of wasm3's table of instructions: those that pop two have an offset of -1. */
#undef M3OP_F
#define M3OP_F(NAME, OFFSET, TYPE, OPERATIONS, COMPILER)                                       \
  M3OP(NAME, OFFSET, TYPE,                                                                     \
       {(OFFSET) ? op_Float_rs : op_Float_r, (OFFSET) ? op_Float_sr : op_Float_s, op_Float_ss, NULL}, Compile_Float)
