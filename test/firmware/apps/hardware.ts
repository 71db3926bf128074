// The app of the test of the hardware functions: straight on the ABI, no SDK. The test's board says by the "levels" of its
// pins from 1000 on, once a second, which function to call with which arguments; PWM on these pins tells it what that gave.
import {
  adc,
  event_next as eventNext,
  event_take as eventTake,
  gpio,
  i2c_open as i2cOpen,
  i2c_transfer as i2cTransfer,
  now,
  pwm,
  random,
  spi_open as spiOpen,
  spi_transfer as spiTransfer,
} from "../../../assembly/env";

export const rosehip_abi_version: i32 = 1;
export const rosehip_memory_bytes: i32 = 65536;

const COMMAND = 1000;
const RESULT = 1000;
const EDGE = 1001;
const READ = 1;
const SECOND: i64 = 1_000_000_000;
const info = memory.data(20);

function word(index: i32): i32 {
  return gpio(READ, COMMAND + index, 0);
}

function call(command: i32): i32 {
  const a = word(1);
  const b = word(2);
  const c = word(3);
  const d = word(4);
  const e = word(5);
  const f = word(6);
  const g = word(7);
  const h = word(8);
  switch (command) {
    case 1:
      return random(a, b);
    case 2:
      return gpio(a, b, c);
    case 3:
      return pwm(a, b, c);
    case 4:
      return adc(a, b);
    case 5:
      return i2cOpen(a, b, c, d);
    case 6:
      return i2cTransfer(a, b, c, d, e, f);
    case 7:
      return spiOpen(a, b, c, d);
    case 8:
      return spiTransfer(a, b, c, d, e, f, g, h);
    case 9:
      memory.fill(a, <u8>b, c);
      return 0;
    case 10:
      return load<u8>(a);
    default:
      unreachable();
      return 0;
  }
}

/** Tells the test of an edge: entity and request, in the two numbers that PWM has. */
function takeEdge(): void {
  if (eventNext(info) !== 6) return;
  pwm(EDGE, 0xffffffff, load<u32>(info, 4));
  pwm(EDGE + 1, 0xffffffff, load<u32>(info));
  eventTake(0, 0);
}

export function rosehip_poll(): i64 {
  takeEdge();
  const command = word(0);
  if (command === 0) return now(0) + SECOND;
  pwm(RESULT, 0xffffffff, <u32>call(command));
  return 0;
}
