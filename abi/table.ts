/**
 * The one table of the app <-> firmware interface. `npm run abi` writes from it the AssemblyScript declarations
 * (assembly/env.ts), the C link table (firmware/src/wasm/abi_table.h), the TypeScript host types
 * (simulation/abi.ts) and docs/abi.md; a test regenerates all four and expects no difference.
 *
 * The app imports the functions below from module "rosehip", and exports:
 *   memory                      its linear memory
 *   rosehip_abi_version: i32    immutable global, {@link ABI_VERSION}; checked before anything runs
 *   rosehip_memory_bytes: i32   immutable global: the octets of linear memory the app uses, a multiple of 16. A firmware
 *                               gives it exactly that many (less than a 64 KiB page is fine); the app never touches more
 *   rosehip_poll(): i64         runs whatever is ready and returns the monotonic time in ns at which it wants
 *                               to run again, or i64.MAX_VALUE for "only when there is an event". The first
 *                               call runs the top-level code of the user's module, as the first task.
 * The firmware calls rosehip_poll when an event is pending or that time has come, and never re-entrantly.
 */
export const ABI_VERSION = 1;

/** The module name the app imports the functions from. */
export const ABI_MODULE = "rosehip";

/** What the app exports; `memory` and the poll function besides the two globals. */
export const ABI_EXPORTS = {
  memory: { name: "memory", doc: "The linear memory all addresses below point into." },
  version: {
    name: "rosehip_abi_version",
    doc: "Immutable i32 global: the version of this interface the app was built for. Checked before anything runs.",
  },
  memoryBytes: {
    name: "rosehip_memory_bytes",
    doc:
      "Immutable i32 global: the octets of linear memory the app uses, a multiple of 16. The firmware gives it exactly " +
      "that many (less than a 64 KiB page is fine); the app never touches more and never calls memory.grow.",
  },
  poll: {
    name: "rosehip_poll",
    doc:
      "() -> i64. Runs whatever is ready and returns the monotonic time in ns at which it wants to run again, or " +
      "i64.MAX_VALUE for only when there is an event. The first call runs the top-level code of the user's module.",
  },
} as const;

/** `text` and `bytes` are two i32 in WebAssembly: address and length in octets. Text is UTF-8 without NUL. */
export type AbiParameterType = "i32" | "u32" | "i64" | "handle" | "pointer" | "text" | "bytes";

export interface AbiParameter {
  readonly name: string;
  readonly type: AbiParameterType;
  /** Of a `pointer`: how many octets it points at. The host checks that all of them are inside the memory. */
  readonly octets?: number;
  /** Of a `pointer`: whether 0 is allowed and means "none". */
  readonly optional?: boolean;
  readonly doc: string;
}

export interface AbiFunction {
  readonly name: string;
  readonly parameters: readonly AbiParameter[];
  readonly result: "void" | "i32" | "i64";
  readonly doc: string;
}

/** Results below 0 of functions that return i32. The numbers never change meaning. */
export const ABI_ERRORS = {
  INVALID_ARGUMENT: { value: -1, doc: "A pointer, length, severity or clock is out of range." },
  BAD_HANDLE: { value: -2, doc: "No such node, service or request (any more)." },
  OUT_OF_MEMORY: { value: -3, doc: "The firmware's arena is full; give it more, or create fewer entities." },
  TOO_LARGE: {
    value: -4,
    doc: "The sample is larger than the link's limit, or the buffer given is too small.",
  },
  INVALID_NAME: { value: -5, doc: "Not a valid ROS 2 name, namespace or type name." },
  NO_EVENT: { value: -6, doc: "event_take without an event that waits." },
  BUSY: { value: -7, doc: "The outgoing queue is full; try again after the next event or a short sleep." },
} as const;

/** What event_next returns. */
export const ABI_EVENTS = {
  NONE: { value: 0, doc: "Nothing is pending." },
  REQUEST: { value: 1, doc: "A service request: take it, then answer it with service_reply." },
  REQUEST_FAULTED: {
    value: 2,
    doc:
      "This request was being handled when the previous run of the app trapped or was stopped; the handler is not " +
      "to be run for it again. Take the reason (UTF-8 text) and answer with a fault reply.",
  },
} as const;

export const ABI_SEVERITIES = { DEBUG: 10, INFO: 20, WARN: 30, ERROR: 40, FATAL: 50 } as const;

export const ABI_CLOCKS = {
  MONOTONIC: { value: 0, doc: "Nanoseconds since the device started. Never goes backward." },
  ROS: {
    value: 1,
    doc: "Nanoseconds since 1970-01-01 UTC, synchronised with the agent; 0 until it has been.",
  },
} as const;

/** Layout of the record event_next fills: little-endian, 20 octets, aligned to 4. */
export const ABI_EVENT_INFO = {
  size: 20,
  fields: [
    { name: "entity", offset: 0, type: "i32", doc: "Handle of the service concerned." },
    { name: "request", offset: 4, type: "i32", doc: "Token to give to service_reply; used once." },
    { name: "length", offset: 8, type: "u32", doc: "Octets that event_take will copy." },
    { name: "flags", offset: 12, type: "u32", doc: "Bit 0: the payload is big-endian CDR." },
    { name: "reserved", offset: 16, type: "u32", doc: "0." },
  ],
} as const;

export const ABI_FUNCTIONS: readonly AbiFunction[] = [
  {
    name: "log",
    parameters: [
      { name: "severity", type: "i32", doc: "One of the severities of rcl_interfaces/Log: 10 … 50." },
      { name: "logger", type: "text", doc: "Logger name, e.g. the node's." },
      { name: "message", type: "text", doc: "The line, without a line end." },
    ],
    result: "void",
    doc: "Writes one line to the log. Too long lines are cut and marked; a line never blocks.",
  },
  {
    name: "panic",
    parameters: [
      { name: "message", type: "text", doc: "What failed." },
      { name: "file", type: "text", doc: "Source file; empty if it is not known." },
      { name: "line", type: "u32", doc: "From 1; 0 if it is not known." },
      { name: "column", type: "u32", doc: "From 1; 0 if it is not known." },
    ],
    result: "void",
    doc: "Leaves the reason for the trap that follows. Returns; the app then executes `unreachable`.",
  },
  {
    name: "now",
    parameters: [{ name: "clock", type: "i32", doc: "One of the clocks." }],
    result: "i64",
    doc: "The time of a clock in nanoseconds.",
  },
  {
    name: "node_create",
    parameters: [
      { name: "name", type: "text", doc: "Node name, no slashes." },
      { name: "namespace", type: "text", doc: 'Absolute namespace; empty or "/" is the root.' },
    ],
    result: "i32",
    doc:
      "Creates a node and returns its handle, or an error. A node of the same name from the app's previous run is " +
      "taken over with its entities, so that it does not leave the graph when an app restarts.",
  },
  {
    name: "service_create",
    parameters: [
      { name: "node", type: "handle", doc: "From node_create." },
      { name: "name", type: "text", doc: "Fully qualified service name, e.g. /add_two_ints." },
      { name: "request_type", type: "text", doc: "example_interfaces::srv::dds_::AddTwoInts_Request_" },
      { name: "response_type", type: "text", doc: "example_interfaces::srv::dds_::AddTwoInts_Response_" },
      {
        name: "hashes",
        type: "pointer",
        octets: 64,
        optional: true,
        doc: "64 octets: RIHS01 of the request, then of the response; 0 if unknown.",
      },
    ],
    result: "i32",
    doc: "Creates a service server and returns its handle, or an error.",
  },
  {
    name: "entity_destroy",
    parameters: [
      { name: "entity", type: "handle", doc: "A service or node; a node takes its services with it." },
    ],
    result: "i32",
    doc: "Removes an entity from the graph and gives its memory back. 0, or an error.",
  },
  {
    name: "event_next",
    parameters: [{ name: "info", type: "pointer", octets: 20, doc: "Where the event record is written." }],
    result: "i32",
    doc:
      "The kind of the oldest pending event, with its record. The event waits until event_take; calling again " +
      "without taking it gives the same one. From here until service_reply a request counts as being handled.",
  },
  {
    name: "event_take",
    parameters: [
      {
        name: "payload",
        type: "bytes",
        doc: "Where the payload goes: info.length octets, or 0 octets to discard it.",
      },
    ],
    result: "i32",
    doc:
      "Copies the payload of the event last shown and releases it; with a length of 0 it is released uncopied. " +
      "Octets copied, or an error.",
  },
  {
    name: "service_reply",
    parameters: [
      { name: "request", type: "i32", doc: "Token of the request." },
      {
        name: "payload",
        type: "bytes",
        doc: "The response as little-endian CDR without encapsulation header.",
      },
    ],
    result: "i32",
    doc: "Sends the response and forgets the token. 0, or an error; after BUSY the token is still good.",
  },
];
