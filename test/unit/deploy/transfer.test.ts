import { createHash, generateKeyPairSync, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type BoardInfo, type COMMAND, RESULT, SLOT, type Slot } from "../../../cli/deploy-service.js";
import { Deployment, statement } from "../../../cli/deploy-transfer.js";
import { RosehipError } from "../../../host-agent/src/errors.js";

/** A module without anything in it: its version is taken for 1. */
const WASM = new Uint8Array(5000).map((_, i) => (i < 8 ? ([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0][i] ?? 0) : i));
const HASH = createHash("sha256").update(WASM).digest("hex");
const EMPTY: Slot = { state: SLOT.empty, size: 0, hash: "00".repeat(32) };

interface Request {
  readonly offset?: number;
  readonly data?: Uint8Array;
  readonly size?: number;
  readonly hash?: Uint8Array;
  readonly signature?: readonly number[];
  readonly abi_version?: number;
}

/** A board by the book, but for what a test makes it do. */
class FakeBoard {
  readonly key = "00000001";
  readonly asked: string[] = [];
  slots: Slot[] = [EMPTY, EMPTY];
  running = 254;
  message = "";
  begun: Request = {};
  received: Uint8Array = new Uint8Array();
  /** Called before each request; a number is the result instead of doing it. */
  before: (command: string, request: Request) => number | undefined = () => undefined;
  /** What becomes of the app, at the first look after the commit. */
  verdict: number = SLOT.confirmed;

  ask = async (command: keyof typeof COMMAND, request: Request = {}): Promise<BoardInfo> => {
    this.asked.push(command);
    const refused = this.before(command, request);
    return this.info(refused ?? this.obey(command, request));
  };

  private obey(command: string, request: Request): number {
    if (command === "begin") {
      this.begun = request;
      this.received = new Uint8Array();
    }
    if (command === "write") {
      if (request.offset !== this.received.length) return RESULT.wrongOffset;
      this.received = Buffer.concat([this.received, request.data ?? new Uint8Array()]);
    }
    if (command === "commit") this.look(SLOT.trial);
    else if (command === "info" && this.slots[0]?.state === SLOT.trial) this.look(this.verdict);
    return RESULT.ok;
  }

  private look(state: number): void {
    const hash = createHash("sha256").update(this.received).digest("hex");
    this.slots = [{ state, size: this.received.length, hash }, EMPTY];
    this.running = state === SLOT.failed ? 254 : 0;
  }

  private info(result: number): BoardInfo {
    const { running, slots, message } = this;
    const received = this.received.length;
    return {
      ...{ result, running, slots, message, received },
      ...{ abiVersion: 1, chunkSize: 1024, healthMs: 1, capacity: 100_000, nodes: [] },
    };
  }
}

const failure = (code: string) => expect.objectContaining({ code });

describe("a deployment", () => {
  it("sends all parts in order, commits and waits", async () => {
    const board = new FakeBoard();
    const sent: number[] = [];
    const run = new Deployment(board, { wasm: WASM }, { onSent: (octets) => void sent.push(octets) }).run();
    expect(await run).toBe(true);
    expect(board.asked).toEqual(["info", "begin", ...Array(5).fill("write"), "commit", "info"]);
    expect(sent).toEqual([1024, 2048, 3072, 4096, 5000]);
    expect(Buffer.from(board.received).equals(WASM)).toBe(true);
    expect(board.begun).toMatchObject({ abi_version: 1, size: 5000, signature: [] });
  });

  it("does nothing if that app runs already", async () => {
    const board = new FakeBoard();
    board.slots = [{ state: SLOT.confirmed, size: 5000, hash: HASH }, EMPTY];
    board.running = 0;
    expect(await new Deployment(board, { wasm: WASM }).run()).toBe(false);
    expect(board.asked).toEqual(["info"]);
  });

  it("goes on where the board is when a part was lost", async () => {
    const board = new FakeBoard();
    let lost = false;
    board.before = (command, { offset }) => {
      if (lost || command !== "write" || offset !== 1024) return undefined;
      lost = true;
      return RESULT.ok; // as if answered by somebody in between
    };
    expect(await new Deployment(board, { wasm: WASM }).run()).toBe(true);
    expect(Buffer.from(board.received).equals(WASM)).toBe(true);
  });

  it("gives up when parts are lost again and again, and ends the transfer", async () => {
    const board = new FakeBoard();
    board.before = (command) => (command === "write" ? RESULT.wrongOffset : undefined);
    await expect(new Deployment(board, { wasm: WASM }).run()).rejects.toEqual(failure("DEPLOY_LOST"));
    expect(board.asked.at(-1)).toBe("abort");
  });

  it.each([
    ["begin", RESULT.busy, "DEPLOY_BUSY"],
    ["begin", RESULT.tooLarge, "DEPLOY_TOO_LARGE"],
    ["begin", RESULT.wrongAbi, "DEPLOY_WRONG_ABI"],
    ["begin", RESULT.notSigned, "DEPLOY_NOT_SIGNED"],
    ["write", RESULT.flashFailed, "DEPLOY_FLASH"],
    ["commit", RESULT.wrongHash, "DEPLOY_WRONG_HASH"],
    ["commit", RESULT.invalid, "DEPLOY_INVALID"],
    ["commit", RESULT.noTransfer, "DEPLOY_LOST"],
    ["commit", 99, "DEPLOY_REFUSED"],
  ])("%s refused with %i is %s", async (refused, result, code) => {
    const board = new FakeBoard();
    board.before = (command) => (command === refused ? result : undefined);
    await expect(new Deployment(board, { wasm: WASM }).run()).rejects.toEqual(failure(code));
  });

  it("takes a commit whose answer was lost for one", async () => {
    const board = new FakeBoard();
    board.before = (command) => {
      if (command !== "commit") return undefined;
      board.slots = [{ state: SLOT.confirmed, size: 5000, hash: HASH }, EMPTY];
      board.running = 0;
      return RESULT.noTransfer;
    };
    expect(await new Deployment(board, { wasm: WASM }).run()).toBe(true);
  });

  it("tells why an app was rolled back", async () => {
    const board = new FakeBoard();
    board.verdict = SLOT.failed;
    board.message = "unreachable executed";
    const run = new Deployment(board, { wasm: WASM }).run();
    await expect(run).rejects.toThrow("the new app was rolled back: unreachable executed");
  });

  it("a board that is gone is told once, and not asked to end the transfer", async () => {
    const board = new FakeBoard();
    board.before = (command) => {
      if (command === "write") throw new RosehipError("DEPLOY_NO_ANSWER", "gone");
      return undefined;
    };
    await expect(new Deployment(board, { wasm: WASM }).run()).rejects.toEqual(failure("DEPLOY_NO_ANSWER"));
    expect(board.asked).not.toContain("abort");
  });

  it("does not ask again after it was closed", async () => {
    const board = new FakeBoard();
    board.verdict = SLOT.trial;
    board.before = (command) => {
      if (command === "info" && board.asked.includes("commit") && board.asked.at(-2) === "info") {
        throw new RosehipError("CALL_CLOSED", "closed");
      }
      return undefined;
    };
    await expect(new Deployment(board, { wasm: WASM }).run()).rejects.toEqual(failure("CALL_CLOSED"));
    expect(board.asked.slice(board.asked.indexOf("commit"))).toEqual(["commit", "info", "info"]);
  });

  it("signs what the firmware checks", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const board = new FakeBoard();
    await new Deployment(board, { wasm: WASM, key: privateKey }).run();
    // firmware/src/app_slot/signature.c: context, ABI version, length, hash.
    const signed = Buffer.from(`726f73656869702061707020763100000100000088130000${HASH}`, "hex");
    expect(Buffer.from(statement(1, 5000, Buffer.from(HASH, "hex")))).toEqual(signed);
    expect(verify(null, signed, publicKey, Buffer.from(board.begun.signature ?? []))).toBe(true);
  });
});
