/**
 * What the device side sees of a ROS 2 network: one `Network` per domain, whatever engine is behind it
 * (DDSI-RTPS today; another, such as Zenoh, can stand beside it). Only this folder imports both sides.
 *
 * Threads: none. All calls and callbacks happen on the event loop; callbacks never run inside the call that
 * causes them, except `onSample` inside `NetworkReader.resume`.
 */

export interface Qos {
  readonly reliability: "reliable" | "best_effort";
  readonly durability: "volatile" | "transient_local";
  /** `depth` samples are kept per endpoint; "keep_all" keeps up to the engine's resource limit. */
  readonly history: { readonly kind: "keep_last"; readonly depth: number } | { readonly kind: "keep_all" };
  /** Nanoseconds; absent means infinite. */
  readonly deadline?: bigint;
  readonly lifespan?: bigint;
  readonly liveliness?: { readonly kind: "automatic" | "manual_by_topic"; readonly lease?: bigint };
}

/**
 * As rmw_qos_profile_services_default, RELIABLE and VOLATILE, but deeper than its KEEP_LAST 10, which the network does not
 * see: the calls of all clients share one history, and one that is not confirmed yet must not give way to those of others.
 */
export const SERVICE_QOS: Qos = {
  reliability: "reliable",
  durability: "volatile",
  history: { kind: "keep_last", depth: 1024 },
};

export interface EndpointDescription {
  /** Name on the network, already mangled for ROS 2: `rt/chatter`, `rq/add_two_intsRequest`. */
  readonly topic: string;
  /** Type name on the network: `example_interfaces::srv::dds_::AddTwoInts_Request_`. */
  readonly type: string;
  /** `RIHS01_` and 64 hex digits (REP-2016). Absent: unknown, none is announced. */
  readonly typeHash?: string;
  readonly qos: Qos;
}

/** Who wrote a sample, and which of its samples it is (DDSI-RTPS 2.5, 8.3.5.8 and 9.6.2.9 related_sample_identity). */
export interface SampleIdentity {
  /** 16 octets: GUID prefix and entity id. */
  readonly guid: Uint8Array;
  readonly sequenceNumber: bigint;
}

export interface Sample {
  /** Serialized data after the 4-octet encapsulation header. Borrowed: valid during the callback only. */
  readonly payload: Uint8Array;
  readonly littleEndian: boolean;
  readonly writer: SampleIdentity;
  /** related_sample_identity from the inline QoS, if the sample has one. */
  readonly related?: SampleIdentity;
}

export interface MatchedEndpoint {
  readonly guid: Uint8Array;
  readonly typeHash?: string;
}

export interface EndpointListener {
  /** A compatible remote endpoint appeared (`matched` true) or went away. */
  onMatch?(remote: MatchedEndpoint, matched: boolean, total: number): void;
  /**
   * A remote endpoint on the same topic does not match. `reason` is a sentence that names policy or type, and both values;
   * undefined once that endpoint is gone or has changed.
   */
  onIncompatible?(remote: MatchedEndpoint, reason: string | undefined): void;
}

export interface ReaderListener extends EndpointListener {
  /**
   * A sample, in the writer's order if reliable.
   * @returns false if it cannot be taken now: a reliable reader keeps it, unacknowledged, and offers it again
   *   after `resume()`; a best-effort reader drops it.
   */
  onSample(sample: Sample): boolean;
  /** A sample that was sent to the reader when it had just been closed. Told for some seconds after `close`. */
  onLate?(): void;
  /** A sample that can never be delivered, told once for each writer and reason. `reason` is a sentence. */
  onLost?(reason: string): void;
}

export interface WriterListener extends EndpointListener {
  /** `write` would succeed again after it has returned undefined. */
  onSpace?(): void;
}

export interface NetworkReader {
  readonly guid: Uint8Array;
  /** Offers samples held back by `onSample` returning false. */
  resume(): void;
  close(): void;
}

/** @param reader GUID, 16 octets */
export type ReaderFilter = (reader: Uint8Array) => boolean;

export interface NetworkWriter {
  readonly guid: Uint8Array;
  readonly matchedCount: number;
  /**
   * Queues one sample for all matched readers; `payload` is copied or sent before this returns.
   * @param payload little-endian CDR without encapsulation header
   * @param related identity sent as inline QoS related_sample_identity. `sequenceNumber` -1n is SEQUENCE_NUMBER_UNKNOWN.
   * @param to which of the matched readers get the sample, by their GUID; absent: all. Asked again for each repetition.
   * @returns the sample's identity, or undefined if a keep-all history is full: wait for `onSpace`
   * @throws NETWORK_SAMPLE_TOO_LARGE above the engine's limit
   */
  write(payload: Uint8Array, related?: SampleIdentity, to?: ReaderFilter): SampleIdentity | undefined;
  close(): void;
}

/** A ROS 2 node: what `ros2 node list` shows. Closing it closes its endpoints. */
export interface NetworkNode {
  readonly name: string;
  readonly namespace: string;
  createReader(description: EndpointDescription, listener: ReaderListener): NetworkReader;
  createWriter(description: EndpointDescription, listener: WriterListener): NetworkWriter;
  close(): void;
}

export interface Network {
  readonly domainId: number;
  /** @param name node name without slashes; @param namespace absolute, "/" for the root */
  createNode(name: string, namespace: string): NetworkNode;
  /** Says goodbye (disposes endpoints and participant) and closes the sockets. */
  close(): Promise<void>;
}

export type OpenNetwork = (domainId: number) => Promise<Network>;
