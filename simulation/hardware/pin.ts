import { RosehipError } from "../../host-agent/src/errors.js";
import { AbiPinMode } from "../abi.js";

export type Level = 0 | 1;

export interface Pwm {
  readonly periodNs: number;
  /** For which the pin is high in each period. */
  readonly pulseNs: number;
}

const MODES = {
  [AbiPinMode.INPUT]: "input",
  [AbiPinMode.INPUT_PULL_UP]: "input pull-up",
  [AbiPinMode.INPUT_PULL_DOWN]: "input pull-down",
  [AbiPinMode.OUTPUT]: "output",
  [AbiPinMode.OUTPUT_OPEN_DRAIN]: "output open drain",
} as const;

export type PinMode = (typeof MODES)[keyof typeof MODES];

const RISING = 1;
const FALLING = 2;
const FULL_SCALE = 0xffff;
/** What the converter of a simulated pin measures at most. */
const REFERENCE_MILLIVOLTS = 3300;

/** A pin of a simulated board, and what is connected to it. */
export class Pin {
  private modeNumber: number = AbiPinMode.INPUT;
  private latch: Level = 0;
  private outside: Level | undefined;
  private watched = 0;
  private modulation: Pwm | undefined;
  private voltage: number | undefined;
  /** Watched edges that the app was not told. */
  edges = 0;

  /** @param changed is called after something outside has changed the pin */
  constructor(
    readonly number: number,
    private readonly changed: () => void,
  ) {}

  /** What the app has made of the pin. */
  get mode(): PinMode {
    return MODES[this.modeNumber as keyof typeof MODES];
  }

  /** The level of the line; with PWM whether it is ever high. An input that nothing drives or pulls is 0. */
  get value(): Level {
    if (this.modulation !== undefined) return this.modulation.pulseNs > 0 ? 1 : 0;
    switch (this.modeNumber) {
      case AbiPinMode.OUTPUT:
        return this.latch;
      case AbiPinMode.OUTPUT_OPEN_DRAIN:
        return this.latch === 0 ? 0 : (this.outside ?? 1);
      case AbiPinMode.INPUT_PULL_UP:
        return this.outside ?? 1;
      default:
        return this.outside ?? 0;
    }
  }

  /** The PWM on the pin, if there is one. */
  get pwm(): Pwm | undefined {
    return this.modulation;
  }

  /** The part of each period for which the pin is high, 0 to 1; of a pin without PWM its level. */
  get duty(): number {
    return this.modulation === undefined ? this.value : this.modulation.pulseNs / this.modulation.periodNs;
  }

  /**
   * Drives the pin from outside, as a button or another chip does, and lets the app react. Several levels follow one
   * another before it can, as when a contact bounces.
   * @example board.pin(0).set(0); board.pin(0).set(1, 0, 1);
   */
  set(...levels: Level[]): void {
    for (const level of levels) this.change(() => (this.outside = level));
    this.changed();
  }

  /** Nothing outside drives the pin any more. */
  release(): void {
    this.change(() => (this.outside = undefined));
    this.changed();
  }

  /** Puts a voltage on the pin for its A/D converter, whose full scale is 3,300 mV. */
  setMillivolts(millivolts: number): void {
    if (!(millivolts >= 0)) throw new RosehipError("SIM_PIN", `${millivolts} mV at pin ${this.number}`);
    this.voltage = millivolts;
  }

  // --- what the board does with it ------------------------------------------------------------------------------

  setMode(mode: number): void {
    this.watch(0);
    this.modulation = undefined;
    this.modeNumber = mode;
  }

  write(level: Level): void {
    this.change(() => (this.latch = level));
  }

  setPwm(pwm: Pwm | undefined): void {
    this.change(() => {
      this.modulation = pwm;
      if (pwm === undefined) {
        this.modeNumber = AbiPinMode.OUTPUT;
        this.latch = 0;
      }
    });
  }

  watch(edges: number): void {
    this.watched = edges;
    this.edges = 0;
  }

  get millivolts(): number {
    return Math.round(Math.min(this.voltage ?? this.value * REFERENCE_MILLIVOLTS, REFERENCE_MILLIVOLTS));
  }

  get ratio(): number {
    return Math.round((this.millivolts * FULL_SCALE) / REFERENCE_MILLIVOLTS);
  }

  /** As after power-up; what is connected to it stays. */
  reset(): void {
    this.watch(0);
    this.modulation = undefined;
    this.modeNumber = AbiPinMode.INPUT;
    this.latch = 0;
  }

  private change(action: () => void): void {
    const before = this.value;
    action();
    const after = this.value;
    if (before !== after && (this.watched & (after === 1 ? RISING : FALLING)) !== 0) this.edges++;
  }
}
