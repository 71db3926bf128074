/** The examples with one another: each on a simulated board of its own, on one graph, in virtual time. */
import { Hardware, I2cRegisters, Simulation, simulate } from "rosehip/sim";
import { expect, it } from "vitest";
import "rosehip/sim/vitest";

it("add_two_ints_client waits for add_two_ints, then calls it", async () => {
  const simulation = new Simulation();
  const client = await simulation.add("examples/add_two_ints_client");
  simulation.advance(2500);
  expect(client).toLog("service not available, waiting again...", { times: 2 });
  const server = await simulation.add("examples/add_two_ints");
  simulation.advance(1000);
  expect(client).toLog("Result of add_two_ints: for 41 + 1 = 42");
  expect(server).toLog("Incoming request: a=41, b=1", { times: 1 });
});

it("fibonacci_client gets the result of one goal of fibonacci, and cancels the other", async () => {
  const simulation = new Simulation();
  const client = await simulation.add("examples/fibonacci_client");
  simulation.advance(1500);
  expect(client).toLog("action server not available, waiting again...", { times: 1 });
  const server = await simulation.add("examples/fibonacci");
  simulation.advance(20_000);
  expect(client.logs.map(({ message }) => message).slice(1)).toEqual([
    "Goal accepted",
    "Received feedback: [0, 1, 1]",
    "Received feedback: [0, 1, 1, 2]",
    "Received feedback: [0, 1, 1, 2, 3]",
    "Result: [0, 1, 1, 2, 3]",
    "Goal accepted",
    "Received feedback: [0, 1, 1]",
    "Received feedback: [0, 1, 1, 2]",
    "Received feedback: [0, 1, 1, 2, 3]",
    "Received feedback: [0, 1, 1, 2, 3, 5]",
    "Goal canceled",
  ]);
  expect(server).toLog("Executing goal...", { times: 2 });
  expect(server).toLog("Goal canceled", { times: 1 });
});

it("fibonacci rejects what is out of range", async () => {
  const board = await simulate("examples/fibonacci");
  for (const order of [-1, 41]) {
    expect((await board.sendGoal("/fibonacci", { order })).accepted).toBe(false);
  }
});

it("subscriber hears publisher twice a second", async () => {
  const simulation = new Simulation();
  const subscriber = await simulation.add("examples/subscriber");
  await simulation.add("examples/publisher");
  simulation.advance(5000);
  const heard = subscriber.logs.map(({ message }) => message);
  expect(heard).toEqual(Array.from({ length: 10 }, (_, count) => `I heard: "Hello World: ${count}"`));
});

it("parameters takes values within their ranges, refuses others, and keeps what it is to keep", async () => {
  const board = await simulate("examples/parameters");
  const set = async (name: string, value: object) => {
    const { results } = await board.call("/parameters/set_parameters", { parameters: [{ name, value }] });
    return results;
  };
  expect(await set("max_speed", { type: 3, double_value: 2.5 })).toEqual([{ successful: true, reason: "" }]);
  expect(await set("max_speed", { type: 3, double_value: 3.5 })).toMatchObject([{ successful: false }]);
  expect(await set("wheel_radii", { type: 8, double_array_value: [0.1] })).toEqual([
    { successful: false, reason: "there are two wheels" },
  ]);
  expect(await set("frame_id", { type: 4, string_value: "map" })).toMatchObject([{ successful: false }]);
  board.restart();
  const names = ["max_speed", "frame_id"];
  expect(await board.call("/parameters/get_parameters", { names })).toMatchObject({
    values: [{ double_value: 2.5 }, { string_value: "base_link" }],
  });
});

it("lifecycle publishes while it is active", async () => {
  const board = await simulate("examples/lifecycle");
  const change = (id: number) => board.call("/lc_talker/change_state", { transition: { id, label: "" } });
  const [CONFIGURE, ACTIVATE, DEACTIVATE] = [1, 3, 4];
  expect(await change(ACTIVATE)).toEqual({ success: false });
  expect(await change(CONFIGURE)).toEqual({ success: true });
  board.advance(3000);
  expect(board).toLog(/Publishing/, { times: 0 });
  expect(await change(ACTIVATE)).toEqual({ success: true });
  board.advance(3000);
  expect(board).toLog(/Publishing: "Lifecycle HelloWorld #\d"/, { times: 3 });
  expect(await change(DEACTIVATE)).toEqual({ success: true });
  board.advance(3000);
  expect(board).toLog(/Publishing/, { times: 3 });
  expect(await board.call("/lc_talker/get_state", {})).toEqual({
    current_state: { id: 2, label: "inactive" },
  });
});

it("navigate gives up a goal for a new one", async () => {
  const board = await simulate("examples/navigate");
  const first = await board.sendGoal("/navigate_to_position", { x: 100, y: 0 });
  board.advance(1000);
  const second = await board.sendGoal("/navigate_to_position", { x: 0, y: 0 });
  expect(await first.result()).toMatchObject({ state: "canceled" });
  expect(await second.result()).toMatchObject({ state: "succeeded", result: { x: 0, y: 0 } });
});

it("led switches its pin", async () => {
  const board = await simulate("examples/led");
  expect(board.pin(2)).toMatchObject({ mode: "output", value: 0 });
  expect(await board.call("/led/set", { data: true })).toEqual({ success: true, message: "on" });
  expect(board.pin(2).value).toBe(1);
  expect(await board.call("/led/set", { data: false })).toEqual({ success: true, message: "off" });
  expect(board.pin(2).value).toBe(0);
  expect(board).toLog("LED on", { times: 1 });
});

it("thermometer publishes what its sensor says, and says so when it is silent", async () => {
  const hardware = new Hardware();
  const sensor = hardware.i2c(0).attach(0x48, new I2cRegisters({ 0: [25, 128] }));
  const board = await simulate("examples/thermometer", { hardware });
  const temperatures = board.subscribe("/temperature");
  board.advance(500);
  sensor.set(0, [0xf5, 0xe0]);
  board.advance(500);
  expect(temperatures.received).toMatchObject([{ temperature: 25.5 }, { temperature: -10.125 }]);
  expect(temperatures.received[0]).toMatchObject({
    header: { frame_id: "thermometer", stamp: { sec: 1_767_225_600, nanosec: 500_000_000 } },
  });
  hardware.i2c(0).detach(0x48);
  board.advance(500);
  expect(board).toLog("no temperature: no acknowledgement", { level: "warn", times: 1 });
  hardware.i2c(0).attach(0x48, sensor);
  board.advance(500);
  expect(temperatures.received).toHaveLength(3);
});
