import type { VirtualClock } from "./clock.js";

interface Appointment {
  readonly time: bigint;
  readonly run: () => void;
}

/** What is due at times of a virtual clock: in order of time, and at one time in the order in which it was added. */
export class Timeline {
  /** The latest first, so that what is due is popped off the end. */
  private readonly appointments: Appointment[] = [];

  constructor(readonly clock: VirtualClock) {}

  /** Calls back at `time`, or as soon as possible if that is past; never inside this call. @returns cancels it */
  at(time: bigint, run: () => void): () => void {
    const appointment = { time, run };
    let low = 0;
    let high = this.appointments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.appointments[middle] as Appointment).time > time) low = middle + 1;
      else high = middle;
    }
    this.appointments.splice(low, 0, appointment);
    return () => {
      const index = this.appointments.indexOf(appointment);
      if (index >= 0) this.appointments.splice(index, 1);
    };
  }

  /** Calls back at the present time, after the present call. */
  soon(run: () => void): void {
    this.at(this.clock.now, run);
  }

  /** When something is due next; undefined if nothing is. */
  get next(): bigint | undefined {
    return this.appointments.at(-1)?.time;
  }

  /** Runs the first appointment if it is due. @returns whether it was */
  runNext(): boolean {
    const first = this.appointments.at(-1);
    if (first === undefined || first.time > this.clock.now) return false;
    this.appointments.pop();
    first.run();
    return true;
  }
}
