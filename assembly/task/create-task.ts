import { start } from "./scheduler";
import { Task } from "./task";

class CallbackTask extends Task {
  constructor(readonly callback: () => void) {
    super();
  }

  run(): void {
    this.callback();
  }
}

/** Runs `callback` as a task of its own, beginning when the calling one is suspended or ends; rclpy's Executor.create_task. */
export function createTask(callback: () => void): void {
  start(new CallbackTask(callback));
}
