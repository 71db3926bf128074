/** `rosehip gen`: AssemblyScript modules from interface definitions. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { projectFile } from "../project.js";
import { checkInterfaces } from "./check.js";
import { type InterfaceDefinition, splitTypeName } from "./definition.js";
import { GENERATED, generateModule } from "./generate/module.js";
import { type InterfaceConflict, InterfaceLibrary, type InterfaceSource } from "./library.js";

export interface GenerateOptions {
  /** Folder of the project; its `interfaces/` is looked in first. */
  readonly project: string;
  /** What to generate: `PACKAGE`, `PACKAGE/srv` or `PACKAGE/srv/NAME`. What these refer to is generated with them. */
  readonly packages: readonly string[];
  /** Folder that gets PACKAGE/{msg,srv,action}.ts. Generated files in it that are no longer needed are removed. */
  readonly outDir: string;
  /** Import path of the SDK in generated files; `rosehip/assembly` if not given. */
  readonly sdk?: string;
  /** Where to look up definitions, instead of {@link interfaceSources}. */
  readonly sources?: readonly InterfaceSource[];
}

export interface GenerateResult {
  /** All generated files, absolute. */
  readonly files: readonly string[];
  /** Those of them whose content changed. */
  readonly written: readonly string[];
  /** Types that are defined differently in a place that comes later. */
  readonly conflicts: readonly InterfaceConflict[];
}

/** Where definitions are looked up, in this order (interfaces/README.md). */
export function interfaceSources(
  project: string,
  environment: NodeJS.ProcessEnv = process.env,
): InterfaceSource[] {
  const prefixes = (environment["AMENT_PREFIX_PATH"] ?? "")
    .split(path.delimiter)
    .filter((prefix) => prefix !== "");
  const sources = [
    { name: "the project's interfaces", folder: path.resolve(project, "interfaces") },
    ...prefixes.map((prefix) => ({ name: `ROS 2 at ${prefix}`, folder: path.join(prefix, "share") })),
    { name: "the interfaces of Rosehip", folder: projectFile("interfaces") },
  ];
  return sources.filter(({ folder }, i) => sources.findIndex((other) => other.folder === folder) === i);
}

/**
 * Writes the modules; files whose content stays the same are not touched, so that a second run writes nothing.
 * @throws InterfaceError with every mistake in the definitions needed
 */
export function generateInterfaces(options: GenerateOptions): GenerateResult {
  const library = new InterfaceLibrary(options.sources ?? interfaceSources(options.project));
  const definitions = checkInterfaces(library, wantedTypes(library, options.packages));
  const modules = new Map<string, InterfaceDefinition[]>();
  for (const definition of definitions) {
    const { package: packageName, folder } = splitTypeName(definition.typeName);
    const file = path.resolve(options.outDir, packageName, `${folder}.ts`);
    modules.set(file, [...(modules.get(file) ?? []), definition]);
  }
  const written: string[] = [];
  for (const [file, types] of modules) {
    const sorted = types.sort((one, other) => (one.typeName < other.typeName ? -1 : 1));
    if (writeChanged(file, generateModule(library, sorted, options.sdk ?? "rosehip/assembly")))
      written.push(file);
  }
  removeOthers(path.resolve(options.outDir), modules);
  return { files: [...modules.keys()], written, conflicts: library.conflicts };
}

function wantedTypes(library: InterfaceLibrary, packages: readonly string[]): string[] {
  return packages.flatMap((wanted) => {
    const { package: packageName, name } = splitTypeName(wanted);
    if (name !== "") return [wanted];
    const types = library.typesIn(packageName).filter((type) => type.startsWith(`${wanted}/`));
    // Reported as a type nobody defines.
    return types.length === 0 ? [wanted] : types;
  });
}

function writeChanged(file: string, text: string): boolean {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return false;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return true;
}

function removeOthers(outDir: string, keep: ReadonlyMap<string, unknown>): void {
  for (const packageName of readdirSync(outDir, { withFileTypes: true })) {
    if (!packageName.isDirectory()) continue;
    for (const name of ["msg.ts", "srv.ts", "action.ts"]) {
      const file = path.join(outDir, packageName.name, name);
      if (!keep.has(file) && existsSync(file) && readFileSync(file, "utf8").startsWith(GENERATED))
        rmSync(file);
    }
  }
}
