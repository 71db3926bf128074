/** The C programs of the bench. */
import path from "node:path";
import { coreGroup, LINK_FLAGS, WARNINGS, wasm3Group } from "../toolchain/firmware/firmware.js";
import {
  type BuildOptions,
  type Built,
  buildProgram,
  type SourceGroup,
} from "../toolchain/firmware/program.js";
import { projectFile } from "../toolchain/project.js";
import { sources } from "./sources.js";

const POSIX = ["-D_XOPEN_SOURCE=700", "-D_DEFAULT_SOURCE"];
const FAST = ["-O2", "-DNDEBUG"];

/** Folders of firmware/src that are the XRCE client: session, framing, CDR cursors; with arena.c it is complete. */
const XRCE_CLIENT = ["firmware/src/xrce", "firmware/src/framing", "firmware/src/cdr"];

export const xrceClientSources = async (): Promise<string[]> => [
  projectFile("firmware/src/arena.c"),
  ...(await sources(...XRCE_CLIENT)),
];

/** What the firmware puts on the client: nodes, services, topics, names, log. */
export const ros2Sources = async (): Promise<string[]> => [
  projectFile("firmware/src/sentence.c"),
  ...(await sources("firmware/src/ros2")),
];

function ours(files: readonly string[], ...flags: string[]): SourceGroup {
  return {
    sources: files,
    includes: [
      projectFile("firmware/include"),
      projectFile("firmware/src"),
      projectFile("firmware/port"),
      projectFile("bench/probe"),
    ],
    flags: [...WARNINGS, ...flags],
  };
}

/** What to say where the compiler makes no 32-bit programs. */
export const INSTALL_M32 =
  "the compiler makes no 32-bit programs, the word size of the boards: `sudo apt-get install gcc-multilib`";

const builds = new Map<string, Promise<Built>>();

/** Each program is built once in a run of the bench. */
function once(name: string, build: () => Promise<Built>): Promise<Built> {
  const begun = builds.get(name) ?? build();
  builds.set(name, begun);
  return begun;
}

/** DDS-XRCE clients that measure an agent: bench/probe/main.c. */
export function buildProbe({ m32 = false }: Pick<BuildOptions, "m32"> = {}): Promise<Built> {
  return once(`probe ${m32}`, async () => {
    const posix = await sources("firmware/port/posix");
    const files = [
      ...(await sources("bench/probe")),
      ...posix.filter((file) => /link\w*\.c$/.test(file)),
      ...(await xrceClientSources()),
    ];
    return buildProgram({ name: "rosehip-probe", groups: [ours(files, ...POSIX, ...FAST)] }, { m32 });
  });
}

/** The firmware, that tells how much memory it needed: bench/board/board.c. */
export function buildBoard({ m32 = false }: Pick<BuildOptions, "m32"> = {}): Promise<Built> {
  return once(`board ${m32}`, async () => {
    const posix = await sources("firmware/port/posix");
    const files = [
      projectFile("bench/board/board.c"),
      ...posix.filter((file) => path.basename(file) !== "main.c"),
    ];
    const groups = [await wasm3Group(), await coreGroup(), ours(files, ...POSIX, ...FAST)];
    return buildProgram({ name: "rosehip-bench-board", groups, linkFlags: LINK_FLAGS }, { m32 });
  });
}

/** The engine and one handler, nothing else: bench/board/handler.c. */
export function buildHandler({ m32 = false }: Pick<BuildOptions, "m32"> = {}): Promise<Built> {
  return once(`handler ${m32}`, async () => {
    const files = [projectFile("bench/board/handler.c")];
    const groups = [await wasm3Group(), await coreGroup(), ours(files, ...POSIX, ...FAST)];
    return buildProgram({ name: "rosehip-bench-handler", groups, linkFlags: LINK_FLAGS }, { m32 });
  });
}
