import { type DeliveryControl, MAX_SAMPLES_UNLIMITED, type ReadData } from "../message/read-data.js";
import type { Timer, Timers } from "../session/timers.js";

/**
 * One READ_DATA at work (DDS-XRCE 1.0, 8.3.5.9 and 7.7.13): how many samples may still go to the client, and when.
 *
 * Idle until a READ_DATA starts it; ends after `maxSamples` or `maxElapsed`, or when a READ_DATA asks for none.
 * While pace or rate hold the next sample back, a timer calls `onDue` at the time it may go.
 */
export class Delivery {
  /** Request id and stream of the READ_DATA that is at work. */
  requestId = 0;
  stream = 0;
  private control: DeliveryControl | undefined;
  private samplesLeft = 0;
  private endsMs = Number.POSITIVE_INFINITY;
  private notBeforeMs = 0;
  private readonly timer: Timer;

  constructor(
    private readonly timers: Timers,
    onDue: () => void,
  ) {
    this.timer = timers.create(onDue);
  }

  get active(): boolean {
    return this.samplesLeft > 0 && this.timers.now() < this.endsMs;
  }

  /** Replaces whatever was at work. */
  start(read: ReadData): void {
    this.timer.cancel();
    this.requestId = read.requestId;
    this.stream = read.preferredStream;
    this.control = read.delivery;
    const samples = read.delivery?.maxSamples ?? 1;
    this.samplesLeft = samples === MAX_SAMPLES_UNLIMITED ? Number.POSITIVE_INFINITY : samples;
    const seconds = read.delivery?.maxElapsedSeconds ?? 0;
    this.endsMs = seconds === 0 ? Number.POSITIVE_INFINITY : this.timers.now() + 1000 * seconds;
    this.notBeforeMs = 0;
  }

  stop(): void {
    this.timer.cancel();
    this.samplesLeft = 0;
  }

  /** Whether a sample may go now. If only pace or rate forbid it, `onDue` follows. */
  mayDeliver(): boolean {
    if (!this.active) return false;
    const wait = this.notBeforeMs - this.timers.now();
    if (wait <= 0) return true;
    if (!this.timer.scheduled) this.timer.schedule(wait);
    return false;
  }

  /** A sample of that many octets has gone. */
  delivered(octets: number): void {
    this.samplesLeft--;
    const { control } = this;
    if (control === undefined || (control.minPaceMs === 0 && control.maxBytesPerSecond === 0)) return;
    const rateMs = control.maxBytesPerSecond === 0 ? 0 : (1000 * octets) / control.maxBytesPerSecond;
    this.notBeforeMs = this.timers.now() + Math.max(control.minPaceMs, rateMs);
  }
}
