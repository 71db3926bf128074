import { EVENT_REQUEST, EVENT_REQUEST_FAULTED, service_create } from "../env";
import { decode, Message } from "../interface";
import { Logger } from "../log/logger";
import { BIG_ENDIAN, Entity, TOO_LARGE } from "../node/entity";
import { errorText } from "../node/errors";
import { Node } from "../node/node";
import { freeMemory, release, sizeOf } from "../rt/heap";
import { fail, utf8 } from "../rt/text";
import { start } from "../task/scheduler";
import { Task } from "../task/task";
import { reply } from "./reply";

/** A service server, whatever its types. */
export abstract class Server extends Entity {
  readonly logger: Logger;
  /** A finished task for the next request, so that a service in steady use makes none. */
  idle: RequestTask | null = null;

  /** @param name fully qualified */
  constructor(
    node: Node,
    readonly name: string,
    requestName: string,
    responseName: string,
    hashes: usize,
  ) {
    super(create(node.handle, name, requestName, responseName, hashes), node.handle);
    this.logger = node.logger;
  }

  abstract createRequest(): Message;
  abstract createResponse(): Message;

  /**
   * Serves one request, as a task of its own.
   * @param token for {@link answer}
   * @returns whether `response` is to be sent now; if not, that is left to the callee
   */
  abstract serve(request: Message, response: Message, token: i32): bool;

  accept(kind: i32, token: i32, payload: usize, length: u32, flags: u32): void {
    if (kind != EVENT_REQUEST && kind != EVENT_REQUEST_FAULTED) {
      if (payload) release(payload);
      return;
    }
    let task = this.idle;
    if (task === null) task = new RequestTask(this);
    this.idle = null;
    task.token = token;
    task.payload = payload;
    task.length = length;
    task.flags = flags;
    task.faulted = kind == EVENT_REQUEST_FAULTED;
    start(task);
  }

  /**
   * Fills in the response to a request that was not served.
   * @param trapped whether the previous run of the app ended while it served this request
   */
  fault(response: Message, reason: string, _trapped: bool): void {
    response.fault(reason);
  }

  /**
   * Sends a response; or if that fails, or there is a `reason` not to, a fault reply, and tells the log. So a caller is
   * never left waiting.
   */
  answer(token: i32, response: Message, reason: string | null = null, trapped: bool = false): void {
    if (reason === null) reason = reply(token, response);
    if (reason === null) return;
    this.logger.error(this.name + ": " + reason);
    const fault = this.createResponse();
    this.fault(fault, reason, trapped);
    reason = reply(token, fault);
    if (reason !== null) this.logger.error(this.name + ": no reply could be sent: " + reason);
  }
}

/** One request, from its arrival until it has been handled. */
class RequestTask extends Task {
  token: i32 = 0;
  payload: usize = 0;
  length: u32 = 0;
  /** Of its event. */
  flags: u32 = 0;
  /** Not to be served: the previous run of the app trapped while it did, or it is too large. The payload is the reason. */
  faulted: bool = false;

  constructor(readonly server: Server) {
    super();
  }

  run(): void {
    const server = this.server;
    const token = this.token;
    const request = server.createRequest();
    const response = server.createResponse();
    const reason = this.open(request);
    if (reason !== null || server.serve(request, response, token)) {
      server.answer(token, response, reason, this.faulted && (this.flags & TOO_LARGE) == 0);
    }
    server.idle = this;
  }

  /** Decodes the request. @returns null, or why it is not to be handled */
  private open(request: Message): string | null {
    const payload = this.payload;
    const length = this.length;
    if (!payload && length != 0) {
      return (
        "out of memory: request of " + length.toString() + " bytes, " + freeMemory().toString() + " free"
      );
    }
    let reason: string | null = null;
    if (this.faulted) {
      reason = String.UTF8.decodeUnsafe(payload, length);
    } else {
      const error = decode(request, payload, length, (this.flags & BIG_ENDIAN) != 0);
      if (error !== null) reason = "request does not decode: " + error;
    }
    if (payload) release(payload);
    this.payload = 0;
    return reason;
  }
}

function create(node: i32, name: string, requestName: string, responseName: string, hashes: usize): i32 {
  const nameText = utf8(name);
  const request = utf8(requestName);
  const response = utf8(responseName);
  const handle = service_create(
    node,
    nameText,
    <u32>sizeOf(nameText),
    request,
    <u32>sizeOf(request),
    response,
    <u32>sizeOf(response),
    hashes,
  );
  release(nameText);
  release(request);
  release(response);
  if (handle < 0) fail("service " + name + ": " + errorText(handle));
  return handle;
}
