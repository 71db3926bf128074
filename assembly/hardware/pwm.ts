import { ERROR_INVALID_ARGUMENT, pwm } from "../env";
import { refuse } from "./errors";

const NS_PER_S: f64 = 1e9;

/**
 * A pin that is high for a part of each period: dims a lamp, drives a motor or a servo. When the app ends it stops.
 * @example
 *   const lamp = new PwmOutput(5, 1000);
 *   lamp.duty = 0.25;
 *   const servo = new PwmOutput(6, 50);
 *   servo.pulseNs = 1_500_000;
 */
export class PwmOutput {
  private period: u32 = 0;
  private pulse: u32 = 0;

  /**
   * It begins low. Ends the app if the board has no such pin, or not this frequency.
   * @param pin the chip's number
   * @param frequency in hertz, 0.25 or more
   */
  constructor(
    readonly pin: i32,
    frequency: f64 = 1000,
  ) {
    this.frequency = frequency;
  }

  /** In hertz. A new one leaves the duty as it is. */
  get frequency(): f64 {
    return NS_PER_S / <f64>this.period;
  }

  set frequency(hertz: f64) {
    const period = NS_PER_S / hertz;
    if (!(period >= 1 && period <= <f64>u32.MAX_VALUE)) refuse("PWM pin", this.pin, ERROR_INVALID_ARGUMENT);
    const duty = this.period == 0 ? 0 : this.duty;
    this.period = <u32>period;
    this.duty = duty;
  }

  /** The part of each period for which the pin is high, 0 to 1; what is beyond is taken as 0 or 1. */
  get duty(): f64 {
    return <f64>this.pulse / <f64>this.period;
  }

  set duty(part: f64) {
    const within = part > 0 ? min(part, 1.0) : 0;
    this.pulseNs = <u32>(within * <f64>this.period + 0.5);
  }

  /** Nanoseconds for which the pin is high in each period; at most the period. */
  get pulseNs(): u32 {
    return this.pulse;
  }

  set pulseNs(nanoseconds: u32) {
    this.pulse = min(nanoseconds, this.period);
    const result = pwm(this.pin, this.period, this.pulse);
    if (result < 0) refuse("PWM pin", this.pin, result);
  }
}
