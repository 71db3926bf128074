import { ADC_MILLIVOLTS, ADC_RATIO, adc } from "../env";
import { refuse } from "./errors";

/**
 * A pin whose voltage the app reads.
 * @example const battery = new AnalogInput(34).millivolts * 2;
 */
export class AnalogInput {
  /** Ends the app if the board cannot convert at this pin. @param pin the chip's number */
  constructor(readonly pin: i32) {
    this.convert(ADC_RATIO);
  }

  /** 0 to 65,535: the part of the converter's full scale, whatever its width. */
  get value(): i32 {
    return this.convert(ADC_RATIO);
  }

  /** Millivolts at the pin, by the chip's calibration if it has one. */
  get millivolts(): i32 {
    return this.convert(ADC_MILLIVOLTS);
  }

  private convert(unit: i32): i32 {
    const result = adc(this.pin, unit);
    if (result < 0) refuse("analog pin", this.pin, result);
    return result;
  }
}
