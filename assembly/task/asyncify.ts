import { startRewind, startUnwind, stopRewind, stopUnwind } from "../link";
import { collectBeforeNextSlice, collectIfWorthwhile } from "../rt/collector";
import {
  allocateLargest,
  freeMemory,
  heapSize,
  release,
  resize,
  STACK,
  sizeOf,
  tryAllocate,
} from "../rt/heap";
import { outOfMemory } from "../rt/out-of-memory";
import { Task } from "./task";

// Suspending and resuming by Binaryen's Asyncify pass, which gives every function that can reach suspend() a prologue
// and an epilogue, and implements the four functions of ../link inside the module. Unwinding: each function saves its
// locals and returns, up to runSlice. Rewinding: each function restores them and calls what it was calling.
//
//   a saved stack (a block of kind STACK)
//   ├─ 4: address where the next local goes; the end of what is saved
//   ├─ 4: address where the block ends
//   └─ saved locals
//
// The stack of a task is unwound into the largest free block, and what was not needed is given back at once: it
// takes exactly the octets of its live locals, and no limit has to be chosen for it. It then moves to the first gap
// that holds it, so that large free blocks stay whole.
//
// The pass neither instruments a function that starts or stops unwinding or rewinding, nor lets it be inlined
// (toolchain/build/asyncify.ts): all of that is in suspend and runSlice.

const SAVED_END: usize = 0;
const BLOCK_END: usize = 4;
const STACK_HEADER: usize = 8;

/** The task that runs now. */
export let current: Task | null = null;
let rewinding = false;

/** {@link current}, where it is known that there is one. */
export function running(): Task {
  return changetype<Task>(changetype<usize>(current));
}

/** Leaves the running task; returns when its next slice begins. */
export function suspend(): void {
  const task = running();
  if (rewinding) {
    stopRewind();
    rewinding = false;
    release(task.stack);
    task.stack = 0;
    return;
  }
  const stack = allocateLargest();
  store<usize>(stack, stack + STACK_HEADER, SAVED_END);
  store<usize>(stack, stack + sizeOf(stack), BLOCK_END);
  task.stack = stack;
  startUnwind(stack);
}

/** Moves a saved stack to the first place that is free, if that is before its own. @returns its address */
function moveDown(stack: usize, size: usize): usize {
  const moved = tryAllocate(size, STACK);
  if (!moved) return stack;
  if (moved > stack) {
    release(moved);
    return stack;
  }
  memory.copy(moved, stack, size);
  store<usize>(moved, moved + size, SAVED_END);
  store<usize>(moved, moved + size, BLOCK_END);
  release(stack);
  return moved;
}

/** Runs a task from its beginning, or from where it was suspended, until it ends or is suspended (again). */
export function runSlice(task: Task): void {
  current = task;
  collectIfWorthwhile();
  const resumed = task.stack != 0;
  if (resumed) {
    rewinding = true;
    startRewind(task.stack);
  }
  task.run();
  const stack = task.stack;
  if (stack) {
    const end = load<usize>(stack, SAVED_END);
    // The pass does not check while it writes. What it overwrote does not matter any more: this traps.
    if (end > load<usize>(stack, BLOCK_END))
      outOfMemory(end - stack, freeMemory() + sizeOf(stack), heapSize());
    stopUnwind();
    task.stack = moveDown(resize(stack, end - stack), end - stack);
  } else if (resumed && freeMemory() < heapSize() / 2) {
    // What it kept while it was suspended counted as live in the last collection.
    collectBeforeNextSlice();
  }
  current = null;
}
