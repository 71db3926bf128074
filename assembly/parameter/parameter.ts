import { CdrReader, CdrWriter } from "../cdr";
import { ParameterOptions } from "./options";
import { ParameterType, typeName } from "./type";
import { ParameterValue } from "./value";

/** A name with a value. */
export class Parameter {
  constructor(
    readonly name: string,
    public content: ParameterValue,
  ) {}

  /** `Parameter.of("max_speed", 1.5)`, for `Node#setParametersAtomically`. */
  static of<T>(name: string, value: T): Parameter {
    return new Parameter(name, ParameterValue.of<T>(value));
  }

  /** One of ParameterType. */
  get type(): u8 {
    return this.content.type;
  }

  /**
   * The value, of a declared parameter the present one: `speed.value<f64>()`. Any integer or float type will do for a
   * number. Ends the app if the parameter is of another type, or an integer that T does not hold.
   */
  value<T>(): T {
    return this.content.as<T>();
  }

  /** Reads a rcl_interfaces/msg/Parameter. */
  static read(reader: CdrReader): Parameter {
    const name = reader.string();
    return new Parameter(name, ParameterValue.read(reader));
  }

  /** Writes a rcl_interfaces/msg/Parameter. */
  write(writer: CdrWriter): void {
    writer.string(this.name);
    this.content.write(writer);
  }
}

/** A parameter that a node has. */
export class DeclaredParameter extends Parameter {
  /** The one declared after it. */
  next: DeclaredParameter | null = null;

  constructor(
    name: string,
    content: ParameterValue,
    readonly options: ParameterOptions,
  ) {
    super(name, content);
  }

  /**
   * Whether it may have this value.
   * @param initial of an override or a kept value, which read-only parameters may take
   * @returns null, or why not, in rclpy's words
   */
  check(value: ParameterValue, initial: bool): string | null {
    const options = this.options;
    if (options.readOnly && !initial) return `Trying to set a read-only parameter: ${this.name}.`;
    // rclpy raises an error out of its service here.
    if (value.type > <u8>ParameterType.StringArray) return `Unknown parameter type ${value.type}`;
    if (!options.dynamicTyping) {
      if (value.type == <u8>ParameterType.NotSet) return "Static parameter cannot be undeclared";
      if (value.type != this.type) {
        return `Wrong parameter type, expected '${typeName(this.type)}' got '${typeName(value.type)}'`;
      }
    }
    const range = options.range;
    return range !== null && range.type == value.type ? range.check(this.name, value) : null;
  }

  /** Writes a rcl_interfaces/msg/ParameterDescriptor. */
  describe(writer: CdrWriter): void {
    const options = this.options;
    writer.string(this.name);
    writer.u8(this.type);
    writer.string(options.description);
    writer.string(options.additionalConstraints);
    writer.bool(options.readOnly);
    writer.bool(options.dynamicTyping);
    const range = options.range;
    if (range !== null) {
      range.write(writer);
    } else {
      writer.u32(0);
      writer.u32(0);
    }
  }
}
