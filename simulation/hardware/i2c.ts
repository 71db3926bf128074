import { AbiError } from "../abi.js";

/** A device on a simulated I2C bus. Throwing from either method means that the device does not acknowledge. */
export interface I2cDevice {
  /** The board writes octets; none when it only looks whether there is a device. */
  write(octets: Uint8Array): void;
  /** The board reads `count` octets. Those missing of the result are 0xff, as on a line that nobody pulls low. */
  read(count: number): Uint8Array;
}

/**
 * A device with registers of 8 bits, as most sensors are: what is written first is a register's number, what follows goes
 * into it and the next ones; reading goes on from there.
 */
export class I2cRegisters implements I2cDevice {
  readonly registers = new Uint8Array(256);
  private pointer = 0;

  /** @param values octets from each register on */
  constructor(values: Readonly<Record<number, number | readonly number[]>> = {}) {
    for (const [register, octets] of Object.entries(values)) this.set(Number(register), octets);
  }

  /** Puts octets into this register and the next ones. */
  set(register: number, octets: number | readonly number[]): void {
    this.registers.set(typeof octets === "number" ? [octets] : octets, register);
  }

  write(octets: Uint8Array): void {
    const [register, ...values] = octets;
    if (register === undefined) return;
    this.pointer = register;
    for (const value of values) this.registers[this.pointer++ & 0xff] = value;
  }

  read(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.registers[this.pointer++ & 0xff] ?? 0);
  }
}

/** A simulated bus; the board is its controller. */
export class I2cBus {
  private readonly devices = new Map<number, I2cDevice>();
  private frequency: number | undefined;

  /** Of the clock, in hertz; undefined while the app has not opened the bus. */
  get frequencyHz(): number | undefined {
    return this.frequency;
  }

  /** Connects a device, in place of the one with this address. @returns the device */
  attach<D extends I2cDevice>(address: number, device: D): D {
    this.devices.set(address, device);
    return device;
  }

  /** From now on nobody answers at this address. */
  detach(address: number): void {
    this.devices.delete(address);
  }

  // --- what the board does with it ------------------------------------------------------------------------------

  open(frequencyHz: number): number {
    this.frequency = frequencyHz;
    return 0;
  }

  close(): void {
    this.frequency = undefined;
  }

  transfer(address: number, output: Uint8Array, input: Uint8Array): number {
    if (this.frequency === undefined) return AbiError.INVALID_ARGUMENT;
    const device = this.devices.get(address);
    if (device === undefined) return AbiError.NACK;
    try {
      if (output.byteLength > 0 || input.byteLength === 0) device.write(output.slice());
      if (input.byteLength > 0) {
        const octets = device.read(input.byteLength);
        input.fill(0xff);
        input.set(octets.subarray(0, input.byteLength));
      }
    } catch {
      return AbiError.NACK;
    }
    return 0;
  }
}
