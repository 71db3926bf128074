/** Flash, static memory and stack of the firmware's parts, from what compilers make of them with -Os. */
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { findCompiler } from "../toolchain/firmware/compiler.js";
import { WARNINGS } from "../toolchain/firmware/firmware.js";
import { run } from "../toolchain/firmware/process.js";
import { buildProgram, type SourceGroup } from "../toolchain/firmware/program.js";
import { measureFirmware, PARTS } from "../toolchain/footprint/footprint.js";
import { projectFile } from "../toolchain/project.js";
import { BOTH, buildBenchApp } from "./apps.js";
import type { Context, Subject } from "./context.js";
import { ros2Sources, xrceClientSources } from "./programs.js";
import { atMost } from "./report.js";
import { exactly } from "./statistics.js";

const KIB = 1024;
const SUBJECT_FLAGS = [
  ...["-Os", "-DNDEBUG", "-ffunction-sections", "-fdata-sections"],
  ...["-fno-asynchronous-unwind-tables", "-fno-unwind-tables"],
];
const PEER_CLIENT = "Micro XRCE-DDS Client 2.4.3 with requester and replier, rv32imac -Os";

interface Target {
  readonly name: string;
  readonly compiler: string;
  readonly size: string;
  readonly flags: readonly string[];
  /** Held to the targets: they are for the ISA of the ESP32-C3. */
  readonly isBoard: boolean;
}

const RV32: Target = {
  name: "rv32imc",
  compiler: "riscv64-unknown-elf-gcc",
  size: "riscv64-unknown-elf-size",
  flags: ["-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs"],
  isBoard: true,
};

const INSTALL_RV32 =
  "there is no riscv64-unknown-elf-gcc with picolibc: " +
  "`sudo apt-get install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf`";

async function hostTarget(): Promise<Target> {
  const { command } = await findCompiler();
  return { name: process.arch, compiler: command, size: "size", flags: [], isBoard: false };
}

interface Weight {
  /** text and read-only data, and the initial values of data. */
  readonly flash: number;
  /** data and bss. */
  readonly staticMemory: number;
}

/** @throws if `size` is missing or says something else than expected */
async function weigh(target: Target, file: string): Promise<Weight> {
  const output = await run(target.size, ["-B", file]);
  const fields = /^\s*(\d+)\s+(\d+)\s+(\d+)/m.exec(output?.stdout ?? "");
  if (fields === null)
    throw new Error(`${target.size} cannot read ${file}: ${output?.stderr ?? "not installed"}`);
  const [text, data, bss] = fields.slice(1).map(Number) as [number, number, number];
  return { flash: text + data, staticMemory: data + bss };
}

function group(files: readonly string[], flags: readonly string[]): SourceGroup {
  return {
    sources: files,
    includes: [projectFile("firmware/include"), projectFile("firmware/src")],
    flags: [...WARNINGS, ...SUBJECT_FLAGS, ...flags],
  };
}

/** Everything in the groups' files, used or not, without the C library. */
async function weighGroups(target: Target, name: string, groups: readonly SourceGroup[]): Promise<Weight> {
  const program = {
    name: `footprint-${name}-${target.name}`,
    groups,
    linkFlags: [...target.flags.slice(0, 2), "-nostdlib", "-r"],
  };
  const { path: file } = await buildProgram(program, { compiler: target.compiler });
  return weigh(target, file);
}

const weighSources = (target: Target, name: string, files: readonly string[]): Promise<Weight> =>
  weighGroups(target, name, [group(files, target.flags)]);

interface Frame {
  readonly octets: number;
  readonly where: string;
}

/** The largest stack frame of one function, as the compiler tells it. */
async function largestFrame(context: Context, target: Target, files: readonly string[]): Promise<Frame> {
  const folder = await mkdtemp(path.join(context.temporary, "stack-"));
  const { flags, includes } = group([], target.flags);
  for (const [index, file] of files.entries()) {
    const object = path.join(folder, `${index}.o`);
    const args = [...flags, ...includes.map((one) => `-I${one}`), "-fstack-usage", "-c", file, "-o", object];
    const output = await run(target.compiler, args);
    if (output?.status !== 0)
      throw new Error(`${target.compiler} ${file}: ${output?.stderr ?? "not installed"}`);
  }
  let largest: Frame = { octets: 0, where: "" };
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".su"))) {
    for (const line of (await readFile(path.join(folder, name), "utf8")).split("\n")) {
      const [where = "", octets = "0"] = line.split("\t");
      if (Number(octets) > largest.octets) largest = { octets: Number(octets), where: path.basename(where) };
    }
  }
  return largest;
}

async function clientAndRos(context: Context, target: Target): Promise<void> {
  const client = await xrceClientSources();
  const both = [...client, ...(await ros2Sources())];
  const alone = await weighSources(target, "xrce", client);
  const withRos = await weighSources(target, "ros2", both);
  const bound = (octets: number) => (target.isBoard ? { target: atMost(octets) } : {});
  context.measured(`XRCE client alone: flash, ${target.name}`, exactly("B", alone.flash), {
    ...bound(20 * KIB),
    reference: `${PEER_CLIENT}: 22,144 B`,
    note: "all of it, unused functions included; without the C library's memcpy and the like",
  });
  context.measured(
    `with the ROS 2 layer: flash, ${target.name}`,
    exactly("B", withRos.flash),
    bound(32 * KIB),
  );
  context.measured(
    `with the ROS 2 layer: static memory, ${target.name}`,
    exactly("B", withRos.staticMemory),
    {
      ...bound(6 * KIB),
      reference: `${PEER_CLIENT}, history 4: 4,952 B static`,
      note: "sessions and entities are in the arena; how much of it is told with the boards below",
    },
  );
  const frame = await largestFrame(context, target, both);
  context.measured(`with the ROS 2 layer: largest stack frame, ${target.name}`, exactly("B", frame.octets), {
    reference: "Micro XRCE-DDS Client 2.4.3: 632 B when creating entities",
    note: frame.where,
  });
}

/** All of the firmware, its board, the app and the C library. */
async function wholeFirmware(context: Context): Promise<void> {
  const app = await buildBenchApp(BOTH);
  for (const target of ["qemu_riscv32", "qemu_cortex_m"] as const) {
    const { flash, staticMemory } = await measureFirmware({ target, engine: "wasm3", app: app.wasmPath });
    const parts = PARTS.filter((part) => part !== "total").map(
      (part) => `${part} ${flash[part].toLocaleString("en-US")} B`,
    );
    const isBoard = target === "qemu_riscv32";
    context.measured(`whole firmware with wasm3 and the app: flash, ${target}`, exactly("B", flash.total), {
      ...(isBoard && { target: atMost(128 * KIB) }),
      reference: "micro-ROS ESP32 example with one service in C: 204.6 KB",
      note: `AddTwoInts and Fibonacci in one app, and an emulated board's drivers: ${parts.join(", ")}`,
    });
    context.measured(
      `whole firmware with wasm3: static memory, ${target}`,
      exactly("B", staticMemory.total),
      {
        note: "besides arena and C stack",
      },
    );
  }
}

async function hasRv32(): Promise<boolean> {
  const probe = await run(RV32.compiler, [
    ...RV32.flags,
    "-E",
    "-x",
    "c",
    "-include",
    "string.h",
    "/dev/null",
  ]);
  return probe?.status === 0;
}

export const footprint: Subject = {
  name: "footprint of the firmware",
  async run(context) {
    if (await hasRv32()) {
      await clientAndRos(context, RV32);
      await wholeFirmware(context);
    } else {
      context.notMeasured("XRCE client, ROS 2 layer and whole firmware, rv32imc", INSTALL_RV32);
    }
    await clientAndRos(context, await hostTarget());
  },
};
