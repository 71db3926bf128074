import { LIMITS } from "../limits.js";
import type { Timer } from "../xrce/session/timers.js";
import type { BridgeContext } from "./bridge-context.js";
import type { Network } from "./network.js";

interface Slot {
  network: Network | undefined;
  readonly opening: Promise<Network>;
  users: number;
  readonly linger: Timer;
}

/**
 * One network per domain for all devices, opened when the first needs it and closed some time after the last is gone.
 *
 * States of a slot: opening (`network` undefined) -> in use (`users` > 0) <-> lingering (timer runs) -> closed and forgotten.
 */
export class NetworkPool {
  private readonly slots = new Map<number, Slot>();
  private readonly closing = new Set<Promise<void>>();
  private closed = false;

  constructor(private readonly context: BridgeContext) {}

  /** Counts one more user; at once if the network is open. Each acquire needs its {@link release}. */
  acquire(domainId: number): Network | Promise<Network> {
    const slot = this.slots.get(domainId) ?? this.open(domainId);
    slot.users++;
    slot.linger.cancel();
    return slot.network ?? slot.opening;
  }

  release(domainId: number): void {
    const slot = this.slots.get(domainId);
    if (slot === undefined || --slot.users > 0) return;
    if (this.closed) this.shut(domainId, slot);
    else slot.linger.schedule(LIMITS.networkLingerMs);
  }

  /** Closes all networks, also those still being opened. */
  async close(): Promise<void> {
    this.closed = true;
    for (const [domainId, slot] of this.slots) this.shut(domainId, slot);
    while (this.closing.size > 0) await Promise.all(this.closing);
  }

  private open(domainId: number): Slot {
    const opening = this.context.openNetwork(domainId);
    const linger = this.context.timers.create(() => this.shut(domainId, slot));
    const slot: Slot = { network: undefined, opening, users: 0, linger };
    this.slots.set(domainId, slot);
    opening.then(
      (network) => {
        slot.network = network;
      },
      () => {
        // Whoever awaits it is told; the next one tries anew.
        if (this.slots.get(domainId) === slot) this.slots.delete(domainId);
      },
    );
    return slot;
  }

  private shut(domainId: number, slot: Slot): void {
    slot.linger.cancel();
    if (this.slots.get(domainId) === slot) this.slots.delete(domainId);
    const done = slot.opening
      .then((network) => network.close())
      .catch((error: unknown) => {
        this.context.log.warn("closing a network failed", { domain: domainId, error: String(error) });
      })
      .finally(() => this.closing.delete(done));
    this.closing.add(done);
  }
}
