/* The runtime as a whole: memory, link, log, and the order in which things happen in a step. */
#include "runtime/state.h"

#include <string.h>

enum {
  DEFAULT_BUDGET_US = 1000000,
  DEFAULT_STACK_BYTES = 8192,
  DEFAULT_WAITING_LIMIT = 16,
  DEFAULT_REQUEST_LIMIT = 256,
  DEFAULT_CALL_LIMIT = 64,
  DEFAULT_SAMPLE_LIMIT_BYTES = 16 * 1024,
  /* DDS-XRCE serial addresses (DDS-XRCE 1.0, 11.2): one agent, one client on the wire. */
  CLIENT_ADDRESS = 1,
  AGENT_ADDRESS = 0,
  /* Turns of app and session within one step, so that an app that always has work leaves room for input. */
  MAX_TURNS = 4,
};

/* ---- Link -------------------------------------------------------------------------------------------------------- */

static void flush(rosehip_runtime_t* runtime) {
  const rosehip_port_t* port = runtime->port;
  while (runtime->output_start < runtime->output_end) {
    const int taken = port->write(port->context, runtime->output + runtime->output_start,
                                  runtime->output_end - runtime->output_start);
    if (taken <= 0) return;
    runtime->output_start += (size_t)taken;
  }
}

/* `send` of the session. */
static int send_message(void* context, const uint8_t* message, size_t length_bytes) {
  rosehip_runtime_t* runtime = context;
  const rosehip_port_t* port = runtime->port;
  if (port->link_kind == ROSEHIP_FRAMING_DATAGRAM) {
    return port->write(port->context, message, length_bytes) > 0 ? ROSEHIP_OK : ROSEHIP_ERROR_BUSY;
  }
  flush(runtime);
  if (rosehip_runtime_output_waits(runtime)) return ROSEHIP_ERROR_BUSY;
  const int encoded = rosehip_framing_encode(&runtime->framing, message, length_bytes, runtime->output,
                                             runtime->output_size);
  if (encoded < 0) return encoded;
  runtime->output_start = 0;
  runtime->output_end = (size_t)encoded;
  flush(runtime);
  return ROSEHIP_OK;
}

static void receive_message(void* context, const uint8_t* message, size_t length_bytes) {
  rosehip_runtime_t* runtime = context;
  rosehip_context_receive(runtime->context, message, length_bytes, runtime->ingest_us);
}

bool rosehip_runtime_output_waits(const rosehip_runtime_t* runtime) {
  return runtime->output_start < runtime->output_end;
}

void rosehip_runtime_ingest(rosehip_runtime_t* runtime, const uint8_t* bytes, size_t length_bytes, uint64_t now_us) {
  runtime->ingest_us = now_us;
  rosehip_framing_receive(&runtime->framing, bytes, length_bytes);
}

void rosehip_runtime_reconnect(rosehip_runtime_t* runtime, uint64_t now_us) {
  runtime->output_start = runtime->output_end = 0;
  rosehip_framing_reset(&runtime->framing);
  rosehip_context_reconnect(runtime->context, now_us);
}

/* ---- Log --------------------------------------------------------------------------------------------------------- */

/* `console` of the context. */
static void show_line(void* context, const rosehip_log_line_t* line) {
  const rosehip_runtime_t* runtime = context;
  const rosehip_port_t* port = runtime->port;
  if (port->console != NULL) port->console(port->context, line);
}

void rh_runtime_log(rosehip_runtime_t* runtime, rosehip_severity_t severity, rosehip_text_t logger,
                    rosehip_text_t message) {
  const rosehip_log_line_t line = {.severity = severity, .logger = logger, .message = message, .file = {"", 0}};
  rosehip_log(runtime->context, &line, runtime_now_us(runtime));
}

void rosehip_runtime_log(rosehip_runtime_t* runtime, rosehip_severity_t severity, const char* message) {
  rh_runtime_log(runtime, severity, ROSEHIP_TEXT("rosehip"), (rosehip_text_t){message, strlen(message)});
}

static void on_state(void* context, rosehip_xrce_state_t state) {
  const bool connected = state == ROSEHIP_XRCE_CONNECTED;
  if (!connected) rh_calls_lose(context);
  rosehip_runtime_log(context, connected ? ROSEHIP_LOG_INFO : ROSEHIP_LOG_WARN,
                      connected ? "connected to the agent" : "connection to the agent lost");
}

static void on_matched(void* context) { rh_entities_match(context); }

/* ---- Life -------------------------------------------------------------------------------------------------------- */

static void set_defaults(rosehip_runtime_config_t* config) {
  if (config->budget_us == 0) config->budget_us = DEFAULT_BUDGET_US;
  if (config->stack_bytes == 0) config->stack_bytes = DEFAULT_STACK_BYTES;
  if (config->waiting_limit == 0) config->waiting_limit = DEFAULT_WAITING_LIMIT;
  if (config->request_limit == 0) config->request_limit = DEFAULT_REQUEST_LIMIT;
  if (config->call_limit == 0) config->call_limit = DEFAULT_CALL_LIMIT;
  if (config->sample_limit_bytes == 0) config->sample_limit_bytes = DEFAULT_SAMPLE_LIMIT_BYTES;
  if (config->sample_queue_bytes == 0) config->sample_queue_bytes = 2 * config->sample_limit_bytes;
}

static int create_framing(rosehip_runtime_t* runtime) {
  const rosehip_port_t* port = runtime->port;
  rosehip_framing_config_t config = {
      .kind = port->link_kind,
      .local_address = CLIENT_ADDRESS,
      .remote_address = AGENT_ADDRESS,
      .on_message = receive_message,
      .context = runtime,
  };
  if (port->link_kind != ROSEHIP_FRAMING_DATAGRAM) {
    config.buffer_bytes = port->mtu_bytes;
    runtime->output_size = rosehip_framing_bound_bytes(port->link_kind, port->mtu_bytes);
    runtime->input = rosehip_arena_alloc(runtime->config.arena, config.buffer_bytes, 0);
    runtime->output = rosehip_arena_alloc(runtime->config.arena, runtime->output_size, 0);
    if (runtime->input == NULL || runtime->output == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
    config.buffer = runtime->input;
  }
  return rosehip_framing_init(&runtime->framing, &config);
}

static int create_context(rosehip_runtime_t* runtime) {
  rosehip_context_config_t config = {
      .session = {.arena = runtime->config.arena,
                  .mtu_bytes = runtime->port->mtu_bytes,
                  .sample_limit_bytes = runtime->config.sample_limit_bytes,
                  .send = send_message,
                  .on_state = on_state,
                  .on_matched = on_matched,
                  .context = runtime},
      .domain_id = runtime->config.domain_id,
      .console = show_line,
  };
  memcpy(config.session.client_key, runtime->config.client_key, sizeof config.session.client_key);
  return rosehip_context_create(&config, runtime_now_us(runtime), &runtime->context);
}

int rosehip_runtime_create(const rosehip_runtime_config_t* config, rosehip_runtime_t** runtime) {
  *runtime = NULL;
  rosehip_runtime_t* made = rosehip_arena_alloc_zeroed(config->arena, sizeof *made, 0);
  if (made == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  made->config = *config;
  made->port = config->port;
  set_defaults(&made->config);
  if (made->port->app_flash == NULL || rosehip_engine_has_app()) made->config.deployment = NULL;
  int status = create_framing(made);
  if (status == ROSEHIP_OK) status = create_context(made);
  if (status == ROSEHIP_OK && made->config.deployment != NULL) status = made->config.deployment->create(made);
  if (status != ROSEHIP_OK) {
    rosehip_runtime_destroy(made);
    return status;
  }
  *runtime = made;
  return ROSEHIP_OK;
}

void rosehip_runtime_destroy(rosehip_runtime_t* runtime) {
  if (runtime == NULL) return;
  rosehip_arena_t* arena = runtime->config.arena;
  if (runtime->context != NULL) {
    rh_app_stop(runtime);
    if (runtime->config.deployment != NULL) runtime->config.deployment->destroy(runtime);
    rh_events_free(runtime);
    rh_entities_free(runtime);
    rosehip_context_close(runtime->context);
    rosehip_context_destroy(runtime->context);
  }
  rosehip_arena_free(arena, runtime->input);
  rosehip_arena_free(arena, runtime->output);
  rosehip_arena_free(arena, runtime);
}

int rosehip_runtime_start(rosehip_runtime_t* runtime, const uint8_t* factory, size_t factory_bytes, char* reason,
                          size_t reason_bytes) {
  const rosehip_deployment_t* deployment = runtime->config.deployment;
  if (deployment == NULL) return rosehip_runtime_load(runtime, factory, factory_bytes, reason, reason_bytes);
  deployment->start(runtime, factory, factory_bytes);
  return ROSEHIP_OK;
}

/* ---- Step -------------------------------------------------------------------------------------------------------- */

static uint64_t earlier(uint64_t one, uint64_t other) { return one < other ? one : other; }

uint64_t rosehip_runtime_step(rosehip_runtime_t* runtime, uint64_t now_us) {
  const rosehip_deployment_t* deployment = runtime->config.deployment;
  uint64_t session_wake_us = now_us, calls_wake_us = ROSEHIP_NEVER_US;
  flush(runtime);
  if (deployment != NULL) deployment->step(runtime, now_us);
  for (int turn = 0; turn < MAX_TURNS; turn++) {
    /* The app first: its replies then leave ahead of the acknowledgement of the requests. */
    const bool ran = rh_app_step(runtime, now_us);
    rh_requests_send_replies(runtime);
    calls_wake_us = rh_calls_send(runtime, now_us);
    session_wake_us = rosehip_context_poll(runtime->context, now_us);
    if (!ran && rh_app_wake_us(runtime, now_us) > now_us) break;
    now_us = runtime_now_us(runtime);
  }
  const uint64_t wake_us = earlier(rh_app_wake_us(runtime, now_us), earlier(calls_wake_us, session_wake_us));
  return deployment == NULL ? wake_us : earlier(wake_us, deployment->wake_us(runtime, now_us));
}

void rosehip_runtime_run(rosehip_runtime_t* runtime) {
  enum { READS_PER_STEP = 8, MIN_BUFFER_BYTES = 256 };
  const rosehip_port_t* port = runtime->port;
  const size_t size = port->mtu_bytes > MIN_BUFFER_BYTES ? port->mtu_bytes : MIN_BUFFER_BYTES;
  uint8_t* buffer = rosehip_arena_alloc(runtime->config.arena, size, 0);
  if (buffer == NULL) {
    rosehip_runtime_log(runtime, ROSEHIP_LOG_FATAL, rosehip_sentence_arena_full);
    return;
  }
  uint64_t wake_us = 0;
  do {
    for (int i = 0; i < READS_PER_STEP; i++) {
      const int count = port->read(port->context, buffer, size);
      if (count == ROSEHIP_ERROR_DISCONNECTED) rosehip_runtime_reconnect(runtime, runtime_now_us(runtime));
      if (count <= 0) break;
      rosehip_runtime_ingest(runtime, buffer, (size_t)count, runtime_now_us(runtime));
    }
    wake_us = rosehip_runtime_step(runtime, runtime_now_us(runtime));
  } while (port->sleep(port->context, wake_us, rosehip_runtime_output_waits(runtime)));
  rosehip_arena_free(runtime->config.arena, buffer);
}

const rosehip_runtime_stats_t* rosehip_runtime_stats(const rosehip_runtime_t* runtime) {
  return &runtime->stats;
}

const rosehip_context_t* rosehip_runtime_context(const rosehip_runtime_t* runtime) {
  return runtime->context;
}
