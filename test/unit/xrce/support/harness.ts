import { Agent, type AgentEvent, type AgentOptions } from "../../../../host-agent/src/agent.js";
import type { Log, LogFields } from "../../../../host-agent/src/log.js";
import type {
  Peer,
  Transport,
  TransportListener,
} from "../../../../host-agent/src/xrce/transport/transport.js";
import { FakeNetwork } from "./fake-network.js";
import { VirtualClock } from "./virtual-clock.js";

/** A transport in memory: tests inject messages and see what the agent sends. */
export class MemoryTransport implements Transport {
  readonly name = "memory";
  listener: TransportListener | undefined;
  maxMessageOctets = 65_507;
  /** Peers behave as on a serial line. */
  isLine = false;

  open(listener: TransportListener): Promise<void> {
    this.listener = listener;
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** @param onMessage what the agent sends to this peer; the octets are its own */
  peer(key: string, onMessage: (message: Uint8Array) => void): Peer {
    return {
      key,
      maxMessageOctets: this.maxMessageOctets,
      isLine: this.isLine,
      send: (message) => {
        onMessage(new Uint8Array(message));
        return true;
      },
    };
  }

  /** The message buffer is poisoned after use, as a transport may use it again. */
  inject(peer: Peer, message: Uint8Array): void {
    const lent = Buffer.from(message);
    this.listener?.onMessage(peer, lent);
    lent.fill(0xdd);
  }
}

export interface Harness {
  readonly agent: Agent;
  readonly transport: MemoryTransport;
  readonly clock: VirtualClock;
  readonly networks: Map<number, FakeNetwork>;
  readonly events: AgentEvent[];
  readonly lines: string[];
  network(domainId?: number): FakeNetwork;
}

/** An agent on a memory transport, fake networks and a virtual clock. */
export async function startHarness(options: Partial<AgentOptions> = {}): Promise<Harness> {
  const transport = new MemoryTransport();
  const clock = new VirtualClock();
  const networks = new Map<number, FakeNetwork>();
  const events: AgentEvent[] = [];
  const lines: string[] = [];
  const agent = new Agent({
    openNetwork: (domainId) => {
      const network = new FakeNetwork(domainId);
      networks.set(domainId, network);
      return Promise.resolve(network);
    },
    transports: [transport],
    clock,
    log: arrayLog(lines),
    onEvent: (event) => events.push(event),
    ...options,
  });
  await agent.open();
  const network = (domainId = 0) => {
    const found = networks.get(domainId);
    if (found === undefined) throw new Error(`no network for domain ${domainId}`);
    return found;
  };
  return { agent, transport, clock, networks, events, lines, network };
}

export function arrayLog(lines: string[]): Log {
  const write = (level: string) => (message: string, fields?: LogFields) => {
    const text = Object.entries(fields ?? {}).map(([name, value]) => `${name}=${value}`);
    lines.push([level, message, ...text].join(" "));
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

/** Lets promises and microtasks settle. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
