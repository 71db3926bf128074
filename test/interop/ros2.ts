import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, projectFile } from "../../toolchain/project.js";

export const DISTROS = ["jazzy", "kilted"] as const;
export type Distro = (typeof DISTROS)[number];

const source = projectFile("test/interop/ros2");
const cache = cacheFolder("ros2");

/**
 * A Python venv with rclpy of a ROS 2 distribution and the common interfaces, made on first use (some 20 s and
 * 250 MB) and kept under .cache/ros2. Workers that ask at the same time wait for the one that makes it.
 * `ROSEHIP_ROS2_JAZZY` or `ROSEHIP_ROS2_KILTED` names a ready one to use instead.
 * @returns the venv's folder; its interpreter is `bin/python`, its interface definitions are in `share`
 * @throws Error with what is missing: an interpreter, a compiler, or a wheel
 */
export async function rosVenv(distro: Distro): Promise<string> {
  const variable = `ROSEHIP_ROS2_${distro.toUpperCase()}`;
  const given = process.env[variable];
  if (given !== undefined && given !== "") {
    if (!existsSync(join(given, "bin", "python"))) {
      throw new Error(
        `${variable} is ${given}, which has no bin/python: unset it, or name a venv of setup.sh`,
      );
    }
    return given;
  }
  const venv = join(cache, `${distro}-${sourceHash(distro)}`);
  if (existsSync(join(venv, ".complete"))) return venv;
  try {
    await promisify(execFile)(join(source, "setup.sh"), [venv, distro], { maxBuffer: 1 << 24 });
  } catch (error) {
    const output = (error as { stderr?: string }).stderr ?? "";
    throw new Error(`No ROS 2 ${distro} to test against: ${output.trim().slice(-2000) || String(error)}`);
  }
  return venv;
}

/** Changes when anything does that the venv is made from. */
function sourceHash(distro: Distro): string {
  const hash = createHash("sha256");
  const files = ["setup.sh", "gen_interfaces.py", `${distro}.requirements.txt`].map((name) =>
    join(source, name),
  );
  files.push(...definitions(join(source, "interfaces")));
  const examples = projectFile("examples");
  for (const example of readdirSync(examples).sort()) {
    files.push(...definitions(join(examples, example, "interfaces")));
  }
  for (const file of files) {
    hash.update(relative(source, file)).update("\0").update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 12);
}

/** Interface definitions below a folder that may not exist. */
function definitions(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(msg|srv|action)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * The environment of a child process that runs that venv's Python.
 * @param domainId ROS_DOMAIN_ID; discovery stays on this host
 */
export function rosEnvironment(venv: string, domainId: number): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    ROS_DOMAIN_ID: String(domainId),
    ROS_AUTOMATIC_DISCOVERY_RANGE: "LOCALHOST",
    ROS_LOG_DIR: join(venv, "log"),
    PYTHONUNBUFFERED: "1",
  };
  // Left over from another distribution's shell, the first four make the loader mix libraries of both.
  const inherited = ["LD_LIBRARY_PATH", "_ROS_WHEELS_BOOTSTRAP_COMPLETE", "AMENT_PREFIX_PATH", "PYTHONPATH"];
  for (const name of [...inherited, "RMW_IMPLEMENTATION"]) delete environment[name];
  return environment;
}
