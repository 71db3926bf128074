import type { Log } from "../log.js";
import type { Timers } from "../xrce/session/timers.js";
import type { OpenNetwork } from "./network.js";
import type { Overrides } from "./overrides.js";

/** What the bridge tells those who watch the agent. */
export type BridgeEvent =
  | {
      readonly type: "matched";
      readonly clientKey: number;
      readonly node: string;
      readonly topic: string;
      readonly remote: string;
      readonly matched: boolean;
      readonly total: number;
    }
  | {
      readonly type: "incompatible";
      readonly clientKey: number;
      readonly node: string;
      readonly topic: string;
      readonly remote: string;
      readonly reason: string;
    }
  | {
      readonly type: "type_hash_differs";
      readonly clientKey: number;
      readonly node: string;
      readonly topic: string;
      readonly remote: string;
      readonly ddsType: string;
      readonly own: string;
      readonly other: string;
    }
  | {
      readonly type: "type_hash_unknown";
      readonly clientKey: number;
      readonly node: string;
      readonly topic: string;
      readonly ddsType: string;
    }
  | {
      readonly type: "sample_lost";
      readonly clientKey: number;
      readonly node: string;
      readonly topic: string;
      readonly reason: string;
    }
  | {
      readonly type: "alone_in_domain";
      readonly clientKey: number;
      readonly node: string;
      readonly domainId: number;
      readonly agentDomainId: number;
    }
  | {
      readonly type: "node_created" | "node_gone";
      readonly clientKey: number;
      readonly node: string;
      readonly domainId: number;
    }
  | {
      readonly type: "request_dropped" | "reply_dropped";
      readonly clientKey: number;
      readonly node: string;
      readonly service: string;
      readonly count: number;
      readonly reason: string;
      readonly remedy?: string;
    }
  | {
      readonly type: "device_log";
      readonly clientKey: number;
      readonly node: string;
      readonly level: number;
      readonly name: string;
      readonly message: string;
    };

export interface BridgeContext {
  readonly openNetwork: OpenNetwork;
  readonly timers: Timers;
  readonly log: Log;
  readonly overrides: Overrides;
  /** The domain of the agent itself (ROS_DOMAIN_ID), if it has one: nodes alone in another one are told of. */
  readonly domainId?: number;
  /** Nanoseconds since 1970-01-01 UTC. */
  wallNs(): bigint;
  report(event: BridgeEvent): void;
  /** Type hash of types whose device does not know it (micro-ROS), by DDS type name. */
  lookupTypeHash(ddsTypeName: string): string | undefined;
}
