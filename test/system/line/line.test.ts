import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, existsSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { ReadStream } from "node:tty";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildLine } from "../../../toolchain/firmware/firmware.js";

let program: string;
let folder: string;
let line: ChildProcess;
let printed: AsyncIterator<string>;
let ends: Terminal[];

/** One end of the line, as an agent or a board sees it. */
class Terminal {
  readonly fd: number;
  readonly stream: ReadStream;
  received: Buffer<ArrayBufferLike> = Buffer.alloc(0);

  constructor(file: string) {
    this.fd = openSync(file, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    this.stream = new ReadStream(this.fd);
    this.stream.on("data", (data: Buffer) => {
      this.received = Buffer.concat([this.received, data]);
    });
    this.stream.on("error", () => {}); // EIO when the line ends first
  }

  async receive(count: number): Promise<Buffer> {
    while (this.received.length < count) await once(this.stream, "data");
    return this.received;
  }
}

async function start(...args: string[]): Promise<[Terminal, Terminal]> {
  const files = [path.join(folder, "a"), path.join(folder, "b")];
  line = spawn(program, [...args, ...files], { stdio: ["pipe", "pipe", "inherit"] });
  printed = createInterface({ input: line.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  expect((await printed.next()).value).toMatch(/^ready .* seed \d+$/);
  const [a, b] = files.map((file) => new Terminal(file)) as [Terminal, Terminal];
  ends = [a, b];
  // The line looks every 20 ms whether somebody is at an end; before that it has nobody to pass octets to.
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    while (to.received.length === 0) {
      writeSync(from.fd, "\0");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  await command("stats");
  for (const end of ends) end.received = Buffer.alloc(0);
  return [a, b];
}

/** @returns the line that answers the command; for stats, of the direction a to b */
async function command(text: string): Promise<string> {
  line.stdin?.write(`${text}\n`);
  const answer: string = (await printed.next()).value;
  if (text === "stats") await printed.next();
  return answer;
}

const frames = (count: number) =>
  Buffer.concat(
    Array.from({ length: count }, (_, i) => Buffer.from([0x7e, ...Array<number>(29).fill(i % 0x70)])),
  );

beforeAll(async () => {
  program = (await buildLine()).path;
});

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "rosehip-line-"));
});

afterEach(async () => {
  for (const end of ends) end.stream.destroy();
  if (line.exitCode === null) {
    line.kill();
    await once(line, "close");
  }
  expect(line.exitCode).toBe(0);
  expect(existsSync(path.join(folder, "a"))).toBe(false);
  rmSync(folder, { recursive: true });
});

describe("rosehip-line", () => {
  it("passes octets both ways unchanged", async () => {
    const [a, b] = await start();
    writeSync(a.fd, frames(20));
    writeSync(b.fd, frames(10));
    expect(await b.receive(600)).toEqual(frames(20));
    expect(await a.receive(300)).toEqual(frames(10));
  });

  it("takes ten bit times for each octet", async () => {
    const [a, b] = await start("--baud", "19200");
    const begin = performance.now();
    writeSync(a.fd, frames(16));
    await b.receive(480);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(250); // 480 octets of 10 bits at 19,200 baud
  });

  it("damages and loses the part of the frames that it is told, the same for the same seed", async () => {
    const runs: Buffer[] = [];
    for (let run = 0; run < 2; run++) {
      const [a, b] = await start("--damage", "0.3", "--loss", "0.2", "--seed", "5");
      for (let i = 0; i < 100; i++) {
        writeSync(a.fd, frames(1));
        await command("stats"); // so that no write is larger than the terminal's buffer
      }
      const stats = await command("stats");
      const lost = Number(/lost_frames=(\d+)/.exec(stats)?.[1]);
      const damaged = Number(/damaged=(\d+)/.exec(stats)?.[1]);
      expect(lost).toBeGreaterThan(5);
      expect(lost).toBeLessThan(40);
      expect(damaged).toBeGreaterThan(5);
      runs.push(Buffer.from(await b.receive((100 - lost) * 30)));
      for (const end of ends) end.stream.destroy();
      line.kill();
      await once(line, "close");
    }
    expect(runs[0]).toEqual(runs[1]);
  });

  it("is cut and restored by command", async () => {
    const [a, b] = await start();
    expect(await command("cut")).toBe("cut");
    writeSync(a.fd, frames(3));
    expect(await command("stats")).toContain("stats a-to-b");
    expect(await command("restore")).toBe("restored");
    writeSync(a.fd, "after");
    expect((await b.receive(5)).toString()).toBe("after");
  });

  it("outlives the closing of an end", async () => {
    const [a, b] = await start();
    b.stream.destroy();
    writeSync(a.fd, frames(2));
    const again = new Terminal(path.join(folder, "b"));
    ends.push(again);
    while (again.received.length === 0) {
      writeSync(a.fd, "x");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(again.received.toString()).toMatch(/x$/);
  });
});
