#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { projectFile } from "../toolchain/project.js";
import { addAgentCommand } from "./agent.js";
import { addBuildCommand } from "./build.js";
import { addCallCommand } from "./call.js";
import { addDeployCommand } from "./deploy.js";
import { EXIT } from "./errors.js";
import { addGenCommand } from "./gen.js";
import { addNewCommand } from "./new.js";
import { addSimCommand } from "./sim.js";

const { version } = JSON.parse(readFileSync(projectFile("package.json"), "utf8")) as { version: string };

const program = new Command("rosehip")
  .description("ROS 2 services and actions in TypeScript on a microcontroller")
  .version(version)
  .showHelpAfterError("(see --help)")
  .exitOverride();
addNewCommand(program);
addAgentCommand(program);
addBuildCommand(program);
addDeployCommand(program);
addGenCommand(program);
addCallCommand(program);
addSimCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  // Commander has already printed its message; help and version end with 0, a wrong command line with 2.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
