import type { Command } from "commander";
import type { Overrides } from "../host-agent/src/bridge/overrides.js";
import { parseRemap } from "./agent-names.js";
import { parseParameter, readParametersFile } from "./agent-parameters.js";

/** What a user changes about boards without touching them. */
export interface OverrideOptions {
  readonly remap?: readonly string[];
  readonly param?: readonly string[];
  readonly paramsFile?: readonly string[];
}

const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

export function withOverrideOptions(command: Command): Command {
  return command
    .option(
      "--remap <rule>",
      "rename a topic, service, node (__node) or namespace (__ns) of a board: [DEVICE:][NODE:]FROM:=TO",
      collect,
    )
    .option("--param <rule>", "set a parameter of a board's node: [DEVICE:][NODE:]NAME:=VALUE", collect)
    .option("--params-file <file>", "set parameters out of a ROS 2 parameter file: [DEVICE:]FILE", collect);
}

/** @throws RosehipError CLI_REMAP, CLI_PARAM */
export function overridesOf({ remap = [], param = [], paramsFile = [] }: OverrideOptions): Overrides {
  // A --param counts more than what a file says.
  const parameters = [...paramsFile.flatMap(readParametersFile), ...param.map(parseParameter)];
  return { remap: remap.map(parseRemap), parameters };
}
