import { afterEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../../host-agent/src/xrce/session/system-clock.js";
import { Timers } from "../../../host-agent/src/xrce/session/timers.js";
import { VirtualClock } from "./support/virtual-clock.js";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("timers of an agent", () => {
  test("may be due in 60 days, which is more than setTimeout can", () => {
    vi.useFakeTimers();
    const timers = new Timers(systemClock());
    const day = 24 * 3_600_000;
    const fired: number[] = [];
    timers.create(() => fired.push(Math.round(performance.now() / day))).schedule(60 * day);
    const wakeUps = vi.spyOn(globalThis, "setTimeout");
    vi.advanceTimersByTime(1_000);
    expect(wakeUps).not.toHaveBeenCalled();
    vi.advanceTimersByTime(70 * day);
    expect(fired).toEqual([60]);
    expect(wakeUps.mock.calls.length).toBeLessThan(5);
  });

  test("fire in order of their time, once, and can be moved and cancelled", () => {
    const clock = new VirtualClock();
    const timers = new Timers(clock);
    const fired: string[] = [];
    const make = (name: string) => timers.create(() => fired.push(`${name} ${clock.monotonicMs() - 1000}`));
    const [a, b, c, d] = ["a", "b", "c", "d"].map(make);
    a?.schedule(30);
    b?.schedule(10);
    c?.schedule(20);
    d?.schedule(5);
    d?.cancel();
    c?.schedule(40);
    clock.advance(100);
    expect(fired).toEqual(["b 10", "a 30", "c 40"]);
    expect([a?.scheduled, clock.pending]).toEqual([false, 0]);
    timers.close();
  });

  test("a callback may schedule itself and cancel others", () => {
    const clock = new VirtualClock();
    const timers = new Timers(clock);
    let count = 0;
    const other = timers.create(() => expect.unreachable());
    const again = timers.create(() => {
      other.cancel();
      if (++count < 5) again.schedule(10);
    });
    again.schedule(10);
    other.schedule(10);
    clock.advance(1000);
    expect(count).toBe(5);
  });

  test("one system timer serves them all; random schedules agree with a sorted list (seed 7)", () => {
    const clock = new VirtualClock();
    const timers = new Timers(clock);
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return (state >> 8) % below;
    };
    const due = new Map<number, number>();
    const late: string[] = [];
    const all = Array.from({ length: 200 }, (_, i) =>
      timers.create(() => {
        if (due.get(i) !== clock.monotonicMs()) late.push(`timer ${i}`);
        due.delete(i);
      }),
    );
    for (let step = 0; step < 5_000; step++) {
      const i = random(200);
      if (random(3) === 0) {
        all[i]?.cancel();
        due.delete(i);
      } else {
        const delay = 1 + random(500);
        all[i]?.schedule(delay);
        due.set(i, clock.monotonicMs() + delay);
      }
      expect(clock.pending).toBeLessThanOrEqual(1);
      if (random(4) === 0) clock.advance(random(50));
    }
    clock.advance(1_000);
    expect([late, due.size]).toEqual([[], 0]);
  });
});
