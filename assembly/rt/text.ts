import { panic } from "../env";
import { sizeOf } from "./heap";

/** `text` as UTF-8 in a block of its own, {@link sizeOf} octets long; free it with `__free`. Lone surrogates become U+FFFD. */
export function utf8(text: string): usize {
  const octets = <usize>String.UTF8.byteLength(text);
  const block = __alloc(octets);
  String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, block, false, String.UTF8.ErrorMode.REPLACE);
  return block;
}

/**
 * What `throw`, `assert` and checks of the library end in (asc: `--use abort=`): leaves the reason, then traps.
 * There is no catching in AssemblyScript.
 */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const reason = utf8(message === null ? "error without a message" : message);
  const source = utf8(file === null ? "" : file);
  panic(reason, <u32>sizeOf(reason), source, <u32>sizeOf(source), line, column);
  unreachable();
}
