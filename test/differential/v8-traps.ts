/** V8's words, and those of the firmware's engines for the same. */
const WORDS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/divide by zero|remainder by zero/, ["integer divide by zero"]],
  [/divide result unrepresentable/, ["integer overflow"]],
  [/float unrepresentable/, ["integer overflow", "invalid conversion to integer"]],
  [/memory access out of bounds/, ["out of bounds memory access"]],
  [/unreachable/, ["unreachable executed"]],
  [/table index is out of bounds/, ["undefined element"]],
  [/null function or function signature/, ["uninitialized element", "indirect call type mismatch"]],
  [/call stack/, ["stack overflow"]],
];

/** Of these words an engine is to say one where V8 threw `error`. */
export function trapWords(error: unknown): readonly string[] {
  const message = error instanceof Error ? error.message : String(error);
  return WORDS.find(([pattern]) => pattern.test(message))?.[1] ?? [message];
}
