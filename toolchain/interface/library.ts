/**
 * Finds interface definitions by type name. Sources are folders that hold PACKAGE/{msg,srv,action}/NAME.EXT, and are
 * asked in order, type by type: first the project's own, then what is installed, then what ships with Rosehip. Files
 * are read when they are first needed. See interfaces/README.md for the order.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { type InterfaceDefinition, type MessageDefinition, messagesOf, splitTypeName } from "./definition.js";
import { type Described, describedTypes } from "./description.js";
import { INTERFACE_LIMITS } from "./limits.js";
import type { Mistake } from "./mistake.js";
import { isMessageName, isPackageName } from "./names.js";
import { parseDefinition } from "./parse.js";

export interface InterfaceSource {
  /** Shown to people: "the project's interfaces", "ROS 2 at /opt/ros/jazzy". */
  readonly name: string;
  /** Folder that holds the packages. */
  readonly folder: string;
}

export interface InterfaceFile {
  readonly path: string;
  readonly source: InterfaceSource;
  readonly definition: InterfaceDefinition;
  /** What is wrong in this file alone; names of other types are checked by {@link checkInterfaces}. */
  readonly mistakes: readonly Mistake[];
}

/** A type that two sources define differently. */
export interface InterfaceConflict {
  readonly typeName: string;
  readonly used: string;
  readonly ignored: string;
}

const FOLDERS = ["msg", "srv", "action"] as const;
const SERVICE_SUFFIX = /(_Request|_Response|_Event)$/;
const ACTION_SUFFIX =
  /_(Goal|Result|Feedback|FeedbackMessage|(SendGoal|GetResult)(_Request|_Response|_Event)?)$/;

export class InterfaceLibrary {
  /** Grows while files are read. */
  readonly conflicts: InterfaceConflict[] = [];
  private readonly files = new Map<string, InterfaceFile>();
  private readonly described = new Map<string, Described>();
  private readonly messages = new Map<string, MessageDefinition>();

  constructor(readonly sources: readonly InterfaceSource[]) {}

  /** Names of all packages in any source, sorted. */
  packages(): string[] {
    const names = new Set<string>();
    for (const { folder } of this.sources) {
      if (!existsSync(folder)) continue;
      for (const name of readdirSync(folder)) {
        const isPackage = FOLDERS.some((kind) => existsSync(path.join(folder, name, kind)));
        if (isPackageName(name) && isPackage) names.add(name);
      }
    }
    return [...names].sort();
  }

  /** Type names of the files of a package in any source, sorted; empty if there is no such package. */
  typesIn(packageName: string): string[] {
    const names = new Set<string>();
    for (const { folder } of this.sources) {
      for (const kind of FOLDERS) {
        const directory = path.join(folder, packageName, kind);
        if (!existsSync(directory)) continue;
        for (const file of readdirSync(directory)) {
          if (path.extname(file) === `.${kind}`)
            names.add(`${packageName}/${kind}/${path.basename(file, `.${kind}`)}`);
        }
      }
    }
    return [...names].sort();
  }

  /** The file that defines a type, or one of the parts rosidl derives from it; undefined if there is none. */
  file(typeName: string): InterfaceFile | undefined {
    const { folder, name } = splitTypeName(typeName);
    const suffix = folder === "srv" ? SERVICE_SUFFIX : folder === "action" ? ACTION_SUFFIX : undefined;
    const own = this.load(typeName);
    if (own !== undefined || suffix === undefined || !suffix.test(name)) return own;
    return this.load(typeName.replace(suffix, ""));
  }

  /** A message by type name, parts of services and actions included. */
  message(typeName: string): MessageDefinition | undefined {
    if (!this.messages.has(typeName)) this.file(typeName);
    return this.messages.get(typeName);
  }

  /** What the type description of a type consists of, services and actions included. */
  description(typeName: string): Described | undefined {
    if (!this.described.has(typeName)) this.file(typeName);
    return this.described.get(typeName);
  }

  private load(typeName: string): InterfaceFile | undefined {
    const known = this.files.get(typeName);
    if (known !== undefined) return known;
    const [first, ...others] = this.candidates(typeName);
    // Not remembered: names of types nobody defines may come from the network without end.
    if (first === undefined) return undefined;
    const file = read(first, typeName);
    this.files.set(typeName, file);
    for (const message of messagesOf(file.definition)) this.messages.set(message.typeName, message);
    for (const type of describedTypes(file.definition)) this.described.set(type.typeName, type);
    for (const other of others) {
      if (!sameDefinition(file, read(other, typeName))) {
        this.conflicts.push({ typeName, used: file.path, ignored: other.path });
      }
    }
    return file;
  }

  private candidates(typeName: string): { path: string; source: InterfaceSource }[] {
    const { package: packageName, folder, name } = splitTypeName(typeName);
    // Names that come from command lines and the network become paths here.
    if (!isPackageName(packageName) || !isMessageName(name) || !FOLDERS.some((kind) => kind === folder))
      return [];
    return this.sources
      .map((source) => ({ source, path: path.join(source.folder, packageName, folder, `${name}.${folder}`) }))
      .filter((candidate) => existsSync(candidate.path));
  }
}

function read(candidate: { path: string; source: InterfaceSource }, typeName: string): InterfaceFile {
  const { package: packageName, folder, name } = splitTypeName(typeName);
  const mistakes: Mistake[] = [];
  const text = readText(candidate.path, mistakes);
  const source = {
    file: candidate.path,
    package: packageName,
    folder: folder as "msg" | "srv" | "action",
    name,
    text,
  };
  return { ...candidate, definition: parseDefinition(source, mistakes), mistakes };
}

function readText(file: string, mistakes: Mistake[]): string {
  const position = { file, line: 1, column: 1 };
  const size = statSync(file).size;
  if (size > INTERFACE_LIMITS.fileOctets) {
    const reason = `The file has ${size} octets, over the limit of ${INTERFACE_LIMITS.fileOctets}`;
    mistakes.push({
      code: "IDL_LIMIT",
      position,
      reason,
      remedy: "Split the definition into nested messages",
    });
    return "";
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch {
    mistakes.push({
      code: "IDL_FILE",
      position,
      reason: "The file is not UTF-8 text",
      remedy: "Save it as UTF-8",
    });
    return "";
  }
}

/** Fields with types and defaults, and constants; not where they stand. */
function sameDefinition(one: InterfaceFile, other: InterfaceFile): boolean {
  const shown = ({ fields, constants }: MessageDefinition) => [
    fields.map(({ name, type, defaultValue }) => [name, type, String(defaultValue)]),
    constants.map(({ name, type, value }) => [name, type, String(value)]),
  ];
  const describe = (file: InterfaceFile) => JSON.stringify(messagesOf(file.definition).map(shown));
  return describe(one) === describe(other);
}
