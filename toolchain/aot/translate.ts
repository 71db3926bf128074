/**
 * An app as C: what the C compiler needs besides firmware/include and firmware/src. It is one file, in which nothing is
 * visible to others but rosehip_aot_app.
 */
import { ABI_MODULE } from "../../abi/table.js";
import { instrument } from "./instrument.js";
import { type ModuleFacts, type ModuleImport, moduleFacts } from "./module.js";
import { wasm2c } from "./wasm2c.js";

const NAME = "app";

/**
 * @param where whom to name in errors
 * @returns the text of a C file
 * @throws BUILD_AOT_MODULE if it is not an app; BUILD_AOT_WASM2C, BUILD_AOT_EDIT
 */
export async function translate(wasm: Uint8Array, where: string): Promise<string> {
  const facts = moduleFacts(wasm, where);
  const { declarations, code, start } = instrument(await wasm2c(wasm, NAME), NAME);
  return [
    HEAD,
    declarations,
    layout(facts),
    code,
    facts.imports.map(importFunction).join("\n"),
    descriptor(facts, start),
  ].join("\n");
}

const HEAD = `/* An app for Rosehip, made by \`rosehip build --target c\` out of app.wasm; do not edit. */
#include "aot/wasm-rt.h"

#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Winfinite-recursion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-parameter"
#pragma GCC diagnostic ignored "-Wunused-value"
#pragma GCC diagnostic ignored "-Wunused-label"
`;

const layout = ({
  memoryBytes,
}: ModuleFacts) => `#define ROSEHIP_AOT_MEMORY_OFFSET ((sizeof(w2c_${NAME}) + 7u) & ~(size_t)7u)
#define ROSEHIP_AOT_MEMORY_BYTES ${memoryBytes}u
#include "aot/instructions.h"
`;

const TYPES: Readonly<Record<string, string>> = { v: "void", i: "u32", I: "u64", f: "f32", F: "f64" };

/** What the app's code calls: it hands the arguments to the engine. */
function importFunction({ name, signature }: ModuleImport, index: number): string {
  const [result = "v", parameters = ""] = signature.replace(")", "").split("(");
  const names = [...parameters].map((_, at) => `p${at}`);
  const declared = [...parameters].map((letter, at) => `, ${TYPES[letter]} p${at}`).join("");
  const call = `rosehip_aot_import((const rosehip_aot_instance_t*)instance, ${index}, arguments)`;
  return `static ${TYPES[result]} w2c_${ABI_MODULE}_${name}(struct w2c_${ABI_MODULE}* instance${declared}) {
  const uint64_t arguments[] = {${names.length > 0 ? names.join(", ") : "0"}};
  ${result === "v" ? "" : `return (${TYPES[result]})`}${call};
}
`;
}

function descriptor(facts: ModuleFacts, start: string | undefined): string {
  const hasImports = facts.imports.length > 0;
  const host = hasImports ? `, (struct w2c_${ABI_MODULE}*)instance` : "";
  const imports = facts.imports.map(
    ({ module, name, signature }) => `    {"${module}", "${name}", "${signature}"},\n`,
  );
  return `static void app_instantiate(rosehip_aot_instance_t* instance) {
  wasm2c_${NAME}_instantiate((w2c_${NAME}*)instance${host});
}
${start === undefined ? "" : `\nstatic void app_start(rosehip_aot_instance_t* instance) { ${start}((w2c_${NAME}*)instance); }\n`}
static uint64_t app_poll(rosehip_aot_instance_t* instance) {
  return w2c_${NAME}_rosehip_poll((w2c_${NAME}*)instance);
}
${hasImports ? `\nstatic const rosehip_aot_import_t app_imports[] = {\n${imports.join("")}};\n` : ""}
static const rosehip_aot_app_t app = {
    .abi_version = ${facts.abiVersion}u,
    .instance_bytes = ROSEHIP_AOT_MEMORY_OFFSET,
    .memory_bytes = ROSEHIP_AOT_MEMORY_BYTES,
    .imports = ${hasImports ? "app_imports" : "NULL"},
    .import_count = ${facts.imports.length},
    .instantiate = app_instantiate,
    .start = ${start === undefined ? "NULL" : "app_start"},
    .poll = app_poll,
};

const rosehip_aot_app_t* rosehip_aot_app(void) { return &app; }
`;
}
