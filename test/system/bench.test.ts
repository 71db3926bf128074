import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { projectFile, projectRoot } from "../../toolchain/project.js";
import { freshDomain } from "../worker.js";

interface Row {
  readonly what: string;
  readonly outcome: "measured" | "not measured" | "failed";
  readonly why?: string;
  readonly measured?: Readonly<Record<"median" | "min" | "max", number>>;
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runBench(...args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [projectFile("dist/bench/main.js"), ...args], {
      cwd: projectRoot,
      env: { ...process.env, ROS_DOMAIN_ID: String(freshDomain()) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

// How good the numbers are is not a test's business: it depends on what else the machine does.
describe("npm run bench -- --quick", () => {
  it("measures everything that this machine permits", { timeout: 400_000 }, async () => {
    const { status, stdout, stderr } = await runBench("--quick");
    const file = /^kept in (.+)$/m.exec(stdout)?.[1];
    if (file === undefined) throw new Error(`no report:\n${stdout}\n${stderr}`);
    const { rows } = JSON.parse(readFileSync(projectFile(file), "utf8")) as { rows: readonly Row[] };

    expect(rows.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    expect(status).toBe(0);
    const measured = rows.filter(({ outcome }) => outcome === "measured");
    expect(measured.length).toBeGreaterThan(20);
    for (const { what, measured: found } of measured) {
      for (const value of [found?.median, found?.min, found?.max])
        expect(value, what).toSatisfy(Number.isFinite);
    }
    for (const { what, why } of rows.filter(({ outcome }) => outcome === "not measured")) {
      expect(why, what).toMatch(/\w/);
    }
  });

  it("says so for a word that names no subject", async () => {
    const { status, stderr } = await runBench("--quick", "--only", "nothing-of-this-name");
    expect(stderr).toMatch(/no subject/);
    expect(status).toBe(2);
  });
});
