/* The app's life: load, poll, fault, restart. The states are told in state.h. */
#include "state.h"

#include <string.h>

#define MAX_BACKOFF_S 30u
#define US_PER_S 1000000u

/* A run that lasted this long has started well, whatever ends it. */
#define STARTED_WELL_US (10u * US_PER_S)

/* An event that the app left alone is offered again after this time, instead of at once and for ever. */
#define EVENT_RETRY_US 10000u

static uint64_t engine_now_us(void* host) {
  return runtime_now_us(host);
}

static int load(rosehip_runtime_t* runtime, const uint8_t* module, size_t module_bytes, rosehip_engine_t** engine,
                char* reason, size_t reason_bytes) {
  const rosehip_engine_config_t config = {
      .arena = runtime->config.arena,
      .imports = rh_abi_imports,
      .import_count = rh_abi_import_count,
      .host = runtime,
      .now_us = engine_now_us,
      .budget_us = runtime->config.budget_us,
      .stack_bytes = runtime->config.stack_bytes,
      .memory_limit_bytes = runtime->config.memory_limit_bytes,
  };
  return rosehip_engine_load(&config, module, module_bytes, engine, reason, reason_bytes);
}

int rh_app_check(rosehip_runtime_t* runtime, const uint8_t* module, size_t module_bytes, char* reason,
                 size_t reason_bytes) {
  rosehip_engine_t* engine = NULL;
  const int status = load(runtime, module, module_bytes, &engine, reason, reason_bytes);
  rosehip_engine_unload(engine);
  return status;
}

/* Loads the module; on success the run has begun, without anything of it having run. */
static int start(rosehip_runtime_t* runtime, uint64_t now_us, char* reason, size_t reason_bytes) {
  app_t* app = &runtime->app;
  const int status = load(runtime, app->module, app->module_bytes, &app->engine, reason, reason_bytes);
  if (status != ROSEHIP_OK) return status;
  app->state = APP_RUNNING;
  app->start_us = now_us;
  app->wake_us = 0;
  app->event_us = 0;
  app->first_poll_over = false;
  app->had_request = false;
  app->panic[0] = '\0';
  runtime->stats.app_starts++;
  return ROSEHIP_OK;
}

void rh_app_stop(rosehip_runtime_t* runtime) {
  rh_events_stop(runtime);
  rh_calls_drop(runtime, NULL);
  rh_requests_fault(runtime);
  rh_entities_keep(runtime);
  rh_hardware_stop(runtime);
  rosehip_engine_unload(runtime->app.engine);
  runtime->app.engine = NULL;
}

static void retry_later(app_t* app, uint64_t now_us) {
  app->backoff_s = app->backoff_s == 0 ? 1 : app->backoff_s * 2;
  if (app->backoff_s > MAX_BACKOFF_S) app->backoff_s = MAX_BACKOFF_S;
  app->state = APP_RETRYING;
  app->retry_us = now_us + (uint64_t)app->backoff_s * US_PER_S;
}

static void add_retry_time(const app_t* app, uint64_t now_us, rosehip_sentence_t* sentence) {
  if (app->retry_us <= now_us) {
    rosehip_sentence_add(sentence, "; it starts again");
    return;
  }
  rosehip_sentence_add(sentence, "; it starts again in ");
  rosehip_sentence_add_number(sentence, app->backoff_s);
  rosehip_sentence_add(sentence, " s");
}

static void fault(rosehip_runtime_t* runtime, uint64_t now_us) {
  app_t* app = &runtime->app;
  rosehip_sentence_t reason = rosehip_sentence(app->fault, sizeof app->fault);
  if (app->panic[0] != '\0') {
    rosehip_sentence_add(&reason, app->panic);
  } else {
    rosehip_sentence_add(&reason, rosehip_engine_fault(app->engine));
  }
  if (app->had_request || now_us - app->start_us >= STARTED_WELL_US) {
    app->backoff_s = 0;
    app->state = APP_RETRYING;
    app->retry_us = now_us;
  } else {
    retry_later(app, now_us);
  }
  char text[FAULT_REASON_BYTES + 64];
  rosehip_sentence_t line = rosehip_sentence(text, sizeof text);
  rosehip_sentence_add(&line, "the app stopped: ");
  rosehip_sentence_add(&line, app->fault);
  add_retry_time(app, now_us, &line);
  runtime->stats.app_faults++;
  rosehip_runtime_log(runtime, ROSEHIP_LOG_ERROR, text);
  rh_app_stop(runtime);
}

int rosehip_runtime_load(rosehip_runtime_t* runtime, const uint8_t* module, size_t module_bytes, char* reason,
                         size_t reason_bytes) {
  app_t* app = &runtime->app;
  const uint64_t now_us = runtime_now_us(runtime);
  rosehip_sentence_t why = rosehip_sentence(app->fault, sizeof app->fault);
  rosehip_sentence_add(&why, "the app was replaced");
  rh_app_stop(runtime);
  app->module = module;
  app->module_bytes = module_bytes;
  app->state = APP_ABSENT;
  app->backoff_s = 0;
  const int status = start(runtime, now_us, reason, reason_bytes);
  if (status == ROSEHIP_ERROR_OUT_OF_MEMORY) retry_later(app, now_us);
  return status;
}

static void restart(rosehip_runtime_t* runtime, uint64_t now_us) {
  app_t* app = &runtime->app;
  char reason[FAULT_REASON_BYTES];
  const int status = start(runtime, now_us, reason, sizeof reason);
  if (status == ROSEHIP_OK) return;
  char text[FAULT_REASON_BYTES + 64];
  rosehip_sentence_t line = rosehip_sentence(text, sizeof text);
  rosehip_sentence_add(&line, "the app cannot start: ");
  rosehip_sentence_add(&line, reason);
  if (status == ROSEHIP_ERROR_OUT_OF_MEMORY) {
    retry_later(app, now_us);
    add_retry_time(app, now_us, &line);
  } else {
    app->state = APP_ABSENT;
  }
  rosehip_runtime_log(runtime, ROSEHIP_LOG_ERROR, text);
}

static uint64_t to_us(int64_t wake_ns) {
  if (wake_ns == INT64_MAX) return ROSEHIP_NEVER_US;
  return wake_ns <= 0 ? 0 : ((uint64_t)wake_ns + 999) / 1000;
}

bool rh_app_step(rosehip_runtime_t* runtime, uint64_t now_us) {
  app_t* app = &runtime->app;
  if (app->state == APP_RETRYING && now_us >= app->retry_us) restart(runtime, now_us);
  if (app->state != APP_RUNNING || rh_app_wake_us(runtime, now_us) > now_us) return false;
  int64_t wake_ns = 0;
  app->took_event = false;
  runtime->polls++;
  if (rosehip_engine_poll(app->engine, &wake_ns) != ROSEHIP_OK) {
    fault(runtime, runtime_now_us(runtime));
    return true;
  }
  app->wake_us = to_us(wake_ns);
  if (!app->first_poll_over) {
    app->first_poll_over = true;
    rh_entities_sweep(runtime);
    return true;
  }
  app->event_us = rh_event_waits(runtime) && !app->took_event ? now_us + EVENT_RETRY_US : 0;
  return true;
}

uint64_t rh_app_wake_us(rosehip_runtime_t* runtime, uint64_t now_us) {
  const app_t* app = &runtime->app;
  if (app->state == APP_ABSENT) return ROSEHIP_NEVER_US;
  if (app->state == APP_RETRYING) return app->retry_us;
  if (app->wake_us <= now_us || !rh_event_waits(runtime)) return app->wake_us;
  return app->event_us < app->wake_us ? app->event_us : app->wake_us;
}
