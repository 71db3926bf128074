import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Distro, rosEnvironment, rosVenv } from "./ros2.js";

const script = fileURLToPath(new URL("./nodes/rtps_peer.py", import.meta.url));

type Answer = Readonly<Record<string, unknown>>;

/** An rclpy process that obeys one command at a time: nodes/rtps_peer.py says which. */
export class RclpyPeer {
  private readonly answers: Answer[] = [];
  private waiting: ((answer: Answer) => void) | undefined;
  private errors = "";

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    createInterface({ input: child.stdout }).on("line", (line) => this.put(JSON.parse(line) as Answer));
    child.stderr.on("data", (chunk: Buffer) => {
      this.errors += chunk.toString();
    });
    child.on("exit", (code, signal) => this.put({ error: `ended by ${signal ?? code}: ${this.errors}` }));
  }

  static async start(distro: Distro, domainId: number): Promise<RclpyPeer> {
    const venv = await rosVenv(distro);
    const env = { ...rosEnvironment(venv, domainId) };
    const peer = new RclpyPeer(spawn(`${venv}/bin/python`, [script], { env }));
    await peer.take();
    return peer;
  }

  /** @throws if the command fails in the peer */
  async do<T = Answer>(command: string, details: Answer = {}): Promise<T> {
    this.child.stdin.write(`${JSON.stringify({ do: command, ...details })}\n`);
    return (await this.take()) as T;
  }

  /** Ends it without a goodbye. */
  kill(): Promise<void> {
    return new Promise((resolve) => {
      if (this.child.exitCode !== null || this.child.signalCode !== null) resolve();
      else this.child.once("exit", () => resolve());
      this.child.kill("SIGKILL");
    });
  }

  private put(answer: Answer): void {
    if (this.waiting === undefined) this.answers.push(answer);
    else this.waiting(answer);
    this.waiting = undefined;
  }

  private async take(): Promise<Answer> {
    const answer =
      this.answers.shift() ??
      (await new Promise<Answer>((resolve) => {
        this.waiting = resolve;
      }));
    if (answer["error"] !== undefined) throw new Error(`rclpy peer: ${String(answer["error"])}`);
    return answer;
  }
}
