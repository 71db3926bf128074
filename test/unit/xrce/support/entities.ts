import { CdrWriter } from "../../../../host-agent/src/cdr/writer.js";
import type { Create } from "../../../../host-agent/src/xrce/message/create.js";
import { settle } from "./harness.js";
import type { TestClient } from "./test-client.js";

/** Object ids used by the tests. */
export const ID = {
  participant: 0x0011,
  topic: 0x0012,
  publisher: 0x0013,
  subscriber: 0x0014,
  writer: 0x0015,
  reader: 0x0016,
  requester: 0x0017,
  replier: 0x0018,
} as const;

export const UNLIMITED = { maxSamples: 0xffff, maxElapsedSeconds: 0, maxBytesPerSecond: 0, minPaceMs: 0 };

const binary = (write: (writer: CdrWriter) => void): { format: "binary"; octets: Uint8Array } => {
  const writer = new CdrWriter();
  write(writer);
  return { format: "binary", octets: writer.copy() };
};

interface Mode {
  readonly reuse?: boolean;
  readonly replace?: boolean;
}

function create(
  client: TestClient,
  objectId: number,
  representation: Create["representation"],
  place: { readonly domainId: number } | { readonly parentId: number },
  { reuse = false, replace = true }: Mode = {},
): Create {
  const requestId = client.newRequestId();
  return {
    kind: "create",
    requestId,
    objectId,
    objectKind: objectId & 15,
    reuse,
    replace,
    representation,
    ...place,
  };
}

export function participant(client: TestClient, name: string | undefined, mode?: Mode, domainId = 0): Create {
  const octets = binary((writer) => {
    writer.boolean(false);
    writer.boolean(name !== undefined);
    if (name !== undefined) writer.string(name);
  });
  return create(client, ID.participant, octets, { domainId }, mode);
}

export function topic(
  client: TestClient,
  name: string,
  type: string,
  mode?: Mode,
  parentId: number = ID.participant,
): Create {
  const octets = binary((writer) => {
    writer.string(name);
    writer.boolean(false);
    writer.boolean(true);
    writer.string(type);
  });
  return create(client, ID.topic, octets, { parentId }, mode);
}

export const group = (client: TestClient, objectId: number): Create =>
  create(client, objectId, { format: "xml", xml: "" }, { parentId: ID.participant });

/** @param flags 1 reliable, 2 keep last, 8 transient local */
export function endpoint(
  client: TestClient,
  objectId: number,
  flags: number,
  depth: number,
  userData?: Uint8Array,
): Create {
  const octets = binary((writer) => {
    writer.u8(ID.topic >> 8);
    writer.u8(ID.topic);
    writer.boolean(true);
    writer.u16(flags);
    writer.boolean(true);
    writer.u16(depth);
    writer.boolean(false);
    writer.boolean(false);
    writer.boolean(userData !== undefined);
    if (userData !== undefined) {
      writer.u32(userData.byteLength);
      writer.raw(userData);
    }
    writer.boolean(false);
    if ((objectId & 15) === 6) writer.boolean(false);
  });
  return create(client, objectId, octets, { parentId: (objectId & 15) === 5 ? ID.publisher : ID.subscriber });
}

export function service(client: TestClient, objectId: number, digests?: readonly Uint8Array[]): Create {
  const octets = binary((writer) => {
    writer.string("add_two_ints");
    writer.string("example_interfaces::srv::dds_::AddTwoInts_Request_");
    writer.string("example_interfaces::srv::dds_::AddTwoInts_Response_");
    writer.boolean(true);
    writer.string("rq/add_two_intsRequest");
    writer.boolean(true);
    writer.string("rr/add_two_intsReply");
    if (digests === undefined) return;
    writer.align(4);
    writer.raw(Uint8Array.of(0x31, 0x54, 0x48, 0x52));
    for (const digest of digests) writer.raw(digest);
  });
  return create(client, objectId, octets, { parentId: ID.participant });
}

/** Sends each request in a message of its own and waits for it. */
export async function request(client: TestClient, ...requests: Create[]): Promise<(number | undefined)[]> {
  for (const one of requests) {
    client.send(one);
    await settle();
  }
  return requests.map(({ requestId }) => client.status(requestId));
}

/** A participant with a topic `rt/chatter`, a writer and a reader; READ_DATA unlimited on the reliable stream. */
export async function createPubSub(client: TestClient, flags = 0x03, depth = 10): Promise<void> {
  await request(
    client,
    participant(client, "talker"),
    topic(client, "rt/chatter", "std_msgs::msg::dds_::String_"),
    group(client, ID.publisher),
    group(client, ID.subscriber),
    endpoint(client, ID.writer, flags, depth),
    endpoint(client, ID.reader, flags, depth),
  );
}

export function read(client: TestClient, objectId: number, stream = 0x80, delivery = UNLIMITED): number {
  const requestId = client.newRequestId();
  client.send({ kind: "read_data", requestId, objectId, preferredStream: stream, format: 0, delivery });
  return requestId;
}

export function write(client: TestClient, objectId: number, payload: Uint8Array): number {
  const requestId = client.newRequestId();
  client.send({ kind: "write_data", requestId, objectId, format: 0, payload, littleEndian: true });
  return requestId;
}
