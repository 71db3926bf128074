import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { Agent, type AgentOptions } from "../host-agent/src/agent.js";
import { RosehipError } from "../host-agent/src/errors.js";
import type { Log } from "../host-agent/src/log.js";
import { lookupTypeHash } from "../toolchain/interface/lookup.js";
import {
  type CommonOptions,
  DEFAULT_BAUD_RATE,
  DEFAULT_PORT,
  parsePort,
  splitDevices,
  withBaudRate,
  withCommonOptions,
} from "./agent-options.js";
import { findBoards, watchBoards } from "./boards.js";
import { guarded } from "./errors.js";
import { openGraph } from "./graph.js";
import { openLog } from "./log.js";
import { overridesOf } from "./override-options.js";

type Ports = Pick<AgentOptions, "serial" | "udp" | "tcp">;
type PortOptions = CommonOptions & { readonly port: number };
type SerialCommandOptions = CommonOptions & { readonly baudrate: number };

function readReferences(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new RosehipError("CLI_REFS", `the references cannot be read: ${(cause as Error).message}`, {
      where: file,
      remedy: "Give -r an existing XML file.",
      cause,
    });
  }
}

/** Domain for clients that leave it to the agent: XRCE_DOMAIN_ID_OVERRIDE as the Micro XRCE-DDS Agent has it. */
function domainOverride(): number {
  const text = process.env["XRCE_DOMAIN_ID_OVERRIDE"] ?? process.env["ROS_DOMAIN_ID"] ?? "0";
  return /^\d+$/.test(text) ? Number(text) : 0;
}

/** Starts the agent; it runs until SIGINT or SIGTERM, then says goodbye on all networks. */
async function runAgent(ports: Ports, options: CommonOptions): Promise<{ agent: Agent; log: Log }> {
  const log = openLog(options.verbose, options.logJson === true);
  if (options.middleware !== undefined || options.discovery !== undefined) {
    log.warn(
      "-m and -d do nothing here: there is one middleware, DDSI-RTPS, and boards find the agent by its address",
    );
  }
  const agent = new Agent({
    ...ports,
    openNetwork: (domainId) => openGraph(log, domainId),
    log,
    lookupTypeHash,
    domainOverride: domainOverride(),
    overrides: overridesOf(options),
    ...(options.lease !== undefined && { leaseMs: 1000 * options.lease }),
    ...(options.refs !== undefined && { references: readReferences(options.refs) }),
  });
  const stop = (): void => {
    log.info("stopping");
    void agent.close().then(() => process.exit(0));
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  await agent.open();
  return { agent, log };
}

/** No transport named: every serial port that looks like a board, also those plugged in later, and UDP and TCP. */
async function autoDetect(options: CommonOptions): Promise<void> {
  const boards = await findBoards();
  const { agent, log } = await runAgent(
    {
      serial: boards.map(({ device }) => ({ path: device, baudRate: DEFAULT_BAUD_RATE })),
      udp: [{ family: 4, port: DEFAULT_PORT }],
      tcp: [{ family: 4, port: DEFAULT_PORT }],
    },
    options,
  );
  for (const { device, description } of boards) log.info("board found", { device, description });
  if (boards.length === 0) log.info("no board is plugged in yet: it will be used once it is");
  const known = boards.map(({ device }) => device);
  watchBoards(known, {
    onBoard: ({ device, description }) => {
      log.info("board plugged in", { device, description });
      agent.addSerial({ path: device, baudRate: DEFAULT_BAUD_RATE }).catch((error: Error) => {
        log.error("the board's port cannot be used", { device, reason: error.message });
      });
    },
    onFault: ({ message }) => {
      log.error("boards that are plugged in now are not noticed; it is tried again every few seconds", {
        reason: message,
        remedy:
          "Free the resource that the reason names, or name the board's port: rosehip agent serial --dev.",
      });
    },
  });
}

export function addAgentCommand(program: Command): void {
  const agent = withCommonOptions(
    program
      .command("agent")
      .description("join boards to the ROS 2 graph; without a transport: all boards found, and UDP and TCP")
      .usage("[transport] [options]")
      .configureHelp({ showGlobalOptions: true }),
  ).action(guarded(autoDetect));
  for (const [kind, family] of [
    ["udp4", 4],
    ["udp6", 6],
    ["tcp4", 4],
    ["tcp6", 6],
  ] as const) {
    const protocol = kind.startsWith("udp") ? "udp" : "tcp";
    agent
      .command(kind)
      .description(`boards on ${protocol.toUpperCase()} over IPv${family}`)
      .option("-p, --port <port>", "port to listen on", parsePort, DEFAULT_PORT)
      .action(
        guarded(async (_: object, command: Command) => {
          const options = command.optsWithGlobals<PortOptions>();
          await runAgent({ [protocol]: [{ family, port: options.port }] }, options);
        }),
      );
  }
  withBaudRate(agent.command("serial").description("one board on a serial port"))
    .requiredOption("-D, --dev <device>", "e.g. /dev/ttyUSB0")
    .action(
      guarded(async (_: object, command: Command) => {
        const options = command.optsWithGlobals<SerialCommandOptions & { dev: string }>();
        await runAgent({ serial: [{ path: options.dev, baudRate: options.baudrate }] }, options);
      }),
    );
  withBaudRate(agent.command("multiserial").description("boards on several serial ports"))
    .requiredOption("-D, --devs <devices...>", 'e.g. "/dev/ttyUSB0 /dev/ttyUSB1"')
    .action(
      guarded(async (_: object, command: Command) => {
        const options = command.optsWithGlobals<SerialCommandOptions & { devs: string[] }>();
        const devices = splitDevices(options.devs);
        await runAgent({ serial: devices.map((path) => ({ path, baudRate: options.baudrate })) }, options);
      }),
    );
}
