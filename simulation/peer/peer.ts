import type { MessageValue } from "../../toolchain/interface/codec.js";
import type { AbiQos } from "../abi.js";
import type { Graph } from "../graph.js";
import { DEFAULT_QOS } from "../qos-matching.js";
import type { Random } from "../random.js";
import { DEFAULT_TIMEOUT_MS, type Waiting } from "../waiting.js";
import { ActionClient, actionType, type Goal, noAction } from "./action.js";
import { checkTypeName, fullName, type Interfaces } from "./interfaces.js";
import { ServiceClients, type ServicesView } from "./service.js";
import { type Subscription, Topics, type TopicsView } from "./topic.js";

export interface CallOptions {
  /** Milliseconds of virtual time for the server to appear, and then for its answer. Default an hour. */
  readonly timeoutMs?: number;
}

export interface TopicOptions {
  /** What differs from rmw's default: reliable, volatile, the last 10. */
  readonly qos?: Partial<AbiQos>;
}

/** Arguments after a name: the type may be left out where the boards' own ends tell it. */
type Arguments<O> = [value?: object, options?: O] | [type: string, value?: object, options?: O];

const UUID_OCTETS = 16;

/** The test's own node on the graph, so to speak: it calls, sends goals, publishes and subscribes. Values are typed by interfaces. */
export class Peer {
  private readonly services: ServiceClients;
  private readonly topics: Topics;
  private readonly actions = new Map<string, ActionClient>();

  constructor(
    private readonly graph: Graph,
    private readonly waiting: Waiting,
    private readonly view: ServicesView & TopicsView,
    private readonly interfaces: Interfaces,
    private readonly random: Random,
  ) {
    this.services = new ServiceClients(graph, view, interfaces);
    this.topics = new Topics(graph, waiting, view, interfaces);
  }

  /**
   * Calls a service, and returns its response.
   * @param given the request, before it the type (`package/srv/Name`) if the server is not to tell it
   * @throws SIM_NO_SERVICE, SIM_NO_ANSWER, CODEC_VALUE
   */
  call(service: string, ...given: Arguments<CallOptions>): Promise<MessageValue> {
    const { type, value, options } = sorted(given);
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    return this.waiting.start(async (wait) => {
      if (type !== undefined) checkTypeName(type, "srv");
      return this.services.call(wait, fullName(service), type, value, timeoutMs);
    });
  }

  /**
   * Sends a goal, and returns it when the server has accepted or rejected it.
   * @param given the goal, before it the type (`package/action/Name`) if the server is not to tell it
   * @throws SIM_NO_ACTION, SIM_NO_ANSWER, CODEC_VALUE
   */
  sendGoal(action: string, ...given: Arguments<CallOptions>): Promise<Goal> {
    const { type, value, options } = sorted(given);
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    return this.waiting.start(async (wait) => {
      const name = fullName(action);
      const known = type === undefined ? actionType(name, this.view) : checkTypeName(type, "action");
      const look = () => actionType(name, this.view);
      const resolved = known ?? (await wait(look, timeoutMs, () => noAction(name, this.view)));
      const id = this.random.octets(UUID_OCTETS);
      return this.actionClient(name, resolved).sendGoal(wait, id, value, timeoutMs);
    });
  }

  /**
   * Publishes a message; it is on its way when this returns.
   * @param given the message, before it the type (`package/msg/Name`) if the boards' subscriptions are not to tell it
   * @throws SIM_TYPE, CODEC_VALUE
   */
  publish(topic: string, ...given: Arguments<TopicOptions>): void {
    const { type, value, options } = sorted(given);
    if (type !== undefined) checkTypeName(type, "msg");
    this.topics.publish(fullName(topic), type, value, { ...DEFAULT_QOS, ...options.qos });
  }

  /**
   * Messages of a topic from now on, and those its publishers have kept.
   * @param type `package/msg/Name`; that of the boards' publishers if not given. So is their QoS.
   * @throws SIM_TYPE
   */
  subscribe(topic: string, type?: string, { qos }: TopicOptions = {}): Subscription {
    if (type !== undefined) checkTypeName(type, "msg");
    return this.topics.subscribe(fullName(topic), type, qos && { ...DEFAULT_QOS, ...qos });
  }

  private actionClient(name: string, type: string): ActionClient {
    const key = `${name} ${type}`;
    let client = this.actions.get(key);
    if (client === undefined) {
      client = new ActionClient(this.graph, this.waiting, this.services, this.interfaces, name, type);
      this.actions.set(key, client);
    }
    return client;
  }
}

function sorted<O extends object>(given: Arguments<O>) {
  const [first, ...rest] = given;
  const type = typeof first === "string" ? first : undefined;
  const [value = {}, options = {}] = (type === undefined ? given : rest) as [object?, O?];
  return { type, value, options: options as Partial<O> };
}
