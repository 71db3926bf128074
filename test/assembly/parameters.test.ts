import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Board, simulate } from "../../simulation/index.js";
import { Random } from "../../simulation/random.js";
import { type BuildResult, buildApp } from "../../toolchain/build/build.js";
import { MessageCodec, type MessageValue } from "../../toolchain/interface/codec.js";
import { interfaceSources } from "../../toolchain/interface/gen.js";
import { InterfaceLibrary } from "../../toolchain/interface/library.js";
import { projectFile } from "../../toolchain/project.js";
import { fromJson, toJson } from "../interop/cdr-values.js";
import { buildTestApp } from "./run-service.js";

const APPS = path.join(import.meta.dirname, "apps");
const NODE = "/lab/parameters";
const EVENT = "rcl_interfaces/msg/ParameterEvent";
const library = new InterfaceLibrary(interfaceSources(APPS));

interface Line {
  readonly service: string;
  readonly request: unknown;
  readonly response: unknown;
  readonly events: readonly unknown[];
}

const lines = readFileSync(projectFile("test/vectors/parameter/rclpy.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Line);

const TYPES: Readonly<Record<string, string>> = {
  describe_parameters: "DescribeParameters",
  get_parameters: "GetParameters",
  get_parameter_types: "GetParameterTypes",
  list_parameters: "ListParameters",
  set_parameters: "SetParameters",
  set_parameters_atomically: "SetParametersAtomically",
  get_logger_levels: "GetLoggerLevels",
  set_logger_levels: "SetLoggerLevels",
};
const typeOf = (service: string) => `rcl_interfaces/srv/${TYPES[service]}`;

/** What our node says otherwise than rclpy's, and why. */
function expected(line: Line): unknown {
  return JSON.parse(
    JSON.stringify(line.response)
      // There is no such service on a board.
      .replace('"start_type_description_service", ', "")
      .replace('"start_type_description_service",', "")
      // rclpy's check uses up the first name that is not declared before it lists them.
      .replace("undeclared parameter(s): []", "undeclared parameter(s): ['nothing']")
      .replace("undeclared parameter(s): ['other']", "undeclared parameter(s): ['nothing', 'other']"),
  );
}

const integer = (name: string, value: bigint | number) => ({
  name,
  value: { type: 2, integer_value: value },
});
const text = (name: string, value: string) => ({ name, value: { type: 4, string_value: value } });
const set = (board: Board, node: string, ...parameters: object[]) =>
  board.call(`${node}/set_parameters`, { parameters });
const run = (board: Board, command: string, value = 0n) => board.call("/lab/run", { command, value });

async function get(board: Board, node: string, name: string) {
  const { values } = (await board.call(`${node}/get_parameters`, { names: [name] })) as {
    values: MessageValue[];
  };
  return values[0];
}

describe("parameters", () => {
  let app: BuildResult;
  const boot = (options = {}) => simulate(app.wasm, { project: APPS, ...options });
  beforeAll(async () => {
    app = await buildTestApp("parameters", 32768);
  });

  it("answer as those of an rclpy node", async () => {
    const board = await boot();
    const events = board.subscribe("/parameter_events", EVENT);
    for (const [index, line] of lines.entries()) {
      const before = events.received.length;
      const request = fromJson(library, `${typeOf(line.service)}_Request`, line.request);
      const response = await board.call(`${NODE}/${line.service}`, request);
      const where = `line ${index + 1}: ${line.service} ${JSON.stringify(line.request)}`;
      expect(toJson(library, `${typeOf(line.service)}_Response`, response), where).toEqual(expected(line));
      board.advance(10);
      const published = events.received
        .slice(before)
        .map((event) => ({ ...event, stamp: { sec: 0, nanosec: 0 } }));
      expect(
        published.map((event) => toJson(library, EVENT, event)),
        where,
      ).toEqual(line.events);
    }
    expect(lines.length).toBe(69);
    expect(board.traps).toEqual([]);
    expect(board.core.running.guardIntact).toBe(true);
  });

  it("have the graph's types, hashes and QoS", async () => {
    const board = await boot();
    const hashes = JSON.parse(
      readFileSync(projectFile("test/vectors/interface/type-hashes.json"), "utf8"),
    ) as Record<string, string>;
    for (const [service, type] of Object.entries(TYPES)) {
      const found = board.simulation.services().find(({ name }) => name === `${NODE}/${service}`);
      expect(found?.requestType).toBe(`rcl_interfaces::srv::dds_::${type}_Request_`);
      expect(found?.responseType).toBe(`rcl_interfaces::srv::dds_::${type}_Response_`);
      const both = ["Request", "Response"].map((part) =>
        hashes[`${typeOf(service)}_${part}`]?.slice("RIHS01_".length),
      );
      expect(Buffer.from(found?.hashes ?? []).toString("hex")).toBe(both.join(""));
    }
    const publisher = board.simulation.publishers().find(({ topic }) => topic === "/parameter_events");
    expect(publisher).toMatchObject({
      type: "rcl_interfaces::msg::dds_::ParameterEvent_",
      qos: { reliability: 1, durability: 0, history: 0, depth: 1000 },
    });
    expect(Buffer.from(publisher?.hash ?? []).toString("hex")).toBe(hashes[EVENT]?.slice("RIHS01_".length));
  });

  it("are seen by the app in types of its choice", async () => {
    const board = await boot();
    expect((await run(board, "values"))["message"]).toBe(
      "true|5|5|1.5|-0.25|Grüße, 世界|1,255|true,false,true|1,-2,9223372036854775807|0.5,-1e+300|a,,schulter",
    );
    await set(board, NODE, integer("count", 25), text("text", ""));
    await set(board, NODE, { name: "steps", value: { type: 7, integer_array_value: [] } });
    expect((await run(board, "values"))["message"]).toBe(
      "true|25|25|1.5|-0.25||1,255|true,false,true||0.5,-1e+300|a,,schulter",
    );
  });

  it("are set, declared and undeclared by the app as by a caller", async () => {
    const board = await boot();
    const events = board.subscribe("/parameter_events", EVENT);
    expect((await run(board, "set", 30n))["message"]).toBe("set");
    expect((await run(board, "set", 31n))["message"]).toMatch(/not a valid step/);
    expect((await run(board, "set all"))["message"]).toBe("set");
    expect((await run(board, "has"))["message"]).toBe("false");
    await run(board, "declare");
    expect((await run(board, "has"))["message"]).toBe("true");
    await run(board, "undeclare");
    expect((await run(board, "has"))["message"]).toBe("false");
    board.advance(10);
    expect(
      events.received.map(({ new_parameters, changed_parameters }) => [
        (new_parameters as MessageValue[]).map(({ name }) => name),
        (changed_parameters as MessageValue[]).map(({ name }) => name),
      ]),
    ).toEqual([
      [[], ["count"]],
      [[], ["count", "gain.i"]],
      [["late"], []],
    ]);
    // 2026-01-01 and some milliseconds.
    expect(events.received[0]).toMatchObject({ stamp: { sec: 1_767_225_600 } });
  });

  it("wait for a callback that sleeps, and do not hold up others", async () => {
    const board = await boot();
    await run(board, "slow");
    const answer = set(board, NODE, integer("count", 40));
    const other = await get(board, NODE, "count");
    expect(other).toMatchObject({ integer_value: 5n });
    const begin = board.simulation.now;
    expect(await answer).toEqual({ results: [{ successful: true, reason: "" }] });
    expect(board.simulation.now - begin).toBeGreaterThan(900);
    expect(await get(board, NODE, "count")).toMatchObject({ integer_value: 40n });
  });

  it.each([
    ["twice", "Parameter(s) already declared: ['enabled']"],
    ["wrong type", "parameter is of Type.INTEGER, not Type.DOUBLE"],
    ["too small", "integer parameter does not fit its variable"],
    ["unknown", "Invalid access to undeclared parameter(s): ['nothing']"],
    ["out of range", "Parameter two out of range. Min: 0, Max: 1, value: 2"],
    ["wrong range", "parameter number: its range is not for its type"],
    ["no name", "Invalid parameter name: ''"],
  ])("end an app with a mistake: %s", async (command, reason) => {
    const board = await boot();
    expect(await run(board, command)).toMatchObject({ success: false, message: reason });
  });

  it("do not take use_sim_time, and say why", async () => {
    const board = await boot();
    const answer = await set(board, NODE, { name: "use_sim_time", value: { type: 1, bool_value: true } });
    expect(answer).toEqual({
      results: [{ successful: false, reason: "the board's clock follows the agent's computer, not /clock" }],
    });
  });

  it("refuse types that do not exist, and mend strings without their NUL", async () => {
    const board = await boot();
    const unknown = { name: "anything", value: { type: 10 } };
    expect(await set(board, NODE, unknown)).toEqual({
      results: [{ successful: false, reason: "Unknown parameter type 10" }],
    });
    const codec = new MessageCodec(library, "rcl_interfaces/srv/SetParameters_Request");
    const request = Buffer.from(codec.encode({ parameters: [text("text", "abc")] }));
    const at = request.indexOf("abc\0", 0, "latin1");
    expect(request.readUInt32LE(at - 4)).toBe(4);
    request[at + 3] = 0x64;
    await board.core.call(`${NODE}/set_parameters`, request);
    expect(await get(board, NODE, "text")).toMatchObject({ string_value: "abcd" });
    expect((await run(board, "values"))["message"]).toContain("|abcd|");
  });

  it("survive hostile requests", async () => {
    const board = await boot();
    const request = Buffer.from("ffffffff00000000", "hex");
    for (const service of Object.keys(TYPES)) {
      for (let length = 0; length <= request.length; length++) {
        await board.core.call(`${NODE}/${service}`, request.subarray(0, length));
      }
    }
    expect(board.traps).toEqual([]);
    expect(await get(board, NODE, "count")).toMatchObject({ integer_value: 5n });
  });

  const seed = Number(process.env["ROSEHIP_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  it(`survive requests with damage in them (seed ${seed})`, { timeout: 60_000 }, async () => {
    const board = await boot();
    const random = new Random(seed);
    const below = (limit: number) => Math.floor(random.fraction() * limit);
    const requests = lines.map((line) => ({
      service: line.service,
      payload: new MessageCodec(library, `${typeOf(line.service)}_Request`).encode(
        fromJson(library, `${typeOf(line.service)}_Request`, line.request),
      ),
    }));
    for (let round = 0; round < 50; round++) {
      for (const { service, payload } of requests) {
        const damaged = payload.slice(0, below(payload.length + 1));
        for (let i = below(4); i > 0 && damaged.length > 0; i--) {
          damaged[below(damaged.length)] = below(256);
        }
        await board.core.call(`${NODE}/${service}`, damaged);
      }
    }
    expect(board.traps).toEqual([]);
    expect(board.core.running.guardIntact).toBe(true);
  });

  it("take 10,000 sets without losing memory", { timeout: 60_000 }, async () => {
    const board = await boot();
    for (let i = 0; i < 10_000; i++) {
      const { results } = (await set(
        board,
        NODE,
        text("text", "x".repeat(i % 50)),
        integer("count", (i % 20) * 5),
      )) as {
        results: { successful: boolean }[];
      };
      if (!results.every(({ successful }) => successful)) throw new Error(`set ${i} failed`);
    }
    expect(board.traps).toEqual([]);
  });
});

it("an app without parameters has nothing of them, nor of lifecycle nodes and logger services", async () => {
  const outDir = mkdtempSync(path.join(tmpdir(), "rosehip-without-"));
  const { wasm } = await buildApp({ entry: projectFile("examples/add_two_ints"), outDir, names: true });
  const texts = Buffer.from(wasm).toString("latin1");
  expect(texts).toContain("assembly/service/server");
  for (const part of ["parameter", "lifecycle", "log/services"])
    expect(texts).not.toContain(`assembly/${part}`);
  for (const text of ["rcl_interfaces", "lifecycle_msgs"]) {
    expect(texts).not.toContain([...text].join("\0"));
  }
});

describe("kept values and overrides", () => {
  let app: BuildResult;
  const boot = (storage?: Map<string, Uint8Array>) =>
    simulate(app.wasm, { project: APPS, ...(storage && { storage }) });
  beforeAll(async () => {
    app = await buildTestApp("kept", 24576);
  });
  const messages = (board: Board) => board.logs.map(({ message }) => message);

  it("outlast restarts if they were asked to", async () => {
    const board = await boot();
    await set(board, "/kept", integer("level", 7), integer("passing", 7));
    await set(board, "/kept", { name: "names", value: { type: 9, string_array_value: ["x", "ÿ"] } });
    expect([...board.storage.keys()].sort()).toEqual(["/kept.level", "/kept.names"]);
    board.restart();
    expect(await get(board, "/kept", "level")).toMatchObject({ integer_value: 7n });
    expect(await get(board, "/kept", "names")).toMatchObject({ string_array_value: ["x", "ÿ"] });
    expect(await get(board, "/kept", "passing")).toMatchObject({ integer_value: 3n });
    expect(messages(board)).toEqual(["level 3 fixed base", "level 7 fixed base"]);
  });

  it("are left out, with a word, if they do not fit any more", async () => {
    const board = await boot(new Map([["/kept.level", Buffer.from("zz")]]));
    expect(messages(board)).toEqual([
      "parameter level: its kept value is lost: it is damaged",
      "level 3 fixed base",
    ]);
    await set(board, "/kept", integer("level", 7));
    const kept = board.storage.get("/kept.level") ?? Buffer.alloc(0);
    kept[8] = 11;
    const other = await boot(new Map([["/kept.level", kept]]));
    expect(messages(other)[0]).toBe(
      "parameter level: kept value not taken: Parameter level out of range. Min: 0, Max: 10, value: 11",
    );
  });

  it("come from the agent's command line, once, also for read-only and later parameters", async () => {
    const board = await boot(new Map());
    await set(board, "/kept", integer("level", 7));
    const overrides = (...new_parameters: object[]) => {
      board.publish("/rosehip/parameter_overrides", EVENT, { node: "/renamed", new_parameters });
      board.advance(10);
    };
    const late = { name: "late", value: { type: 3, double_value: 2.5 } };
    overrides(integer("level", 9), text("fixed", "map"), late, integer("passing", 4), text("passing", "x"));
    expect(await get(board, "/kept", "level")).toMatchObject({ integer_value: 9n });
    expect(await get(board, "/kept", "fixed")).toMatchObject({ string_value: "map" });
    // An override is not kept: without it, the value set before is there again.
    expect(board.storage.get("/kept.level")?.[8]).toBe(7);
    expect(messages(board).at(-1)).toBe(
      "parameter passing: override not taken: Wrong parameter type, expected 'Type.INTEGER' got 'Type.STRING'",
    );
    board.advance(2000);
    expect(await get(board, "/kept", "late")).toMatchObject({ double_value: 2.5 });
    overrides(integer("level", 1));
    expect(await get(board, "/kept", "level")).toMatchObject({ integer_value: 9n });
    expect(board.traps).toEqual([]);
  });
});
