import {
  ABI_MISMATCH,
  ABI_RANDOM_OCTETS,
  AbiClock,
  AbiError,
  type AbiHost,
  AbiSeverity,
  readQos,
} from "./abi.js";
import { Calls } from "./calls.js";
import { Entities, type EntityDescription } from "./entities.js";
import { Events } from "./events.js";
import type { ClientEnd, Graph, GraphCall, ReaderEnd, ServerEnd, WriterEnd } from "./graph.js";
import { Hardware } from "./hardware/hardware.js";
import { Random } from "./random.js";
import { ShownEvent } from "./shown-event.js";
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
  private readonly shown: ShownEvent;

  constructor(
    private readonly graph: Graph,
    private readonly options: FirmwareOptions,
  ) {
    this.storage = new Storage(options.storage ?? new Map());
    this.hardware = options.hardware ?? new Hardware();
    this.randomOctets = options.random ?? new Random(1);
    this.entities = new Entities(graph);
    this.events = new Events(this.entities, (topic) => this.log(AbiSeverity.WARN, "rosehip", tooSlow(topic)));
    this.shown = new ShownEvent(this.events, this.hardware);
    this.calls = new Calls(graph, (client, token, payload) =>
      this.events.addResponse(client, token, payload),
    );
  }

  /** A run of the app begins: what the one before has made is kept, its calls are forgotten. */
  beginRun(): void {
    this.entities.keep();
    this.calls.forgetAll();
    this.panicked = undefined;
    this.shown.reset();
    this.hardware.reset();
  }

  get eventWaits(): boolean {
    return this.shown.waits;
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
    return this.shown.next(info);
  }

  eventTake(payload: Uint8Array): number {
    return this.shown.take(payload);
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

  // Pins and buses check what they are asked themselves.

  readonly gpio: AbiHost["gpio"] = (...asked) => this.hardware.gpio(...asked);
  readonly pwm: AbiHost["pwm"] = (...asked) => this.hardware.pwm(...asked);
  readonly adc: AbiHost["adc"] = (...asked) => this.hardware.adc(...asked);
  readonly i2cOpen: AbiHost["i2cOpen"] = (...asked) => this.hardware.i2cOpen(...asked);
  readonly i2cTransfer: AbiHost["i2cTransfer"] = (...asked) => this.hardware.i2cTransfer(...asked);
  readonly spiOpen: AbiHost["spiOpen"] = (...asked) => this.hardware.spiOpen(...asked);
  readonly spiTransfer: AbiHost["spiTransfer"] = (...asked) => this.hardware.spiTransfer(...asked);
}

/** As the firmware says it. */
function tooSlow(topic: string): string {
  return `the app is too slow for the messages of ${topic}: the oldest are dropped`;
}
