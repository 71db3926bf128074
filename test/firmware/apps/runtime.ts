// The app of the runtime's tests: straight on the ABI, no SDK. The first octet of a request says what to do with it.
import {
  entity_destroy as entityDestroy,
  event_next as eventNext,
  event_take as eventTake,
  log,
  node_create as nodeCreate,
  now,
  panic,
  service_create as serviceCreate,
  service_reply as serviceReply,
} from "../../../assembly/env";

export const rosehip_abi_version: i32 = 1;
export const rosehip_memory_bytes: i32 = 65536;

const SECOND: i64 = 1_000_000_000;
const NEVER: i64 = i64.MAX_VALUE;
const info = memory.data(20);
const payload = memory.data(4096);
const answer = memory.data(4096);
let started = false;
let node = 0;
let echo = 0;
const held = memory.data(64);
let heldCount = 0;
let leave = false;
let nextWake: i64 = NEVER;

function text(s: string): usize {
  return changetype<usize>(String.UTF8.encode(s));
}

function service(name: string): i32 {
  const type = "p::srv::dds_::T_Request_";
  const reply = "p::srv::dds_::T_Response_";
  return serviceCreate(node, text(name), name.length, text(type), type.length, text(reply), reply.length, 0);
}

/** The tests turn the clock: what happens at the start depends on the time. */
function start(): void {
  const time = now(0) / SECOND;
  if (time >= 1000 && time < 1100) unreachable();
  node = nodeCreate(text("tester"), 6, 0, 0);
  echo = service("/echo");
  if (time < 2000) service("/gone");
}

/** Calls that a broken or hostile app might make; each result is one octet of the answer. */
function misuse(): i32 {
  let n = 0;
  const end = <usize>rosehip_memory_bytes;
  store<i8>(answer + n++, <i8>nodeCreate(end - 2, 3, 0, 0));
  store<i8>(answer + n++, <i8>nodeCreate(0xffffffff, 1, 0, 0));
  store<i8>(answer + n++, <i8>nodeCreate(8, -1, 0, 0));
  store<i8>(answer + n++, <i8>nodeCreate(text("a b"), 3, 0, 0));
  store<i8>(answer + n++, <i8>nodeCreate(text("n"), 1, text("x"), 1));
  store<i8>(answer + n++, <i8>serviceCreate(0, text("/s"), 2, text("t"), 1, text("t"), 1, 0));
  store<i8>(answer + n++, <i8>serviceCreate(echo, text("/s"), 2, text("t"), 1, text("t"), 1, 0));
  store<i8>(answer + n++, <i8>serviceCreate(node, text("/s"), 2, text("t"), 1, text("t"), 1, end - 63));
  store<i8>(answer + n++, <i8>serviceCreate(node, text("s s"), 3, text("t"), 1, text("t"), 1, 0));
  store<i8>(answer + n++, <i8>serviceCreate(node, end, 1, text("t"), 1, text("t"), 1, 0));
  store<i8>(answer + n++, <i8>entityDestroy(0));
  store<i8>(answer + n++, <i8>entityDestroy(-1));
  store<i8>(answer + n++, <i8>entityDestroy(i32.MAX_VALUE));
  store<i8>(answer + n++, <i8>eventNext(end - 19));
  store<i8>(answer + n++, <i8>eventNext(0xfffffff0));
  store<i8>(answer + n++, <i8>eventTake(end, 1));
  store<i8>(answer + n++, <i8>eventTake(8, 8)); // nothing is shown
  store<i8>(answer + n++, <i8>serviceReply(0, 8, 0));
  store<i8>(answer + n++, <i8>serviceReply(12345, 8, 0));
  store<i8>(answer + n++, <i8>serviceReply(1, end - 1, 2));
  store<i8>(answer + n++, <i8>now(2));
  log(35, 8, 1, 8, 1);
  log(20, end, 1, 8, 1);
  log(20, 8, 1, 8, -1);
  return n;
}

function handle(token: i32, length: i32): void {
  switch (load<u8>(payload)) {
    case 0x65:
      serviceReply(token, payload, length);
      break; // e: echo
    case 0x68:
      store<i32>(held + 4 * heldCount++, token);
      break; // h: hold
    case 0x72: // r: answer what is held, then this
      for (let i = 0; i < heldCount; i++) serviceReply(load<i32>(held + 4 * i), payload, length);
      heldCount = 0;
      serviceReply(token, payload, length);
      break;
    case 0x74:
      unreachable(); // t: trap
      break;
    case 0x6c:
      while (true) {} // l: loop
    case 0x70: // p: panic
      panic(text("told to"), 7, text("app.ts"), 6, 12, 7);
      unreachable();
      break;
    case 0x62: // b: too big, then what that gave
      store<i8>(answer, <i8>serviceReply(token, 0, 65536));
      serviceReply(token, answer, 1);
      break;
    case 0x71: // q: answer what is held first with 7,500 octets, then what that gave
      store<i8>(answer, <i8>serviceReply(load<i32>(held), payload, 7500));
      serviceReply(token, answer, 1);
      break;
    case 0x64: // d: destroy the service it came to
      store<i8>(answer, <i8>entityDestroy(echo));
      echo = service("/echo");
      break;
    case 0x32: // 2: answer twice
      serviceReply(token, payload, length);
      log(20, 0, 0, text(serviceReply(token, payload, length) === -2 ? "refused" : "taken  "), 7);
      break;
    case 0x6d:
      serviceReply(token, answer, misuse());
      break; // m
    case 0x6e:
      leave = true;
      serviceReply(token, payload, length);
      break; // n: take no events any more
    case 0x77:
      nextWake = now(0) + SECOND;
      serviceReply(token, payload, length);
      break; // w: wake in 1 s, then trap
    default:
      serviceReply(token, payload, 0);
  }
}

export function rosehip_poll(): i64 {
  if (!started) {
    started = true;
    start();
  }
  if (nextWake !== NEVER && now(0) >= nextWake) unreachable();
  while (true) {
    const kind = leave ? 0 : eventNext(info);
    if (kind === 0) break;
    const token = load<i32>(info + 4);
    const length = load<i32>(info + 8);
    if (length > 1 && eventTake(payload, length - 1) !== -4) unreachable(); // too little room is told
    if (eventTake(payload, length) !== length) unreachable();
    if (kind === 2) {
      store<u8>(answer, 0x46); // F and the reason
      memory.copy(answer + 1, payload, length);
      serviceReply(token, answer, length + 1);
    } else {
      handle(token, length);
    }
  }
  return nextWake;
}
