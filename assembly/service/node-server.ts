import { join } from "../node/names";
import { Node } from "../node/node";
import { Server } from "./server";

/**
 * One of the services that ROS 2 gives a node, such as ~/get_parameters. What they read and write is part of the SDK
 * rather than generated, so that they share code and need no message classes of their own.
 */
export abstract class NodeServer extends Server {
  /**
   * @param folder that of the type, e.g. "rcl_interfaces"
   * @param type its name, e.g. "GetParameters"
   * @param hashes address of 64 octets: RIHS01 of request and response
   * @param name below the node's, in CamelCase as types are
   */
  constructor(node: Node, folder: string, type: string, hashes: usize, name: string = type) {
    const prefix = folder + "::srv::dds_::" + type;
    super(
      node,
      join(node.fullyQualifiedName, snakeCase(name)),
      prefix + "_Request_",
      prefix + "_Response_",
      hashes,
    );
  }
}

/** "get_parameters" of "GetParameters", without intermediate strings: they would all last until the next collection. */
function snakeCase(name: string): string {
  let length = name.length;
  for (let i = 1; i < name.length; i++) if (isCapital(name, i)) length++;
  const snake = changetype<string>(__new((<usize>length) << 1, idof<string>()));
  let at = changetype<usize>(snake);
  for (let i = 0; i < name.length; i++) {
    if (i != 0 && isCapital(name, i)) {
      store<u16>(at, UNDERSCORE);
      at += 2;
    }
    store<u16>(at, <u16>(name.charCodeAt(i) | 0x20));
    at += 2;
  }
  return snake;
}

const UNDERSCORE: u16 = 0x5f;

function isCapital(name: string, index: i32): bool {
  return name.charCodeAt(index) < 0x61;
}
