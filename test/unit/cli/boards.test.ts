/** Boards are noticed when they are plugged in, whatever becomes of the watcher of /dev meanwhile. */
import { EventEmitter } from "node:events";
import type { FSWatcher } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Board, watchBoards } from "../../../cli/boards.js";

const board = (device: string): Board => ({ device, description: "a board" });
const MINUTE = 60_000;

/** A /dev whose watcher and list fail when a test says so. */
class FakeFolder {
  devices: Board[] = [];
  refuse: Error | undefined;
  broken: Error | undefined;
  readonly watchers = new Map<EventEmitter, (name: string | null) => void>();

  watch = (onChange: (name: string | null) => void): FSWatcher => {
    if (this.refuse) throw this.refuse;
    const watcher = new EventEmitter();
    this.watchers.set(watcher, onChange);
    return Object.assign(watcher, { close: () => this.watchers.delete(watcher) }) as unknown as FSWatcher;
  };

  find = async (): Promise<Board[]> => {
    if (this.broken) throw this.broken;
    return [...this.devices];
  };

  plug(device: string): void {
    this.devices.push(board(device));
    for (const onChange of this.watchers.values()) onChange(device.replace("/dev/", ""));
  }

  fail(error: Error): void {
    for (const watcher of this.watchers.keys()) watcher.emit("error", error);
  }
}

describe("watching for boards", () => {
  let folder: FakeFolder;
  let found: string[];
  let faults: string[];
  let stop: () => void;
  const start = () => {
    const listener = {
      onBoard: ({ device }: Board) => void found.push(device),
      onFault: ({ message }: Error) => void faults.push(message),
    };
    stop = watchBoards(["/dev/ttyUSB0"], listener, folder);
  };
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  beforeEach(() => {
    vi.useFakeTimers();
    folder = new FakeFolder();
    folder.devices = [board("/dev/ttyUSB0")];
    [found, faults] = [[], []];
  });
  afterEach(async () => {
    stop();
    await pass(MINUTE);
    expect([vi.getTimerCount(), folder.watchers.size]).toEqual([0, 0]);
    vi.useRealTimers();
  });

  it("tells each board once, and nothing of other devices", async () => {
    start();
    const find = vi.spyOn(folder, "find");
    for (const device of ["/dev/tty1", "/dev/sda"]) folder.plug(device);
    await pass(MINUTE);
    expect(find).not.toHaveBeenCalled();
    folder.devices = [board("/dev/ttyUSB0")];
    for (const device of ["/dev/ttyACM0", "/dev/ttyUSB1", "/dev/ttyUSB1"]) folder.plug(device);
    await pass(MINUTE);
    expect([found, faults]).toEqual([["/dev/ttyACM0", "/dev/ttyUSB1"], []]);
  });

  it("tells that the watcher failed, and goes on with another one", async () => {
    start();
    folder.refuse = new Error("ENOSPC");
    folder.fail(new Error("EIO"));
    folder.plug("/dev/ttyACM0");
    await pass(MINUTE);
    expect(faults).toEqual(["EIO"]);
    // What was plugged in meanwhile is found all the same.
    expect(found).toEqual(["/dev/ttyACM0"]);
    folder.refuse = undefined;
    await pass(MINUTE);
    folder.plug("/dev/ttyACM1");
    await pass(1000);
    expect(found).toEqual(["/dev/ttyACM0", "/dev/ttyACM1"]);
    expect(vi.getTimerCount()).toBe(0);
    folder.fail(new Error("EIO again"));
    expect(faults).toEqual(["EIO", "EIO again"]);
  });

  it("does without a watcher from the start", async () => {
    folder.refuse = new Error("ENOSPC");
    start();
    folder.plug("/dev/ttyACM0");
    await pass(MINUTE);
    expect([found, faults]).toEqual([["/dev/ttyACM0"], ["ENOSPC"]]);
  });

  it("tells that the devices cannot be listed, and tries again", async () => {
    start();
    folder.broken = new Error("EMFILE");
    folder.plug("/dev/ttyACM0");
    await pass(MINUTE);
    expect([found, faults]).toEqual([[], ["EMFILE"]]);
    folder.broken = undefined;
    await pass(MINUTE);
    expect([found, faults]).toEqual([["/dev/ttyACM0"], ["EMFILE"]]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
