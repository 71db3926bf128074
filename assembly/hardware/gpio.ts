import {
  GPIO_MODE,
  GPIO_READ,
  GPIO_WATCH,
  GPIO_WRITE,
  gpio,
  PIN_INPUT,
  PIN_OUTPUT,
  PIN_OUTPUT_OPEN_DRAIN,
} from "../env";
import { Entity } from "../node/entity";
import { start } from "../task/scheduler";
import { Task } from "../task/task";
import { refuse } from "./errors";

/** What holds an input at a level when nothing drives it. */
export enum Pull {
  None = 0,
  Up = 1,
  Down = 2,
}

/** Changes of a pin; bits. */
export enum Edge {
  Rising = 1,
  Falling = 2,
  Both = 3,
}

function operate(operation: i32, pin: i32, value: i32): i32 {
  const result = gpio(operation, pin, value);
  if (result < 0) refuse("pin", pin, result);
  return result;
}

/**
 * A pin that the app drives. When the app ends, also by a trap, the pin is let go.
 * @example
 *   const led = new DigitalOutput(2);
 *   led.value = true;
 */
export class DigitalOutput {
  private level: bool;

  /**
   * Ends the app if the board has no such pin.
   * @param pin the chip's number
   * @param value the level it begins with
   * @param openDrain true is let go instead of driven, so that others may pull the line low
   */
  constructor(
    readonly pin: i32,
    value: bool = false,
    openDrain: bool = false,
  ) {
    this.level = value;
    operate(GPIO_WRITE, pin, i32(value));
    operate(GPIO_MODE, pin, openDrain ? PIN_OUTPUT_OPEN_DRAIN : PIN_OUTPUT);
  }

  /** The level of the line: false low, true high. */
  get value(): bool {
    return operate(GPIO_READ, this.pin, 0) != 0;
  }

  set value(level: bool) {
    this.level = level;
    operate(GPIO_WRITE, this.pin, i32(level));
  }

  /** Sets the other level than the one set before. */
  toggle(): void {
    this.value = !this.level;
  }
}

/**
 * A pin that the app reads.
 * @example
 *   const button = new DigitalInput(0, Pull.Up);
 *   button.onChange((level) => node.logger.info(level ? "released" : "pressed"));
 */
export class DigitalInput {
  private handler: EdgeHandler | null = null;

  /** Ends the app if the board has no such pin, or cannot pull it. @param pin the chip's number */
  constructor(
    readonly pin: i32,
    pull: Pull = Pull.None,
  ) {
    operate(GPIO_MODE, pin, PIN_INPUT + pull);
  }

  /** The level of the line: false low, true high. */
  get value(): bool {
    return operate(GPIO_READ, this.pin, 0) != 0;
  }

  /**
   * Calls back after the pin has changed, with its level after the last edge and the number of edges since the call
   * before: those that come while the app is busy, or while the callback sleeps, make one call. It takes the place of
   * the callback before. Ends the app if the board cannot watch the pin.
   * @param edge which changes count
   * @example
   *   // A contact that bounces is quiet after 20 ms.
   *   button.onChange(() => {
   *     sleep(20);
   *     if (!button.value) pressed();
   *   }, Edge.Falling);
   */
  onChange(callback: (level: bool, edges: u32) => void, edge: Edge = Edge.Both): void {
    let handler = this.handler;
    if (handler === null) handler = new EdgeHandler(this.pin, callback);
    else handler.callback = callback;
    this.handler = handler;
    operate(GPIO_WATCH, this.pin, edge);
  }

  /** No more calls. */
  stopWatching(): void {
    operate(GPIO_WATCH, this.pin, 0);
  }
}

/** The edges of one pin, on their way from the firmware to the callback. */
class EdgeHandler extends Entity {
  private level: bool = false;
  private edges: u32 = 0;
  private task: EdgeTask | null = null;
  private calling: bool = false;

  constructor(
    pin: i32,
    public callback: (level: bool, edges: u32) => void,
  ) {
    // As the firmware names a pin in an event: no handle of an entity, and of no node.
    super(-1 - pin, 0);
  }

  accept(_kind: i32, token: i32, _payload: usize, _length: u32, _flags: u32): void {
    this.level = (token & 1) != 0;
    this.edges += token >>> 1;
    if (this.calling) return;
    this.calling = true;
    let task = this.task;
    if (task === null) task = new EdgeTask(this);
    this.task = task;
    start(task);
  }

  run(): void {
    while (this.edges != 0) {
      const edges = this.edges;
      this.edges = 0;
      this.callback(this.level, edges);
    }
    this.calling = false;
  }
}

class EdgeTask extends Task {
  constructor(readonly handler: EdgeHandler) {
    super();
  }

  run(): void {
    this.handler.run();
  }
}
