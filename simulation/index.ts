/**
 * `rosehip/sim`: apps in simulated boards, with a virtual clock, for tests. `rosehip/sim/vitest` adds matchers.
 *
 * @example
 *   const board = await simulate("examples/fibonacci");
 *   const goal = await board.sendGoal("/fibonacci", { order: 5 });
 *   for await (const { sequence } of goal.feedback) console.log(sequence);
 *   console.log(await goal.result());
 */
export type { LogLine } from "./firmware.js";
export { Hardware } from "./hardware/hardware.js";
export { type I2cBus, type I2cDevice, I2cRegisters } from "./hardware/i2c.js";
export type { Level, Pin, PinMode, Pwm } from "./hardware/pin.js";
export type { SpiBus, SpiDevice, SpiSettings } from "./hardware/spi.js";
export type { LinkOptions } from "./link.js";
export { formatLog, type LogLevel } from "./log.js";
export type { CancelAnswer, Goal, GoalResult, GoalState } from "./peer/action.js";
export type { CallOptions, TopicOptions } from "./peer/peer.js";
export type { Subscription } from "./peer/topic.js";
export { type AppOptions, Board, Simulation, type SimulationOptions, simulate } from "./simulation.js";
