// Everything a service client can do, one after the other, against nodes/add_two_ints_server.py. Each scenario logs one
// line "name: what was seen"; clients.test.ts knows what is to be seen.

import { AddTwoInts, AddTwoInts_Request } from "example_interfaces/srv";
import { createTask, Node } from "rosehip/assembly";

const node = new Node("service_client");
const client = node.createClient(AddTwoInts, "add_two_ints");

const PATIENCE_MS = 10000;
const CALLS = 200;
const AT_ONCE = 8;

function tell(scenario: string, seen: string): void {
  node.logger.info(`${scenario}: ${seen}`);
}

function request(a: i64, b: i64): AddTwoInts_Request {
  const request = new AddTwoInts_Request();
  request.a = a;
  request.b = b;
  return request;
}

function sum(a: i64, b: i64, timeoutMs: i64 = PATIENCE_MS): string {
  const response = client.call(request(a, b), timeoutMs);
  return response === null ? client.error : response.sum.toString();
}

let answered = 0;
let expected = 0;

function countAnswers(): void {
  let right = 0;
  for (let i = 0; i < CALLS; i++) {
    if (sum(i, 1000) == (i + 1000).toString()) right++;
  }
  tell("calls", `${right} of ${CALLS}`);
}

/** The server takes 100 ms for each of these, in threads of its own. */
function severalAtOnce(): void {
  for (let i = 0; i < AT_ONCE; i++) {
    expected += 100 + i;
    client.callAsync(request(100, i), (response) => {
      if (response !== null) answered += <i32>response.sum;
    });
  }
  tell("one more", sum(100, 50));
  // They were sent before it, and take as long; the last of them may be answered a little later.
  for (let i = 0; i < 50 && answered != expected; i++) sum(0, 0);
  tell("at once", answered == expected ? "all" : `${answered} instead of ${expected}`);
}

/** Requests of their own in tasks of their own, beside one that is not answered in time. */
function timeOut(): void {
  createTask(() => tell("other task", sum(20, 22)));
  // The server takes 600 ms for it.
  tell("slow", sum(600, 1, 200));
  // The late response to the call before does not come instead.
  tell("after it", sum(600, 7));
}

tell("no server", sum(1, 2, 200));
tell("asynchronously", "begun");
client.callAsync(
  request(2, 3),
  (response) => tell("no server, asynchronously", response === null ? client.error : "?"),
  200,
);
while (!client.waitForService(500)) tell("waiting", "for the server");
countAnswers();
severalAtOnce();
timeOut();
tell("end", "of the scenarios");
while (client.waitForService(0)) sum(0, 0, 200);
tell("gone", client.waitForService(100) ? "no" : "yes");
tell("back", client.waitForService(PATIENCE_MS) ? sum(3, 4) : "no");
