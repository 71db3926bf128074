import { RosehipError } from "../host-agent/src/errors.js";
import { MessageCodec } from "../toolchain/interface/codec.js";
import { ddsTypeName } from "../toolchain/interface/definition.js";
import { typeHash } from "../toolchain/interface/description.js";
import { interfaceSources } from "../toolchain/interface/gen.js";
import { InterfaceLibrary } from "../toolchain/interface/library.js";
import type { ServiceTypes } from "./service-client.js";

/**
 * @param type as `ros2 service call` takes it: `example_interfaces/srv/AddTwoInts`
 * @throws CLI_TYPE if that is not the form, IDL_… if there is no such service
 */
export function serviceTypes(type: string, project = process.cwd()): ServiceTypes {
  if (!/^\w+\/srv\/\w+$/.test(type)) {
    throw new RosehipError("CLI_TYPE", `"${type}" is not a service type`, {
      remedy: "Give it as package/srv/Name, e.g. example_interfaces/srv/AddTwoInts.",
    });
  }
  const library = new InterfaceLibrary(interfaceSources(project));
  if (library.file(type) === undefined) {
    throw new RosehipError("CLI_TYPE", `there is no service type ${type}`, {
      where: library.sources.map(({ folder }) => folder).join(", "),
      remedy: `There are: ${servicesLike(library, type).join(", ")}. Your own go to interfaces/${type}.srv.`,
    });
  }
  const part = (name: string) => {
    const hash = typeHash(library, name);
    const types = { type: ddsTypeName(name), codec: new MessageCodec(library, name) };
    return hash === undefined ? types : { ...types, typeHash: hash };
  };
  return { request: part(`${type}_Request`), response: part(`${type}_Response`) };
}

/** The services of the same package, or the packages there are. */
function servicesLike(library: InterfaceLibrary, type: string): string[] {
  const [packageName = ""] = type.split("/");
  const services = library.typesIn(packageName).filter((name) => name.includes("/srv/"));
  return services.length > 0 ? services : library.packages();
}
