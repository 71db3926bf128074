import { LIMITS } from "../../limits.js";
import type { DeviceEvent } from "../events.js";
import type { Timer, Timers } from "./timers.js";

type Connected = Extract<DeviceEvent, { type: "client_connected" }>;

/**
 * Reports a client when it uses its session, or has kept it for {@link LIMITS.introductionMs}. Rosehip's firmware opens a
 * session, ends it, so that nothing of an earlier one is left, and opens it again; who watches the agent sees one arrival.
 */
export class Introduction {
  /** The client has been reported, and its end is worth a report too. */
  made = false;
  private due: Connected | undefined;
  private readonly timer: Timer;

  constructor(
    timers: Timers,
    private readonly report: (event: Connected) => void,
  ) {
    this.timer = timers.create(() => this.make());
  }

  /** The client has opened its session. */
  prepare(event: Connected): void {
    this.due = event;
    this.timer.schedule(LIMITS.introductionMs);
  }

  make(): void {
    if (this.due === undefined) return;
    const event = this.due;
    this.cancel();
    this.made = true;
    this.report(event);
  }

  cancel(): void {
    this.timer.cancel();
    this.due = undefined;
  }
}
