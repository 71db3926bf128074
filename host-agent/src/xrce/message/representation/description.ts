import { RosehipError } from "../../../errors.js";

/** Quality of service as XRCE clients state it (DDS-XRCE 1.0, 7.7.3.5 and 7.7.3.6); what is absent has the default. */
export interface EndpointQos {
  readonly reliable: boolean;
  /** DurabilityKind; transient and persistent are offered as transient local, the most there is without a store. */
  readonly durability: "volatile" | "transient_local" | "transient" | "persistent";
  readonly keepAll: boolean;
  readonly depth?: number;
  readonly deadlineMs?: number;
  readonly lifespanMs?: number;
  /** Absent: automatic, with an infinite lease. Only Rosehip's clients can state it. */
  readonly liveliness?: { readonly manualByTopic: boolean; readonly leaseMs?: number };
}

/** The topic of an endpoint: an object of the client (binary) or a name and type (XML). */
export type TopicReference = { readonly topicId: number } | { readonly name: string; readonly type: string };

/** Whatever way an object was described, this is what it is to be. */
export type ObjectDescription =
  | { readonly kind: "participant"; readonly name?: string }
  | { readonly kind: "topic"; readonly name: string; readonly type: string }
  | { readonly kind: "publisher" }
  | { readonly kind: "subscriber" }
  | {
      readonly kind: "datawriter" | "datareader";
      readonly topic: TopicReference;
      readonly qos: EndpointQos;
      /** USER_DATA of the endpoint, the client's own copy. */
      readonly userData?: Uint8Array;
      /** SHA-256 of the type hash (REP-2016), 32 octets, if the client knows it. */
      readonly typeDigest?: Uint8Array;
    }
  | {
      readonly kind: "requester" | "replier";
      readonly serviceName: string;
      readonly requestType: string;
      readonly replyType: string;
      readonly requestTopic: string;
      readonly replyTopic: string;
      readonly requestTypeDigest?: Uint8Array;
      readonly replyTypeDigest?: Uint8Array;
    };

/**
 * What an endpoint gets that states no QoS: the defaults of Fast DDS, which clients of the Micro XRCE-DDS family
 * were written against (DDS's own, but for the durability of writers).
 */
export const DEFAULT_QOS = {
  datawriter: { reliable: true, durability: "transient_local", keepAll: false, depth: 1 },
  datareader: { reliable: false, durability: "volatile", keepAll: false, depth: 1 },
} as const satisfies Record<string, EndpointQos>;

/** @throws RosehipError XRCE_REPRESENTATION */
export function invalidRepresentation(message: string, remedy?: string): never {
  throw new RosehipError("XRCE_REPRESENTATION", message, {
    clause: "DDS-XRCE 1.0, 7.7.3",
    ...(remedy === undefined ? {} : { remedy }),
  });
}
