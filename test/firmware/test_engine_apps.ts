/** Modules for the engine's tests, in WebAssembly text; each does, or is, one thing. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import binaryen from "assemblyscript/binaryen";

const VERSION = '(global (export "rosehip_abi_version") i32 (i32.const 1))';
const MEMORY = '(memory (export "memory") 1)';
const BYTES = '(global (export "rosehip_memory_bytes") i32 (i32.const 4096))';
const HEAD = `${MEMORY} ${VERSION} ${BYTES}`;
const NOW = '(import "rosehip" "now" (func $now (param i32) (result i64)))';
const poll = (body: string) => `(func (export "rosehip_poll") (result i64) ${body})`;
const DONE = poll("(i64.const 7)");

/** 4,000 statements in a row: far more C stack than a test thread has, unless the compiler made jumps of tail calls. */
const STATEMENTS = Array.from(
  { length: 4000 },
  (_, i) => `(i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (i32.const ${i % 7})))`,
).join("\n");

const SOME_STATEMENTS = STATEMENTS.split("\n").slice(0, 120).join("\n");

/** 3,000 loops one behind the other, of which each keeps its frame to the end of the function. */
const LOOPS = Array.from(
  { length: 3000 },
  () => "(loop (global.set 2 (i32.add (global.get 2) (i32.const 1))))",
).join(" ");

const MODULES: Readonly<Record<string, string>> = {
  // Good ones
  ok: `${NOW} ${HEAD} ${poll("(i64.add (call $now (i32.const 0)) (i64.const 5))")}`,
  start: `${HEAD} (start $start) (func $start (i32.store (i32.const 8) (i32.const 41)))
    ${poll("(i64.extend_i32_u (i32.add (i32.load (i32.const 8)) (i32.const 1)))")}`,
  counter: `${HEAD} (global $count (mut i64) (i64.const 0)) (data (i32.const 0) "rosehip")
    ${poll("(global.set $count (i64.add (global.get $count) (i64.const 1))) (global.get $count)")}`,
  last_octets: `${HEAD} ${poll("(i64.store (i32.const 4088) (i64.const 99)) (i64.load (i32.const 4088))")}`,
  grow: `${HEAD} ${poll("(i64.extend_i32_s (memory.grow (i32.const 1)))")}`,
  straight: `${HEAD} ${poll(`${STATEMENTS} (i64.extend_i32_u (i32.load (i32.const 16)))`)}`,
  fib: `${HEAD} (func $fib (param $n i32) (result i32)
    (if (result i32) (i32.lt_u (local.get $n) (i32.const 2)) (then (local.get $n)) (else (i32.add
      (call $fib (i32.sub (local.get $n) (i32.const 1))) (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
    ${poll("(i64.extend_i32_u (call $fib (i32.const 20)))")}`,
  saturating: `${HEAD} ${poll(`(memory.fill (i32.const 0) (i32.const 1) (i32.const 4))
    (i64.add (i64.trunc_sat_f64_s (f64.const 1e300))
      (i64.extend_i32_s (i32.add (i32.trunc_sat_f32_u (f32.const nan)) (i32.load (i32.const 0)))))`)}`,
  // a(n) = 3 b(n - 1) and b(n) = a(n - 1) + n, by calls of both kinds out of loops; the firmware is called in the midst of each.
  under_way: `${NOW} ${HEAD} (type $t (func (param i32) (result i32))) (table 2 funcref) (elem (i32.const 0) $a $b)
    (func $a (type $t) (local $i i32) (local $sum i32)
      (if (i32.eqz (local.get 0)) (then (drop (call $now (i32.const 0))) (return (i32.const 1))))
      (loop $twice
        (local.set $sum (i32.add (local.get $sum)
          (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 1))))
        (drop (call $now (i32.const 0)))
        (br_if $twice (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2))))
      ${SOME_STATEMENTS}
      (loop $once (local.set $sum (i32.add (call $b (i32.sub (local.get 0) (i32.const 1))) (local.get $sum))))
      (local.get $sum))
    (func $b (type $t)
      (if (i32.eqz (local.get 0)) (then (drop (call $now (i32.const 0))) (return (i32.const 1))))
      (loop $once (drop (call $now (i32.const 0))))
      ${SOME_STATEMENTS}
      (i32.add (local.get 0) (call $a (i32.sub (local.get 0) (i32.const 1)))))
    ${poll("(i64.extend_i32_u (call $a (i32.const 8)))")}`,
  deep: `${NOW} ${HEAD} (func $sum (param $n i64) (param i64 i64 i64 i64) (result i64) (local i64 i64 i64)
      (if (i64.eqz (local.get $n)) (then (drop (call $now (i32.const 0))) (return (i64.const 0))))
      (i64.add (local.get $n)
        (call $sum (i64.sub (local.get $n) (i64.const 1)) (local.get 1) (local.get 2) (local.get 3) (local.get 4))))
    ${poll("(call $sum (i64.const 20) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4))")}`,
  // Those that trap
  loops: `${HEAD} (global (mut i32) (i32.const 0)) ${poll(`${LOOPS} (i64.extend_i32_u (global.get 2))`)}`,
  endless_loop: `${HEAD} ${poll("(loop $again (br $again)) (i64.const 0)")}`,
  endless_table: `${HEAD} ${poll("(loop $again (block $out (br_table $again $again (i32.const 1)))) (i64.const 0)")}`,
  endless_calls: `${HEAD} (func $leaf) ${poll("(loop $again (call $leaf) (br $again)) (i64.const 0)")}`,
  endless_start: `${HEAD} (start $start) (func $start (loop $again (br $again))) ${DONE}`,
  recursion: `${HEAD} (func $deeper (param $n i32) (result i32)
    (i32.add (i32.const 1) (call $deeper (local.get $n)))) ${poll("(i64.extend_i32_u (call $deeper (i32.const 1)))")}`,
  indirect_recursion: `${HEAD} (type $t (func (result i32))) (table 1 funcref) (elem (i32.const 0) $deeper)
    (func $deeper (type $t) (i32.add (i32.const 1) (call_indirect (type $t) (i32.const 0))))
    ${poll("(i64.extend_i32_u (call $deeper))")}`,
  divide: `${HEAD} ${poll("(i64.div_s (i64.const 1) (i64.load (i32.const 0)))")}`,
  beyond_memory: `${HEAD} ${poll("(i64.load (i32.const 4089))")}`,
  unreachable: `${HEAD} ${poll("(unreachable)")}`,
  wrong_type: `${HEAD} (type $t (func (param i64))) (table 1 funcref) (elem (i32.const 0) $f) (func $f)
    ${poll("(call_indirect (type $t) (i64.const 1) (i32.const 0)) (i64.const 0)")}`,
  // Those that are refused
  no_version: `${MEMORY} ${BYTES} ${DONE}`,
  mutable_version: `${MEMORY} ${BYTES} (global (export "rosehip_abi_version") (mut i32) (i32.const 1)) ${DONE}`,
  version_2: `${MEMORY} ${BYTES} (global (export "rosehip_abi_version") i32 (i32.const 2)) ${DONE}`,
  version_0: `${MEMORY} ${BYTES} (global (export "rosehip_abi_version") i32 (i32.const 0)) ${DONE}`,
  version_i64: `${MEMORY} ${BYTES} (global (export "rosehip_abi_version") i64 (i64.const 1)) ${DONE}`,
  no_memory: `${VERSION} ${BYTES} ${DONE}`,
  memory_not_exported: `(memory 1) ${VERSION} ${BYTES} ${DONE}`,
  memory_other_name: `(memory (export "mem") 1) ${VERSION} ${BYTES} ${DONE}`,
  imported_memory: `(import "env" "memory" (memory 1)) (export "memory" (memory 0)) ${VERSION} ${BYTES} ${DONE}`,
  no_memory_bytes: `${MEMORY} ${VERSION} ${DONE}`,
  memory_bytes_odd: `${MEMORY} ${VERSION} (global (export "rosehip_memory_bytes") i32 (i32.const 4095)) ${DONE}`,
  memory_bytes_over: `${MEMORY} ${VERSION} (global (export "rosehip_memory_bytes") i32 (i32.const 65544)) ${DONE}`,
  memory_bytes_negative: `${MEMORY} ${VERSION} (global (export "rosehip_memory_bytes") i32 (i32.const -8)) ${DONE}`,
  memory_over_limit: `(memory (export "memory") 2) ${VERSION}
    (global (export "rosehip_memory_bytes") i32 (i32.const 131072)) ${DONE}`,
  data_beyond_memory: `${HEAD} (data (i32.const 4090) "too far beyond") ${DONE}`,
  no_poll: HEAD,
  poll_returns_i32: `${HEAD} (func (export "rosehip_poll") (result i32) (i32.const 0))`,
  poll_takes_i32: `${HEAD} (func (export "rosehip_poll") (param i32) (result i64) (i64.const 0))`,
  unknown_import: `(import "rosehip" "reboot" (func $f)) ${HEAD} ${poll("(call $f) (i64.const 0)")}`,
  other_module: `(import "env" "abort" (func $f (param i32 i32 i32 i32))) ${HEAD}
    ${poll("(call $f (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)) (i64.const 0)")}`,
  import_signature: `(import "rosehip" "now" (func $now (param i64) (result i64))) ${HEAD}
    ${poll("(call $now (i64.const 0))")}`,
  imported_global: `(import "env" "g" (global $g i32)) ${HEAD} ${poll("(i64.extend_i32_u (global.get $g))")}`,
};

/** Every instruction on floats, with its operands where the interpreter may have them: in a slot, or just computed. */
function floatStatements(): string[] {
  const operators = (type: string, names: string) => names.split(" ").map((name) => `${type}.${name}`);
  const statements: string[] = [];
  const add = (instruction: string, from: readonly string[], to: string) => {
    const local = (type: string, n: number) => `(local.get $${type}_${n})`;
    const computed = (type: string, n: number) =>
      `(${type}.load (i32.const ${type.endsWith("32") ? 4 * n : 16 + 8 * n}))`;
    const forms =
      from.length === 1
        ? [[local], [computed]]
        : [
            [local, local],
            [computed, local],
            [local, computed],
            [computed, computed],
          ];
    for (const form of forms) {
      const operands = from.map((type, n) => (form[n] ?? local)(type, n)).join(" ");
      const result =
        to === "i64"
          ? `(${instruction} ${operands})`
          : to === "i32"
            ? `(i64.extend_i32_u (${instruction} ${operands}))`
            : to === "f64"
              ? `(i64.reinterpret_f64 (${instruction} ${operands}))`
              : `(i64.extend_i32_u (i32.reinterpret_f32 (${instruction} ${operands})))`;
      statements.push(`(local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 7)) ${result}))`);
    }
  };
  for (const type of ["f32", "f64"]) {
    for (const op of operators(type, "abs neg ceil floor trunc nearest sqrt")) add(op, [type], type);
    for (const op of operators(type, "add sub mul div min max copysign")) add(op, [type, type], type);
    for (const op of operators(type, "eq ne lt gt le ge")) add(op, [type, type], "i32");
    for (const to of ["i32", "i64"]) {
      for (const sign of "su") {
        add(`${to}.trunc_sat_${type}_${sign}`, [type], to);
        add(`${type}.convert_${to}_${sign}`, [to], type);
      }
      add(`${to}.trunc_${type}_s`, [type], to);
    }
  }
  add("f32.demote_f64", ["f64"], "f32");
  add("f64.promote_f32", ["f32"], "f64");
  add("f32.reinterpret_i32", ["i32"], "f32");
  add("f64.reinterpret_i64", ["i64"], "f64");
  add("select", ["f64", "f64", "i32"], "f64");
  add("select", ["f32", "f32", "i32"], "f32");
  return statements;
}

/** The sum of all their results. */
function floats(): string {
  return checked(`(global $stored (mut f64) (f64.const 0.5)) (data (i32.const 0)
      "\\00\\00\\40\\c1\\9a\\99\\99\\3f\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\40\\e1\\7a\\24\\c0\\66\\66\\66\\66\\66\\66\\0a\\40")
    (func $identity (param f32 f64 f32) (result f64) (f64.add (local.get 1) (f64.promote_f32 (local.get 2))))
    (func $sum (result i64) (local $sum i64) (local $f32_0 f32) (local $f32_1 f32) (local $f64_0 f64) (local $f64_1 f64)
      (local $i32_0 i32) (local $i32_2 i32) (local $i64_0 i64)
      (local.set $f32_0 (f32.const -12.75)) (local.set $f32_1 (f32.const 1.2)) (local.set $f64_0 (f64.const -10.24))
      (local.set $f64_1 (f64.const 3.3)) (local.set $i32_0 (i32.const -7)) (local.set $i64_0 (i64.const -123456789012345))
      (local.set $i32_2 (i32.const 1))
      ${floatStatements().join("\n")}
      (global.set $stored (f64.mul (global.get $stored) (local.get $f64_1)))
      (f32.store (i32.const 48) (f32.neg (local.get $f32_1))) (f64.store (i32.const 56) (global.get $stored))
      (local.set $f64_0 (if (result f64) (local.get $i32_0) (then (f64.load (i32.const 56))) (else (f64.const 1))))
      (local.set $f64_0 (call $identity (local.get $f32_0) (local.get $f64_0) (f32.load (i32.const 48))))
      (i64.add (local.get $sum) (i64.reinterpret_f64 (local.get $f64_0))))`);
}

/** Its result is 7 if `sum`, computed by `functions`, is what V8 makes of it. */
function checked(functions: string): string {
  const text = (sum: bigint) => `${HEAD} ${functions} (func (export "sum") (result i64) (call $sum))
    ${poll(`(i64.add (i64.const 7) (i64.sub (call $sum) (i64.const ${sum})))`)}`;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(assemble(text(0n)))));
  return text((instance.exports["sum"] as () => bigint)());
}

/** Sixty functions of forty statements with blocks, in chains of ten calls, direct and through a table. */
function many(): string {
  const statement = (
    n: number,
  ) => `(local.set 0 (i64.add (i64.mul (local.get 0) (i64.const ${n + 3})) (i64.const ${n})))
    (if (i64.eqz (i64.and (local.get 0) (i64.const ${1 + (n % 5)}))) (then (local.set 0 (i64.xor (local.get 0) (i64.const ${n * 77}))))
      (else (local.set 0 (i64.rotl (local.get 0) (i64.const 3)))))`;
  const call = (n: number) =>
    n % 10 === 9
      ? ""
      : n % 3 === 0
        ? `(local.set 0 (call_indirect (type $t) (local.get 0) (i32.const ${n + 1})))`
        : `(local.set 0 (call $f${n + 1} (local.get 0)))`;
  const functions = Array.from(
    { length: 60 },
    (_, n) => `(func $f${n} (type $t)
    ${Array.from({ length: 20 }, (_, i) => statement(n + i)).join(" ")} ${call(n)}
    ${Array.from({ length: 20 }, (_, i) => statement(n * i)).join(" ")} (local.get 0))`,
  );
  return checked(`(type $t (func (param i64) (result i64))) (table 60 funcref)
    (elem (i32.const 0) ${functions.map((_, n) => `$f${n}`).join(" ")}) ${functions.join("\n")}
    (func $sum (result i64) (local i64) ${[0, 10, 20, 30, 40, 50].map((n) => `(local.set 0 (call $f${n} (local.get 0)))`).join(" ")} (local.get 0))`);
}

/** A NOP behind memory.fill, and DROP of a value that is not there in its place: [good, bad]. */
const FILL = `${HEAD} ${poll("(memory.fill (i32.const 0) (i32.const 1) (i32.const 4)) (nop) (i64.const 7)")}`;
const FILL_NOP = [0xfc, 0x0b, 0x00, 0x01, 0x42, 0x07];
const FILL_DROP = [0xfc, 0x0b, 0x00, 0x1a, 0x42, 0x07];

/** `octets` with one occurrence of `from`, which must be there once, changed to `to`. */
function patch(octets: Uint8Array, from: readonly number[], to: readonly number[]): Uint8Array {
  const text = Buffer.from(octets);
  const at = text.indexOf(Buffer.from(from));
  if (at < 0 || text.indexOf(Buffer.from(from), at + 1) >= 0)
    throw new Error("the octets are not there once");
  text.set(to, at);
  return text;
}

function assemble(text: string): Uint8Array {
  const module = binaryen.parseText(`(module ${text})`);
  module.setFeatures(binaryen.Features.All);
  const octets = module.emitBinary();
  module.dispose();
  return octets;
}

/** Assembles them all into `folder`, as NAME.wasm. */
export async function assembleEngineApps(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(MODULES)) {
    await writeFile(path.join(folder, `${name}.wasm`), assemble(text));
  }
  await writeFile(path.join(folder, "floats.wasm"), assemble(floats()));
  await writeFile(path.join(folder, "many.wasm"), assemble(many()));
  const fill = assemble(FILL);
  await writeFile(path.join(folder, "fill.wasm"), fill);
  await writeFile(path.join(folder, "fill_underflow.wasm"), patch(fill, FILL_NOP, FILL_DROP));
}
