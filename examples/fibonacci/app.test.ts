import { type Board, simulate } from "rosehip/sim";
import { expect, it } from "vitest";
import "rosehip/sim/vitest";

async function cancelFibonacci(): Promise<Board> {
  const board = await simulate("examples/fibonacci");
  const goal = await board.sendGoal("/fibonacci", { order: 20 });
  for await (const { sequence } of goal.feedback) {
    if ((sequence as number[]).length === 5) expect(await goal.cancel()).toBe("accepted");
  }
  expect(await goal.result()).toEqual({ state: "canceled", result: { sequence: [0, 1, 1, 2, 3] } });
  expect(board).toLog("Goal canceled", { level: "info", times: 1 });
  return board;
}

it("cancels Fibonacci, twice with identical logs", async () => {
  expect((await cancelFibonacci()).logs).toEqual((await cancelFibonacci()).logs);
});
