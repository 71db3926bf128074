import { beforeAll, describe, expect, it } from "vitest";
import type { SimulatedBoard } from "../../simulation/board.js";
import type { BuildResult } from "../../toolchain/build/build.js";
import { boardWith, buildTestApp, call, type RunResponse, send } from "./run-service.js";

const SLOTS = 16;

/** The app's generator (apps/heap.as.ts), in 32 bits. */
const next = (seed: number) => (Math.imul(seed, 1664525) + 1013904223) >>> 0;
const fold = (sum: number, value: number) => (Math.imul(sum, 31) + value) >>> 0;

interface Cell {
  readonly seed: number;
  readonly numbers: readonly number[];
  readonly left: Cell | undefined;
  readonly right: Cell | undefined;
}

/** The shadow of `grow` in the app: the same content out of the same seed. */
function grow(seed: number, count: number, chain: boolean): Cell {
  const random = next(seed);
  const numbers = Array.from({ length: (random >>> 16) & 15 }, (_, i) => (random >>> (i & 7)) & 0xff);
  const half = Math.trunc(count / 2);
  const left = count > 1 ? grow(next(random), chain ? count - 1 : half, chain) : undefined;
  const right = count > 2 && !chain ? grow(next(next(random)), half - 1, false) : undefined;
  return { seed, numbers, left, right };
}

function digest(cell: Cell | undefined): bigint {
  let sum = 7;
  for (let at = cell; at !== undefined; at = at.left) {
    sum = fold(sum, at.seed);
    for (const number of at.numbers) sum = fold(sum, number);
    for (const character of `cell ${at.seed}`) sum = fold(sum, character.charCodeAt(0));
    if (at.right !== undefined) sum = fold(sum, Number(digest(at.right)));
  }
  return BigInt(sum);
}

describe("the heap", () => {
  let app: BuildResult;

  beforeAll(async () => {
    app = await buildTestApp("heap", 32768);
  });

  const freeAfterCollection = async (board: SimulatedBoard) => (await call(board, "/collect", "")).value;

  it.each([1, 2, 3, 4])(
    "keeps what is reachable and gives everything else back, seed %i",
    { timeout: 60_000 },
    async (seed) => {
      const board = boardWith(app, { loopLimit: 0 });
      const random = new Random(seed);
      await freeAfterCollection(board);
      const baseline = await freeAfterCollection(board);
      const shadow = new Map<string, bigint>();
      const held: { readonly answer: Promise<RunResponse>; readonly expected: bigint }[] = [];
      for (let step = 0; step < 4000; step++) {
        const slot = random.below(SLOTS);
        const content = random.below(0x7fffffff);
        const count = 1 + random.below(5);
        switch (random.below(8)) {
          case 0:
          case 1:
          case 2: {
            const verb = random.below(2) === 0 ? "tree" : "chain";
            await call(board, "/run", `${verb} ${slot} ${count}`, BigInt(content));
            shadow.set(`digest ${slot}`, digest(grow(content, count, verb === "chain")));
            break;
          }
          case 3:
            await call(board, "/run", `name n${slot & 3} ${count}`, BigInt(content));
            shadow.set(`named n${slot & 3}`, digest(grow(content, count, false)));
            break;
          case 4:
            await call(board, "/run", `drop ${slot}`);
            shadow.set(`digest ${slot}`, 7n);
            break;
          case 5:
            if (held.length < 4) {
              const answer = send(board, "/run", `hold ${1 + random.below(40)} ${count}`, BigInt(content));
              held.push({ answer, expected: digest(grow(content, count, false)) });
            }
            break;
          case 6:
            board.advance(random.below(30));
            for (const { answer, expected } of held.splice(0, held.length)) {
              board.advance(40);
              expect((await answer).value).toBe(expected);
            }
            break;
          default: {
            const [command, expected] = [...shadow][random.below(shadow.size)] ?? [];
            if (command === undefined) break;
            const { value, message } = await call(board, "/run", command);
            expect({ step, command, value, message }).toEqual({
              step,
              command,
              value: expected,
              message: "",
            });
          }
        }
      }
      board.advance(100);
      for (const { answer, expected } of held) expect((await answer).value).toBe(expected);
      for (const [command, expected] of shadow)
        expect((await call(board, "/run", command)).value).toBe(expected);
      for (let slot = 0; slot < SLOTS; slot++) await call(board, "/run", `drop ${slot}`);
      for (let name = 0; name < 4; name++) await call(board, "/run", `name n${name} 1`, 1n);
      expect(board.traps).toEqual([]);
      expect(board.running.guardIntact).toBe(true);
      // The map stays: four entries of one cell each, and its own tables.
      expect(baseline - (await freeAfterCollection(board))).toBeLessThan(1000n);
    },
  );

  it("follows more references than its work list holds, and long chains", async () => {
    const board = boardWith(await buildTestApp("heap", 131072), { loopLimit: 0 });
    const count = 200;
    const { value, message } = await call(board, "/wide", "", BigInt(count));
    let sum = 0;
    for (let i = 0; i < count; i++) sum = fold(sum, Number(digest(grow(i, 2, false))));
    expect(board.traps).toEqual([]);
    expect(value).toBe(BigInt(sum));
    expect(message).toBe(digest(grow(1, count, true)).toString());
  });

  it("returns to the same free memory after any number of calls", async () => {
    const board = boardWith(app, { loopLimit: 0 });
    await call(board, "/run", "tree 0 5", 1n);
    await freeAfterCollection(board);
    const before = await freeAfterCollection(board);
    for (let i = 0; i < 2000; i++) await call(board, "/run", "tree 0 5", 1n);
    // The word-by-word look at saved stacks may keep an object or two for a while.
    expect(before - (await freeAfterCollection(board))).toBeLessThanOrEqual(128n);
  });

  it("works in 8 KiB", async () => {
    const small = await buildTestApp("heap", 8192);
    const board = boardWith(small, { loopLimit: 0 });
    for (let i = 0; i < 1000; i++) await call(board, "/run", `tree ${i & 1} 4`, BigInt(i));
    expect((await call(board, "/run", "digest 1")).value).toBe(digest(grow(999, 4, false)));
    expect(board.traps).toEqual([]);
    expect(board.running.guardIntact).toBe(true);
  });

  it("answers the requests for which there is no room, and serves the others", async () => {
    const board = boardWith(app, { loopLimit: 0 });
    const waiting = Array.from({ length: 120 }, (_, i) => send(board, "/run", "hold 1000 3", BigInt(i)));
    board.advance(2000);
    const failed = (await Promise.all(waiting)).filter(({ success }) => !success);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(100);
    for (const { message } of failed)
      expect(message).toMatch(/^out of memory: request of \d+ bytes, \d+ free$/);
    expect(board.traps).toEqual([]);
  });

  it("says what was wanted when a task's stack does not fit", async () => {
    const board = boardWith(await buildTestApp("tasks"), { loopLimit: 0 });
    expect(await call(board, "/lab/deep", "", 30n)).toMatchObject({ success: true });
    const { success, message } = await call(board, "/lab/deep", "", 2000n);
    expect({ success, message }).toEqual({
      success: false,
      message: expect.stringMatching(/^out of memory: \d+ bytes wanted, \d+ free of \d+/),
    });
  });
});

/** Park and Miller's generator, so that a seed in a test's name repeats it. */
class Random {
  constructor(private state: number) {}

  below(limit: number): number {
    this.state = Number((BigInt(this.state) * 48271n) % 2147483647n);
    return this.state % limit;
  }
}
