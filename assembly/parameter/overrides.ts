import { Message } from "../interface";
import { QoS } from "../topic/qos";
import { Reader } from "../topic/reader";
import { eventHash, eventType, ParameterEvent } from "./event";
import { Parameters } from "./parameters";

/**
 * Parameter overrides of the agent's command line. Rosehip's agent keeps this topic to itself, and sends the node of the
 * subscription its overrides as new parameters (under the name that node has on the network, which a remapping may have
 * changed); from other agents nothing comes.
 */
export class OverridesReader extends Reader {
  constructor(private readonly parameters: Parameters) {
    super(parameters.node, "/rosehip/parameter_overrides", eventType(), eventHash(), new QoS(1));
  }

  createMessage(): Message {
    return new ParameterEvent();
  }

  /** Only the first time in a run of the app: an agent that comes back says it again, over values set since. */
  deliver(message: Message): void {
    const event = changetype<ParameterEvent>(message);
    this.destroy();
    const given = event.newParameters;
    if (given !== null) this.parameters.applyOverrides(given);
  }
}
