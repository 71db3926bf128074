/* Messages: for the app's subscriptions, and from its publishers. */
#include "state.h"

/* The oldest that waits for this subscription and that the app has not been shown; NULL if there is none. */
static event_t* oldest_of(const rosehip_runtime_t* runtime, const entity_t* subscription) {
  event_t* event = runtime->pending.first;
  while (event != NULL && (event->entity != subscription || event->state != EVENT_WAITING)) event = event->next;
  return event;
}

/* `too_slow`: what waits is more than it may; else the arena is full. */
static void tell_drops(entity_t* subscription, bool too_slow) {
  rosehip_runtime_t* runtime = subscription->runtime;
  runtime->stats.samples_dropped++;
  if (subscription->drops_told) return;
  subscription->drops_told = true;
  char text[FAULT_REASON_BYTES];
  rosehip_sentence_t line = rosehip_sentence(text, sizeof text);
  rosehip_sentence_add(&line, too_slow ? "the app is too slow" : "the arena is too small");
  rosehip_sentence_add(&line, " for the messages of ");
  rosehip_sentence_add(&line, subscription->key + 2); /* behind the kind and its NUL: the topic */
  rosehip_sentence_add(&line, ": the oldest are dropped");
  rosehip_runtime_log(runtime, ROSEHIP_LOG_WARN, text);
}

/*
 * Reliable messages that find the memory full wait at the agent, and so does what comes behind them, also requests and
 * responses. While the app holds those that have filled it, that may last for this time.
 */
#define HELD_GRACE_US 250000u

/* The oldest that the app has held for a while and that may be dropped; NULL if there is none. */
static event_t* oldest_held(const rosehip_runtime_t* runtime) {
  const uint64_t now_us = runtime_now_us(runtime);
  for (event_t* event = runtime->pending.first; event != NULL; event = event->next) {
    const entity_t* entity = event->entity;
    if (entity->held && !entity->keep_all && now_us - entity->held_us >= HELD_GRACE_US) return event;
  }
  return NULL;
}

static bool has_its_depth(const entity_t* subscription) {
  return !subscription->keep_all && subscription->waiting >= subscription->depth;
}

/*
 * What is to be dropped for a message of this subscription; NULL: nothing, it has to wait. Keep last: the oldest makes
 * room, as in any ROS 2 subscription. But a burst that comes between two polls is no fault of the app: reliable messages
 * wait at the agent until it has had its chance to take what is here.
 */
static event_t* to_drop(const entity_t* subscription) {
  const rosehip_runtime_t* runtime = subscription->runtime;
  event_t* oldest = subscription->keep_all ? NULL : oldest_of(runtime, subscription);
  if (oldest == NULL || (subscription->held && !has_its_depth(subscription))) return oldest_held(runtime);
  const bool had_its_chance =
      subscription->held || oldest->poll != runtime->polls || runtime->app.state != APP_RUNNING;
  return !subscription->reliable || had_its_chance ? oldest : NULL;
}

/* True when it has made some room. */
static bool make_room(const entity_t* subscription, bool too_slow) {
  rosehip_runtime_t* runtime = subscription->runtime;
  event_t* event = to_drop(subscription);
  if (event == NULL) return false;
  entity_t* loser = event->entity;
  rh_event_forget(runtime, &runtime->pending, event);
  tell_drops(loser, too_slow);
  return true;
}

/* An empty queue takes any message, so that the limit never makes one impossible. */
static bool is_full(const entity_t* subscription, size_t length_bytes) {
  const rosehip_runtime_t* runtime = subscription->runtime;
  if (has_its_depth(subscription) || subscription->waiting == UINT16_MAX) return true;
  return runtime->sample_bytes != 0 && runtime->sample_bytes + length_bytes > runtime->config.sample_queue_bytes;
}

int rh_sample_receive(void* context, const rosehip_message_t* message) {
  entity_t* subscription = context;
  rosehip_runtime_t* runtime = subscription->runtime;
  event_t* event = NULL;
  while (event == NULL) {
    const bool full = is_full(subscription, message->length_bytes);
    if (!full) event = rh_event_new(subscription, EVENT_SAMPLE, NULL, message->payload, message->length_bytes);
    if (event != NULL || make_room(subscription, full)) continue;
    /* As long as some wait for the app, it will make room. */
    if (subscription->reliable && (full || subscription->waiting != 0)) return ROSEHIP_ERROR_BUSY;
    if (!full) return ROSEHIP_ERROR_OUT_OF_MEMORY;
    tell_drops(subscription, true);
    return ROSEHIP_OK; /* gone: what shares its message with it is not to wait for it */
  }
  if (message->big_endian) event->flags = EVENT_BIG_ENDIAN;
  subscription->waiting++;
  runtime->sample_bytes += event->length_bytes;
  runtime->stats.samples++;
  return ROSEHIP_OK;
}

int32_t rh_sample_hold(rosehip_runtime_t* runtime, int32_t handle, bool held) {
  entity_t* subscription = rh_entity_find(runtime, handle, ENTITY_SUBSCRIPTION);
  if (subscription == NULL) return ROSEHIP_ERROR_BAD_HANDLE;
  if (held && !subscription->held) subscription->held_us = runtime_now_us(runtime);
  subscription->held = held;
  event_t* shown = runtime->shown;
  if (!held || shown == NULL || shown->entity != subscription) return ROSEHIP_OK;
  shown->state = EVENT_WAITING;
  runtime->shown = NULL;
  return ROSEHIP_OK;
}

int32_t rh_sample_publish(rosehip_runtime_t* runtime, int32_t handle, const uint8_t* payload, uint32_t length_bytes) {
  const entity_t* publisher = rh_entity_find(runtime, handle, ENTITY_PUBLISHER);
  if (publisher == NULL) return ROSEHIP_ERROR_BAD_HANDLE;
  if (length_bytes > runtime->config.sample_limit_bytes) return ROSEHIP_ERROR_TOO_LARGE;
  const int32_t result = rosehip_publisher_publish(publisher->ros.publisher, payload, length_bytes);
  if (result == ROSEHIP_OK) runtime->stats.published++;
  return result;
}
