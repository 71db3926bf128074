import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/**
 * A service client as the Micro XRCE-DDS Client is one, on UDP: written after the octets of its captured sessions
 * (test/vectors/xrce/session_udp.jsonl; the frame of each message is named), and with nothing of the agent's code.
 */
export class MicroRosClient {
  private nextOut = 0;
  private expected = 0;
  private readonly statuses = new Map<number, (status: number) => void>();
  private readonly replies = new Map<number, (payload: Buffer) => void>();
  private nextRequest = 10;
  private connected: (() => void) | undefined;

  private constructor(private readonly socket: Socket) {
    socket.on("message", (message) => this.onMessage(message));
  }

  /** Opens a session and makes a node of that name. `key` is eight hex digits. */
  static async connect(port: number, key: string, node: string, domainId: number): Promise<MicroRosClient> {
    const socket = createSocket("udp4");
    socket.connect(port, "127.0.0.1");
    await once(socket, "connect");
    const client = new MicroRosClient(socket);
    const opened = new Promise<void>((resolve) => {
      client.connected = resolve;
    });
    // Frame 2: CREATE_CLIENT, session 0x81, no properties, MTU 508.
    client.send(`80000000 00011000 58524345 0100 010f ${key} 81 00 fc01`);
    await opened;
    // Frame 40: CREATE a participant in binary, name in the QoS reference, then the domain.
    const body = `00 01 0000 ${text(node)}`;
    const octets = hex(body).length;
    const domain = u16(domainId);
    await client.create(`0011 01 03 0000 ${u32(octets)} ${body} ${octets % 2 === 0 ? "" : "3e"} ${domain}`);
    return client;
  }

  /** Frame 64: CREATE a requester in binary with both topics; then READ_DATA without end on stream 0x80. */
  async createClient(service: string, type: string): Promise<void> {
    const body = new Aligned()
      .text(service)
      .text(`${type}_Request_`)
      .text(`${type}_Response_`)
      .octet(1)
      .text(`rq/${service}Request`)
      .octet(1)
      .text(`rr/${service}Reply`).octets;
    await this.create(`0017 07 03 0000 ${u32(body.length)} ${body.toString("hex")} 0011`);
    this.submit(0x08, `${id(this.nextRequest++)} 0017 80 00 00 01 ffff 0000 0000 0000`);
  }

  /** @returns the reply without encapsulation. @throws if none comes within 10 s */
  call(request: Buffer): Promise<Buffer> {
    const requestId = this.nextRequest++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no reply to request ${requestId}`)), 10_000);
      this.replies.set(requestId, (payload) => {
        clearTimeout(timer);
        resolve(payload);
      });
      this.submit(0x07, `${id(requestId)} 0017 ${request.toString("hex")}`);
    });
  }

  async addTwoInts(a: bigint, b: bigint): Promise<bigint> {
    const request = Buffer.alloc(16);
    request.writeBigInt64LE(a, 0);
    request.writeBigInt64LE(b, 8);
    return (await this.call(request)).readBigInt64LE(0);
  }

  close(): void {
    this.socket.close();
  }

  private async create(body: string): Promise<void> {
    const requestId = this.nextRequest++;
    const status = await new Promise<number>((resolve) => {
      this.statuses.set(requestId, resolve);
      this.submit(0x01, `${id(requestId)} ${body}`);
    });
    if (status !== 0) throw new Error(`CREATE was refused with status 0x${status.toString(16)}`);
  }

  /** One submessage, little-endian, on the reliable stream 0x80. */
  private submit(kind: number, body: string): void {
    const sequence = u16(this.nextOut++ & 0xffff);
    const flags = kind === 0x01 ? "05" : "01"; // little-endian; CREATE also says: replace what is there
    this.send(`81 80 ${sequence} ${octet(kind)} ${flags} ${u16(hex(body).length)} ${body}`);
  }

  private send(text: string): void {
    this.socket.send(hex(text));
  }

  private onMessage(message: Buffer): void {
    if (message[1] === 0) {
      // Frame 3: STATUS_AGENT.
      if (message[4] === 0x04) this.connected?.();
      return;
    }
    const sequence = message.readUInt16LE(2);
    if (sequence === this.expected) {
      this.expected = (this.expected + 1) & 0xffff;
      this.take(message.subarray(4));
    }
    // Frame 10: ACKNACK of stream 0x80 on stream 0.
    this.send(`81 00 0000 0a 01 0500 ${u16(this.expected)} 0000 80`);
  }

  private take(submessage: Buffer): void {
    const body = submessage.subarray(4, 4 + submessage.readUInt16LE(2));
    if (submessage[0] === 0x05) this.statuses.get(body.readUInt16BE(0))?.(body[4] ?? 0xff);
    // DATA of a requester: request id of the READ_DATA, reader; then that of the WRITE_DATA, requester; then the reply.
    if (submessage[0] !== 0x09) return;
    const requestId = body.readUInt16BE(4);
    this.replies.get(requestId)?.(Buffer.from(body.subarray(8)));
    this.replies.delete(requestId);
  }
}

/** CDR with the padding that the captured client sends: whatever was there. */
class Aligned {
  octets = Buffer.alloc(0);

  octet(value: number): this {
    this.octets = Buffer.concat([this.octets, Buffer.of(value)]);
    return this;
  }

  text(value: string): this {
    const padding = Buffer.alloc(-this.octets.length & 3, 0x7f);
    this.octets = Buffer.concat([this.octets, padding, hex(text(value))]);
    return this;
  }
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const octet = (value: number): string => value.toString(16).padStart(2, "0");
const u16 = (value: number): string => octet(value & 0xff) + octet((value >> 8) & 0xff);
const u32 = (value: number): string => u16(value & 0xffff) + u16(value >>> 16);
/** Ids are big-endian. */
const id = (value: number): string => octet(value >> 8) + octet(value & 0xff);
const text = (value: string): string => `${u32(value.length + 1)} ${Buffer.from(value).toString("hex")} 00`;
