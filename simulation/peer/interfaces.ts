import { RosehipError } from "../../host-agent/src/errors.js";
import { demangleType, topicNameFault } from "../../host-agent/src/ros2/names.js";
import { MessageCodec } from "../../toolchain/interface/codec.js";
import { ddsTypeName } from "../../toolchain/interface/definition.js";
import { interfaceSources } from "../../toolchain/interface/gen.js";
import { InterfaceLibrary, type InterfaceSource } from "../../toolchain/interface/library.js";

/** A type by both its names, with what makes its values octets. */
export interface NamedType {
  /** On DDS: `example_interfaces::srv::dds_::AddTwoInts_Request_`. */
  readonly dds: string;
  readonly codec: MessageCodec;
}

/** The definitions of the interfaces that the simulated apps use. */
export class Interfaces {
  private sources: InterfaceSource[] = [];
  private readonly types = new Map<string, NamedType>();
  private library = new InterfaceLibrary([]);

  /** Looks in the folder `interfaces` of a project, too, and wherever its build looks. */
  add(project: string): void {
    const known = new Set(this.sources.map(({ folder }) => folder));
    const added = interfaceSources(project).filter(({ folder }) => !known.has(folder));
    if (added.length === 0) return;
    // A project's own come first; what is installed and what ships is the same for all.
    this.sources = [...added, ...this.sources];
    this.library = new InterfaceLibrary(this.sources);
  }

  /** @param name of a message or a part: `example_interfaces/srv/AddTwoInts_Request` @throws InterfaceError, IDL_UNKNOWN_TYPE */
  type(name: string): NamedType {
    const known = this.types.get(name);
    if (known !== undefined) return known;
    const type = { dds: ddsTypeName(name), codec: new MessageCodec(this.library, name) };
    this.types.set(name, type);
    return type;
  }
}

/** `example_interfaces::srv::dds_::AddTwoInts_Request_` and `_Request` -> `example_interfaces/srv/AddTwoInts`. */
export function rosType(dds: string, suffix = ""): string {
  const name = demangleType(dds);
  if (name?.endsWith(suffix) !== true) {
    throw new RosehipError("SIM_TYPE", `${dds} is not the name of a ROS 2 type that ends in "${suffix}"`);
  }
  return name.slice(0, name.length - suffix.length);
}

/** @param kind what its middle has to be: `package/srv/Name` @throws SIM_TYPE */
export function checkTypeName(type: string, kind: "msg" | "srv" | "action"): string {
  if (new RegExp(`^\\w+/${kind}/\\w+$`).test(type)) return type;
  throw new RosehipError("SIM_TYPE", `"${type}" is not the name of a type`, {
    remedy: `Give it as package/${kind}/Name.`,
  });
}

/** The fully qualified name; a relative one is taken to be in the root. @throws SIM_NAME */
export function fullName(name: string): string {
  const full = name.startsWith("/") ? name : `/${name}`;
  const fault = topicNameFault(full);
  if (fault === undefined) return full;
  throw new RosehipError("SIM_NAME", `"${name}" is no ROS 2 name: ${fault}`);
}
