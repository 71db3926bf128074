// Generated from abi/table.ts by `npm run abi`; do not edit.
// A host's side of the app <-> firmware interface (docs/abi.md).

export const ABI_VERSION = 1;
export const ABI_MODULE = "rosehip";

/** Results below 0. */
export const AbiError = {
  INVALID_ARGUMENT: -1,
  BAD_HANDLE: -2,
  OUT_OF_MEMORY: -3,
  TOO_LARGE: -4,
  INVALID_NAME: -5,
  NO_EVENT: -6,
  BUSY: -7,
  NOT_FOUND: -8,
  DISCONNECTED: -9,
  STORAGE: -10,
  UNSUPPORTED: -13,
  NACK: -14,
  TIMEOUT: -15,
  BUS: -16,
} as const;

/** What event_next returns. */
export const AbiEvent = {
  NONE: 0,
  REQUEST: 1,
  REQUEST_FAULTED: 2,
  RESPONSE: 3,
  SAMPLE: 4,
  MATCHED: 5,
  EDGE: 6,
} as const;

/** Severities of rcl_interfaces/msg/Log. */
export const AbiSeverity = {
  DEBUG: 10,
  INFO: 20,
  WARN: 30,
  ERROR: 40,
  FATAL: 50,
} as const;

/** Clocks of now(). */
export const AbiClock = {
  MONOTONIC: 0,
  ROS: 1,
} as const;

/** What gpio() does. */
export const AbiGpio = {
  MODE: 0,
  READ: 1,
  WRITE: 2,
  WATCH: 3,
} as const;

/** Modes of a pin. */
export const AbiPinMode = {
  INPUT: 0,
  INPUT_PULL_UP: 1,
  INPUT_PULL_DOWN: 2,
  OUTPUT: 3,
  OUTPUT_OPEN_DRAIN: 4,
} as const;

/** Units of adc(). */
export const AbiAdcUnit = {
  RATIO: 0,
  MILLIVOLTS: 1,
} as const;

/** What a module exports. */
export interface AbiExports {
  /** The linear memory all addresses below point into. */
  readonly memory: WebAssembly.Memory;
  /**
   * Immutable i32 global: the version of this interface the app was built for. Checked before anything
   * runs.
   */
  readonly rosehip_abi_version: WebAssembly.Global;
  /**
   * Immutable i32 global: the octets of linear memory the app uses, a multiple of 16. The firmware gives
   * it exactly that many (less than a 64 KiB page is fine); the app never touches more and never calls
   * memory.grow.
   */
  readonly rosehip_memory_bytes: WebAssembly.Global;
  /**
   * () -> i64. Runs whatever is ready and returns the monotonic time in ns at which it wants to run
   * again, or i64.MAX_VALUE for only when there is an event. The first call runs the top-level code of
   * the user's module.
   */
  readonly rosehip_poll: () => bigint;
}

/** The record event_next fills. */
export interface AbiEventInfo {
  /** Handle of the service, client, subscription or publisher concerned; of an EDGE −1 − the pin. */
  readonly entity: number;
  /** Token to give to service_reply, or of client_call; of an EDGE its edges * 2 + level; else 0. */
  readonly request: number;
  /** Octets that event_take will copy. */
  readonly length: number;
  /** Bit 0: the payload is big-endian CDR. Bit 1: the request or response was too large for this board. Bit 2, with bit 1: for the memory that was free, not for sample_limit_bytes. */
  readonly flags: number;
  /** 0. */
  readonly reserved: number;
}

/** Writes the record over the 20 octets at `record`. */
export function writeEventInfo(record: Uint8Array, info: AbiEventInfo): void {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  view.setInt32(0, info.entity, true);
  view.setInt32(4, info.request, true);
  view.setUint32(8, info.length, true);
  view.setUint32(12, info.flags, true);
  view.setUint32(16, info.reserved, true);
}

/** The QoS record of publisher_create and subscription_create. */
export interface AbiQos {
  /** 0 best effort, 1 reliable. */
  readonly reliability: number;
  /** 0 volatile, 1 transient local. */
  readonly durability: number;
  /** 0 keep last, 1 keep all. */
  readonly history: number;
  /** 0 automatic, 1 manual by topic: publishing asserts it. DDS-XRCE cannot say it; Rosehip's agent knows it. */
  readonly liveliness: number;
  /** With keep last: samples kept, 1 to 65,535. Else ignored. */
  readonly depth: number;
  /** Longest time between two samples. */
  readonly deadlineNs: bigint;
  /** Of a publisher: how long a sample is good. */
  readonly lifespanNs: bigint;
  /** Liveliness lease. DDS-XRCE cannot say it; Rosehip's agent knows it. */
  readonly leaseNs: bigint;
}

/** Reads the 32 octets at `record`. */
export function readQos(record: Uint8Array): AbiQos {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  return {
    reliability: view.getUint8(0),
    durability: view.getUint8(1),
    history: view.getUint8(2),
    liveliness: view.getUint8(3),
    depth: view.getUint32(4, true),
    deadlineNs: view.getBigUint64(8, true),
    lifespanNs: view.getBigUint64(16, true),
    leaseNs: view.getBigUint64(24, true),
  };
}

/** Of what `matched` returns: a remote end is there that cannot match. */
export const ABI_MISMATCH = 65536;
export const ABI_STORAGE_KEY_OCTETS = 64;
export const ABI_STORAGE_VALUE_OCTETS = 4096;
export const ABI_I2C_OCTETS = 512;
export const ABI_SPI_OCTETS = 4092;
export const ABI_RANDOM_OCTETS = 256;

/**
 * What a host provides. Text is decoded; `bytes` and pointers are views of the module's memory, valid during
 * the call only.
 */
export interface AbiHost {
  /** Writes one line to the log. Too long lines are cut and marked; a line never blocks. */
  log(severity: number, logger: string, message: string): void;
  /** Leaves the reason for the trap that follows. Returns; the app then executes `unreachable`. */
  panic(message: string, file: string, line: number, column: number): void;
  /** The time of a clock in nanoseconds. */
  now(clock: number): bigint;
  /**
   * Creates a node and returns its handle, or an error. A node of the same name from the app's previous
   * run is taken over with its entities, so that it does not leave the graph when an app restarts.
   */
  nodeCreate(name: string, namespace: string): number;
  /** Creates a service server and returns its handle, or an error. */
  serviceCreate(node: number, name: string, requestType: string, responseType: string, hashes: Uint8Array | undefined): number;
  /** Removes an entity from the graph and gives its memory back. 0, or an error. */
  entityDestroy(entity: number): number;
  /**
   * The kind of the oldest pending event, with its record. The event waits until event_take; calling
   * again without taking it gives the same one. From here until service_reply a request counts as being
   * handled.
   */
  eventNext(info: Uint8Array): number;
  /**
   * Copies the payload of the event last shown and releases it; with a length of 0 it is released
   * uncopied. Octets copied, or an error.
   */
  eventTake(payload: Uint8Array): number;
  /** Sends the response and forgets the token. 0, or an error; after BUSY the token is still good. */
  serviceReply(request: number, payload: Uint8Array): number;
  /** Creates a service client and returns its handle, or an error. */
  clientCreate(node: number, name: string, requestType: string, responseType: string, hashes: Uint8Array | undefined): number;
  /**
   * Begins a call and returns its token (above 0), or an error. A RESPONSE with this token follows;
   * there is no time-out here. The request is kept until there is an agent and a server, and sent once;
   * what was on its way when a server or agent went is not sent again, since a server may have seen it.
   * (With an agent that tells no matches within 1 s, any other than Rosehip's, the request goes without
   * knowing of a server.) BUSY: too many calls are in flight, or the outgoing queue is full.
   */
  clientCall(client: number, payload: Uint8Array): number;
  /**
   * Ends a call whose response nobody waits for any more: it is not sent if it was still kept, and a
   * response is dropped. 0, or BAD_HANDLE.
   */
  requestForget(request: number): number;
  /** Creates a publisher and returns its handle, or an error. */
  publisherCreate(node: number, topic: string, type: string, hash: Uint8Array | undefined, qos: Uint8Array): number;
  /**
   * Sends one message. 0, or an error. DISCONNECTED: nobody gets it, as if there were no subscription. A
   * transient-local publisher with keep last and without lifespan has 0 instead: its newest messages
   * (depth, 16 at most) are kept and sent to each new agent.
   */
  publish(publisher: number, payload: Uint8Array): number;
  /**
   * Creates a subscription and returns its handle, or an error. Its messages come as SAMPLE. Keep last:
   * when `depth` wait and the app had its chance to take them, the oldest makes room. Keep all: the
   * sender waits.
   */
  subscriptionCreate(node: number, topic: string, type: string, hash: Uint8Array | undefined, qos: Uint8Array): number;
  /**
   * Keeps the messages of a subscription back, or lets them come: for an app that has no time or no
   * memory for them. Held messages are not shown by event_next, and other events go past them; one that
   * was shown and not taken goes back to its place. Keep last: the oldest makes room at once when
   * `depth` wait, and after 250 ms when messages have filled the memory. 0, or an error.
   */
  subscriptionHold(subscription: number, held: number): number;
  /**
   * How many remote ends match, 255 meaning that or more: of a client its servers, of a publisher the
   * subscriptions. Bit 0x10000 is set if there is one that cannot match, by QoS or type, and none that
   * does; the agent's log tells more. 0 without an agent, and with agents other than Rosehip's. Or an
   * error.
   */
  matched(entity: number): number;
  /**
   * Length of the stored value in octets, or an error: NOT_FOUND, TOO_LARGE (for the place given),
   * STORAGE.
   */
  storageRead(key: string, value: Uint8Array): number;
  /**
   * Stores a value over restarts of the app and the board, all of it or nothing. 0, or an error:
   * TOO_LARGE, STORAGE.
   */
  storageWrite(key: string, value: Uint8Array): number;
  /** Random numbers that differ between boards and boots, to make ids of; not for keys. 0, or an error. */
  random(octets: Uint8Array): number;
  /**
   * A digital pin. 0, the level, or an error: UNSUPPORTED, INVALID_ARGUMENT (no such pin, or not for the
   * app).
   */
  gpio(operation: number, pin: number, value: number): number;
  /**
   * A pin that is high for a part of each period, until its mode is set or the app ends. 0, or an error:
   * UNSUPPORTED, INVALID_ARGUMENT (no such pin, or a period that the board cannot have).
   */
  pwm(pin: number, periodNs: number, pulseNs: number): number;
  /** Converts the voltage at a pin. The value, or an error: UNSUPPORTED, INVALID_ARGUMENT. */
  adc(pin: number, unit: number): number;
  /** Makes the board the controller of an I2C bus; one that is open is opened anew. 0, or an error. */
  i2cOpen(bus: number, sda: number, scl: number, frequencyHz: number): number;
  /**
   * One transfer; a part without octets is left out, and without both only the address is sent. 0, or an
   * error: NACK, TIMEOUT, BUS, TOO_LARGE, INVALID_ARGUMENT (the bus is not open), UNSUPPORTED.
   */
  i2cTransfer(bus: number, address: number, output: Uint8Array, input: Uint8Array): number;
  /** Makes the board the controller of an SPI bus; one that is open is opened anew. 0, or an error. */
  spiOpen(bus: number, clock: number, controllerOut: number, controllerIn: number): number;
  /**
   * One transfer in both directions at once. 0, or an error: TOO_LARGE (length or time), TIMEOUT, BUS,
   * INVALID_ARGUMENT (the bus is not open, lengths differ), UNSUPPORTED.
   */
  spiTransfer(bus: number, chipSelect: number, mode: number, frequencyHz: number, output: Uint8Array, input: Uint8Array): number;
}

const utf8 = new TextDecoder();

/**
 * The import object for a module. Every address and length is checked against `memory()` before the host sees
 * it; one that does not fit makes the call return INVALID_ARGUMENT, or do nothing where there is no result.
 * @param memory the octets the app may use, at the time of the call
 */
export function linkAbi(host: AbiHost, memory: () => Uint8Array): Record<string, WebAssembly.ImportValue> {
  const view = (address: number, length: number): Uint8Array | undefined => {
    const octets = memory();
    const start = address >>> 0;
    const count = length >>> 0;
    return start + count > octets.byteLength ? undefined : octets.subarray(start, start + count);
  };
  return {
    log: (severity: number, loggerAddress: number, loggerLength: number, messageAddress: number, messageLength: number) => {
      const loggerView = view(loggerAddress, loggerLength);
      if (loggerView === undefined) return;
      const messageView = view(messageAddress, messageLength);
      if (messageView === undefined) return;
      host.log(severity, utf8.decode(loggerView), utf8.decode(messageView));
    },
    panic: (messageAddress: number, messageLength: number, fileAddress: number, fileLength: number, line: number, column: number) => {
      const messageView = view(messageAddress, messageLength);
      if (messageView === undefined) return;
      const fileView = view(fileAddress, fileLength);
      if (fileView === undefined) return;
      host.panic(utf8.decode(messageView), utf8.decode(fileView), line >>> 0, column >>> 0);
    },
    now: (clock: number) => {
      return host.now(clock);
    },
    node_create: (nameAddress: number, nameLength: number, namespaceAddress: number, namespaceLength: number) => {
      const nameView = view(nameAddress, nameLength);
      if (nameView === undefined) return AbiError.INVALID_ARGUMENT;
      const namespaceView = view(namespaceAddress, namespaceLength);
      if (namespaceView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.nodeCreate(utf8.decode(nameView), utf8.decode(namespaceView));
    },
    service_create: (node: number, nameAddress: number, nameLength: number, requestTypeAddress: number, requestTypeLength: number, responseTypeAddress: number, responseTypeLength: number, hashes: number) => {
      const nameView = view(nameAddress, nameLength);
      if (nameView === undefined) return AbiError.INVALID_ARGUMENT;
      const requestTypeView = view(requestTypeAddress, requestTypeLength);
      if (requestTypeView === undefined) return AbiError.INVALID_ARGUMENT;
      const responseTypeView = view(responseTypeAddress, responseTypeLength);
      if (responseTypeView === undefined) return AbiError.INVALID_ARGUMENT;
      const hashesView = hashes === 0 ? undefined : view(hashes, 64);
      if (hashes !== 0 && hashesView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.serviceCreate(node, utf8.decode(nameView), utf8.decode(requestTypeView), utf8.decode(responseTypeView), hashesView);
    },
    entity_destroy: (entity: number) => {
      return host.entityDestroy(entity);
    },
    event_next: (info: number) => {
      const infoView = view(info, 20);
      if (infoView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.eventNext(infoView);
    },
    event_take: (payloadAddress: number, payloadLength: number) => {
      const payloadView = view(payloadAddress, payloadLength);
      if (payloadView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.eventTake(payloadView);
    },
    service_reply: (request: number, payloadAddress: number, payloadLength: number) => {
      const payloadView = view(payloadAddress, payloadLength);
      if (payloadView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.serviceReply(request, payloadView);
    },
    client_create: (node: number, nameAddress: number, nameLength: number, requestTypeAddress: number, requestTypeLength: number, responseTypeAddress: number, responseTypeLength: number, hashes: number) => {
      const nameView = view(nameAddress, nameLength);
      if (nameView === undefined) return AbiError.INVALID_ARGUMENT;
      const requestTypeView = view(requestTypeAddress, requestTypeLength);
      if (requestTypeView === undefined) return AbiError.INVALID_ARGUMENT;
      const responseTypeView = view(responseTypeAddress, responseTypeLength);
      if (responseTypeView === undefined) return AbiError.INVALID_ARGUMENT;
      const hashesView = hashes === 0 ? undefined : view(hashes, 64);
      if (hashes !== 0 && hashesView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.clientCreate(node, utf8.decode(nameView), utf8.decode(requestTypeView), utf8.decode(responseTypeView), hashesView);
    },
    client_call: (client: number, payloadAddress: number, payloadLength: number) => {
      const payloadView = view(payloadAddress, payloadLength);
      if (payloadView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.clientCall(client, payloadView);
    },
    request_forget: (request: number) => {
      return host.requestForget(request);
    },
    publisher_create: (node: number, topicAddress: number, topicLength: number, typeAddress: number, typeLength: number, hash: number, qos: number) => {
      const topicView = view(topicAddress, topicLength);
      if (topicView === undefined) return AbiError.INVALID_ARGUMENT;
      const typeView = view(typeAddress, typeLength);
      if (typeView === undefined) return AbiError.INVALID_ARGUMENT;
      const hashView = hash === 0 ? undefined : view(hash, 32);
      if (hash !== 0 && hashView === undefined) return AbiError.INVALID_ARGUMENT;
      const qosView = view(qos, 32);
      if (qosView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.publisherCreate(node, utf8.decode(topicView), utf8.decode(typeView), hashView, qosView);
    },
    publish: (publisher: number, payloadAddress: number, payloadLength: number) => {
      const payloadView = view(payloadAddress, payloadLength);
      if (payloadView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.publish(publisher, payloadView);
    },
    subscription_create: (node: number, topicAddress: number, topicLength: number, typeAddress: number, typeLength: number, hash: number, qos: number) => {
      const topicView = view(topicAddress, topicLength);
      if (topicView === undefined) return AbiError.INVALID_ARGUMENT;
      const typeView = view(typeAddress, typeLength);
      if (typeView === undefined) return AbiError.INVALID_ARGUMENT;
      const hashView = hash === 0 ? undefined : view(hash, 32);
      if (hash !== 0 && hashView === undefined) return AbiError.INVALID_ARGUMENT;
      const qosView = view(qos, 32);
      if (qosView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.subscriptionCreate(node, utf8.decode(topicView), utf8.decode(typeView), hashView, qosView);
    },
    subscription_hold: (subscription: number, held: number) => {
      return host.subscriptionHold(subscription, held);
    },
    matched: (entity: number) => {
      return host.matched(entity);
    },
    storage_read: (keyAddress: number, keyLength: number, valueAddress: number, valueLength: number) => {
      const keyView = view(keyAddress, keyLength);
      if (keyView === undefined) return AbiError.INVALID_ARGUMENT;
      const valueView = view(valueAddress, valueLength);
      if (valueView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.storageRead(utf8.decode(keyView), valueView);
    },
    storage_write: (keyAddress: number, keyLength: number, valueAddress: number, valueLength: number) => {
      const keyView = view(keyAddress, keyLength);
      if (keyView === undefined) return AbiError.INVALID_ARGUMENT;
      const valueView = view(valueAddress, valueLength);
      if (valueView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.storageWrite(utf8.decode(keyView), valueView);
    },
    random: (octetsAddress: number, octetsLength: number) => {
      const octetsView = view(octetsAddress, octetsLength);
      if (octetsView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.random(octetsView);
    },
    gpio: (operation: number, pin: number, value: number) => {
      return host.gpio(operation, pin >>> 0, value);
    },
    pwm: (pin: number, periodNs: number, pulseNs: number) => {
      return host.pwm(pin >>> 0, periodNs >>> 0, pulseNs >>> 0);
    },
    adc: (pin: number, unit: number) => {
      return host.adc(pin >>> 0, unit);
    },
    i2c_open: (bus: number, sda: number, scl: number, frequencyHz: number) => {
      return host.i2cOpen(bus >>> 0, sda, scl, frequencyHz >>> 0);
    },
    i2c_transfer: (bus: number, address: number, outputAddress: number, outputLength: number, inputAddress: number, inputLength: number) => {
      const outputView = view(outputAddress, outputLength);
      if (outputView === undefined) return AbiError.INVALID_ARGUMENT;
      const inputView = view(inputAddress, inputLength);
      if (inputView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.i2cTransfer(bus >>> 0, address >>> 0, outputView, inputView);
    },
    spi_open: (bus: number, clock: number, controllerOut: number, controllerIn: number) => {
      return host.spiOpen(bus >>> 0, clock, controllerOut, controllerIn);
    },
    spi_transfer: (bus: number, chipSelect: number, mode: number, frequencyHz: number, outputAddress: number, outputLength: number, inputAddress: number, inputLength: number) => {
      const outputView = view(outputAddress, outputLength);
      if (outputView === undefined) return AbiError.INVALID_ARGUMENT;
      const inputView = view(inputAddress, inputLength);
      if (inputView === undefined) return AbiError.INVALID_ARGUMENT;
      return host.spiTransfer(bus >>> 0, chipSelect, mode >>> 0, frequencyHz >>> 0, outputView, inputView);
    },
  };
}

/** Every function an app may import. */
export const ABI_FUNCTION_NAMES: readonly string[] = [
  "log",
  "panic",
  "now",
  "node_create",
  "service_create",
  "entity_destroy",
  "event_next",
  "event_take",
  "service_reply",
  "client_create",
  "client_call",
  "request_forget",
  "publisher_create",
  "publish",
  "subscription_create",
  "subscription_hold",
  "matched",
  "storage_read",
  "storage_write",
  "random",
  "gpio",
  "pwm",
  "adc",
  "i2c_open",
  "i2c_transfer",
  "spi_open",
  "spi_transfer",
];
