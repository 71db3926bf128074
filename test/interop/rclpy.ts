import { projectFile } from "../../toolchain/project.js";
import type { BoardKind } from "../system/boards.js";
import { RunningProcess } from "../system/process.js";
import { DISTROS, type Distro, rosEnvironment, rosVenv } from "./ros2.js";

/**
 * Each board with rclpy, for `describe.each(...)("$target, $engine, rclpy of $distro", ({ distro, ...kind }) => ...)`: the
 * first one with every distribution, the others with one, as it is not ROS 2 that they differ in.
 */
export const withRclpy = (boards: readonly BoardKind[]): readonly (BoardKind & { distro: Distro })[] =>
  boards.flatMap((kind, index) =>
    DISTROS.slice(0, index === 0 ? undefined : 1).map((distro) => ({ ...kind, distro })),
  );

/** Runs a Python script of nodes/ with rclpy of a distribution, in a DDS domain, as a process that `endAll` ends. */
export async function startRclpy(
  distro: Distro,
  domain: number,
  script: string,
  ...args: string[]
): Promise<RunningProcess> {
  const venv = await rosVenv(distro);
  return new RunningProcess(
    `${script} ${distro}`,
    `${venv}/bin/python`,
    [projectFile("test/interop/nodes", script), ...args],
    rosEnvironment(venv, domain),
  );
}
