import { RosehipError } from "../../host-agent/src/errors.js";
import { ABI_I2C_OCTETS, ABI_SPI_OCTETS, AbiAdcUnit, AbiError, AbiGpio, AbiPinMode } from "../abi.js";
import { I2cBus } from "./i2c.js";
import { Pin } from "./pin.js";
import { SpiBus } from "./spi.js";

/** Pins that a simulated board has, from 0; each has PWM and an A/D converter. */
const PINS = 64;
/** Buses of each kind, from 0. */
const BUSES = 2;
const ADDRESS_MAX = 0x7f;
const I2C_MIN_HZ = 10_000;
const SPI_MODE_MAX = 3;
/** Longest time of a transfer, as in the firmware. */
const TRANSFERS_PER_SECOND = 5;

/** An edge, or several, of one pin. */
export interface Edge {
  readonly pin: number;
  readonly level: number;
  readonly edges: number;
}

/** Pins and buses of a simulated board, with the same bounds as the firmware's (firmware/src/runtime/hardware.c). */
export class Hardware {
  /** Is called after something outside has changed a pin: lets the app react. */
  onChange: () => void = () => undefined;
  private readonly pins = Array.from({ length: PINS }, (_, number) => new Pin(number, () => this.onChange()));
  private readonly i2cBuses = Array.from({ length: BUSES }, () => new I2cBus());
  private readonly spiBuses = Array.from({ length: BUSES }, () => new SpiBus());
  /** Where the search for the next edge begins, so that all pins have their turn. */
  private turn = 0;

  /** @throws SIM_PIN */
  pin(number: number): Pin {
    return there(this.pins[number], "pin", number, PINS);
  }

  /** @throws SIM_PIN */
  i2c(bus: number): I2cBus {
    return there(this.i2cBuses[bus], "I2C bus", bus, BUSES);
  }

  /** @throws SIM_PIN */
  spi(bus: number): SpiBus {
    return there(this.spiBuses[bus], "SPI bus", bus, BUSES);
  }

  /** The run of the app is over. */
  reset(): void {
    for (const pin of this.pins) pin.reset();
    for (const bus of [...this.i2cBuses, ...this.spiBuses]) bus.close();
  }

  get edgeWaits(): boolean {
    return this.pins.some(({ edges }) => edges > 0);
  }

  /** Takes the edges of one pin. */
  takeEdge(): Edge | undefined {
    for (let i = 0; i < PINS; i++) {
      const number = (this.turn + i) % PINS;
      const pin = this.pin(number);
      if (pin.edges === 0) continue;
      const edge = { pin: number, level: pin.value, edges: pin.edges };
      pin.edges = 0;
      this.turn = number + 1;
      return edge;
    }
    return undefined;
  }

  // --- what the app calls ---------------------------------------------------------------------------------------

  gpio(operation: number, number: number, value: number): number {
    const pin = this.pins[number];
    if (pin === undefined) return AbiError.INVALID_ARGUMENT;
    switch (operation) {
      case AbiGpio.MODE:
        if (!isWithin(value, AbiPinMode.OUTPUT_OPEN_DRAIN)) return AbiError.INVALID_ARGUMENT;
        pin.setMode(value);
        return 0;
      case AbiGpio.READ:
        return pin.value;
      case AbiGpio.WRITE:
        if (value !== 0 && value !== 1) return AbiError.INVALID_ARGUMENT;
        pin.write(value);
        return 0;
      case AbiGpio.WATCH:
        if (!isWithin(value, 3)) return AbiError.INVALID_ARGUMENT;
        pin.watch(value);
        return 0;
      default:
        return AbiError.INVALID_ARGUMENT;
    }
  }

  pwm(number: number, periodNs: number, pulseNs: number): number {
    const pin = this.pins[number];
    if (pin === undefined || pulseNs > periodNs) return AbiError.INVALID_ARGUMENT;
    pin.setPwm(periodNs === 0 ? undefined : { periodNs, pulseNs });
    return 0;
  }

  adc(number: number, unit: number): number {
    const pin = this.pins[number];
    if (pin === undefined || !isWithin(unit, AbiAdcUnit.MILLIVOLTS)) return AbiError.INVALID_ARGUMENT;
    return unit === AbiAdcUnit.MILLIVOLTS ? pin.millivolts : pin.ratio;
  }

  i2cOpen(bus: number, sda: number, scl: number, frequencyHz: number): number {
    if (!isPin(sda) || !isPin(scl) || frequencyHz < I2C_MIN_HZ) return AbiError.INVALID_ARGUMENT;
    return this.i2cBuses[bus]?.open(frequencyHz) ?? AbiError.INVALID_ARGUMENT;
  }

  i2cTransfer(bus: number, address: number, output: Uint8Array, input: Uint8Array): number {
    if (address > ADDRESS_MAX) return AbiError.INVALID_ARGUMENT;
    if (Math.max(output.byteLength, input.byteLength) > ABI_I2C_OCTETS) return AbiError.TOO_LARGE;
    return this.i2cBuses[bus]?.transfer(address, output, input) ?? AbiError.INVALID_ARGUMENT;
  }

  spiOpen(bus: number, clock: number, controllerOut: number, controllerIn: number): number {
    if (![clock, controllerOut, controllerIn].every(isPin)) return AbiError.INVALID_ARGUMENT;
    return this.spiBuses[bus]?.open() ?? AbiError.INVALID_ARGUMENT;
  }

  spiTransfer(
    bus: number,
    chipSelect: number,
    mode: number,
    frequencyHz: number,
    output: Uint8Array,
    input: Uint8Array,
  ): number {
    const length = output.byteLength;
    const lengthsFit = length !== 0 && (input.byteLength === length || input.byteLength === 0);
    if (!lengthsFit || mode > SPI_MODE_MAX || !isPin(chipSelect)) return AbiError.INVALID_ARGUMENT;
    if (length > ABI_SPI_OCTETS || length * 8 * TRANSFERS_PER_SECOND > frequencyHz) return AbiError.TOO_LARGE;
    const settings = { mode, frequencyHz };
    return this.spiBuses[bus]?.transfer(chipSelect, settings, output, input) ?? AbiError.INVALID_ARGUMENT;
  }
}

/** A pin, or -1 for the board's own choice. */
function isPin(pin: number): boolean {
  return pin >= -1 && pin < PINS;
}

function isWithin(value: number, highest: number): boolean {
  return value >= 0 && value <= highest;
}

function there<T>(found: T | undefined, what: string, number: number, count: number): T {
  if (found !== undefined) return found;
  throw new RosehipError("SIM_PIN", `there is no ${what} ${number} on a simulated board`, {
    remedy: `They are numbered 0 to ${count - 1}.`,
  });
}
