import { createServer, type Server, type Socket } from "node:net";
import { RosehipError } from "../../errors.js";
import { LIMITS } from "../../limits.js";
import { encodeLengthPrefixed, LengthPrefixDecoder } from "./length-prefix.js";
import type { Peer, Transport, TransportListener } from "./transport.js";

export interface TcpOptions {
  readonly family: 4 | 6;
  /** Default: all interfaces. */
  readonly address?: string;
  /** 0: any free port; {@link TcpTransport.port} tells which. */
  readonly port: number;
}

/** DDS-XRCE over TCP (DDS-XRCE 1.0, 11.2). Nagle's algorithm is off: it would hold each answer back for an ACK. */
export class TcpTransport implements Transport {
  private server: Server | undefined;
  private readonly connections = new Set<Socket>();

  constructor(private readonly options: TcpOptions) {}

  get port(): number {
    const address = this.server?.address();
    return address !== null && typeof address === "object" ? address.port : this.options.port;
  }

  get name(): string {
    const { family, address = family === 4 ? "0.0.0.0" : "::" } = this.options;
    return family === 4 ? `tcp4 ${address}:${this.port}` : `tcp6 [${address}]:${this.port}`;
  }

  open(listener: TransportListener): Promise<void> {
    const { family, port, address = family === 4 ? "0.0.0.0" : "::" } = this.options;
    const server = createServer({ noDelay: true }, (socket) => this.accept(socket, listener));
    server.maxConnections = LIMITS.connections;
    this.server = server;
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) => {
        this.server = undefined;
        reject(
          new RosehipError("XRCE_TRANSPORT_OPEN", `TCP port ${port} cannot be used: ${cause.message}`, {
            where: this.name,
            remedy: "Stop whatever uses the port, or choose another one.",
            cause,
          }),
        );
      };
      server.once("error", fail);
      server.listen({ port, host: address, ipv6Only: family === 6 }, () => {
        server.off("error", fail);
        server.on("error", () => {}); // a connection that could not be accepted; its client tries again
        resolve();
      });
    });
  }

  close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const socket of this.connections) socket.destroy();
    if (server === undefined) return Promise.resolve();
    return new Promise((resolve) => server.close(() => resolve()));
  }

  private accept(socket: Socket, listener: TransportListener): void {
    this.connections.add(socket);
    const peer = new TcpPeer(socket, this.options.family);
    const decoder = new LengthPrefixDecoder((message) => listener.onMessage(peer, message));
    let reason = "its connection was closed";
    socket.on("data", (chunk) => decoder.push(chunk));
    socket.on("error", (error) => {
      reason = `its connection broke: ${error.message}`;
    });
    socket.on("close", () => {
      this.connections.delete(socket);
      listener.onGone([peer.key], reason);
    });
  }
}

class TcpPeer implements Peer {
  readonly key: string;
  readonly maxMessageOctets = LIMITS.frameOctets;

  constructor(
    private readonly socket: Socket,
    family: 4 | 6,
  ) {
    const { remoteAddress = "gone", remotePort = 0 } = socket;
    this.key = family === 4 ? `tcp4:${remoteAddress}:${remotePort}` : `tcp6:[${remoteAddress}]:${remotePort}`;
  }

  send(message: Uint8Array): boolean {
    if (this.socket.destroyed || this.socket.writableLength > LIMITS.backlogOctets) return false;
    this.socket.write(encodeLengthPrefixed(message));
    return true;
  }
}
