import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { SimulatedBoard } from "../../simulation/board.js";
import type { BuildResult } from "../../toolchain/build/build.js";
import { projectFile } from "../../toolchain/project.js";
import { ActionPeer } from "./action-peer.js";
import { buildTestApp } from "./run-service.js";

/** Payloads on one topic of a capture, in order, without their encapsulation header. */
function captured(distro: string, topic: string): string[] {
  const text = readFileSync(projectFile(`test/vectors/rtps/${distro}_act_udp_subnet.decoded.txt`), "utf8");
  const blocks = text.split(/^#/m).filter((block) => block.includes(` DATA ${topic} `));
  return blocks.flatMap((block) => /payload 0001000[0-3]([0-9a-f]*)$/m.exec(block)?.[1] ?? []);
}

const hex = (octets: Uint8Array) => Buffer.from(octets).toString("hex");
/** Fast DDS fills up to a multiple of four octets. */
const padded = (octets: Uint8Array) => hex(octets).padEnd(Math.ceil(octets.length / 4) * 8, "0");
const stampOf = (payload: string, at: number) => {
  const view = new DataView(Uint8Array.from(Buffer.from(payload, "hex")).buffer);
  return BigInt(view.getInt32(at, true)) * 1_000_000_000n + BigInt(view.getUint32(at + 4, true));
};

/**
 * test/vectors/rtps: an rclpy action client calls an rclpy action server of Fibonacci: a goal of order 8 until its end, one of
 * order 30 that is cancelled after three feedbacks, one of order 41 that is rejected. Here the app gets the same
 * requests at the same ROS times, and has to say what the rclpy server said.
 */
describe.each(["jazzy", "kilted"])("an action server answers as rclpy's of %s", (distro) => {
  let app: BuildResult;

  beforeAll(async () => {
    app = await buildTestApp("actions", 32768);
  });

  it("octet by octet", async () => {
    const topic = (name: string) => captured(distro, name);
    const requests = (name: string) => topic(`rq/fibonacci/_action/${name}Request`);
    const statuses = topic("rt/fibonacci/_action/status");
    const stamps = [stampOf(statuses[0] ?? "", 20), stampOf(statuses[3] ?? "", 48)] as const;
    const board = new SimulatedBoard({ rosTimeAtStart: stamps[0] });
    board.load(app.wasm);
    const peer = new ActionPeer(board.graph, "/fibonacci");
    const replies: Record<string, string[]> = { send_goal: [], get_result: [], cancel_goal: [] };
    const send = (name: "send_goal" | "get_result" | "cancel_goal", index: number) => {
      const request = Uint8Array.from(Buffer.from(requests(name)[index] ?? "", "hex"));
      void peer.call(name, request).then((reply) => replies[name]?.push(padded(reply)));
      board.settle();
    };
    send("send_goal", 0);
    send("get_result", 0);
    board.graph.advanceTo(stamps[1] - stamps[0]);
    send("send_goal", 1);
    send("get_result", 1);
    board.advance(202);
    send("cancel_goal", 0);
    board.advance(200);
    send("send_goal", 2);
    await new Promise(setImmediate);

    const heard = (name: string) =>
      peer.heard.filter((sample) => sample.topic === name).map(({ payload }) => padded(payload));
    expect(heard("status")).toEqual(statuses);
    expect(heard("feedback")).toEqual(topic("rt/fibonacci/_action/feedback"));
    for (const name of ["get_result", "cancel_goal"]) {
      expect(replies[name]).toEqual(topic(`rr/fibonacci/_action/${name}Reply`));
    }
    // The stamp in rclpy's reply is a little earlier than the one rcl gives the goal; here it is the goal's.
    const accepted = (reply: string) => reply.slice(0, 8);
    expect(replies["send_goal"]?.map(accepted)).toEqual(
      topic("rr/fibonacci/_action/send_goalReply").map(accepted),
    );
    expect(replies["send_goal"]?.map((reply) => stampOf(reply, 4))).toEqual([...stamps, 0n]);
    expect(board.traps).toEqual([]);
  });
});
