import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Board, simulate } from "../../simulation/index.js";
import type { BuildResult } from "../../toolchain/build/build.js";
import { interfaceSources } from "../../toolchain/interface/gen.js";
import { InterfaceLibrary } from "../../toolchain/interface/library.js";
import { projectFile } from "../../toolchain/project.js";
import { fromJson, toJson } from "../interop/cdr-values.js";
import { buildTestApp } from "./run-service.js";

const APPS = path.join(import.meta.dirname, "apps");
const NODE = "/lab/managed";
const EVENT = "lifecycle_msgs/msg/TransitionEvent";
const library = new InterfaceLibrary(interfaceSources(APPS));

type Line =
  | {
      readonly service: string;
      readonly request: unknown;
      /** What the callbacks return, one after the other. */
      readonly plan: string;
      readonly response: unknown;
      readonly events: readonly unknown[];
    }
  /** From here on it is a new node. */
  | { readonly restart: true }
  | { readonly qos: { readonly reliability: string; readonly durability: string } };

const lines = readFileSync(projectFile("test/vectors/lifecycle/rclpy.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Line);

const TYPES: Readonly<Record<string, string>> = {
  change_state: "lifecycle_msgs/srv/ChangeState",
  get_state: "lifecycle_msgs/srv/GetState",
  get_available_states: "lifecycle_msgs/srv/GetAvailableStates",
  get_available_transitions: "lifecycle_msgs/srv/GetAvailableTransitions",
  get_transition_graph: "lifecycle_msgs/srv/GetAvailableTransitions",
};

const run = (board: Board, command: string) => board.call("/lab/run", { command, value: 0n });
const change = (board: Board, id: number) => board.call(`${NODE}/change_state`, { transition: { id } });
const state = async (board: Board) =>
  ((await board.call(`${NODE}/get_state`)) as { current_state: { label: string } }).current_state.label;

describe("a lifecycle node", () => {
  let app: BuildResult;
  const boot = () => simulate(app.wasm, { project: APPS });
  beforeAll(async () => {
    app = await buildTestApp("lifecycle", 16384);
  });

  it("answers and publishes as that of rclpy", async () => {
    let board = await boot();
    let events = board.subscribe(`${NODE}/transition_event`);
    let calls = 0;
    for (const [index, line] of lines.entries()) {
      if ("restart" in line) {
        board = await boot();
        events = board.subscribe(`${NODE}/transition_event`);
      }
      if (!("service" in line)) continue;
      const type = TYPES[line.service];
      const before = events.received.length;
      await run(board, `plan ${line.plan}`);
      const request = fromJson(library, `${type}_Request`, line.request);
      const response = await board.call(`${NODE}/${line.service}`, request);
      board.advance(10);
      const where = `line ${index + 1}: ${line.service} ${JSON.stringify(line.request)} ${line.plan}`;
      expect(toJson(library, `${type}_Response`, response), where).toEqual(line.response);
      const published = events.received.slice(before).map((event) => toJson(library, EVENT, event));
      expect(published, where).toEqual(line.events);
      calls++;
    }
    expect(calls).toBe(70);
    expect(board.traps).toEqual([]);
  });

  it("has the graph's types, hashes and QoS", async () => {
    const board = await boot();
    const hashes = JSON.parse(
      readFileSync(projectFile("test/vectors/interface/type-hashes.json"), "utf8"),
    ) as Record<string, string>;
    const hash = (type: string) => hashes[type]?.slice("RIHS01_".length);
    for (const [service, type] of Object.entries(TYPES)) {
      const found = board.simulation.services().find(({ name }) => name === `${NODE}/${service}`);
      expect(found?.requestType).toBe(
        `${type.replaceAll("/", "::").replace("srv::", "srv::dds_::")}_Request_`,
      );
      expect(Buffer.from(found?.hashes ?? []).toString("hex")).toBe(
        `${hash(`${type}_Request`)}${hash(`${type}_Response`)}`,
      );
    }
    const publisher = board.simulation.publishers().find(({ topic }) => topic === `${NODE}/transition_event`);
    expect(publisher?.qos).toMatchObject({ reliability: 1, durability: 0 });
    expect(lines.at(-1)).toEqual({ qos: { reliability: "RELIABLE", durability: "VOLATILE" } });
    expect(Buffer.from(publisher?.hash ?? []).toString("hex")).toBe(hash(EVENT));
  });

  it("publishes only while it is active", async () => {
    const board = await boot();
    const chatter = board.subscribe("/lab/chatter");
    const publish = async (text: string) => (await run(board, text))["success"];
    expect(await publish("unconfigured")).toBe(false);
    await change(board, 1);
    expect(await publish("inactive")).toBe(false);
    await change(board, 3);
    expect(await publish("active")).toBe(true);
    await change(board, 4);
    expect(await publish("inactive again")).toBe(false);
    await change(board, 3);
    await run(board, "destroy");
    await change(board, 4);
    board.advance(10);
    expect(chatter.received).toEqual([{ data: "active" }]);
    expect(board.traps).toEqual([]);
  });

  it("gives callbacks the state it was in, and lets the app make transitions", async () => {
    const board = await boot();
    const commands = ["activate", "configure", "activate", "deactivate", "cleanup", "shutdown", "shutdown"];
    const results = [];
    for (const command of commands) results.push((await run(board, command))["value"]);
    expect(results).toEqual([2n, 0n, 0n, 0n, 0n, 0n, 2n]);
    expect(board.logs.map(({ message }) => message)).toEqual([
      "Unable to start transition 3 from current state (1, 'unconfigured')",
      "on_configure from 1 unconfigured",
      "on_activate from 2 inactive",
      "on_deactivate from 3 active",
      "on_cleanup from 2 inactive",
      "on_shutdown from 1 unconfigured",
      "Unable to start transition 8 from current state (4, 'finalized')",
    ]);
  });

  it("stays in the transition state while a callback sleeps, and takes no other transition", async () => {
    const board = await boot();
    await run(board, "plan w");
    const answer = change(board, 1);
    expect(await state(board)).toBe("configuring");
    // Not the outcomes of the callback either, which are no caller's to choose.
    for (const id of [1, 3, 5, 10, 11, 12]) expect(await change(board, id)).toEqual({ success: false });
    expect(await answer).toEqual({ success: true });
    expect(await state(board)).toBe("inactive");
  });

  it("survives hostile requests", async () => {
    const board = await boot();
    const request = Buffer.from("63ffffffffffffff", "hex");
    for (const service of Object.keys(TYPES)) {
      for (let length = 0; length <= request.length; length++) {
        await board.core.call(`${NODE}/${service}`, request.subarray(0, length));
      }
    }
    expect(board.traps).toEqual([]);
    expect(await state(board)).toBe("unconfigured");
  });
});
