import { createSocket, type Socket } from "node:dgram";
import { networkInterfaces } from "node:os";
import { RosehipError } from "../../errors.js";
import type { Log } from "../../log.js";
import { formatLocator, isMulticast, type Locator } from "../structure/locator.js";
import {
  MAX_PARTICIPANT_INDEX,
  metatrafficMulticastPort,
  metatrafficUnicastPort,
  SPDP_MULTICAST_ADDRESS,
  userUnicastPort,
} from "./ports.js";

export interface UdpTransportOptions {
  readonly domainId: number;
  /** Bind to 127.0.0.1 only. */
  readonly loopbackOnly: boolean;
  /** Join and send to the SPDP multicast group. */
  readonly multicast: boolean;
  readonly log: Log;
  /** Gets each datagram, which is its own from then on, and the sender's address. */
  readonly onDatagram: (datagram: Buffer, address: string) => void;
  /**
   * Fault injection for tests: returns true to lose the datagram.
   * @param direction seen from this participant
   */
  readonly lose?: (direction: "in" | "out") => boolean;
}

const LOOPBACK = "127.0.0.1";
const ANY = "0.0.0.0";
/** A sample of 1 MB arrives in one burst; the system may grant less. */
const SOCKET_BUFFER_OCTETS = 4 * 1024 * 1024;

/**
 * The UDPv4 sockets of one participant: one for metatraffic, one for user data, and with `multicast` one for its
 * reception and one per interface for sending it. Errors of sending are logged once per
 * kind and destination and otherwise are losses like any other.
 */
export class UdpTransport {
  private readonly reported = new Set<string>();
  private closed = false;

  private constructor(
    private readonly options: UdpTransportOptions,
    readonly participantIndex: number,
    private readonly metatraffic: Socket,
    private readonly user: Socket,
    private readonly multicast: readonly Socket[],
    private readonly addresses: readonly string[],
  ) {
    for (const socket of [metatraffic, user, ...multicast]) {
      socket.on("message", (datagram, from) => {
        if (options.lose?.("in")) return;
        options.onDatagram(datagram, from.address);
      });
      socket.on("error", (error) => this.report(error, "socket"));
    }
  }

  /**
   * Claims the lowest free participant index by binding its ports without sharing them.
   * @throws RTPS_NO_PORT if all 120 are taken, RTPS_BIND for any other error
   */
  static async open(options: UdpTransportOptions): Promise<UdpTransport> {
    for (let index = 0; index <= MAX_PARTICIPANT_INDEX; index++) {
      const opened: Socket[] = [];
      const transport = await UdpTransport.claim(options, index, opened).catch((error) => {
        closeAll(opened);
        throw error;
      });
      if (transport !== undefined) return transport;
      closeAll(opened);
    }
    const { domainId } = options;
    throw new RosehipError("RTPS_NO_PORT", `all participant ports of domain ${domainId} are in use`, {
      remedy: "Stop other ROS 2 processes of this domain on this host, or choose another ROS_DOMAIN_ID.",
    });
  }

  /**
   * @param opened is given the sockets of the index's ports as they are opened
   * @returns undefined if one of the ports is in use
   */
  private static async claim(
    options: UdpTransportOptions,
    index: number,
    opened: Socket[],
  ): Promise<UdpTransport | undefined> {
    const { domainId, loopbackOnly, multicast, log } = options;
    for (const port of [metatrafficUnicastPort(domainId, index), userUnicastPort(domainId, index)]) {
      const socket = await bind(port, loopbackOnly ? LOOPBACK : ANY, false);
      if (socket === undefined) return undefined;
      opened.push(socket);
    }
    const [metatraffic, user] = opened as [Socket, Socket];
    const addresses = loopbackOnly ? [LOOPBACK] : interfaceAddresses();
    const group = multicast ? await joinMulticast(domainId, addresses, log) : [];
    return new UdpTransport(options, index, metatraffic, user, group, addresses);
  }

  get metatrafficLocators(): Locator[] {
    const port = metatrafficUnicastPort(this.options.domainId, this.participantIndex);
    return this.unicastAddresses().map((address) => ({ address, port }));
  }

  get userLocators(): Locator[] {
    const port = userUnicastPort(this.options.domainId, this.participantIndex);
    return this.unicastAddresses().map((address) => ({ address, port }));
  }

  /** The parts stay untouched until they are sent, which may be after this returns. */
  send(parts: readonly Uint8Array[], locator: Locator): void {
    if (this.closed || this.options.lose?.("out")) return;
    const done = (error: Error | null) => {
      if (error !== null) this.report(error, formatLocator(locator));
    };
    const sockets = isMulticast(locator) ? this.multicast.slice(1) : [this.user];
    for (const socket of sockets) {
      try {
        socket.send(parts as Uint8Array[], locator.port, locator.address, done);
      } catch (error) {
        this.report(error as Error, formatLocator(locator));
      }
    }
  }

  /** Resolves when everything that was sent before has left and the sockets are closed. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const sockets = [this.metatraffic, this.user, ...this.multicast];
    // A socket closes after the sends it has accepted: they are synchronous unless its buffer is full.
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  }

  /** Loopback only where there is nothing else, so that peers on other hosts are not sent to themselves. */
  private unicastAddresses(): readonly string[] {
    const external = this.addresses.filter((address) => !address.startsWith("127."));
    return external.length > 0 ? external : [LOOPBACK];
  }

  private report(error: Error, where: string): void {
    const code = (error as NodeJS.ErrnoException).code ?? error.message;
    const key = `${code} ${where}`;
    if (this.reported.has(key) || this.reported.size >= MAX_REPORTED) return;
    this.reported.add(key);
    this.options.log.warn("UDP error; the datagram is lost, later ones of this kind are not reported", {
      code,
      where,
    });
  }
}

/** Different errors logged; beyond it something is so wrong that more lines do not help. */
const MAX_REPORTED = 256;

function closeAll(sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.close();
}

/** @returns undefined if the port is in use */
function bind(port: number, address: string, shared: boolean): Promise<Socket | undefined> {
  const socket = createSocket({
    type: "udp4",
    reuseAddr: shared,
    // Addresses are dotted quads; the resolver would only add a turn of the event loop.
    lookup: (host, _options, callback) => callback(null, host, 4),
  });
  return new Promise((resolve, reject) => {
    socket.once("error", (error: NodeJS.ErrnoException) => {
      socket.close();
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(new RosehipError("RTPS_BIND", error.message, { where: `UDP port ${port}`, cause: error }));
    });
    socket.bind({ port, address, exclusive: true }, () => {
      socket.removeAllListeners("error");
      enlargeBuffers(socket);
      resolve(socket);
    });
  });
}

function enlargeBuffers(socket: Socket): void {
  for (const set of [socket.setRecvBufferSize, socket.setSendBufferSize]) {
    try {
      set.call(socket, SOCKET_BUFFER_OCTETS);
    } catch {
      // Some systems refuse what Linux caps. The default works too, with more repairs of large samples.
    }
  }
}

/** One socket that receives, then one per interface that sends. Empty if the host cannot do multicast. */
async function joinMulticast(domainId: number, addresses: readonly string[], log: Log): Promise<Socket[]> {
  const receiver = await bind(metatrafficMulticastPort(domainId), ANY, true);
  if (receiver === undefined) {
    log.warn("the multicast port is taken without sharing; only static peers can be found", {
      port: metatrafficMulticastPort(domainId),
    });
    return [];
  }
  const sockets = [receiver];
  for (const address of addresses) {
    let sender: Socket | undefined;
    try {
      receiver.addMembership(SPDP_MULTICAST_ADDRESS, address);
      sender = (await bind(0, ANY, false)) as Socket;
      sender.setMulticastInterface(address);
      sender.setMulticastLoopback(true);
      sockets.push(sender);
    } catch (error) {
      sender?.close();
      log.warn("an interface cannot do multicast; participants behind it are not found", {
        address,
        error: String(error),
      });
    }
  }
  return sockets;
}

/** IPv4 addresses of all interfaces that are up, loopback included. */
export function interfaceAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.filter(({ family }) => family === "IPv4").map(({ address }) => address);
}
