import type { EndpointDescription } from "../../bridge/network.js";
import { CdrReader } from "../../cdr/reader.js";
import { CdrWriter } from "../../cdr/writer.js";
import { MAX_ENDPOINTS_PER_PARTICIPANT, MAX_NAME_OCTETS, MAX_NODES_PER_PARTICIPANT } from "../limits.js";
import { ENTITYID_PARTICIPANT } from "../structure/entity-id.js";
import { GUID_OCTETS, type Guid, type GuidPrefix, guidFromBytes, guidToBytes } from "../structure/guid.js";

/** The topic over which rmw implementations tell which node has which endpoints (rmw_dds_common). */
export const ROS_DISCOVERY_INFO: EndpointDescription = {
  topic: "ros_discovery_info",
  type: "rmw_dds_common::msg::dds_::ParticipantEntitiesInfo_",
  typeHash: "RIHS01_91a0593bacdcc50ea9bdcf849a938b128412cc1ea821245c663bcd26f83c295e",
  qos: {
    reliability: "reliable",
    durability: "transient_local",
    history: { kind: "keep_last", depth: 1 },
  },
};

/** NodeEntitiesInfo: a node and the GUIDs of its endpoints. */
export interface NodeEntities {
  readonly namespace: string;
  readonly name: string;
  readonly readers: readonly Guid[];
  readonly writers: readonly Guid[];
}

/** ParticipantEntitiesInfo: everything one participant says of its nodes. Replaces what it said before. */
export interface ParticipantEntities {
  readonly prefix: GuidPrefix;
  readonly nodes: readonly NodeEntities[];
}

export function encodeParticipantEntities(info: ParticipantEntities): Uint8Array {
  const out = new CdrWriter(true, 512);
  out.raw(guidToBytes({ prefix: info.prefix, entityId: ENTITYID_PARTICIPANT }));
  out.u32(info.nodes.length);
  for (const node of info.nodes) {
    out.string(node.namespace);
    out.string(node.name);
    for (const guids of [node.readers, node.writers]) {
      out.u32(guids.length);
      for (const guid of guids) out.raw(guidToBytes(guid));
    }
  }
  return out.copy();
}

/** @param payload CDR without encapsulation header @throws DecodeError */
export function decodeParticipantEntities(payload: Uint8Array, littleEndian: boolean): ParticipantEntities {
  const reader = new CdrReader(payload, littleEndian);
  const { prefix } = guidFromBytes(reader.borrow(GUID_OCTETS));
  // The least node is two empty strings and two empty sequences.
  const count = reader.length(16, MAX_NODES_PER_PARTICIPANT);
  const guids = (): Guid[] => {
    const length = reader.length(GUID_OCTETS, MAX_ENDPOINTS_PER_PARTICIPANT);
    return Array.from({ length }, () => guidFromBytes(reader.borrow(GUID_OCTETS)));
  };
  const nodes = Array.from({ length: count }, () => ({
    namespace: reader.string(MAX_NAME_OCTETS),
    name: reader.string(MAX_NAME_OCTETS),
    readers: guids(),
    writers: guids(),
  }));
  return { prefix, nodes };
}
