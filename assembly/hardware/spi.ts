import { spi_open, spi_transfer } from "../env";
import { refuse, TransferError, transferError } from "./errors";

/** An SPI bus whose controller the board is. */
export class SPI {
  /**
   * Opens the bus. Ends the app if the board has none of this number, or not on these pins.
   * @param bus from 0
   * @param clock the chip's number of the pin; -1: the board's own choice
   * @param controllerOut (MOSI) as clock
   * @param controllerIn (MISO) as clock
   */
  constructor(
    readonly bus: i32 = 0,
    clock: i32 = -1,
    controllerOut: i32 = -1,
    controllerIn: i32 = -1,
  ) {
    const result = spi_open(bus, clock, controllerOut, controllerIn);
    if (result < 0) refuse("SPI bus", bus, result);
  }
}

/**
 * A device on an SPI bus. A transfer takes the app's time until it is over; it has 4,092 octets at most, and not more than
 * 200 ms need at the frequency. The most significant bit goes first.
 * @example
 *   const thermometer = new SpiDevice(new SPI(0), 5, 4_000_000);
 *   const reading: u8[] = [0, 0];
 *   thermometer.transfer([0, 0], reading);
 */
export class SpiDevice {
  /**
   * @param chipSelect pin that is low during a transfer; -1: none
   * @param frequency of the clock in hertz, at most
   * @param mode 0 to 3: CPOL * 2 + CPHA
   */
  constructor(
    readonly spi: SPI,
    readonly chipSelect: i32,
    readonly frequency: u32 = 1_000_000,
    readonly mode: u32 = 0,
  ) {}

  /** Sends octets, and receives as many into `input`, which must have the same length or be empty. */
  transfer(output: u8[], input: u8[]): TransferError {
    const bus = this.spi.bus;
    const result = spi_transfer(
      bus,
      this.chipSelect,
      this.mode,
      this.frequency,
      output.dataStart,
      output.length,
      input.dataStart,
      input.length,
    );
    return transferError("SPI bus", bus, result);
  }

  /** Sends octets; what comes back is dropped. */
  write(output: u8[]): TransferError {
    return this.transfer(output, []);
  }
}
