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

/** "get_parameters" of "GetParameters". */
function snakeCase(name: string): string {
  let snake = "";
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    const isCapital = unit < 0x61;
    if (isCapital && i != 0) snake += "_";
    snake += String.fromCharCode(isCapital ? unit | 0x20 : unit);
  }
  return snake;
}
