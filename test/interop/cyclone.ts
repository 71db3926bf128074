import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, projectFile } from "../../toolchain/project.js";

const source = projectFile("test/interop/cyclone");

/**
 * A Python venv with Eclipse Cyclone DDS, made on first use and kept under .cache/cyclone: what rmw_cyclonedds puts on the wire,
 * without ROS 2.
 * @returns the venv's folder; its interpreter is `bin/python`
 * @throws Error with what is missing: an interpreter, or the wheel
 */
export async function cycloneVenv(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of ["setup.sh", "requirements.txt"]) hash.update(readFileSync(join(source, file)));
  const venv = join(cacheFolder("cyclone"), hash.digest("hex").slice(0, 12));
  if (existsSync(join(venv, ".complete"))) return venv;
  try {
    await promisify(execFile)(join(source, "setup.sh"), [venv], { maxBuffer: 1 << 24 });
  } catch (error) {
    const output = (error as { stderr?: string }).stderr ?? "";
    throw new Error(`No Cyclone DDS to test against: ${output.trim().slice(-2000) || String(error)}`);
  }
  return venv;
}

/** As ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST: no multicast, participants of this host only. */
const CONFIGURATION = `<CycloneDDS><Domain Id="any">
  <General><Interfaces><NetworkInterface name="lo" multicast="false"/></Interfaces><AllowMulticast>false</AllowMulticast></General>
  <Discovery><ParticipantIndex>auto</ParticipantIndex><MaxAutoParticipantIndex>32</MaxAutoParticipantIndex>
    <Peers><Peer address="localhost"/></Peers></Discovery>
</Domain></CycloneDDS>`;

export function cycloneEnvironment(domainId: number): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    CYCLONEDDS_URI: CONFIGURATION,
    ROS_DOMAIN_ID: String(domainId),
    PYTHONUNBUFFERED: "1",
  };
  for (const name of ["LD_LIBRARY_PATH", "PYTHONPATH"]) delete environment[name];
  return environment;
}
