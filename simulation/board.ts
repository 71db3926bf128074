import { RosehipError } from "../host-agent/src/errors.js";
import { type AppInstance, AppModule } from "./app.js";
import { milliseconds, type VirtualClock } from "./clock.js";
import type { SimulatedNode, SimulatedService, SimulatedTopicEnd } from "./entities.js";
import { Firmware, type FirmwareOptions, type LogLine } from "./firmware.js";
import { type Graph, type GraphMember, SimulatedGraph } from "./graph.js";

export interface BoardOptions extends FirmwareOptions {
  /** Whom to meet, in a common time; a graph of its own if not given. */
  readonly graph?: Graph;
  /** Function entries and turns of loops allowed in one poll; 0 for no limit. Default 20 million. */
  readonly loopLimit?: number;
}

const DEFAULT_LOOP_LIMIT = 20_000_000;
/** As long as `call` waits in virtual time before it gives up. */
const CALL_LIMIT_NS = milliseconds(3_600_000);
const NEVER = 2n ** 63n - 1n;

/** A board in memory, on a simulated graph. Nothing happens outside its methods. */
export class SimulatedBoard implements GraphMember {
  readonly graph: Graph;
  readonly firmware: Firmware;
  /** Why each trap happened, oldest first. */
  readonly traps: string[] = [];

  private app: AppModule | undefined;
  private instance: AppInstance | undefined;
  private pollAt = 0n;

  constructor(private readonly options: BoardOptions = {}) {
    this.graph = options.graph ?? new SimulatedGraph();
    this.firmware = new Firmware(this.graph, options);
    this.graph.join(this);
  }

  get logs(): LogLine[] {
    return this.firmware.logs;
  }

  get clock(): VirtualClock {
    return this.graph.clock;
  }

  /** What the present run of the app has made, by handle. */
  get nodes(): Map<number, SimulatedNode> {
    const nodes = [...this.firmware.entities.of("node")];
    return new Map(nodes.map(([handle, { name, namespace }]) => [handle, { name, namespace }]));
  }

  get services(): Map<number, SimulatedService> {
    return this.firmware.entities.of("server");
  }

  get clients(): Map<number, SimulatedService> {
    return this.firmware.entities.of("client");
  }

  get publishers(): Map<number, SimulatedTopicEnd> {
    return this.firmware.entities.of("publisher");
  }

  get subscriptions(): Map<number, SimulatedTopicEnd> {
    return this.firmware.entities.of("subscription");
  }

  /** Requests the app has not answered, and calls of its own that are in flight. */
  get pending(): { readonly requests: number; readonly calls: number } {
    return { requests: this.firmware.events.unanswered, calls: this.firmware.calls.inFlight };
  }

  /** Starts an app in place of the one before, and runs its top-level code up to its first sleep. @throws BOARD_APP_FAILED */
  load(wasm: Uint8Array): void {
    this.app = new AppModule(wasm, this.options.loopLimit ?? DEFAULT_LOOP_LIMIT);
    this.firmware.entities.clear();
    this.start();
    this.settle();
  }

  /** Takes the board off its graph: its power fails. */
  unplug(): void {
    this.instance = undefined;
    this.firmware.entities.clear();
    this.firmware.calls.forgetAll();
    this.firmware.hardware.reset();
    this.graph.leave(this);
  }

  /** The running instance. @throws BOARD_NO_APP */
  get running(): AppInstance {
    if (this.instance === undefined) {
      throw new RosehipError("BOARD_NO_APP", "no app is running", {
        where: this.traps.at(-1) ?? "load none yet",
      });
    }
    return this.instance;
  }

  /**
   * Sends a request to a service of this board; it is handled by the next `advance` or `settle`.
   * @param payload CDR without encapsulation header
   * @returns the response's CDR
   */
  request(service: string, payload: Uint8Array, bigEndian = false): Promise<Uint8Array> {
    return this.send(service, payload, bigEndian).reply;
  }

  /** Sends a request and lets time pass until it is answered. @throws BOARD_NO_REPLY after an hour of virtual time */
  async call(service: string, payload: Uint8Array, bigEndian = false): Promise<Uint8Array> {
    const { token, reply } = this.send(service, payload, bigEndian);
    const limit = this.clock.now + CALL_LIMIT_NS;
    this.settle();
    while (this.firmware.events.isUnanswered(token)) {
      const next = this.graph.wakeAt;
      if (next === undefined || next > limit)
        throw new RosehipError("BOARD_NO_REPLY", `${service} does not answer`);
      this.graph.advanceTo(next);
    }
    return reply;
  }

  private send(service: string, payload: Uint8Array, bigEndian: boolean) {
    const found = [...this.services.values()].find(({ name }) => name === service);
    if (found === undefined) {
      throw new RosehipError("BOARD_NO_SERVICE", `no service ${service}`, {
        remedy: `There are: ${[...this.services.values()].map(({ name }) => name).join(", ") || "none"}.`,
      });
    }
    let token = 0;
    const reply = new Promise<Uint8Array>((resolve, reject) => {
      const call = { payload, bigEndian, reply: resolve, fail: reject };
      token = this.firmware.events.addRequest(found.handle, service, call);
    });
    return { token, reply };
  }

  /** Lets `ms` milliseconds pass for the whole graph; everything due in them happens at its time. */
  advance(ms: number): void {
    this.graph.advanceTo(this.clock.now + milliseconds(ms));
  }

  /** Lets everything happen on the graph that is due at this moment. */
  settle(): void {
    this.graph.settle();
  }

  // --- what the graph calls ---------------------------------------------------------------------------------

  get wakeAt(): bigint | undefined {
    return this.instance === undefined || this.pollAt === NEVER ? undefined : this.pollAt;
  }

  get isReady(): boolean {
    return this.instance !== undefined && (this.pollAt <= this.clock.now || this.firmware.eventWaits);
  }

  step(): void {
    const first = this.pollAt === 0n;
    try {
      this.pollAt = this.running.poll();
    } catch (error) {
      this.trapped(error, first);
    }
  }

  private start(): void {
    if (this.app === undefined) throw new RosehipError("BOARD_NO_APP", "load an app first");
    this.firmware.beginRun();
    this.pollAt = 0n;
    this.instance = this.app.instantiate(this.firmware);
  }

  /** As the firmware does: a new instance, to which the requests that were being handled go as faulted. */
  private trapped(error: unknown, first: boolean): void {
    if (!(error instanceof Error)) throw error;
    const reason = this.firmware.panicReason ?? error.message;
    this.traps.push(reason);
    this.firmware.hardware.reset();
    if (first) {
      this.instance = undefined;
      const failure = new RosehipError("BOARD_APP_FAILED", `the app trapped while starting: ${reason}`);
      this.firmware.events.fail(failure);
      throw failure;
    }
    this.firmware.events.faulted(reason);
    this.start();
  }
}
