import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { RosehipError } from "../../errors.js";
import type { Peer, Transport, TransportListener } from "./transport.js";

/** Largest payload of a UDP datagram over IPv4. */
const MAX_DATAGRAM = 65_507;

export interface UdpOptions {
  readonly family: 4 | 6;
  /** Default: all interfaces. */
  readonly address?: string;
  /** 0: any free port; {@link UdpTransport.port} tells which. */
  readonly port: number;
}

/** DDS-XRCE over UDP (DDS-XRCE 1.0, 11.1): one message in a datagram. */
export class UdpTransport implements Transport {
  private socket: Socket | undefined;

  constructor(private readonly options: UdpOptions) {}

  get port(): number {
    return this.socket?.address().port ?? this.options.port;
  }

  get name(): string {
    const { family, address = family === 4 ? "0.0.0.0" : "::" } = this.options;
    return family === 4 ? `udp4 ${address}:${this.port}` : `udp6 [${address}]:${this.port}`;
  }

  open(listener: TransportListener): Promise<void> {
    const { family, address, port } = this.options;
    const socket = createSocket({
      type: `udp${family}`,
      ipv6Only: family === 6,
      // Peers are numeric addresses. The default lookup would put each datagram off to a later tick.
      lookup: (host, _options, done) => done(null, host, family),
    });
    this.socket = socket;
    socket.on("message", (message, from) => listener.onMessage(new UdpPeer(socket, family, from), message));
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) => {
        this.socket = undefined;
        socket.close();
        reject(
          new RosehipError("XRCE_TRANSPORT_OPEN", `UDP port ${port} cannot be used: ${cause.message}`, {
            where: this.name,
            remedy: "Stop whatever uses the port, or choose another one.",
            cause,
          }),
        );
      };
      socket.once("error", fail);
      socket.bind({ port, ...(address === undefined ? {} : { address }) }, () => {
        socket.off("error", fail);
        socket.on("error", () => {}); // an ICMP refusal of one peer; its silence will tell
        resolve();
      });
    });
  }

  close(): Promise<void> {
    const { socket } = this;
    this.socket = undefined;
    if (socket === undefined) return Promise.resolve();
    return new Promise((resolve) => socket.close(() => resolve()));
  }
}

class UdpPeer implements Peer {
  readonly key: string;
  readonly maxMessageOctets = MAX_DATAGRAM;
  private readonly address: string;
  private readonly port: number;

  constructor(
    private readonly socket: Socket,
    family: 4 | 6,
    from: RemoteInfo,
  ) {
    this.address = from.address;
    this.port = from.port;
    this.key = family === 4 ? `udp4:${from.address}:${from.port}` : `udp6:[${from.address}]:${from.port}`;
  }

  send(message: Uint8Array): boolean {
    try {
      this.socket.send(message, this.port, this.address, ignoreError);
      return true;
    } catch {
      return false; // the socket is closed
    }
  }
}

/** A datagram that cannot be sent is a datagram lost. */
const ignoreError = (): void => {};
