import type {
  EndpointDescription,
  Network,
  NetworkNode,
  NetworkReader,
  NetworkWriter,
  ReaderListener,
  WriterListener,
} from "../../host-agent/src/bridge/network.js";
import type { EndpointData } from "../../host-agent/src/rtps/discovery/endpoint-data.js";
import { incompatibility } from "../../host-agent/src/rtps/discovery/qos-matching.js";
import { GUID_OCTETS, GUID_PREFIX_OCTETS, guidFromBytes } from "../../host-agent/src/rtps/structure/guid.js";
import { type KeptSample, SimulatedReader, SimulatedWriter, type Wire } from "./endpoint.js";
import { Link } from "./link.js";
import type { Timeline } from "./timeline.js";

/**
 * A ROS 2 network in memory, on a virtual clock. It matches endpoints as DDS does and carries samples over the links of
 * their participants; a sample never arrives inside the call that writes it.
 */
export class SimulatedNetwork implements Wire {
  readonly writers = new Set<SimulatedWriter>();
  readonly readers = new Set<SimulatedReader>();
  private participants = 0;

  constructor(private readonly timeline: Timeline) {}

  /** The network as one participant sees it. @param link what lies between that participant and all others */
  join(link = new Link()): Network {
    return new SimulatedParticipant(this, ++this.participants, link);
  }

  get now(): bigint {
    return this.timeline.clock.now;
  }

  add(endpoint: SimulatedWriter | SimulatedReader): void {
    if (endpoint instanceof SimulatedWriter) {
      this.writers.add(endpoint);
      for (const reader of this.readers) this.pair(endpoint, reader);
    } else {
      this.readers.add(endpoint);
      for (const writer of this.writers) this.pair(writer, endpoint);
    }
  }

  soon(run: () => void): void {
    this.timeline.soon(run);
  }

  send(writer: SimulatedWriter, sample: KeptSample): void {
    this.carry(writer, sample, () => {
      for (const reader of writer.matched) {
        if (sample.to?.(reader.guid) !== false) this.deliver(writer, reader, sample);
      }
    });
  }

  /** Late joiners get what a transient-local writer has kept. */
  replay(writer: SimulatedWriter, reader: SimulatedReader): void {
    for (const sample of writer.history) {
      if (sample.to?.(reader.guid) !== false) this.soon(() => this.deliver(writer, reader, sample));
    }
  }

  remove(endpoint: SimulatedWriter | SimulatedReader): void {
    if (endpoint instanceof SimulatedWriter) {
      this.writers.delete(endpoint);
      for (const reader of [...endpoint.matched, ...endpoint.refused]) reader.forget(endpoint);
    } else {
      this.readers.delete(endpoint);
      for (const writer of [...endpoint.matched, ...endpoint.refused]) writer.forget(endpoint);
    }
  }

  private pair(writer: SimulatedWriter, reader: SimulatedReader): void {
    if (writer.description.topic !== reader.description.topic) return;
    const reason = incompatibility(announced("writer", writer), announced("reader", reader));
    if (reason === undefined) {
      reader.match(writer);
      writer.match(reader);
    } else {
      reader.refuse(writer, reason);
      writer.refuse(reader, reason);
    }
  }

  /** From the writer's board to the network. */
  private carry(writer: SimulatedWriter, { payload }: KeptSample, arrived: () => void): void {
    const reliable = writer.description.qos.reliability === "reliable";
    const time = writer.link.up.arrival(this.now, payload.byteLength, reliable);
    if (time !== undefined) this.timeline.at(time, arrived);
  }

  /** From the network to the reader's board. */
  private deliver(writer: SimulatedWriter, reader: SimulatedReader, sample: KeptSample): void {
    const { now } = this;
    const reliable = reader.description.qos.reliability === "reliable";
    const time = reader.link.down.arrival(now, sample.payload.byteLength, reliable);
    if (time === undefined) return;
    const { lifespan } = writer.description.qos;
    if (lifespan !== undefined && time > sample.written + lifespan) return;
    this.timeline.at(time, () => reader.receive(sample));
  }
}

/** What discovery would tell of an endpoint. */
function announced(
  kind: EndpointData["kind"],
  { guid, description }: SimulatedWriter | SimulatedReader,
): EndpointData {
  const { topic, type, qos } = description;
  const { reliability, durability, deadline, liveliness } = qos;
  return {
    kind,
    guid: guidFromBytes(guid),
    topic,
    type,
    unicast: [],
    qos: {
      reliability,
      durability,
      liveliness: liveliness?.kind ?? "automatic",
      ownership: "shared",
      partitions: [],
      representations: [],
      ...(deadline !== undefined && { deadline }),
      ...(liveliness?.lease !== undefined && { livelinessLease: liveliness.lease }),
    },
  };
}

class SimulatedParticipant implements Network {
  readonly domainId = 0;
  private readonly nodes = new Set<SimulatedNode>();
  private endpoints = 0;

  constructor(
    readonly network: SimulatedNetwork,
    private readonly number: number,
    readonly link: Link,
  ) {}

  createNode(name: string, namespace: string): NetworkNode {
    const node = new SimulatedNode(this, name, namespace);
    this.nodes.add(node);
    return node;
  }

  /** 12 octets with the participant's number, 4 that count its endpoints. */
  nextGuid(): Uint8Array {
    const guid = new Uint8Array(GUID_OCTETS);
    const view = new DataView(guid.buffer);
    view.setUint32(GUID_PREFIX_OCTETS - 4, this.number);
    view.setUint32(GUID_PREFIX_OCTETS, ++this.endpoints);
    return guid;
  }

  async close(): Promise<void> {
    for (const node of this.nodes) node.close();
  }
}

class SimulatedNode implements NetworkNode {
  private readonly endpoints = new Set<SimulatedWriter | SimulatedReader>();

  constructor(
    private readonly participant: SimulatedParticipant,
    readonly name: string,
    readonly namespace: string,
  ) {}

  createReader(description: EndpointDescription, listener: ReaderListener): NetworkReader {
    const { network, link } = this.participant;
    return this.add(new SimulatedReader(network, this.participant.nextGuid(), description, listener, link));
  }

  createWriter(description: EndpointDescription, listener: WriterListener): NetworkWriter {
    const { network, link } = this.participant;
    return this.add(new SimulatedWriter(network, this.participant.nextGuid(), description, listener, link));
  }

  private add<E extends SimulatedWriter | SimulatedReader>(endpoint: E): E {
    this.endpoints.add(endpoint);
    this.participant.network.add(endpoint);
    return endpoint;
  }

  close(): void {
    for (const endpoint of this.endpoints) endpoint.close();
    this.endpoints.clear();
  }
}
