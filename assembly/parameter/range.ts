import { CdrWriter } from "../cdr";
import { ParameterType } from "./type";
import { ParameterValue } from "./value";

/** What values a number may have, both ends included. Step 0 means any. */
export abstract class ParameterRange {
  /** Of the parameters it is for. */
  abstract get type(): u8;

  /** @returns null, or why the value is not allowed, in rclpy's words */
  abstract check(name: string, value: ParameterValue): string | null;

  /** Writes the fields floating_point_range and integer_range of a ParameterDescriptor. */
  abstract write(writer: CdrWriter): void;
}

/** rcl_interfaces/msg/IntegerRange */
export class IntegerRange extends ParameterRange {
  constructor(
    readonly fromValue: i64,
    readonly toValue: i64,
    readonly step: u64 = 0,
  ) {
    super();
  }

  get type(): u8 {
    return <u8>ParameterType.Integer;
  }

  check(name: string, content: ParameterValue): string | null {
    const value = <i64>content.bits;
    const least = min(this.fromValue, this.toValue);
    const most = max(this.fromValue, this.toValue);
    if (value == least || value == most) return null;
    if (value < least || value > most) {
      return `Parameter ${name} out of range. Min: ${least}, Max: ${most}, value: ${value}`;
    }
    const step = this.step;
    if (step == 0 || <u64>(value - least) % step == 0) return null;
    return `The parameter value for ${name} is not a valid step. Min: ${least}, max: ${most}, value: ${value}, step: ${step}`;
  }

  write(writer: CdrWriter): void {
    writer.u32(0);
    writer.u32(1);
    writer.i64(this.fromValue);
    writer.i64(this.toValue);
    writer.u64(this.step);
  }
}

/** How close numbers count as equal, relative to the larger: rclpy's Node.PARAM_REL_TOL. */
const TOLERANCE: f64 = 1e-6;

function isClose(a: f64, b: f64): bool {
  return a == b || abs(a - b) <= TOLERANCE * max(abs(a), abs(b));
}

/** rcl_interfaces/msg/FloatingPointRange */
export class FloatingPointRange extends ParameterRange {
  constructor(
    readonly fromValue: f64,
    readonly toValue: f64,
    readonly step: f64 = 0,
  ) {
    super();
  }

  get type(): u8 {
    return <u8>ParameterType.Double;
  }

  check(name: string, content: ParameterValue): string | null {
    const value = reinterpret<f64>(content.bits);
    const least = min(this.fromValue, this.toValue);
    const most = max(this.fromValue, this.toValue);
    if (isClose(value, least) || isClose(value, most)) return null;
    // Not the other way round: NaN is in no range.
    if (!(value > least && value < most)) {
      return `Parameter ${name} out of range Min: ${least}, Max: ${most}, value: ${value}`;
    }
    const step = this.step;
    if (step == 0 || isClose(least + nearest((value - least) / step) * step, value)) return null;
    return `The parameter value for ${name} is not close enough to a valid step. Min: ${least}, max: ${most}, value: ${value}, step: ${step}`;
  }

  write(writer: CdrWriter): void {
    writer.u32(1);
    writer.f64(this.fromValue);
    writer.f64(this.toValue);
    writer.f64(this.step);
    writer.u32(0);
  }
}
