import { RosehipError } from "../host-agent/src/errors.js";
import { AbiClock, AbiError, AbiEvent, type AbiHost, writeEventInfo } from "./abi.js";
import { type AppInstance, AppModule } from "./app.js";
import { milliseconds, VirtualClock } from "./clock.js";

export interface BoardOptions {
  /** Function entries and turns of loops allowed in one poll; 0 for no limit. Default 20 million. */
  readonly loopLimit?: number;
  /** Largest response the link carries, in octets. */
  readonly replyLimit?: number;
  /** Nanoseconds since 1970 when the board started; 0 for a clock that was never synchronised. */
  readonly rosTimeAtStart?: bigint;
}

export interface LogLine {
  /** Monotonic nanoseconds. */
  readonly time: bigint;
  readonly severity: number;
  readonly logger: string;
  readonly message: string;
}

export interface SimulatedService {
  readonly handle: number;
  readonly node: number;
  readonly name: string;
  readonly requestType: string;
  readonly responseType: string;
  /** RIHS01 of request and response, 64 octets; absent if the app gave none. */
  readonly hashes: Uint8Array | undefined;
}

/**
 * A request on its way through the app: queued (in `queue`), then shown by event_next (`handled`), then answered.
 * It is shown only once the present run of the app has made its service. When the app traps, those shown are queued
 * again with `faults` counted; those not yet shown stay as they are.
 */
interface Request {
  readonly token: number;
  readonly service: string;
  payload: Uint8Array;
  readonly bigEndian: boolean;
  handled: boolean;
  /** Runs of the app that ended while it was handled. */
  faults: number;
  readonly resolve: (reply: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

const utf8 = new TextEncoder();
/** Runs that one request may bring down before it is given up, as in the firmware. */
const MAX_FAULTS = 3;
const DEFAULT_LOOP_LIMIT = 20_000_000;
/** As long as `call` waits in virtual time before it gives up. */
const CALL_LIMIT_NS = milliseconds(3_600_000);

/** A board in memory: the firmware's side of the ABI, with a clock of its own. Nothing happens outside its methods. */
export class SimulatedBoard implements AbiHost {
  readonly clock = new VirtualClock();
  readonly logs: LogLine[] = [];
  /** Why each trap happened, oldest first. */
  readonly traps: string[] = [];
  /** Services by handle, as the present run of the app created them. */
  readonly services = new Map<number, SimulatedService>();
  readonly nodes = new Map<number, { readonly name: string; readonly namespace: string }>();
  /** While true, service_reply returns BUSY. */
  busy = false;

  private app: AppModule | undefined;
  private instance: AppInstance | undefined;
  private readonly queue: Request[] = [];
  private readonly unanswered = new Map<number, Request>();
  private wakeAt = 0n;
  private reason: string | undefined;
  private handles = 0;
  private tokens = 0;

  constructor(private readonly options: BoardOptions = {}) {}

  /** Starts an app in place of the one before, and runs its top-level code up to its first sleep. @throws BOARD_APP_FAILED */
  load(wasm: Uint8Array): void {
    this.app = new AppModule(wasm, this.options.loopLimit ?? DEFAULT_LOOP_LIMIT);
    this.start();
    this.settle();
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
   * Sends a request to a service; it is handled by the next `advance` or `settle`.
   * @param payload CDR without encapsulation header
   * @returns the response's CDR
   */
  request(service: string, payload: Uint8Array, bigEndian = false): Promise<Uint8Array> {
    if (this.handleOf(service) === undefined) {
      throw new RosehipError("BOARD_NO_SERVICE", `no service ${service}`, {
        remedy: `There are: ${[...this.services.values()].map(({ name }) => name).join(", ") || "none"}.`,
      });
    }
    return new Promise((resolve, reject) => {
      const token = ++this.tokens;
      const request: Request = {
        token,
        service,
        payload: payload.slice(),
        bigEndian,
        handled: false,
        faults: 0,
        resolve,
        reject,
      };
      this.queue.push(request);
      this.unanswered.set(token, request);
    });
  }

  /** Sends a request and lets time pass until it is answered. @throws BOARD_NO_REPLY after an hour of virtual time */
  async call(service: string, payload: Uint8Array, bigEndian = false): Promise<Uint8Array> {
    const reply = this.request(service, payload, bigEndian);
    const token = this.tokens;
    const limit = this.clock.now + CALL_LIMIT_NS;
    this.settle();
    while (this.unanswered.has(token)) {
      if (this.wakeAt > limit) throw new RosehipError("BOARD_NO_REPLY", `${service} does not answer`);
      this.clock.advanceTo(this.wakeAt);
      this.settle();
    }
    return reply;
  }

  /** Lets `ms` milliseconds pass; everything due in them happens at its time. */
  advance(ms: number): void {
    const end = this.clock.now + milliseconds(ms);
    this.settle();
    while (this.wakeAt <= end) {
      this.clock.advanceTo(this.wakeAt);
      this.settle();
    }
    this.clock.advanceTo(end);
  }

  /** Polls until the app has nothing more to do at this moment. */
  settle(): void {
    do this.step();
    while (this.nextEvent() !== undefined || this.wakeAt <= this.clock.now);
  }

  private step(): void {
    const first = this.wakeAt === 0n;
    try {
      this.wakeAt = this.running.poll();
    } catch (error) {
      this.trapped(error, first);
    }
  }

  private start(): void {
    if (this.app === undefined) throw new RosehipError("BOARD_NO_APP", "load an app first");
    this.services.clear();
    this.nodes.clear();
    this.reason = undefined;
    this.wakeAt = 0n;
    this.instance = this.app.instantiate(this);
  }

  /** As the firmware does: a new instance, to which the requests that were being handled go as faulted. */
  private trapped(error: unknown, first: boolean): void {
    if (!(error instanceof Error)) throw error;
    const reason = this.reason ?? error.message;
    this.traps.push(reason);
    if (first) {
      this.instance = undefined;
      const failure = new RosehipError("BOARD_APP_FAILED", `the app trapped while starting: ${reason}`);
      for (const { reject } of this.unanswered.values()) reject(failure);
      this.unanswered.clear();
      this.queue.length = 0;
      throw failure;
    }
    const faulted = [...this.unanswered.values()].filter(({ handled }) => handled);
    for (const request of faulted) {
      request.payload = utf8.encode(reason);
      request.handled = false;
      if (++request.faults > MAX_FAULTS) this.giveUp(request, reason);
    }
    const untouched = this.queue.filter((request) => !faulted.includes(request));
    const again = faulted.filter(({ token }) => this.unanswered.has(token));
    this.queue.splice(0, this.queue.length, ...again, ...untouched);
    this.start();
  }

  private giveUp(request: Request, reason: string): void {
    this.unanswered.delete(request.token);
    request.reject(
      new RosehipError("BOARD_NO_REPLY", `${request.service} brought down ${MAX_FAULTS + 1} runs: ${reason}`),
    );
  }

  /** The request shown already, or else the oldest one whose service there is. */
  private nextEvent(): Request | undefined {
    const head = this.queue.find(({ handled }) => handled);
    return head ?? this.queue.find(({ service }) => this.handleOf(service) !== undefined);
  }

  private handleOf(service: string): number | undefined {
    for (const { handle, name } of this.services.values()) if (name === service) return handle;
    return undefined;
  }

  // --- what the app calls -----------------------------------------------------------------------------------

  log(severity: number, logger: string, message: string): void {
    this.logs.push({ time: this.clock.now, severity, logger, message });
  }

  panic(message: string, file: string, line: number, column: number): void {
    this.reason = file === "" ? message : `${message} (${file}:${line}:${column})`;
  }

  now(clock: number): bigint {
    if (clock !== AbiClock.ROS) return this.clock.now;
    const start = this.options.rosTimeAtStart ?? 0n;
    return start === 0n ? 0n : start + this.clock.now;
  }

  nodeCreate(name: string, namespace: string): number {
    this.nodes.set(++this.handles, { name, namespace });
    return this.handles;
  }

  serviceCreate(
    node: number,
    name: string,
    requestType: string,
    responseType: string,
    hashes: Uint8Array | undefined,
  ): number {
    if (!this.nodes.has(node)) return AbiError.BAD_HANDLE;
    const handle = ++this.handles;
    this.services.set(handle, { handle, node, name, requestType, responseType, hashes: hashes?.slice() });
    return handle;
  }

  entityDestroy(entity: number): number {
    if (this.services.delete(entity)) return 0;
    if (!this.nodes.delete(entity)) return AbiError.BAD_HANDLE;
    for (const { handle, node } of this.services.values()) if (node === entity) this.services.delete(handle);
    return 0;
  }

  eventNext(info: Uint8Array): number {
    const request = this.nextEvent();
    if (request === undefined) return AbiEvent.NONE;
    request.handled = true;
    const entity = this.handleOf(request.service) ?? 0;
    const { token, payload, bigEndian, faults } = request;
    const flags = bigEndian && faults === 0 ? 1 : 0;
    writeEventInfo(info, { entity, request: token, length: payload.byteLength, flags, reserved: 0 });
    return faults > 0 ? AbiEvent.REQUEST_FAULTED : AbiEvent.REQUEST;
  }

  eventTake(payload: Uint8Array): number {
    const request = this.queue.find(({ handled }) => handled);
    if (request === undefined) return AbiError.NO_EVENT;
    if (payload.byteLength !== 0 && payload.byteLength < request.payload.byteLength)
      return AbiError.TOO_LARGE;
    if (payload.byteLength !== 0) payload.set(request.payload);
    this.queue.splice(this.queue.indexOf(request), 1);
    return payload.byteLength === 0 ? 0 : request.payload.byteLength;
  }

  serviceReply(token: number, payload: Uint8Array): number {
    const request = this.unanswered.get(token);
    if (request === undefined) return AbiError.BAD_HANDLE;
    if (this.busy) return AbiError.BUSY;
    if (payload.byteLength > (this.options.replyLimit ?? Number.POSITIVE_INFINITY)) return AbiError.TOO_LARGE;
    this.unanswered.delete(token);
    request.resolve(payload.slice());
    return 0;
  }

  // Clients, topics and storage: not simulated yet, and said so by an error.

  clientCreate(): number {
    return AbiError.OUT_OF_MEMORY;
  }

  clientCall(): number {
    return AbiError.BAD_HANDLE;
  }

  requestForget(): number {
    return AbiError.BAD_HANDLE;
  }

  publisherCreate(): number {
    return AbiError.OUT_OF_MEMORY;
  }

  publish(): number {
    return AbiError.BAD_HANDLE;
  }

  subscriptionCreate(): number {
    return AbiError.OUT_OF_MEMORY;
  }

  matched(): number {
    return AbiError.BAD_HANDLE;
  }

  storageRead(): number {
    return AbiError.STORAGE;
  }

  storageWrite(): number {
    return AbiError.STORAGE;
  }
}
