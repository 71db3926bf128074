import { parseNodeName } from "../ros2/names.js";
import type { DataSpace, ParticipantEntity, ParticipantRequest } from "../xrce/object/data-space.js";
import type { BridgeContext } from "./bridge-context.js";
import type { Network } from "./network.js";
import { NetworkPool } from "./network-pool.js";
import { defaultNodeName, Participant } from "./participant.js";

/** The data space of the device side, made of ROS 2 networks. */
export class NetworkDataSpace implements DataSpace {
  private readonly pool: NetworkPool;

  constructor(private readonly context: BridgeContext) {
    this.pool = new NetworkPool(context);
  }

  createParticipant(request: ParticipantRequest): ParticipantEntity | Promise<ParticipantEntity> {
    const given = request.name ?? "";
    const { name, namespace } = parseNodeName(given === "" ? defaultNodeName(request.clientKey) : given);
    const join = (network: Network): ParticipantEntity => {
      try {
        return this.join(network, request, name, namespace);
      } catch (error) {
        this.pool.release(request.domainId);
        throw error;
      }
    };
    const network = this.pool.acquire(request.domainId);
    return network instanceof Promise ? network.then(join) : join(network);
  }

  /** Closes all networks. */
  close(): Promise<void> {
    return this.pool.close();
  }

  private join(
    network: Network,
    request: ParticipantRequest,
    name: string,
    namespace: string,
  ): ParticipantEntity {
    const { clientKey, domainId } = request;
    const node = network.createNode(name, namespace);
    const participant = new Participant(node, clientKey, this.context, () => {
      this.context.report({ type: "node_gone", clientKey, node: participant.nodeName, domainId });
      this.pool.release(domainId);
    });
    this.context.report({ type: "node_created", clientKey, node: participant.nodeName, domainId });
    return participant;
  }
}
