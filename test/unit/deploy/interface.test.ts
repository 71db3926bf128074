import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { serviceTypes } from "../../../cli/service-types.js";
import { InterfaceLibrary } from "../../../toolchain/interface/library.js";
import { lookupTypeHash } from "../../../toolchain/interface/lookup.js";
import { projectFile } from "../../../toolchain/project.js";

/** The firmware has no interface generator: what it says of the service's types is written by hand. */
const source = readFileSync(projectFile("firmware/src/runtime/deploy.c"), "utf8");

it("the names of the types in the firmware are those of the definition", () => {
  const { request, response } = serviceTypes("rosehip_interfaces/srv/Deploy");
  expect(source).toContain(`"${request.type}"`);
  expect(source).toContain(`"${response.type}"`);
});

it("the agent knows the hashes of the types, which the firmware does not send", () => {
  const { request, response } = serviceTypes("rosehip_interfaces/srv/Deploy");
  expect(request.typeHash).toMatch(/^RIHS01_[0-9a-f]{64}$/);
  expect(lookupTypeHash(request.type)).toBe(request.typeHash);
  expect(lookupTypeHash(response.type)).toBe(response.typeHash);
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
