/**
 * rclpy's parameter client and a caller of the logger services, on examples/parameters and on its rclpy twin: both are to
 * give the same answers and the same parameter events.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { BOARDS } from "../system/boards.js";
import { endAll } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { askedOnce, startRclpy, withRclpy } from "./rclpy.js";
import type { Distro } from "./ros2.js";

interface Report {
  readonly list: { readonly names: readonly string[] };
  readonly values: readonly unknown[];
  readonly values_after: readonly unknown[];
  readonly events: readonly unknown[];
}

async function report(distro: Distro, domain: number, ...args: string[]): Promise<Report> {
  const calls = await startRclpy(distro, domain, "parameters_calls.py", ...args);
  const [json = "{}"] = await calls.waitFor(/^\{.*\}$/, 90_000);
  return JSON.parse(json) as Report;
}

/** What rclpy says otherwise, and why: see test/vectors/parameter and assembly/parameter. */
function asOurs(report: Report): unknown {
  const text = JSON.stringify(report)
    // A service that a board does not have.
    .replace('"start_type_description_service",', "")
    // rclpy of Kilted tells types by number.
    .replace("expected '3' got '2'", "expected 'Type.DOUBLE' got 'Type.INTEGER'");
  return JSON.parse(text);
}

const reportOfTwin = askedOnce("parameters_node.py", report);

describe.each(withRclpy(BOARDS))("$target, $engine, and rclpy of $distro", ({ distro, ...kind }) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.build("examples/parameters", kind);
  }, 600_000);
  afterEach(endAll);

  it("finds the parameters of a board as those of rclpy", async () => {
    const theirs = await reportOfTwin(distro);
    rig.startBoard();
    await rig.startLine({});
    rig.startAgent();
    const ours = await report(distro, rig.domain);
    expect(ours).toEqual(asOurs(theirs));
    expect(ours.values).toEqual([1.5, 1000, "base_link", [0.1, 0.1]]);
    expect(ours.values_after).toEqual([2.5, 500, "base_link", [0.2, 0.3]]);
    expect(ours.events.length).toBe(3);
  });
});

describe("a board's parameters", () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.build("examples/parameters");
  }, 600_000);
  afterEach(endAll);

  it("take overrides of the agent's command line, once, and keep values over restarts", async () => {
    const storage = mkdtempSync(path.join(tmpdir(), "rosehip-storage-"));
    const board = rig.startBoard("--storage", storage);
    await rig.startLine({});
    rig.startAgent("--param", "parameters:report.period_ms:=250", "--param", "frame_id:=map");
    const first = await report("jazzy", rig.domain, "values");
    expect(first.values).toEqual([1.5, 250, "map", [0.1, 0.1]]);
    expect((await report("jazzy", rig.domain)).values_after).toEqual([2.5, 500, "map", [0.2, 0.3]]);
    await board.kill();
    rig.startBoard("--storage", storage);
    const again = await report("jazzy", rig.domain, "values");
    expect(again.values).toEqual([2.5, 250, "map", [0.1, 0.1]]);
    rmSync(storage, { recursive: true });
  });
});
