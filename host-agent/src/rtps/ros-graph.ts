import type { Sample } from "../bridge/network.js";
import type { Log } from "../log.js";
import type { Task } from "./behavior/scheduler.js";
import type { EndpointData } from "./discovery/endpoint-data.js";
import {
  decodeParticipantEntities,
  encodeParticipantEntities,
  type NodeEntities,
  ROS_DISCOVERY_INFO,
} from "./discovery/participant-entities.js";
import { MAX_REMOTE_PARTICIPANTS } from "./limits.js";
import type { Participant } from "./participant.js";
import { formatGuid, formatPrefix, type Guid, type GuidPrefix, guidFromBytes } from "./structure/guid.js";
import type { UserWriter } from "./user-writer.js";

/** A node of the ROS graph, ours or another participant's. */
export interface GraphNode {
  readonly name: string;
  readonly namespace: string;
  readonly enclave: string;
  /** Those of its endpoints that have been discovered. */
  readonly endpoints: readonly EndpointData[];
}

/** What is known of the ROS graph at one moment. */
export interface RosGraphView {
  readonly nodes: readonly GraphNode[];
  /** All endpoints of the domain, also those that belong to no node (participants that are no ROS nodes). */
  readonly endpoints: readonly EndpointData[];
}

/** A node of ours. Its sets are changed by its owner, who then calls {@link RosGraph.changed}. */
export interface OwnNode {
  readonly name: string;
  readonly namespace: string;
  readonly readers: Set<Guid>;
  readonly writers: Set<Guid>;
}

/** Changes within this time go out as one announcement: a device creates its entities in one go. */
const GATHER_MS = 2;

/**
 * The `ros_discovery_info` topic: announces which of our endpoints belongs to which node, and keeps what the
 * others announce.
 */
export class RosGraph {
  private readonly own = new Set<OwnNode>();
  private readonly remote = new Map<GuidPrefix, readonly NodeEntities[]>();
  private readonly writer: UserWriter;
  private readonly announcement: Task;

  constructor(
    private readonly participant: Participant,
    private readonly log: Log,
  ) {
    this.announcement = participant.task(() => this.announce());
    this.writer = participant.createWriter(ROS_DISCOVERY_INFO, {});
    participant.createReader(ROS_DISCOVERY_INFO, { onSample: (sample) => this.onSample(sample) });
    participant.onParticipantGone = (prefix) => this.remote.delete(prefix);
  }

  add(node: OwnNode): void {
    this.own.add(node);
    this.changed();
  }

  remove(node: OwnNode): void {
    this.own.delete(node);
    this.changed();
  }

  /** Endpoints of a node of ours came or went. */
  changed(): void {
    this.announcement.within(GATHER_MS);
  }

  view(): RosGraphView {
    const { participant } = this;
    const nodes: GraphNode[] = [...this.own].map((node) => this.node(node, participant.enclave));
    for (const [prefix, entities] of this.remote) {
      const enclave = participant.participant(prefix)?.enclave ?? "/";
      for (const node of entities) nodes.push(this.node(node, enclave));
    }
    return { nodes, endpoints: [...participant.endpoints()] };
  }

  private node(
    node: { readonly name: string; readonly namespace: string } & Record<
      "readers" | "writers",
      Iterable<Guid>
    >,
    enclave: string,
  ): GraphNode {
    const endpoints = [...node.readers, ...node.writers]
      .map((guid) => this.participant.endpoint(guid))
      .filter((endpoint) => endpoint !== undefined);
    return { name: node.name, namespace: node.namespace, enclave, endpoints };
  }

  private announce(): void {
    const nodes = [...this.own].map(({ name, namespace, readers, writers }) => ({
      name,
      namespace,
      readers: [...readers],
      writers: [...writers],
    }));
    this.writer.write(encodeParticipantEntities({ prefix: this.participant.prefix, nodes }));
  }

  private onSample(sample: Sample): boolean {
    const writer = guidFromBytes(sample.writer.guid);
    if (writer.prefix === this.participant.prefix) return true;
    try {
      const { prefix, nodes } = decodeParticipantEntities(sample.payload, sample.littleEndian);
      // A participant speaks for itself only.
      if (prefix !== writer.prefix) return true;
      if (this.remote.size < MAX_REMOTE_PARTICIPANTS || this.remote.has(prefix))
        this.remote.set(prefix, nodes);
    } catch (error) {
      this.log.warn("a participant's node list does not decode; it is ignored", {
        participant: formatPrefix(writer.prefix),
        writer: formatGuid(writer),
        error: String(error),
      });
    }
    return true;
  }
}
