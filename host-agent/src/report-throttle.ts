import type { AgentEvent } from "./agent-log.js";
import { LIMITS } from "./limits.js";
import type { Clock } from "./xrce/session/timers.js";

/**
 * Keeps a device that fails at each message from flooding the log: of events that say the same, one gets through in
 * {@link LIMITS.repeatedReportMs}. Which has been held back is told by {@link take} with the next that gets through.
 */
export class ReportThrottle {
  private readonly seen = new Map<string, { readonly sinceMs: number; suppressed: number }>();

  constructor(private readonly clock: Clock) {}

  /** @returns how many like it were held back since the last, or undefined if this one is to be held back too */
  take(event: AgentEvent): number | undefined {
    const key = repeatKey(event);
    if (key === undefined) return 0;
    const nowMs = this.clock.monotonicMs();
    const known = this.seen.get(key);
    if (known !== undefined && nowMs - known.sinceMs < LIMITS.repeatedReportMs) {
      known.suppressed++;
      return undefined;
    }
    this.seen.delete(key);
    this.seen.set(key, { sinceMs: nowMs, suppressed: 0 });
    const [oldest] = this.seen.keys();
    if (this.seen.size > LIMITS.repeatedReports && oldest !== undefined) this.seen.delete(oldest);
    return known?.suppressed ?? 0;
  }
}

/** What makes two events the same to a reader; undefined for events that never come in floods. */
function repeatKey(event: AgentEvent): string | undefined {
  switch (event.type) {
    case "request_failed":
      return `${event.type} ${event.clientKey} ${event.objectId} ${event.request} ${event.status} ${event.reason}`;
    case "sample_dropped":
      return `${event.type} ${event.clientKey} ${event.objectId}`;
    case "request_dropped":
    case "reply_dropped":
      return `${event.type} ${event.clientKey} ${event.service} ${event.reason}`;
    case "type_hash_unknown":
      return `${event.type} ${event.ddsType}`;
    case "type_hash_differs":
      return `${event.type} ${event.clientKey} ${event.node} ${event.topic} ${event.other}`;
    case "malformed_message":
    case "client_refused":
      return `${event.type} ${event.peer}`;
    case "messages_skipped":
      return `${event.type} ${event.clientKey}`;
    case "internal_error":
      return `${event.type} ${event.where}`;
    default:
      return undefined;
  }
}
