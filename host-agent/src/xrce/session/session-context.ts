import type { DeviceEvent } from "../events.js";
import type { References } from "../message/representation/reference.js";
import type { DataSpace } from "../object/data-space.js";
import type { Clock, Timers } from "./timers.js";

/** What all sessions of an agent share. */
export interface SessionContext {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly dataSpace: DataSpace;
  readonly references: References;
  /** Domain that stands for the domain id 255. */
  readonly domainOverride: number;
  /** Silence in milliseconds after which every client is gone; undefined: each as it asks for. */
  readonly leaseMs: number | undefined;
  readonly statistics: Statistics;
  report(event: DeviceEvent): void;
}

/** Counts by cause since the agent started. */
export interface Statistics {
  messagesReceived: number;
  malformedMessages: number;
  /** Messages of sessions the agent does not know. */
  unknownSession: number;
  unknownSubmessages: number;
  /** Best-effort messages that came late or twice. */
  staleMessages: number;
  /** Best-effort messages that found their client's queue full. */
  overflowedMessages: number;
  droppedByTransport: number;
}

export const newStatistics = (): Statistics => ({
  messagesReceived: 0,
  malformedMessages: 0,
  unknownSession: 0,
  unknownSubmessages: 0,
  staleMessages: 0,
  overflowedMessages: 0,
  droppedByTransport: 0,
});
