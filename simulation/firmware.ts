import {
  ABI_MISMATCH,
  ABI_RANDOM_OCTETS,
  AbiClock,
  AbiError,
  AbiEvent,
  type AbiHost,
  AbiSeverity,
  readQos,
  writeEventInfo,
} from "./abi.js";
import { Calls } from "./calls.js";
import { Entities, type EntityDescription } from "./entities.js";
import { Events } from "./events.js";
import type { ClientEnd, Graph, GraphCall, ReaderEnd, ServerEnd, WriterEnd } from "./graph.js";
import { type Edge, Hardware } from "./hardware/hardware.js";
import { Random } from "./random.js";
import { Storage } from "./storage.js";

export interface FirmwareOptions {
  /** Largest sample the link carries, in octets. */
  readonly sampleLimit?: number;
  /** Nanoseconds since 1970 when the graph's clock started; 0 for a clock that was never synchronised. */
  readonly rosTimeAtStart?: bigint;
  /** What the app stores, by key; that of another board to go on with it. */
  readonly storage?: Map<string, Uint8Array>;
  /** Pins and buses, with what is connected to them; ones without anything if not given. */
  readonly hardware?: Hardware;
  /** Random numbers for the app; always the same ones if not given. */
  readonly random?: RandomOctets;
}

export interface RandomOctets {
  octets(count: number): Uint8Array;
}

export interface LogLine {
  /** Monotonic nanoseconds. */
  readonly time: bigint;
  readonly severity: number;
  readonly logger: string;
  readonly message: string;
}

/** What the app calls: the firmware's side of the ABI, on a simulated graph. It outlives the runs of an app. */
export class Firmware implements AbiHost {
  readonly logs: LogLine[] = [];
  readonly entities: Entities;
  readonly events: Events;
  readonly calls: Calls;
  readonly storage: Storage;
  readonly hardware: Hardware;
  /** While true, the outgoing queue is full: service_reply, publish and client_call return BUSY. */
  busy = false;
  private panicked: string | undefined;
  private readonly randomOctets: RandomOctets;
  private shownEdge: Edge | undefined;
  /** The event last shown was an edge: it is another one's turn. */
  private edgeWasLast = false;

  constructor(
    private readonly graph: Graph,
    private readonly options: FirmwareOptions,
  ) {
    this.storage = new Storage(options.storage ?? new Map());
    this.hardware = options.hardware ?? new Hardware();
    this.randomOctets = options.random ?? new Random(1);
    this.entities = new Entities(graph);
    this.events = new Events(this.entities, (topic) => this.log(AbiSeverity.WARN, "rosehip", tooSlow(topic)));
    this.calls = new Calls(graph, (client, token, payload) =>
      this.events.addResponse(client, token, payload),
    );
  }

  /** A run of the app begins: what the one before has made is kept, its calls are forgotten. */
  beginRun(): void {
    this.entities.keep();
    this.calls.forgetAll();
    this.panicked = undefined;
    this.shownEdge = undefined;
    this.hardware.reset();
  }

  get eventWaits(): boolean {
    return this.shownEdge !== undefined || this.hardware.edgeWaits || this.events.next !== undefined;
  }

  /** What the app said before it trapped. */
  get panicReason(): string | undefined {
    return this.panicked;
  }

  log(severity: number, logger: string, message: string): void {
    this.logs.push({ time: this.graph.clock.now, severity, logger, message });
  }

  panic(message: string, file: string, line: number, column: number): void {
    this.panicked = file === "" ? message : `${message} (${file}:${line}:${column})`;
  }

  now(clock: number): bigint {
    if (clock !== AbiClock.ROS) return this.graph.clock.now;
    const start = this.options.rosTimeAtStart ?? 0n;
    return start === 0n ? 0n : start + this.graph.clock.now;
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
    return this.graph.publish(end, payload) ? 0 : AbiError.BUSY;
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

  subscriptionHold(subscription: number, held: number): number {
    const entity = this.entities.find(subscription);
    if (entity?.description.kind !== "subscription") return AbiError.BAD_HANDLE;
    entity.held = held !== 0;
    if (entity.held) this.events.held(entity);
    return 0;
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
    if (this.edgeIsNext(event?.shown)) {
      const { pin, level, edges } = this.shownEdge as Edge;
      writeEventInfo(info, {
        entity: -1 - pin,
        request: edges * 2 + level,
        length: 0,
        flags: 0,
        reserved: 0,
      });
      return AbiEvent.EDGE;
    }
    if (event === undefined) return AbiEvent.NONE;
    event.shown = true;
    const { kind, entity, token, payload, bigEndian } = event;
    const flags = bigEndian ? 1 : 0;
    writeEventInfo(info, { entity, request: token, length: payload.byteLength, flags, reserved: 0 });
    return kind;
  }

  /** Takes turns: `other` is whether the other event that waits was shown; undefined without one. */
  private edgeIsNext(other: boolean | undefined): boolean {
    if (this.shownEdge !== undefined) return true;
    if (other === true || (other === false && this.edgeWasLast)) {
      this.edgeWasLast = false;
      return false;
    }
    this.shownEdge = this.hardware.takeEdge();
    this.edgeWasLast = this.shownEdge !== undefined;
    return this.edgeWasLast;
  }

  eventTake(payload: Uint8Array): number {
    if (this.shownEdge !== undefined) {
      this.shownEdge = undefined;
      return 0;
    }
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
    return this.storage.read(key, value);
  }

  storageWrite(key: string, value: Uint8Array): number {
    return this.storage.write(key, value);
  }

  random(octets: Uint8Array): number {
    if (octets.byteLength > ABI_RANDOM_OCTETS) return AbiError.TOO_LARGE;
    octets.set(this.randomOctets.octets(octets.byteLength));
    return 0;
  }

  gpio(operation: number, pin: number, value: number): number {
    return this.hardware.gpio(operation, pin, value);
  }

  pwm(pin: number, periodNs: number, pulseNs: number): number {
    return this.hardware.pwm(pin, periodNs, pulseNs);
  }

  adc(pin: number, unit: number): number {
    return this.hardware.adc(pin, unit);
  }

  i2cOpen(bus: number, sda: number, scl: number, frequencyHz: number): number {
    return this.hardware.i2cOpen(bus, sda, scl, frequencyHz);
  }

  i2cTransfer(bus: number, address: number, output: Uint8Array, input: Uint8Array): number {
    return this.hardware.i2cTransfer(bus, address, output, input);
  }

  spiOpen(bus: number, clock: number, controllerOut: number, controllerIn: number): number {
    return this.hardware.spiOpen(bus, clock, controllerOut, controllerIn);
  }

  spiTransfer(
    bus: number,
    chipSelect: number,
    mode: number,
    frequencyHz: number,
    output: Uint8Array,
    input: Uint8Array,
  ): number {
    return this.hardware.spiTransfer(bus, chipSelect, mode, frequencyHz, output, input);
  }
}

/** As the firmware says it. */
function tooSlow(topic: string): string {
  return `the app is too slow for the messages of ${topic}: the oldest are dropped`;
}
