import { describe, expect, test } from "vitest";
import { decodeMessage } from "../../../host-agent/src/xrce/message/message.js";
import type { Submessage } from "../../../host-agent/src/xrce/message/submessage.js";
import { type CapturedMessage, readCapture } from "./support/capture.js";
import { type Harness, settle, startHarness } from "./support/harness.js";

/** The profiles that the captured agent had in its agent.refs. */
const REFERENCES = `<profiles>
  <participant profile_name="default_xrce_participant"><rtps><name>default_xrce_participant</name></rtps></participant>
  <topic profile_name="shapetype_topic"><name>Square</name><dataType>ShapeType</dataType></topic>
  <data_writer profile_name="shapetype_data_writer"><topic><name>Square</name><dataType>ShapeType</dataType></topic></data_writer>
  <requester profile_name="shapetype_requester" service_name="shapetype_service" request_type="request_type" reply_type="reply_type"/>
  <replier profile_name="shapetype_replier" service_name="shapetype_service" request_type="request_type" reply_type="reply_type"/>
</profiles>`;

/**
 * What our agent may say otherwise than the captured one, and why. All else must be equal.
 *  - acknowledgements: the captured agent sends them a moment before or after the answer, and repeats them on heartbeats;
 *    compared by the last of each stream instead.
 *  - HEARTBEATs: ours come sooner than every 200 ms while something is unacknowledged.
 *  - TIMESTAMP_REPLY: other times, but the same originate.
 *  - INFO: honours the mask (the client asks for the activity only); the captured agent always sends both parts.
 *  - guids of entities in a SampleIdentity.
 *  - request 34 (REUSE with another topic name) is a mismatch, the captured agent says OK_MATCHED.
 *  - request 36 (broken XML) is ERR_INVALID_DATA, the captured agent says ERR_DDS_ERROR.
 */
function comparable(message: Uint8Array): string[] {
  const { header, submessages } = decodeMessage(message);
  return submessages
    .filter(({ kind }) => kind !== "acknack" && kind !== "heartbeat")
    .map(
      (one) => `${header.sessionId}/${header.streamId}/${header.sequenceNumber} ${describeSubmessage(one)}`,
    );
}

function describeSubmessage(one: Submessage): string {
  switch (one.kind) {
    case "timestamp_reply":
      return `timestamp_reply ${one.originate.seconds}.${one.originate.nanoseconds}`;
    case "info":
      return `info ${one.status} ${one.implementationStatus} ${one.activity?.availability}`;
    case "status": {
      const expected = one.requestId === 34 && one.status === 1 ? 0x81 : one.status;
      const status = one.requestId === 36 && one.status === 0x80 ? 0x85 : expected;
      return `status ${one.requestId} ${one.objectId.toString(16)} ${status}`;
    }
    case "data": {
      const identity = (one.objectId & 15) === 8 ? 16 : 0;
      return `data ${one.requestId} ${one.objectId} ${Buffer.from(one.payload.subarray(identity)).toString("hex")}`;
    }
    case "fragment":
      return `fragment ${one.last} ${Buffer.from(one.piece).toString("hex")}`;
    default:
      return one.kind;
  }
}

/** Plays the client's part of a capture; a client's reply to a request carries the identity our agent gave. */
async function replay(harness: Harness, capture: readonly CapturedMessage[]): Promise<Uint8Array[]> {
  const sent: Uint8Array[] = [];
  const peer = harness.transport.peer("capture", (message) => sent.push(message));
  let lastMs = capture[0]?.timeMs ?? 0;
  for (const one of capture) {
    harness.clock.advance(Math.max(0, one.timeMs - lastMs));
    lastMs = one.timeMs;
    if (!one.fromClient || one.dropped) continue;
    harness.transport.inject(peer, withOurIdentity(one.message, sent));
    await settle();
  }
  return sent;
}

/** WRITE_DATA of a replier starts with the 16 octets of a GUID that only exists in the capture. */
function withOurIdentity(message: Uint8Array, sent: readonly Uint8Array[]): Uint8Array {
  const isReply = message[4] === 0x07 && message[11] === 0x28;
  const request = sent.findLast((one) => one[4] === 0x09 && one[11] === 0x28);
  if (!isReply || request === undefined) return message;
  const changed = new Uint8Array(message);
  changed.set(request.subarray(12, 28), 12);
  return changed;
}

describe.each(["session_serial", "session_udp", "loss_serial"])("capture %s", (name) => {
  test("our agent answers as the captured one did, but for the listed differences", async () => {
    const capture = readCapture(name);
    const harness = await startHarness({ references: REFERENCES });
    const ours = (await replay(harness, capture)).flatMap(comparable);
    const theirs = capture
      .filter(({ fromClient }) => !fromClient)
      .flatMap(({ message }) => comparable(message));
    expect([...new Set(ours)]).toEqual([...new Set(theirs)]);
    await harness.agent.close();
  });

  test("our agent acknowledges each stream as far as the captured one", async () => {
    const capture = readCapture(name);
    const harness = await startHarness({ references: REFERENCES });
    const ours = (await replay(harness, capture)).map(lastAcknowledged).filter((one) => one !== undefined);
    const theirs = capture
      .filter(({ fromClient }) => !fromClient)
      .map(({ message }) => lastAcknowledged(message))
      .filter((one) => one !== undefined);
    expect(new Set(ours)).toEqual(new Set(theirs));
    await harness.agent.close();
  });
});

function lastAcknowledged(message: Uint8Array): string | undefined {
  const found = decodeMessage(message).submessages.find(({ kind }) => kind === "acknack");
  return found?.kind === "acknack" ? `${found.streamId}:${found.firstUnacked}/${found.missing}` : undefined;
}
