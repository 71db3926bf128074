import { entity_destroy } from "../env";

/** What the event loop knows of a service, whatever its types. */
export abstract class Server {
  /** The next one in the list of all. */
  next: Server | null = null;

  constructor(
    readonly handle: i32,
    readonly nodeHandle: i32,
  ) {}

  /**
   * A request is there; its payload has been taken.
   * @param payload block of `length` octets that the callee frees, or 0
   * @param reason why the handler is not to be run and the caller gets a fault reply; null if it is to be run
   */
  abstract accept(token: i32, payload: usize, length: u32, bigEndian: bool, reason: string | null): void;

  /** Takes the service off the graph. Requests it is handling are still answered as far as possible. */
  destroy(): void {
    entity_destroy(this.handle);
    unregister(this, 0);
  }
}

let servers: Server | null = null;

export function register(server: Server): void {
  server.next = servers;
  servers = server;
}

/** Forgets one server, or all of a node. */
function unregister(server: Server | null, nodeHandle: i32): void {
  let previous: Server | null = null;
  let other = servers;
  while (other !== null) {
    const next = other.next;
    if (other !== server && (server !== null || other.nodeHandle != nodeHandle)) previous = other;
    else if (previous === null) servers = next;
    else previous.next = next;
    other = next;
  }
}

/** Takes a node off the graph, and its services with it. */
export function destroyNode(handle: i32): void {
  entity_destroy(handle);
  unregister(null, handle);
}

/** The service with this handle, or null. */
export function serverOf(handle: i32): Server | null {
  let server = servers;
  while (server !== null && server.handle != handle) server = server.next;
  return server;
}
