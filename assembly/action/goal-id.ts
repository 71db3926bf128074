import { CdrReader, CdrWriter } from "../cdr";
import { random } from "../env";
import { fail } from "../rt/text";

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

/** A new random (version 4) UUID. Ends the app if the board has no random numbers. */
export function newGoalId(): GoalId {
  const id = new GoalId();
  const octets = id.octets;
  if (random(octets, 16) < 0) fail("a goal needs an id: this board has no random numbers");
  // RFC 9562, 5.4: version and variant.
  store<u8>(octets, (load<u8>(octets, 6) & 0x0f) | 0x40, 6);
  store<u8>(octets, (load<u8>(octets, 8) & 0x3f) | 0x80, 8);
  return id;
}
