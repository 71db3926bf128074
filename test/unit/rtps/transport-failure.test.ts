/** Sockets that the system refuses: those that were opened before are not left behind. */
import type { Socket, SocketOptions } from "node:dgram";
import { afterEach, expect, test, vi } from "vitest";
import { SILENT } from "../../../host-agent/src/log.js";
import { metatrafficMulticastPort, userUnicastPort } from "../../../host-agent/src/rtps/transport/ports.js";
import { UdpTransport } from "../../../host-agent/src/rtps/transport/udp-transport.js";

const state = vi.hoisted(() => ({
  open: new Set<unknown>(),
  refusedPorts: [] as number[],
  refuseInterface: false,
}));

vi.mock("node:dgram", async (original) => {
  const real = await original<typeof import("node:dgram")>();
  const createSocket = (options: SocketOptions): Socket => {
    const socket = real.createSocket(options);
    state.open.add(socket);
    socket.on("close", () => state.open.delete(socket));
    const bind = socket.bind.bind(socket) as (options: object, done?: () => void) => Socket;
    const refuse = (options: { port: number }, done?: () => void): Socket => {
      if (!state.refusedPorts.includes(options.port)) return bind(options, done);
      process.nextTick(() =>
        socket.emit("error", Object.assign(new Error("bind EACCES"), { code: "EACCES" })),
      );
      return socket;
    };
    Object.assign(socket, { bind: refuse });
    if (state.refuseInterface) {
      const setMulticastInterface = () => {
        throw new Error("setMulticastInterface ENODEV");
      };
      Object.assign(socket, { addMembership: () => undefined, setMulticastInterface });
    }
    return socket;
  };
  return { ...real, createSocket };
});

const domainId = 22;
const open = () =>
  UdpTransport.open({
    domainId,
    loopbackOnly: false,
    multicast: true,
    log: SILENT,
    onDatagram: () => undefined,
  });
const allClosed = () => expect.poll(() => state.open.size, { timeout: 10_000 }).toBe(0);

afterEach(() => {
  state.refusedPorts = [];
  state.refuseInterface = false;
});

test.each([
  ["the port for user data", Array.from({ length: 120 }, (_, index) => userUnicastPort(domainId, index))],
  ["the multicast port", [metatrafficMulticastPort(domainId)]],
])("%s", async (_which, ports) => {
  state.refusedPorts = ports;
  await expect(open()).rejects.toMatchObject({ code: "RTPS_BIND" });
  await allClosed();
});

test("an interface that cannot do multicast", async () => {
  state.refuseInterface = true;
  const transport = await open();
  await transport.close();
  await allClosed();
});
