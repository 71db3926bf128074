import { projectFile } from "../project.js";
import { typeHash } from "./description.js";
import { InterfaceLibrary } from "./library.js";

let shipped: InterfaceLibrary | undefined;

/**
 * The RIHS01 type hash of a type that Rosehip ships a definition of, for endpoints of devices that do not know it.
 * Reads the few definition files it needs on first use of a type.
 * @param ddsTypeName as on DDS: `example_interfaces::srv::dds_::AddTwoInts_Request_`
 * @returns `RIHS01_` and 64 hex digits, or undefined if the type is not known
 */
export function lookupTypeHash(ddsTypeName: string): string | undefined {
  const match = /^(\w+)::(msg|srv|action)::dds_::(\w+)_$/.exec(ddsTypeName);
  if (match === null) return undefined;
  shipped ??= new InterfaceLibrary([
    { name: "the interfaces of Rosehip", folder: projectFile("interfaces") },
  ]);
  return typeHash(shipped, `${match[1]}/${match[2]}/${match[3]}`);
}
