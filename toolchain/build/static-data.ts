/**
 * Where asc puts static objects: strings, arrays and what they hold. It leaves room for a memory manager that this SDK does
 * not have (assembly/rt): a word with the block's size, and blocks at multiples of 16. Both are in the board's memory, and
 * each such word takes a data segment of its own.
 */

/** In front of an object's payload: asc's OBJECT, which the library and the collector (assembly/rt/collector.ts) know. */
const HEADER_OCTETS = 20;
const BLOCK_OVERHEAD_OCTETS = 4;
const ALIGNMENT = 4;

const aligned = (octets: number) => Math.ceil(octets / ALIGNMENT) * ALIGNMENT;

/** asc's 64-bit integers, which are objects of its own. */
type Offset = object;

/** What is used of asc's compiler, of the version that package.json pins. */
interface Program {
  readonly OBJECTInstance: {
    writeField(name: string, value: unknown, buffer: Uint8Array, offset?: number): number;
  };
  computeBlockSize(payload: number, isManaged: boolean): number;
  computeBlockStart64(end: Offset): Offset;
}

declare const i64_align: (offset: Offset, alignment: number) => Offset;

/** Makes asc put static objects one behind the other, without what nobody reads. */
export function packStaticData(ascProgram: unknown): void {
  const program = ascProgram as Program;
  const object = program.OBJECTInstance;
  const write = object.writeField.bind(object);
  object.writeField = (name, ...rest) => (name === "mmInfo" ? 1 : write(name, ...rest));
  program.computeBlockSize = (payload, isManaged) =>
    aligned(payload + (isManaged ? HEADER_OCTETS : BLOCK_OVERHEAD_OCTETS)) - BLOCK_OVERHEAD_OCTETS;
  program.computeBlockStart64 = (end) => i64_align(end, ALIGNMENT);
}
