/** What a hostile or broken writer can make a reader keep or do, and the scheduler's bookkeeping. */
import { describe, expect, test } from "vitest";
import { ReassemblyBudget } from "../../../host-agent/src/rtps/behavior/fragment-assembly.js";
import { Route } from "../../../host-agent/src/rtps/behavior/route.js";
import { RouteTable } from "../../../host-agent/src/rtps/behavior/route-table.js";
import { type Clock, Scheduler } from "../../../host-agent/src/rtps/behavior/scheduler.js";
import { StatefulReader } from "../../../host-agent/src/rtps/behavior/stateful-reader.js";
import { StatefulWriter } from "../../../host-agent/src/rtps/behavior/stateful-writer.js";
import {
  MAX_READER_CACHE_SAMPLES,
  MAX_REASSEMBLIES_PER_WRITER,
  MAX_SAMPLE_OCTETS,
  MAX_WRITER_HISTORY_OCTETS,
} from "../../../host-agent/src/rtps/limits.js";
import type { AckNack } from "../../../host-agent/src/rtps/messages/acknack.js";
import { decodeSubmessages } from "../../../host-agent/src/rtps/messages/message.js";
import type { NackFrag } from "../../../host-agent/src/rtps/messages/nack-frag.js";
import { guidKey } from "../../../host-agent/src/rtps/structure/guid.js";
import { mulberry32 } from "./virtual-network.js";

class ManualClock implements Clock {
  time = 0;
  armed = 0;
  private wakeAt: number | undefined;
  private wake: (() => void) | undefined;

  now(): number {
    return this.time;
  }
  epoch(): number {
    return this.time;
  }
  wakeAfter(delay: number | undefined, wake: () => void): void {
    this.armed++;
    this.wakeAt = delay === undefined ? undefined : this.time + delay;
    this.wake = wake;
  }
  advance(ms: number): void {
    const end = this.time + ms;
    while (this.wakeAt !== undefined && this.wakeAt <= end) {
      this.time = this.wakeAt;
      this.wakeAt = undefined;
      this.wake?.();
    }
    this.time = end;
  }
}

const WRITER = { prefix: "writer______", entityId: 0x103 };
const IDS = { readerId: 0, writerId: WRITER.entityId };

/** A reader with one matched writer; `answers` is what it sends to it. */
function readerUnderTest(deliver: (sequenceNumber: number) => boolean = () => true, reliable = true) {
  const clock = new ManualClock();
  const scheduler = new Scheduler(clock);
  const answers: (AckNack | NackFrag)[] = [];
  const route = new Route(
    {
      prefixBytes: new Uint8Array(12),
      send: (parts) =>
        decodeSubmessages(Buffer.concat(parts), (submessage) => {
          if (submessage.kind === "acknack" || submessage.kind === "nackFrag") answers.push(submessage);
        }),
      flushSoon: () => undefined,
      task: (run) => scheduler.task(run),
    },
    WRITER.prefix,
    [],
    1420,
  );
  let budgetLeft = 4 * MAX_SAMPLE_OCTETS;
  const budget = new ReassemblyBudget(budgetLeft);
  const { take, give } = budget;
  budget.take = (octets) => {
    const taken = take.call(budget, octets);
    if (taken) budgetLeft -= octets;
    return taken;
  };
  budget.give = (octets) => {
    budgetLeft += octets;
    give.call(budget, octets);
  };
  const guid = { prefix: "reader______", entityId: 0x104 };
  const reader = new StatefulReader({ guid, reliable: true }, scheduler, budget, (change) =>
    deliver(change.sequenceNumber),
  );
  reader.match({ guid: WRITER, reliable, route });
  const key = guidKey(WRITER);
  const flushed = () => {
    route.flush();
    return answers.splice(0);
  };
  flushed();
  return { reader, clock, key, flushed, left: () => budgetLeft };
}

const data = (sequenceNumber: number, payload = new Uint8Array(8)) =>
  ({ kind: "data", ...IDS, sequenceNumber, payload, keyOnly: false }) as const;
const heartbeat = (first: number, last: number, count: number) =>
  ({ kind: "heartbeat", ...IDS, first, last, count, final: false, liveliness: false }) as const;

describe("a reader", () => {
  test("keeps at most as many samples out of order as an ACKNACK can ask for", () => {
    const { reader, key, flushed } = readerUnderTest();
    for (let number = 2; number < 10_000; number++) reader.receive(key, data(number));
    reader.receive(key, heartbeat(1, 10_000, 1));
    const [answer] = flushed() as AckNack[];
    expect(answer?.state).toEqual({ base: 1, members: [1] });
    const delivered: number[] = [];
    const second = readerUnderTest((number) => delivered.push(number) > 0);
    for (let number = 2; number < 10_000; number++) second.reader.receive(key, data(number));
    second.reader.receive(key, data(1));
    expect(delivered).toEqual(Array.from({ length: MAX_READER_CACHE_SAMPLES }, (_, index) => index + 1));
  });

  test("answers a HEARTBEAT of 2^52 samples with one set of 256 at most", () => {
    const { reader, key, flushed } = readerUnderTest();
    reader.receive(key, heartbeat(1, 2 ** 52, 1));
    const [answer] = flushed() as AckNack[];
    expect(answer?.state.members).toHaveLength(MAX_READER_CACHE_SAMPLES);
  });

  test("does not ask again for what is on its way, and not for long", () => {
    const { reader, key, clock, flushed } = readerUnderTest();
    const asked = () => (flushed() as AckNack[]).map(({ state }) => state.members);
    reader.receive(key, heartbeat(1, 3, 1));
    reader.receive(key, heartbeat(1, 3, 2));
    expect(asked()).toEqual([[1, 2, 3], []]);
    clock.advance(1);
    reader.receive(key, heartbeat(1, 5, 3));
    expect(asked()).toEqual([[4, 5]]);
    clock.advance(4);
    expect(asked()).toEqual([[1, 2, 3]]);
    clock.advance(5);
    expect(asked()).toEqual([[1, 2, 3, 4, 5]]);
  });

  test("whose consumer takes all that is kept back at each resume does not ask for more than it can hold", () => {
    let open = false;
    const { reader, key, flushed } = readerUnderTest(() => open);
    const asked = () => (flushed() as AckNack[]).flatMap(({ state }) => state.members);
    // A writer that sends all it has, as others do: what is beyond the cache is dropped.
    for (let number = 1; number <= 1000; number++) reader.receive(key, data(number));
    for (let count = 1; count < 100; count++) reader.receive(key, heartbeat(1, 1000, count));
    expect(asked()).toEqual([]);
    open = true;
    reader.resume();
    const first = asked();
    expect(first).toEqual(Array.from({ length: MAX_READER_CACHE_SAMPLES }, (_, index) => index + 257));
    // The consumer stops and goes on while the repairs come in.
    for (const number of first.slice(0, 100)) {
      open = false;
      reader.receive(key, data(number));
      open = true;
      reader.resume();
    }
    const more = asked();
    expect(more.length).toBeLessThanOrEqual(100);
    expect(Math.min(...more)).toBeGreaterThan(first.at(-1) as number);
  });

  test("does away with a GAP of 2^52 samples in no time, before and behind what it has", () => {
    const delivered: number[] = [];
    const { reader, key, clock, flushed } = readerUnderTest((number) => delivered.push(number) > 0);
    const gap = (start: number, base: number) =>
      ({ kind: "gap", ...IDS, start, list: { base, members: [] } }) as const;
    reader.receive(key, data(3));
    reader.receive(key, gap(5, 2 ** 52));
    reader.receive(key, gap(1, 3));
    reader.receive(key, data(4));
    expect(delivered).toEqual([3, 4]);
    reader.receive(key, gap(5, 2 ** 52));
    reader.receive(key, data(2 ** 52));
    expect(delivered).toEqual([3, 4, 2 ** 52]);
    reader.receive(key, heartbeat(2 ** 52, 2 ** 52, 1));
    clock.advance(5);
    expect((flushed() as AckNack[])[0]?.state).toEqual({ base: 2 ** 52 + 1, members: [] });
  });

  test("goes on at the first sample that is left, delivering what it has before", () => {
    const delivered: number[] = [];
    const { reader, key } = readerUnderTest((number) => delivered.push(number) > 0);
    for (const number of [1, 3, 4, 7]) reader.receive(key, data(number));
    reader.receive(key, heartbeat(6, 7, 1));
    expect(delivered).toEqual([1, 3, 4]);
    reader.receive(key, data(6));
    expect(delivered).toEqual([1, 3, 4, 6, 7]);
  });

  test("ignores a HEARTBEAT that is not newer than the last", () => {
    const { reader, key, flushed } = readerUnderTest();
    reader.receive(key, heartbeat(1, 5, 7));
    reader.receive(key, heartbeat(1, 5, 7));
    reader.receive(key, heartbeat(1, 5, 6));
    expect(flushed()).toHaveLength(1);
  });

  test("asks again on its own for what is missing, ever more slowly", () => {
    const { reader, key, clock, flushed } = readerUnderTest();
    reader.receive(key, heartbeat(1, 1, 1));
    expect(flushed()).toHaveLength(1);
    clock.advance(200);
    const early = flushed().length;
    clock.advance(10_000);
    const late = flushed().length;
    expect(early).toBeGreaterThanOrEqual(2);
    expect(late).toBeGreaterThanOrEqual(9);
    expect(late).toBeLessThanOrEqual(15);
    reader.receive(key, data(1));
    clock.advance(2000);
    expect(flushed()).toHaveLength(0);
  });

  const fragment = (sequenceNumber: number, sampleSize: number, fragmentSize = 1000, firstFragment = 1) =>
    ({
      kind: "dataFrag",
      ...IDS,
      sequenceNumber,
      firstFragment,
      fragmentCount: 1,
      fragmentSize,
      sampleSize,
      keyOnly: false,
      payload: new Uint8Array(Math.min(fragmentSize, sampleSize)),
    }) as const;

  test("reassembles few samples of one writer at a time and gives all memory back", () => {
    const { reader, key, left } = readerUnderTest();
    const before = left();
    for (let number = 1; number <= 100; number++) reader.receive(key, fragment(number, 1_000_000));
    expect(before - left()).toBe(MAX_REASSEMBLIES_PER_WRITER * 1_000_000);
    reader.unmatch(WRITER);
    expect(left()).toBe(before);
  });

  test("passes over samples over the limit and those in too small fragments, and says so", () => {
    const delivered: number[] = [];
    const { reader, key, left } = readerUnderTest((number) => delivered.push(number) > 0);
    const before = left();
    const refused: number[] = [];
    reader.onRefused = (_writer, octets) => refused.push(octets);
    reader.receive(key, fragment(1, MAX_SAMPLE_OCTETS + 1));
    reader.receive(key, fragment(2, 0xffffffff));
    reader.receive(key, fragment(3, 1000, 1));
    expect(left()).toBe(before);
    expect(refused).toEqual([MAX_SAMPLE_OCTETS + 1, 0xffffffff, 1000]);
    reader.receive(key, data(4));
    expect(delivered).toEqual([4]);
  });

  test("remembers nothing of samples over the limit that a best-effort writer sends among others", () => {
    const { reader, key } = readerUnderTest(undefined, false);
    const refused: number[] = [];
    reader.onRefused = (_writer, octets) => refused.push(octets);
    for (let number = 2; number < 300; number += 3) {
      reader.receive(key, fragment(number, 0xffffffff));
      reader.receive(key, fragment(number, 0xffffffff));
      reader.receive(key, data(number + 1));
    }
    expect(refused).toHaveLength(100);
    const [matched] = (Reflect.get(reader, "writers") as Map<string, { proxy: object }>).values();
    expect(Reflect.get(matched?.proxy ?? {}, "cache")).toEqual(new Map());
  });

  test("ignores fragments that disagree with the first, and asks for what is missing after a silence", () => {
    const delivered: number[] = [];
    const { reader, key, clock, flushed, left } = readerUnderTest((number) => delivered.push(number) > 0);
    const before = left();
    reader.receive(key, fragment(1, 3000));
    reader.receive(key, fragment(1, 3000, 500, 2));
    reader.receive(key, fragment(1, 2999, 1000, 2));
    reader.receive(key, fragment(1, 3000, 1000, 3));
    clock.advance(100);
    const asked = flushed().filter((answer) => answer.kind === "nackFrag");
    expect(asked[0]?.missing).toEqual({ base: 2, members: [2] });
    reader.receive(key, fragment(1, 3000, 1000, 2));
    expect(delivered).toEqual([1]);
    expect(left()).toBe(before);
  });
});

describe("a writer", () => {
  const guid = { prefix: "writer______", entityId: 0x103 };

  test("of a keyed topic keeps nothing of instances that have gone (discovery of short-lived endpoints)", () => {
    const options = { guid, reliable: true, transientLocal: true, depth: 1 };
    const writer = new StatefulWriter(options, new Scheduler(new ManualClock()));
    for (let index = 0; index < 1000; index++) {
      writer.write(new Uint8Array(100), undefined, `endpoint ${index}`);
      writer.write(new Uint8Array(100), undefined, `endpoint ${index}`, true);
    }
    writer.write(new Uint8Array(100), undefined, "the last");
    expect(writer.history.size).toBe(1);
    expect(writer.history.first).toBe(2001);
  });

  test("keeps no more than its share of memory, whatever its depth", () => {
    const options = { guid, reliable: true, transientLocal: true, depth: 1_000_000 };
    const writer = new StatefulWriter(options, new Scheduler(new ManualClock()));
    const sample = new Uint8Array(MAX_SAMPLE_OCTETS / 4);
    for (let index = 0; index < 20; index++) writer.write(sample);
    expect(writer.history.octets).toBeLessThanOrEqual(MAX_WRITER_HISTORY_OCTETS);
    expect(writer.history.last).toBe(20);
  });
});

describe("the routes to a participant", () => {
  const scheduler = new Scheduler(new ManualClock());
  const host = {
    prefix: "own_________",
    prefixBytes: new Uint8Array(12),
    send: () => undefined,
    flushSoon: () => undefined,
    task: (run: () => void) => scheduler.task(run),
  };
  const tableUnderTest = () => {
    const table = new RouteTable(host, []);
    return (port: number) => table.to(WRITER.prefix, [{ address: "10.0.0.1", port }]) as Route;
  };

  test("go when nobody sends by them and others are needed, however often its endpoints move", () => {
    const to = tableUnderTest();
    const used = to(1);
    used.retain();
    const left = to(2);
    const pending = to(3);
    pending.begin(0);
    for (let port = 4; port < 1000; port++) to(port);
    expect([to(1) === used, to(2) === left, to(3) === pending]).toEqual([true, false, true]);
    pending.flush();
    used.release();
    for (let port = 4; port < 6; port++) to(port);
    expect([to(1) === used, to(3) === pending]).toEqual([false, false]);
  });

  test("stay as long as an endpoint is matched, and no longer", () => {
    const route = tableUnderTest()(1);
    const remote = { guid: WRITER, reliable: true, transientLocal: false, route };
    const reader = new StatefulReader(
      { guid: { prefix: host.prefix, entityId: 0x104 }, reliable: true },
      scheduler,
      new ReassemblyBudget(0),
      () => true,
    );
    const options = { guid: { prefix: host.prefix, entityId: 0x103 }, reliable: true, depth: 1 };
    const writer = new StatefulWriter({ ...options, transientLocal: false }, scheduler);
    for (const end of [
      (one: StatefulReader | StatefulWriter) => one.unmatch(remote.guid),
      (one: StatefulReader | StatefulWriter) => one.close(),
    ]) {
      reader.match(remote);
      writer.match(remote);
      route.flush();
      expect(route.idle).toBe(false);
      end(reader);
      expect(route.idle).toBe(false);
      end(writer);
      route.flush();
      expect(route.idle).toBe(true);
    }
  });
});

describe("the scheduler", () => {
  test("runs tasks in order of their times, moved and cancelled ones included, seed 1", () => {
    const random = mulberry32(1);
    const clock = new ManualClock();
    const scheduler = new Scheduler(clock);
    const ran: number[] = [];
    const due = new Map<number, number>();
    const tasks = Array.from({ length: 500 }, (_, index) => scheduler.task(() => ran.push(index)));
    tasks.forEach((task, index) => {
      const at = Math.floor(random() * 1000);
      task.after(at);
      due.set(index, at);
    });
    tasks.forEach((task, index) => {
      const choice = random();
      if (choice < 0.2) {
        task.cancel();
        due.delete(index);
      } else if (choice < 0.5) {
        const at = Math.floor(random() * 1000);
        task.within(at);
        due.set(index, Math.min(at, due.get(index) as number));
      }
    });
    clock.advance(2000);
    expect(ran.map((index) => due.get(index))).toEqual([...due.values()].sort((a, b) => a - b));
    expect(new Set(ran)).toEqual(new Set(due.keys()));
  });

  test("arms the host's timer only for an earlier time", () => {
    const clock = new ManualClock();
    const scheduler = new Scheduler(clock);
    const tasks = Array.from({ length: 100 }, () => scheduler.task(() => undefined));
    for (const task of tasks) task.after(50);
    for (const task of tasks) task.after(60);
    expect(clock.armed).toBe(1);
    scheduler.stop();
    for (const task of tasks) task.after(1);
    clock.advance(100);
    expect(tasks.every(({ due }) => due === undefined)).toBe(true);
  });
});
