import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SimulatedBoard } from "../../simulation/board.js";
import type { BuildResult } from "../../toolchain/build/build.js";
import { ActionPeer, goalId } from "./action-peer.js";
import { buildTestApp, call, send } from "./run-service.js";

const SECOND = 1_000_000_000n;
const START = 1_700_000_000n * SECOND;

describe("an action server", () => {
  let app: BuildResult;
  let board: SimulatedBoard;
  const peerOf = (name: string) => new ActionPeer(board.graph, name);
  const messages = () => board.logs.map(({ message }) => message);

  beforeAll(async () => {
    app = await buildTestApp("actions", 32768);
  });

  beforeEach(() => {
    board = new SimulatedBoard({ rosTimeAtStart: START });
    board.load(app.wasm);
  });

  it("has the ends that rcl_action gives one, with their types and QoS", () => {
    const base = "/fibonacci/_action/";
    const servers = [...board.services.values()].filter(({ name }) => name.startsWith(base));
    expect(servers.map(({ name, requestType, responseType }) => [name, requestType, responseType])).toEqual([
      [
        `${base}send_goal`,
        "example_interfaces::action::dds_::Fibonacci_SendGoal_Request_",
        "example_interfaces::action::dds_::Fibonacci_SendGoal_Response_",
      ],
      [
        `${base}cancel_goal`,
        "action_msgs::srv::dds_::CancelGoal_Request_",
        "action_msgs::srv::dds_::CancelGoal_Response_",
      ],
      [
        `${base}get_result`,
        "example_interfaces::action::dds_::Fibonacci_GetResult_Request_",
        "example_interfaces::action::dds_::Fibonacci_GetResult_Response_",
      ],
    ]);
    const publishers = [...board.publishers.values()].filter(({ topic }) => topic.startsWith(base));
    expect(publishers.map(({ topic, type, qos }) => [topic, type, qos])).toEqual([
      [
        `${base}feedback`,
        "example_interfaces::action::dds_::Fibonacci_FeedbackMessage_",
        expect.objectContaining({ reliability: 1, durability: 0, history: 0, depth: 10 }),
      ],
      [
        `${base}status`,
        "action_msgs::msg::dds_::GoalStatusArray_",
        expect.objectContaining({ reliability: 1, durability: 1, history: 0, depth: 1 }),
      ],
    ]);
    // As seen on the wire (test/vectors/rtps).
    const hashes = [...servers.map(({ hashes: both }) => both), ...publishers.map(({ hash }) => hash)];
    const hex = hashes.map((octets) => Buffer.from(octets ?? []).toString("hex"));
    expect(hex.map((octets) => octets.replace(/(.{8}).{56}/g, "$1 ").trim())).toEqual([
      "3d088942 d8c07bb3",
      "3d3c8465 35e682cf",
      "c8a4f5e7 6021dc98",
      "c1de71af",
      "6c1684b0",
    ]);
  });

  it("executes several goals at once, each with its own feedback in order", async () => {
    const peer = peerOf("/fibonacci");
    for (let goal = 1; goal <= 20; goal++) {
      expect(await peer.sendGoal(goal, 3 + (goal % 4))).toBe(true);
      board.advance(3);
    }
    const results = Array.from({ length: 20 }, (_, i) => peer.getResult(i + 1));
    board.advance(1000);
    for (const [i, { status, sequence }] of (await Promise.all(results)).entries()) {
      const order = 3 + ((i + 1) % 4);
      expect({ status, sequence }).toEqual({
        status: "SUCCEEDED",
        sequence: [0, 1, 1, 2, 3, 5, 8].slice(0, order + 1),
      });
      expect(peer.feedback.filter((line) => line.startsWith(`${i + 1}:`))).toEqual(
        Array.from({ length: order - 1 }, (_, n) => `${i + 1}:${n + 3}`),
      );
    }
    expect(board.traps).toEqual([]);
  });

  it("rejects what onGoal rejects, and an ID it knows already", async () => {
    const peer = peerOf("/fibonacci");
    expect(await peer.sendGoal(1, 41)).toBe(false);
    expect(await peer.getResult(1)).toEqual({ status: "UNKNOWN", sequence: [] });
    expect(await peer.sendGoal(2, 2)).toBe(true);
    expect(await peer.sendGoal(2, 3)).toBe(false);
    board.advance(1000);
    expect((await peer.getResult(2)).sequence).toEqual([0, 1, 1]);
    expect(await peer.sendGoal(2, 3)).toBe(false);
  });

  it("answers get_result before and after the end, until the result time-out, to everyone who asks", async () => {
    const peer = peerOf("/plain");
    await peer.sendGoal(1, 2);
    const before = [peer.getResult(1), peer.getResult(1)];
    board.advance(150);
    const result = { status: "SUCCEEDED", sequence: [0, 1, 1] };
    expect(await Promise.all(before)).toEqual([result, result]);
    board.advance(1940);
    expect(await peer.getResult(1)).toEqual(result);
    board.advance(20);
    expect(await peer.getResult(1)).toEqual({ status: "UNKNOWN", sequence: [] });
    // Forgotten goals are not in the next status message.
    await peer.sendGoal(2, 2);
    expect(peer.statuses.at(-1)).toBe("2 EXECUTING");
  });

  it("forgets each result in its own time, in whatever order goals end", async () => {
    const peer = peerOf("/plain");
    await peer.sendGoal(1, 11);
    await peer.sendGoal(2, 2);
    board.advance(500);
    await peer.sendGoal(3, 2);
    board.advance(1500);
    const known = async () => {
      const results = await Promise.all([1, 2, 3].map((goal) => peer.getResult(goal)));
      return results.map(({ status }) => status).join(" ");
    };
    expect(await known()).toBe("SUCCEEDED SUCCEEDED SUCCEEDED");
    board.advance(100);
    expect(await known()).toBe("SUCCEEDED UNKNOWN SUCCEEDED");
    board.advance(500);
    expect(await known()).toBe("SUCCEEDED UNKNOWN UNKNOWN");
    board.advance(390);
    expect(await known()).toBe("SUCCEEDED UNKNOWN UNKNOWN");
    board.advance(20);
    expect(await known()).toBe("UNKNOWN UNKNOWN UNKNOWN");
  });

  it("keeps the latest states for those who subscribe later", async () => {
    const peer = peerOf("/fibonacci");
    await peer.sendGoal(1, 2);
    board.advance(1000);
    expect(peer.statuses).toEqual(["1 ACCEPTED", "1 EXECUTING", "1 SUCCEEDED"]);
    expect(peerOf("/fibonacci").statuses).toEqual(["1 SUCCEEDED"]);
  });

  it("cancels by ID, by time, both, or all, as rcl_action", async () => {
    const peer = peerOf("/fibonacci");
    for (const goal of [1, 2, 3, 4, 5]) {
      await peer.sendGoal(goal, 40);
      board.advance(500);
    }
    expect(await peer.cancel(9)).toEqual({ code: 2, goals: [] });
    expect(await peer.cancel(3)).toEqual({ code: 0, goals: [3] });
    // It is being cancelled already.
    expect(await peer.cancel(3)).toEqual({ code: 3, goals: [] });
    board.advance(200);
    expect(await peer.cancel(3)).toEqual({ code: 3, goals: [] });
    // Goal 1 was accepted at START, goal 2 half a second later.
    expect(await peer.cancel(5, START)).toEqual({ code: 0, goals: [1, 5] });
    expect(await peer.cancel(0, START + SECOND / 2n)).toEqual({ code: 0, goals: [2] });
    expect(await peer.cancel(0, START + SECOND / 2n)).toEqual({ code: 0, goals: [] });
    expect(await peer.cancel(9, START)).toEqual({ code: 0, goals: [] });
    expect(await peer.cancel(0)).toEqual({ code: 0, goals: [4] });
    board.advance(200);
    expect(await peer.cancel(0)).toEqual({ code: 0, goals: [] });
    expect(peer.statuses.at(-1)).toBe([1, 2, 3, 4, 5].map((goal) => `${goal} CANCELED`).join(", "));
    expect((await peer.getResult(3)).status).toBe("CANCELED");
  });

  it("does not cancel what onCancel rejects; without onCancel nothing", async () => {
    const peer = peerOf("/endings");
    await peer.sendGoal(7, 7);
    await peer.sendGoal(8, 8);
    const [one, all] = [peer.cancel(7), peer.cancel(0)];
    board.advance(200);
    expect(await one).toEqual({ code: 1, goals: [] });
    expect(await all).toEqual({ code: 0, goals: [8] });
    board.advance(1000);
    expect(peer.statuses.at(-1)).toBe("7 SUCCEEDED, 8 CANCELED");
    const plain = peerOf("/plain");
    await plain.sendGoal(1, 3);
    expect(await plain.cancel(1)).toEqual({ code: 1, goals: [] });
  });

  it("does not cancel a goal that ends while onCancel is asked", async () => {
    const peer = peerOf("/endings");
    await peer.sendGoal(6, 6);
    board.advance(80);
    const cancel = peer.cancel(6);
    board.advance(50);
    expect(await cancel).toEqual({ code: 1, goals: [] });
    expect((await peer.getResult(6)).status).toBe("SUCCEEDED");
  });

  it("ends goals as execute says; without a word as aborted", async () => {
    const peer = peerOf("/endings");
    for (const goal of [1, 2, 3, 4]) await peer.sendGoal(goal, goal);
    expect(await peer.getResult(1)).toEqual({ status: "ABORTED", sequence: [1] });
    expect(await peer.getResult(2)).toEqual({ status: "ABORTED", sequence: [2] });
    expect(messages()).toContainEqual(
      expect.stringMatching(/^Goal state not set, assuming aborted. Goal ID: 02a1a2/),
    );
    // Nobody asked to cancel it.
    expect(await peer.getResult(3)).toEqual({ status: "ABORTED", sequence: [3] });
    expect(messages()).toContainEqual(
      expect.stringMatching(/^Goal 03a1.* cannot go from status 2 to 5; see action_msgs\/GoalStatus$/),
    );
    // The first word counts; the result is what it is when execute returns.
    const result = peer.getResult(4);
    expect(peer.statuses.at(-1)).toMatch(/4 SUCCEEDED$/);
    board.advance(100);
    expect(await result).toEqual({ status: "SUCCEEDED", sequence: [4, 44] });
    expect(peer.feedback).toEqual([]);
  });

  it("aborts its goals when the app traps, and goes on", async () => {
    const [peer, other] = [peerOf("/endings"), peerOf("/fibonacci")];
    await peer.sendGoal(5, 5);
    await other.sendGoal(1, 30);
    const results = [peer.getResult(5), other.getResult(1)];
    board.advance(150);
    for (const result of results) expect(await result).toEqual({ status: "ABORTED", sequence: [] });
    expect(board.traps).toEqual([expect.stringMatching(/^the gripper is stuck/)]);
    expect(messages()).toContainEqual(
      expect.stringMatching(/^\/endings\/_action\/get_result: the gripper is stuck/),
    );
    // The states of goals that are gone are taken back.
    expect(other.statuses.at(-1)).toBe("");
    expect((await other.getResult(1)).status).toBe("UNKNOWN");
    expect(await other.cancel(1)).toEqual({ code: 2, goals: [] });
    await other.sendGoal(2, 2);
    board.advance(200);
    expect((await other.getResult(2)).status).toBe("SUCCEEDED");
  });

  it("lets deferred goals be executed later, and cancelled before", async () => {
    const peer = peerOf("/deferred");
    const goals = [0, 1, 2, 3].map((goal) => peer.sendGoal(goal + 1, goal));
    board.advance(50);
    expect(await Promise.all(goals)).toEqual([false, true, true, true]);
    expect(peer.statuses.at(-1)).toBe("2 ACCEPTED, 3 ACCEPTED, 4 ACCEPTED");
    const results = [2, 3, 4].map((goal) => peer.getResult(goal));
    await call(board, "/deferred_goal", "again");
    board.advance(500);
    expect(peer.statuses.at(-1)).toBe("2 SUCCEEDED, 3 ACCEPTED, 4 ACCEPTED");
    // Nobody asked to cancel it: refused; it stays as it was and can't be ended any more but by a cancellation.
    expect(await peer.cancel(3)).toEqual({ code: 0, goals: [3] });
    expect((await call(board, "/deferred_goal", "cancel")).success).toBe(true);
    expect(await results[1]).toEqual({ status: "CANCELED", sequence: [] });
    // Executed after its cancellation: the callback sees it, as in rclpy.
    expect(await peer.cancel(4)).toEqual({ code: 0, goals: [4] });
    await call(board, "/deferred_goal", "execute");
    board.advance(100);
    expect(peer.statuses.at(-1)).toBe("2 SUCCEEDED, 3 CANCELED, 4 CANCELED");
    expect((await Promise.all(results)).map(({ status }) => status)).toEqual([
      "SUCCEEDED",
      "CANCELED",
      "CANCELED",
    ]);
    expect(peer.statuses).not.toContainEqual(expect.stringMatching(/4 EXECUTING/));
  });

  describe("with the policy", () => {
    it("Queue executes one after the other, and cancels at once what waits", async () => {
      const peer = peerOf("/queue");
      for (const goal of [1, 2, 3]) expect(await peer.sendGoal(goal, 3)).toBe(true);
      expect(peer.statuses.at(-1)).toBe("1 EXECUTING, 2 ACCEPTED, 3 ACCEPTED");
      const second = peer.getResult(2);
      expect(await peer.cancel(2)).toEqual({ code: 0, goals: [2] });
      expect(await second).toEqual({ status: "CANCELED", sequence: [] });
      expect(peer.statuses.at(-1)).toBe("1 EXECUTING, 2 CANCELED, 3 ACCEPTED");
      board.advance(250);
      expect(peer.statuses.at(-1)).toBe("1 SUCCEEDED, 2 CANCELED, 3 EXECUTING");
      board.advance(200);
      expect(peer.statuses.at(-1)).toBe("1 SUCCEEDED, 2 CANCELED, 3 SUCCEEDED");
      expect(peer.feedback).toEqual(["1:3", "1:4", "3:3", "3:4"]);
      await peer.sendGoal(4, 2);
      expect(peer.statuses.at(-1)).toMatch(/4 EXECUTING$/);
    });

    it("Reject takes one at a time", async () => {
      const peer = peerOf("/reject");
      expect(await peer.sendGoal(1, 3)).toBe(true);
      expect(await peer.sendGoal(2, 3)).toBe(false);
      board.advance(250);
      expect(await peer.sendGoal(3, 3)).toBe(true);
      expect(peer.statuses.at(-1)).toBe("1 SUCCEEDED, 3 EXECUTING");
    });

    it("Preempt cancels what was there, and begins when it has ended", async () => {
      const peer = peerOf("/preempt");
      await peer.sendGoal(1, 30);
      board.advance(250);
      await peer.sendGoal(2, 30);
      expect(peer.statuses.at(-1)).toBe("1 CANCELING, 2 ACCEPTED");
      // A third comes before the second has begun.
      await peer.sendGoal(3, 3);
      expect(peer.statuses.at(-1)).toBe("1 CANCELING, 2 CANCELED, 3 ACCEPTED");
      board.advance(50);
      expect(peer.statuses.at(-1)).toBe("1 CANCELED, 2 CANCELED, 3 EXECUTING");
      board.advance(200);
      expect(peer.statuses.at(-1)).toBe("1 CANCELED, 2 CANCELED, 3 SUCCEEDED");
      expect((await peer.getResult(1)).sequence).toEqual([0, 1, 1, 2, 3]);
    });
  });

  it("says the latest states, once, when the outgoing queue was full", async () => {
    const peer = peerOf("/fibonacci");
    await peer.sendGoal(1, 2);
    board.firmware.busy = true;
    board.advance(300);
    const late = send(board, "/free", "");
    board.advance(300);
    board.firmware.busy = false;
    board.advance(10);
    await late;
    expect(peer.statuses).toEqual(["1 ACCEPTED", "1 EXECUTING", "1 SUCCEEDED"]);
    expect(peer.feedback).toEqual(["1:3"]);
  });

  it("answers requests that do not decode, however they are cut", async () => {
    const peer = peerOf("/fibonacci");
    const whole = Uint8Array.from([...goalId(1), 3, 0, 0, 0]);
    for (let length = 0; length < whole.length; length++) {
      const replies = (["send_goal", "get_result", "cancel_goal"] as const).map((service) =>
        peer.call(
          service,
          service === "send_goal" ? whole.subarray(0, length) : whole.subarray(0, length % 16),
        ),
      );
      board.settle();
      const [sent, result, cancelled] = await Promise.all(replies);
      expect({ length, sent: sent?.[0], result: result?.[0], cancelled: cancelled?.[0] }).toEqual({
        length,
        sent: 0,
        result: 0,
        cancelled: 1,
      });
    }
    expect(board.traps).toEqual([]);
    expect(peer.statuses).toEqual([]);
  });
});
