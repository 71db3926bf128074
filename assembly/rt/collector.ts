import {
  appendFree,
  beginFreeList,
  bitmapStart,
  blockBefore,
  blockFrom,
  blockSize,
  clearStart,
  endFreeList,
  freeMemory,
  HEADER,
  heapStart,
  STACK,
} from "./heap";

// A mark and sweep collector that runs only between the slices of tasks, when no WebAssembly frame holds a
// reference. Roots are the globals and the saved stacks of suspended tasks. The latter are read word by word:
// whatever might be an address inside a block keeps that block alive (nothing moves, so a wrong guess only
// keeps some memory longer).
//
// During a collection the size word of an object's header (offset -4) carries two flags:
//   31 MARKED  reachable
//   30 QUEUED  reachable, its members not yet visited because the work list was full
// Objects in static data have a longer header (AssemblyScript's OBJECT, 20 octets); its word at -16 links those
// that were reached (bit 0 set, bit 1 QUEUED), so that they can be reset at the end.

const MARKED: u32 = 1 << 31;
const QUEUED: u32 = 1 << 30;
const SIZE_MASK: u32 = ~(MARKED | QUEUED);
const STATIC_MARKED: usize = 1;
const STATIC_QUEUED: usize = 2;
const STATIC_LINK: usize = 16;

/** How far before an object's payload the library reaches (AssemblyScript's TOTAL_OVERHEAD). */
const REACH: usize = 20;

/** In the type information of a class (AssemblyScript's shared/typeinfo.ts): it has no references. */
const POINTERFREE: u32 = 1 << 5;

/** Objects whose members are still to be visited. When the list is full, objects are flagged QUEUED instead. */
const WORK_MAX: u32 = 32;
const work = memory.data(128);
let workCount: u32 = 0;
let overflowed = false;
let statics: usize = 0;

/** Octets that were free after the last collection; 0 before the first. */
let freeAfter: usize = 0;

/**
 * Collects if an eighth of the free memory has been used since the last time. So a slice begins with at least
 * 7/8 of the memory that live objects leave, and the work of collecting is in proportion to what was allocated.
 */
export function collectIfWorthwhile(): void {
  if (freeAfter == 0) freeAfter = freeMemory();
  if (freeMemory() <= freeAfter - (freeAfter >> 3)) collect();
}

/** Only between slices. */
export function collect(): void {
  __visit_globals(0);
  markStacks();
  visitAll();
  sweep();
  freeAfter = freeMemory();
}

/** What `__collect()` in the middle of a slice comes to. */
export function collectBeforeNextSlice(): void {
  freeAfter = usize.MAX_VALUE;
}

/** Marks an object as reachable, and sees to it that its members will be. */
export function visit(object: usize): void {
  if (!object) return;
  const hasMembers = !(load<u32>(__rtti_base + 4 + ((<usize>load<u32>(object - 8)) << 2)) & POINTERFREE);
  if (object < heapStart()) {
    if (hasMembers) visitStatic(object);
    return;
  }
  const size = load<u32>(object - 4);
  if (size & MARKED) return;
  if (!hasMembers || defer(object)) store<u32>(object - 4, size | MARKED);
  else store<u32>(object - 4, size | MARKED | QUEUED);
}

function visitStatic(object: usize): void {
  if (load<usize>(object - STATIC_LINK)) return;
  const link = statics | STATIC_MARKED;
  statics = object;
  store<usize>(object - STATIC_LINK, defer(object) ? link : link | STATIC_QUEUED);
}

/** Puts an object on the work list. False if it is full. */
function defer(object: usize): bool {
  if (workCount == WORK_MAX) {
    overflowed = true;
    return false;
  }
  store<usize>(work + ((<usize>workCount) << 2), object);
  workCount++;
  return true;
}

function visitDeferred(): void {
  while (workCount) {
    workCount--;
    __visit_members(load<usize>(work + ((<usize>workCount) << 2)), 0);
  }
}

function visitAll(): void {
  visitDeferred();
  while (overflowed) {
    overflowed = false;
    for (let block = blockFrom(heapStart()); block; block = next(block)) {
      const size = load<u32>(block, 4);
      if (load<u32>(block) < STACK && size & QUEUED) {
        store<u32>(block, size & ~QUEUED, 4);
        __visit_members(block + HEADER, 0);
        visitDeferred();
      }
    }
    for (let object = statics; object; object = load<usize>(object - STATIC_LINK) & ~3) {
      const link = load<usize>(object - STATIC_LINK);
      if (link & STATIC_QUEUED) {
        store<usize>(object - STATIC_LINK, link & ~STATIC_QUEUED);
        __visit_members(object, 0);
        visitDeferred();
      }
    }
  }
}

/** The block in use after this one, or 0. */
function next(block: usize): usize {
  return blockFrom(block + blockSize(<usize>(load<u32>(block, 4) & SIZE_MASK)));
}

/** A saved stack: address of its end so far, address of the block's end, then the saved locals. */
function markStacks(): void {
  for (let block = blockFrom(heapStart()); block; block = next(block)) {
    if (load<u32>(block) != STACK) continue;
    const end = load<usize>(block + HEADER);
    for (let word = block + HEADER + 8; word < end; word += 4) {
      const candidate = load<usize>(word);
      markCandidate(candidate);
      markCandidate(candidate + REACH);
    }
  }
}

function markCandidate(address: usize): void {
  if (address < heapStart() || address >= bitmapStart()) return;
  const block = blockBefore(address);
  if (!block || load<u32>(block) >= STACK) return;
  if (address < block + blockSize(<usize>(load<u32>(block, 4) & SIZE_MASK))) visit(block + HEADER);
}

function sweep(): void {
  beginFreeList();
  let gap = heapStart();
  for (let block = blockFrom(gap); block; ) {
    const size = load<u32>(block, 4);
    const end = block + blockSize(<usize>(size & SIZE_MASK));
    if (load<u32>(block) >= STACK || size & MARKED) {
      store<u32>(block, size & SIZE_MASK, 4);
      appendFree(gap, block);
      gap = end;
    } else {
      clearStart(block);
    }
    block = blockFrom(end);
  }
  appendFree(gap, bitmapStart());
  endFreeList();
  while (statics) {
    const link = load<usize>(statics - STATIC_LINK) & ~3;
    store<usize>(statics - STATIC_LINK, 0);
    statics = link;
  }
}
