import { AbiError } from "../abi.js";

export interface SpiSettings {
  /** 0 to 3: CPOL * 2 + CPHA. */
  readonly mode: number;
  readonly frequencyHz: number;
}

/** A device on a simulated SPI bus. */
export interface SpiDevice {
  /**
   * One transfer, from the chip select's falling edge to its rising one.
   * @param octets what the board sends
   * @returns what it receives meanwhile; octets missing are 0xff, as on a line that nobody drives
   */
  transfer(octets: Uint8Array, settings: SpiSettings): Uint8Array;
}

/** A simulated bus; the board is its controller. */
export class SpiBus {
  private readonly devices = new Map<number, SpiDevice>();
  private opened = false;

  /** Whether the app has opened the bus. */
  get isOpen(): boolean {
    return this.opened;
  }

  /** Connects a device. @param chipSelect the pin that selects it; -1: it is always selected @returns the device */
  attach<D extends SpiDevice>(chipSelect: number, device: D): D {
    this.devices.set(chipSelect, device);
    return device;
  }

  /** Takes a device off the bus. */
  detach(chipSelect: number): void {
    this.devices.delete(chipSelect);
  }

  // --- what the board does with it ------------------------------------------------------------------------------

  open(): number {
    this.opened = true;
    return 0;
  }

  close(): void {
    this.opened = false;
  }

  transfer(chipSelect: number, settings: SpiSettings, output: Uint8Array, input: Uint8Array): number {
    if (!this.opened) return AbiError.INVALID_ARGUMENT;
    const octets = this.devices.get(chipSelect)?.transfer(output.slice(), settings) ?? new Uint8Array();
    input.fill(0xff);
    input.set(octets.subarray(0, input.byteLength));
    return 0;
  }
}
