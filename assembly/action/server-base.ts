import { CLOCK_MONOTONIC, now } from "../env";
import { Message } from "../interface";
import { Logger } from "../log/logger";
import { rosTime } from "../node/clock";
import { Node } from "../node/node";
import { collectBeforeNextSlice } from "../rt/collector";
import { freeMemory, heapSize, largestFree } from "../rt/heap";
import { NS_PER_MS } from "../task/deadline";
import { start, startAt } from "../task/scheduler";
import { sleep } from "../task/sleep";
import { Task } from "../task/task";
import { QoS } from "../topic/qos";
import { Writer } from "../topic/writer";
import { Goal } from "./goal";
import { GoalId } from "./goal-id";
import { GoalInfo, GoalStatus } from "./messages";
import { CancelResponse, GoalPolicy, GoalResponse } from "./options";
import { CancelGoalService, GetResultService, SendGoalService } from "./services";
import { countGoals, STATUS_OCTETS, StatusArray, StatusWriter } from "./status";

/** Octets of the four type hashes before that of the feedback message, in ActionType#hashes. */
const SERVICES_HASHES: usize = 128;

/**
 * A goal is accepted only if a quarter of the heap is free, for its messages, its stack and what it allocates until
 * its end; half of that in one piece, besides what the states of all goals take when they are sent. And those that are
 * active are likely to grow: each finds what `goalMemory` says or what the largest feedback took, and besides there is
 * room for one that is being copied, as when it grows and when it is sent.
 */
const ROOM_PART = 4;
const PIECE_PART = 8;
const COPIES = 2;

/** An action server, whatever its types: its goals, what it tells of them, and which of them may execute. */
export abstract class ActionServerBase {
  readonly logger: Logger;
  // Set at the end of the constructor, because they refer to this object; asc does not see it.
  readonly results!: GetResultService;
  readonly feedback!: Writer;
  /** All goals that are not forgotten, in the order in which they were accepted, linked by `following`. */
  first: Goal | null = null;
  private readonly sendGoal!: SendGoalService;
  private readonly cancelGoal!: CancelGoalService;
  private readonly status!: StatusWriter;
  private readonly statusArray!: StatusArray;
  private readonly expiryTask!: ExpiryTask;
  private reporting: bool = false;
  private expiring: bool = false;
  private toldOfRoom: bool = false;
  /** With a policy of one at a time: the goal that executes. */
  private current: Goal | null = null;

  /** @param name fully qualified */
  constructor(
    node: Node,
    readonly name: string,
    prefix: string,
    hashes: usize,
    private readonly policy: GoalPolicy,
    private readonly resultTimeout: i64,
    private readonly goalMemory: u32,
  ) {
    this.logger = node.logger;
    this.sendGoal = new SendGoalService(this, node, prefix, hashes);
    this.cancelGoal = new CancelGoalService(this, node);
    this.results = new GetResultService(this, node, prefix, hashes);
    this.feedback = new Writer(
      node,
      name + "/_action/feedback",
      prefix + "FeedbackMessage_",
      hashes ? hashes + SERVICES_HASHES : 0,
      new QoS(10),
    );
    this.status = new StatusWriter(node, name);
    this.statusArray = new StatusArray(this);
    this.expiryTask = new ExpiryTask(this);
  }

  abstract createGoal(): Message;
  abstract createResult(): Message;
  abstract createFeedback(): Message;
  abstract createHandle(info: GoalInfo, goal: Message): Goal;
  abstract decide(goal: Message): GoalResponse;
  abstract decideCancel(goal: Goal): CancelResponse;
  abstract onAccepted(goal: Goal): void;
  abstract execute(goal: Goal): void;

  /** Takes the action off the graph. Goals that execute go on, but nobody hears of them. */
  destroy(): void {
    this.sendGoal.destroy();
    this.cancelGoal.destroy();
    this.results.destroy();
    this.feedback.destroy();
    this.status.destroy();
  }

  find(id: GoalId): Goal | null {
    let goal = this.first;
    while (goal !== null && !goal.info.id.equals(id)) goal = goal.following;
    return goal;
  }

  /** Whether a goal with this ID may be accepted now. */
  admits(id: GoalId): bool {
    if (this.find(id) !== null) return false;
    if (this.policy == GoalPolicy.Reject) {
      let goal = this.first;
      while (goal !== null && !goal.isActive) goal = goal.following;
      if (goal !== null) return false;
    }
    return this.makeRoom();
  }

  accept(id: GoalId, message: Message): Goal {
    const goal = this.createHandle(new GoalInfo(id, rosTime()), message);
    let last = this.first;
    while (last !== null && last.following !== null) last = last.following;
    if (last === null) this.first = goal;
    else last.following = goal;
    this.status.reserve(this.first);
    return goal;
  }

  /** After the client has been told that its goal is accepted. */
  begin(goal: Goal, decision: GoalResponse): void {
    this.report();
    this.onAccepted(goal);
    if (decision == GoalResponse.Accept) goal.execute();
  }

  private get oneAtATime(): bool {
    return this.policy == GoalPolicy.Queue || this.policy == GoalPolicy.Preempt;
  }

  /** Executes a goal when the policy lets it. */
  schedule(goal: Goal): void {
    if (this.oneAtATime && this.current !== null) goal.queued = true;
    else this.launch(goal);
    if (this.policy != GoalPolicy.Preempt) return;
    let other = this.first;
    while (other !== null && other !== goal) {
      other.requestCancel();
      other = other.following;
    }
    this.report();
  }

  private launch(goal: Goal): void {
    goal.queued = false;
    this.current = goal;
    start(goal);
  }

  /** Publishes the states of all goals. A task that waits for room in the outgoing queue does it for the others too. */
  report(): void {
    if (this.reporting) return;
    this.reporting = true;
    this.status.send(this.statusArray);
    this.reporting = false;
  }

  /** A goal's result has been set for good. */
  onEnd(goal: Goal): void {
    if (this.resultTimeout >= 0) {
      goal.expiry = now(CLOCK_MONOTONIC) + this.resultTimeout * NS_PER_MS;
      if (!this.expiring) this.expireAt(goal.expiry);
    }
    if (this.current !== goal) return;
    let next = this.first;
    while (next !== null && !(next.queued && next.status == GoalStatus.Accepted)) next = next.following;
    if (next === null) this.current = null;
    else this.launch(next);
  }

  private expireAt(time: i64): void {
    this.expiring = true;
    startAt(this.expiryTask, time);
  }

  /** Forgets the goals whose time is over. They end in any order, but their time-out is the same. */
  expire(): void {
    this.expiring = false;
    const time = now(CLOCK_MONOTONIC);
    let next = i64.MAX_VALUE;
    let goal = this.first;
    while (goal !== null) {
      if (goal.ended && goal.expiry <= time) this.forget(goal);
      else if (goal.ended) next = min(next, goal.expiry);
      goal = goal.following;
    }
    if (next != i64.MAX_VALUE) this.expireAt(next);
  }

  private forget(goal: Goal): void {
    let previous = this.first;
    if (previous === goal) this.first = goal.following;
    while (previous !== null && previous.following !== goal) previous = previous.following;
    if (previous !== null) previous.following = goal.following;
    this.status.reserve(this.first);
  }

  /** Whether there is memory for one more goal; forgets the oldest results for it. */
  private makeRoom(): bool {
    if (this.hasRoom()) return true;
    collectBeforeNextSlice();
    sleep(0);
    while (!this.hasRoom()) {
      let oldest = this.first;
      while (oldest !== null && !oldest.ended) oldest = oldest.following;
      if (oldest === null) {
        this.logger.warn(
          this.name + ": a goal is rejected: memory is short, " + freeMemory().toString() + " bytes are free",
        );
        return false;
      }
      if (!this.toldOfRoom) this.logger.warn(this.name + ": memory is short, results are kept for less time");
      this.toldOfRoom = true;
      this.forget(oldest);
      collectBeforeNextSlice();
      sleep(0);
    }
    return true;
  }

  /** How many goals grow at the same time if one more is accepted. */
  private countGrowing(): usize {
    let growing: usize = 1;
    let goal = this.first;
    while (goal !== null && !(this.oneAtATime && growing == 2)) {
      if (!goal.ended) growing++;
      goal = goal.following;
    }
    return growing;
  }

  private hasRoom(): bool {
    const states = (countGoals(this.first) + 1) * STATUS_OCTETS;
    const largest = this.feedback.largest;
    const growth = this.countGrowing() * max(this.goalMemory, largest) + COPIES * largest;
    return (
      freeMemory() >= max(heapSize() / ROOM_PART, <usize>growth) &&
      largestFree() >= heapSize() / PIECE_PART + states
    );
  }
}

class ExpiryTask extends Task {
  constructor(private readonly server: ActionServerBase) {
    super();
  }

  run(): void {
    this.server.expire();
  }
}
