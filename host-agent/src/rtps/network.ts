import { randomBytes } from "node:crypto";
import type {
  EndpointDescription,
  Network,
  NetworkNode,
  NetworkReader,
  NetworkWriter,
  ReaderListener,
  WriterListener,
} from "../bridge/network.js";
import { RosehipError } from "../errors.js";
import { type Log, SILENT } from "../log.js";
import { checkDomainId, type DiscoveryOptions } from "./options.js";
import { Participant } from "./participant.js";
import { type OwnNode, RosGraph, type RosGraphView } from "./ros-graph.js";
import { GUID_PREFIX_OCTETS, type GuidPrefix, guidFromBytes, prefixFromBytes } from "./structure/guid.js";
import type { Locator } from "./structure/locator.js";
import { VENDOR_ROSEHIP } from "./structure/vendor-id.js";
import {
  metatrafficMulticastPort,
  metatrafficUnicastPort,
  SPDP_MULTICAST_ADDRESS,
  UNICAST_PEER_RANGE,
} from "./transport/ports.js";
import { resolvePeers } from "./transport/static-peers.js";
import { SystemClock } from "./transport/system-clock.js";
import { interfaceAddresses, UdpTransport, type UdpTransportOptions } from "./transport/udp-transport.js";

export interface RtpsOptions extends DiscoveryOptions {
  readonly log?: Log;
  /** ROS 2 security enclave that is announced. Default "/". */
  readonly enclave?: string;
  /** Fault injection for tests: returns true to lose a datagram. */
  readonly lose?: UdpTransportOptions["lose"];
}

/** A {@link Network} over DDSI-RTPS. */
export interface RtpsNetwork extends Network {
  /** The ROS graph as it is known now: nodes and endpoints of all participants. */
  graph(): RosGraphView;
}

/** Our lease as the others see it: they forget us that long after our last message. As rmw_fastrtps has it. */
const LEASE = 20_000_000_000n;

/**
 * Joins a ROS 2 domain as one DDS participant that rmw_fastrtps and rmw_cyclonedds nodes can talk to.
 * @throws RTPS_OPTIONS, RTPS_NO_PORT, RTPS_BIND, RTPS_STATIC_PEER
 * @example
 *     const network = await openRtpsNetwork(discoveryFromEnvironment(process.env));
 *     const node = network.createNode("talker", "/");
 */
export async function openRtpsNetwork(options: RtpsOptions): Promise<RtpsNetwork> {
  const { domainId, range = "SUBNET", staticPeers = [], log = SILENT, lose } = options;
  checkDomainId(domainId, `domainId ${domainId}`);
  const loopbackOnly = range === "LOCALHOST" || range === "OFF";
  const peers = range === "OFF" ? [] : await resolvePeers(staticPeers);
  let participant: Participant | undefined;
  const transport = await UdpTransport.open({
    domainId,
    loopbackOnly: loopbackOnly && staticPeers.length === 0,
    multicast: !loopbackOnly,
    log,
    onDatagram: (datagram, address) => {
      if (range !== "OFF") participant?.receive(datagram, address);
    },
    ...(lose && { lose }),
  });
  participant = new Participant({
    own: {
      prefix: createPrefix(),
      domainId,
      metatrafficUnicast: transport.metatrafficLocators,
      defaultUnicast: transport.userLocators,
      lease: LEASE,
      enclave: options.enclave ?? "/",
    },
    targets: announcementTargets(domainId, range, peers),
    hostAddresses: interfaceAddresses(),
    clock: new SystemClock(),
    log,
    send: (parts, locator) => transport.send(parts, locator),
    defer: queueMicrotask,
    later: setImmediate,
  });
  const network = new ParticipantNetwork(domainId, participant, transport, log);
  participant.start();
  return network;
}

/** 9.3.1.5: the first two octets are the vendor's; the rest is random, so restarts are told apart. */
function createPrefix(): GuidPrefix {
  const octets = randomBytes(GUID_PREFIX_OCTETS);
  octets.writeUInt16BE(VENDOR_ROSEHIP, 0);
  return prefixFromBytes(octets);
}

function announcementTargets(
  domainId: number,
  range: DiscoveryOptions["range"],
  peers: readonly string[],
): Locator[] {
  if (range === "OFF") return [];
  const hosts = range === "LOCALHOST" ? ["127.0.0.1", ...peers] : peers;
  const targets = [...new Set(hosts)].flatMap((address) =>
    Array.from({ length: UNICAST_PEER_RANGE }, (_, index) => ({
      address,
      port: metatrafficUnicastPort(domainId, index),
    })),
  );
  if (range === "LOCALHOST") return targets;
  return [{ address: SPDP_MULTICAST_ADDRESS, port: metatrafficMulticastPort(domainId) }, ...targets];
}

class ParticipantNetwork implements RtpsNetwork {
  private readonly rosGraph: RosGraph;
  private readonly nodes = new Set<Node>();

  constructor(
    readonly domainId: number,
    private readonly participant: Participant,
    private readonly transport: UdpTransport,
    log: Log,
  ) {
    this.rosGraph = new RosGraph(participant, log);
  }

  createNode(name: string, namespace: string): NetworkNode {
    const node = new Node(name, namespace, this.participant, this.rosGraph, () => this.nodes.delete(node));
    this.nodes.add(node);
    return node;
  }

  graph(): RosGraphView {
    return this.rosGraph.view();
  }

  async close(): Promise<void> {
    for (const node of [...this.nodes]) node.close();
    this.participant.close();
    await this.transport.close();
  }
}

class Node implements NetworkNode {
  private readonly entry: OwnNode;
  private readonly endpoints = new Set<NetworkReader | NetworkWriter>();
  private closed = false;

  constructor(
    readonly name: string,
    readonly namespace: string,
    private readonly participant: Participant,
    private readonly graph: RosGraph,
    private readonly onClose: () => void,
  ) {
    this.entry = { name, namespace, readers: new Set(), writers: new Set() };
    graph.add(this.entry);
  }

  createReader(description: EndpointDescription, listener: ReaderListener): NetworkReader {
    this.checkOpen();
    return this.keep(this.participant.createReader(description, listener), this.entry.readers);
  }

  createWriter(description: EndpointDescription, listener: WriterListener): NetworkWriter {
    this.checkOpen();
    return this.keep(this.participant.createWriter(description, listener), this.entry.writers);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const endpoint of [...this.endpoints]) endpoint.close();
    this.graph.remove(this.entry);
    this.onClose();
  }

  private checkOpen(): void {
    if (this.closed)
      throw new RosehipError("NETWORK_CLOSED", "the node has been closed", { where: this.name });
  }

  /** Lists the endpoint under this node in the graph until it is closed. */
  private keep<T extends NetworkReader | NetworkWriter>(endpoint: T, guids: OwnNode["readers"]): T {
    const guid = guidFromBytes(endpoint.guid);
    guids.add(guid);
    this.endpoints.add(endpoint);
    this.graph.changed();
    const close = endpoint.close.bind(endpoint);
    endpoint.close = () => {
      if (!this.endpoints.delete(endpoint)) return;
      guids.delete(guid);
      this.graph.changed();
      close();
    };
    return endpoint;
  }
}
