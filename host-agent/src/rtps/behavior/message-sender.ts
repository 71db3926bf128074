import { type GuidPrefix, prefixToBytes } from "../structure/guid.js";
import type { Locator } from "../structure/locator.js";
import type { Route, RouteHost, RouteTarget } from "./route.js";
import { RouteTable } from "./route-table.js";
import type { Scheduler, Task } from "./scheduler.js";

/** What a participant's messages need of the world outside. */
export interface MessageSenderOptions {
  /** IPv4 addresses of this host: datagrams to them do not leave it, whichever interface they belong to. */
  readonly hostAddresses: readonly string[];
  /** Sends a datagram; the parts are not written to afterwards. */
  readonly send: (parts: readonly Uint8Array[], locator: Locator) => void;
  /** Runs a callback when the current event has been handled, before the next (queueMicrotask). */
  readonly defer: (callback: () => void) => void;
  /** Runs a callback as an event of its own (setImmediate). */
  readonly later: (callback: () => void) => void;
}

/**
 * The other side of the Receiver: sends the messages of a participant, each route's when the event that wrote them has been
 * handled. Messages to the participant itself do not leave it: they are received as an event of their own.
 */
export class MessageSender implements RouteHost {
  readonly prefixBytes: Uint8Array;
  readonly routes: RouteTable;
  /** Routes with something to send. */
  private dirty: Route[] = [];
  /** Datagrams from this participant's endpoints to others of its own, and whether {@link loop} is to come. */
  private looping: Uint8Array[] = [];
  private loopDue = false;
  private closed = false;

  /** @param receive takes a message from the participant to itself */
  constructor(
    readonly prefix: GuidPrefix,
    private readonly scheduler: Scheduler,
    private readonly options: MessageSenderOptions,
    private readonly receive: (message: Uint8Array) => void,
  ) {
    this.prefixBytes = prefixToBytes(prefix);
    this.routes = new RouteTable(this, options.hostAddresses);
  }

  /** Sends what is pending; what goes to the participant itself has its own time. */
  readonly flush = (): void => {
    const dirty = this.dirty;
    this.dirty = [];
    for (const route of dirty) route.flush();
  };

  /** Nothing is sent afterwards. */
  close(): void {
    this.closed = true;
    this.routes.close();
  }

  // RouteHost

  send(parts: readonly Uint8Array[], to: RouteTarget): void {
    if (this.closed) return;
    if (to.prefix === this.prefix) {
      this.looping.push(Buffer.concat(parts));
      this.loopSoon();
      return;
    }
    for (const locator of to.locators) this.options.send(parts, locator);
  }

  flushSoon(route: Route): void {
    if (route.prefix === this.prefix) {
      this.loopSoon();
      return;
    }
    if (this.dirty.length === 0) this.options.defer(this.flush);
    this.dirty.push(route);
  }

  task(run: () => void): Task {
    return this.scheduler.task(run);
  }

  private loopSoon(): void {
    if (this.loopDue) return;
    this.loopDue = true;
    this.options.later(this.loop);
  }

  /** As an event of its own, after those that are under way: what they all write travels together. */
  private readonly loop = (): void => {
    this.loopDue = false;
    this.routes.loop().flush();
    const messages = this.looping;
    this.looping = [];
    for (const message of messages) this.receive(message);
  };
}
