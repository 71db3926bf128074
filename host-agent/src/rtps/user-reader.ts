import type { EndpointDescription, NetworkReader, ReaderListener, Sample } from "../bridge/network.js";
import type { Log } from "../log.js";
import type { Route } from "./behavior/route.js";
import type { StatefulReader } from "./behavior/stateful-reader.js";
import type { ReceivedChange } from "./behavior/writer-proxy.js";
import type { EndpointData } from "./discovery/endpoint-data.js";
import type { LocalEndpoint } from "./discovery/endpoint-matcher.js";
import { ENCAPSULATION, ENCAPSULATION_OCTETS } from "./discovery/payload.js";
import { MAX_SAMPLE_OCTETS } from "./limits.js";
import { formatGuid, type Guid, guidKey, guidToBytes } from "./structure/guid.js";

/** What a reader or writer of the user needs of its participant. */
export interface EndpointHost {
  readonly log: Log;
  /** Runs a callback after the current call has returned. */
  defer(callback: () => void): void;
  /** Called when the user closes an endpoint. */
  withdraw(endpoint: LocalEndpoint): void;
}

/** A NetworkReader: turns received changes into samples. */
export class UserReader implements NetworkReader, LocalEndpoint {
  readonly guid: Uint8Array;
  private closed = false;
  /** Writers that have been complained about, and of what. */
  private readonly reported = new Set<string>();
  /** Set by the participant, which also registers it for reception. */
  reader!: StatefulReader;

  constructor(
    readonly data: EndpointData,
    readonly description: EndpointDescription,
    private readonly listener: ReaderListener,
    private readonly host: EndpointHost,
  ) {
    this.guid = guidToBytes(data.guid);
  }

  resume(): void {
    if (!this.closed) this.reader.resume();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.host.withdraw(this);
  }

  match(remote: EndpointData, route: Route): void {
    this.reader.match({ guid: remote.guid, reliable: remote.qos.reliability === "reliable", route });
    this.notify(remote, true);
  }

  unmatch(remote: EndpointData): void {
    this.reader.unmatch(remote.guid);
    const key = guidKey(remote.guid);
    this.reported.delete(key);
    this.reported.delete(`${key} size`);
    this.notify(remote, false);
  }

  incompatible(remote: EndpointData, reason: string | undefined): void {
    this.host.defer(() => {
      if (!this.closed) this.listener.onIncompatible?.(matchedEndpoint(remote), reason);
    });
  }

  /** @returns false if the listener cannot take it now */
  readonly deliver = (change: ReceivedChange): boolean => {
    const { payload, writer } = change;
    // ROS 2 topics have no keys: a change without data (a writer that unregisters) is no sample.
    if (this.closed || payload === undefined || change.keyOnly) return true;
    const littleEndian = this.byteOrder(payload, change);
    if (littleEndian === undefined) return true;
    // The last two bits of the options count padding octets (DDS-XTypes 1.3, 7.6.3.1.2).
    const padding = (payload[3] as number) & 3;
    const end = Math.max(ENCAPSULATION_OCTETS, payload.length - padding);
    const related = change.inlineQos?.related;
    const sample: Sample = {
      payload: payload.subarray(ENCAPSULATION_OCTETS, end),
      littleEndian,
      writer: { guid: writer.guidBytes, sequenceNumber: BigInt(change.sequenceNumber) },
      ...(related && { related }),
    };
    return this.listener.onSample(sample);
  };

  /** @returns undefined, and says so once per writer, for anything but plain XCDR1 */
  private byteOrder(payload: Uint8Array, change: ReceivedChange): boolean | undefined {
    if (payload.length >= ENCAPSULATION_OCTETS && payload[0] === 0 && (payload[1] as number) <= 1) {
      return payload[1] === ENCAPSULATION.cdrLe;
    }
    const key = guidKey(change.writer.guid);
    if (!this.reported.has(key)) {
      this.reported.add(key);
      this.host.log.error("samples are not in plain CDR (XCDR1); they are dropped", {
        topic: this.data.topic,
        writer: formatGuid(change.writer.guid),
        encapsulation: Buffer.from(payload.subarray(0, 2)).toString("hex"),
        remedy: "Let the writer use data representation XCDR1.",
      });
      this.lost(`Samples on ${this.data.topic} are not in plain CDR: let the writer use XCDR1.`);
    }
    return undefined;
  }

  /** Called for each sample that comes when the reader has been closed; undefined if nobody wants to know. */
  get onLate(): (() => void) | undefined {
    const { listener } = this;
    return listener.onLate === undefined ? undefined : () => this.host.defer(() => listener.onLate?.());
  }

  /** Says once per writer that a sample is too large to be received. */
  readonly refused = (writer: Guid, octets: number): void => {
    const key = `${guidKey(writer)} size`;
    if (this.reported.has(key)) return;
    this.reported.add(key);
    this.host.log.error("a sample is over the limit, or its fragments are too small; it is lost", {
      topic: this.data.topic,
      writer: formatGuid(writer),
      octets,
      limit: MAX_SAMPLE_OCTETS,
    });
    this.lost(
      `A sample of ${octets} octets on ${this.data.topic} is over the limit of ${MAX_SAMPLE_OCTETS}, or its fragments are too small.`,
    );
  };

  private lost(reason: string): void {
    this.host.defer(() => {
      if (!this.closed) this.listener.onLost?.(reason);
    });
  }

  private notify(remote: EndpointData, matched: boolean): void {
    const total = this.reader.matchedCount;
    this.host.defer(() => {
      if (!this.closed) this.listener.onMatch?.(matchedEndpoint(remote), matched, total);
    });
  }
}

export function matchedEndpoint(remote: EndpointData) {
  const { typeHash } = remote;
  return { guid: guidToBytes(remote.guid), ...(typeHash !== undefined && { typeHash }) };
}
