import { Message, ServiceType } from "../interface";
import { expandName } from "../node/names";
import { Node } from "../node/node";
import { Server } from "./server";

/** A service with a callback. Made by `Node#createService`. */
export class Service<Q extends Message, P extends Message> extends Server {
  constructor(
    node: Node,
    readonly type: ServiceType<Q, P>,
    name: string,
    readonly callback: (request: Q, response: P) => void,
  ) {
    super(
      node,
      expandName("service", name, node.name, node.namespace),
      type.requestName,
      type.responseName,
      type.hashes,
    );
  }

  createRequest(): Message {
    return this.type.createRequest();
  }

  createResponse(): Message {
    return this.type.createResponse();
  }

  serve(request: Message, response: Message, _token: i32): bool {
    this.callback(changetype<Q>(request), changetype<P>(response));
    return true;
  }
}
