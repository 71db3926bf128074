import type { Timer } from "../xrce/session/timers.js";
import type { BridgeContext } from "./bridge-context.js";
import type { Network, NetworkNode, NetworkWriter } from "./network.js";
import type { NetworkPool } from "./network-pool.js";
import { createRosoutWriter, ROSOUT_LIFESPAN_MS } from "./rosout.js";

/** Hidden, as nodes whose name begins with an underscore are: `ros2 node list` shows it with -a. */
const NODE_NAME = "_rosehip_agent";

interface Voice {
  readonly node: NetworkNode;
  readonly writer: NetworkWriter;
  readonly end: Timer;
}

/**
 * Says on /rosout what could not be said any more in the name of a node that has gone: by a node of the agent's, which is
 * there as long as a line of /rosout is.
 */
export class LastWords {
  private readonly voices = new Map<number, Voice>();

  constructor(
    private readonly context: BridgeContext,
    private readonly pool: NetworkPool,
  ) {}

  /** @param lines rcl_interfaces/msg/Log with the logger of the node that has gone */
  say(network: Network, lines: readonly Uint8Array[]): void {
    if (lines.length === 0) return;
    const { writer, end } = this.voices.get(network.domainId) ?? this.open(network);
    for (const line of lines) writer.write(line);
    end.schedule(ROSOUT_LIFESPAN_MS);
  }

  private open(network: Network): Voice {
    const { domainId } = network;
    void this.pool.acquire(domainId);
    const node = network.createNode(NODE_NAME, "/");
    const end = this.context.timers.create(() => {
      this.voices.delete(domainId);
      node.close();
      this.pool.release(domainId);
    });
    const voice = { node, writer: createRosoutWriter(node, this.context), end };
    this.voices.set(domainId, voice);
    return voice;
  }
}
