import type {
  EndpointDescription,
  Network,
  NetworkNode,
  NetworkReader,
  NetworkWriter,
  ReaderFilter,
  ReaderListener,
  Sample,
  SampleIdentity,
  WriterListener,
} from "../../../../host-agent/src/bridge/network.js";

interface FakeReader extends NetworkReader {
  readonly description: EndpointDescription;
  readonly peers: Set<FakeReader | FakeWriter>;
  matchedCount: number;
  readonly listener: ReaderListener;
  /** Samples not yet taken (reliable readers only). */
  readonly held: Sample[];
}

interface FakeWriter extends NetworkWriter {
  readonly description: EndpointDescription;
  readonly listener: WriterListener;
  readonly peers: Set<FakeReader | FakeWriter>;
  matchedCount: number;
  /** All that was written. */
  readonly written: Written[];
}

/** A sample as it was written. */
export interface Written {
  readonly payload: Uint8Array;
  readonly related: SampleIdentity | undefined;
  readonly to: ReaderFilter | undefined;
}

/**
 * A network in memory that keeps the contract of bridge/network.ts: callbacks come in a later microtask (or by `flush`),
 * payloads are poisoned after use so that whoever keeps a borrowed one is caught.
 */
export class FakeNetwork implements Network {
  readonly nodes: string[] = [];
  readonly readers: FakeReader[] = [];
  readonly writers: FakeWriter[] = [];
  closed = false;
  /** How many samples each writer takes before it says that it is full. */
  writeRoom = Number.POSITIVE_INFINITY;
  private entity = 0;

  constructor(readonly domainId: number) {}

  createNode(name: string, namespace: string): NetworkNode {
    const full = `${namespace === "/" ? "" : namespace}/${name}`;
    this.nodes.push(full);
    const own: (FakeReader | FakeWriter)[] = [];
    const close = () => {
      for (const one of own) one.close();
      this.nodes.splice(this.nodes.indexOf(full), 1);
    };
    return {
      name,
      namespace,
      createReader: (description, listener) => this.addReader(description, listener, own),
      createWriter: (description, listener) => this.addWriter(description, listener, own),
      close,
    };
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  reader(topic: string): FakeReader {
    const found = this.readers.find(({ description }) => description.topic === topic);
    if (found === undefined) throw new Error(`no reader on ${topic}`);
    return found;
  }

  writer(topic: string): FakeWriter {
    const found = this.writers.find(({ description }) => description.topic === topic);
    if (found === undefined) throw new Error(`no writer on ${topic}`);
    return found;
  }

  /** Delivers a sample to a reader as the network would. */
  deliver(reader: FakeReader, sample: Sample): void {
    reader.held.push({ ...sample, payload: new Uint8Array(sample.payload) });
    this.offer(reader);
  }

  private offer(reader: FakeReader): void {
    while (reader.held.length > 0) {
      const first = reader.held[0] as Sample;
      const lent = { ...first, payload: Buffer.from(first.payload) };
      const taken = reader.listener.onSample(lent);
      lent.payload.fill(0xee);
      if (!taken && reader.description.qos.reliability === "reliable") return;
      reader.held.shift();
    }
  }

  private addReader(description: EndpointDescription, listener: ReaderListener, own: unknown[]): FakeReader {
    const reader: FakeReader = {
      guid: this.nextGuid(4),
      description,
      listener,
      held: [],
      peers: new Set(),
      matchedCount: 0,
      resume: () => this.offer(reader),
      close: () => this.remove(this.readers, reader),
    };
    this.readers.push(reader);
    own.push(reader);
    this.match();
    return reader;
  }

  private addWriter(description: EndpointDescription, listener: WriterListener, own: unknown[]): FakeWriter {
    let sequence = 0n;
    const writer: FakeWriter = {
      guid: this.nextGuid(3),
      description,
      listener,
      peers: new Set(),
      matchedCount: 0,
      written: [],
      write: (payload, related, to) => {
        if (this.writeRoom-- <= 0) {
          this.writeRoom = 0;
          return undefined;
        }
        const identity = { guid: writer.guid, sequenceNumber: ++sequence };
        const own = related && { ...related, guid: new Uint8Array(related.guid) };
        writer.written.push({ payload: new Uint8Array(payload), related: own, to });
        this.route(writer, new Uint8Array(payload), identity, own, to);
        return identity;
      },
      close: () => this.remove(this.writers, writer),
    };
    this.writers.push(writer);
    own.push(writer);
    this.match();
    return writer;
  }

  /** Room again: all writers are told. */
  makeRoom(count = Number.POSITIVE_INFINITY): void {
    this.writeRoom = count;
    for (const writer of this.writers) writer.listener.onSpace?.();
  }

  private route(
    writer: FakeWriter,
    payload: Uint8Array,
    identity: SampleIdentity,
    related?: SampleIdentity,
    to?: ReaderFilter,
  ): void {
    queueMicrotask(() => {
      for (const reader of [...this.readers]) {
        if (reader.description.topic !== writer.description.topic) continue;
        if (to?.(reader.guid) === false) continue;
        const sample = { payload, littleEndian: true, writer: identity };
        this.deliver(reader, related === undefined ? sample : { ...sample, related });
      }
    });
  }

  /** Pairs writers with readers of their topic. */
  private match(): void {
    queueMicrotask(() => {
      for (const writer of this.writers) {
        for (const reader of this.readers) {
          if (reader.description.topic !== writer.description.topic || reader.peers.has(writer)) continue;
          reader.peers.add(writer);
          writer.peers.add(reader);
          this.meet(writer, reader.guid);
          this.meet(reader, writer.guid);
        }
      }
    });
  }

  /** An endpoint of ours meets one, e.g. of another participant, or parts from it. */
  meet(one: FakeReader | FakeWriter, guid: Uint8Array, matched = true): void {
    one.matchedCount += matched ? 1 : -1;
    one.listener.onMatch?.({ guid }, matched, one.matchedCount);
  }

  private remove<T extends FakeReader | FakeWriter>(list: T[], one: T): void {
    const at = list.indexOf(one);
    if (at < 0) return;
    list.splice(at, 1);
    queueMicrotask(() => {
      for (const peer of one.peers) {
        peer.peers.delete(one);
        this.meet(peer, one.guid, false);
      }
    });
  }

  private nextGuid(kind: number): Uint8Array {
    const guid = new Uint8Array(16).fill(0xa5);
    new DataView(guid.buffer).setUint32(12, (++this.entity << 8) | kind);
    return guid;
  }
}
