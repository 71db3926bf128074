import { CdrReader, CdrWriter } from "../cdr";

/** unique_identifier_msgs/UUID: which goal. Its 16 octets in the order of the wire. */
export class GoalId {
  private low: u64 = 0;
  private high: u64 = 0;

  /** Address of the 16 octets. */
  get octets(): usize {
    return changetype<usize>(this) + offsetof<GoalId>("low");
  }

  get isZero(): bool {
    return (this.low | this.high) == 0;
  }

  equals(other: GoalId): bool {
    return this.low == other.low && this.high == other.high;
  }

  serialize(writer: CdrWriter): void {
    writer.copy<u8>(this.octets, 16);
  }

  deserialize(reader: CdrReader): void {
    reader.copy<u8>(this.octets, 16);
  }

  /** 32 hexadecimal digits. */
  toString(): string {
    let text = "";
    for (let i: usize = 0; i < 16; i++) {
      const octet = load<u8>(this.octets + i);
      text += DIGITS.charAt(octet >> 4) + DIGITS.charAt(octet & 15);
    }
    return text;
  }
}

const DIGITS = "0123456789abcdef";

let seed: u64 = 0;

/**
 * A new random (version 4) UUID. The firmware gives no randomness: the sequence is seeded by both clocks, to the
 * nanosecond, and by `origin`, so that devices whose names differ do not meet even if they start at the same time.
 */
export function newGoalId(origin: string, rosTime: i64, monotonicTime: i64): GoalId {
  if (seed == 0) {
    seed = mix(<u64>rosTime) ^ mix(~(<u64>monotonicTime));
    for (let i = 0; i < origin.length; i++) seed = mix(seed ^ <u64>origin.charCodeAt(i));
  }
  const id = new GoalId();
  const octets = id.octets;
  store<u64>(octets, next());
  store<u64>(octets, next(), 8);
  // RFC 9562, 5.4: version and variant.
  store<u8>(octets, (load<u8>(octets, 6) & 0x0f) | 0x40, 6);
  store<u8>(octets, (load<u8>(octets, 8) & 0x3f) | 0x80, 8);
  return id;
}

/** SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
function next(): u64 {
  // biome-ignore lint/correctness/noPrecisionLoss: integers have 64 bits here
  seed += 0x9e3779b97f4a7c15;
  return mix(seed);
}

function mix(value: u64): u64 {
  // biome-ignore lint/correctness/noPrecisionLoss: integers have 64 bits here
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  // biome-ignore lint/correctness/noPrecisionLoss: integers have 64 bits here
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}
