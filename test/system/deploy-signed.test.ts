import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectFile } from "../../toolchain/project.js";
import { addTwoInts, buildSource } from "./deploy-apps.js";
import { endAll } from "./process.js";
import { Rig } from "./rig.js";

describe("a board with a key", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "rosehip-signed-"));
  let rig: Rig;
  let app: string;

  const keyFile = (name: string, key: KeyObject) => {
    const file = path.join(folder, name);
    writeFileSync(file, key.export({ type: "pkcs8", format: "pem" }));
    return file;
  };
  const deploy = async (...args: string[]) => {
    const process = rig.run("deploy", projectFile("dist/cli/main.js"), "deploy", app, ...args);
    return { status: await process.exited, said: process.lines.join("\n") };
  };
  const owner = generateKeyPairSync("ed25519");
  const stranger = generateKeyPairSync("ed25519");

  beforeAll(async () => {
    // An SPKI of Ed25519 ends with the key's 32 octets (RFC 8410, 4).
    const appKey = owner.publicKey.export({ type: "spki", format: "der" }).subarray(-32);
    const firmware = { target: "native", appKey } as const;
    rig = await Rig.build("examples/add_two_ints", firmware);
    app = await buildSource("signed", addTwoInts(1));
    rig.connectDirectly();
    rig.startBoard("--flash", path.join(folder, "flash"), "--health-ms", "300");
    await rig.startAgent().waitFor(/service created/, 20_000);
  });
  afterAll(async () => {
    await endAll();
    rig.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it("refuses an app without a signature", async () => {
    const { status, said } = await deploy();
    expect(said).toMatch(/DEPLOY_NOT_SIGNED: the board takes only apps signed with its key/);
    expect(status).toBe(1);
  });

  it("refuses one that somebody else signed", async () => {
    const { status, said } = await deploy("--key", keyFile("stranger.pem", stranger.privateKey));
    expect(said).toMatch(/DEPLOY_NOT_SIGNED/);
    expect(status).toBe(1);
  });

  it("takes one that its owner signed", async () => {
    const { status, said } = await deploy("--key", keyFile("owner.pem", owner.privateKey));
    expect(said).toMatch(/keeps the new app/);
    expect(status).toBe(0);
  });

  it("a file that is no such key is a mistake in the command line", async () => {
    const { status, said } = await deploy("--key", app);
    expect(said).toMatch(/CLI_KEY: this is not an Ed25519 private key/);
    expect(status).toBe(2);
  });
});
