import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { TestContext } from "vitest";

/** What all processes of a test file started, so that nothing outlives it. */
const running = new Set<RunningProcess>();
/** Also those that have ended, until the test is over. */
const started: RunningProcess[] = [];

/** A process of the system under test: its lines are kept, can be waited for, and are shown when a test fails. */
export class RunningProcess {
  readonly lines: string[] = [];
  readonly exited: Promise<number | NodeJS.Signals>;
  private readonly child: ChildProcess;
  private readonly waiting = new Set<() => void>();
  private ended = false;

  constructor(
    readonly title: string,
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = process.env,
    cwd?: string,
  ) {
    this.child = spawn(command, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        this.lines.push(line);
        for (const check of this.waiting) check();
      });
    }
    running.add(this);
    started.push(this);
    this.exited = new Promise((resolve) => {
      const done = (status: number | NodeJS.Signals) => {
        this.ended = true;
        running.delete(this);
        resolve(status);
        for (const check of this.waiting) check();
      };
      this.child.once("error", (error) => {
        this.lines.push(String(error));
        done(127);
      });
      this.child.once("close", (code, signal) => done(code ?? signal ?? 0));
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.title} did not start:\n${this.transcript()}`);
    return this.child.pid;
  }

  get isRunning(): boolean {
    return !this.ended;
  }

  /** What it has said so far, for failure messages. */
  transcript(): string {
    return this.lines.map((line) => `  [${this.title}] ${line}`).join("\n");
  }

  /**
   * The first line from `from` on that matches.
   * @throws with the transcript after `timeoutMs`, or as soon as the process ends without it
   */
  waitFor(pattern: RegExp, timeoutMs = 15_000, from = 0): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      let next = from;
      const finish = (act: () => void) => {
        clearTimeout(timer);
        this.waiting.delete(check);
        act();
      };
      const fail = (why: string) =>
        finish(() => reject(new Error(`${this.title}: ${why} ${pattern}\n${this.transcript()}`)));
      const check = () => {
        for (; next < this.lines.length; next++) {
          const match = pattern.exec(this.lines[next] ?? "");
          if (match !== null) return finish(() => resolve(match));
        }
        if (this.ended) fail("ended without");
      };
      const timer = setTimeout(() => fail(`${timeoutMs} ms passed without`), timeoutMs);
      this.waiting.add(check);
      check();
    });
  }

  write(text: string): void {
    this.child.stdin?.write(text);
  }

  /** Sends a signal that does not end it, and waits for the line with which it answers. */
  ask(signal: NodeJS.Signals, answer: RegExp): Promise<RegExpExecArray> {
    const from = this.lines.length;
    this.child.kill(signal);
    return this.waitFor(answer, 15_000, from);
  }

  /** Ends it by its pid and waits until it is gone. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<number | NodeJS.Signals> {
    if (!this.ended) this.child.kill(signal);
    return this.exited;
  }
}

/** For afterEach and afterAll: ends what is still running; if the test failed, shows what it said. */
export async function endAll(context?: TestContext): Promise<void> {
  if (context?.task.result?.state === "fail") {
    for (const one of started.splice(0)) console.error(one.transcript());
  }
  started.length = 0;
  await Promise.all([...running].map((one) => one.kill()));
}
