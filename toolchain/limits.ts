/** `npm run limits`: writes docs/limits.md out of the comments beside the limits themselves; a test compares. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { projectFile } from "./project.js";

const SOURCES = [
  ["host-agent/src/limits.ts", "Agent, device side (DDS-XRCE)"],
  ["host-agent/src/rtps/limits.ts", "Agent, network side (DDSI-RTPS)"],
  ["toolchain/interface/limits.ts", "Interface definitions"],
] as const;

/** A doc comment and what it stands before: `name: value,` in an object, or `export const NAME = value;`. */
const LIMIT = /((?:^ *(?:\/\*\*|\*)[^\n]*\n)+)((?:^ *(?:export const )?\w+(?: =|:) [^\n{]+[,;]\n)+)/gm;

function unwrap(comment: string): string {
  return comment
    .split("\n")
    .map((line) =>
      line
        .replace(/^ *\/?\*+ ?\/?/, "")
        .replace(/\*\/ *$/, "")
        .trim(),
    )
    .filter((line) => line !== "")
    .join(" ")
    .replaceAll("|", "\\|");
}

function table(file: string, title: string): string {
  const text = readFileSync(projectFile(file), "utf8");
  const rows = [...text.matchAll(LIMIT)].map(([, comment = "", lines = ""]) => {
    const limits = [...lines.matchAll(/^ *(?:export const )?(\w+)(?: =|:) (.+)[,;]$/gm)];
    const shown = limits.map(([, name, value]) => `\`${name}\` ${value}`).join("<br>");
    return `| ${shown} | ${unwrap(comment)} |`;
  });
  return [
    `## ${title}`,
    "",
    `In \`${file}\`.`,
    "",
    "| limit | meaning and reason |",
    "|---|---|",
    ...rows,
  ].join("\n");
}

export function limitsDocument(): string {
  const head = `# Limits

Every size and number that a peer, a file or an app could drive up. Written by \`npm run limits\` from the sources; edit
those. Limits of the firmware are fields of its configuration, with their bounds, in \`firmware/include/rosehip/runtime.h\` and
\`xrce_session.h\`: all its memory is one arena, and running out of it is an error with a name. What one call of an app may ask of
pins and buses is bounded in \`hardware.h\` there.`;
  return `${[head, ...SOURCES.map(([file, title]) => table(file, title))].join("\n\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(projectFile("docs/limits.md"), limitsDocument());
}
