import { projectFile } from "../../toolchain/project.js";
import type { BoardKind } from "../system/boards.js";
import { RunningProcess } from "../system/process.js";
import { freshDomain } from "../worker.js";
import { DISTROS, type Distro, rosEnvironment, rosVenv } from "./ros2.js";

/**
 * Each board with rclpy, for `describe.each(...)("$target, $engine, rclpy of $distro", ({ distro, ...kind }) => ...)`: the
 * first one with every distribution, the others with one, as it is not ROS 2 that they differ in.
 */
export const withRclpy = (boards: readonly BoardKind[]): readonly (BoardKind & { distro: Distro })[] =>
  boards.flatMap((kind, index) =>
    DISTROS.slice(0, index === 0 ? undefined : 1).map((distro) => ({ ...kind, distro })),
  );

/**
 * What an rclpy node answers that a board is compared with: `ask` is called once for each distribution, while `script` runs in
 * `domain`; it says "ready".
 */
export function askedOnce<Report>(
  script: string,
  ask: (distro: Distro, domain: number) => Promise<Report>,
): (distro: Distro) => Promise<Report> {
  const reports = new Map<Distro, Report>();
  return async (distro) => {
    const known = reports.get(distro);
    if (known !== undefined) return known;
    const domain = freshDomain();
    const twin = await startRclpy(distro, domain, script);
    await twin.waitFor(/^ready$/, 30_000);
    const report = await ask(distro, domain);
    reports.set(distro, report);
    return report;
  };
}

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
