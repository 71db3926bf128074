import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generateAbi } from "../../../abi/generate.js";
import { wasm3Signature } from "../../../abi/render/naming.js";
import { ABI_EVENT_INFO, ABI_FUNCTIONS } from "../../../abi/table.js";

describe("the ABI table", () => {
  for (const [path, text] of generateAbi()) {
    it(`is what ${path} was generated from (else: npm run abi)`, () => {
      expect(readFileSync(path, "utf8")).toBe(text);
    });
  }

  it("has the signatures the firmware links by", () => {
    const signatures = Object.fromEntries(ABI_FUNCTIONS.map((fn) => [fn.name, wasm3Signature(fn)]));
    expect(signatures).toMatchObject({
      log: "v(iiiii)",
      panic: "v(iiiiii)",
      now: "I(i)",
      node_create: "i(iiii)",
      service_create: "i(iiiiiiii)",
      entity_destroy: "i(i)",
      event_next: "i(i)",
      event_take: "i(ii)",
      service_reply: "i(iii)",
    });
  });

  it("tells the event record's size at event_next as in the record", () => {
    const info = ABI_FUNCTIONS.find(({ name }) => name === "event_next")?.parameters[0];
    expect(info?.octets).toBe(ABI_EVENT_INFO.size);
  });
});
