import { LIMITS } from "../../limits.js";
import type { SessionContext } from "./session-context.js";

interface Move {
  readonly clientKey: number;
  readonly from: string;
  readonly to: string;
  readonly atMs: number;
}

/** Messages that were on their way when a client moved arrive within this. */
const IN_FLIGHT_MS = 1_000;

/**
 * Notices two devices with one client key. They take the session from each other in turn; a device that merely got a
 * new address never speaks from the old one again. Told once for each key.
 */
export class KeyConflicts {
  /** The last move away from each endpoint, oldest first. */
  private readonly moves = new Map<string, Move>();
  private readonly reported = new Set<number>();

  constructor(private readonly context: SessionContext) {}

  /** A client is now reached at `to`. */
  moved(clientKey: number, from: string, to: string): void {
    const atMs = this.context.timers.now();
    const back = this.moves.get(to);
    if (back !== undefined && back.clientKey === clientKey && this.isRecent(back)) this.report(back);
    this.moves.delete(from);
    this.moves.set(from, { clientKey, from, to, atMs });
    for (const [endpoint, move] of this.moves) {
      if (this.isRecent(move) && this.moves.size <= LIMITS.clients) break;
      this.moves.delete(endpoint);
    }
  }

  /** Something without a session spoke from there. */
  heardFrom(endpoint: string): void {
    const move = this.moves.get(endpoint);
    if (move === undefined) return;
    const age = this.context.timers.now() - move.atMs;
    if (age > IN_FLIGHT_MS && this.isRecent(move)) this.report(move);
  }

  private isRecent(move: Move): boolean {
    return this.context.timers.now() - move.atMs < LIMITS.duplicateKeyWindowMs;
  }

  private report({ clientKey, from, to }: Move): void {
    if (this.reported.has(clientKey) || this.reported.size >= LIMITS.clients) return;
    this.reported.add(clientKey);
    this.context.report({ type: "duplicate_client_key", clientKey, peers: [from, to] });
  }
}
