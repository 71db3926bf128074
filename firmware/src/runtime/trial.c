/* Which of the apps runs, and whether a new one is good; the states are told in deploy.h. */
#include "deploy.h"

#include <string.h>

enum { DEFAULT_HEALTH_MS = 3000 };

static const char flash_fails[] = "the flash fails";

uint32_t rh_deploy_health_ms(const struct deploy* deploy) {
  const uint32_t given = deploy->runtime->config.health_ms;
  return given == 0 ? DEFAULT_HEALTH_MS : given;
}

void rh_deploy_say(struct deploy* deploy, const char* text) {
  rosehip_sentence_t sentence = rosehip_sentence(deploy->message, sizeof deploy->message);
  rosehip_sentence_add(&sentence, text);
}

bool rh_deploy_signature_holds(const struct deploy* deploy, const rosehip_app_description_t* app) {
  const rosehip_app_verify_t verify = deploy->runtime->config.app_verify;
  return verify == NULL || verify(app);
}

/* A line about one of the slots, to the console and to /rosout. */
static void log_slot(struct deploy* deploy, rosehip_severity_t severity, int slot, const char* before,
                     const char* why) {
  char text[FAULT_REASON_BYTES + 64];
  rosehip_sentence_t line = rosehip_sentence(text, sizeof text);
  rosehip_sentence_add(&line, "the app in slot ");
  rosehip_sentence_add_number(&line, (uint64_t)slot);
  rosehip_sentence_add(&line, before);
  rosehip_sentence_add(&line, why);
  rosehip_runtime_log(deploy->runtime, severity, text);
}

/* ---- Starting ---------------------------------------------------------------------------------------------------- */

static void stop(struct deploy* deploy) {
  rosehip_runtime_t* runtime = deploy->runtime;
  rh_app_stop(runtime);
  runtime->app.state = APP_ABSENT;
  rosehip_arena_free(runtime->config.arena, deploy->copy);
  deploy->copy = NULL;
  deploy->running = RUNS_NONE;
  deploy->on_trial = false;
}

/* The module's octets: where they are, or as a copy. NULL: flash failed, or the arena is full. */
static const uint8_t* open_module(struct deploy* deploy, int slot) {
  const uint32_t length = deploy->slots.slot[slot].app.length_bytes;
  const uint8_t* module = rosehip_app_slot_map(&deploy->slots, slot, length);
  if (module != NULL) return module;
  deploy->copy = rosehip_arena_alloc(deploy->runtime->config.arena, length, 0);
  if (deploy->copy == NULL) return NULL;
  return rosehip_app_slot_read(&deploy->slots, slot, deploy->copy, length) == ROSEHIP_OK ? deploy->copy : NULL;
}

static void begin_trial(struct deploy* deploy) {
  const rosehip_runtime_t* runtime = deploy->runtime;
  deploy->on_trial = true;
  deploy->was_connected = rosehip_context_connected(runtime->context);
  deploy->faults = runtime->stats.app_faults;
  deploy->received = rosehip_context_session_stats(runtime->context)->messages_received;
  deploy->trial_end_us = runtime_now_us(runtime) + (uint64_t)rh_deploy_health_ms(deploy) * 1000u;
}

/* Why the app in this slot cannot be started; NULL: it was. */
static const char* start_slot(struct deploy* deploy, int index, char* reason, size_t reason_bytes) {
  rosehip_app_slots_t* slots = &deploy->slots;
  const rosehip_app_slot_t* slot = &slots->slot[index];
  const bool is_new = slot->state == ROSEHIP_SLOT_PENDING;
  if (!rosehip_app_slot_intact(slots, index)) return "it is damaged";
  if (!rh_deploy_signature_holds(deploy, &slot->app)) return "it is not signed by this board's key";
  if (is_new && rosehip_app_slot_mark(slots, index, ROSEHIP_SLOT_TRIED) != ROSEHIP_OK) return flash_fails;
  const uint8_t* module = open_module(deploy, index);
  if (module == NULL) return "the arena has no room for it";
  const int status = rosehip_runtime_load(deploy->runtime, module, slot->app.length_bytes, reason, reason_bytes);
  /* For one that was good before there will be room again: the runtime goes on trying. */
  if (status != ROSEHIP_OK && (is_new || status != ROSEHIP_ERROR_OUT_OF_MEMORY)) return reason;
  deploy->running = (uint8_t)index;
  if (is_new) begin_trial(deploy);
  return NULL;
}

void rh_trial_start_best(struct deploy* deploy) {
  char reason[FAULT_REASON_BYTES];
  unsigned excluded = 0;
  for (;;) {
    const int index = rosehip_app_slots_newest(&deploy->slots, excluded);
    stop(deploy);
    if (index < 0) break;
    const bool is_new = deploy->slots.slot[index].state == ROSEHIP_SLOT_PENDING;
    const char* why = start_slot(deploy, index, reason, sizeof reason);
    if (why == NULL) {
      log_slot(deploy, ROSEHIP_LOG_INFO, index, is_new ? " is new: on trial" : " runs", "");
      return;
    }
    rh_deploy_say(deploy, why);
    log_slot(deploy, ROSEHIP_LOG_ERROR, index, " cannot run: ", why);
    excluded |= 1u << index;
  }
  if (deploy->factory == NULL) {
    rosehip_runtime_log(deploy->runtime, ROSEHIP_LOG_WARN, "there is no app: the board waits for one");
    return;
  }
  const int status =
      rosehip_runtime_load(deploy->runtime, deploy->factory, deploy->factory_bytes, reason, sizeof reason);
  if (status == ROSEHIP_OK || status == ROSEHIP_ERROR_OUT_OF_MEMORY) deploy->running = RUNS_FACTORY;
  if (status != ROSEHIP_OK) rosehip_runtime_log(deploy->runtime, ROSEHIP_LOG_ERROR, reason);
}

/* ---- Trial ------------------------------------------------------------------------------------------------------- */

static bool has_stopped(const struct deploy* deploy) {
  const rosehip_runtime_t* runtime = deploy->runtime;
  return runtime->app.state != APP_RUNNING || runtime->stats.app_faults != deploy->faults;
}

static void roll_back(struct deploy* deploy, const char* why) {
  app_t* app = &deploy->runtime->app;
  rh_deploy_say(deploy, why);
  log_slot(deploy, ROSEHIP_LOG_ERROR, deploy->running, " failed its trial and is rolled back: ", deploy->message);
  rh_trial_start_best(deploy);
  memcpy(app->fault, deploy->message, sizeof app->fault); /* what its requests are answered with */
}

static void confirm(struct deploy* deploy) {
  deploy->on_trial = false;
  if (rosehip_app_slot_mark(&deploy->slots, deploy->running, ROSEHIP_SLOT_CONFIRMED) == ROSEHIP_OK) {
    log_slot(deploy, ROSEHIP_LOG_INFO, deploy->running, " came through its trial", "");
  } else {
    log_slot(deploy, ROSEHIP_LOG_ERROR, deploy->running, " cannot be kept: ", flash_fails);
  }
}

void rh_trial_watch(struct deploy* deploy, uint64_t now_us) {
  const rosehip_context_t* context = deploy->runtime->context;
  const uint32_t received = rosehip_context_session_stats(context)->messages_received;
  if (!deploy->on_trial) return;
  if (has_stopped(deploy)) roll_back(deploy, deploy->runtime->app.fault);
  else if (now_us < deploy->trial_end_us) deploy->received = received;
  else if (!deploy->was_connected) confirm(deploy);
  else if (!rosehip_context_connected(context)) roll_back(deploy, "with it the board lost its agent");
  else if (received != deploy->received) confirm(deploy);
}

uint64_t rh_trial_wake_us(const struct deploy* deploy, uint64_t now_us) {
  if (!deploy->on_trial) return ROSEHIP_NEVER_US;
  if (has_stopped(deploy)) return now_us;
  /* After its end the session, which waits for the agent, too, tells when there is something to see. */
  return now_us < deploy->trial_end_us ? deploy->trial_end_us : ROSEHIP_NEVER_US;
}
