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
  /* No such entity, request or call (any more). */
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
  /* Nothing is stored under this key. */
  ROSEHIP_ABI_ERR_NOT_FOUND = -8,
  /* There is no agent at the moment, or it does not hold the entity yet: nothing was sent. */
  ROSEHIP_ABI_ERR_DISCONNECTED = -9,
  /* This board has no storage, or it failed or is full. */
  ROSEHIP_ABI_ERR_STORAGE = -10,
  /* This board, or this pin or bus of it, has no such thing. */
  ROSEHIP_ABI_ERR_UNSUPPORTED = -13,
  /* Nobody acknowledged the address or an octet on the I2C bus. */
  ROSEHIP_ABI_ERR_NACK = -14,
  /* A transfer on a bus was not over in time. */
  ROSEHIP_ABI_ERR_TIMEOUT = -15,
  /* A transfer on a bus failed in any other way. */
  ROSEHIP_ABI_ERR_BUS = -16,
};

enum rosehip_abi_event {
  /* Nothing is pending. */
  ROSEHIP_ABI_EVENT_NONE = 0,
  /* A service request: take it, then answer it with service_reply. */
  ROSEHIP_ABI_EVENT_REQUEST = 1,
  /* This request was being handled when the previous run of the app trapped or was stopped, or (flags,
   * bit 1) is larger than this board takes, or has memory for; the handler is not to be run for it. Take
   * the reason (UTF-8 text) and answer with a fault reply. */
  ROSEHIP_ABI_EVENT_REQUEST_FAULTED = 2,
  /* The response to a call of this run: `request` is what client_call returned. One that was larger than
   * this board takes, or has memory for (flags, bit 1), has no payload. */
  ROSEHIP_ABI_EVENT_RESPONSE = 3,
  /* A message for a subscription. */
  ROSEHIP_ABI_EVENT_SAMPLE = 4,
  /* What `matched` returns for this entity has changed, perhaps more than once. There is no payload. */
  ROSEHIP_ABI_EVENT_MATCHED = 5,
  /* A watched pin changed: −1 − its number is in `entity`, so that it is no handle; in `request` twice
   * the number of edges since the last event of this pin, plus the level after the last one. There is no
   * payload. */
  ROSEHIP_ABI_EVENT_EDGE = 6,
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

enum rosehip_abi_gpio {
  /* Makes the pin what `value` says, one of the modes; PWM and a watch on it end. */
  ROSEHIP_ABI_GPIO_MODE = 0,
  /* The level of the pin, 0 or 1, also of an output. */
  ROSEHIP_ABI_GPIO_READ = 1,
  /* Sets the level, 0 or 1; of a pin that is no output yet the one it begins with. */
  ROSEHIP_ABI_GPIO_WRITE = 2,
  /* From now on these edges are told as EDGE: 1 rising, 2 falling, 3 both, 0 none any more. */
  ROSEHIP_ABI_GPIO_WATCH = 3,
};

enum rosehip_abi_pin_mode {
  /* Nothing drives the pin. */
  ROSEHIP_ABI_PIN_INPUT = 0,
  /* High unless something pulls it low. */
  ROSEHIP_ABI_PIN_INPUT_PULL_UP = 1,
  /* Low unless something pulls it high. */
  ROSEHIP_ABI_PIN_INPUT_PULL_DOWN = 2,
  /* Driven low or high. */
  ROSEHIP_ABI_PIN_OUTPUT = 3,
  /* Driven low, or let go. */
  ROSEHIP_ABI_PIN_OUTPUT_OPEN_DRAIN = 4,
};

enum rosehip_abi_adc_unit {
  /* 0 to 65,535: the part of full scale, whatever the converter's width. */
  ROSEHIP_ABI_ADC_RATIO = 0,
  /* At the pin, by the chip's calibration if it has one. */
  ROSEHIP_ABI_ADC_MILLIVOLTS = 1,
};

/* The record event_next fills: little-endian, aligned to 4. */
#define ROSEHIP_ABI_EVENT_INFO_SIZE 20u
#define ROSEHIP_ABI_EVENT_INFO_ENTITY 0u /* i32: Handle of the service, client, subscription or publisher concerned; of an EDGE −1 − the pin. */
#define ROSEHIP_ABI_EVENT_INFO_REQUEST 4u /* i32: Token to give to service_reply, or of client_call; of an EDGE its edges * 2 + level; else 0. */
#define ROSEHIP_ABI_EVENT_INFO_LENGTH 8u /* u32: Octets that event_take will copy. */
#define ROSEHIP_ABI_EVENT_INFO_FLAGS 12u /* u32: Bit 0: the payload is big-endian CDR. Bit 1: the request or response was too large for this board. Bit 2, with bit 1: for the memory that was free, not for sample_limit_bytes. */
#define ROSEHIP_ABI_EVENT_INFO_RESERVED 16u /* u32: 0. */

/* The QoS record: little-endian, aligned to 8. */
#define ROSEHIP_ABI_QOS_SIZE 32u
#define ROSEHIP_ABI_QOS_RELIABILITY 0u /* u8: 0 best effort, 1 reliable. */
#define ROSEHIP_ABI_QOS_DURABILITY 1u /* u8: 0 volatile, 1 transient local. */
#define ROSEHIP_ABI_QOS_HISTORY 2u /* u8: 0 keep last, 1 keep all. */
#define ROSEHIP_ABI_QOS_LIVELINESS 3u /* u8: 0 automatic, 1 manual by topic: publishing asserts it. DDS-XRCE cannot say it; Rosehip's agent knows it. */
#define ROSEHIP_ABI_QOS_DEPTH 4u /* u32: With keep last: samples kept, 1 to 65,535. Else ignored. */
#define ROSEHIP_ABI_QOS_DEADLINE_NS 8u /* u64: Longest time between two samples. */
#define ROSEHIP_ABI_QOS_LIFESPAN_NS 16u /* u64: Of a publisher: how long a sample is good. */
#define ROSEHIP_ABI_QOS_LEASE_NS 24u /* u64: Liveliness lease. DDS-XRCE cannot say it; Rosehip's agent knows it. */

/* Of what `matched` returns: a remote end is there that cannot match. */
#define ROSEHIP_ABI_MISMATCH 65536
#define ROSEHIP_ABI_STORAGE_KEY_OCTETS 64u
#define ROSEHIP_ABI_STORAGE_VALUE_OCTETS 4096u
#define ROSEHIP_ABI_I2C_OCTETS 512u
#define ROSEHIP_ABI_SPI_OCTETS 4092u
#define ROSEHIP_ABI_RANDOM_OCTETS 256u

/* Octets behind each pointer parameter. */
#define ROSEHIP_ABI_SERVICE_CREATE_HASHES_OCTETS 64u
#define ROSEHIP_ABI_EVENT_NEXT_INFO_OCTETS 20u
#define ROSEHIP_ABI_CLIENT_CREATE_HASHES_OCTETS 64u
#define ROSEHIP_ABI_PUBLISHER_CREATE_HASH_OCTETS 32u
#define ROSEHIP_ABI_PUBLISHER_CREATE_QOS_OCTETS 32u
#define ROSEHIP_ABI_SUBSCRIPTION_CREATE_HASH_OCTETS 32u
#define ROSEHIP_ABI_SUBSCRIPTION_CREATE_QOS_OCTETS 32u

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
 *   client_create(node, name_address, name_length, request_type_address, request_type_length, response_type_address, response_type_length, hashes) -> i32
 *   client_call(client, payload_address, payload_length) -> i32
 *   request_forget(request) -> i32
 *   publisher_create(node, topic_address, topic_length, type_address, type_length, hash, qos) -> i32
 *   publish(publisher, payload_address, payload_length) -> i32
 *   subscription_create(node, topic_address, topic_length, type_address, type_length, hash, qos) -> i32
 *   subscription_hold(subscription, held) -> i32
 *   matched(entity) -> i32
 *   storage_read(key_address, key_length, value_address, value_length) -> i32
 *   storage_write(key_address, key_length, value_address, value_length) -> i32
 *   random(octets_address, octets_length) -> i32
 *   gpio(operation, pin, value) -> i32
 *   pwm(pin, period_ns, pulse_ns) -> i32
 *   adc(pin, unit) -> i32
 *   i2c_open(bus, sda, scl, frequency_hz) -> i32
 *   i2c_transfer(bus, address, output_address, output_length, input_address, input_length) -> i32
 *   spi_open(bus, clock, controller_out, controller_in) -> i32
 *   spi_transfer(bus, chip_select, mode, frequency_hz, output_address, output_length, input_address, input_length) -> i32
 */
#define ROSEHIP_ABI_FUNCTIONS(X) \
  X(log,                 "v(iiiii)", 5) \
  X(panic,               "v(iiiiii)", 6) \
  X(now,                 "I(i)", 1) \
  X(node_create,         "i(iiii)", 4) \
  X(service_create,      "i(iiiiiiii)", 8) \
  X(entity_destroy,      "i(i)", 1) \
  X(event_next,          "i(i)", 1) \
  X(event_take,          "i(ii)", 2) \
  X(service_reply,       "i(iii)", 3) \
  X(client_create,       "i(iiiiiiii)", 8) \
  X(client_call,         "i(iii)", 3) \
  X(request_forget,      "i(i)", 1) \
  X(publisher_create,    "i(iiiiiii)", 7) \
  X(publish,             "i(iii)", 3) \
  X(subscription_create, "i(iiiiiii)", 7) \
  X(subscription_hold,   "i(ii)", 2) \
  X(matched,             "i(i)", 1) \
  X(storage_read,        "i(iiii)", 4) \
  X(storage_write,       "i(iiii)", 4) \
  X(random,              "i(ii)", 2) \
  X(gpio,                "i(iii)", 3) \
  X(pwm,                 "i(iii)", 3) \
  X(adc,                 "i(ii)", 2) \
  X(i2c_open,            "i(iiii)", 4) \
  X(i2c_transfer,        "i(iiiiii)", 6) \
  X(spi_open,            "i(iiii)", 4) \
  X(spi_transfer,        "i(iiiiiiii)", 8)

#endif
