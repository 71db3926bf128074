import { CdrReader, CdrWriter, readStrings } from "../cdr";
import { Message } from "../interface";
import { Node } from "../node/node";
import { NodeServer } from "../service/node-server";
import { LoggingSeverity, levelOf, setLevelOf } from "./level";

// rcl_interfaces/srv/GetLoggerLevels and SetLoggerLevels, which share their classes as those of parameters do.

/** RIHS01 of request and response of GetLoggerLevels, then of SetLoggerLevels. Static data; a function, so that only apps that use it have it. */
function hashes(): usize {
  return memory.data<u8>([
    0x49, 0x0a, 0xce, 0x42, 0x4a, 0x5f, 0x5b, 0x14, 0xcb, 0x4e, 0x1e, 0x95, 0x03, 0x0d, 0x7f, 0xe3, 0x66,
    0xd8, 0xdf, 0x0f, 0xd9, 0xfe, 0x4d, 0x03, 0xb4, 0x4d, 0x60, 0x09, 0x50, 0x4f, 0xd2, 0xcc, 0x22, 0x86,
    0x85, 0xd3, 0x50, 0x91, 0x1d, 0x21, 0x30, 0x47, 0xab, 0xe7, 0x56, 0xf5, 0xbf, 0x56, 0x6d, 0x2f, 0x76,
    0xb3, 0x59, 0xc4, 0xe9, 0xfa, 0xc1, 0x6e, 0x5e, 0xf6, 0x52, 0xaf, 0xf9, 0x10, 0x4e, 0x77, 0x68, 0xe0,
    0xf4, 0xc7, 0x49, 0x20, 0x5f, 0x35, 0xbc, 0x05, 0x44, 0x9f, 0x83, 0xfa, 0xd1, 0x8c, 0x42, 0xde, 0x52,
    0xc1, 0x6b, 0x19, 0x34, 0xd6, 0x6c, 0x2f, 0x68, 0xff, 0xd8, 0x62, 0xba, 0x51, 0x73, 0x90, 0x27, 0xe5,
    0x7c, 0xb9, 0x12, 0x00, 0x15, 0x73, 0x7f, 0x46, 0x18, 0x57, 0x96, 0x84, 0x04, 0x7d, 0x86, 0x2b, 0x2b,
    0x16, 0xa7, 0x6b, 0xc3, 0x99, 0xd9, 0x87, 0xd6, 0xd3,
  ]);
}

/** Least octets of a LoggerLevel on the wire. */
const LEVEL_OCTETS: u32 = 8;

class Request extends Message {
  names: string[] = [];
  /** One for each name, of the setting kind. */
  levels: u32[] = [];

  constructor(private readonly sets: bool) {
    super();
  }

  serialize(_writer: CdrWriter): void {}

  deserialize(reader: CdrReader): void {
    if (!this.sets) {
      this.names = readStrings(reader);
      return;
    }
    for (let i = reader.length(LEVEL_OCTETS); i > 0; i--) {
      this.names.push(reader.string());
      this.levels.push(reader.u32());
    }
  }
}

class Response extends Message {
  names: string[] = [];
  levels: u32[] = [];
  /** Of the setting kind: null is success. */
  results: Array<string | null> = [];

  constructor(private readonly sets: bool) {
    super();
  }

  deserialize(_reader: CdrReader): void {}

  serialize(writer: CdrWriter): void {
    const count = this.sets ? this.results.length : this.names.length;
    writer.sequence(count);
    for (let i = 0; i < count; i++) {
      if (!this.sets) {
        writer.string(this.names[i]);
        writer.u32(this.levels[i]);
        continue;
      }
      const reason = this.results[i];
      writer.bool(reason === null);
      writer.string(reason === null ? "" : reason);
    }
  }
}

class LevelService extends NodeServer {
  constructor(
    node: Node,
    private readonly sets: bool,
  ) {
    super(
      node,
      "rcl_interfaces",
      sets ? "SetLoggerLevels" : "GetLoggerLevels",
      sets ? hashes() + 64 : hashes(),
    );
  }

  createRequest(): Message {
    return new Request(this.sets);
  }

  createResponse(): Message {
    return new Response(this.sets);
  }

  serve(requestMessage: Message, responseMessage: Message, _token: i32): bool {
    const request = changetype<Request>(requestMessage);
    const response = changetype<Response>(responseMessage);
    response.names = request.names;
    for (let i = 0; i < request.names.length; i++) {
      if (this.sets) response.results.push(set(request.names[i], request.levels[i]));
      else response.levels.push(levelOf(request.names[i]));
    }
    return true;
  }
}

/** @returns null, or why not, in rclpy's words where it has some */
function set(logger: string, level: u32): string | null {
  if (level > <u32>LoggingSeverity.Fatal || level % 10 != 0) return "Failed reason: Invalid logger level.";
  return setLevelOf(logger, level) ? null : "Failed reason: too many loggers have a level.";
}

/** Offers ~/get_logger_levels and ~/set_logger_levels; rclpy's `enable_logger_service`. */
export function startLoggerService(node: Node): void {
  new LevelService(node, false);
  new LevelService(node, true);
}
