import type {
  EndpointDescription,
  NetworkWriter,
  ReaderFilter,
  SampleIdentity,
  WriterListener,
} from "../bridge/network.js";
import { RosehipError } from "../errors.js";
import type { Route } from "./behavior/route.js";
import type { StatefulWriter } from "./behavior/stateful-writer.js";
import type { EndpointData } from "./discovery/endpoint-data.js";
import type { LocalEndpoint } from "./discovery/endpoint-matcher.js";
import { ENCAPSULATION, ENCAPSULATION_OCTETS } from "./discovery/payload.js";
import { guidToBytes } from "./structure/guid.js";
import { type EndpointHost, matchedEndpoint } from "./user-reader.js";

/** A NetworkWriter: turns samples into changes. */
export class UserWriter implements NetworkWriter, LocalEndpoint {
  readonly guid: Uint8Array;
  private closed = false;
  private readonly keeps: boolean;

  constructor(
    readonly data: EndpointData,
    readonly description: EndpointDescription,
    readonly writer: StatefulWriter,
    private readonly listener: WriterListener,
    private readonly host: EndpointHost,
  ) {
    this.guid = guidToBytes(data.guid);
    this.keeps = data.qos.durability !== "volatile";
    writer.onSpace = () => host.defer(() => this.closed || listener.onSpace?.());
  }

  get matchedCount(): number {
    return this.writer.matchedCount;
  }

  write(payload: Uint8Array, related?: SampleIdentity, to?: ReaderFilter): SampleIdentity | undefined {
    if (this.closed) {
      throw new RosehipError("NETWORK_CLOSED", "the writer has been closed", { where: this.data.topic });
    }
    // DATA is a multiple of 4 long; the options say how much of it is padding (DDS-XTypes 1.3, 7.6.3.1.2).
    const padding = -payload.length & 3;
    const octets = ENCAPSULATION_OCTETS + payload.length + padding;
    // Short samples come out of a pool of 8 kB; what is kept for late joiners must not pin a whole pool.
    const data = this.keeps ? Buffer.allocUnsafeSlow(octets) : Buffer.allocUnsafe(octets);
    data.writeUInt32BE((ENCAPSULATION.cdrLe << 16) | padding, 0);
    data.set(payload, ENCAPSULATION_OCTETS);
    data.fill(0, octets - padding);
    const qos = related && { statusInfo: 0, related: { ...related, guid: related.guid.slice() } };
    const sequenceNumber = this.writer.write(data, qos, undefined, false, to);
    if (sequenceNumber === undefined) return undefined;
    return { guid: this.guid, sequenceNumber: BigInt(sequenceNumber) };
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.host.withdraw(this);
  }

  match(remote: EndpointData, route: Route): void {
    this.writer.match({
      guid: remote.guid,
      reliable: remote.qos.reliability === "reliable",
      transientLocal: remote.qos.durability !== "volatile",
      route,
    });
    this.notify(remote, true);
  }

  unmatch(remote: EndpointData): void {
    this.writer.unmatch(remote.guid);
    this.notify(remote, false);
  }

  incompatible(remote: EndpointData, reason: string | undefined): void {
    this.host.defer(() => {
      if (!this.closed) this.listener.onIncompatible?.(matchedEndpoint(remote), reason);
    });
  }

  private notify(remote: EndpointData, matched: boolean): void {
    const total = this.writer.matchedCount;
    this.host.defer(() => {
      if (!this.closed) this.listener.onMatch?.(matchedEndpoint(remote), matched, total);
    });
  }
}
