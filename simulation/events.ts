import { RosehipError } from "../host-agent/src/errors.js";
import { AbiEvent } from "./abi.js";
import type { Entities, Entity } from "./entities.js";
import type { GraphCall } from "./graph.js";

export interface Event {
  kind: number;
  /** Handle, which stays the same over runs of the app. */
  readonly entity: number;
  /** Of a request or response; else 0. */
  readonly token: number;
  payload: Uint8Array;
  bigEndian: boolean;
  /** Whether event_next has shown it. */
  shown: boolean;
}

/**
 * A request on its way through the app: waiting in the queue, then shown by event_next, then answered. When the app
 * traps, those shown are queued again with `faults` counted; those not yet shown stay as they are.
 */
interface Request {
  readonly call: GraphCall;
  readonly event: Event;
  readonly service: string;
  /** Runs of the app that ended while it was handled. */
  faults: number;
}

const utf8 = new TextEncoder();
/** Runs that one request may bring down before it is given up, as in the firmware. */
const MAX_FAULTS = 3;
const NOTHING = new Uint8Array();

/** What waits for the app, and the requests it has not answered. */
export class Events {
  private readonly queue: Event[] = [];
  private readonly requests = new Map<number, Request>();
  private tokens = 0;

  /** @param onDrop hears of the first sample of a topic that is dropped in a run of the app */
  constructor(
    private readonly entities: Entities,
    private readonly onDrop: (topic: string) => void,
  ) {}

  /** The event shown already, or else the oldest one whose entity the present run has made and does not hold. */
  get next(): Event | undefined {
    const head = this.queue.find(({ shown }) => shown);
    return head ?? this.queue.find(({ entity }) => this.entities.find(entity)?.held === false);
  }

  take(event: Event): void {
    this.queue.splice(this.queue.indexOf(event), 1);
  }

  /** @returns the request's token */
  addRequest(entity: number, service: string, call: GraphCall): number {
    const token = ++this.tokens;
    const { payload, bigEndian } = call;
    const event = {
      kind: AbiEvent.REQUEST,
      entity,
      token,
      payload: payload.slice(),
      bigEndian,
      shown: false,
    };
    this.queue.push(event);
    this.requests.set(token, { call, event, service, faults: 0 });
    return token;
  }

  addResponse(entity: number, token: number, payload: Uint8Array): void {
    this.add(AbiEvent.RESPONSE, entity, token, payload, false);
  }

  addSample(entity: number, payload: Uint8Array, bigEndian: boolean): void {
    this.add(AbiEvent.SAMPLE, entity, 0, payload, bigEndian);
    const subscription = this.entities.find(entity);
    if (subscription?.held === true) this.keepLast(subscription);
  }

  /** The app holds a subscription: a sample that was shown goes back, and only as many wait as its QoS keeps. */
  held(subscription: Entity): void {
    const shown = this.queue.find((event) => event.shown && event.entity === subscription.handle);
    if (shown !== undefined) shown.shown = false;
    this.keepLast(subscription);
  }

  /** Samples that the app has time for come all, as the agent would keep them; while they are held, the oldest make room. */
  private keepLast(subscription: Entity): void {
    const { handle, description } = subscription;
    if (description.kind !== "subscription" || description.qos.history !== 0) return;
    const waiting = this.queue.filter(({ kind, entity }) => kind === AbiEvent.SAMPLE && entity === handle);
    const dropped = waiting.slice(0, Math.max(0, waiting.length - description.qos.depth));
    for (const event of dropped) this.take(event);
    if (dropped.length === 0 || subscription.dropsTold) return;
    subscription.dropsTold = true;
    this.onDrop(description.topic);
  }

  /** At most one waits for each entity. */
  addMatched(entity: number): void {
    const waiting = this.queue.some(
      (event) => event.kind === AbiEvent.MATCHED && event.entity === entity && !event.shown,
    );
    if (!waiting) this.add(AbiEvent.MATCHED, entity, 0, NOTHING, false);
  }

  private add(kind: number, entity: number, token: number, payload: Uint8Array, bigEndian: boolean): void {
    this.queue.push({ kind, entity, token, payload, bigEndian, shown: false });
  }

  isUnanswered(token: number): boolean {
    return this.requests.has(token);
  }

  get unanswered(): number {
    return this.requests.size;
  }

  /** @returns whom to answer; undefined for a token that is not good any more */
  answer(token: number): GraphCall | undefined {
    const call = this.requests.get(token)?.call;
    this.requests.delete(token);
    return call;
  }

  /** A run of the app ended: what it was handling is queued anew, and nothing of its own calls is left. */
  faulted(reason: string): void {
    const handled = [...this.requests.values()].filter(({ event }) => event.shown);
    for (const request of handled) {
      const { event, call, service } = request;
      event.kind = AbiEvent.REQUEST_FAULTED;
      event.payload = utf8.encode(reason);
      event.bigEndian = false;
      event.shown = false;
      if (++request.faults <= MAX_FAULTS) continue;
      this.requests.delete(event.token);
      call.fail(
        new RosehipError("BOARD_NO_REPLY", `${service} brought down ${MAX_FAULTS + 1} runs: ${reason}`),
      );
    }
    const again = handled.map(({ event }) => event).filter(({ token }) => this.requests.has(token));
    const others = this.queue.filter(
      (event) =>
        !handled.some((request) => request.event === event) && !event.shown && !isOfOneRun(event.kind),
    );
    this.queue.splice(0, this.queue.length, ...again, ...others);
  }

  /** Forgets what waits for entities that are not there any more. */
  prune(): void {
    const gone = this.queue.filter(({ entity }) => this.entities.findKept(entity) === undefined);
    for (const event of gone) {
      this.take(event);
      if (event.kind !== AbiEvent.REQUEST && event.kind !== AbiEvent.REQUEST_FAULTED) continue;
      this.answer(event.token)?.fail(new RosehipError("BOARD_NO_SERVICE", "the service was destroyed"));
    }
  }

  /** The app is gone for good. */
  fail(error: Error): void {
    for (const { call } of this.requests.values()) call.fail(error);
    this.requests.clear();
    this.queue.length = 0;
  }
}

/** A new run has no calls in flight, and asks itself what matches. */
function isOfOneRun(kind: number): boolean {
  return kind === AbiEvent.RESPONSE || kind === AbiEvent.MATCHED;
}
