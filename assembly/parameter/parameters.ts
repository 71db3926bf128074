import { rosTime } from "../node/clock";
import { Node } from "../node/node";
import { fail } from "../rt/text";
import { QoS } from "../topic/qos";
import { Writer } from "../topic/writer";
import { eventHash, eventType, ParameterEvent } from "./event";
import { ParameterOptions } from "./options";
import { OverridesReader } from "./overrides";
import { DeclaredParameter, Parameter } from "./parameter";
import { startServices } from "./services";
import { readKept, writeKept } from "./storage";
import { ParameterValue } from "./value";

/** @returns null to accept, or why not */
export type SetParametersCallback = (parameters: Parameter[]) => string | null;

function useSimTime(): string {
  return "use_sim_time";
}

/**
 * The parameters of a node, with their services and /parameter_events. Made when a node's first parameter is declared
 * or its services are asked for; a node without has nothing of it on the graph or in memory.
 *
 * As in rclpy, `use_sim_time` is always there; but the board's clock follows the agent's computer, never /clock, so it
 * cannot be set to true.
 */
export class Parameters {
  first: DeclaredParameter | null = null;
  private last: DeclaredParameter | null = null;
  private readonly callbacks: SetParametersCallback[] = [];
  private readonly events: Writer;
  /** What the agent's command line says of parameters that are not declared yet. */
  private overrides: Parameter[] = [];

  constructor(readonly node: Node) {
    this.events = new Writer(node, "/parameter_events", eventType(), eventHash(), QoS.parameterEvents);
    this.add(useSimTime(), ParameterValue.of<bool>(false), null);
    startServices(this);
    new OverridesReader(this);
  }

  add(name: string, value: ParameterValue, given: ParameterOptions | null): DeclaredParameter {
    if (name.length == 0) fail("Invalid parameter name: ''");
    if (this.find(name) !== null) fail(`Parameter(s) already declared: ['${name}']`);
    const options = given === null ? new ParameterOptions() : given;
    const range = options.range;
    if (range !== null && range.type != value.type) fail(`parameter ${name}: its range is not for its type`);
    const parameter = new DeclaredParameter(name, value, options);
    const refusal = this.refusalOf(parameter, value);
    if (refusal !== null) fail(`parameter ${name}: ${refusal}`);
    if (options.persist)
      this.initialize(
        parameter,
        readKept(this.node.logger, this.node.fullyQualifiedName, name),
        "kept value",
      );
    this.initialize(parameter, this.takeOverride(name), "override");
    const last = this.last;
    if (last === null) this.first = parameter;
    else last.next = parameter;
    this.last = parameter;
    const event = this.newEvent();
    event.newParameters.push(parameter);
    this.events.send(event);
    return parameter;
  }

  /** Gives a parameter another value than the one in the program, if it may have it. */
  private initialize(parameter: DeclaredParameter, value: ParameterValue | null, what: string): void {
    if (value === null) return;
    const refusal = this.refusalOf(parameter, value);
    if (refusal === null) parameter.content = value;
    else this.node.logger.error(`parameter ${parameter.name}: ${what} not taken: ${refusal}`);
  }

  /** Why a value cannot be a parameter's first, or null. */
  private refusalOf(parameter: DeclaredParameter, value: ParameterValue): string | null {
    const reason = parameter.check(value, true);
    return reason !== null ? reason : this.ask([new Parameter(parameter.name, value)]);
  }

  find(name: string): DeclaredParameter | null {
    let parameter = this.first;
    while (parameter !== null && parameter.name != name) parameter = parameter.next;
    return parameter;
  }

  /** Ends the app if there is none of this name. */
  get(name: string): DeclaredParameter {
    const parameter = this.find(name);
    if (parameter === null) fail(undeclared(`'${name}'`));
    return changetype<DeclaredParameter>(changetype<usize>(parameter));
  }

  undeclare(name: string): void {
    if (this.get(name).options.readOnly) fail(`Attempted to modify read-only parameter: '${name}'`);
    this.remove(name);
  }

  private remove(name: string): void {
    let previous: DeclaredParameter | null = null;
    let parameter = this.first;
    while (parameter !== null && parameter.name != name) {
      previous = parameter;
      parameter = parameter.next;
    }
    if (parameter === null) return;
    if (previous === null) this.first = parameter.next;
    else previous.next = parameter.next;
    if (this.last === parameter) this.last = previous;
  }

  addCallback(callback: SetParametersCallback): void {
    this.callbacks.push(callback);
  }

  /** Sets all of them or none. @returns null, or why none was set */
  setAtomically(parameters: Parameter[], initial: bool = false): string | null {
    let unknown = "";
    for (let i = 0; i < parameters.length; i++) {
      const name = parameters[i].name;
      if (this.find(name) === null) unknown += unknown.length == 0 ? `'${name}'` : `, '${name}'`;
    }
    if (unknown.length != 0) return undeclared(unknown);
    for (let i = 0; i < parameters.length; i++) {
      const reason = this.get(parameters[i].name).check(parameters[i].content, initial);
      if (reason !== null) return reason;
    }
    const refusal = this.ask(parameters);
    if (refusal === null) this.commit(parameters);
    return refusal;
  }

  /** What the callbacks say to new values. They may sleep, and other tasks set parameters meanwhile. */
  private ask(parameters: Parameter[]): string | null {
    for (let i = 0; i < parameters.length; i++) {
      if (parameters[i].name == useSimTime() && parameters[i].content.bits != 0) {
        return "the board's clock follows the agent's computer, not /clock";
      }
    }
    for (let i = 0; i < this.callbacks.length; i++) {
      const reason = this.callbacks[i](parameters);
      if (reason !== null) return reason;
    }
    return null;
  }

  private commit(parameters: Parameter[]): void {
    const event = this.newEvent();
    for (let i = 0; i < parameters.length; i++) {
      const name = parameters[i].name;
      const content = parameters[i].content;
      const declared = this.find(name);
      if (declared === null) continue;
      const deleted = content.type == 0;
      if (declared.options.persist) {
        writeKept(this.node.logger, event.node, name, deleted ? null : content);
      }
      if (deleted) {
        this.remove(name);
        event.deletedParameters.push(parameters[i]);
      } else {
        declared.content = content;
        event.changedParameters.push(parameters[i]);
      }
    }
    this.events.send(event);
  }

  private newEvent(): ParameterEvent {
    const event = new ParameterEvent();
    event.stamp = rosTime();
    event.node = this.node.fullyQualifiedName;
    return event;
  }

  /** Takes what the agent's command line says; what is not declared yet waits until it is. */
  applyOverrides(overrides: Parameter[]): void {
    for (let i = 0; i < overrides.length; i++) {
      const given = overrides[i];
      if (this.find(given.name) === null) {
        this.overrides.push(given);
        continue;
      }
      const refusal = this.setAtomically([given], true);
      if (refusal !== null) this.node.logger.error(`parameter ${given.name}: override not taken: ${refusal}`);
    }
  }

  private takeOverride(name: string): ParameterValue | null {
    for (let i = 0; i < this.overrides.length; i++) {
      if (this.overrides[i].name == name) return this.overrides.splice(i, 1)[0].content;
    }
    return null;
  }
}

/** rclpy's words; but rclpy leaves out the first name, since its check has used it up. */
function undeclared(names: string): string {
  return `Invalid access to undeclared parameter(s): [${names}]`;
}

/** The parameters of a node, made if it has none yet. */
export function parametersOf(node: Node): Parameters {
  const there = node.parameters;
  if (there !== null) return changetype<Parameters>(there);
  const parameters = new Parameters(node);
  node.parameters = parameters;
  return parameters;
}
