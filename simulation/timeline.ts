import type { VirtualClock } from "./clock.js";

interface Appointment {
  readonly time: bigint;
  readonly run: () => void;
}

/** What is due at times of a virtual clock: in order of time, and at one time in the order in which it was added. */
export class Timeline {
  /** The latest first, so that what is due is popped off the end. */
  private readonly appointments: Appointment[] = [];

  constructor(private readonly clock: VirtualClock) {}

  /** Calls back at `time`, or as soon as possible if that is past; never inside this call. */
  at(time: bigint, run: () => void): void {
    let low = 0;
    let high = this.appointments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.appointments[middle] as Appointment).time > time) low = middle + 1;
      else high = middle;
    }
    this.appointments.splice(low, 0, { time, run });
  }

  /** When something is due next; undefined if nothing is. */
  get wakeAt(): bigint | undefined {
    return this.appointments.at(-1)?.time;
  }

  get isReady(): boolean {
    const { wakeAt } = this;
    return wakeAt !== undefined && wakeAt <= this.clock.now;
  }

  /** Runs the first appointment that is due. */
  step(): void {
    if (this.isReady) this.appointments.pop()?.run();
  }
}
