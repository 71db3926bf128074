/** How long a change takes from the editor to the board: a source is saved, and the board answers with what it says now. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ServiceClient } from "../cli/service-client.js";
import { endAll, type RunningProcess } from "../test/system/process.js";
import { createClient, Rig } from "../test/system/rig.js";
import { cacheFolder, projectFile, projectRoot } from "../toolchain/project.js";
import type { Context, Subject } from "./context.js";
import { atMost } from "./report.js";
import { fromRuns } from "./statistics.js";

const BAUD = 921_600;
const LIMIT_MS = 60_000;

/** The AddTwoInts example, with a number in it that the answer shows. */
const source = (number: number): string => `
import { AddTwoInts } from "example_interfaces/srv";
import { Node } from "rosehip/assembly";

const node = new Node("minimal_service");

node.createService(AddTwoInts, "add_two_ints", (request, response) => {
  response.sum = request.a + request.b + ${number};
  node.logger.info(\`Incoming request: a=\${request.a}, b=\${request.b}\`);
});
`;

/** Milliseconds until a call is answered with `wanted`; one call follows the other. */
async function untilAnswer(client: ServiceClient, wanted: number): Promise<number> {
  const begin = performance.now();
  for (;;) {
    const { sum } = await client.call({ a: 0n, b: 0n }, 10_000);
    if (Number(sum) === wanted) return performance.now() - begin;
    if (performance.now() - begin > LIMIT_MS)
      throw new Error(`no answer ${wanted} after ${LIMIT_MS / 1000} s`);
  }
}

interface Times {
  readonly saved: number[];
  /** Octets of the app. */
  octets: number;
  readonly built: number[];
  readonly sent: number[];
}

async function saveAndCall(
  app: string,
  run: number,
  watch: RunningProcess,
  client: ServiceClient,
  times: Times,
): Promise<void> {
  const from = watch.lines.length;
  writeFileSync(path.join(app, "app.ts"), source(run));
  times.saved.push(await untilAnswer(client, run));
  const built = await watch.waitFor(/^build .* (\d+) octets \(([\d.]+) s\)/, LIMIT_MS, from);
  const sent = await watch.waitFor(/^run .* runs \(([\d.]+) s\)/, LIMIT_MS, from);
  await watch.waitFor(/^done /, LIMIT_MS, from);
  times.octets = Number(built[1]);
  times.built.push(1000 * Number(built[2]));
  times.sent.push(1000 * Number(sent[1]));
}

async function measure(context: Context): Promise<Times> {
  const app = cacheFolder("bench", "deploy");
  mkdirSync(app, { recursive: true });
  writeFileSync(path.join(app, "app.ts"), source(0));
  const rig = await Rig.build(path.relative(projectRoot, app));
  const times: Times = { saved: [], octets: 0, built: [], sent: [] };
  rig.startBoard("--flash", path.join(context.temporary, "flash"));
  await rig.startLine({ baud: BAUD });
  rig.startAgent();
  const network = await rig.openNetwork();
  try {
    const client = createClient(network, "/add_two_ints", "example_interfaces/srv/AddTwoInts");
    await client.waitForService(20_000);
    const watch = rig.run("watch", projectFile("dist/cli/main.js"), "deploy", app, "--watch");
    await watch.waitFor(/^watch /, LIMIT_MS);
    for (let run = 1; run <= context.runs; run++) await saveAndCall(app, run, watch, client, times);
  } finally {
    await network.close();
    await endAll();
    rig.remove();
  }
  return times;
}

export const deploy: Subject = {
  name: "deploy: a saved source, on the board",
  async run(context) {
    const { saved, octets, built, sent } = await measure(context);
    context.measured(`save to new answer at ${BAUD} baud, rosehip deploy --watch`, fromRuns("ms", saved), {
      target: atMost(2000),
      reference: "Toit and DeviceScript: about 2 s",
      note: `an app of ${octets} octets, while a client calls it all the time`,
    });
    context.measured("of it: build", fromRuns("ms", built));
    context.measured("of it: from the build to the app running", fromRuns("ms", sent));
  },
};
