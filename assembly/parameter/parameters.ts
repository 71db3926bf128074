import { CdrWriter } from "../cdr";
import { rosTime } from "../node/clock";
import { Node } from "../node/node";
import { NodePart } from "../node/part";
import { fail } from "../rt/text";
import { QoS } from "../topic/qos";
import { Writer } from "../topic/writer";
import { Options } from "../typing";
import { eventHash, eventType, ParameterEvent } from "./event";
import { ParameterOptions } from "./options";
import { OverridesReader } from "./overrides";
import { DeclaredParameter, Parameter } from "./parameter";
import { ParameterRange } from "./range";
import { startServices } from "./services";
import { readKept, writeKept } from "./storage";
import { ParameterType } from "./type";
import { ParameterValue } from "./value";

/** @returns null to accept, or why not */
export type SetParametersCallback = (parameters: Parameter[]) => string | null;

/** Of `use_sim_time`. */
class NoSimTime extends ParameterRange {
  get type(): u8 {
    return <u8>ParameterType.Bool;
  }

  check(_name: string, value: ParameterValue): string | null {
    return value.bits == 0 ? null : "the board's clock follows the agent's computer, not /clock";
  }

  write(writer: CdrWriter): void {
    writer.u32(0);
    writer.u32(0);
  }
}

/**
 * The parameters of a node, with their services and /parameter_events. Made when a node's first parameter is declared
 * or its services are asked for; a node without has nothing of it on the graph or in memory.
 *
 * As in rclpy, `use_sim_time` is always there; but the board's clock follows the agent's computer, never /clock, so it
 * cannot be set to true.
 */
export class Parameters extends NodePart {
  first: DeclaredParameter | null = null;
  /** Fully qualified. */
  readonly nodeName: string;
  private last: DeclaredParameter | null = null;
  private readonly callbacks: SetParametersCallback[] = [];
  private readonly events: Writer;
  /** What the agent's command line says of parameters that are not declared yet. */
  private overrides: Parameter[] = [];

  constructor(readonly node: Node) {
    super();
    this.nodeName = node.fullyQualifiedName;
    this.events = new Writer(node, "/parameter_events", eventType(), eventHash(), QoS.parameterEvents);
    this.add("use_sim_time", ParameterValue.of<bool>(false), { range: new NoSimTime() });
    startServices(this);
    new OverridesReader(this);
  }

  add(name: string, value: ParameterValue, given: Options<ParameterOptions> | null): DeclaredParameter {
    if (name.length == 0) fail("Invalid parameter name: ''");
    if (this.find(name) !== null) fail(`Parameter(s) already declared: ['${name}']`);
    const options = given === null ? new ParameterOptions() : changetype<ParameterOptions>(given);
    const range = options.range;
    if (range !== null && range.type != value.type) fail(`parameter ${name}: its range is not for its type`);
    const parameter = new DeclaredParameter(name, value, options);
    const alone: Parameter[] = [parameter];
    const refusal = parameter.check(value, true);
    if (refusal !== null) fail(refusal);
    const kept = options.persist && this.initialize(parameter, this.keptValue(name), "kept value");
    const overridden = this.initialize(parameter, this.takeOverride(name), "override");
    if (!kept && !overridden) {
      const objection = this.ask(alone);
      if (objection !== null) fail(`parameter ${name}: ${objection}`);
    }
    const last = this.last;
    if (last === null) this.first = parameter;
    else last.next = parameter;
    this.last = parameter;
    const event = this.newEvent();
    event.newParameters = alone;
    this.events.send(event);
    return parameter;
  }

  private keptValue(name: string): ParameterValue | null {
    return readKept(this.node.logger, this.nodeName, name);
  }

  /** Gives a parameter another value than the one in the program. @returns false if it may not have it */
  private initialize(parameter: DeclaredParameter, value: ParameterValue | null, what: string): bool {
    if (value === null) return false;
    let refusal = parameter.check(value, true);
    if (refusal === null) refusal = this.ask([new Parameter(parameter.name, value)]);
    if (refusal === null) parameter.content = value;
    else this.node.logger.error(`parameter ${parameter.name}: ${what} not taken: ${refusal}`);
    return refusal === null;
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
    if (refusal === null) this.commit(parameters, initial);
    return refusal;
  }

  /** What the callbacks say to new values. They may sleep, and other tasks set parameters meanwhile. */
  private ask(parameters: Parameter[]): string | null {
    for (let i = 0; i < this.callbacks.length; i++) {
      const reason = this.callbacks[i](parameters);
      if (reason !== null) return reason;
    }
    return null;
  }

  /** @param initial of an override, which is not kept: it comes again after a restart, or is meant to be gone */
  private commit(parameters: Parameter[], initial: bool): void {
    const deleted: Parameter[] = [];
    const changed: Parameter[] = [];
    for (let i = 0; i < parameters.length; i++) {
      const given = parameters[i];
      const declared = this.find(given.name);
      if (declared === null) continue;
      const isDeleted = given.type == <u8>ParameterType.NotSet;
      if (isDeleted) this.remove(given.name);
      else declared.content = given.content;
      (isDeleted ? deleted : changed).push(given);
      if (declared.options.persist && !initial) {
        writeKept(this.node.logger, this.nodeName, given.name, isDeleted ? null : given.content);
      }
    }
    const event = this.newEvent();
    event.changedParameters = changed;
    event.deletedParameters = deleted;
    this.events.send(event);
  }

  private newEvent(): ParameterEvent {
    return new ParameterEvent(rosTime(), this.nodeName);
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
