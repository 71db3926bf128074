import { EVENT_MATCHED, EVENT_SAMPLE, subscription_create } from "../env";
import { decode, Message } from "../interface";
import { Logger } from "../log/logger";
import { Entity } from "../node/entity";
import { errorText } from "../node/errors";
import { Node } from "../node/node";
import { release, sizeOf } from "../rt/heap";
import { fail, utf8 } from "../rt/text";
import { start, wake } from "../task/scheduler";
import { Task } from "../task/task";
import { History, QoS } from "./qos";

/** A sample that waits for the one before it. */
class Sample {
  next: Sample | null = null;

  constructor(
    readonly payload: usize,
    readonly length: u32,
    readonly bigEndian: bool,
  ) {}
}

/**
 * A subscription, whatever its type. Samples are delivered one after the other, by one task: while a callback is
 * suspended the next ones wait here, at most `depth` of them with keep last; then the oldest is dropped.
 */
export abstract class Reader extends Entity {
  private readonly logger: Logger;
  private readonly depth: u32;
  private task: DeliverTask | null = null;
  private oldest: Sample | null = null;
  private newest: Sample | null = null;
  private waiting: u32 = 0;
  private delivering: bool = false;
  private complaint: string = "";

  /** @param name fully qualified */
  constructor(
    node: Node,
    readonly name: string,
    typeName: string,
    hash: usize,
    qos: QoS,
  ) {
    super(create(node.handle, name, typeName, hash, qos), node.handle);
    this.logger = node.logger;
    this.depth = qos.history == History.KeepAll ? u32.MAX_VALUE : qos.depth;
  }

  abstract createMessage(): Message;
  abstract deliver(message: Message): void;

  accept(kind: i32, _token: i32, payload: usize, length: u32, bigEndian: bool): void {
    if (kind == EVENT_MATCHED) wake(changetype<usize>(this));
    if (kind != EVENT_SAMPLE) {
      if (payload) release(payload);
      return;
    }
    const sample = new Sample(payload, length, bigEndian);
    const last = this.newest;
    if (last === null) this.oldest = sample;
    else last.next = sample;
    this.newest = sample;
    this.waiting++;
    if (this.waiting > this.depth) {
      const dropped = this.take();
      if (dropped.payload) release(dropped.payload);
    }
    if (!this.delivering) {
      this.delivering = true;
      let task = this.task;
      if (task === null) task = new DeliverTask(this);
      this.task = task;
      start(task);
    }
  }

  /** Delivers all samples there are. */
  run(): void {
    while (this.oldest !== null) {
      const sample = this.take();
      const message = this.createMessage();
      if (this.open(sample, message)) this.deliver(message);
    }
    this.delivering = false;
  }

  private take(): Sample {
    const sample = changetype<Sample>(changetype<usize>(this.oldest));
    this.oldest = sample.next;
    if (this.oldest === null) this.newest = null;
    this.waiting--;
    return sample;
  }

  /** Decodes a sample. One that cannot be delivered is told in the log, once for each reason in a row. */
  private open(sample: Sample, message: Message): bool {
    let reason: string | null = null;
    if (!sample.payload && sample.length != 0) {
      reason = "out of memory: sample of " + sample.length.toString() + " bytes";
    } else {
      reason = decode(message, sample.payload, sample.length, sample.bigEndian);
      if (sample.payload) release(sample.payload);
    }
    const complaint = reason === null ? "" : reason;
    if (complaint.length != 0 && complaint != this.complaint) {
      this.logger.error(this.name + ": a sample is lost: " + complaint);
    }
    this.complaint = complaint;
    return complaint.length == 0;
  }
}

class DeliverTask extends Task {
  constructor(readonly reader: Reader) {
    super();
  }

  run(): void {
    this.reader.run();
  }
}

function create(node: i32, name: string, typeName: string, hash: usize, qos: QoS): i32 {
  const topic = utf8(name);
  const type = utf8(typeName);
  const handle = subscription_create(
    node,
    topic,
    <u32>sizeOf(topic),
    type,
    <u32>sizeOf(type),
    hash,
    changetype<usize>(qos),
  );
  release(topic);
  release(type);
  if (handle < 0) fail("subscription to " + name + ": " + errorText(handle));
  return handle;
}
