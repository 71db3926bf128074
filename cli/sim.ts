import path from "node:path";
import type { Command } from "commander";
import { logEvent } from "../host-agent/src/agent-log.js";
import { NetworkDataSpace } from "../host-agent/src/bridge/data-space.js";
import type { Network } from "../host-agent/src/bridge/network.js";
import type { Overrides } from "../host-agent/src/bridge/overrides.js";
import type { Log } from "../host-agent/src/log.js";
import { systemClock } from "../host-agent/src/xrce/session/system-clock.js";
import { Timers } from "../host-agent/src/xrce/session/timers.js";
import { formatLog } from "../simulation/log.js";
import { lookupTypeHash } from "../toolchain/interface/lookup.js";
import { integer, parseVerbosity } from "./agent-options.js";
import { describeError, EXIT, guarded } from "./errors.js";
import { openGraph } from "./graph.js";
import { openLog, type Verbosity } from "./log.js";
import { type OverrideOptions, overridesOf, withOverrideOptions } from "./override-options.js";

interface SimOptions extends OverrideOptions {
  readonly domain?: number;
  readonly verbose: Verbosity;
}

/** Runs the app until SIGINT or SIGTERM, then leaves the graph. */
async function sim(app: string, options: SimOptions): Promise<void> {
  const { domain, verbose } = options;
  const overrides = overridesOf(options);
  // Loaded here because Binaryen comes with them, which takes half a second: no other command has to wait for it.
  const [{ loadApp }, { runLive }] = await Promise.all([
    import("../simulation/load.js"),
    import("../simulation/live/run.js"),
  ]);
  const { wasm } = await loadApp(app);
  const log = openLog(verbose);
  const network = await openGraph(log, domain);
  const { domainId } = network;
  const stop = (status: number): void => {
    leave();
    void dataSpace.close().then(() => process.exit(status));
  };
  const dataSpace = dataSpaceOn(network, log, overrides);
  const leave = runLive(wasm, dataSpace, {
    device: { domainId, clientKey: process.pid, peer: `simulation:${path.basename(app)}` },
    wallNs: systemClock().wallNs(),
    onLog: (line) => process.stdout.write(`${formatLog(line)}\n`),
    onTrap: (reason) => log.error("the app failed and begins anew", { reason }),
    onFailure: (error) => {
      process.stderr.write(`${describeError(error)}\n`);
      stop(EXIT.failure);
    },
  });
  process.once("SIGINT", () => stop(EXIT.ok));
  process.once("SIGTERM", () => stop(EXIT.ok));
  log.info("simulated board on the ROS 2 graph", { app, domain: domainId });
}

/** The agent's data space, without the rest of an agent. */
function dataSpaceOn(network: Network, log: Log, overrides: Overrides): NetworkDataSpace {
  const clock = systemClock();
  return new NetworkDataSpace({
    openNetwork: () => Promise.resolve(network),
    timers: new Timers(clock),
    log,
    overrides,
    domainId: network.domainId,
    wallNs: () => clock.wallNs(),
    report: (event) => {
      // The board's own lines come by onLog already.
      if (event.type !== "device_log") logEvent(log, event);
    },
    lookupTypeHash,
  });
}

/** The highest domain whose ports exist (DDSI-RTPS 2.5, 9.6.2.3). */
const MAX_DOMAIN = 232;

export function addSimCommand(program: Command): void {
  withOverrideOptions(
    program.command("sim").description("run an app without a board, as a part of the ROS 2 graph"),
  )
    .argument("[app]", "the app's folder or main file, or a built app.wasm", ".")
    .option("--domain <id>", "ROS domain, instead of ROS_DOMAIN_ID", (text) => integer(text, 0, MAX_DOMAIN))
    .option("-v, --verbose <level>", "0 silent, 2 error, 3 warning, 4 info, 5 debug", parseVerbosity, 3)
    .action(guarded(sim));
}
