import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../toolchain/project.js";

/** The tree is the architecture: what ARCHITECTURE.md says of the folders is held here. */
interface Rule {
  readonly says: string;
  /** Files the rule speaks of. */
  readonly of: RegExp;
  /** Imports (paths from the root, package names or header names) that these files may not have. */
  readonly never?: RegExp;
  /** If given, relative imports of these files must match. */
  readonly only?: RegExp;
}

const TYPESCRIPT: readonly Rule[] = [
  {
    says: "xrce never imports rtps",
    of: /^host-agent\/src\/xrce\//,
    never: /^host-agent\/src\/rtps\//,
  },
  {
    says: "rtps never imports xrce",
    of: /^host-agent\/src\/rtps\//,
    never: /^host-agent\/src\/xrce\//,
  },
  {
    says: "message folders import only cdr, errors, limits, structure and themselves",
    of: /^host-agent\/src\/(xrce\/message|rtps\/messages)\//,
    only: /^host-agent\/src\/(cdr\/|errors|limits|xrce\/(message|limits)|rtps\/(messages|structure|limits))/,
  },
  {
    says: "sockets and ports live only in transport folders",
    of: /^host-agent\/src\/(?!.*\/transport\/)/,
    never: /^(node:)?(dgram|net|tty|serialport|fs|child_process|os)$/,
  },
  {
    says: "the agent does not know the command line or the build",
    of: /^host-agent\//,
    never: /^(cli|toolchain|simulation|bench|test)\//,
  },
];

const C: readonly Rule[] = [
  {
    says: "wasm3.h is included only by the engine",
    of: /^firmware\/(?!src\/wasm\/)/,
    never: /^(wasm3|m3_)/,
  },
  {
    says: "Monocypher's headers are included only by the check of signatures",
    of: /^firmware\/(?!src\/app_slot\/signature\.c)/,
    never: /monocypher/,
  },
  {
    says: "the core includes no header of an operating system or vendor",
    of: /^firmware\/(src|include)\//,
    only: /^(rosehip\/|sanitizer\/asan_interface\.h$|(assert|float|inttypes|limits|stdalign|stdarg|stdbool|stddef|stdint|stdnoreturn|string)\.h$|(wasm3|m3_)|optional\/monocypher-ed25519\.h$|(\.\.\/)?[a-z0-9_]+\.h$|(\.\.\/)?(framing|cdr|xrce|ros2|wasm|aot|arena|runtime)\/)/,
  },
];

function filesBelow(folder: string, ending: RegExp): string[] {
  return readdirSync(path.join(projectRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) =>
      path.relative(projectRoot, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"),
    );
}

function importsOf(file: string): string[] {
  const text = readFileSync(path.join(projectRoot, file), "utf8");
  const found = [...text.matchAll(/^\s*(?:import|export)\b[^;]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"/gm)];
  return found.map((match) => {
    const name = match[1] ?? match[2] ?? "";
    return name.startsWith(".") ? path.posix.join(path.posix.dirname(file), name) : name;
  });
}

/** All that is loaded with a source: what it imports for more than types, and what that imports. */
function loadedWith(file: string, loaded = new Set<string>()): Set<string> {
  const text = readFileSync(path.join(projectRoot, file), "utf8");
  for (const [, name = ""] of text.matchAll(/^(?:import|export)\b(?! type\b)[^;]*?"([^"]+)";/gm)) {
    const relative = name.startsWith(".");
    const target = relative ? path.posix.join(path.posix.dirname(file), name.replace(/\.js$/, ".ts")) : name;
    if (loaded.has(target)) continue;
    loaded.add(target);
    if (relative) loadedWith(target, loaded);
  }
  return loaded;
}

function includesOf(file: string): string[] {
  const text = readFileSync(path.join(projectRoot, file), "utf8");
  return [...text.matchAll(/^\s*#\s*include\s*[<"]([^>"]+)[>"]/gm)].map((match) => match[1] ?? "");
}

function violations(
  rule: Rule,
  files: readonly string[],
  of: (file: string) => string[],
  isOwn: (name: string) => boolean,
): string[] {
  return files
    .filter((file) => rule.of.test(file))
    .flatMap((file) =>
      of(file)
        .filter((name) => rule.never?.test(name) || (rule.only && isOwn(name) && !rule.only.test(name)))
        .map((name) => `${file} -> ${name}`),
    );
}

describe("layering", () => {
  const sources = filesBelow("host-agent", /\.ts$/);
  it.each(TYPESCRIPT)("$says", (rule) => {
    expect(sources.filter((file) => rule.of.test(file)).length).toBeGreaterThan(0);
    expect(violations(rule, sources, importsOf, (name) => name.includes("/"))).toEqual([]);
  });

  it("the agent starts without the compiler: it is loaded by the commands that need it", () => {
    const loaded = [...loadedWith("cli/main.ts")];
    expect(loaded).toContain("host-agent/src/rtps/participant.ts");
    expect(loaded.filter((name) => /^(binaryen|assemblyscript)\b/.test(name))).toEqual([]);
  });

  const headers = filesBelow("firmware", /\.[ch]$/);
  it.each(C)("$says", (rule) => {
    expect(headers.filter((file) => rule.of.test(file)).length).toBeGreaterThan(0);
    expect(violations(rule, headers, includesOf, () => true)).toEqual([]);
  });
});
