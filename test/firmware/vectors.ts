/** Turns the captures of test/vectors/xrce into C tables for the test programs. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { cacheFolder, projectFile } from "../../toolchain/project.js";

const CAPTURES = ["session_udp", "session_serial", "loss_serial"];

interface Packet {
  readonly dir: "c2a" | "a2c";
  readonly raw: string;
  readonly dropped: boolean;
}

/** Writes captures.h where the test programs' include path finds it. */
export async function writeVectors(): Promise<void> {
  for (const compiler of ["gcc", "gcc_m32", "clang"]) {
    await writeCaptures(cacheFolder("test-firmware", compiler));
  }
}

/** Writes captures.h into `folder`, unless it is there already. */
export async function writeCaptures(folder: string): Promise<void> {
  let text = '#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#include "captures_type.h"\n';
  for (const name of CAPTURES) {
    const lines = (await readFile(projectFile("test/vectors/xrce", `${name}.jsonl`), "utf8"))
      .trim()
      .split("\n");
    const packets = lines.map((line) => JSON.parse(line) as Packet);
    const rows = packets.map((packet) => {
      const bytes = packet.raw.match(/../g)?.map((octet) => `0x${octet}`) ?? [];
      return `  {${packet.dir === "c2a"}, ${bytes.length}, (const uint8_t[]){${bytes.join(",")}}},\n`;
    });
    text += `static const capture_t ${name.toUpperCase()}[] = {\n${rows.join("")}};\n`;
    text += `enum { ${name.toUpperCase()}_COUNT = ${rows.length} };\n`;
  }
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, "captures.h");
  const before = await readFile(file, "utf8").catch(() => "");
  if (before !== text) await writeFile(file, text);
}
