import { outOfMemory } from "./out-of-memory";

// The app's heap: one free list, no size classes, nothing moves. It is made for 8 to 64 KiB.
//
//   0        8                heapStart()                            bitmapStart()        memory end
//   ├────────┼──────────────────┼──────────────────────────────────────┼────────────────────┤
//   │ unused │ static data      │ blocks, in granules of 8 octets      │ 1 bit per granule  │
//   └────────┴──────────────────┴──────────────────────────────────────┴────────────────────┘
//
//   block in use                              free block
//   ├─ 4: runtime id, or RAW, or STACK        ├─ 4: size in octets, a multiple of 8
//   ├─ 4: payload size in octets              ├─ 4: address of the next free block, or 0
//   ╞> payload, padded to a granule           └─ …
//
// The bit of a granule is set if a block in use starts there, so that any word can be tested for being an
// address inside a block (collector.ts). The free list is in order of addresses; neighbours are always joined.
// AssemblyScript's library reads the runtime id at -8 and the payload size at -4 of an object.

/** A block outside the collector's care: lives until {@link release}. */
export const RAW: u32 = 0xffff_ffff;

/** The saved call stack of a suspended task: like RAW, but what it might point to is kept alive. */
export const STACK: u32 = 0xffff_fffe;

/** Octets in front of a payload. */
export const HEADER: usize = 8;

const GRANULE: usize = 8;

/** Above this a payload's size cannot be told from the collector's flags (collector.ts). */
const PAYLOAD_MAX: usize = 1 << 28;

// Globals with constant values only: the heap works before the module's start function has run.
let ready = false;
let freeList: usize = 0;
let freeBytes: usize = 0;

/** Octets of linear memory: `memory` of the app's configuration, which asc passes on as its low memory limit. */
export function memoryBytes(): usize {
  return <usize>ASC_LOW_MEMORY_LIMIT;
}

export function heapStart(): usize {
  return (__heap_base + (GRANULE - 1)) & ~(GRANULE - 1);
}

/** One bit per granule of the heap, in words of 32; the few granules the map itself covers stay 0. */
export function bitmapStart(): usize {
  const words = (memoryBytes() - heapStart() + (32 * GRANULE - 1)) / (32 * GRANULE);
  return (memoryBytes() - words * 4) & ~(GRANULE - 1);
}

/** Octets that are free now, in all free blocks together. */
export function freeMemory(): usize {
  if (!ready) initialize();
  return freeBytes;
}

/** Octets the heap has in all. */
export function heapSize(): usize {
  return bitmapStart() - heapStart();
}

function initialize(): void {
  ready = true;
  memory.fill(bitmapStart(), 0, memoryBytes() - bitmapStart());
  beginFreeList();
  appendFree(heapStart(), bitmapStart());
  endFreeList();
}

/** The word of the bitmap with the bit of `block`. */
function wordOf(block: usize): usize {
  return bitmapStart() + (((block - heapStart()) >> 8) << 2);
}

function bitOf(block: usize): u32 {
  return 1 << (u32((block - heapStart()) >> 3) & 31);
}

export function setStart(block: usize): void {
  const word = wordOf(block);
  store<u32>(word, load<u32>(word) | bitOf(block));
}

export function clearStart(block: usize): void {
  const word = wordOf(block);
  store<u32>(word, load<u32>(word) & ~bitOf(block));
}

/** The first block in use at or after `address` (a multiple of 8), or 0. */
export function blockFrom(address: usize): usize {
  if (address >= bitmapStart()) return 0;
  let word = wordOf(address);
  let bits = load<u32>(word) & -bitOf(address);
  while (!bits) {
    word += 4;
    if (word >= memoryBytes()) return 0;
    bits = load<u32>(word);
  }
  return heapStart() + ((word - bitmapStart()) << 6) + ((<usize>ctz(bits)) << 3);
}

/** The last block in use that starts at or before `address` (anywhere inside the heap), or 0. */
export function blockBefore(address: usize): usize {
  let word = wordOf(address);
  let bits = load<u32>(word) & ((bitOf(address) << 1) - 1);
  while (!bits) {
    if (word == bitmapStart()) return 0;
    word -= 4;
    bits = load<u32>(word);
  }
  return heapStart() + ((word - bitmapStart()) << 6) + ((<usize>(31 - clz(bits))) << 3);
}

/** Octets of the block for a payload of `size` octets. */
export function blockSize(size: usize): usize {
  return (size + (HEADER + GRANULE - 1)) & ~(GRANULE - 1);
}

// --- the free list ------------------------------------------------------------------------------------------

let lastFree: usize = 0;

/** Starts to build the free list anew; the collector calls appendFree with rising addresses, then endFreeList. */
export function beginFreeList(): void {
  freeList = 0;
  lastFree = 0;
  freeBytes = 0;
}

export function appendFree(start: usize, end: usize): void {
  if (start == end) return;
  store<u32>(start, <u32>(end - start));
  if (lastFree) store<usize>(lastFree, start, 4);
  else freeList = start;
  lastFree = start;
  freeBytes += end - start;
}

export function endFreeList(): void {
  if (lastFree) store<usize>(lastFree, 0, 4);
}

/** Takes `size` octets (a multiple of 8) from the first free block that has them. 0 if none has. */
function take(size: usize): usize {
  if (!ready) initialize();
  let previous: usize = 0;
  let block = freeList;
  while (block) {
    const available = <usize>load<u32>(block);
    if (available >= size) {
      takeFront(previous, block, size);
      return block;
    }
    previous = block;
    block = load<usize>(block, 4);
  }
  return 0;
}

/** Cuts `size` octets off the front of a free block; `previous` is the free block before it, or 0. */
function takeFront(previous: usize, block: usize, size: usize): void {
  const rest = <usize>load<u32>(block) - size;
  let next = load<usize>(block, 4);
  if (rest) {
    const remaining = block + size;
    store<u32>(remaining, <u32>rest);
    store<usize>(remaining, next, 4);
    next = remaining;
  }
  if (previous) store<usize>(previous, next, 4);
  else freeList = next;
  freeBytes -= size;
}

/** Gives octets back, joining them with free neighbours. */
function give(start: usize, size: usize): void {
  freeBytes += size;
  let previous: usize = 0;
  let next = freeList;
  while (next && next < start) {
    previous = next;
    next = load<usize>(next, 4);
  }
  if (start + size == next) {
    size += <usize>load<u32>(next);
    next = load<usize>(next, 4);
  }
  if (previous && previous + <usize>load<u32>(previous) == start) {
    store<u32>(previous, load<u32>(previous) + <u32>size);
    store<usize>(previous, next, 4);
    return;
  }
  store<u32>(start, <u32>size);
  store<usize>(start, next, 4);
  if (previous) store<usize>(previous, start, 4);
  else freeList = start;
}

/** Makes a block longer where it is, if a large enough free block follows it. */
function growInPlace(block: usize, from: usize, to: usize): bool {
  let previous: usize = 0;
  let next = freeList;
  while (next && next < block) {
    previous = next;
    next = load<usize>(next, 4);
  }
  if (next != block + from || <usize>load<u32>(next) < to - from) return false;
  takeFront(previous, next, to - from);
  return true;
}

// --- blocks -------------------------------------------------------------------------------------------------

/** Like {@link allocate}, with 0 for "no room". */
export function tryAllocate(size: usize, id: u32): usize {
  if (size > PAYLOAD_MAX) return 0;
  const block = take(blockSize(size));
  if (!block) return 0;
  setStart(block);
  store<u32>(block, id);
  store<u32>(block, <u32>size, 4);
  return block + HEADER;
}

/** A block with its header, whose payload is not cleared. Panics if there is no room. */
export function allocate(size: usize, id: u32): usize {
  const payload = tryAllocate(size, id);
  if (!payload) outOfMemory(size, freeBytes, heapSize());
  return payload;
}

/** Payload octets of the largest block there is room for, or 8. */
export function largestFree(): usize {
  if (!ready) initialize();
  let largest: usize = GRANULE + HEADER;
  let block = freeList;
  while (block) {
    largest = max(largest, <usize>load<u32>(block));
    block = load<usize>(block, 4);
  }
  return largest - HEADER;
}

/** All of the largest free block as one of kind STACK; {@link resize} gives back what was not needed. */
export function allocateLargest(): usize {
  return allocate(largestFree(), STACK);
}

/** Payload octets of a block. */
export function sizeOf(payload: usize): usize {
  return <usize>load<u32>(payload - 4);
}

/** Changes the size of a block, moving it if it must; the old address is not to be used any more. */
export function resize(payload: usize, size: usize): usize {
  const block = payload - HEADER;
  const from = blockSize(sizeOf(payload));
  const to = blockSize(size);
  if (to < from) {
    give(block + to, from - to);
  } else if (to > from && (size > PAYLOAD_MAX || !growInPlace(block, from, to))) {
    const moved = allocate(size, load<u32>(block));
    memory.copy(moved, payload, sizeOf(payload));
    release(payload);
    return moved;
  }
  store<u32>(block, <u32>size, 4);
  return payload;
}

export function release(payload: usize): void {
  const block = payload - HEADER;
  clearStart(block);
  give(block, blockSize(sizeOf(payload)));
}
