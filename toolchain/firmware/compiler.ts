import { RosehipError } from "../../host-agent/src/errors.js";
import { run } from "./process.js";

export interface Compiler {
  readonly command: string;
  /** First line of `--version`: part of what decides whether an object file is still good. */
  readonly version: string;
}

/**
 * The C compiler to use: the one asked for, else $CC, else the first of cc, gcc and clang that is there.
 * @throws BUILD_NO_COMPILER
 */
export async function findCompiler(
  wanted: string | undefined = process.env["CC"],
  remedy = installCommand(process.platform),
): Promise<Compiler> {
  const candidates = wanted === undefined || wanted === "" ? ["cc", "gcc", "clang"] : [wanted];
  for (const command of candidates) {
    const output = await run(command, ["--version"]);
    if (output?.status === 0) return { command, version: output.stdout.split("\n")[0] ?? "" };
  }
  throw new RosehipError("BUILD_NO_COMPILER", `No C compiler: tried ${candidates.join(", ")}.`, {
    remedy,
  });
}

function installCommand(platform: NodeJS.Platform): string {
  if (platform === "darwin") return "Run `xcode-select --install`.";
  if (platform === "win32") return "Use WSL and run `sudo apt-get install gcc libc6-dev` in it.";
  return "Run `sudo apt-get install gcc libc6-dev` (Fedora: `sudo dnf install gcc`), or set CC.";
}
