import { CdrReader, CdrWriter } from "../cdr";
import { Message } from "../interface";
import { Parameter } from "./parameter";

/** DDS type name of ParameterEvent; a function, so that only apps that use it have the text. */
export function eventType(): string {
  return "rcl_interfaces::msg::dds_::ParameterEvent_";
}

/** RIHS01 of rcl_interfaces/msg/ParameterEvent. Static data; a function, so that only apps that use it have it. */
export function eventHash(): usize {
  return memory.data<u8>([
    0x04, 0x3e, 0x62, 0x77, 0x80, 0xfc, 0xad, 0x87, 0xa2, 0x2d, 0x22, 0x5b, 0xc2, 0xa0, 0x37, 0x36, 0x1d,
    0xba, 0x71, 0x3f, 0xca, 0x6a, 0x6b, 0x9f, 0x4b, 0x86, 0x9a, 0x5a, 0xa0, 0x39, 0x32, 0x04,
  ]);
}

/** Least octets of a Parameter on the wire. */
const PARAMETER_OCTETS: u32 = 44;

const NS_PER_S: i64 = 1_000_000_000;

/** rcl_interfaces/msg/ParameterEvent */
export class ParameterEvent extends Message {
  newParameters: Parameter[] | null = null;
  changedParameters: Parameter[] | null = null;
  deletedParameters: Parameter[] | null = null;

  /**
   * @param stamp nanoseconds since 1970
   * @param node fully qualified
   */
  constructor(
    private readonly stamp: i64 = 0,
    private readonly node: string = "",
  ) {
    super();
  }

  serialize(writer: CdrWriter): void {
    writer.i32(<i32>(this.stamp / NS_PER_S));
    writer.u32(<u32>(this.stamp % NS_PER_S));
    writer.string(this.node);
    writeParameters(writer, this.newParameters);
    writeParameters(writer, this.changedParameters);
    writeParameters(writer, this.deletedParameters);
  }

  /** Reads what overrides have: new parameters. */
  deserialize(reader: CdrReader): void {
    reader.i32();
    reader.u32();
    reader.string();
    this.newParameters = readParameters(reader);
  }
}

export function readParameters(reader: CdrReader): Parameter[] {
  const parameters: Parameter[] = [];
  for (let i = reader.length(PARAMETER_OCTETS); i > 0; i--) parameters.push(Parameter.read(reader));
  return parameters;
}

function writeParameters(writer: CdrWriter, parameters: Parameter[] | null): void {
  if (parameters === null) {
    writer.u32(0);
    return;
  }
  writer.sequence(parameters.length);
  for (let i = 0; i < parameters.length; i++) parameters[i].write(writer);
}
