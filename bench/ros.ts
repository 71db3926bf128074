/** rclpy processes that call a service, and what they report. */

import { rosEnvironment, rosVenv } from "../test/interop/ros2.js";
import { RunningProcess } from "../test/system/process.js";
import { projectFile } from "../toolchain/project.js";
import type { Context } from "./context.js";

export interface Calls {
  readonly median_ms: number;
  readonly p99_ms: number;
  readonly lost: number;
  readonly wrong: readonly unknown[];
}

export interface Ros {
  readonly python: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** @returns a Python with rclpy of ROS 2 Jazzy, or why there is none */
export async function findRos(context: Context): Promise<Ros | string> {
  try {
    const venv = await rosVenv("jazzy");
    return { python: `${venv}/bin/python`, environment: rosEnvironment(venv, context.domain) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Calls /add_two_ints from rclpy, one call after the other. @throws if a reply is lost or wrong */
export async function callFromRclpy({ python, environment }: Ros, count: number): Promise<Calls> {
  const script = projectFile("bench/nodes/add_two_ints_client.py");
  const client = new RunningProcess("rclpy", python, [script, String(count)], environment);
  // Discovery may take 30 s, by the script's own limit; no call that is measured here takes 100 ms.
  const [line] = await client.waitFor(/^\{.*/, 40_000 + 100 * count);
  await client.kill();
  const calls = JSON.parse(line) as Calls;
  if (calls.lost !== 0 || calls.wrong.length !== 0) {
    throw new Error(`rclpy: ${calls.lost} replies lost, wrong: ${JSON.stringify(calls.wrong)}`);
  }
  return calls;
}
