import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { connect, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { encodeFrame, FrameDecoder } from "../../../host-agent/src/xrce/framing/serial-frame.js";
import { systemClock } from "../../../host-agent/src/xrce/session/system-clock.js";
import {
  encodeLengthPrefixed,
  LengthPrefixDecoder,
} from "../../../host-agent/src/xrce/transport/length-prefix.js";
import { SerialTransport } from "../../../host-agent/src/xrce/transport/serial.js";
import { TcpTransport } from "../../../host-agent/src/xrce/transport/tcp.js";
import type { Peer, Transport, TransportListener } from "../../../host-agent/src/xrce/transport/transport.js";
import { UdpTransport } from "../../../host-agent/src/xrce/transport/udp.js";
import { arrayLog } from "./support/harness.js";
import { VirtualClock } from "./support/virtual-clock.js";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Sends everything back, twice the octets it got; waits for what tests look for. */
class Echo implements TransportListener {
  readonly keys: string[] = [];
  readonly gone: string[] = [];

  onMessage(peer: Peer, message: Uint8Array): void {
    this.keys.push(peer.key);
    peer.send(Buffer.concat([message, message]));
  }

  onGone(peerKeys: readonly string[], reason: string): void {
    this.gone.push(`${peerKeys.join()} ${reason}`);
  }
}

async function open<T extends Transport>(transport: T, listener: TransportListener): Promise<T> {
  await transport.open(listener);
  cleanups.push(() => transport.close());
  return transport;
}

describe("UDP", () => {
  test.each([
    [4, "127.0.0.1"],
    [6, "::1"],
  ] as const)("v%i: one message a datagram, each peer by its address", async (family, address) => {
    const echo = new Echo();
    const transport = await open(new UdpTransport({ family, address, port: 0 }), echo);
    const sockets = [1, 2].map(() => createSocket(`udp${family}`));
    for (const [index, socket] of sockets.entries()) {
      cleanups.push(() => socket.close());
      socket.send(Uint8Array.of(index), transport.port, address);
      const [answer] = (await once(socket, "message")) as [Buffer];
      expect([...answer]).toEqual([index, index]);
    }
    expect(new Set(echo.keys).size).toBe(2);
    expect(transport.name).toContain(String(transport.port));
  });

  test("a port in use is an error that says so", async () => {
    const transport = await open(new UdpTransport({ family: 4, address: "127.0.0.1", port: 0 }), new Echo());
    const second = new UdpTransport({ family: 4, address: "127.0.0.1", port: transport.port });
    await expect(second.open(new Echo())).rejects.toMatchObject({
      code: "XRCE_TRANSPORT_OPEN",
      remedy: expect.any(String),
    });
  });
});

describe("TCP", () => {
  test("a connection that cannot be accepted harms neither the others nor the closing", async () => {
    const transport = new TcpTransport({ family: 4, address: "127.0.0.1", port: 0 });
    await transport.open(new Echo());
    const server = Reflect.get(transport, "server") as Server;
    // As accept(2) fails when a firewall or a lack of memory forbids it.
    for (let i = 0; i < 2; i++) server.emit("error", new Error("accept EPERM"));
    const socket = connect(transport.port, "127.0.0.1");
    socket.write(encodeLengthPrefixed(Uint8Array.of(1)));
    expect(((await once(socket, "data")) as [Buffer])[0]).toEqual(Buffer.of(2, 0, 1, 1));
    await transport.close();
    expect(server.listening).toBe(false);
  });

  test("the length prefix: whole, split at every octet, several in one chunk, empty ones", () => {
    const got: string[] = [];
    const decoder = new LengthPrefixDecoder((message) => got.push(Buffer.from(message).toString("hex")));
    const stream = Buffer.concat(
      [Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(4)].map(encodeLengthPrefixed),
    );
    expect(stream.toString("hex")).toBe("0300010203" + "0000" + "010004");
    for (let at = 0; at <= stream.byteLength; at++) {
      decoder.push(stream.subarray(0, at));
      decoder.push(stream.subarray(at));
    }
    for (const octet of stream) decoder.push(Uint8Array.of(octet));
    expect(got).toEqual(Array.from({ length: stream.byteLength + 2 }, () => ["010203", "04"]).flat());
  });

  test.each([
    [4, "127.0.0.1"],
    [6, "::1"],
  ] as const)("v%i: messages of any cut, and the end of the connection is told", async (family, address) => {
    const echo = new Echo();
    const transport = await open(new TcpTransport({ family, address, port: 0 }), echo);
    const socket: Socket = connect(transport.port, address);
    await once(socket, "connect");
    const large = new Uint8Array(30_000).fill(5);
    socket.write(encodeLengthPrefixed(large));
    const answer = await new Promise<number>((resolve) => {
      const decoder = new LengthPrefixDecoder((message) => resolve(message.byteLength));
      socket.on("data", (chunk) => decoder.push(chunk));
    });
    expect(answer).toBe(60_000);
    socket.end();
    await expect.poll(() => echo.gone).toEqual([`${echo.keys[0]} its connection was closed`]);
  });
});

/** A pseudo-terminal pair from Python's standard library; Node has none. The master's octets go through its pipes. */
async function openPty(): Promise<{
  readonly path: string;
  readonly master: ChildProcessWithoutNullStreams;
}> {
  const program = `
import os, pty, select, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
while True:
    ready, _, _ = select.select([0, master], [], [])
    if 0 in ready:
        octets = os.read(0, 4096)
        if not octets: break
        while octets: octets = octets[os.write(master, octets):]
    if master in ready: os.write(1, os.read(master, 4096))
`;
  const master = spawn("python3", ["-u", "-c", program]);
  cleanups.push(() => master.kill("SIGKILL"));
  const [line] = (await once(master.stdout, "data")) as [Buffer];
  return { path: line.toString().trim(), master };
}

describe("serial", () => {
  async function echoOnce(
    master: ChildProcessWithoutNullStreams,
    source: number,
    payload: Uint8Array,
  ): Promise<string> {
    const answer = new Promise<string>((resolve) => {
      const decoder = new FrameDecoder((_from, to, octets) => {
        if (to === source) resolve(Buffer.from(octets).toString("hex"));
      });
      master.stdout.on("data", (chunk: Buffer) => decoder.push(chunk));
    });
    master.stdin.write(encodeFrame(source, 0, payload));
    return answer;
  }

  test("a pseudo-terminal carries every octet both ways, for several clients on the line", async () => {
    const { path, master } = await openPty();
    const echo = new Echo();
    await open(new SerialTransport({ path }, { clock: systemClock(), log: arrayLog([]) }), echo);
    const all = Uint8Array.from({ length: 256 }, (_, octet) => octet);
    const hex = Buffer.from(all).toString("hex");
    expect(await echoOnce(master, 1, all)).toBe(hex + hex);
    expect(await echoOnce(master, 0x7e, all)).toBe(hex + hex);
    expect(echo.keys).toEqual([`serial:${path}#1`, `serial:${path}#126`]);
  });

  test("a symbolic link that comes to point to another terminal is followed; each change is told once", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rosehip-serial-"));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const link = join(folder, "tty");
    const lines: string[] = [];
    const echo = new Echo();
    await open(new SerialTransport({ path: link }, { clock: systemClock(), log: arrayLog(lines) }), echo);
    for (let round = 0; round < 2; round++) {
      const { path, master } = await openPty();
      symlinkSync(path, link);
      await expect
        .poll(() => lines.filter((line) => line.includes("is open")).length, { timeout: 5_000 })
        .toBe(round + 1);
      expect(await echoOnce(master, 1, Uint8Array.of(round))).toBe(`0${round}0${round}`);
      master.kill("SIGKILL");
      rmSync(link);
      await expect.poll(() => echo.gone.length).toBe(round + 1);
    }
    expect(lines.map((line) => line.split(" ").slice(0, 5).join(" "))).toEqual([
      "warn serial device is not",
      "info serial device is open",
      "warn serial device is not",
      "info serial device is open",
      "warn serial device is not",
    ]);
    expect(echo.gone[0]).toBe(`serial:${link}#1 ${link} went away`);
  });

  test("a missing device is tried for ever, at 50 ms doubling to 500 ms", async () => {
    const clock = new VirtualClock();
    const tries: number[] = [];
    const openDevice = () => {
      tries.push(clock.monotonicMs() - 1_000);
      return Promise.reject(new Error("no such device"));
    };
    const lines: string[] = [];
    await open(
      new SerialTransport({ path: "/dev/none" }, { clock, log: arrayLog(lines), openDevice }),
      new Echo(),
    );
    for (let ms = 0; ms < 3_000; ms += 50) {
      clock.advance(50);
      for (let i = 0; i < 5; i++) await Promise.resolve();
    }
    expect(tries.slice(0, 7)).toEqual([0, 50, 150, 350, 750, 1250, 1750]);
    expect(lines).toEqual([
      "warn serial device is not there; waiting for it device=serial /dev/none reason=no such device",
    ]);
  });

  test("a line that takes no more octets drops messages instead of storing them without end", async () => {
    const stuck = new PassThrough({ highWaterMark: 1 });
    let peer: Peer | undefined;
    const listener: TransportListener = { onMessage: (from) => (peer = from), onGone: () => {} };
    const openDevice = () => Promise.resolve(Object.assign(stuck, { write: PassThrough.prototype.write }));
    const transport = new SerialTransport(
      { path: "x" },
      { clock: systemClock(), log: arrayLog([]), openDevice },
    );
    await transport.open(listener);
    stuck.emit("data", encodeFrame(1, 0, Uint8Array.of(1)));
    stuck.pause();
    Object.defineProperty(stuck, "writableLength", { value: 2 * 1024 * 1024 });
    expect(peer?.send(Uint8Array.of(1))).toBe(false);
    await transport.close();
    expect(peer?.send(Uint8Array.of(1))).toBe(false);
  });
});
