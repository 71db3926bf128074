import path from "node:path";
import type { Command } from "commander";
import { generateInterfaces } from "../toolchain/interface/gen.js";
import { guarded } from "./errors.js";

interface GenOptions {
  readonly project: string;
  readonly out: string;
}

async function gen(packages: string[], { project, out }: GenOptions): Promise<void> {
  const outDir = path.resolve(project, out);
  const { files, written, conflicts } = generateInterfaces({ project, packages, outDir });
  for (const { typeName, used, ignored } of conflicts) {
    process.stderr.write(
      `warning: ${typeName} of ${used} is used; it is defined differently in ${ignored}\n`,
    );
  }
  process.stdout.write(
    `${files.length} files in ${path.relative(process.cwd(), outDir) || "."}, ${written.length} changed\n`,
  );
}

export function addGenCommand(program: Command): void {
  program
    .command("gen")
    .description(
      "generate AssemblyScript from .msg, .srv and .action files (rosehip build does this by itself)",
    )
    .argument("<types...>", "PACKAGE, PACKAGE/srv or PACKAGE/srv/NAME")
    .option("--project <folder>", "where interfaces/ is looked for first", ".")
    .option("-o, --out <folder>", "where the modules go, relative to the project", "build/interfaces")
    .action(guarded(gen));
}
