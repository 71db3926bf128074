import type { BridgeContext } from "../../host-agent/src/bridge/bridge-context.js";
import type { Network } from "../../host-agent/src/bridge/network.js";
import type { DeviceIdentity } from "../../host-agent/src/bridge/overrides.js";
import { type LogLine, SimulatedBoard } from "../board.js";
import { LiveGraph } from "./live-graph.js";

export interface LiveOptions {
  /** What the agent's bridge needs. */
  readonly context: BridgeContext;
  readonly device: DeviceIdentity;
  readonly onLog: (line: LogLine) => void;
  /** An error of the app after which it began anew. */
  readonly onTrap: (reason: string) => void;
  /** The app cannot be started (any more). */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Runs an app in a simulated board that is part of a real ROS 2 graph, in real time.
 * @returns takes the board off the graph
 * @throws ABI_IMPORT, ABI_VERSION
 */
export function runLive(wasm: Uint8Array, network: Network, options: LiveOptions): () => void {
  const { context, device, onLog, onTrap, onFailure } = options;
  const onTurn = (error?: unknown): void => {
    // Nobody looks at them again: a board may run for years.
    for (const line of board.logs.splice(0)) onLog(line);
    for (const reason of board.traps.splice(0)) onTrap(reason);
    if (error !== undefined) onFailure(error);
  };
  const graph = new LiveGraph(network, device, context, onTurn);
  const board = new SimulatedBoard({ graph, rosTimeAtStart: context.wallNs() });
  board.load(wasm);
  return () => {
    board.unplug();
    graph.close();
  };
}
