import type { ObjectDescription } from "./message/representation/description.js";

/** What happens on the device side that people want to see. Sizes in octets, keys as unsigned 32-bit numbers. */
export type DeviceEvent =
  | {
      readonly type: "client_connected";
      readonly clientKey: number;
      readonly peer: string;
      readonly sessionId: number;
      readonly mtu: number;
      /** The session was known: its objects are still there. */
      readonly resumed: boolean;
    }
  | { readonly type: "client_gone"; readonly clientKey: number; readonly reason: string }
  | {
      readonly type: "object_created";
      readonly clientKey: number;
      readonly objectId: number;
      readonly description: ObjectDescription;
    }
  | { readonly type: "object_deleted"; readonly clientKey: number; readonly objectId: number }
  | {
      readonly type: "request_failed";
      readonly clientKey: number;
      readonly objectId: number;
      /** CREATE, DELETE, WRITE_DATA … */
      readonly request: string;
      readonly status: number;
      readonly reason: string;
      readonly remedy?: string;
      /** The node the object belongs to, if it is there. */
      readonly node?: string;
    }
  | {
      readonly type: "sample_dropped";
      readonly clientKey: number;
      readonly objectId: number;
      readonly node?: string;
      readonly reason: string;
    }
  | { readonly type: "messages_skipped"; readonly clientKey: number; readonly count: number }
  | {
      readonly type: "client_refused";
      readonly clientKey: number;
      readonly peer: string;
      readonly reason: string;
    }
  | { readonly type: "duplicate_client_key"; readonly clientKey: number; readonly peers: readonly string[] }
  /** A fault of the agent's own; it goes on with the next message. */
  | { readonly type: "internal_error"; readonly where: string; readonly error: unknown }
  | { readonly type: "malformed_message"; readonly peer: string; readonly reason: string };
