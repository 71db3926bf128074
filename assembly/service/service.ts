import { CdrError, CdrReader, cdrErrorText } from "../cdr";
import { service_create } from "../env";
import { Message, ServiceType } from "../interface";
import { errorText } from "../node/errors";
import { Logger } from "../node/logger";
import { expandName } from "../node/names";
import { Node } from "../node/node";
import { release, sizeOf } from "../rt/heap";
import { fail, utf8 } from "../rt/text";
import { start } from "../task/scheduler";
import { Task } from "../task/task";
import { reply } from "./reply";
import { register, Server } from "./server";

/** A service server. Made by `Node#createService`. */
export class Service<Q extends Message, P extends Message> extends Server {
  /** Fully qualified. */
  readonly name: string;
  readonly logger: Logger;
  /** A finished task for the next request, so that a service in steady use makes none. */
  idle: RequestTask<Q, P> | null = null;

  constructor(
    node: Node,
    readonly type: ServiceType<Q, P>,
    name: string,
    readonly callback: (request: Q, response: P) => void,
  ) {
    const fullName = expandName("service", name, node.name, node.namespace);
    super(create(node, fullName, type.requestName, type.responseName, type.hashes), node.handle);
    this.name = fullName;
    this.logger = node.logger;
    register(this);
  }

  accept(token: i32, payload: usize, length: u32, bigEndian: bool, reason: string | null): void {
    let task = this.idle;
    if (task === null) task = new RequestTask<Q, P>(this);
    this.idle = null;
    task.token = token;
    task.payload = payload;
    task.length = length;
    task.bigEndian = bigEndian;
    task.reason = reason;
    start(task);
  }
}

/** One call of a service's callback, and its answer. */
class RequestTask<Q extends Message, P extends Message> extends Task {
  token: i32 = 0;
  payload: usize = 0;
  length: u32 = 0;
  bigEndian: bool = false;
  reason: string | null = null;

  constructor(readonly service: Service<Q, P>) {
    super();
  }

  run(): void {
    const service = this.service;
    const response = service.type.createResponse();
    const request = this.decode();
    if (this.reason === null) {
      service.callback(request, response);
      this.reason = reply(this.token, response);
    }
    const reason = this.reason;
    if (reason !== null) this.fault(reason);
    this.reason = null;
    service.idle = this;
  }

  /** The request; one that does not decode sets `reason`. */
  private decode(): Q {
    const request = this.service.type.createRequest();
    if (!this.payload) return request;
    const reader = new CdrReader(this.payload, <i32>this.length, this.bigEndian);
    request.deserialize(reader);
    release(this.payload);
    this.payload = 0;
    if (reader.error != CdrError.None) this.reason = "request does not decode: " + cdrErrorText(reader.error);
    return request;
  }

  /** Answers with a default-initialised response, so that the caller is not left waiting. */
  private fault(reason: string): void {
    const service = this.service;
    service.logger.error(service.name + ": " + reason);
    const response = service.type.createResponse();
    response.fault(reason);
    const failure = reply(this.token, response);
    if (failure !== null) service.logger.error(service.name + ": no reply could be sent: " + failure);
  }
}

function create(node: Node, name: string, requestName: string, responseName: string, hashes: usize): i32 {
  const nameText = utf8(name);
  const request = utf8(requestName);
  const response = utf8(responseName);
  const handle = service_create(
    node.handle,
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
