import { RosehipError } from "../../host-agent/src/errors.js";
import { actionNames } from "../../host-agent/src/ros2/names.js";
import type { MessageValue } from "../../toolchain/interface/codec.js";
import type { Graph, ReaderEnd } from "../graph.js";
import { DEFAULT_QOS } from "../qos-matching.js";
import type { Wait, Waiting } from "../waiting.js";
import { DEFAULT_TIMEOUT_MS } from "../waiting.js";
import type { Interfaces } from "./interfaces.js";
import { rosType } from "./interfaces.js";
import type { ServiceClients, ServicesView } from "./service.js";
import { Stream } from "./stream.js";

/** States of a goal (action_msgs/msg/GoalStatus), by their number. */
const STATES = ["unknown", "accepted", "executing", "canceling", "succeeded", "canceled", "aborted"] as const;
export type GoalState = (typeof STATES)[number];
const FIRST_TERMINAL_STATE = 4;

/** Answers to a cancel request (action_msgs/srv/CancelGoal), by their number. */
const CANCEL_CODES = ["accepted", "rejected", "unknown goal", "goal terminated"] as const;
export type CancelAnswer = (typeof CANCEL_CODES)[number];

export interface GoalResult {
  readonly state: GoalState;
  readonly result: MessageValue;
}

/** What a goal needs of its action. */
interface ActionCalls {
  readonly waiting: Waiting;
  getResult(wait: Wait, goal: Uint8Array): Promise<MessageValue>;
  cancel(wait: Wait, goal: Uint8Array): Promise<MessageValue>;
}

/** A goal that was sent to an action server. */
export class Goal {
  /** Whether the server took it. Without that there is no feedback, and no result. */
  accepted = false;
  /** As the server's status topic told it last. */
  state: GoalState = "unknown";
  /** What the server tells on its way, in order; ends when the goal has ended. */
  readonly feedback: Stream<MessageValue>;

  constructor(
    private readonly action: ActionCalls,
    /** 16 octets of the goal's UUID. */
    readonly id: Uint8Array,
  ) {
    this.feedback = new Stream(action.waiting, (idle) => {
      const what = idle ? "will ever come: nothing more happens on any board" : "has come within an hour";
      return new RosehipError("SIM_NO_MESSAGE", `no feedback ${what}`);
    });
  }

  /** How the goal ended, and with what. @throws SIM_GOAL_REJECTED */
  result(): Promise<GoalResult> {
    return this.ask(async (wait) => {
      const { status, result } = await this.action.getResult(wait, this.id);
      return { state: STATES[Number(status)] ?? "unknown", result: result as MessageValue };
    });
  }

  /** Asks the server to cancel the goal. @returns its answer @throws SIM_GOAL_REJECTED */
  cancel(): Promise<CancelAnswer> {
    return this.ask(async (wait) => {
      const response = await this.action.cancel(wait, this.id);
      return CANCEL_CODES[Number(response["return_code"])] ?? "rejected";
    });
  }

  private ask<T>(body: (wait: Wait) => Promise<T>): Promise<T> {
    if (this.accepted) return this.action.waiting.start(body);
    return Promise.reject(
      new RosehipError("SIM_GOAL_REJECTED", "the server rejected the goal", {
        remedy: "Look at `accepted` of the goal first.",
      }),
    );
  }
}

/** An action client of the test. It stays on the graph, so that the server sees it come once. */
export class ActionClient {
  private readonly names;
  private readonly goals = new Map<string, Goal>();

  constructor(
    graph: Graph,
    readonly waiting: Waiting,
    private readonly services: ServiceClients,
    interfaces: Interfaces,
    name: string,
    private readonly type: string,
  ) {
    this.names = actionNames(name);
    const feedback = interfaces.type(`${type}_FeedbackMessage`);
    const status = interfaces.type("action_msgs/msg/GoalStatusArray");
    const reader = (topic: string, { dds, codec }: typeof status, durability: number): ReaderEnd => ({
      topic,
      type: dds,
      qos: { ...DEFAULT_QOS, durability },
      take: (payload, bigEndian) => this.onMessage(codec.decode(payload, !bigEndian)),
    });
    graph.addReader(reader(this.names.feedback, feedback, 0));
    graph.addReader(reader(this.names.status, status, 1));
  }

  async sendGoal(wait: Wait, id: Uint8Array, value: unknown, timeoutMs: number): Promise<Goal> {
    const goal = new Goal(this, id);
    this.goals.set(keyOf(id), goal);
    const type = `${this.type}_SendGoal`;
    const request = { goal_id: { uuid: [...id] }, goal: value ?? {} };
    const response = await this.services.call(wait, this.names.sendGoal, type, request, timeoutMs);
    goal.accepted = response["accepted"] === true;
    if (!goal.accepted) this.goals.delete(keyOf(id));
    return goal;
  }

  getResult(wait: Wait, id: Uint8Array): Promise<MessageValue> {
    const request = { goal_id: { uuid: [...id] } };
    const type = `${this.type}_GetResult`;
    return this.services.call(wait, this.names.getResult, type, request, DEFAULT_TIMEOUT_MS);
  }

  cancel(wait: Wait, id: Uint8Array): Promise<MessageValue> {
    const request = { goal_info: { goal_id: { uuid: [...id] } } };
    return this.services.call(
      wait,
      this.names.cancelGoal,
      "action_msgs/srv/CancelGoal",
      request,
      DEFAULT_TIMEOUT_MS,
    );
  }

  /** Feedback, or the status of all goals. */
  private onMessage(message: MessageValue): void {
    const { goal_id: id, feedback, status_list: list } = message;
    if (id !== undefined) this.goalOf(id)?.feedback.push(feedback as MessageValue);
    for (const entry of (list ?? []) as MessageValue[]) {
      const { goal_info: info, status } = entry;
      const goal = this.goalOf((info as MessageValue)["goal_id"]);
      if (goal === undefined) continue;
      goal.state = STATES[Number(status)] ?? "unknown";
      if (Number(status) < FIRST_TERMINAL_STATE) continue;
      goal.feedback.end();
      this.goals.delete(keyOf(goal.id));
    }
  }

  private goalOf(id: unknown): Goal | undefined {
    return this.goals.get(keyOf((id as { uuid: readonly number[] }).uuid));
  }
}

/** The type of an action by the send_goal services of its servers; undefined if there is none. */
export function actionType(name: string, view: ServicesView): string | undefined {
  const { sendGoal } = actionNames(name);
  const server = view.services().find((service) => service.name === sendGoal);
  return server === undefined ? undefined : rosType(server.requestType, "_SendGoal_Request");
}

/** @returns what to tell of an action that nobody serves */
export function noAction(name: string, view: ServicesView): RosehipError {
  const suffix = "/_action/send_goal";
  const servers = view.services().filter((service) => service.name.endsWith(suffix));
  const names = servers.map((service) => service.name.slice(0, -suffix.length));
  return new RosehipError("SIM_NO_ACTION", `no board has an action ${name}`, {
    remedy: `There are: ${names.join(", ") || "none"}.`,
  });
}

const keyOf = (id: Iterable<number>): string => Buffer.from([...id]).toString("hex");
