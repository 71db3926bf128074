import { i2c_open, i2c_transfer } from "../env";
import { refuse, TransferError, transferError } from "./errors";

/**
 * An I2C bus whose controller the board is. Transfers take the app's time until they are over, 200 ms at most; each part
 * has 512 octets at most. What a device does wrong is a result, what the app does wrong ends it.
 * @example
 *   const i2c = new I2C(0, 400_000);
 *   const data: u8[] = [0, 0];
 *   const error = i2c.writeRead(0x48, [0x00], data);
 *   if (error != TransferError.None) node.logger.warn("sensor: " + transferErrorText(error));
 */
export class I2C {
  /**
   * Opens the bus. Ends the app if the board has none of this number, or not on these pins.
   * @param bus from 0
   * @param frequency of the clock in hertz, at most; at least 10,000
   * @param sda the chip's number of the pin; -1: the board's own choice
   * @param scl as sda
   */
  constructor(
    readonly bus: i32 = 0,
    frequency: u32 = 100_000,
    sda: i32 = -1,
    scl: i32 = -1,
  ) {
    const result = i2c_open(bus, sda, scl, frequency);
    if (result < 0) refuse("I2C bus", bus, result);
  }

  /** Whether a device acknowledges this address. */
  probe(address: i32): bool {
    return this.writeRead(address, [], []) == TransferError.None;
  }

  /** Writes octets to a device. @param address 7 bits */
  write(address: i32, output: u8[]): TransferError {
    return this.writeRead(address, output, []);
  }

  /** Reads as many octets as `input` has. */
  read(address: i32, input: u8[]): TransferError {
    return this.writeRead(address, [], input);
  }

  /** Writes, then reads without letting the bus go: how registers are read. After an error `input` may be half full. */
  writeRead(address: i32, output: u8[], input: u8[]): TransferError {
    const result = i2c_transfer(
      this.bus,
      address,
      output.dataStart,
      output.length,
      input.dataStart,
      input.length,
    );
    return transferError("I2C bus", this.bus, result);
  }
}
