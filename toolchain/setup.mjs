// Runs before anything is installed or compiled, so it is plain JavaScript with no dependency but Node.
//
//   node toolchain/setup.mjs <entry> [arguments]   makes the checkout ready, then runs dist/<entry>.js
//
// Ready means: Node is new enough, node_modules is what package-lock.json says, dist/ is what the sources say.
// Each step is skipped when its inputs have not changed since it last succeeded, so a second run starts at once.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const stamps = path.join(root, ".cache", "setup");

/** Ends with what is missing and the command that brings it. */
function fail(what, remedy) {
  process.stderr.write(`error: ${what}\n  to fix: ${remedy}\n`);
  process.exit(1);
}

function checkNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) {
    fail(
      `Node.js 20 or newer is needed, this is ${process.version}`,
      "install it from https://nodejs.org or with `nvm install 20`",
    );
  }
}

/** Runs `step` unless the fingerprint of its inputs is the one it last succeeded with. */
function once(name, inputs, isThere, step) {
  const fingerprint = createHash("sha256").update(inputs).digest("hex");
  const stamp = path.join(stamps, name);
  if (isThere && existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint) return;
  step();
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, fingerprint);
}

function run(what, command, args) {
  process.stderr.write(`setup: ${what}\n`);
  // A shell is needed for npm.cmd on Windows only.
  const { status, stdout, error } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    process.stderr.write(stdout ?? "");
    fail(
      `${what} failed${error ? `: ${error.message}` : ""}`,
      `see the lines above; by hand: \`${command} ${args.join(" ")}\``,
    );
  }
}

function install() {
  const inputs = ["package.json", "package-lock.json"].map((file) =>
    readFileSync(path.join(root, file), "utf8"),
  );
  once("install", inputs.join("\0") + process.version, existsSync(path.join(root, "node_modules")), () =>
    run("installing packages", "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]),
  );
}

/** Names, sizes and times of the TypeScript sources: cheaper than reading them, and enough to see an edit. */
function listSources(directory, list) {
  if (!existsSync(directory)) return list;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const full = path.join(directory, entry.name);
    if (entry.isDirectory()) listSources(full, list);
    else if (entry.name.endsWith(".ts")) {
      const { size, mtimeMs } = statSync(full);
      list.push(`${full} ${size} ${mtimeMs}`);
    }
  }
  return list;
}

function compile() {
  const configurations = ["tsconfig.json", "tsconfig.build.json"].map((file) =>
    readFileSync(path.join(root, file), "utf8"),
  );
  // Tests too: the build leaves them out, but what the benchmarks import of them is compiled with those.
  const folders = JSON.parse(configurations[0]).include.map((pattern) => pattern.split("/")[0]);
  const inputs = folders.flatMap((folder) => listSources(path.join(root, folder), []));
  inputs.push(...configurations);
  once("compile", inputs.join("\n"), existsSync(path.join(root, "dist", "cli")), () =>
    run("compiling TypeScript", process.execPath, [
      "node_modules/typescript/bin/tsc",
      "-p",
      "tsconfig.build.json",
    ]),
  );
}

checkNode();
install();
compile();
const [entry, ...rest] = process.argv.slice(2);
if (entry !== undefined) {
  const script = path.join(root, "dist", `${entry}.js`);
  process.argv = [process.argv[0], script, ...rest];
  await import(pathToFileURL(script).href);
}
