import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { serviceTypes } from "../../../cli/service-types.js";
import { InterfaceLibrary } from "../../../toolchain/interface/library.js";
import { projectFile } from "../../../toolchain/project.js";

/** The firmware has no interface generator: what it says of the service's types is written by hand. */
const source = readFileSync(projectFile("firmware/src/runtime/deploy.c"), "utf8");

it("the type hashes in the firmware are those of the definition", () => {
  const { request, response } = serviceTypes("rosehip_interfaces/srv/Deploy");
  const octets = /TYPE_HASHES\[[^\]]*\] = \{([^}]*)\}/.exec(source)?.[1] ?? "";
  const hex = [...octets.matchAll(/0x([0-9a-f]{2})/g)].map((match) => match[1]).join("");
  expect([`RIHS01_${hex.slice(0, 64)}`, `RIHS01_${hex.slice(64)}`]).toEqual([
    request.typeHash,
    response.typeHash,
  ]);
  expect(source).toContain(`"${request.type}"`);
  expect(source).toContain(`"${response.type}"`);
});

it.each([
  ["srv/Deploy_Request", ["INFO", "BEGIN", "WRITE", "COMMIT", "ABORT"]],
  ["msg/AppSlot", ["SLOT_EMPTY", "SLOT_PENDING", "SLOT_FAILED", "SLOT_TRIAL", "SLOT_CONFIRMED"]],
])("the constants of %s are in the firmware's order", (type, names) => {
  const library = new InterfaceLibrary([{ name: "own", folder: projectFile("interfaces") }]);
  const constants = library.message(`rosehip_interfaces/${type}`)?.constants ?? [];
  expect(constants.map(({ name, value }) => [name, Number(value)])).toEqual(
    names.map((name, index) => [name.replace("SLOT_", ""), index]),
  );
  expect(source.replaceAll(/\s+/g, " ")).toContain(`enum { ${names.join(", ")} }`);
});

it("the results are in the firmware's order", () => {
  const library = new InterfaceLibrary([{ name: "own", folder: projectFile("interfaces") }]);
  const constants = library.message("rosehip_interfaces/srv/Deploy_Response")?.constants ?? [];
  const results = constants.filter(({ value }) => Number(value) < 254).map(({ name }) => `DEPLOY_${name}`);
  expect(results.length).toBeGreaterThan(10);
  expect(source.replaceAll(/\s+/g, " ")).toContain(`typedef enum { ${results.join(", ")}, } deploy_result_t`);
});
