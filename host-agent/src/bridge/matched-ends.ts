import type { OnMatch } from "../xrce/object/data-space.js";
import type { MatchedEndpoint } from "./network.js";

/** Octets of a GUID that all endpoints of one participant share. */
const PREFIX_OCTETS = 12;

export const participantOf = (guid: Uint8Array): string =>
  Buffer.from(guid.buffer, guid.byteOffset, PREFIX_OCTETS).toString("latin1");

/**
 * The remote ends of a device's endpoint (one side: the endpoints matched) or service end (two sides: request and reply topic;
 * a client or server counts once both of its endpoints have matched, DDS-RPC 1.0, 7.11).
 */
export class MatchedEnds {
  /** For each side, how many endpoints of each participant have matched. */
  private readonly sides: readonly Map<string, number>[];
  private readonly mismatches = new Set<string>();
  private told = "0 false";

  constructor(
    sides: 1 | 2,
    private readonly onChange: OnMatch,
  ) {
    this.sides = Array.from({ length: sides }, () => new Map());
  }

  get count(): number {
    let count = 0;
    for (const participant of this.first.keys()) count += this.of(participant);
    return count;
  }

  /** How many ends of one participant have matched. */
  of(participant: string): number {
    return Math.min(...this.sides.map((side) => side.get(participant) ?? 0));
  }

  /** Whether there is a complete end of a participant for which `which` holds. */
  some(which: (participant: string) => boolean): boolean {
    for (const participant of this.first.keys()) {
      if (which(participant) && this.of(participant) > 0) return true;
    }
    return false;
  }

  /** An endpoint matched on a side, or went. */
  matched(side: 0 | 1, { guid }: MatchedEndpoint, matched: boolean): void {
    const endpoints = this.sides[side] as Map<string, number>;
    const participant = participantOf(guid);
    const count = (endpoints.get(participant) ?? 0) + (matched ? 1 : -1);
    if (count > 0) endpoints.set(participant, count);
    else endpoints.delete(participant);
    this.tell();
  }

  /** An endpoint does not match, or no longer is there to. */
  mismatched(side: 0 | 1, { guid }: MatchedEndpoint, present: boolean): void {
    const key = `${side}${Buffer.from(guid).toString("latin1")}`;
    if (present) this.mismatches.add(key);
    else this.mismatches.delete(key);
    this.tell();
  }

  private get first(): Map<string, number> {
    return this.sides[0] as Map<string, number>;
  }

  private tell(): void {
    const { count } = this;
    const mismatched = this.mismatches.size > 0;
    const now = `${count} ${mismatched}`;
    if (now === this.told) return;
    this.told = now;
    this.onChange(count, mismatched);
  }
}
