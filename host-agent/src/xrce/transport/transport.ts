/** Where messages of one client come from and answers go to. */
export interface Peer {
  /** Unique among all peers of the agent and the same for each message: `udp4:127.0.0.1:4242`, `serial:/dev/ttyUSB0#1`. */
  readonly key: string;
  /** Largest message that can be sent, in octets. */
  readonly maxMessageOctets: number;
  /** A serial line: what is sent holds back what is sent after it. */
  readonly isLine?: boolean;
  /**
   * Sends one whole message, at once. `message` belongs to the transport until it has left.
   * @returns false if it was dropped because too much waits already
   */
  send(message: Uint8Array): boolean;
}

export interface TransportListener {
  /** A whole message. `message` is borrowed: valid during the call only. */
  onMessage(peer: Peer, message: Uint8Array): void;
  /** Nothing comes from these peers any more, by key; they may come back. */
  onGone(peerKeys: readonly string[], reason: string): void;
}

/** One open socket or port that carries DDS-XRCE messages (DDS-XRCE 1.0, clause 11). */
export interface Transport {
  /** `udp4 0.0.0.0:8888`: for logs, known once open. */
  readonly name: string;
  /** @throws RosehipError XRCE_TRANSPORT_OPEN if it cannot be used */
  open(listener: TransportListener): Promise<void>;
  close(): Promise<void>;
}
