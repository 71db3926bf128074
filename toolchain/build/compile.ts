import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import asc from "assemblyscript/asc";
import type binaryen from "assemblyscript/binaryen";
import type { Transform } from "assemblyscript/transform";
import { RosehipError } from "../../host-agent/src/errors.js";
import { projectFile } from "../project.js";
import { type AsyncifyResult, asyncify, START_EXPORT } from "./asyncify.js";
import { UsedInterfaces } from "./interface.js";
import { type Mistake, remedyFor } from "./remedy.js";
import { packStaticData } from "./static-data.js";

export interface CompileOptions {
  /** Absolute path of the app's main file. */
  readonly entry: string;
  /** Octets of linear memory. */
  readonly memory: number;
  /** Folder of the app, whose `interfaces/` is looked in first. */
  readonly project: string;
  /** Folder for the generated interfaces: `<package>/srv.ts` and so on. */
  readonly generated: string;
}

export interface CompileResult {
  /** With names of functions. */
  readonly wasm: Uint8Array;
  readonly sourceMap: string;
  readonly asyncify: AsyncifyResult;
  readonly warnings: readonly string[];
}

const PAGE = 65536;

type DiagnosticReporter = NonNullable<NonNullable<Parameters<typeof asc.main>[1]>["reportDiagnostic"]>;

/**
 * Compiles an app with the SDK as its runtime.
 * @throws BUILD_COMPILE with every mistake as `file:line:column: message`
 */
export async function compile(options: CompileOptions): Promise<CompileResult> {
  const sources = new Sources(
    path.dirname(options.entry),
    new UsedInterfaces(options.project, options.generated),
  );
  const written = new Map<string, string | Uint8Array>();
  const diagnostics: Diagnostic[] = [];
  let instrumentation: AsyncifyResult | undefined;
  const afterCompile = (module: binaryen.Module) => {
    instrumentation = asyncify(module);
  };
  const { error } = await asc.main(argumentsFor(options), {
    readFile: (name) => sources.read(name),
    writeFile: (name, contents) => void written.set(path.basename(name), contents),
    listFiles: () => [],
    reportDiagnostic: (message) => void diagnostics.push(describe(message, sources)),
    transforms: [{ afterInitialize: packStaticData, afterCompile } as Transform],
  });
  const mistakes = diagnostics.filter(({ isError }) => isError);
  const wasm = written.get("app.wasm");
  if (error !== null || !(wasm instanceof Uint8Array) || instrumentation === undefined) {
    const message = mistakes.map(({ text }) => text).join("\n");
    throw new RosehipError("BUILD_COMPILE", message || `asc: ${error?.message ?? "no output"}`, {
      where: path.relative(process.cwd(), options.entry),
      remedy: remedyFor(mistakes, options.project),
      cause: error,
    });
  }
  return {
    wasm,
    sourceMap: String(written.get("app.wasm.map")),
    asyncify: instrumentation,
    warnings: diagnostics.filter(({ isError }) => !isError).map(({ text }) => text),
  };
}

function argumentsFor({ entry, memory }: CompileOptions): string[] {
  const pages = String(Math.ceil(memory / PAGE));
  return [
    path.basename(entry),
    ["--baseDir", path.dirname(entry)],
    ["--outFile", "app.wasm"],
    "--sourceMap",
    "--debug",
    ["--runtime", "~lib/rosehip/assembly/entry"],
    // A custom runtime gets asc's shadow stack of 32 KiB unless a size is given; below 0 is none at all. The space keeps
    // asc's parser from taking the number for an option.
    ["--stackSize", " -1"],
    ["--lowMemoryLimit", String(memory)],
    ["--initialMemory", pages],
    ["--maximumMemory", pages],
    ["--exportStart", START_EXPORT],
    ["--use", "abort=~lib/rosehip/assembly/rt/text/abort"],
    ["--use", "seed=~lib/rosehip/assembly/rt/random/seed"],
    ["--optimizeLevel", "2"],
    ["--shrinkLevel", "2"],
  ].flat();
}

/** "rosehip/assembly" is the SDK, "<package>/srv" a generated interface; everything else is a file. */
class Sources {
  constructor(
    private readonly folder: string,
    private readonly interfaces: UsedInterfaces,
  ) {}

  /** @param name path relative to the app's folder; asc looks packages up in node_modules of every folder above */
  read(name: string): string | null {
    const slashed = name.replaceAll("\\", "/");
    const sdk = /^(?:~lib|(?:.*\/)?node_modules)\/rosehip\/(assembly(?:\/.*)?\.ts)$/.exec(slashed);
    if (sdk?.[1] !== undefined) return readIfThere(projectFile(sdk[1]));
    const module = /(?:^|\/)node_modules\/([a-z0-9_]+\/(?:msg|srv|action))\.ts$/.exec(slashed);
    const generated = module?.[1] === undefined ? undefined : this.interfaces.resolve(module[1]);
    return readIfThere(generated ?? path.resolve(this.folder, name));
  }

  /** A source by the path asc reports, as people know it, and its text. */
  reported(source: string): { readonly shown: string; readonly text: string } {
    const inPackage = source.startsWith("~lib/") ? source.slice("~lib/".length) : undefined;
    return {
      shown: inPackage ?? path.relative(process.cwd(), path.join(this.folder, source)),
      text: this.read(inPackage === undefined ? source : `node_modules/${inPackage}`) ?? "",
    };
  }
}

function readIfThere(file: string): string | null {
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}

interface Diagnostic extends Mistake {
  readonly isError: boolean;
}

const CATEGORY_ERROR = 3;

/** asc's message with its place as `file:line:column`, from 1. */
function describe(
  { category, code, message, range }: Parameters<DiagnosticReporter>[0],
  sources: Sources,
): Diagnostic {
  const isError = category === CATEGORY_ERROR;
  const text = `${isError ? "" : "warning "}AS${code}: ${message}`;
  if (range?.source == null) return { isError, text, line: "" };
  const source = sources.reported(range.source.normalizedPath);
  const before = source.text.slice(0, range.start).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  const line = source.text.split("\n")[before.length - 1] ?? "";
  return { isError, text: `${source.shown}:${before.length}:${column}: ${text}`, line };
}
