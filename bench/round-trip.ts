/** A service call from one device to another through the agent: requester -> agent -> replier and back. */
import type { RunningProcess } from "../test/system/process.js";
import type { Context, Subject } from "./context.js";
import {
  AGENT_NAMES,
  type AgentKind,
  agentKinds,
  freePort,
  killAll,
  linkPath,
  type ProbeLink,
  startAgent,
  startProbe,
} from "./processes.js";
import { atMost, type Target } from "./report.js";
import { fromSamples, type Measurement } from "./statistics.js";

type LinkKind = "UDP" | "pty" | "TCP";

const PEER = "Micro XRCE-DDS Agent 2.4.2";

/** Figures of the peer, measured once with its own client on a machine with 2 cores of this size, 8 B. */
const REFERENCES: Record<LinkKind, { readonly target: Target; readonly reference: string }> = {
  UDP: { target: atMost(240), reference: `${PEER}: 240 us, p99 394 us (quoted, 8 B)` },
  pty: { target: atMost(423), reference: `${PEER}: 423 us, p99 719 us (quoted, 8 B)` },
  TCP: { target: atMost(1000), reference: `${PEER}: 88 ms, for want of TCP_NODELAY (quoted)` },
};

interface Plan {
  readonly agentArgs: readonly string[];
  readonly replier: ProbeLink;
  readonly requester: ProbeLink;
}

async function plan(context: Context, kind: LinkKind): Promise<Plan> {
  if (kind === "pty") {
    const [a, b] = [linkPath(context), linkPath(context)];
    return { agentArgs: ["multiserial", "-D", `${a} ${b}`], replier: ["--pty", a], requester: ["--pty", b] };
  }
  const port = await freePort();
  const [option, command] = kind === "UDP" ? (["--udp", "udp4"] as const) : (["--tcp", "tcp4"] as const);
  const link: ProbeLink = [option, `127.0.0.1:${port}`];
  return { agentArgs: [command, "-p", String(port)], replier: link, requester: link };
}

/** @returns microseconds of each call that was measured */
async function runOnce(context: Context, agent: AgentKind, kind: LinkKind, size: number): Promise<number[]> {
  const { agentArgs, replier, requester } = await plan(context, kind);
  const started: RunningProcess[] = [];
  const start = async (role: "replier" | "requester", link: ProbeLink, options = {}) => {
    const probe = await startProbe(context, role, link, options);
    started.push(probe);
    await probe.waitFor(/^open$/);
    return probe;
  };
  const counts = context.quick ? { count: 200, "warm-up": 50 } : { count: 3000, "warm-up": 500 };
  try {
    // The agent opens pseudo-terminals when it starts, so the probes make them first.
    const server = await start("replier", replier);
    const client = await start("requester", requester, { size, ...counts });
    started.push(startAgent(context, agent, agentArgs));
    await server.waitFor(/^ready /);
    const lost = Number((await client.waitFor(/^lost (\d+)/, 60_000))[1]);
    if (lost !== 0) throw new Error(`${lost} replies were lost`);
    const line = await client.waitFor(/^latencies_ns (.+)/);
    return (line[1] ?? "").split(" ").map((text) => Number(text) / 1000);
  } finally {
    await killAll(started);
  }
}

async function measure(
  context: Context,
  agent: AgentKind,
  kind: LinkKind,
  size: number,
): Promise<Measurement> {
  const runs: number[][] = [];
  for (let run = 0; run < context.runs; run++) runs.push(await runOnce(context, agent, kind, size));
  return fromSamples("us", runs);
}

export const roundTrip: Subject = {
  name: "service round trip between two devices",
  async run(context) {
    for (const kind of ["UDP", "pty", "TCP"] as const) {
      for (const size of context.quick ? [8] : [8, 400]) {
        const measurements = new Map<AgentKind, Measurement>();
        for (const agent of agentKinds(context)) {
          measurements.set(agent, await measure(context, agent, kind, size));
        }
        report(context, kind, size, measurements);
      }
    }
    if (context.peerAgent !== undefined) return;
    context.notMeasured(
      `${PEER}, side by side`,
      "there is no binary of it on this machine, and no package registry has one: its figures above are quoted. " +
        "To run it: ROSEHIP_PEER_AGENT=/path/to/MicroXRCEAgent npm run bench",
    );
  },
};

function report(
  context: Context,
  kind: LinkKind,
  size: number,
  measurements: ReadonlyMap<AgentKind, Measurement>,
): void {
  const ours = measurements.get("rosehip");
  const peers = measurements.get("micro-xrce-dds");
  const what = `${kind}, reliable, ${size} B`;
  if (ours !== undefined) context.measured(what, ours, REFERENCES[kind]);
  if (ours === undefined || peers === undefined) return;
  context.measured(`${what}: ${AGENT_NAMES["micro-xrce-dds"]}`, peers, {
    note: `ours takes ${(ours.median / peers.median).toFixed(2)} times as long, in this run`,
  });
}
