import { RosehipError } from "../host-agent/src/errors.js";
import {
  ABI_MISMATCH,
  ABI_STORAGE_KEY_OCTETS,
  ABI_STORAGE_VALUE_OCTETS,
  AbiClock,
  AbiError,
  AbiEvent,
  type AbiHost,
  readQos,
  writeEventInfo,
} from "./abi.js";
import { type AppInstance, AppModule } from "./app.js";
import { Calls } from "./calls.js";
import { milliseconds, type VirtualClock } from "./clock.js";
import {
  Entities,
  type EntityDescription,
  type SimulatedNode,
  type SimulatedService,
  type SimulatedTopicEnd,
} from "./entities.js";
import { Events } from "./events.js";
import {
  type ClientEnd,
  type Graph,
  type GraphCall,
  type GraphMember,
  type ReaderEnd,
  type ServerEnd,
  SimulatedGraph,
  type WriterEnd,
} from "./graph.js";

export interface BoardOptions {
  /** Whom to meet, in a common time; a graph of its own if not given. */
  readonly graph?: Graph;
  /** Function entries and turns of loops allowed in one poll; 0 for no limit. Default 20 million. */
  readonly loopLimit?: number;
  /** Largest sample the link carries, in octets. */
  readonly sampleLimit?: number;
  /** Nanoseconds since 1970 when the graph's clock started; 0 for a clock that was never synchronised. */
  readonly rosTimeAtStart?: bigint;
  /** What the app stores, by key; that of another board to go on with it. */
  readonly storage?: Map<string, Uint8Array>;
}

export interface LogLine {
  /** Monotonic nanoseconds. */
  readonly time: bigint;
  readonly severity: number;
  readonly logger: string;
  readonly message: string;
}

const DEFAULT_LOOP_LIMIT = 20_000_000;
/** As long as `call` waits in virtual time before it gives up. */
const CALL_LIMIT_NS = milliseconds(3_600_000);
const NEVER = 2n ** 63n - 1n;

/** A board in memory: the firmware's side of the ABI, on a simulated graph. Nothing happens outside its methods. */
export class SimulatedBoard implements AbiHost, GraphMember {
  readonly graph: Graph;
  readonly logs: LogLine[] = [];
  /** Why each trap happened, oldest first. */
  readonly traps: string[] = [];
  readonly storage: Map<string, Uint8Array>;
  /** While true, the outgoing queue is full: service_reply, publish and client_call return BUSY. */
  busy = false;

  private app: AppModule | undefined;
  private instance: AppInstance | undefined;
  private readonly entities: Entities;
  private readonly events: Events;
  private readonly calls: Calls;
  private pollAt = 0n;
  private reason: string | undefined;

  constructor(private readonly options: BoardOptions = {}) {
    this.graph = options.graph ?? new SimulatedGraph();
    this.storage = options.storage ?? new Map();
    this.entities = new Entities(this.graph);
    this.events = new Events(this.entities);
    this.calls = new Calls(this.graph, (client, token, payload) =>
      this.events.addResponse(client, token, payload),
    );
    this.graph.join(this);
  }

  get clock(): VirtualClock {
    return this.graph.clock;
  }

  /** What the present run of the app has made, by handle. */
  get nodes(): Map<number, SimulatedNode> {
    const nodes = [...this.entities.of("node")];
    return new Map(nodes.map(([handle, { name, namespace }]) => [handle, { name, namespace }]));
  }

  get services(): Map<number, SimulatedService> {
    return this.entities.of("server");
  }

  get clients(): Map<number, SimulatedService> {
    return this.entities.of("client");
  }

  get publishers(): Map<number, SimulatedTopicEnd> {
    return this.entities.of("publisher");
  }

  get subscriptions(): Map<number, SimulatedTopicEnd> {
    return this.entities.of("subscription");
  }

  /** Requests the app has not answered, and calls of its own that are in flight. */
  get pending(): { readonly requests: number; readonly calls: number } {
    return { requests: this.events.unanswered, calls: this.calls.inFlight };
  }

  /** Starts an app in place of the one before, and runs its top-level code up to its first sleep. @throws BOARD_APP_FAILED */
  load(wasm: Uint8Array): void {
    this.app = new AppModule(wasm, this.options.loopLimit ?? DEFAULT_LOOP_LIMIT);
    this.entities.clear();
    this.start();
    this.settle();
  }

  /** Takes the board off its graph: its power fails. */
  unplug(): void {
    this.instance = undefined;
    this.entities.clear();
    this.calls.forgetAll();
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
    while (this.events.isUnanswered(token)) {
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
      token = this.events.addRequest(found.handle, service, call);
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
    return this.instance !== undefined && (this.pollAt <= this.clock.now || this.events.next !== undefined);
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
    this.entities.keep();
    this.calls.forgetAll();
    this.reason = undefined;
    this.pollAt = 0n;
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
      this.events.fail(failure);
      throw failure;
    }
    this.events.faulted(reason);
    this.start();
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
    return this.entities.create({ kind: "node", name, namespace }, () => undefined);
  }

  serviceCreate(
    node: number,
    name: string,
    requestType: string,
    responseType: string,
    hashes: Uint8Array | undefined,
  ): number {
    const types = { name, requestType, responseType };
    return this.entities.create(
      { kind: "server", node, ...types, hashes: hashes?.slice() },
      (handle): ServerEnd => ({
        ...types,
        serve: (call: GraphCall) => void this.events.addRequest(handle, name, call),
        matchedChanged: (count, mismatched) => this.setMatched(handle, count, mismatched),
      }),
    );
  }

  clientCreate(
    node: number,
    name: string,
    requestType: string,
    responseType: string,
    hashes: Uint8Array | undefined,
  ): number {
    const types = { name, requestType, responseType };
    return this.entities.create(
      { kind: "client", node, ...types, hashes: hashes?.slice() },
      (handle): ClientEnd => ({
        ...types,
        matchedChanged: (count, mismatched) => {
          this.setMatched(handle, count, mismatched);
          if (count > 0) this.calls.retry(handle);
        },
      }),
    );
  }

  clientCall(client: number, payload: Uint8Array): number {
    const end = this.endOf(client, "client") as ClientEnd | undefined;
    if (end === undefined) return AbiError.BAD_HANDLE;
    return this.cannotSend(payload) ?? this.calls.begin(client, end, payload);
  }

  requestForget(request: number): number {
    return this.calls.forget(request) ? 0 : AbiError.BAD_HANDLE;
  }

  publisherCreate(
    node: number,
    topic: string,
    type: string,
    hash: Uint8Array | undefined,
    record: Uint8Array,
  ): number {
    const end = { topic, type, qos: readQos(record) };
    return this.entities.create(
      { kind: "publisher", node, ...end, hash: hash?.slice() },
      (handle): WriterEnd => ({
        ...end,
        matchedChanged: (count, mismatched) => this.setMatched(handle, count, mismatched),
      }),
    );
  }

  publish(publisher: number, payload: Uint8Array): number {
    const end = this.endOf(publisher, "publisher") as WriterEnd | undefined;
    if (end === undefined) return AbiError.BAD_HANDLE;
    const refused = this.cannotSend(payload);
    if (refused !== undefined) return refused;
    this.graph.publish(end, payload);
    return 0;
  }

  subscriptionCreate(
    node: number,
    topic: string,
    type: string,
    hash: Uint8Array | undefined,
    record: Uint8Array,
  ): number {
    const end = { topic, type, qos: readQos(record) };
    return this.entities.create(
      { kind: "subscription", node, ...end, hash: hash?.slice() },
      (handle): ReaderEnd => ({
        ...end,
        take: (payload, bigEndian) => this.events.addSample(handle, payload, bigEndian),
        matchedChanged: (count, mismatched) => this.setMatched(handle, count, mismatched),
      }),
    );
  }

  matched(entity: number): number {
    return this.entities.find(entity)?.matched ?? AbiError.BAD_HANDLE;
  }

  private setMatched(handle: number, count: number, mismatched: boolean): void {
    const entity = this.entities.findKept(handle);
    const matched = Math.min(count, 255) | (mismatched ? ABI_MISMATCH : 0);
    if (entity === undefined || entity.matched === matched) return;
    entity.matched = matched;
    this.events.addMatched(handle);
  }

  private endOf(handle: number, kind: EntityDescription["kind"]) {
    const entity = this.entities.find(handle);
    return entity?.description.kind === kind ? entity.end : undefined;
  }

  private cannotSend(payload: Uint8Array): number | undefined {
    if (this.busy) return AbiError.BUSY;
    const limit = this.options.sampleLimit ?? Number.POSITIVE_INFINITY;
    return payload.byteLength > limit ? AbiError.TOO_LARGE : undefined;
  }

  entityDestroy(entity: number): number {
    const result = this.entities.destroy(entity);
    this.events.prune();
    return result;
  }

  eventNext(info: Uint8Array): number {
    const event = this.events.next;
    if (event === undefined) return AbiEvent.NONE;
    event.shown = true;
    const { kind, entity, token, payload, bigEndian } = event;
    writeEventInfo(info, {
      entity,
      request: token,
      length: payload.byteLength,
      flags: bigEndian ? 1 : 0,
      reserved: 0,
    });
    return kind;
  }

  eventTake(payload: Uint8Array): number {
    const event = this.events.next;
    if (event?.shown !== true) return AbiError.NO_EVENT;
    if (payload.byteLength !== 0 && payload.byteLength < event.payload.byteLength) return AbiError.TOO_LARGE;
    this.events.take(event);
    if (payload.byteLength === 0) return 0;
    payload.set(event.payload);
    return event.payload.byteLength;
  }

  serviceReply(token: number, payload: Uint8Array): number {
    if (!this.events.isUnanswered(token)) return AbiError.BAD_HANDLE;
    const refused = this.cannotSend(payload);
    if (refused !== undefined) return refused;
    this.events.answer(token)?.reply(payload.slice());
    return 0;
  }

  storageRead(key: string, value: Uint8Array): number {
    if (!isKey(key)) return AbiError.INVALID_ARGUMENT;
    const stored = this.storage.get(key);
    if (stored === undefined) return AbiError.NOT_FOUND;
    if (value.byteLength === 0) return stored.byteLength;
    if (stored.byteLength > value.byteLength) return AbiError.TOO_LARGE;
    value.set(stored);
    return stored.byteLength;
  }

  storageWrite(key: string, value: Uint8Array): number {
    if (!isKey(key)) return AbiError.INVALID_ARGUMENT;
    if (value.byteLength > ABI_STORAGE_VALUE_OCTETS) return AbiError.TOO_LARGE;
    if (value.byteLength === 0) this.storage.delete(key);
    else this.storage.set(key, value.slice());
    return 0;
  }
}

function isKey(key: string): boolean {
  const octets = Buffer.byteLength(key);
  return octets >= 1 && octets <= ABI_STORAGE_KEY_OCTETS;
}
