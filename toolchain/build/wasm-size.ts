/**
 * Where the octets of a module go. Reads the binary format (WebAssembly Core 2.0, chapter 5) of modules this
 * toolchain made itself; anything it does not expect ends in a RangeError of DataView.
 */
export interface FunctionSize {
  readonly name: string;
  readonly octets: number;
}

export interface WasmSize {
  /** The whole file. */
  readonly total: number;
  /** Bodies of all functions. */
  readonly code: number;
  /** Initial values of static data: in flash, and again in RAM. */
  readonly data: number;
  /** Names of functions and the like; not needed to run. */
  readonly custom: number;
  /** Everything else: types, imports, exports, tables. */
  readonly other: number;
  /** Octets of RAM static data takes: address of the end of the last segment. */
  readonly staticMemory: number;
  /** Largest first. */
  readonly functions: readonly FunctionSize[];
}

const CUSTOM = 0;
const IMPORT = 2;
const CODE = 10;
const DATA = 11;
const HEADER_OCTETS = 8;
const FUNCTION_NAMES = 1;

interface Section {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

class WasmCursor {
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.view.getUint8(this.at++);
  }

  /** LEB128, unsigned or (for constants of memory below 2 GiB) signed and positive. */
  leb(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const octet = this.u8();
      value += (octet & 0x7f) * 2 ** shift;
      if (octet < 0x80) return value;
    }
  }

  name(): string {
    const length = this.leb();
    const text = new TextDecoder().decode(this.bytes.subarray(this.at, this.at + length));
    this.at += length;
    return text;
  }
}

/** Measures a module. */
export function measureWasm(wasm: Uint8Array): WasmSize {
  const sections = readSections(wasm);
  const of = (id: number) => sections.filter((section) => section.id === id);
  const octets = (id: number) => of(id).reduce((sum, { start, end }) => sum + end - start, 0);
  const [code, data, custom] = [octets(CODE), octets(DATA), octets(CUSTOM)];
  const names = new Map(of(CUSTOM).flatMap((section) => functionNames(wasm, section)));
  const first = of(IMPORT).reduce((sum, { start }) => sum + new WasmCursor(wasm, start).leb(), 0);
  const functions = of(CODE)
    .flatMap(({ start }) => bodySizes(wasm, start))
    .map((size, index) => ({ name: names.get(first + index) ?? `function ${first + index}`, octets: size }))
    .sort((one, other) => other.octets - one.octets);
  return {
    total: wasm.byteLength,
    code,
    data,
    custom,
    other: wasm.byteLength - code - data - custom,
    staticMemory: Math.max(0, ...of(DATA).flatMap(({ start }) => segmentEnds(wasm, start))),
    functions,
  };
}

/** The module without its custom sections (names, source map address). */
export function stripCustom(wasm: Uint8Array): Uint8Array {
  const parts = [wasm.subarray(0, HEADER_OCTETS)];
  let from = HEADER_OCTETS;
  for (const { id, end } of readSections(wasm)) {
    if (id !== CUSTOM) parts.push(wasm.subarray(from, end));
    from = end;
  }
  return Buffer.concat(parts);
}

function readSections(wasm: Uint8Array): Section[] {
  const sections: Section[] = [];
  const cursor = new WasmCursor(wasm, HEADER_OCTETS);
  while (cursor.at < wasm.byteLength) {
    const id = cursor.u8();
    const length = cursor.leb();
    sections.push({ id, start: cursor.at, end: cursor.at + length });
    cursor.at += length;
  }
  return sections;
}

function bodySizes(wasm: Uint8Array, start: number): number[] {
  const cursor = new WasmCursor(wasm, start);
  return Array.from({ length: cursor.leb() }, () => {
    const size = cursor.leb();
    cursor.at += size;
    return size;
  });
}

/** Of active segments of memory 0, the only kind asc writes: flag 0, i32.const address, end, octets. */
function segmentEnds(wasm: Uint8Array, start: number): number[] {
  const cursor = new WasmCursor(wasm, start);
  return Array.from({ length: cursor.leb() }, () => {
    cursor.at += 2;
    const address = cursor.leb();
    cursor.at += 1;
    const length = cursor.leb();
    cursor.at += length;
    return address + length;
  });
}

function functionNames(wasm: Uint8Array, { start, end }: Section): [number, string][] {
  const cursor = new WasmCursor(wasm, start);
  if (cursor.name() !== "name") return [];
  while (cursor.at < end) {
    const kind = cursor.u8();
    const length = cursor.leb();
    if (kind === FUNCTION_NAMES) {
      return Array.from({ length: cursor.leb() }, () => [cursor.leb(), cursor.name()]);
    }
    cursor.at += length;
  }
  return [];
}
