import {
  LifecycleNode,
  LifecyclePublisher,
  LifecycleState,
  sleep,
  TransitionCallbackReturn,
} from "rosehip/assembly";
import { Run, Run_Response } from "rosehip_test/srv";
import { String_Type, String as Text } from "std_msgs/msg";

let plan = "";

/** Each callback returns what the next letter of the plan says, as in test/interop/record_lifecycle.py. */
class Planned extends LifecycleNode {
  private planned(name: string, state: LifecycleState): TransitionCallbackReturn {
    const letter = plan.charAt(0);
    plan = plan.substring(1);
    this.logger.info(`${name} from ${state.stateId} ${state.label}`);
    if (letter == "w") {
      sleep(1000);
      return TransitionCallbackReturn.Success;
    }
    if (letter == "f") return TransitionCallbackReturn.Failure;
    return letter == "e" ? TransitionCallbackReturn.Error : TransitionCallbackReturn.Success;
  }

  onConfigure(state: LifecycleState): TransitionCallbackReturn {
    return this.planned("on_configure", state);
  }

  onCleanup(state: LifecycleState): TransitionCallbackReturn {
    return this.planned("on_cleanup", state);
  }

  onActivate(state: LifecycleState): TransitionCallbackReturn {
    const result = this.planned("on_activate", state);
    return result == TransitionCallbackReturn.Success ? super.onActivate(state) : result;
  }

  onDeactivate(state: LifecycleState): TransitionCallbackReturn {
    const result = this.planned("on_deactivate", state);
    return result == TransitionCallbackReturn.Success ? super.onDeactivate(state) : result;
  }

  onShutdown(state: LifecycleState): TransitionCallbackReturn {
    return this.planned("on_shutdown", state);
  }

  onError(state: LifecycleState): TransitionCallbackReturn {
    return this.planned("on_error", state);
  }
}

const node = new Planned("managed", "lab");
const publisher: LifecyclePublisher<Text> = node.createLifecyclePublisher(String_Type, "chatter");

function trigger(response: Run_Response, result: TransitionCallbackReturn): void {
  response.value = <i64>(<i32>result);
}

node.createService(Run, "run", (request, response) => {
  const command = request.command;
  response.success = true;
  if (command.startsWith("plan ")) plan = command.substring(5);
  else if (command == "configure") trigger(response, node.triggerConfigure());
  else if (command == "cleanup") trigger(response, node.triggerCleanup());
  else if (command == "activate") trigger(response, node.triggerActivate());
  else if (command == "deactivate") trigger(response, node.triggerDeactivate());
  else if (command == "shutdown") trigger(response, node.triggerShutdown());
  else if (command == "destroy") node.destroyLifecyclePublisher(publisher);
  else {
    const message = new Text();
    message.data = command;
    response.success = publisher.publish(message);
  }
});
