/** The processes that are measured: the agent, the probes, boards; all end with the bench. */

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { RunningProcess } from "../test/system/process.js";
import { projectFile } from "../toolchain/project.js";
import type { Context } from "./context.js";
import { buildProbe } from "./programs.js";

export type AgentKind = "rosehip" | "micro-xrce-dds";

export const AGENT_NAMES: Record<AgentKind, string> = {
  rosehip: "rosehip agent",
  "micro-xrce-dds": "Micro XRCE-DDS Agent",
};

/** The agents that can be measured here, ours first. */
export function agentKinds(context: Context): AgentKind[] {
  return context.peerAgent === undefined ? ["rosehip"] : ["rosehip", "micro-xrce-dds"];
}

export function environment(context: Context): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ROS_DOMAIN_ID: String(context.domain),
    ROS_AUTOMATIC_DISCOVERY_RANGE: "LOCALHOST",
  };
}

/**
 * Starts an agent as a process of its own.
 * @param args as both agents take them: `udp4 -p 8888`, `multiserial -D "/dev/a /dev/b"`
 */
export function startAgent(
  context: Context,
  kind: AgentKind,
  args: readonly string[],
  nodeFlags: readonly string[] = [],
): RunningProcess {
  if (kind === "micro-xrce-dds") {
    return new RunningProcess(AGENT_NAMES[kind], context.peerAgent ?? "", args, environment(context));
  }
  const main = projectFile("dist/cli/main.js");
  return new RunningProcess(
    AGENT_NAMES[kind],
    process.execPath,
    [...nodeFlags, main, "agent", ...args],
    environment(context),
  );
}

export type ProbeRole = "replier" | "requester" | "publisher" | "subscriber";
/** `--udp HOST:PORT`, `--tcp HOST:PORT` or `--pty PATH` */
export type ProbeLink = readonly [option: "--udp" | "--tcp" | "--pty", target: string];

/** Starts DDS-XRCE clients: see bench/probe/main.c. Each role has a client key of its own. */
export async function startProbe(
  context: Context,
  role: ProbeRole,
  link: ProbeLink,
  options: Readonly<Record<string, string | number>> = {},
): Promise<RunningProcess> {
  const { path: executable } = await buildProbe();
  const keys: Record<ProbeRole, number> = {
    replier: 0xbe000001,
    requester: 0xbf000001,
    publisher: 0xbf100001,
    subscriber: 0xbf200001,
  };
  const values = { key: keys[role], domain: context.domain, ...options };
  const args = Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return new RunningProcess(role, executable, [role, ...link, ...args], environment(context));
}

/** A UDP port (and most likely a TCP port) that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

let links = 0;

/** A path for a pseudo-terminal's symbolic link. */
export function linkPath(context: Context): string {
  links++;
  return path.join(context.temporary, `pty${links}`);
}

export async function killAll(processes: readonly (RunningProcess | undefined)[]): Promise<void> {
  await Promise.all(processes.map((one) => one?.kill()));
}

/** Resident memory in MB (10^6 octets), or undefined where there is no /proc. */
export function residentMegabytes(pid: number): number | undefined {
  const match = /VmRSS:\s+(\d+) kB/.exec(readProc(pid, "status"));
  return match === null ? undefined : (Number(match[1]) * 1024) / 1e6;
}

/** CPU time used so far in seconds, user and system, or undefined where there is no /proc. */
export function cpuSeconds(pid: number): number | undefined {
  const fields = readProc(pid, "stat").split(") ")[1]?.split(" ");
  if (fields === undefined) return undefined;
  const TICKS_PER_SECOND = 100; // USER_HZ, the same on all Linux architectures of today
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function readProc(pid: number, file: string): string {
  if (os.platform() !== "linux") return "";
  return readFileSync(`/proc/${pid}/${file}`, "utf8");
}
