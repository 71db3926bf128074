import {
  type Network,
  type NetworkNode,
  type Sample,
  SERVICE_QOS,
} from "../host-agent/src/bridge/network.js";
import { RosehipError } from "../host-agent/src/errors.js";
import { mangleReply, mangleRequest } from "../host-agent/src/ros2/names.js";
import type { MessageCodec, MessageValue } from "../toolchain/interface/codec.js";

export interface ServiceTypes {
  /** DDS names, and hashes if known. */
  readonly request: { readonly type: string; readonly typeHash?: string; readonly codec: MessageCodec };
  readonly response: { readonly type: string; readonly typeHash?: string; readonly codec: MessageCodec };
}

/** A client asks with an unknown number; the server fills in that of the request (DDS-RPC 1.0, 7.5.1.1). */
const UNKNOWN = -1n;

/** Somebody who waits for an answer or for a server. */
interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** A ROS 2 service client on this computer, without ROS: for the command line, the demo and the bench. */
export class ServiceClient {
  private readonly node: NetworkNode;
  private readonly reader;
  private readonly writer;
  /** Calls without an answer, by the sequence number of their request. */
  private readonly calls = new Map<bigint, Waiting<MessageValue>>();
  private readonly waitingForService = new Set<Waiting<void>>();
  private servers = { requestReaders: 0, replyWriters: 0 };
  private closed = false;

  /** @param service fully qualified name, e.g. /add_two_ints */
  constructor(
    network: Network,
    nodeName: string,
    private readonly service: string,
    private readonly types: ServiceTypes,
  ) {
    this.node = network.createNode(nodeName, "/");
    const { request, response } = types;
    this.reader = this.node.createReader(
      { ...described(response), topic: mangleReply(service), qos: SERVICE_QOS },
      {
        onSample: (sample) => this.onReply(sample),
        onMatch: (_remote, _matched, total) => this.onMatch({ ...this.servers, replyWriters: total }),
      },
    );
    this.writer = this.node.createWriter(
      { ...described(request), topic: mangleRequest(service), qos: SERVICE_QOS },
      { onMatch: (_remote, _matched, total) => this.onMatch({ ...this.servers, requestReaders: total }) },
    );
  }

  private onMatch(servers: { requestReaders: number; replyWriters: number }): void {
    this.servers = servers;
    if (!this.isReady) return;
    for (const { resolve, timer } of this.waitingForService) {
      clearTimeout(timer);
      resolve();
    }
    this.waitingForService.clear();
  }

  /** Both ends of a server are matched: earlier, a reply could be lost. */
  get isReady(): boolean {
    return this.servers.requestReaders > 0 && this.servers.replyWriters > 0;
  }

  /** @throws CALL_NO_SERVICE after `timeoutMs`, CALL_CLOSED */
  waitForService(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw this.closedError();
      if (this.isReady) return resolve();
      const timer = setTimeout(() => {
        this.waitingForService.delete(waiting);
        reject(
          new RosehipError("CALL_NO_SERVICE", `no server within ${timeoutMs / 1000} s`, {
            where: this.service,
            remedy:
              "Check the name, that the board is connected, and that ROS_DOMAIN_ID is the same on both sides.",
          }),
        );
      }, timeoutMs);
      const waiting = { resolve, reject, timer };
      this.waitingForService.add(waiting);
    });
  }

  /**
   * A promise that is dropped is to be caught all the same: {@link close} rejects it.
   * @throws CODEC_VALUE for a request that does not fit its type, CALL_TIMEOUT, CALL_CLOSED
   */
  call(request: unknown, timeoutMs: number): Promise<MessageValue> {
    const payload = this.types.request.codec.encode(request ?? {});
    return new Promise((resolve, reject) => {
      if (this.closed) throw this.closedError();
      const identity = this.writer.write(payload, { guid: this.reader.guid, sequenceNumber: UNKNOWN });
      if (identity === undefined) throw new Error("a keep-last writer always has room");
      const { sequenceNumber } = identity;
      const timer = setTimeout(() => {
        this.calls.delete(sequenceNumber);
        reject(
          new RosehipError("CALL_TIMEOUT", `no answer within ${timeoutMs / 1000} s`, { where: this.service }),
        );
      }, timeoutMs);
      this.calls.set(sequenceNumber, { resolve, reject, timer });
    });
  }

  /** Replies to other clients come by here too: a reply topic is shared by all of them. */
  private onReply({ payload, littleEndian, related }: Sample): boolean {
    if (related === undefined || !this.isOwn(related.guid)) return true;
    const call = this.calls.get(related.sequenceNumber);
    if (call === undefined) return true;
    this.calls.delete(related.sequenceNumber);
    clearTimeout(call.timer);
    try {
      call.resolve(this.types.response.codec.decode(payload, littleEndian));
    } catch (error) {
      call.reject(error);
    }
    return true;
  }

  private isOwn(guid: Uint8Array): boolean {
    return Buffer.compare(guid, this.reader.guid) === 0 || Buffer.compare(guid, this.writer.guid) === 0;
  }

  /** Ends what is under way with CALL_CLOSED. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const { reject, timer } of [...this.calls.values(), ...this.waitingForService]) {
      clearTimeout(timer);
      reject(this.closedError());
    }
    this.calls.clear();
    this.waitingForService.clear();
    this.node.close();
  }

  private closedError(): RosehipError {
    return new RosehipError("CALL_CLOSED", "the client has been closed", {
      where: this.service,
      remedy: "Close it when its answers are there, or create another one.",
    });
  }
}

function described({ type, typeHash }: ServiceTypes["request"]) {
  return typeHash === undefined ? { type } : { type, typeHash };
}
