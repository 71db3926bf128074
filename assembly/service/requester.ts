import {
  CLOCK_MONOTONIC,
  client_call,
  client_create,
  ERROR_BUSY,
  ERROR_OUT_OF_MEMORY,
  EVENT_MATCHED,
  EVENT_RESPONSE,
  now,
  request_forget,
} from "../env";
import { decode, encodeError, Message } from "../interface";
import { BIG_ENDIAN, Entity, NO_MEMORY, TOO_LARGE } from "../node/entity";
import { errorText } from "../node/errors";
import { countMatched, isMismatched, waitForMatch } from "../node/matched";
import { Node } from "../node/node";
import { release, sizeOf } from "../rt/heap";
import { fail, utf8 } from "../rt/text";
import { park, wake } from "../task/scheduler";
import { sleep } from "../task/sleep";
import { BUSY_RETRY_MS } from "./reply";

/** A request in flight: made when it is sent, forgotten when its task has its response or gives it up. */
class Call {
  next: Call | null = null;
  answered: bool = false;
  /** Of the response; 0 if there was no room for it. */
  payload: usize = 0;
  length: u32 = 0;
  /** Of its event. */
  flags: u32 = 0;

  constructor(readonly token: i32) {}
}

/** A service client, whatever its types. */
export class Requester extends Entity {
  /** Why the last call gave no response. */
  error: string = "";
  private calls: Call | null = null;

  /** @param name fully qualified */
  constructor(
    node: Node,
    readonly name: string,
    requestName: string,
    responseName: string,
    hashes: usize,
  ) {
    super(create(node.handle, name, requestName, responseName, hashes), node.handle);
  }

  accept(kind: i32, token: i32, payload: usize, length: u32, flags: u32): void {
    if (kind == EVENT_MATCHED) wake(changetype<usize>(this));
    const call = kind == EVENT_RESPONSE ? this.find(token) : null;
    if (call === null) {
      if (payload) release(payload);
      return;
    }
    call.answered = true;
    call.payload = payload;
    call.length = length;
    call.flags = flags;
    wake(changetype<usize>(call));
  }

  /** Whether there is a server now. Always false if the agent is not Rosehip's: others do not tell. */
  get isReady(): bool {
    return countMatched(this) > 0;
  }

  /** Suspends the calling task until there is a server. @returns false after `timeoutMs` milliseconds */
  waitForService(timeoutMs: i64): bool {
    return waitForMatch([this], timeoutMs);
  }

  /**
   * Sends a request and suspends the calling task until its response is there.
   * @param payload block with the request (interface.ts, encode), which this releases; 0 for one that is not valid
   * @param deadline monotonic nanoseconds
   * @returns whether `response` was filled; if not, {@link error} tells why
   */
  exchange(payload: usize, response: Message, deadline: i64): bool {
    const reason = this.attempt(payload, response, deadline);
    if (reason === null) return true;
    this.error = this.name + ": " + reason;
    return false;
  }

  private attempt(payload: usize, response: Message, deadline: i64): string | null {
    if (!payload) return encodeError;
    let token = client_call(this.handle, payload, <u32>sizeOf(payload));
    while (token == ERROR_BUSY && now(CLOCK_MONOTONIC) < deadline) {
      sleep(BUSY_RETRY_MS);
      token = client_call(this.handle, payload, <u32>sizeOf(payload));
    }
    release(payload);
    if (token < 0) return errorText(token);
    const call = new Call(token);
    call.next = this.calls;
    this.calls = call;
    const answered = park(deadline, changetype<usize>(call)) || call.answered;
    this.forget(call);
    if (!answered) {
      request_forget(token);
      return this.whyUnanswered();
    }
    return this.open(call, response);
  }

  private open(call: Call, response: Message): string | null {
    const payload = call.payload;
    if (call.flags & NO_MEMORY) return errorText(ERROR_OUT_OF_MEMORY);
    if (call.flags & TOO_LARGE) return "the response is larger than this board takes (sample_limit_bytes)";
    if (!payload && call.length != 0) {
      return "out of memory: response of " + call.length.toString() + " bytes";
    }
    const error = decode(response, payload, call.length, (call.flags & BIG_ENDIAN) != 0);
    if (payload) release(payload);
    return error === null ? null : "response does not decode: " + error;
  }

  private whyUnanswered(): string {
    if (this.isReady) return "timed out: no response";
    return isMismatched(this)
      ? "timed out: the server there is has another type or QoS"
      : "timed out: no server is known";
  }

  private find(token: i32): Call | null {
    let call = this.calls;
    while (call !== null && call.token != token) call = call.next;
    return call;
  }

  private forget(call: Call): void {
    if (this.calls === call) {
      this.calls = call.next;
      return;
    }
    let other = this.calls;
    while (other !== null && other.next !== call) other = other.next;
    if (other !== null) other.next = call.next;
  }
}

function create(node: i32, name: string, requestName: string, responseName: string, hashes: usize): i32 {
  const nameText = utf8(name);
  const request = utf8(requestName);
  const response = utf8(responseName);
  const handle = client_create(
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
  if (handle < 0) fail("client of " + name + ": " + errorText(handle));
  return handle;
}
