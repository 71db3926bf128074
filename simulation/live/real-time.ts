import type { VirtualClock } from "../clock.js";
import type { GraphMember } from "../graph.js";
import { GraphMembers } from "../graph-members.js";

const NS_PER_MS = 1_000_000n;
/** setTimeout's longest time. */
const LONGEST_MS = 2_147_483_647;

/** Moves a clock with the computer's, and lets the members of a graph do what is due; between that it sleeps. */
export class RealTime {
  private readonly members = new GraphMembers();
  private readonly start = process.hrtime.bigint();
  private timer: NodeJS.Timeout | undefined;
  private turn: NodeJS.Immediate | undefined;
  private stopped = false;

  /** @param onTurn called after each turn in which a member did something, with what it threw */
  constructor(
    private readonly clock: VirtualClock,
    private readonly onTurn: (error?: unknown) => void,
  ) {}

  join(member: GraphMember): void {
    this.members.add(member);
    this.wake();
  }

  leave(member: GraphMember): void {
    this.members.delete(member);
  }

  get wakeAt(): bigint | undefined {
    return this.members.wakeAt;
  }

  /** There may be something to do. */
  wake(): void {
    if (this.stopped) return;
    this.turn ??= setImmediate(() => this.run());
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearImmediate(this.turn);
  }

  /** One step of each member that is ready: in between the event loop has its turn. */
  private run(): void {
    this.turn = undefined;
    clearTimeout(this.timer);
    this.clock.advanceTo(process.hrtime.bigint() - this.start);
    let active = false;
    for (const member of this.members) {
      if (!member.isReady) continue;
      active = true;
      try {
        member.step();
        this.onTurn();
      } catch (error) {
        this.onTurn(error);
      }
    }
    if (active) this.wake();
    else this.sleep();
  }

  private sleep(): void {
    const { wakeAt } = this;
    if (wakeAt === undefined) return;
    const ms = Number((wakeAt - this.clock.now) / NS_PER_MS) + 1;
    this.timer = setTimeout(() => this.wake(), Math.min(Math.max(ms, 0), LONGEST_MS));
  }
}
