/*
 * The functions that the app imports (docs/abi.md). The app is not trusted: every address is checked against its
 * memory, every handle against the tables, and no pointer into its memory outlives a call.
 */
#include "state.h"
#include "wasm/abi_table.h"

_Static_assert((int)ROSEHIP_ABI_ERR_INVALID_ARGUMENT == (int)ROSEHIP_ERROR_INVALID_ARGUMENT, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_ERR_BAD_HANDLE == (int)ROSEHIP_ERROR_BAD_HANDLE, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_ERR_OUT_OF_MEMORY == (int)ROSEHIP_ERROR_OUT_OF_MEMORY, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_ERR_TOO_LARGE == (int)ROSEHIP_ERROR_TOO_LARGE, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_ERR_INVALID_NAME == (int)ROSEHIP_ERROR_INVALID_NAME, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_ERR_NO_EVENT == (int)ROSEHIP_ERROR_NO_EVENT, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_ERR_BUSY == (int)ROSEHIP_ERROR_BUSY, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_ERR_NOT_FOUND == (int)ROSEHIP_ERROR_NOT_FOUND, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_ERR_DISCONNECTED == (int)ROSEHIP_ERROR_DISCONNECTED, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_ERR_STORAGE == (int)ROSEHIP_ERROR_STORAGE, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_ERR_UNSUPPORTED == (int)ROSEHIP_ERROR_UNSUPPORTED, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_ERR_NACK == (int)ROSEHIP_ERROR_NACK, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_ERR_TIMEOUT == (int)ROSEHIP_ERROR_TIMEOUT, "the same numbers");
_Static_assert((int)ROSEHIP_ABI_ERR_BUS == (int)ROSEHIP_ERROR_BUS, "the same numbers");

/* The octets named by two arguments, address and length; NULL if they are not all in the app's memory. */
static uint8_t* octets(rosehip_runtime_t* runtime, const uint64_t* arguments) {
  return rosehip_engine_memory(runtime->app.engine, (uint32_t)arguments[0], (uint32_t)arguments[1]);
}

static bool text(rosehip_runtime_t* runtime, const uint64_t* arguments, rosehip_text_t* value) {
  value->data = (const char*)octets(runtime, arguments);
  value->length_bytes = (uint32_t)arguments[1];
  return value->data != NULL;
}

static bool buffer(rosehip_runtime_t* runtime, const uint64_t* arguments, buffer_t* value) {
  value->bytes = octets(runtime, arguments);
  value->length_bytes = (uint32_t)arguments[1];
  return value->bytes != NULL;
}

/* The octets at an address that may be 0: then NULL. False if they are not all in the app's memory. */
static bool optional(rosehip_runtime_t* runtime, uint64_t address, uint32_t length, const uint8_t** value) {
  *value = NULL;
  if ((uint32_t)address == 0) return true;
  *value = rosehip_engine_memory(runtime->app.engine, (uint32_t)address, length);
  return *value != NULL;
}

static bool is_severity(uint32_t value) {
  return value >= ROSEHIP_ABI_SEVERITY_DEBUG && value <= ROSEHIP_ABI_SEVERITY_FATAL && value % 10 == 0;
}

/* severity, logger, message */
static int64_t abi_log(void* host, const uint64_t* arguments) {
  rosehip_runtime_t* runtime = host;
  rosehip_text_t logger, message;
  if (!is_severity((uint32_t)arguments[0]) || !text(runtime, arguments + 1, &logger) ||
      !text(runtime, arguments + 3, &message)) {
    rosehip_runtime_log(runtime, ROSEHIP_LOG_WARN, "the app logged with a bad severity or address");
    return 0;
  }
  rh_runtime_log(runtime, (rosehip_severity_t)(uint32_t)arguments[0], logger, message);
  return 0;
}

/* message, file, line, column */
static int64_t abi_panic(void* host, const uint64_t* arguments) {
  rosehip_runtime_t* runtime = host;
  rosehip_text_t message, file;
  rosehip_sentence_t panic = rosehip_sentence(runtime->app.panic, sizeof runtime->app.panic);
  if (!text(runtime, arguments, &message) || !text(runtime, arguments + 2, &file)) {
    rosehip_sentence_add(&panic, "panic from outside of the app's memory");
    return 0;
  }
  rosehip_sentence_add_text(&panic, message);
  if (file.length_bytes == 0) return 0;
  rosehip_sentence_add(&panic, " (");
  rosehip_sentence_add_text(&panic, file);
  rosehip_sentence_add(&panic, ":");
  rosehip_sentence_add_number(&panic, (uint32_t)arguments[4]);
  rosehip_sentence_add(&panic, ":");
  rosehip_sentence_add_number(&panic, (uint32_t)arguments[5]);
  rosehip_sentence_add(&panic, ")");
  return 0;
}

/* clock */
static int64_t abi_now(void* host, const uint64_t* arguments) {
  rosehip_runtime_t* runtime = host;
  const uint64_t now_us = runtime_now_us(runtime);
  switch ((uint32_t)arguments[0]) {
    case ROSEHIP_ABI_CLOCK_MONOTONIC: return (int64_t)(now_us * 1000);
    case ROSEHIP_ABI_CLOCK_ROS: return rosehip_context_ros_time_ns(runtime->context, now_us);
    default: return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
}

/* name, namespace */
static int64_t abi_node_create(void* host, const uint64_t* arguments) {
  rosehip_runtime_t* runtime = host;
  rosehip_text_t name, name_space;
  if (!text(runtime, arguments, &name) || !text(runtime, arguments + 2, &name_space)) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  return rh_entity_create_node(runtime, name, name_space);
}

/* node, name, request_type, response_type, hashes */
static int64_t abi_service_create(void* host, const uint64_t* arguments) {
  rosehip_runtime_t* runtime = host;
  rosehip_service_config_t config = {0};
  if (!text(runtime, arguments + 1, &config.name) || !text(runtime, arguments + 3, &config.request_type) ||
      !text(runtime, arguments + 5, &config.response_type) ||
      !optional(runtime, arguments[7], ROSEHIP_ABI_SERVICE_CREATE_HASHES_OCTETS, &config.hashes)) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  return rh_entity_create_service(runtime, (int32_t)arguments[0], &config);
}

/* entity */
static int64_t abi_entity_destroy(void* host, const uint64_t* arguments) {
  return rh_entity_destroy(host, (int32_t)arguments[0]);
}

/* info */
static int64_t abi_event_next(void* host, const uint64_t* arguments) {
  rosehip_runtime_t* runtime = host;
  uint8_t* record =
      rosehip_engine_memory(runtime->app.engine, (uint32_t)arguments[0], ROSEHIP_ABI_EVENT_NEXT_INFO_OCTETS);
  if (record == NULL) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  return rh_event_next(runtime, record);
}

/* payload */
static int64_t abi_event_take(void* host, const uint64_t* arguments) {
  rosehip_runtime_t* runtime = host;
  uint8_t* buffer = octets(runtime, arguments);
  if (buffer == NULL) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  return rh_event_take(runtime, buffer, (uint32_t)arguments[1]);
}

/* request, payload */
static int64_t abi_service_reply(void* host, const uint64_t* arguments) {
  rosehip_runtime_t* runtime = host;
  const uint8_t* payload = octets(runtime, arguments + 1);
  if (payload == NULL) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  return rh_request_reply(runtime, (int32_t)arguments[0], payload, (uint32_t)arguments[2]);
}

/* node, name, request_type, response_type, hashes */
static int64_t abi_client_create(void* host, const uint64_t* arguments) {
  rosehip_runtime_t* runtime = host;
  rosehip_client_config_t config = {0};
  if (!text(runtime, arguments + 1, &config.name) || !text(runtime, arguments + 3, &config.request_type) ||
      !text(runtime, arguments + 5, &config.response_type) ||
      !optional(runtime, arguments[7], ROSEHIP_ABI_CLIENT_CREATE_HASHES_OCTETS, &config.hashes)) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  return rh_entity_create_client(runtime, (int32_t)arguments[0], &config);
}

/* client, payload */
static int64_t abi_client_call(void* host, const uint64_t* arguments) {
  rosehip_runtime_t* runtime = host;
  const uint8_t* payload = octets(runtime, arguments + 1);
  if (payload == NULL) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  return rh_call_begin(runtime, (int32_t)arguments[0], payload, (uint32_t)arguments[2]);
}

/* request */
static int64_t abi_request_forget(void* host, const uint64_t* arguments) {
  return rh_call_forget(host, (int32_t)arguments[0]);
}

/* topic, type, hash, qos, of publisher_create and subscription_create */
static bool topic(rosehip_runtime_t* runtime, const uint64_t* arguments, topic_config_t* config) {
  if (!text(runtime, arguments, &config->topic) || !text(runtime, arguments + 2, &config->type) ||
      !optional(runtime, arguments[4], ROSEHIP_ABI_PUBLISHER_CREATE_HASH_OCTETS, &config->type_hash)) {
    return false;
  }
  config->qos_record = rosehip_engine_memory(runtime->app.engine, (uint32_t)arguments[5], ROSEHIP_ABI_QOS_SIZE);
  return config->qos_record != NULL && rh_qos_read(config);
}

/* node, topic, type, hash, qos */
static int64_t abi_publisher_create(void* host, const uint64_t* arguments) {
  topic_config_t config = {0};
  if (!topic(host, arguments + 1, &config)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  return rh_entity_create_publisher(host, (int32_t)arguments[0], &config);
}

/* publisher, payload */
static int64_t abi_publish(void* host, const uint64_t* arguments) {
  rosehip_runtime_t* runtime = host;
  const uint8_t* payload = octets(runtime, arguments + 1);
  if (payload == NULL) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  return rh_sample_publish(runtime, (int32_t)arguments[0], payload, (uint32_t)arguments[2]);
}

/* node, topic, type, hash, qos */
static int64_t abi_subscription_create(void* host, const uint64_t* arguments) {
  topic_config_t config = {0};
  if (!topic(host, arguments + 1, &config)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  return rh_entity_create_subscription(host, (int32_t)arguments[0], &config);
}

/* subscription, held */
static int64_t abi_subscription_hold(void* host, const uint64_t* arguments) {
  return rh_sample_hold(host, (int32_t)arguments[0], (uint32_t)arguments[1] != 0);
}

/* entity */
static int64_t abi_matched(void* host, const uint64_t* arguments) {
  return rh_entity_matched(host, (int32_t)arguments[0]);
}

/* key, value */
static int64_t abi_storage_read(void* host, const uint64_t* arguments) {
  rosehip_runtime_t* runtime = host;
  rosehip_text_t key;
  uint8_t* value = octets(runtime, arguments + 2);
  if (!text(runtime, arguments, &key) || value == NULL) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  return rh_storage_read(runtime, key, value, (uint32_t)arguments[3]);
}

/* key, value */
static int64_t abi_storage_write(void* host, const uint64_t* arguments) {
  rosehip_runtime_t* runtime = host;
  rosehip_text_t key;
  const uint8_t* value = octets(runtime, arguments + 2);
  if (!text(runtime, arguments, &key) || value == NULL) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  return rh_storage_write(runtime, key, value, (uint32_t)arguments[3]);
}

/* octets */
static int64_t abi_random(void* host, const uint64_t* arguments) {
  rosehip_runtime_t* runtime = host;
  const rosehip_port_t* port = runtime->port;
  buffer_t random;
  if (!buffer(runtime, arguments, &random)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  if (random.length_bytes > ROSEHIP_ABI_RANDOM_OCTETS) return ROSEHIP_ERROR_TOO_LARGE;
  if (port->random == NULL) return ROSEHIP_ERROR_UNSUPPORTED;
  port->random(port->context, random.bytes, random.length_bytes);
  return ROSEHIP_OK;
}

/* operation, pin, value */
static int64_t abi_gpio(void* host, const uint64_t* arguments) {
  return rh_hardware_gpio(host, (uint32_t)arguments[0], (uint32_t)arguments[1], (uint32_t)arguments[2]);
}

/* pin, period_ns, pulse_ns */
static int64_t abi_pwm(void* host, const uint64_t* arguments) {
  return rh_hardware_pwm(host, (uint32_t)arguments[0], (uint32_t)arguments[1], (uint32_t)arguments[2]);
}

/* pin, unit */
static int64_t abi_adc(void* host, const uint64_t* arguments) {
  return rh_hardware_adc(host, (uint32_t)arguments[0], (uint32_t)arguments[1]);
}

/* bus, sda, scl, frequency_hz */
static int64_t abi_i2c_open(void* host, const uint64_t* arguments) {
  return rh_hardware_i2c_open(host, (uint32_t)arguments[0], (int32_t)arguments[1], (int32_t)arguments[2],
                              (uint32_t)arguments[3]);
}

/* bus, address, output, input */
static int64_t abi_i2c_transfer(void* host, const uint64_t* arguments) {
  buffer_t output, input;
  if (!buffer(host, arguments + 2, &output) || !buffer(host, arguments + 4, &input)) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  return rh_hardware_i2c_transfer(host, (uint32_t)arguments[0], (uint32_t)arguments[1], &output, &input);
}

/* bus, clock, controller_out, controller_in */
static int64_t abi_spi_open(void* host, const uint64_t* arguments) {
  return rh_hardware_spi_open(host, (uint32_t)arguments[0], (int32_t)arguments[1], (int32_t)arguments[2],
                              (int32_t)arguments[3]);
}

/* bus, chip_select, mode, frequency_hz, output, input */
static int64_t abi_spi_transfer(void* host, const uint64_t* arguments) {
  buffer_t output, input;
  const rosehip_spi_device_t device = {
      .bus = (uint32_t)arguments[0],
      .chip_select = (int32_t)arguments[1],
      .mode = (uint32_t)arguments[2],
      .frequency_hz = (uint32_t)arguments[3],
  };
  if (!buffer(host, arguments + 4, &output) || !buffer(host, arguments + 6, &input)) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  return rh_hardware_spi_transfer(host, &device, &output, &input);
}

#define IMPORT(name, signature, parameters) {#name, signature, abi_##name},
const rosehip_import_t rh_abi_imports[] = {ROSEHIP_ABI_FUNCTIONS(IMPORT)};
const size_t rh_abi_import_count = sizeof rh_abi_imports / sizeof *rh_abi_imports;
