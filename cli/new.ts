import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { RosehipError } from "../host-agent/src/errors.js";
import { projectFile, projectRoot } from "../toolchain/project.js";
import { guarded } from "./errors.js";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const readManifest = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Manifest;

/** Examples double as what a new app begins as. */
export const exampleNames = (): string[] => readdirSync(projectFile("examples")).sort();

/** What npm is to install as `rosehip`: the version that runs now, or the checkout it runs from. */
function rosehipVersion(folder: string): string {
  const installed = path.basename(path.dirname(projectRoot)) === "node_modules";
  if (installed) return `^${readManifest(projectFile("package.json")).version}`;
  return `file:${path.relative(folder, projectRoot).replaceAll("\\", "/")}`;
}

function packageName(folder: string): string {
  return path
    .basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^[-_]+|-+$/g, "");
}

/**
 * The example's own manifest with what the app needs where it stands alone. Its first test compiles the app, which can
 * take longer than vitest's 5 s.
 */
function manifest(folder: string, example: string): string {
  const of = readManifest(path.join(example, "package.json"));
  const own = readManifest(projectFile("package.json")).devDependencies ?? {};
  const made = {
    ...of,
    name: packageName(folder) || of.name,
    scripts: {
      ...of.scripts,
      test: "vitest run --testTimeout 60000 --passWithNoTests",
      sim: "rosehip sim",
      agent: "rosehip agent",
    },
    dependencies: { rosehip: rosehipVersion(folder) },
    devDependencies: { typescript: own["typescript"], vitest: own["vitest"] },
  };
  return `${JSON.stringify(made, null, 2)}\n`;
}

/** Tests among the examples name the folder of the app from the checkout's root; alone they are in it. */
function asStandsAlone(text: string, example: string): string {
  return text.replaceAll(`"examples/${example}"`, '"."');
}

function checkFolder(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new RosehipError("CLI_NEW_FOLDER", "the folder is not empty", {
      where: folder,
      remedy: "Name a folder that does not exist yet.",
    });
  }
}

async function create(name: string, { from }: { readonly from: string }): Promise<void> {
  const folder = path.resolve(name);
  const example = projectFile("examples", from);
  if (!exampleNames().includes(from)) {
    throw new RosehipError("CLI_NEW_EXAMPLE", `there is no example "${from}"`, {
      remedy: `Give one of ${exampleNames().join(", ")}.`,
    });
  }
  checkFolder(folder);
  mkdirSync(folder, { recursive: true });
  const notCopied = new Set(["build", "README.md", "package.json", "tsconfig.json"]);
  for (const file of readdirSync(example).filter((one) => !notCopied.has(one))) {
    const to = path.join(folder, file);
    if (!file.endsWith(".test.ts")) cpSync(path.join(example, file), to, { recursive: true });
    else writeFileSync(to, asStandsAlone(readFileSync(path.join(example, file), "utf8"), from));
  }
  writeFileSync(path.join(folder, "package.json"), manifest(folder, example));
  const editor = { extends: "rosehip/tsconfig.app.json", include: ["*.ts"], exclude: ["*.test.ts"] };
  writeFileSync(path.join(folder, "tsconfig.json"), `${JSON.stringify(editor, null, 2)}\n`);
  writeFileSync(path.join(folder, ".gitignore"), "node_modules/\nbuild/\n");
  const shown = path.relative(process.cwd(), folder) || ".";
  process.stdout.write(`${shown} is made from the example ${from}. Next:

  cd ${shown}
  npm install
  npm test             # the app on a simulated board
  npx rosehip build    # build/app.wasm for the firmware
  npm run sim          # a simulated board on the ROS 2 graph
`);
}

export function addNewCommand(program: Command): void {
  program
    .command("new")
    .description("begin an app of your own: a folder with app.ts, a test of it and what editors need")
    .argument("<folder>", "the folder to make")
    .option("--from <example>", `what it begins as: ${exampleNames().join(", ")}`, "add_two_ints")
    .action(guarded(create));
}
