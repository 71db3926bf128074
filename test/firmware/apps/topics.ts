// The app of the tests of clients, topics and storage: straight on the ABI, no SDK. A request to /cmd says by its first
// octet what to do; what else happens is written down until it is asked for.
import {
  client_call as clientCall,
  client_create as clientCreate,
  entity_destroy as entityDestroy,
  event_next as eventNext,
  event_take as eventTake,
  matched,
  node_create as nodeCreate,
  now,
  publish,
  publisher_create as publisherCreate,
  request_forget as requestForget,
  service_create as serviceCreate,
  service_reply as serviceReply,
  storage_read as storageRead,
  storage_write as storageWrite,
  subscription_create as subscriptionCreate,
  subscription_hold as subscriptionHold,
} from "../../../assembly/env";

export const rosehip_abi_version: i32 = 1;
export const rosehip_memory_bytes: i32 = 65536;

const SECOND: i64 = 1_000_000_000;
const NEVER: i64 = i64.MAX_VALUE;
const info = memory.data(20);
const payload = memory.data(4200);
const answer = memory.data(4200);
const story = memory.data(8192);
const qos = memory.data(32, 8);
let told = 0;
let started = false;
let node = 0;
let busyUntil: i64 = 0;
/** Whose next sample is put back and held. */
let refused = 0;
/** Handles: 0 client, 1 /in, 2 /sensor, 3 /all, 4 /out, 5 /latched. */
const handles = memory.data(24);

function text(s: string): usize {
  return changetype<usize>(String.UTF8.encode(s));
}

function setQos(reliable: u8, latched: u8, all: u8, depth: u32, deadline: u64): void {
  memory.fill(qos, 0, 32);
  store<u8>(qos, reliable);
  store<u8>(qos + 1, latched);
  store<u8>(qos + 2, all);
  store<u32>(qos + 4, depth);
  store<u64>(qos + 8, deadline);
}

function subscription(name: string): i32 {
  return subscriptionCreate(node, text(name), name.length, text("t::T_"), 5, 0, qos);
}

function publisher(name: string): i32 {
  return publisherCreate(node, text(name), name.length, text("t::T_"), 5, 0, qos);
}

function client(name: string): i32 {
  return clientCreate(node, text(name), name.length, text("t::Q_"), 5, text("t::R_"), 5, 0);
}

function handle(index: i32): i32 {
  return load<i32>(handles + 4 * index);
}

function start(): void {
  node = nodeCreate(text("tester"), 6, 0, 0);
  serviceCreate(node, text("/cmd"), 4, text("t::Q_"), 5, text("t::R_"), 5, 0);
  store<i32>(handles, client("/add"));
  setQos(1, 0, 0, 3, 0);
  store<i32>(handles + 4, subscription("/in"));
  setQos(0, 0, 0, 2, 0);
  store<i32>(handles + 8, subscription("/sensor"));
  setQos(1, 0, 1, 0, 0);
  store<i32>(handles + 12, subscription("/all"));
  setQos(1, 0, 0, 10, 1500000);
  store<i32>(handles + 16, publisher("/out"));
  setQos(1, 1, 0, 2, 0);
  store<i32>(handles + 20, publisher("/latched"));
}

/** One of each is made and destroyed again. 0, or what went wrong. */
function makeAndDestroy(): i32 {
  setQos(1, 1, 0, 5, 0);
  const made = memory.data(16);
  store<i32>(made, client("/tmp"));
  store<i32>(made + 4, subscription("/tmp_in"));
  store<i32>(made + 8, publisher("/tmp_out"));
  publish(load<i32>(made + 8), answer, 100);
  clientCall(load<i32>(made), answer, 100);
  for (let i = 0; i < 3; i++) {
    if (load<i32>(made + 4 * i) <= 0) return load<i32>(made + 4 * i);
    if (entityDestroy(load<i32>(made + 4 * i)) !== 0) return -100;
  }
  return 0;
}

/** Calls that a broken or hostile app might make; each result is one octet. */
function misuse(): i32 {
  let n = 0;
  const end = <usize>rosehip_memory_bytes;
  setQos(1, 0, 0, 0, 0);
  store<i8>(answer + n++, <i8>publisher("/depth_0"));
  setQos(1, 0, 0, 65536, 0);
  store<i8>(answer + n++, <i8>publisher("/depth_65536"));
  setQos(2, 0, 0, 1, 0);
  store<i8>(answer + n++, <i8>subscription("/reliability_2"));
  setQos(1, 0, 0, 1, 0);
  store<i8>(answer + n++, <i8>subscription("not absolute"));
  store<i8>(answer + n++, <i8>subscriptionCreate(node, text("/x"), 2, text("t"), 1, 0, end - 31));
  store<i8>(answer + n++, <i8>publisherCreate(node, text("/x"), 2, text("t"), 1, end - 31, qos));
  store<i8>(answer + n++, <i8>publisherCreate(handle(0), text("/x"), 2, text("t"), 1, 0, qos));
  store<i8>(answer + n++, <i8>publisherCreate(node, text("/in"), 3, text("other"), 5, 0, qos));
  store<i8>(answer + n++, <i8>clientCreate(node, text("/x"), 2, text("t"), 1, text("t"), 1, end - 63));
  store<i8>(answer + n++, <i8>clientCall(handle(1), payload, 1));
  store<i8>(answer + n++, <i8>clientCall(handle(0), end, 1));
  store<i8>(answer + n++, <i8>clientCall(handle(0), 0, 32768));
  store<i8>(answer + n++, <i8>publish(handle(0), payload, 1));
  store<i8>(answer + n++, <i8>publish(handle(4), end - 1, 2));
  store<i8>(answer + n++, <i8>publish(handle(4), 0, 32768));
  store<i8>(answer + n++, <i8>requestForget(0));
  store<i8>(answer + n++, <i8>requestForget(-1));
  store<i8>(answer + n++, <i8>requestForget(99999));
  store<i8>(answer + n++, <i8>subscriptionHold(handle(4), 1));
  store<i8>(answer + n++, <i8>subscriptionHold(99, 1));
  store<i8>(answer + n++, <i8>matched(node));
  store<i8>(answer + n++, <i8>matched(99));
  store<i8>(answer + n++, <i8>storageRead(payload, 0, answer, 4));
  store<i8>(answer + n++, <i8>storageRead(payload, 65, answer, 4));
  store<i8>(answer + n++, <i8>storageRead(end, 1, answer, 4));
  store<i8>(answer + n++, <i8>storageWrite(payload, 1, 0, 4097));
  store<i8>(answer + n++, <i8>storageWrite(payload, 1, end, 1));
  return n;
}

/** "wKEY=VALUE" writes, "rKEY" reads; the answer is the result, then the value. */
function storage(length: i32): i32 {
  const reads = load<u8>(payload) === 0x72;
  let end = 1;
  while (end < length && load<u8>(payload + end) !== 0x3d) end++;
  const result = reads
    ? storageRead(payload + 1, end - 1, answer + 4, 4096)
    : storageWrite(payload + 1, end - 1, payload + end + 1, end < length ? length - end - 1 : 0);
  store<i32>(answer, result);
  return reads && result > 0 ? 4 + result : 4;
}

/** @returns the length of the answer */
function command(length: i32): i32 {
  const rest = payload + 1;
  switch (load<u8>(payload)) {
    case 0x63: // c: call
      store<i32>(answer, clientCall(handle(0), rest, length - 1));
      return 4;
    case 0x66: // f: forget a call
      store<i32>(answer, requestForget(load<i32>(rest)));
      return 4;
    case 0x70: // p: publish
      store<i32>(answer, publish(handle(4), rest, length - 1));
      return 4;
    case 0x6c: // l: publish, latched
      store<i32>(answer, publish(handle(5), rest, length - 1));
      return 4;
    case 0x6d: // m: what is matched
      for (let i = 0; i < 6; i++) store<i32>(answer + 4 * i, matched(handle(i)));
      return 24;
    case 0x65: // e: what has happened
      memory.copy(answer, story, told);
      length = told;
      told = 0;
      return length;
    case 0x62: // b: busy for 5 s
      busyUntil = now(0) + 5 * SECOND;
      return 0;
    case 0x64: // d: destroy
      store<i32>(answer, entityDestroy(handle(load<u8>(rest))));
      return 4;
    case 0x68: // h: hold 1, let come 0
      store<i32>(answer, subscriptionHold(handle(load<u8>(rest)), load<u8>(rest + 1)));
      return 4;
    case 0x67: // g: give the next one back
      refused = handle(load<u8>(rest));
      return 0;
    case 0x6b: // k: make and destroy
      store<i32>(answer, makeAndDestroy());
      return 4;
    case 0x78: // x: misuse
      return misuse();
    case 0x72: // r, w: storage
    case 0x77:
      return storage(length);
    default:
      return unreachable(); // t: trap
  }
}

/** Kind (16 more if it was too large for the board, 48 if for its arena), which entity, token u16, length, and the payload's first octets. */
function tell(kind: i32, entity: i32, token: i32, length: i32): void {
  let index = 0;
  while (index < 6 && handle(index) !== entity) index++;
  const shown = min(length, 8);
  if (told + 5 + shown > 4000) return;
  store<u8>(story + told, <u8>kind);
  store<u8>(story + told + 1, <u8>index);
  store<u16>(story + told + 2, <u16>token);
  store<u8>(story + told + 4, <u8>length);
  memory.copy(story + told + 5, payload, shown);
  told += 5 + shown;
}

export function rosehip_poll(): i64 {
  if (!started) {
    started = true;
    start();
  }
  if (now(0) < busyUntil) return busyUntil;
  while (true) {
    const kind = eventNext(info);
    if (kind === 0) return NEVER;
    if (eventNext(info) !== kind) unreachable(); // the same one until it is taken
    const entity = load<i32>(info);
    const token = load<i32>(info + 4);
    const length = load<i32>(info + 8);
    if (kind === 4 && entity === refused) {
      if (subscriptionHold(entity, 1) !== 0) unreachable();
      refused = 0;
      continue;
    }
    if (eventTake(payload, length) !== length) unreachable();
    if (kind === 1) serviceReply(token, answer, command(length));
    else if (kind === 2) serviceReply(token, answer, 0);
    else tell(kind + ((load<u32>(info + 12) & 6) << 3), entity, token, length);
    if (now(0) < busyUntil) return busyUntil;
  }
}
