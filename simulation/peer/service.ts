import { RosehipError } from "../../host-agent/src/errors.js";
import type { MessageValue } from "../../toolchain/interface/codec.js";
import type { SimulatedService } from "../entities.js";
import type { ClientEnd, Graph } from "../graph.js";
import type { Wait } from "../waiting.js";
import { type Interfaces, rosType } from "./interfaces.js";

/** What the peer knows of the boards on its graph. */
export interface ServicesView {
  /** The service servers of all boards. */
  services(): readonly SimulatedService[];
}

/** Service clients of the test, one for each service and type: servers see them come once, not with each call. */
export class ServiceClients {
  private readonly ends = new Map<string, ClientEnd>();

  constructor(
    private readonly graph: Graph,
    private readonly view: ServicesView,
    private readonly interfaces: Interfaces,
  ) {}

  /**
   * Calls a service, once it is there.
   * @param type `example_interfaces/srv/AddTwoInts`; that of its server if not given
   */
  async call(
    wait: Wait,
    name: string,
    type: string | undefined,
    value: unknown,
    timeoutMs: number,
  ): Promise<MessageValue> {
    const known = type ?? this.typeOf(name);
    const resolved =
      known ??
      (await wait(
        () => this.typeOf(name),
        timeoutMs,
        () => this.noServer(name, undefined),
      ));
    const request = this.interfaces.type(`${resolved}_Request`);
    const response = this.interfaces.type(`${resolved}_Response`);
    const end = this.end(name, request.dds, response.dds);
    const payload = request.codec.encode(value ?? {});
    let outcome: Uint8Array | Error | undefined;
    const call = {
      payload,
      bigEndian: false,
      reply: (octets: Uint8Array) => {
        outcome = octets;
      },
      fail: (error: Error) => {
        outcome = error;
      },
    };
    if (!this.graph.call(end, call)) {
      await wait(
        () => this.graph.call(end, call) || undefined,
        timeoutMs,
        () => this.noServer(name, resolved),
      );
    }
    const answer = await wait(
      () => outcome,
      timeoutMs,
      (idle) => noAnswer(name, timeoutMs, idle),
    );
    if (answer instanceof Error) throw answer;
    return response.codec.decode(answer);
  }

  /** The type of the service's servers; undefined if there is none. @throws SIM_TYPE if they are of several */
  private typeOf(name: string): string | undefined {
    const servers = this.view.services().filter((service) => service.name === name);
    const types = [...new Set(servers.map(({ requestType }) => rosType(requestType, "_Request")))];
    if (types.length <= 1) return types[0];
    throw new RosehipError("SIM_TYPE", `${name} is offered with several types: ${types.join(", ")}`, {
      remedy: "Name one in the call.",
    });
  }

  private noServer(name: string, type: string | undefined): RosehipError {
    const all = this.view.services();
    const other = all.find((service) => service.name === name);
    if (other !== undefined) {
      const is = rosType(other.requestType, "_Request");
      return new RosehipError("SIM_NO_SERVICE", `${name} is of type ${is}, not ${type}`);
    }
    const names = all.map((service) => service.name).filter((known) => !known.includes("/_action/"));
    return new RosehipError("SIM_NO_SERVICE", `no board has a service ${name}`, {
      remedy: `There are: ${names.join(", ") || "none"}.`,
    });
  }

  private end(name: string, requestType: string, responseType: string): ClientEnd {
    const key = `${name} ${requestType}`;
    const known = this.ends.get(key);
    if (known !== undefined) return known;
    const end = { name, requestType, responseType };
    this.ends.set(key, end);
    this.graph.addClient(end);
    return end;
  }
}

function noAnswer(name: string, timeoutMs: number, idle: boolean): RosehipError {
  const what = idle
    ? "is not answered, and nothing more will happen on any board"
    : `is not answered within ${timeoutMs / 1000} s`;
  return new RosehipError("SIM_NO_ANSWER", `the call of ${name} ${what}`, {
    remedy: "See the boards' logs and traps.",
  });
}
