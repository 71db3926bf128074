import {
  LifecycleNode,
  LifecyclePublisher,
  LifecycleState,
  TransitionCallbackReturn,
} from "rosehip/assembly";
import { String_Type, String as Text } from "std_msgs/msg";

class Talker extends LifecycleNode {
  private publisher: LifecyclePublisher<Text> | null = null;
  count: i32 = 0;

  onConfigure(state: LifecycleState): TransitionCallbackReturn {
    this.publisher = this.createLifecyclePublisher(String_Type, "lifecycle_chatter");
    this.logger.info("on_configure() is called.");
    return super.onConfigure(state);
  }

  onActivate(state: LifecycleState): TransitionCallbackReturn {
    this.logger.info("on_activate() is called.");
    return super.onActivate(state);
  }

  onDeactivate(state: LifecycleState): TransitionCallbackReturn {
    this.logger.info("on_deactivate() is called.");
    return super.onDeactivate(state);
  }

  onCleanup(state: LifecycleState): TransitionCallbackReturn {
    this.logger.info("on_cleanup() is called.");
    this.forgetPublisher();
    return super.onCleanup(state);
  }

  onShutdown(state: LifecycleState): TransitionCallbackReturn {
    this.logger.info("on_shutdown() is called.");
    this.forgetPublisher();
    return super.onShutdown(state);
  }

  private forgetPublisher(): void {
    const publisher = this.publisher;
    if (publisher !== null) this.destroyLifecyclePublisher(publisher);
    this.publisher = null;
  }

  publish(): void {
    const publisher = this.publisher;
    if (publisher === null || !publisher.isActivated) return;
    const message = new Text();
    message.data = `Lifecycle HelloWorld #${this.count++}`;
    this.logger.info(`Publishing: "${message.data}"`);
    publisher.publish(message);
  }
}

const node = new Talker("lc_talker");
node.createTimer(1000, () => node.publish());
