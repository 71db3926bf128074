import { projectFile } from "../../toolchain/project.js";
import { RunningProcess } from "../system/process.js";
import { type Distro, rosEnvironment, rosVenv } from "./ros2.js";

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
