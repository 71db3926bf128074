import { type Log, SILENT } from "../../../host-agent/src/log.js";
import { Participant } from "../../../host-agent/src/rtps/participant.js";
import { RosGraph } from "../../../host-agent/src/rtps/ros-graph.js";
import { formatLocator } from "../../../host-agent/src/rtps/structure/locator.js";

/** How the virtual wire treats datagrams. Probabilities from 0 to 1, delays in milliseconds. */
export interface Wire {
  loss: number;
  duplication: number;
  delay: number;
  /** Up to that much more delay: datagrams overtake each other. */
  jitter: number;
}

/** Participants on a network of its own, with a clock of its own. Nothing here waits for real time. */
export class VirtualNetwork {
  now = 1000;
  readonly wire: Wire = { loss: 0, duplication: 0, delay: 0.1, jitter: 0 };
  /** Datagrams handed to the wire. */
  sent = 0;
  octets = 0;
  /** Called with each datagram that is sent, and its destination as address:port. */
  onSend: ((datagram: Uint8Array, to: string) => void) | undefined;
  private readonly random: () => number;
  private readonly events: { at: number; order: number; run: () => void }[] = [];
  private readonly deferred: (() => void)[] = [];
  private readonly ports = new Map<string, Participant>();
  private readonly unplugged = new Set<Participant>();
  private readonly muted = new Set<Participant>();
  private readonly moved = new Map<Participant, { readonly from: string; readonly to: string }>();
  private order = 0;
  private hosts = 0;

  constructor(seed = 1) {
    this.random = mulberry32(seed);
  }

  /** @param local true puts it on the same host as all others that are local */
  join({ local = false, log = SILENT }: { local?: boolean; log?: Log } = {}): Participant {
    const index = this.hosts++;
    const address = local ? "127.0.0.1" : `10.0.${index >> 8}.${index & 255}`;
    const metatraffic = { address, port: 7410 + 2 * index };
    const user = { address, port: 7411 + 2 * index };
    const targets = Array.from(this.ports.keys()).flatMap((key) => {
      const [host, port] = key.split(":") as [string, string];
      return Number(port) % 2 === 0 ? [{ address: host, port: Number(port) }] : [];
    });
    let wakeUp = 0;
    const participant: Participant = new Participant({
      own: {
        prefix: Buffer.from([0x01, 0xee, index >> 8, index & 255, 0, 0, 0, 0, 0, 0, 0, 1]).toString("latin1"),
        domainId: 0,
        metatrafficUnicast: [metatraffic],
        defaultUnicast: [user],
        lease: 20_000_000_000n,
        enclave: "/",
      },
      targets,
      hostAddresses: [],
      log,
      clock: {
        now: () => this.now,
        epoch: () => 1_700_000_000_000 + this.now,
        wakeAfter: (delay, wake) => {
          const mine = ++wakeUp;
          if (delay !== undefined) this.at(delay, () => mine === wakeUp && wake());
        },
      },
      send: (parts, locator) => {
        if (this.unplugged.has(participant) || this.muted.has(participant)) return;
        const { from, to } = this.moved.get(participant) ?? { from: address, to: address };
        this.transmit(withAddress(Buffer.concat(parts), from, to), formatLocator(locator), to);
      },
      defer: (callback) => this.deferred.push(callback),
      later: (callback) => this.at(0, callback),
    });
    for (const locator of [metatraffic, user]) this.ports.set(formatLocator(locator), participant);
    participant.start();
    return participant;
  }

  /** A participant whose nodes are in the ROS graph. */
  joinRos(): { participant: Participant; graph: RosGraph } {
    const participant = this.join();
    return { participant, graph: new RosGraph(participant, SILENT) };
  }

  /** From now on nothing reaches it or comes from it. */
  unplug(participant: Participant): void {
    this.unplugged.add(participant);
  }

  /** What it sends is lost, what it is sent arrives. */
  mute(participant: Participant, muted: boolean): void {
    if (muted) this.muted.add(participant);
    else this.muted.delete(participant);
  }

  /** Its host gets another address: it is at that one alone from now on, and announces it. May be done once. */
  readdress(participant: Participant, to: string): void {
    for (const [locator, owner] of [...this.ports]) {
      if (owner !== participant) continue;
      const [from, port] = locator.split(":") as [string, string];
      this.ports.delete(locator);
      this.ports.set(`${to}:${port}`, participant);
      this.moved.set(participant, { from, to });
    }
  }

  at(delay: number, run: () => void): void {
    const event = { at: this.now + delay, order: this.order++, run };
    let index = this.events.length;
    while (index > 0 && (this.events[index - 1] as typeof event).at > event.at) index--;
    this.events.splice(index, 0, event);
  }

  /** Lets `ms` pass. */
  run(ms: number): void {
    this.until(() => false, ms, false);
  }

  /** Lets time pass until `condition` holds. @throws if it does not within `ms` */
  until(condition: () => boolean, ms = 60_000, required = true): void {
    const end = this.now + ms;
    this.settle();
    while (!condition()) {
      const next = this.events[0];
      if (next === undefined || next.at > end) {
        this.now = end;
        if (required) throw new Error(`not within ${ms} ms`);
        return;
      }
      this.events.shift();
      this.now = next.at;
      next.run();
      this.settle();
    }
  }

  /** What follows every event of a real event loop: the microtasks. */
  private settle(): void {
    for (let run = this.deferred.shift(); run !== undefined; run = this.deferred.shift()) run();
  }

  private transmit(datagram: Buffer, to: string, from: string): void {
    this.sent++;
    this.octets += datagram.length;
    this.onSend?.(datagram, to);
    const copies = this.random() < this.wire.loss ? 0 : this.random() < this.wire.duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const delay = this.wire.delay + this.random() * this.wire.jitter;
      this.at(delay, () => {
        const receiver = this.ports.get(to);
        if (receiver === undefined || this.unplugged.has(receiver)) return;
        receiver.receive(Buffer.from(datagram), from);
      });
    }
  }
}

/** Replaces the addresses of UDPv4 locators: 12 octets of zeros, then the four (DDSI-RTPS 2.5, 9.3.2.4). */
function withAddress(datagram: Buffer, from: string, to: string): Buffer {
  if (from === to) return datagram;
  const octets = (address: string) =>
    Buffer.from([...new Array(12).fill(0), ...address.split(".").map(Number)]);
  const [before, after] = [octets(from), octets(to)];
  for (let at = datagram.indexOf(before); at >= 0; at = datagram.indexOf(before, at))
    after.copy(datagram, at);
  return datagram;
}

export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
