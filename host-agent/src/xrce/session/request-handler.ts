import { CdrReader } from "../../cdr/reader.js";
import { LIMITS } from "../../limits.js";
import { OBJECT_REQUEST_OCTETS, readObjectRequest } from "../message/base.js";
import type { Create } from "../message/create.js";
import { OBJECTID_CLIENT } from "../message/object-id.js";
import { isReliable, Status, SubmessageId } from "../message/protocol.js";
import type { ReadData } from "../message/read-data.js";
import { decodeSubmessage, type Submessage } from "../message/submessage.js";
import {
  isLittleEndian,
  type RawSubmessage,
  SUBMESSAGE_HEADER_OCTETS,
} from "../message/submessage-header.js";
import type { WriteData } from "../message/write-data.js";
import type { Outcome } from "../object/object-table.js";
import { answerGetInfo } from "./agent-information.js";
import type { Client } from "./client.js";

/** Why the next submessage has to wait: for room, or for what brings the answer to this one. */
export type Postponed = "no_room" | Promise<() => void>;

/** Implementation status of a refusal, Rosehip's own: its node's /rosout has the reason, the device need not say it again. */
const TOLD = 1;

/** Carries out the requests of one client and answers them (DDS-XRCE 1.0, 7.8.3 and 8.3.5). */
export class RequestHandler {
  constructor(private readonly client: Client) {}

  /**
   * Does what a submessage asks for and answers it on the stream that goes with `streamId`.
   * @returns "no_room" if a write has to be tried again later, a promise if the answer takes time: what it brings gives the
   *   answer, and is not to be called if the client has begun anew by then
   */
  handle(submessage: Submessage, raw: RawSubmessage, streamId: number): Postponed | undefined {
    const { client } = this;
    switch (submessage.kind) {
      case "write_data":
        return this.write(submessage, streamId);
      case "create":
        return this.create(submessage, streamId, isLittleEndian(raw.flags));
      case "read_data":
        this.read(submessage, streamId);
        return undefined;
      case "delete":
        this.delete(submessage.requestId, submessage.objectId, streamId);
        return undefined;
      case "get_info":
        client.sendReply(
          streamId,
          answerGetInfo(submessage, true, (id) => client.objects.has(id)),
        );
        return undefined;
      case "timestamp":
        this.answerTimestamp(submessage.transmit, streamId);
        return undefined;
      case "reset":
        client.resetStreams();
        return undefined;
      case "acknack":
        client.streams
          .reliableOutput(submessage.streamId)
          ?.onAcknack(submessage.firstUnacked, submessage.missing);
        return undefined;
      default:
        return undefined; // what only agents send; an INFO was a sign of life
    }
  }

  /** A write that found no room in time is lost, and said to be. */
  giveUpWrite(raw: RawSubmessage, streamId: number): void {
    const write = decodeSubmessage(raw);
    if (write?.kind !== "write_data") return;
    const reason = `no room in the writer's history for ${LIMITS.writeBlockingMs} ms: a matched reader does not acknowledge`;
    const outcome = { status: Status.ERR_RESOURCES, reason };
    this.fail(streamId, "WRITE_DATA", write.requestId, write.objectId, outcome);
  }

  /** A submessage in fragments that was too large; `start` is what came of it first. */
  refuseFragments(start: Uint8Array, streamId: number): void {
    if (start.byteLength < SUBMESSAGE_HEADER_OCTETS + OBJECT_REQUEST_OCTETS) return;
    const { requestId, objectId } = readObjectRequest(
      new CdrReader(start.subarray(SUBMESSAGE_HEADER_OCTETS)),
    );
    const reason = `a submessage in fragments is over the limit of ${LIMITS.sampleOctets} octets`;
    this.fail(streamId, "FRAGMENT", requestId, objectId, { status: Status.ERR_RESOURCES, reason });
  }

  private write(write: WriteData, streamId: number): "no_room" | undefined {
    const outcome = this.client.objects.write(write);
    if (outcome === undefined) return undefined;
    if (outcome !== "blocked") {
      this.fail(streamId, "WRITE_DATA", write.requestId, write.objectId, outcome);
      return undefined;
    }
    if (!isReliable(streamId)) {
      const reason = "the network takes no more samples now, and the client wrote on a best-effort stream";
      this.client.context.report({
        type: "sample_dropped",
        clientKey: this.client.clientKey,
        objectId: write.objectId,
        ...this.client.nodeOf(write.objectId),
        reason,
      });
      return undefined;
    }
    return "no_room";
  }

  private create(create: Create, streamId: number, littleEndian: boolean): Postponed | undefined {
    const outcome = this.client.objects.create(create, littleEndian);
    if (outcome instanceof Promise)
      return outcome.then((ready) => () => this.created(create, streamId, ready));
    this.created(create, streamId, outcome);
    return undefined;
  }

  private created(create: Create, streamId: number, outcome: Outcome): void {
    const { requestId, objectId } = create;
    if (outcome.reason !== undefined) {
      this.fail(streamId, "CREATE", requestId, objectId, outcome, create.parentId);
      return;
    }
    this.reply(streamId, requestId, objectId, outcome.status);
    this.client.onCreated(objectId);
    const description = this.client.objects.description(objectId);
    if (description === undefined || outcome.status !== Status.OK) return;
    const { clientKey } = this.client;
    this.client.context.report({ type: "object_created", clientKey, objectId, description });
  }

  private read(read: ReadData, streamId: number): void {
    const { streams, objects } = this.client;
    const noStream =
      isReliable(read.preferredStream) && streams.reliableOutput(read.preferredStream) === undefined;
    const outcome: Outcome | undefined = noStream
      ? {
          status: Status.ERR_RESOURCES,
          reason: `a client may use ${LIMITS.streamsPerClient} reliable streams`,
        }
      : objects.read(read);
    if (outcome !== undefined) this.fail(streamId, "READ_DATA", read.requestId, read.objectId, outcome);
  }

  private delete(requestId: number, objectId: number, streamId: number): void {
    const { client } = this;
    if (objectId === OBJECTID_CLIENT) {
      this.reply(streamId, requestId, objectId, Status.OK);
      client.die("it ended its session");
      return;
    }
    const outcome = client.objects.delete(objectId);
    if (outcome.reason !== undefined) {
      this.fail(streamId, "DELETE", requestId, objectId, outcome);
      return;
    }
    this.reply(streamId, requestId, objectId, outcome.status);
    client.context.report({ type: "object_deleted", clientKey: client.clientKey, objectId });
  }

  private answerTimestamp(originate: { seconds: number; nanoseconds: number }, streamId: number): void {
    const ns = this.client.context.clock.wallNs();
    const now = { seconds: Number(ns / 1_000_000_000n), nanoseconds: Number(ns % 1_000_000_000n) };
    this.client.sendReply(streamId, { kind: "timestamp_reply", transmit: now, receive: now, originate });
  }

  private reply(
    streamId: number,
    requestId: number,
    objectId: number,
    status: number,
    implementationStatus = 0,
  ): void {
    this.client.sendReply(streamId, { kind: "status", requestId, objectId, status, implementationStatus });
  }

  /** Tells the client and whoever watches the agent. */
  private fail(
    streamId: number,
    request: string,
    requestId: number,
    objectId: number,
    { status, reason = "", remedy }: Outcome,
    parentId = objectId,
  ): void {
    const node = this.client.nodeOf(parentId);
    const told = request === "CREATE" && node.node !== undefined && this.client.rosehip;
    this.reply(streamId, requestId, objectId, status, told ? TOLD : 0);
    const { clientKey } = this.client;
    this.client.context.report({
      type: "request_failed",
      clientKey,
      objectId,
      request,
      status,
      reason,
      ...(remedy === undefined ? {} : { remedy }),
      ...node,
    });
  }

  /** A request that cannot be decoded is answered if it can be named. */
  refuseMalformed(raw: RawSubmessage, streamId: number): void {
    const requests: readonly number[] = [SubmessageId.CREATE, SubmessageId.DELETE, SubmessageId.READ_DATA];
    if (!requests.includes(raw.id) || raw.body.byteLength < 4) return;
    const { requestId, objectId } = readObjectRequest(new CdrReader(raw.body));
    this.reply(streamId, requestId, objectId, Status.ERR_INVALID_DATA);
  }
}
