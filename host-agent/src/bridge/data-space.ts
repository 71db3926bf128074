import { parseNodeName } from "../ros2/names.js";
import type { NodeRemapping } from "../ros2/remap.js";
import type { DataSpace, ParticipantEntity, ParticipantRequest } from "../xrce/object/data-space.js";
import type { BridgeContext } from "./bridge-context.js";
import { LastWords } from "./last-words.js";
import type { Network } from "./network.js";
import { NetworkPool } from "./network-pool.js";
import { remapNode } from "./overrides.js";
import { defaultNodeName, Participant } from "./participant.js";
import type { RosoutSeverity } from "./rosout.js";

/** The data space of the device side, made of ROS 2 networks. */
export class NetworkDataSpace implements DataSpace {
  private readonly pool: NetworkPool;
  private readonly lastWords: LastWords;
  private readonly participants = new Set<Participant>();

  constructor(private readonly context: BridgeContext) {
    this.pool = new NetworkPool(context);
    this.lastWords = new LastWords(context, this.pool);
  }

  createParticipant(request: ParticipantRequest): ParticipantEntity | Promise<ParticipantEntity> {
    const given = request.name ?? "";
    const stated = parseNodeName(given === "" ? defaultNodeName(request.clientKey) : given);
    const names = remapNode(this.context.overrides, request, stated);
    const join = (network: Network): ParticipantEntity => {
      try {
        return this.join(network, request, names);
      } catch (error) {
        this.pool.release(request.domainId);
        throw error;
      }
    };
    const network = this.pool.acquire(request.domainId);
    return network instanceof Promise ? network.then(join) : join(network);
  }

  /** Says something on /rosout of one node of a client, or of all of them. */
  say(clientKey: number, node: string | undefined, severity: RosoutSeverity, message: string): void {
    for (const participant of this.participants) {
      if (participant.clientKey !== clientKey) continue;
      if (node === undefined || participant.nodeName === node) participant.say(severity, message);
    }
  }

  /** Closes all networks. */
  close(): Promise<void> {
    return this.pool.close();
  }

  private join(network: Network, request: ParticipantRequest, names: NodeRemapping): ParticipantEntity {
    const { clientKey, domainId } = request;
    const node = network.createNode(names.node.name, names.node.namespace);
    const onClose = (unsaid: readonly Uint8Array[]): void => {
      this.participants.delete(participant);
      this.lastWords.say(network, unsaid);
      this.context.report({ type: "node_gone", clientKey, node: participant.nodeName, domainId });
      this.pool.release(domainId);
    };
    const participant = new Participant(node, request, names, this.context, onClose, domainId);
    this.participants.add(participant);
    this.context.report({ type: "node_created", clientKey, node: participant.nodeName, domainId });
    return participant;
  }
}
