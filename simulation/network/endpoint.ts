import type {
  EndpointDescription,
  EndpointListener,
  MatchedEndpoint,
  NetworkReader,
  NetworkWriter,
  ReaderFilter,
  ReaderListener,
  Sample,
  SampleIdentity,
  WriterListener,
} from "../../host-agent/src/bridge/network.js";
import type { Link } from "./link.js";

/** What endpoints need of the network they are on. */
export interface Wire {
  /** Virtual time in nanoseconds. */
  readonly now: bigint;
  send(writer: SimulatedWriter, sample: KeptSample): void;
  replay(writer: SimulatedWriter, reader: SimulatedReader): void;
  remove(endpoint: SimulatedWriter | SimulatedReader): void;
  soon(run: () => void): void;
}

/** A sample on its way or in a history. */
export interface KeptSample extends Sample {
  /** When it was written. */
  readonly written: bigint;
  readonly to: ReaderFilter | undefined;
}

abstract class SimulatedEndpoint<L extends EndpointListener, R extends { readonly self: MatchedEndpoint }> {
  readonly matched = new Set<R>();
  readonly refused = new Set<R>();
  /** As the other side sees it. */
  readonly self: MatchedEndpoint;
  closed = false;

  constructor(
    protected readonly wire: Wire,
    readonly guid: Uint8Array,
    readonly description: EndpointDescription,
    readonly listener: L,
    readonly link: Link,
  ) {
    const { typeHash } = description;
    this.self = typeHash === undefined ? { guid } : { guid, typeHash };
  }

  match(remote: R): void {
    this.matched.add(remote);
    this.tell(remote, true);
  }

  refuse(remote: R, reason: string): void {
    this.refused.add(remote);
    this.tellRefused(remote, reason);
  }

  /** The other side is gone. */
  forget(remote: R): void {
    if (this.matched.delete(remote)) this.tell(remote, false);
    if (this.refused.delete(remote)) this.tellRefused(remote, undefined);
  }

  private tellRefused({ self }: R, reason: string | undefined): void {
    this.wire.soon(() => {
      if (!this.closed) this.listener.onIncompatible?.(self, reason);
    });
  }

  private tell({ self }: R, matched: boolean): void {
    const total = this.matched.size;
    this.wire.soon(() => {
      if (!this.closed) this.listener.onMatch?.(self, matched, total);
    });
  }
}

export class SimulatedWriter
  extends SimulatedEndpoint<WriterListener, SimulatedReader>
  implements NetworkWriter
{
  /** Kept for readers that come later, if transient local. */
  readonly history: KeptSample[] = [];
  private written = 0n;

  get matchedCount(): number {
    return this.matched.size;
  }

  override match(remote: SimulatedReader): void {
    super.match(remote);
    if (remote.description.qos.durability === "transient_local") this.wire.replay(this, remote);
  }

  write(payload: Uint8Array, related?: SampleIdentity, to?: ReaderFilter): SampleIdentity {
    const writer = { guid: this.guid, sequenceNumber: ++this.written };
    const sample: KeptSample = {
      payload: payload.slice(),
      littleEndian: true,
      writer,
      written: this.wire.now,
      to,
      ...(related !== undefined && { related }),
    };
    this.keep(sample);
    this.wire.send(this, sample);
    return writer;
  }

  private keep(sample: KeptSample): void {
    const { durability, history } = this.description.qos;
    if (durability !== "transient_local") return;
    this.history.push(sample);
    if (history.kind === "keep_last" && this.history.length > history.depth) this.history.shift();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.wire.remove(this);
  }
}

export class SimulatedReader
  extends SimulatedEndpoint<ReaderListener, SimulatedWriter>
  implements NetworkReader
{
  /** Samples that were not taken, oldest first. */
  private readonly held: Sample[] = [];

  /** A sample that has come. */
  receive(sample: Sample): void {
    if (this.closed) return;
    const reliable = this.description.qos.reliability === "reliable";
    if (reliable && this.held.length > 0) this.held.push(sample);
    else if (!this.listener.onSample(sample) && reliable) this.held.push(sample);
  }

  resume(): void {
    for (let first = this.held[0]; first !== undefined; first = this.held[0]) {
      if (!this.listener.onSample(first)) return;
      this.held.shift();
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.wire.remove(this);
  }
}
