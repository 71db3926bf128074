import { panic } from "../env";
import { allocate, RAW, resize, sizeOf } from "./heap";

/** Most octets of UTF-8 that one UTF-16 code unit becomes. */
const OCTETS_PER_UNIT: usize = 3;

/** `text` as UTF-8 in a block of its own, {@link sizeOf} octets long, to be released. Lone surrogates become U+FFFD. */
export function utf8(text: string): usize {
  const block = allocate(<usize>text.length * OCTETS_PER_UNIT, RAW);
  let at = block;
  for (let i = 0; i < text.length; i++) {
    // A pair of surrogates gives one code point, and is two units long.
    const point = codePoint(text, i);
    if (point > 0xffff) i++;
    at = encode(at, point);
  }
  return resize(block, at - block);
}

function codePoint(text: string, index: i32): u32 {
  const unit = <u32>text.charCodeAt(index);
  if ((unit & 0xf800) != 0xd800) return unit;
  const low = index + 1 < text.length ? <u32>text.charCodeAt(index + 1) : 0;
  const isPair = (unit & 0xfc00) == 0xd800 && (low & 0xfc00) == 0xdc00;
  return isPair ? 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff) : 0xfffd;
}

/** Writes one code point; returns where the next one goes. */
function encode(at: usize, point: u32): usize {
  if (point < 0x80) {
    store<u8>(at, <u8>point);
    return at + 1;
  }
  let more: u32 = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  const lead: u32 = (0xf0 << (3 - more)) | (point >> (6 * more));
  store<u8>(at++, <u8>lead);
  while (more > 0) {
    more--;
    const following: u32 = 0x80 | ((point >> (6 * more)) & 0x3f);
    store<u8>(at++, <u8>following);
  }
  return at;
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

/** Ends the app for a mistake in it that the SDK found; the place would be one in the SDK, so none is told. */
export function fail(reason: string): void {
  abort(reason, null, 0, 0);
}
