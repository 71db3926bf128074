import type { Command } from "commander";
import { Option } from "commander";
import { parse, stringify } from "yaml";
import { RosehipError } from "../host-agent/src/errors.js";
import { topicNameFault } from "../host-agent/src/ros2/names.js";
import { guarded } from "./errors.js";
import { openGraph } from "./graph.js";
import { openLog } from "./log.js";
import { ServiceClient } from "./service-client.js";
import { serviceTypes } from "./service-types.js";

interface CallOptions {
  readonly timeout: number;
}

/** YAML as `ros2 service call` takes it; integers may have all 64 bits. */
function parseValues(text: string): unknown {
  try {
    return parse(text, { intAsBigInt: true });
  } catch (cause) {
    throw new RosehipError(
      "CLI_VALUES",
      `the values are not YAML: ${(cause as Error).message.split("\n")[0]}`,
      {
        remedy: `Give them as "{a: 2, b: 3}".`,
        cause,
      },
    );
  }
}

async function call(service: string, type: string, values: string, { timeout }: CallOptions): Promise<void> {
  const name = service.startsWith("/") ? service : `/${service}`;
  const fault = topicNameFault(name);
  if (fault !== undefined) throw new RosehipError("CLI_NAME", `"${service}" is no service name: ${fault}`);
  const types = serviceTypes(type);
  const request = parseValues(values);
  // What is wrong with it is said before anybody waits.
  types.request.codec.encode(request ?? {});
  const network = await openGraph(openLog(3));
  try {
    const client = new ServiceClient(network, `rosehip_call_${process.pid}`, name, types);
    await client.waitForService(timeout * 1000);
    process.stdout.write(stringify(await client.call(request, timeout * 1000)));
    client.close();
  } finally {
    await network.close();
  }
}

export function addCallCommand(program: Command): void {
  program
    .command("call")
    .description("call a service on the ROS 2 graph and print its answer as YAML")
    .argument("<service>", "its name, e.g. /add_two_ints")
    .argument("<type>", "its type, e.g. example_interfaces/srv/AddTwoInts")
    .argument("[values]", 'the request as YAML, e.g. "{a: 2, b: 3}"', "{}")
    .addOption(
      new Option("-t, --timeout <seconds>", "for the server to appear, and then for the answer")
        .argParser(parseTimeout)
        .default(10),
    )
    .action(guarded(call));
}

/** @throws CLI_TIMEOUT */
export function parseTimeout(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 86_400)) {
    throw new RosehipError("CLI_TIMEOUT", `"${text}" is not a number of seconds above 0`);
  }
  return seconds;
}
