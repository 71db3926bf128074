/// <reference path="./globals.d.ts" />
/** What an app imports from "rosehip/assembly". */
export { ActionClient } from "./action/client";
export { ClientGoalHandle } from "./action/client-goal-handle";
export { GoalHandle } from "./action/goal-handle";
export { CancelCode, CancelGoalResponse, GoalStatus } from "./action/messages";
export { ActionOptions, CancelResponse, GoalPolicy, GoalResponse } from "./action/options";
export { ActionServer } from "./action/server";
export { AnalogInput } from "./hardware/adc";
export { TransferError, transferErrorText } from "./hardware/errors";
export { DigitalInput, DigitalOutput, Edge, Pull } from "./hardware/gpio";
export { I2C } from "./hardware/i2c";
export { PwmOutput } from "./hardware/pwm";
export { SPI, SpiDevice } from "./hardware/spi";
export { ActionType, Message, MessageType, ServiceType } from "./interface";
export { LifecycleNode } from "./lifecycle/node";
export { LifecyclePublisher } from "./lifecycle/publisher";
export { LifecycleState, State, Transition, TransitionCallbackReturn } from "./lifecycle/states";
export { Once, SkipFirst, Throttle } from "./log/filter";
export { LoggingSeverity } from "./log/level";
export { Logger } from "./log/logger";
export { Node } from "./node/node";
export { ParameterOptions } from "./parameter/options";
export { Parameter } from "./parameter/parameter";
export { FloatingPointRange, IntegerRange } from "./parameter/range";
export { ParameterType } from "./parameter/type";
export { Client } from "./service/client";
export { Service } from "./service/service";
export { createTask } from "./task/create-task";
export { FOREVER } from "./task/deadline";
export { sleep } from "./task/sleep";
export { Timer } from "./timer/timer";
export { Publisher } from "./topic/publisher";
export { Durability, History, Liveliness, QoS, Reliability } from "./topic/qos";
export { Subscription } from "./topic/subscription";

// asc does not know `export * as`. Last, so that the order in which an app's modules begin is not another one.
import * as storage from "./storage";

export { storage };
