import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { projectFile } from "../../toolchain/project.js";
import { RunningProcess } from "./process.js";

/** A UDP port of this host that nobody uses at the moment. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

/** The same of TCP. */
export async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** `rosehip agent udp4` as a process of its own. */
export function startUdpAgent(port: number, domain: number, ...options: string[]): RunningProcess {
  const main = projectFile("dist/cli/main.js");
  const args = [main, "agent", "udp4", "--port", String(port), "-v", "5", ...options];
  return new RunningProcess("agent", process.execPath, args, {
    ...process.env,
    ROS_DOMAIN_ID: String(domain),
    ROS_AUTOMATIC_DISCOVERY_RANGE: "LOCALHOST",
    NO_COLOR: "1",
  });
}
