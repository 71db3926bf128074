/* Generated from abi/table.ts by `npm run abi`; do not edit. */
/* The firmware's side of the app <-> firmware interface; docs/abi.md tells every octet of it. */
#ifndef ROSEHIP_ABI_TABLE_H
#define ROSEHIP_ABI_TABLE_H

#define ROSEHIP_ABI_VERSION 1
#define ROSEHIP_ABI_MODULE "rosehip"
/* The linear memory all addresses below point into. */
#define ROSEHIP_ABI_EXPORT_MEMORY "memory"
/* Immutable i32 global: the version of this interface the app was built for. Checked before anything
 * runs. */
#define ROSEHIP_ABI_EXPORT_VERSION "rosehip_abi_version"
/* Immutable i32 global: the octets of linear memory the app uses, a multiple of 16. The firmware gives
 * it exactly that many (less than a 64 KiB page is fine); the app never touches more and never calls
 * memory.grow. */
#define ROSEHIP_ABI_EXPORT_MEMORY_BYTES "rosehip_memory_bytes"
/* () -> i64. Runs whatever is ready and returns the monotonic time in ns at which it wants to run
 * again, or i64.MAX_VALUE for only when there is an event. The first call runs the top-level code of
 * the user's module. */
#define ROSEHIP_ABI_EXPORT_POLL "rosehip_poll"

enum rosehip_abi_error {
  /* A pointer, length, severity or clock is out of range. */
  ROSEHIP_ABI_ERR_INVALID_ARGUMENT = -1,
  /* No such node, service or request (any more). */
  ROSEHIP_ABI_ERR_BAD_HANDLE = -2,
  /* The firmware's arena is full; give it more, or create fewer entities. */
  ROSEHIP_ABI_ERR_OUT_OF_MEMORY = -3,
  /* The sample is larger than the link's limit, or the buffer given is too small. */
  ROSEHIP_ABI_ERR_TOO_LARGE = -4,
  /* Not a valid ROS 2 name, namespace or type name. */
  ROSEHIP_ABI_ERR_INVALID_NAME = -5,
  /* event_take without an event that waits. */
  ROSEHIP_ABI_ERR_NO_EVENT = -6,
  /* The outgoing queue is full; try again after the next event or a short sleep. */
  ROSEHIP_ABI_ERR_BUSY = -7,
};

enum rosehip_abi_event {
  /* Nothing is pending. */
  ROSEHIP_ABI_EVENT_NONE = 0,
  /* A service request: take it, then answer it with service_reply. */
  ROSEHIP_ABI_EVENT_REQUEST = 1,
  /* This request was being handled when the previous run of the app trapped or was stopped; the handler
   * is not to be run for it again. Take the reason (UTF-8 text) and answer with a fault reply. */
  ROSEHIP_ABI_EVENT_REQUEST_FAULTED = 2,
};

enum rosehip_abi_severity {
  ROSEHIP_ABI_SEVERITY_DEBUG = 10,
  ROSEHIP_ABI_SEVERITY_INFO = 20,
  ROSEHIP_ABI_SEVERITY_WARN = 30,
  ROSEHIP_ABI_SEVERITY_ERROR = 40,
  ROSEHIP_ABI_SEVERITY_FATAL = 50,
};

enum rosehip_abi_clock {
  /* Nanoseconds since the device started. Never goes backward. */
  ROSEHIP_ABI_CLOCK_MONOTONIC = 0,
  /* Nanoseconds since 1970-01-01 UTC, synchronised with the agent; 0 until it has been. */
  ROSEHIP_ABI_CLOCK_ROS = 1,
};

/* The record event_next fills: little-endian, aligned to 4. */
#define ROSEHIP_ABI_EVENT_INFO_SIZE 20u
#define ROSEHIP_ABI_EVENT_INFO_ENTITY 0u /* i32: Handle of the service concerned. */
#define ROSEHIP_ABI_EVENT_INFO_REQUEST 4u /* i32: Token to give to service_reply; used once. */
#define ROSEHIP_ABI_EVENT_INFO_LENGTH 8u /* u32: Octets that event_take will copy. */
#define ROSEHIP_ABI_EVENT_INFO_FLAGS 12u /* u32: Bit 0: the payload is big-endian CDR. */
#define ROSEHIP_ABI_EVENT_INFO_RESERVED 16u /* u32: 0. */

/* Octets behind each pointer parameter. */
#define ROSEHIP_ABI_SERVICE_CREATE_HASHES_OCTETS 64u
#define ROSEHIP_ABI_EVENT_NEXT_INFO_OCTETS 20u

/* Every function the app may import: X(name, wasm3 signature, number of WebAssembly parameters).
 * Text and bytes are an address and a length in octets, both i32:
 *   log(severity, logger_address, logger_length, message_address, message_length) -> void
 *   panic(message_address, message_length, file_address, file_length, line, column) -> void
 *   now(clock) -> i64
 *   node_create(name_address, name_length, namespace_address, namespace_length) -> i32
 *   service_create(node, name_address, name_length, request_type_address, request_type_length, response_type_address, response_type_length, hashes) -> i32
 *   entity_destroy(entity) -> i32
 *   event_next(info) -> i32
 *   event_take(payload_address, payload_length) -> i32
 *   service_reply(request, payload_address, payload_length) -> i32
 */
#define ROSEHIP_ABI_FUNCTIONS(X) \
  X(log,            "v(iiiii)", 5) \
  X(panic,          "v(iiiiii)", 6) \
  X(now,            "I(i)", 1) \
  X(node_create,    "i(iiii)", 4) \
  X(service_create, "i(iiiiiiii)", 8) \
  X(entity_destroy, "i(i)", 1) \
  X(event_next,     "i(i)", 1) \
  X(event_take,     "i(ii)", 2) \
  X(service_reply,  "i(iii)", 3)

#endif
