import { simulate } from "rosehip/sim";
import { expect, it } from "vitest";
import "rosehip/sim/vitest";

it("adds two integers", async () => {
  const board = await simulate("examples/add_two_ints");
  expect(await board.call("/add_two_ints", { a: 2n, b: 3n })).toEqual({ sum: 5n });
  expect(board).toLog("Incoming request: a=2, b=3");
});
