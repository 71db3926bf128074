/** Many devices on one agent: clients in C over UDP, each with a participant and a service of its own. */
import { setTimeout as delay } from "node:timers/promises";
import { openRtpsNetwork } from "../host-agent/src/rtps/network.js";
import { createClient } from "../test/system/rig.js";
import type { Context, Subject } from "./context.js";
import { cpuSeconds, freePort, killAll, residentMegabytes, startAgent, startProbe } from "./processes.js";
import { atMost } from "./report.js";
import { fromRuns } from "./statistics.js";

const DEVICES = 100;
const SERVICE = "bench_fleet";
const TYPE = "example_interfaces/srv/AddTwoInts";
const PEER = "Micro XRCE-DDS Agent 2.4.2 (quoted)";

interface Found {
  readonly createdMs: number;
  readonly residentMb: number | undefined;
  readonly idlePercent: number | undefined;
  readonly lost: number;
}

async function runOnce(context: Context): Promise<Found> {
  const port = await freePort();
  const agent = startAgent(context, "rosehip", ["udp4", "-p", String(port)]);
  try {
    await agent.waitFor(/listening/);
    await delay(1000);
    const devices = await startProbe(context, "replier", ["--udp", `127.0.0.1:${port}`], {
      clients: DEVICES,
      service: SERVICE,
      type: TYPE.replace("/srv/", "::srv::dds_::"),
      "reply-size": 8,
    });
    const createdMs = Number((await devices.waitFor(/^ready ([\d.]+)/, 60_000))[1]);
    await delay(context.quick ? 500 : 5000);
    const before = cpuSeconds(agent.pid);
    const idleSeconds = context.quick ? 1 : 10;
    await delay(idleSeconds * 1000);
    const after = cpuSeconds(agent.pid);
    const idlePercent =
      before === undefined || after === undefined ? undefined : (100 * (after - before)) / idleSeconds;
    const lost = await callAll(context);
    return { createdMs, residentMb: residentMegabytes(agent.pid), idlePercent, lost };
  } finally {
    await killAll([agent]);
  }
}

/** @returns calls without the right answer; each device is called, all of them at the same time */
async function callAll(context: Context): Promise<number> {
  const network = await openRtpsNetwork({ domainId: context.domain, range: "LOCALHOST" });
  const rounds = context.quick ? 1 : 10;
  try {
    const clients = Array.from({ length: DEVICES }, (_, i) =>
      createClient(network, `/${SERVICE}_${i}`, TYPE),
    );
    await Promise.all(clients.map((client) => client.waitForService(30_000)));
    let lost = 0;
    for (let round = 0; round < rounds; round++) {
      const a = BigInt(round);
      const answers = await Promise.allSettled(clients.map((client) => client.call({ a, b: 0n }, 10_000)));
      // The probes answer with the request's first octets: `a`.
      lost += answers.filter((answer) => answer.status === "rejected" || answer.value["sum"] !== a).length;
    }
    return lost;
  } finally {
    await network.close();
  }
}

export const fleet: Subject = {
  name: `${DEVICES} devices on one agent over UDP`,
  async run(context) {
    const found: Found[] = [];
    for (let run = 0; run < Math.min(context.runs, 5); run++) found.push(await runOnce(context));
    const column = (pick: (one: Found) => number | undefined) =>
      found.map(pick).filter((one) => one !== undefined);
    context.measured(
      "until all services are created",
      fromRuns(
        "ms",
        column((one) => one.createdMs),
      ),
      {
        target: atMost(2000),
        reference: `${PEER}: 7.4 s`,
        note: "from the start of the clients' process; the agent runs already",
      },
    );
    context.measured(
      `replies lost of ${DEVICES * (context.quick ? 1 : 10)} calls`,
      fromRuns(
        "calls",
        column((one) => one.lost),
      ),
      { target: atMost(0), note: "called from a participant of another process, all devices at once" },
    );
    for (const [what, unit, bound, peer, pick] of [
      ["resident memory of the agent", "MB", 200, "1,435 MB", (one: Found) => one.residentMb],
      ["CPU of the idle agent, of one core", "%", 10, "85 %", (one: Found) => one.idlePercent],
    ] as const) {
      const values = column(pick);
      if (values.length === 0) context.notMeasured(what, "this system has no /proc");
      else
        context.measured(what, fromRuns(unit, values), {
          target: atMost(bound),
          reference: `${PEER}: ${peer}`,
        });
    }
  },
};
