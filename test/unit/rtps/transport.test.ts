/** The UDP sockets, on loopback. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { type LogFields, SILENT } from "../../../host-agent/src/log.js";
import { openRtpsNetwork } from "../../../host-agent/src/rtps/network.js";
import { metatrafficUnicastPort } from "../../../host-agent/src/rtps/transport/ports.js";
import { resolvePeers } from "../../../host-agent/src/rtps/transport/static-peers.js";
import { UdpTransport } from "../../../host-agent/src/rtps/transport/udp-transport.js";

const domainId = 21;
const closing: (() => Promise<void>)[] = [];
const lines: [string, LogFields | undefined][] = [];
const log = { ...SILENT, warn: (message: string, fields?: LogFields) => lines.push([message, fields]) };

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  lines.length = 0;
});

async function open(onDatagram: (datagram: Buffer, address: string) => void = () => undefined) {
  const transport = await UdpTransport.open({
    domainId,
    loopbackOnly: true,
    multicast: false,
    log,
    onDatagram,
  });
  closing.push(() => transport.close());
  return transport;
}

test("well-known ports of domains (DDSI-RTPS 2.5, 9.6.2.3)", () => {
  expect([metatrafficUnicastPort(0, 0), metatrafficUnicastPort(0, 1), metatrafficUnicastPort(1, 0)]).toEqual([
    7410, 7412, 7660,
  ]);
});

test("participants of a host claim one index each, and give it back", async () => {
  const first = await open();
  const second = await open();
  expect(second.participantIndex).toBeGreaterThan(first.participantIndex);
  await first.close();
  const third = await open();
  expect(third.participantIndex).toBe(first.participantIndex);
});

test("datagrams in parts arrive whole, with the sender's address", async () => {
  let arrive: (received: [Buffer, string]) => void = () => undefined;
  const arrived = new Promise<[Buffer, string]>((resolve) => {
    arrive = resolve;
  });
  const receiver = await open((datagram, address) => arrive([datagram, address]));
  const sender = await open();
  const parts = [Buffer.from("one"), Buffer.alloc(60_000, 7), Buffer.from("end")];
  sender.send(parts, receiver.userLocators[0] as { address: string; port: number });
  expect(await arrived).toEqual([Buffer.concat(parts), "127.0.0.1"]);
});

test("a datagram that cannot be sent is reported once and harms nothing", async () => {
  const transport = await open();
  // From a socket bound to loopback nothing leaves the host, and over 65,507 octets nothing leaves at all.
  const tooLong = [Buffer.alloc(65_000), Buffer.alloc(1000)];
  const locator = { address: "127.0.0.1", port: 9 };
  for (let times = 0; times < 3; times++) transport.send(tooLong, locator);
  const witness = createSocket("udp4");
  witness.bind(0, "127.0.0.1");
  await once(witness, "listening");
  transport.send([Buffer.from("still there")], { address: "127.0.0.1", port: witness.address().port });
  const [datagram] = await once(witness, "message");
  expect(String(datagram)).toBe("still there");
  witness.close();
  expect(lines).toHaveLength(1);
  expect(lines[0]?.[1]).toEqual({ code: "EMSGSIZE", where: "127.0.0.1:9" });
});

test("static peers: addresses and names; unknown names are an error with a remedy", async () => {
  expect(await resolvePeers(["10.1.2.3", "localhost"])).toEqual(["10.1.2.3", "127.0.0.1"]);
  await expect(resolvePeers(["no-such-host.invalid"])).rejects.toMatchObject({ code: "RTPS_STATIC_PEER" });
});

test("with the discovery range OFF two networks do not see each other", async () => {
  const [one, two] = [
    await openRtpsNetwork({ domainId, range: "OFF" }),
    await openRtpsNetwork({ domainId, range: "LOCALHOST" }),
  ];
  const three = await openRtpsNetwork({ domainId, range: "LOCALHOST" });
  one.createNode("hidden", "/");
  two.createNode("seen", "/");
  const names = () => three.graph().nodes.map(({ name }) => name);
  while (!names().includes("seen")) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(names()).toEqual(["seen"]);
  expect(one.graph().nodes.map(({ name }) => name)).toEqual(["hidden"]);
  for (const network of [one, two, three]) await network.close();
});

test("a domain id that has no ports is refused", async () => {
  await expect(openRtpsNetwork({ domainId: 233 })).rejects.toMatchObject({ code: "RTPS_OPTIONS" });
});
