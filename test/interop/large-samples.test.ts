/** Requests and responses larger than a board takes: whoever waits for an answer is told, and the next call works. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONSOLE_BOARDS } from "../system/boards.js";
import { endAll, type RunningProcess } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { startRclpy, withRclpy } from "./rclpy.js";

const REASON = "the request is larger than the 16384 octets this board takes (sample_limit_bytes)";
/** A string of 39,999 characters in CDR: its length, itself and a NUL; a bool before it, padded, in the response. */
const REQUEST_OCTETS = 4 + 40_000;
const RESPONSE_OCTETS = 4 + REQUEST_OCTETS;

describe.each(withRclpy(CONSOLE_BOARDS))("$target, $engine, and rclpy of $distro", ({ distro, ...kind }) => {
  let rig: Rig;
  let board: RunningProcess;
  let agent: RunningProcess;
  let peer: RunningProcess;

  beforeAll(async () => {
    rig = await Rig.build("test/interop/apps/large_samples", {
      ...kind,
      sanitize: kind.target === "native",
    });
    board = rig.startBoard();
    rig.connectDirectly();
    agent = rig.startAgent();
    peer = await startRclpy(distro, rig.domain, "large_samples.py");
  });
  afterAll(async () => {
    await endAll();
    rig?.remove();
  });

  it("a request is answered with the reason, once, and those behind it as ever", async () => {
    const [line] = await peer.waitFor(/^\[.*\]$/, 60_000);
    const refused = [false, REASON];
    const answers = [refused, [true, "3 characters"], refused, refused, [true, "6 characters"]];
    expect(JSON.parse(line)).toEqual(answers);
    await expect
      .poll(() => agent.lines.filter((line) => line.includes(`/measure: ${REASON}`)).length)
      .toBe(3);
    await agent.waitFor(
      new RegExp(`sample_limit_bytes.*: ${REQUEST_OCTETS} octets for the service /measure`),
    );
  });

  it.each(["large", "large, asynchronously"])(
    "a response ends its call with the reason: %s",
    async (scenario) => {
      const line = new RegExp(`\\[large_samples\\]: ${scenario}: (.*)$`);
      expect((await board.waitFor(line, 60_000))[1]).toBe(
        "/remote: the response is larger than this board takes (sample_limit_bytes)",
      );
      await agent.waitFor(
        new RegExp(`sample_limit_bytes.*: ${RESPONSE_OCTETS} octets for the client /remote`),
      );
    },
  );

  it("the call beside it gets its response", async () => {
    expect((await board.waitFor(/\[large_samples\]: small: (.*)$/, 60_000))[1]).toBe("small");
  });
});
