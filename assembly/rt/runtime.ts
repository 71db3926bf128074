import { collectBeforeNextSlice, visit } from "./collector";
import { allocate, heapStart, RAW, release, resize, sizeOf } from "./heap";

// What AssemblyScript expects of a runtime (its std/assembly/rt/README.md). The library relies on new memory of
// objects being zero, because asc takes a custom runtime for an incremental one (ASC_RUNTIME). Not checked by the
// formatter, which does not know decorators of functions.

/** Memory outside the collector's care, with undefined content. Panics if there is none. */
// @ts-ignore: decorator
@global @unsafe
export function __alloc(size: usize): usize {
  return allocate(size, RAW);
}

// @ts-ignore: decorator
@global @unsafe
export function __realloc(payload: usize, size: usize): usize {
  return resize(payload, size);
}

// @ts-ignore: decorator
@global @unsafe
export function __free(payload: usize): void {
  release(payload);
}

/** A new object, filled with zeros. */
// @ts-ignore: decorator
@global @unsafe
export function __new(size: usize, id: u32): usize {
  const payload = allocate(size, id);
  memory.fill(payload, 0, size);
  return payload;
}

/** A larger or smaller object in place of an old one, filled up with zeros. */
// @ts-ignore: decorator
@global @unsafe
export function __renew(old: usize, size: usize): usize {
  const before = sizeOf(old);
  let payload: usize;
  if (old < heapStart()) {
    payload = allocate(size, load<u32>(old - 8));
    memory.copy(payload, old, min(size, before));
  } else {
    payload = resize(old, size);
  }
  if (size > before) memory.fill(payload + before, 0, size - before);
  return payload;
}

/** Nothing to do: a collection runs only when nothing else does. */
// @ts-ignore: decorator
@global @unsafe
export function __link(_parent: usize, _child: usize, _expectMultiple: bool): void {}

// @ts-ignore: decorator
@global @unsafe
export function __collect(): void {
  collectBeforeNextSlice();
}

// @ts-ignore: decorator
@global @unsafe
export function __visit(object: usize, _cookie: u32): void {
  visit(object);
}
