import { CdrReader, CdrWriter } from "../cdr";
import { Message } from "../interface";
import { NodeServer } from "../service/node-server";
import { LifecycleNode } from "./node";
import {
  findLabel,
  goalOf,
  STATE_COUNT,
  startOf,
  stateId,
  stateLabel,
  TRANSITION_COUNT,
  TransitionCallbackReturn,
  transitionId,
  transitionLabel,
} from "./states";

// The five services share one class each for server, request and response. Which one it is, is an index:

const CHANGE_STATE = 0;
const GET_STATE = 1;
const GET_AVAILABLE_STATES = 2;
const GET_AVAILABLE_TRANSITIONS = 3;
/** Of the type GetAvailableTransitions, too. */
const GET_TRANSITION_GRAPH = 4;

function typeOf(kind: i32): string {
  switch (kind) {
    case 0:
      return "ChangeState";
    case 1:
      return "GetState";
    case 2:
      return "GetAvailableStates";
    default:
      return "GetAvailableTransitions";
  }
}

/** RIHS01 of request and response of each type. Static data; a function, so that only apps that use it have it. */
function hashes(): usize {
  return memory.data<u8>([
    0xd7, 0x4c, 0x6f, 0x52, 0x4e, 0x14, 0xca, 0xde, 0x7b, 0x67, 0xe7, 0x29, 0x71, 0x90, 0x36, 0x0e, 0xd7,
    0x49, 0x26, 0x4a, 0xf3, 0x00, 0x52, 0x4f, 0xc1, 0x45, 0x6f, 0x27, 0xcc, 0x2a, 0x55, 0x3a, 0xe1, 0xdd,
    0xfe, 0xd0, 0x27, 0x1f, 0xef, 0xe6, 0x37, 0x67, 0xaa, 0x71, 0x56, 0x19, 0x26, 0xe4, 0xd9, 0xea, 0xc0,
    0xf1, 0xdd, 0xf9, 0xe7, 0x1a, 0x88, 0x73, 0xeb, 0x46, 0xb3, 0x6d, 0xea, 0xc2, 0x77, 0xa9, 0xc8, 0x44,
    0xe7, 0x97, 0x5f, 0x15, 0xbc, 0x22, 0x21, 0xe8, 0xbb, 0xeb, 0xaf, 0xc4, 0xd1, 0x18, 0xaf, 0xb7, 0x8c,
    0x7f, 0x70, 0x71, 0xee, 0xf9, 0x1f, 0x83, 0xf9, 0x40, 0xf2, 0xf6, 0xfe, 0x24, 0x9b, 0xab, 0xab, 0x47,
    0x2e, 0x42, 0xcb, 0x56, 0x53, 0xb5, 0xd6, 0xa6, 0xb0, 0xc4, 0x2a, 0x00, 0x3b, 0x0f, 0xdf, 0xb8, 0x48,
    0x51, 0xae, 0xa3, 0xfd, 0xe0, 0x87, 0x60, 0xb4, 0xf5, 0xc2, 0xc0, 0xc1, 0x2d, 0xe6, 0x02, 0x38, 0x22,
    0xf2, 0x84, 0x92, 0x95, 0x77, 0xd4, 0xca, 0x28, 0x62, 0xe0, 0x50, 0x11, 0x50, 0x01, 0x09, 0x66, 0xe8,
    0xa9, 0x0b, 0x63, 0x2e, 0x44, 0x24, 0xde, 0x22, 0x3e, 0x0d, 0xd5, 0xbb, 0x8a, 0x84, 0x7e, 0xbb, 0x95,
    0x32, 0xad, 0xaf, 0x8b, 0x5e, 0x2a, 0x97, 0xe6, 0xe6, 0x8e, 0x79, 0xfa, 0xea, 0xab, 0xd8, 0x1a, 0x45,
    0xfb, 0x32, 0x92, 0x5b, 0xd1, 0x52, 0xa7, 0x3c, 0x0b, 0x5d, 0x74, 0x89, 0xbe, 0xe0, 0xdf, 0x6d, 0xdb,
    0x0a, 0xec, 0x45, 0xc4, 0x12, 0x89, 0xd2, 0x23, 0xff, 0x22, 0x5b, 0x58, 0xfe, 0x11, 0xd8, 0x59, 0xac,
    0x81, 0x09, 0xa6, 0x47, 0x11, 0x33, 0x94, 0x61, 0xaa, 0xdf, 0x02, 0xbc, 0xff, 0xf7, 0x97, 0xa1, 0x98,
    0xde, 0x91, 0x1f, 0x88, 0x50, 0x74, 0xbd, 0x3f, 0x2f, 0xe9, 0xf7, 0xb6, 0x77, 0xef, 0x87, 0xf0, 0x74,
    0x1c,
  ]);
}

/** Writes a lifecycle_msgs/msg/State. */
export function writeState(writer: CdrWriter, id: u8): void {
  writer.u8(id);
  writer.string(stateLabel(id));
}

class Request extends Message {
  id: u8 = 0;
  label: string = "";

  constructor(private readonly kind: i32) {
    super();
  }

  serialize(_writer: CdrWriter): void {}

  /** All but the first are empty: one octet that means nothing. */
  deserialize(reader: CdrReader): void {
    this.id = reader.u8();
    if (this.kind == CHANGE_STATE) this.label = reader.string();
  }
}

class Response extends Message {
  success: bool = false;
  /** The node's when the request was handled. */
  state: u8 = 0;

  constructor(private readonly kind: i32) {
    super();
  }

  deserialize(_reader: CdrReader): void {}

  serialize(writer: CdrWriter): void {
    const kind = this.kind;
    if (kind == CHANGE_STATE) {
      writer.bool(this.success);
    } else if (kind == GET_STATE) {
      writeState(writer, this.state);
    } else if (kind == GET_AVAILABLE_STATES) {
      writer.u32(STATE_COUNT);
      for (let i = 0; i < STATE_COUNT; i++) writeState(writer, stateId(i));
    } else {
      this.writeTransitions(writer);
    }
  }

  /** Those out of the present state, or all. */
  private writeTransitions(writer: CdrWriter): void {
    const all = this.kind == GET_TRANSITION_GRAPH;
    let count = 0;
    for (let i = 0; i < TRANSITION_COUNT; i++) if (all || startOf(i) == this.state) count++;
    writer.u32(count);
    for (let i = 0; i < TRANSITION_COUNT; i++) {
      if (!all && startOf(i) != this.state) continue;
      writer.u8(transitionId(i));
      writer.string(transitionLabel(transitionId(i)));
      writeState(writer, startOf(i));
      writeState(writer, goalOf(i));
    }
  }
}

class LifecycleService extends NodeServer {
  constructor(
    private readonly node: LifecycleNode,
    private readonly kind: i32,
  ) {
    const type = min(kind, GET_AVAILABLE_TRANSITIONS);
    const name = kind == GET_TRANSITION_GRAPH ? "GetTransitionGraph" : typeOf(type);
    super(node, "lifecycle_msgs", typeOf(type), hashes() + 64 * type, name);
  }

  createRequest(): Message {
    return new Request(this.kind);
  }

  createResponse(): Message {
    return new Response(this.kind);
  }

  serve(requestMessage: Message, responseMessage: Message, _token: i32): bool {
    const request = changetype<Request>(requestMessage);
    const response = changetype<Response>(responseMessage);
    const node = this.node;
    if (this.kind == CHANGE_STATE) {
      // A label goes before the number, as in rclpy.
      const id = request.label.length == 0 ? request.id : findLabel(node.state, request.label);
      response.success = node.changeState(id) == TransitionCallbackReturn.Success;
    }
    response.state = node.state;
    return true;
  }
}

export function startServices(node: LifecycleNode): void {
  for (let kind = CHANGE_STATE; kind <= GET_TRANSITION_GRAPH; kind++) new LifecycleService(node, kind);
}
