import { Status } from "../message/protocol.js";
import type { StatusReply } from "../message/status.js";

/** Request id of a STATUS that answers no request. */
const UNASKED = 0;
/** implementation_status is one octet. */
const MAX_COUNT = 0xff;

interface Match {
  readonly count: number;
  readonly mismatched: boolean;
  told: boolean;
}

/**
 * Tells a client how many remote ends match each of its objects: a STATUS with request id 0 (DDS-XRCE 1.0, 8.3.5.6), status
 * OK_MATCHED and the number as implementation status; if there is none OK, or ERR_MISMATCH while remote ends are there that
 * cannot match. Rosehip's own: only for clients that ask for it by the property `rosehip` = `1`.
 *
 * What changes while the stream has no room is told when it has, and only the latest of each object.
 */
export class MatchNotifier {
  private readonly matches = new Map<number, Match>();
  private due = false;

  /** @param send returns false if there is no room now: call {@link retry} when there is */
  constructor(private readonly send: (status: StatusReply) => boolean) {}

  changed(objectId: number, count: number, mismatched: boolean): void {
    this.matches.set(objectId, { count, mismatched, told: false });
    this.tellSoon();
  }

  /** The client created the object, anew or again: what is known of a kept one is told again. */
  created(objectId: number): void {
    const match = this.matches.get(objectId);
    if (match === undefined) return;
    match.told = false;
    this.tellSoon();
  }

  /** The client forgot everything: all is told again. */
  again(): void {
    for (const match of this.matches.values()) match.told = false;
    this.tellSoon();
  }

  deleted(objectId: number): void {
    this.matches.delete(objectId);
  }

  retry(): void {
    for (const [objectId, match] of this.matches) {
      if (!match.told && !this.send(status(objectId, match))) return;
      match.told = true;
    }
  }

  /** After the current event: changes in one go are told once, and after the answer to a CREATE. */
  private tellSoon(): void {
    if (this.due) return;
    this.due = true;
    queueMicrotask(() => {
      this.due = false;
      this.retry();
    });
  }
}

function status(objectId: number, { count, mismatched }: Match): StatusReply {
  const none = mismatched ? Status.ERR_MISMATCH : Status.OK;
  return {
    kind: "status",
    requestId: UNASKED,
    objectId,
    status: count > 0 ? Status.OK_MATCHED : none,
    implementationStatus: Math.min(count, MAX_COUNT),
  };
}
