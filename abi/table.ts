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
  BAD_HANDLE: { value: -2, doc: "No such entity, request or call (any more)." },
  OUT_OF_MEMORY: { value: -3, doc: "The firmware's arena is full; give it more, or create fewer entities." },
  TOO_LARGE: {
    value: -4,
    doc: "The sample is larger than the link's limit, or the buffer given is too small.",
  },
  INVALID_NAME: { value: -5, doc: "Not a valid ROS 2 name, namespace or type name." },
  NO_EVENT: { value: -6, doc: "event_take without an event that waits." },
  BUSY: { value: -7, doc: "The outgoing queue is full; try again after the next event or a short sleep." },
  NOT_FOUND: { value: -8, doc: "Nothing is stored under this key." },
  DISCONNECTED: {
    value: -9,
    doc: "There is no agent at the moment, or it does not hold the entity yet: nothing was sent.",
  },
  STORAGE: { value: -10, doc: "This board has no storage, or it failed or is full." },
  UNSUPPORTED: { value: -13, doc: "This board, or this pin or bus of it, has no such thing." },
  NACK: { value: -14, doc: "Nobody acknowledged the address or an octet on the I2C bus." },
  TIMEOUT: { value: -15, doc: "A transfer on a bus was not over in time." },
  BUS: { value: -16, doc: "A transfer on a bus failed in any other way." },
} as const;

/** What event_next returns. */
export const ABI_EVENTS = {
  NONE: { value: 0, doc: "Nothing is pending." },
  REQUEST: { value: 1, doc: "A service request: take it, then answer it with service_reply." },
  REQUEST_FAULTED: {
    value: 2,
    doc:
      "This request was being handled when the previous run of the app trapped or was stopped, or (flags, bit 1) is " +
      "larger than this board takes, or has memory for; the handler is not to be run for it. Take the reason (UTF-8 " +
      "text) and answer with a fault reply.",
  },
  RESPONSE: {
    value: 3,
    doc:
      "The response to a call of this run: `request` is what client_call returned. One that was larger than this board " +
      "takes, or has memory for (flags, bit 1), has no payload.",
  },
  SAMPLE: { value: 4, doc: "A message for a subscription." },
  MATCHED: {
    value: 5,
    doc: "What `matched` returns for this entity has changed, perhaps more than once. There is no payload.",
  },
  EDGE: {
    value: 6,
    doc:
      "A watched pin changed: −1 − its number is in `entity`, so that it is no handle; in `request` twice the number of " +
      "edges since the last event of this pin, plus the level after the last one. There is no payload.",
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
    {
      name: "entity",
      offset: 0,
      type: "i32",
      doc: "Handle of the service, client, subscription or publisher concerned; of an EDGE −1 − the pin.",
    },
    {
      name: "request",
      offset: 4,
      type: "i32",
      doc: "Token to give to service_reply, or of client_call; of an EDGE its edges * 2 + level; else 0.",
    },
    { name: "length", offset: 8, type: "u32", doc: "Octets that event_take will copy." },
    {
      name: "flags",
      offset: 12,
      type: "u32",
      doc:
        "Bit 0: the payload is big-endian CDR. Bit 1: the request or response was too large for this board. Bit 2, with " +
        "bit 1: for the memory that was free, not for sample_limit_bytes.",
    },
    { name: "reserved", offset: 16, type: "u32", doc: "0." },
  ],
} as const;

/**
 * Layout of the QoS record that publisher_create and subscription_create read: little-endian, 32 octets, aligned to 8.
 * The values are those of rmw's policies without "system default" and "unknown". A time of 0 means infinite.
 */
export const ABI_QOS = {
  size: 32,
  fields: [
    { name: "reliability", offset: 0, type: "u8", doc: "0 best effort, 1 reliable." },
    { name: "durability", offset: 1, type: "u8", doc: "0 volatile, 1 transient local." },
    { name: "history", offset: 2, type: "u8", doc: "0 keep last, 1 keep all." },
    {
      name: "liveliness",
      offset: 3,
      type: "u8",
      doc: "0 automatic, 1 manual by topic: publishing asserts it. DDS-XRCE cannot say it; Rosehip's agent knows it.",
    },
    {
      name: "depth",
      offset: 4,
      type: "u32",
      doc: "With keep last: samples kept, 1 to 65,535. Else ignored.",
    },
    { name: "deadline_ns", offset: 8, type: "u64", doc: "Longest time between two samples." },
    { name: "lifespan_ns", offset: 16, type: "u64", doc: "Of a publisher: how long a sample is good." },
    {
      name: "lease_ns",
      offset: 24,
      type: "u64",
      doc: "Liveliness lease. DDS-XRCE cannot say it; Rosehip's agent knows it.",
    },
  ],
} as const;

/** The handle's bit in what `matched` returns: a remote end is there that does not fit. */
export const ABI_MISMATCH = 0x10000;

/** Longest key and value of the storage, in octets. */
export const ABI_STORAGE_LIMITS = { keyOctets: 64, valueOctets: 4096 } as const;

/** What `gpio` does. */
export const ABI_GPIO = {
  MODE: { value: 0, doc: "Makes the pin what `value` says, one of the modes; PWM and a watch on it end." },
  READ: { value: 1, doc: "The level of the pin, 0 or 1, also of an output." },
  WRITE: { value: 2, doc: "Sets the level, 0 or 1; of a pin that is no output yet the one it begins with." },
  WATCH: {
    value: 3,
    doc: "From now on these edges are told as EDGE: 1 rising, 2 falling, 3 both, 0 none any more.",
  },
} as const;

/** Modes of a pin, for `gpio`. */
export const ABI_PIN_MODES = {
  INPUT: { value: 0, doc: "Nothing drives the pin." },
  INPUT_PULL_UP: { value: 1, doc: "High unless something pulls it low." },
  INPUT_PULL_DOWN: { value: 2, doc: "Low unless something pulls it high." },
  OUTPUT: { value: 3, doc: "Driven low or high." },
  OUTPUT_OPEN_DRAIN: { value: 4, doc: "Driven low, or let go." },
} as const;

/** Units of `adc`. */
export const ABI_ADC_UNITS = {
  RATIO: { value: 0, doc: "0 to 65,535: the part of full scale, whatever the converter's width." },
  MILLIVOLTS: { value: 1, doc: "At the pin, by the chip's calibration if it has one." },
} as const;

/** Most octets of one part of an I2C transfer, of an SPI transfer, and of `random`. */
export const ABI_HARDWARE_LIMITS = { i2cOctets: 512, spiOctets: 4092, randomOctets: 256 } as const;

const BUS_PIN = "Number of the pin; -1: the board's own choice.";

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
    parameters: [{ name: "entity", type: "handle", doc: "Any entity; a node takes all of its own with it." }],
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
  {
    name: "client_create",
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
    doc: "Creates a service client and returns its handle, or an error.",
  },
  {
    name: "client_call",
    parameters: [
      { name: "client", type: "handle", doc: "From client_create." },
      {
        name: "payload",
        type: "bytes",
        doc: "The request as little-endian CDR without encapsulation header.",
      },
    ],
    result: "i32",
    doc:
      "Begins a call and returns its token (above 0), or an error. A RESPONSE with this token follows; there is no " +
      "time-out here. The request is kept until there is an agent and a server, and sent once; what was on its way " +
      "when a server or agent went is not sent again, since a server may have seen it. (With an agent that tells no " +
      "matches within 1 s, any other than Rosehip's, the request goes without knowing of a server.) BUSY: too many " +
      "calls are in flight, or the outgoing queue is full.",
  },
  {
    name: "request_forget",
    parameters: [{ name: "request", type: "i32", doc: "Token from client_call." }],
    result: "i32",
    doc: "Ends a call whose response nobody waits for any more: it is not sent if it was still kept, and a response is dropped. 0, or BAD_HANDLE.",
  },
  {
    name: "publisher_create",
    parameters: [
      { name: "node", type: "handle", doc: "From node_create." },
      { name: "topic", type: "text", doc: "Fully qualified topic name, e.g. /chatter." },
      { name: "type", type: "text", doc: "std_msgs::msg::dds_::String_" },
      {
        name: "hash",
        type: "pointer",
        octets: 32,
        optional: true,
        doc: "32 octets: RIHS01 of the type; 0 if unknown.",
      },
      { name: "qos", type: "pointer", octets: 32, doc: "A QoS record." },
    ],
    result: "i32",
    doc: "Creates a publisher and returns its handle, or an error.",
  },
  {
    name: "publish",
    parameters: [
      { name: "publisher", type: "handle", doc: "From publisher_create." },
      {
        name: "payload",
        type: "bytes",
        doc: "The message as little-endian CDR without encapsulation header.",
      },
    ],
    result: "i32",
    doc:
      "Sends one message. 0, or an error. DISCONNECTED: nobody gets it, as if there were no subscription. A " +
      "transient-local publisher with keep last and without lifespan has 0 instead: its newest messages (depth, 16 at " +
      "most) are kept and sent to each new agent.",
  },
  {
    name: "subscription_create",
    parameters: [
      { name: "node", type: "handle", doc: "From node_create." },
      { name: "topic", type: "text", doc: "Fully qualified topic name, e.g. /chatter." },
      { name: "type", type: "text", doc: "std_msgs::msg::dds_::String_" },
      {
        name: "hash",
        type: "pointer",
        octets: 32,
        optional: true,
        doc: "32 octets: RIHS01 of the type; 0 if unknown.",
      },
      { name: "qos", type: "pointer", octets: 32, doc: "A QoS record." },
    ],
    result: "i32",
    doc:
      "Creates a subscription and returns its handle, or an error. Its messages come as SAMPLE. Keep last: when `depth` " +
      "wait and the app had its chance to take them, the oldest makes room. Keep all: the sender waits.",
  },
  {
    name: "subscription_hold",
    parameters: [
      { name: "subscription", type: "handle", doc: "From subscription_create." },
      { name: "held", type: "i32", doc: "1: its messages wait; 0: they come again." },
    ],
    result: "i32",
    doc:
      "Keeps the messages of a subscription back, or lets them come: for an app that has no time or no memory for them. " +
      "Held messages are not shown by event_next, and other events go past them; one that was shown and not taken goes " +
      "back to its place. Keep last: the oldest makes room at once when `depth` wait, and after 250 ms when messages " +
      "have filled the memory. 0, or an error.",
  },
  {
    name: "matched",
    parameters: [{ name: "entity", type: "handle", doc: "A client, service, publisher or subscription." }],
    result: "i32",
    doc:
      "How many remote ends match, 255 meaning that or more: of a client its servers, of a publisher the " +
      "subscriptions. Bit 0x10000 is set if there is one that cannot match, by QoS or type, and none that does; the " +
      "agent's log tells more. 0 without an agent, and with agents other than Rosehip's. Or an error.",
  },
  {
    name: "storage_read",
    parameters: [
      { name: "key", type: "text", doc: "1 to 64 octets." },
      { name: "value", type: "bytes", doc: "Where the value goes; a length of 0 asks for its length only." },
    ],
    result: "i32",
    doc: "Length of the stored value in octets, or an error: NOT_FOUND, TOO_LARGE (for the place given), STORAGE.",
  },
  {
    name: "storage_write",
    parameters: [
      { name: "key", type: "text", doc: "1 to 64 octets." },
      { name: "value", type: "bytes", doc: "At most 4,096 octets; none: the key is removed." },
    ],
    result: "i32",
    doc: "Stores a value over restarts of the app and the board, all of it or nothing. 0, or an error: TOO_LARGE, STORAGE.",
  },
  {
    name: "random",
    parameters: [{ name: "octets", type: "bytes", doc: "Filled with random numbers; at most 256 octets." }],
    result: "i32",
    doc: "Random numbers that differ between boards and boots, to make ids of; not for keys. 0, or an error.",
  },
  {
    name: "gpio",
    parameters: [
      { name: "operation", type: "i32", doc: "One of the operations on a pin." },
      { name: "pin", type: "u32", doc: "The chip's number of the pin." },
      { name: "value", type: "i32", doc: "As the operation says; else ignored." },
    ],
    result: "i32",
    doc: "A digital pin. 0, the level, or an error: UNSUPPORTED, INVALID_ARGUMENT (no such pin, or not for the app).",
  },
  {
    name: "pwm",
    parameters: [
      { name: "pin", type: "u32", doc: "The chip's number of the pin." },
      {
        name: "period_ns",
        type: "u32",
        doc: "Nanoseconds from one rising edge to the next; 0: the pin is low.",
      },
      { name: "pulse_ns", type: "u32", doc: "Nanoseconds for which it is high, at most the period." },
    ],
    result: "i32",
    doc:
      "A pin that is high for a part of each period, until its mode is set or the app ends. 0, or an error: " +
      "UNSUPPORTED, INVALID_ARGUMENT (no such pin, or a period that the board cannot have).",
  },
  {
    name: "adc",
    parameters: [
      { name: "pin", type: "u32", doc: "The chip's number of the pin." },
      { name: "unit", type: "i32", doc: "One of the units." },
    ],
    result: "i32",
    doc: "Converts the voltage at a pin. The value, or an error: UNSUPPORTED, INVALID_ARGUMENT.",
  },
  {
    name: "i2c_open",
    parameters: [
      { name: "bus", type: "u32", doc: "From 0." },
      { name: "sda", type: "i32", doc: BUS_PIN },
      { name: "scl", type: "i32", doc: BUS_PIN },
      { name: "frequency_hz", type: "u32", doc: "Of the clock, at most; at least 10,000." },
    ],
    result: "i32",
    doc: "Makes the board the controller of an I2C bus; one that is open is opened anew. 0, or an error.",
  },
  {
    name: "i2c_transfer",
    parameters: [
      { name: "bus", type: "u32", doc: "As for i2c_open." },
      { name: "address", type: "u32", doc: "Of the device, 7 bits." },
      { name: "output", type: "bytes", doc: "Written first; at most 512 octets." },
      { name: "input", type: "bytes", doc: "Read then, after a repeated start; at most 512 octets." },
    ],
    result: "i32",
    doc:
      "One transfer; a part without octets is left out, and without both only the address is sent. 0, or an error: " +
      "NACK, TIMEOUT, BUS, TOO_LARGE, INVALID_ARGUMENT (the bus is not open), UNSUPPORTED.",
  },
  {
    name: "spi_open",
    parameters: [
      { name: "bus", type: "u32", doc: "From 0." },
      { name: "clock", type: "i32", doc: BUS_PIN },
      { name: "controller_out", type: "i32", doc: BUS_PIN },
      { name: "controller_in", type: "i32", doc: BUS_PIN },
    ],
    result: "i32",
    doc: "Makes the board the controller of an SPI bus; one that is open is opened anew. 0, or an error.",
  },
  {
    name: "spi_transfer",
    parameters: [
      { name: "bus", type: "u32", doc: "As for spi_open." },
      { name: "chip_select", type: "i32", doc: "Pin held low during the transfer; -1: none." },
      { name: "mode", type: "u32", doc: "0 to 3: CPOL * 2 + CPHA." },
      {
        name: "frequency_hz",
        type: "u32",
        doc: "Of the clock, at most. The transfer must not need more than 200 ms at it.",
      },
      { name: "output", type: "bytes", doc: "Sent, most significant bit first; 1 to 4,092 octets." },
      {
        name: "input",
        type: "bytes",
        doc: "Where what is received goes: as many octets, or none to drop it.",
      },
    ],
    result: "i32",
    doc:
      "One transfer in both directions at once. 0, or an error: TOO_LARGE (length or time), TIMEOUT, BUS, " +
      "INVALID_ARGUMENT (the bus is not open, lengths differ), UNSUPPORTED.",
  },
];
