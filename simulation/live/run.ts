import { randomBytes } from "node:crypto";
import type { DataSpace, ParticipantRequest } from "../../host-agent/src/xrce/object/data-space.js";
import { SimulatedBoard } from "../board.js";
import type { LogLine } from "../firmware.js";
import { LiveGraph } from "./live-graph.js";

export interface LiveOptions {
  /** The board as a client of the agent: its key, domain and peer. */
  readonly device: Omit<ParticipantRequest, "name">;
  /** Nanoseconds since 1970. */
  readonly wallNs: bigint;
  readonly onLog: (line: LogLine) => void;
  /** An error of the app after which it began anew. */
  readonly onTrap: (reason: string) => void;
  /** The app cannot be started (any more). */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Runs an app in a simulated board that is part of a real ROS 2 graph, in real time.
 * @param dataSpace the agent's, whose network joins the graph
 * @returns takes the board off the graph
 * @throws ABI_IMPORT, ABI_VERSION
 */
export function runLive(wasm: Uint8Array, dataSpace: DataSpace, options: LiveOptions): () => void {
  const { device, wallNs, onLog, onTrap, onFailure } = options;
  const onTurn = (error?: unknown): void => {
    // Nobody looks at them again: a board may run for years.
    for (const line of board.logs.splice(0)) onLog(line);
    for (const reason of board.traps.splice(0)) onTrap(reason);
    if (error !== undefined) onFailure(error);
  };
  const graph = new LiveGraph(dataSpace, device, onTurn);
  const board = new SimulatedBoard({ graph, rosTimeAtStart: wallNs, random: { octets: randomBytes } });
  board.load(wasm);
  return () => {
    board.unplug();
    graph.close();
  };
}
