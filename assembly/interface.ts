import { CdrError, cdrErrorText } from "./cdr/error";
import { CdrReader } from "./cdr/reader";
import { CdrWriter } from "./cdr/writer";
import { allocate, RAW } from "./rt/heap";

/**
 * What generated interfaces are made of. For a package P the generator writes P/msg.ts, P/srv.ts and P/action.ts:
 *
 *     export class AddTwoInts_Request extends Message { a: i64 = 0; b: i64 = 0; serialize(…) … deserialize(…) … }
 *     export const AddTwoInts = new ServiceType<AddTwoInts_Request, AddTwoInts_Response>(
 *       "example_interfaces::srv::dds_::AddTwoInts_Request_",
 *       "example_interfaces::srv::dds_::AddTwoInts_Response_",
 *       memory.data<u8>([…64 octets…]),
 *     );
 *
 * Every message class has a constructor without parameters that sets the interface's default values.
 */
export abstract class Message {
  /** Writes all fields in the order of the interface definition (XCDR1). */
  abstract serialize(writer: CdrWriter): void;

  /**
   * Reads all fields. Input that does not decode sets `reader.error` and leaves the remaining fields as they were;
   * it never traps.
   */
  abstract deserialize(reader: CdrReader): void;

  /**
   * Makes a response tell its caller that the handler did not finish. The generator overrides this where the
   * response has `bool success` (set to false) or `string message` (set to the reason).
   */
  fault(_reason: string): void {}
}

/** Why {@link encode} last gave no sample. */
export let encodeError: string = "";

/**
 * A message as CDR without encapsulation header.
 * @returns a block (rt/heap.ts) to be released; 0 if the message breaks its own type: see {@link encodeError}
 */
export function encode(message: Message): usize {
  const measure = new CdrWriter(0, 0);
  message.serialize(measure);
  if (measure.error != CdrError.None) {
    encodeError = cdrErrorText(measure.error);
    return 0;
  }
  const length = <u32>measure.length;
  const sample = allocate(length, RAW);
  message.serialize(new CdrWriter(sample, length));
  return sample;
}

/**
 * Fills a message from CDR without encapsulation header.
 * @returns null, or why it does not decode
 */
export function decode(message: Message, sample: usize, length: u32, bigEndian: bool): string | null {
  const reader = new CdrReader(sample, <i32>length, bigEndian);
  message.deserialize(reader);
  return reader.error == CdrError.None ? null : cdrErrorText(reader.error);
}

/** A topic's message type. */
export class MessageType<M extends Message> {
  constructor(
    /** DDS type name, e.g. `std_msgs::msg::dds_::String_`. */
    readonly name: string,
    /** Address of 32 octets: the RIHS01 type hash (REP-2016); 0 if unknown. */
    readonly hash: usize,
  ) {}

  create(): M {
    return instantiate<M>();
  }
}

/** A service's types: `Q` of the request, `P` of the response. */
export class ServiceType<Q extends Message, P extends Message> {
  constructor(
    /** DDS type name of the request, e.g. `example_interfaces::srv::dds_::AddTwoInts_Request_`. */
    readonly requestName: string,
    /** DDS type name of the response. */
    readonly responseName: string,
    /** Address of 64 octets: the RIHS01 hash of the request, then of the response; 0 if unknown. */
    readonly hashes: usize,
  ) {}

  createRequest(): Q {
    return instantiate<Q>();
  }

  createResponse(): P {
    return instantiate<P>();
  }
}

/** An action's types: `G` of the goal, `R` of the result, `F` of the feedback. */
export class ActionType<G extends Message, R extends Message, F extends Message> {
  constructor(
    /** What the DDS names of its five types begin with, e.g. `example_interfaces::action::dds_::Fibonacci_`. */
    readonly prefix: string,
    /**
     * Address of 5 × 32 octets: RIHS01 of SendGoal_Request, SendGoal_Response, GetResult_Request,
     * GetResult_Response and FeedbackMessage; 0 if unknown.
     */
    readonly hashes: usize,
  ) {}

  createGoal(): G {
    return instantiate<G>();
  }

  createResult(): R {
    return instantiate<R>();
  }

  createFeedback(): F {
    return instantiate<F>();
  }
}
