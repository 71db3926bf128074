/** An app on the board calls a service of rclpy that comes later, is slow, goes and comes back. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONSOLE_BOARDS } from "../system/boards.js";
import { endAll, type RunningProcess } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { startRclpy, withRclpy } from "./rclpy.js";

const GONE = "/add_two_ints: timed out: no server is known";

describe.each(withRclpy(CONSOLE_BOARDS))("$target, $engine, and rclpy of $distro", ({ distro, ...kind }) => {
  let rig: Rig;
  let board: RunningProcess;
  let server: RunningProcess;
  const startServer = () => startRclpy(distro, rig.domain, "add_two_ints_server.py");

  beforeAll(async () => {
    rig = await Rig.build("test/interop/apps/service_client", kind);
    board = rig.startBoard();
    rig.connectDirectly();
    rig.startAgent();
    await board.waitFor(/waiting: for the server/, 20_000);
    server = await startServer();
  });
  afterAll(async () => {
    await endAll();
    rig?.remove();
  });

  const itSees = (scenario: string, seen: string) =>
    it(scenario, async () => {
      const line = new RegExp(`\\[service_client\\]: ${scenario}: (.*)$`);
      expect((await board.waitFor(line, 30_000))[1]).toBe(seen);
    });

  itSees("no server", GONE);
  itSees("no server, asynchronously", GONE);
  itSees("calls", "200 of 200");
  itSees("one more", "150");
  itSees("at once", "all");
  itSees("other task", "42");
  itSees("slow", "/add_two_ints: timed out: no response");
  itSees("after it", "607");
  itSees("end", "of the scenarios");

  it("the server goes", async () => {
    await server.kill("SIGINT");
    await board.waitFor(/gone: yes/, 30_000);
  });

  it("the server comes back", async () => {
    await startServer();
    expect((await board.waitFor(/back: (.*)$/, 30_000))[1]).toBe("7");
  });
});
