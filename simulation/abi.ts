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
} as const;

/** What event_next returns. */
export const AbiEvent = {
  NONE: 0,
  REQUEST: 1,
  REQUEST_FAULTED: 2,
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
  /** Handle of the service concerned. */
  readonly entity: number;
  /** Token to give to service_reply; used once. */
  readonly request: number;
  /** Octets that event_take will copy. */
  readonly length: number;
  /** Bit 0: the payload is big-endian CDR. */
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
];
