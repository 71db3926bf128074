// Generated from abi/table.ts by `npm run abi`; do not edit.
// The app's side of the app <-> firmware interface (docs/abi.md). Nothing else in assembly/ declares an import from it.

export const ABI_VERSION: i32 = 1;

/** A pointer, length, severity or clock is out of range. */
// @ts-ignore: decorator
@inline export const ERROR_INVALID_ARGUMENT: i32 = -1;
/** No such entity, request or call (any more). */
// @ts-ignore: decorator
@inline export const ERROR_BAD_HANDLE: i32 = -2;
/** The firmware's arena is full; give it more, or create fewer entities. */
// @ts-ignore: decorator
@inline export const ERROR_OUT_OF_MEMORY: i32 = -3;
/** The sample is larger than the link's limit, or the buffer given is too small. */
// @ts-ignore: decorator
@inline export const ERROR_TOO_LARGE: i32 = -4;
/** Not a valid ROS 2 name, namespace or type name. */
// @ts-ignore: decorator
@inline export const ERROR_INVALID_NAME: i32 = -5;
/** event_take without an event that waits. */
// @ts-ignore: decorator
@inline export const ERROR_NO_EVENT: i32 = -6;
/** The outgoing queue is full; try again after the next event or a short sleep. */
// @ts-ignore: decorator
@inline export const ERROR_BUSY: i32 = -7;
/** Nothing is stored under this key. */
// @ts-ignore: decorator
@inline export const ERROR_NOT_FOUND: i32 = -8;
/** There is no agent at the moment, or it does not hold the entity yet: nothing was sent. */
// @ts-ignore: decorator
@inline export const ERROR_DISCONNECTED: i32 = -9;
/** This board has no storage, or it failed or is full. */
// @ts-ignore: decorator
@inline export const ERROR_STORAGE: i32 = -10;
/** This board, or this pin or bus of it, has no such thing. */
// @ts-ignore: decorator
@inline export const ERROR_UNSUPPORTED: i32 = -13;
/** Nobody acknowledged the address or an octet on the I2C bus. */
// @ts-ignore: decorator
@inline export const ERROR_NACK: i32 = -14;
/** A transfer on a bus was not over in time. */
// @ts-ignore: decorator
@inline export const ERROR_TIMEOUT: i32 = -15;
/** A transfer on a bus failed in any other way. */
// @ts-ignore: decorator
@inline export const ERROR_BUS: i32 = -16;

/** Nothing is pending. */
// @ts-ignore: decorator
@inline export const EVENT_NONE: i32 = 0;
/** A service request: take it, then answer it with service_reply. */
// @ts-ignore: decorator
@inline export const EVENT_REQUEST: i32 = 1;
/**
 * This request was being handled when the previous run of the app trapped or was stopped, or (flags, bit 1)
 * is larger than this board takes, or has memory for; the handler is not to be run for it. Take the reason
 * (UTF-8 text) and answer with a fault reply.
 */
// @ts-ignore: decorator
@inline export const EVENT_REQUEST_FAULTED: i32 = 2;
/**
 * The response to a call of this run: `request` is what client_call returned. One that was larger than this
 * board takes, or has memory for (flags, bit 1), has no payload.
 */
// @ts-ignore: decorator
@inline export const EVENT_RESPONSE: i32 = 3;
/** A message for a subscription. */
// @ts-ignore: decorator
@inline export const EVENT_SAMPLE: i32 = 4;
/** What `matched` returns for this entity has changed, perhaps more than once. There is no payload. */
// @ts-ignore: decorator
@inline export const EVENT_MATCHED: i32 = 5;
/**
 * A watched pin changed: −1 − its number is in `entity`, so that it is no handle; in `request` twice the
 * number of edges since the last event of this pin, plus the level after the last one. There is no payload.
 */
// @ts-ignore: decorator
@inline export const EVENT_EDGE: i32 = 6;

// @ts-ignore: decorator
@inline export const SEVERITY_DEBUG: i32 = 10;
// @ts-ignore: decorator
@inline export const SEVERITY_INFO: i32 = 20;
// @ts-ignore: decorator
@inline export const SEVERITY_WARN: i32 = 30;
// @ts-ignore: decorator
@inline export const SEVERITY_ERROR: i32 = 40;
// @ts-ignore: decorator
@inline export const SEVERITY_FATAL: i32 = 50;

/** Nanoseconds since the device started. Never goes backward. */
// @ts-ignore: decorator
@inline export const CLOCK_MONOTONIC: i32 = 0;
/** Nanoseconds since 1970-01-01 UTC, synchronised with the agent; 0 until it has been. */
// @ts-ignore: decorator
@inline export const CLOCK_ROS: i32 = 1;

/** Makes the pin what `value` says, one of the modes; PWM and a watch on it end. */
// @ts-ignore: decorator
@inline export const GPIO_MODE: i32 = 0;
/** The level of the pin, 0 or 1, also of an output. */
// @ts-ignore: decorator
@inline export const GPIO_READ: i32 = 1;
/** Sets the level, 0 or 1; of a pin that is no output yet the one it begins with. */
// @ts-ignore: decorator
@inline export const GPIO_WRITE: i32 = 2;
/** From now on these edges are told as EDGE: 1 rising, 2 falling, 3 both, 0 none any more. */
// @ts-ignore: decorator
@inline export const GPIO_WATCH: i32 = 3;

/** Nothing drives the pin. */
// @ts-ignore: decorator
@inline export const PIN_INPUT: i32 = 0;
/** High unless something pulls it low. */
// @ts-ignore: decorator
@inline export const PIN_INPUT_PULL_UP: i32 = 1;
/** Low unless something pulls it high. */
// @ts-ignore: decorator
@inline export const PIN_INPUT_PULL_DOWN: i32 = 2;
/** Driven low or high. */
// @ts-ignore: decorator
@inline export const PIN_OUTPUT: i32 = 3;
/** Driven low, or let go. */
// @ts-ignore: decorator
@inline export const PIN_OUTPUT_OPEN_DRAIN: i32 = 4;

/** 0 to 65,535: the part of full scale, whatever the converter's width. */
// @ts-ignore: decorator
@inline export const ADC_RATIO: i32 = 0;
/** At the pin, by the chip's calibration if it has one. */
// @ts-ignore: decorator
@inline export const ADC_MILLIVOLTS: i32 = 1;

// @ts-ignore: decorator
@inline export const EVENT_INFO_SIZE: usize = 20;
/** i32: Handle of the service, client, subscription or publisher concerned; of an EDGE −1 − the pin. */
// @ts-ignore: decorator
@inline export const EVENT_INFO_ENTITY: usize = 0;
/** i32: Token to give to service_reply, or of client_call; of an EDGE its edges * 2 + level; else 0. */
// @ts-ignore: decorator
@inline export const EVENT_INFO_REQUEST: usize = 4;
/** u32: Octets that event_take will copy. */
// @ts-ignore: decorator
@inline export const EVENT_INFO_LENGTH: usize = 8;
/** u32: Bit 0: the payload is big-endian CDR. Bit 1: the request or response was too large for this board. Bit 2, with bit 1: for the memory that was free, not for sample_limit_bytes. */
// @ts-ignore: decorator
@inline export const EVENT_INFO_FLAGS: usize = 12;
/** u32: 0. */
// @ts-ignore: decorator
@inline export const EVENT_INFO_RESERVED: usize = 16;
// @ts-ignore: decorator
@inline export const QOS_SIZE: usize = 32;
/** u8: 0 best effort, 1 reliable. */
// @ts-ignore: decorator
@inline export const QOS_RELIABILITY: usize = 0;
/** u8: 0 volatile, 1 transient local. */
// @ts-ignore: decorator
@inline export const QOS_DURABILITY: usize = 1;
/** u8: 0 keep last, 1 keep all. */
// @ts-ignore: decorator
@inline export const QOS_HISTORY: usize = 2;
/** u8: 0 automatic, 1 manual by topic: publishing asserts it. DDS-XRCE cannot say it; Rosehip's agent knows it. */
// @ts-ignore: decorator
@inline export const QOS_LIVELINESS: usize = 3;
/** u32: With keep last: samples kept, 1 to 65,535. Else ignored. */
// @ts-ignore: decorator
@inline export const QOS_DEPTH: usize = 4;
/** u64: Longest time between two samples. */
// @ts-ignore: decorator
@inline export const QOS_DEADLINE_NS: usize = 8;
/** u64: Of a publisher: how long a sample is good. */
// @ts-ignore: decorator
@inline export const QOS_LIFESPAN_NS: usize = 16;
/** u64: Liveliness lease. DDS-XRCE cannot say it; Rosehip's agent knows it. */
// @ts-ignore: decorator
@inline export const QOS_LEASE_NS: usize = 24;
/** Of what `matched` returns: a remote end is there that cannot match. */
// @ts-ignore: decorator
@inline export const MISMATCH: i32 = 65536;
// @ts-ignore: decorator
@inline export const STORAGE_KEY_OCTETS: i32 = 64;
// @ts-ignore: decorator
@inline export const STORAGE_VALUE_OCTETS: i32 = 4096;
// @ts-ignore: decorator
@inline export const I2C_OCTETS: i32 = 512;
// @ts-ignore: decorator
@inline export const SPI_OCTETS: i32 = 4092;

/**
 * Writes one line to the log. Too long lines are cut and marked; a line never blocks.
 * @param severity One of the severities of rcl_interfaces/Log: 10 … 50.
 * @param logger Logger name, e.g. the node's.
 * @param message The line, without a line end.
 */
// @ts-ignore: decorator
@external("rosehip", "log")
export declare function log(severity: i32, logger_address: usize, logger_length: u32, message_address: usize, message_length: u32): void;

/**
 * Leaves the reason for the trap that follows. Returns; the app then executes `unreachable`.
 * @param message What failed.
 * @param file Source file; empty if it is not known.
 * @param line From 1; 0 if it is not known.
 * @param column From 1; 0 if it is not known.
 */
// @ts-ignore: decorator
@external("rosehip", "panic")
export declare function panic(message_address: usize, message_length: u32, file_address: usize, file_length: u32, line: u32, column: u32): void;

/**
 * The time of a clock in nanoseconds.
 * @param clock One of the clocks.
 */
// @ts-ignore: decorator
@external("rosehip", "now")
export declare function now(clock: i32): i64;

/**
 * Creates a node and returns its handle, or an error. A node of the same name from the app's previous run
 * is taken over with its entities, so that it does not leave the graph when an app restarts.
 * @param name Node name, no slashes.
 * @param namespace Absolute namespace; empty or "/" is the root.
 */
// @ts-ignore: decorator
@external("rosehip", "node_create")
export declare function node_create(name_address: usize, name_length: u32, namespace_address: usize, namespace_length: u32): i32;

/**
 * Creates a service server and returns its handle, or an error.
 * @param node From node_create.
 * @param name Fully qualified service name, e.g. /add_two_ints.
 * @param request_type example_interfaces::srv::dds_::AddTwoInts_Request_
 * @param response_type example_interfaces::srv::dds_::AddTwoInts_Response_
 * @param hashes 64 octets: RIHS01 of the request, then of the response; 0 if unknown.
 */
// @ts-ignore: decorator
@external("rosehip", "service_create")
export declare function service_create(node: i32, name_address: usize, name_length: u32, request_type_address: usize, request_type_length: u32, response_type_address: usize, response_type_length: u32, hashes: usize): i32;

/**
 * Removes an entity from the graph and gives its memory back. 0, or an error.
 * @param entity Any entity; a node takes all of its own with it.
 */
// @ts-ignore: decorator
@external("rosehip", "entity_destroy")
export declare function entity_destroy(entity: i32): i32;

/**
 * The kind of the oldest pending event, with its record. The event waits until event_take; calling again
 * without taking it gives the same one. From here until service_reply a request counts as being handled.
 * @param info Where the event record is written.
 */
// @ts-ignore: decorator
@external("rosehip", "event_next")
export declare function event_next(info: usize): i32;

/**
 * Copies the payload of the event last shown and releases it; with a length of 0 it is released uncopied.
 * Octets copied, or an error.
 * @param payload Where the payload goes: info.length octets, or 0 octets to discard it.
 */
// @ts-ignore: decorator
@external("rosehip", "event_take")
export declare function event_take(payload_address: usize, payload_length: u32): i32;

/**
 * Sends the response and forgets the token. 0, or an error; after BUSY the token is still good.
 * @param request Token of the request.
 * @param payload The response as little-endian CDR without encapsulation header.
 */
// @ts-ignore: decorator
@external("rosehip", "service_reply")
export declare function service_reply(request: i32, payload_address: usize, payload_length: u32): i32;

/**
 * Creates a service client and returns its handle, or an error.
 * @param node From node_create.
 * @param name Fully qualified service name, e.g. /add_two_ints.
 * @param request_type example_interfaces::srv::dds_::AddTwoInts_Request_
 * @param response_type example_interfaces::srv::dds_::AddTwoInts_Response_
 * @param hashes 64 octets: RIHS01 of the request, then of the response; 0 if unknown.
 */
// @ts-ignore: decorator
@external("rosehip", "client_create")
export declare function client_create(node: i32, name_address: usize, name_length: u32, request_type_address: usize, request_type_length: u32, response_type_address: usize, response_type_length: u32, hashes: usize): i32;

/**
 * Begins a call and returns its token (above 0), or an error. A RESPONSE with this token follows; there is
 * no time-out here. The request is kept until there is an agent and a server, and sent once; what was on
 * its way when a server or agent went is not sent again, since a server may have seen it. (With an agent
 * that tells no matches within 1 s, any other than Rosehip's, the request goes without knowing of a
 * server.) BUSY: too many calls are in flight, or the outgoing queue is full.
 * @param client From client_create.
 * @param payload The request as little-endian CDR without encapsulation header.
 */
// @ts-ignore: decorator
@external("rosehip", "client_call")
export declare function client_call(client: i32, payload_address: usize, payload_length: u32): i32;

/**
 * Ends a call whose response nobody waits for any more: it is not sent if it was still kept, and a response
 * is dropped. 0, or BAD_HANDLE.
 * @param request Token from client_call.
 */
// @ts-ignore: decorator
@external("rosehip", "request_forget")
export declare function request_forget(request: i32): i32;

/**
 * Creates a publisher and returns its handle, or an error.
 * @param node From node_create.
 * @param topic Fully qualified topic name, e.g. /chatter.
 * @param type std_msgs::msg::dds_::String_
 * @param hash 32 octets: RIHS01 of the type; 0 if unknown.
 * @param qos A QoS record.
 */
// @ts-ignore: decorator
@external("rosehip", "publisher_create")
export declare function publisher_create(node: i32, topic_address: usize, topic_length: u32, type_address: usize, type_length: u32, hash: usize, qos: usize): i32;

/**
 * Sends one message. 0, or an error. DISCONNECTED: nobody gets it, as if there were no subscription. A
 * transient-local publisher with keep last and without lifespan has 0 instead: its newest messages (depth,
 * 16 at most) are kept and sent to each new agent.
 * @param publisher From publisher_create.
 * @param payload The message as little-endian CDR without encapsulation header.
 */
// @ts-ignore: decorator
@external("rosehip", "publish")
export declare function publish(publisher: i32, payload_address: usize, payload_length: u32): i32;

/**
 * Creates a subscription and returns its handle, or an error. Its messages come as SAMPLE. Keep last: when
 * `depth` wait and the app had its chance to take them, the oldest makes room. Keep all: the sender waits.
 * @param node From node_create.
 * @param topic Fully qualified topic name, e.g. /chatter.
 * @param type std_msgs::msg::dds_::String_
 * @param hash 32 octets: RIHS01 of the type; 0 if unknown.
 * @param qos A QoS record.
 */
// @ts-ignore: decorator
@external("rosehip", "subscription_create")
export declare function subscription_create(node: i32, topic_address: usize, topic_length: u32, type_address: usize, type_length: u32, hash: usize, qos: usize): i32;

/**
 * Keeps the messages of a subscription back, or lets them come: for an app that has no time or no memory
 * for them. Held messages are not shown by event_next, and other events go past them; one that was shown
 * and not taken goes back to its place. Keep last: the oldest makes room at once when `depth` wait, and
 * after 250 ms when messages have filled the memory. 0, or an error.
 * @param subscription From subscription_create.
 * @param held 1: its messages wait; 0: they come again.
 */
// @ts-ignore: decorator
@external("rosehip", "subscription_hold")
export declare function subscription_hold(subscription: i32, held: i32): i32;

/**
 * How many remote ends match, 255 meaning that or more: of a client its servers, of a publisher the
 * subscriptions. Bit 0x10000 is set if there is one that cannot match, by QoS or type, and none that does;
 * the agent's log tells more. 0 without an agent, and with agents other than Rosehip's. Or an error.
 * @param entity A client, service, publisher or subscription.
 */
// @ts-ignore: decorator
@external("rosehip", "matched")
export declare function matched(entity: i32): i32;

/**
 * Length of the stored value in octets, or an error: NOT_FOUND, TOO_LARGE (for the place given), STORAGE.
 * @param key 1 to 64 octets.
 * @param value Where the value goes; a length of 0 asks for its length only.
 */
// @ts-ignore: decorator
@external("rosehip", "storage_read")
export declare function storage_read(key_address: usize, key_length: u32, value_address: usize, value_length: u32): i32;

/**
 * Stores a value over restarts of the app and the board, all of it or nothing. 0, or an error: TOO_LARGE,
 * STORAGE.
 * @param key 1 to 64 octets.
 * @param value At most 4,096 octets; none: the key is removed.
 */
// @ts-ignore: decorator
@external("rosehip", "storage_write")
export declare function storage_write(key_address: usize, key_length: u32, value_address: usize, value_length: u32): i32;

/**
 * Random numbers that differ between boards and boots, to make ids of; not for keys. 0, or an error.
 * @param octets Filled with random numbers; at most 256 octets.
 */
// @ts-ignore: decorator
@external("rosehip", "random")
export declare function random(octets_address: usize, octets_length: u32): i32;

/**
 * A digital pin. 0, the level, or an error: UNSUPPORTED, INVALID_ARGUMENT (no such pin, or not for the
 * app).
 * @param operation One of the operations on a pin.
 * @param pin The chip's number of the pin.
 * @param value As the operation says; else ignored.
 */
// @ts-ignore: decorator
@external("rosehip", "gpio")
export declare function gpio(operation: i32, pin: u32, value: i32): i32;

/**
 * A pin that is high for a part of each period, until its mode is set or the app ends. 0, or an error:
 * UNSUPPORTED, INVALID_ARGUMENT (no such pin, or a period that the board cannot have).
 * @param pin The chip's number of the pin.
 * @param period_ns Nanoseconds from one rising edge to the next; 0: the pin is low.
 * @param pulse_ns Nanoseconds for which it is high, at most the period.
 */
// @ts-ignore: decorator
@external("rosehip", "pwm")
export declare function pwm(pin: u32, period_ns: u32, pulse_ns: u32): i32;

/**
 * Converts the voltage at a pin. The value, or an error: UNSUPPORTED, INVALID_ARGUMENT.
 * @param pin The chip's number of the pin.
 * @param unit One of the units.
 */
// @ts-ignore: decorator
@external("rosehip", "adc")
export declare function adc(pin: u32, unit: i32): i32;

/**
 * Makes the board the controller of an I2C bus; one that is open is opened anew. 0, or an error.
 * @param bus From 0.
 * @param sda Number of the pin; -1: the board's own choice.
 * @param scl Number of the pin; -1: the board's own choice.
 * @param frequency_hz Of the clock, at most; at least 10,000.
 */
// @ts-ignore: decorator
@external("rosehip", "i2c_open")
export declare function i2c_open(bus: u32, sda: i32, scl: i32, frequency_hz: u32): i32;

/**
 * One transfer; a part without octets is left out, and without both only the address is sent. 0, or an
 * error: NACK, TIMEOUT, BUS, TOO_LARGE, INVALID_ARGUMENT (the bus is not open), UNSUPPORTED.
 * @param bus As for i2c_open.
 * @param address Of the device, 7 bits.
 * @param output Written first; at most 512 octets.
 * @param input Read then, after a repeated start; at most 512 octets.
 */
// @ts-ignore: decorator
@external("rosehip", "i2c_transfer")
export declare function i2c_transfer(bus: u32, address: u32, output_address: usize, output_length: u32, input_address: usize, input_length: u32): i32;

/**
 * Makes the board the controller of an SPI bus; one that is open is opened anew. 0, or an error.
 * @param bus From 0.
 * @param clock Number of the pin; -1: the board's own choice.
 * @param controller_out Number of the pin; -1: the board's own choice.
 * @param controller_in Number of the pin; -1: the board's own choice.
 */
// @ts-ignore: decorator
@external("rosehip", "spi_open")
export declare function spi_open(bus: u32, clock: i32, controller_out: i32, controller_in: i32): i32;

/**
 * One transfer in both directions at once. 0, or an error: TOO_LARGE (length or time), TIMEOUT, BUS,
 * INVALID_ARGUMENT (the bus is not open, lengths differ), UNSUPPORTED.
 * @param bus As for spi_open.
 * @param chip_select Pin held low during the transfer; -1: none.
 * @param mode 0 to 3: CPOL * 2 + CPHA.
 * @param frequency_hz Of the clock, at most. The transfer must not need more than 200 ms at it.
 * @param output Sent, most significant bit first; 1 to 4,092 octets.
 * @param input Where what is received goes: as many octets, or none to drop it.
 */
// @ts-ignore: decorator
@external("rosehip", "spi_transfer")
export declare function spi_transfer(bus: u32, chip_select: i32, mode: u32, frequency_hz: u32, output_address: usize, output_length: u32, input_address: usize, input_length: u32): i32;
