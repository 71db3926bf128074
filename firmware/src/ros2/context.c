#include "context.h"

enum { DOMAIN_ID_MAX = 232, LOG_QUEUE_DEFAULT_BYTES = 2048 };

/* ---- The session's callbacks --------------------------------------------------------------------------- */

static int on_send(void* context, const uint8_t* message, size_t length_bytes) {
  const rosehip_context_t* self = context;
  return self->config.send(self->config.context, message, length_bytes);
}

static void on_state(void* context, rosehip_xrce_state_t state) {
  rosehip_context_t* self = context;
  if (state == ROSEHIP_XRCE_CONNECTING) rh_publishers_reset(self);
  if (self->config.on_state != NULL) self->config.on_state(self->config.context, state);
}

static void on_refused(void* context, rosehip_xrce_object_t* object, uint8_t status) {
  rosehip_context_t* self = context;
  rh_log_refused(self, object, status, rosehip_xrce_session_refusal_told(self->session));
  if (self->config.on_refused != NULL) self->config.on_refused(self->config.context, object, status);
}

static void on_matched(void* context) {
  const rosehip_context_t* self = context;
  if (self->config.on_matched != NULL) self->config.on_matched(self->config.context);
}

static void on_waits(void* context, const rosehip_xrce_object_t* object, size_t length_bytes) {
  rosehip_context_t* self = context;
  rh_log_sample(self, object, length_bytes, true, &self->said_waits);
}

/* ---- Public -------------------------------------------------------------------------------------------- */

int rosehip_context_create(const rosehip_context_config_t* config, uint64_t now_us, rosehip_context_t** context) {
  *context = NULL;
  if (config->domain_id > DOMAIN_ID_MAX || config->session.arena == NULL || config->session.send == NULL) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  rosehip_arena_t* arena = config->session.arena;
  rosehip_context_t* made = rosehip_arena_alloc(arena, sizeof *made, _Alignof(rosehip_context_t));
  if (made == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  *made = (rosehip_context_t){
      .config = config->session,
      .console = config->console,
      .arena = arena,
      .domain_id = config->domain_id,
      .log_queue_bytes = config->log_queue_bytes == 0 ? LOG_QUEUE_DEFAULT_BYTES : config->log_queue_bytes};
  rosehip_xrce_session_config_t session = config->session;
  session.send = on_send;
  session.on_state = on_state;
  session.on_refused = on_refused;
  session.on_matched = on_matched;
  session.on_waits = on_waits;
  session.context = made;
  const int result = rosehip_xrce_session_create(&session, now_us, &made->session);
  if (result != ROSEHIP_OK) {
    rosehip_arena_free(arena, made);
    return result;
  }
  *context = made;
  return ROSEHIP_OK;
}

void rosehip_context_destroy(rosehip_context_t* context) {
  if (context == NULL) return;
  while (context->nodes != NULL) rosehip_node_destroy(context->nodes);
  rh_log_free(context);
  rosehip_xrce_session_destroy(context->session);
  rosehip_arena_free(context->arena, context);
}

void rosehip_context_receive(rosehip_context_t* context, const uint8_t* message, size_t length_bytes,
                             uint64_t now_us) {
  context->now_us = now_us;
  rosehip_xrce_session_receive(context->session, message, length_bytes, now_us);
}

uint64_t rosehip_context_poll(rosehip_context_t* context, uint64_t now_us) {
  context->now_us = now_us;
  rh_log_report(context);
  rh_log_flush(context, now_us);
  rh_publishers_flush(context);
  return rosehip_xrce_session_poll(context->session, now_us);
}

int rosehip_context_close(rosehip_context_t* context) { return rosehip_xrce_session_close(context->session); }

void rosehip_context_reconnect(rosehip_context_t* context, uint64_t now_us) {
  rosehip_xrce_session_reconnect(context->session, now_us);
}

bool rosehip_context_connected(const rosehip_context_t* context) {
  return rosehip_xrce_session_state(context->session) == ROSEHIP_XRCE_CONNECTED;
}

bool rosehip_context_tells_matches(const rosehip_context_t* context) {
  return rosehip_xrce_session_tells_matches(context->session);
}

int64_t rosehip_context_ros_time_ns(rosehip_context_t* context, uint64_t now_us) {
  return rosehip_xrce_session_epoch_time_ns(context->session, now_us);
}

const rosehip_context_stats_t* rosehip_context_stats(const rosehip_context_t* context) { return &context->stats; }

const rosehip_xrce_stats_t* rosehip_context_session_stats(const rosehip_context_t* context) {
  return rosehip_xrce_session_stats(context->session);
}
