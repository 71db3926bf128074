/* The queue of what came for the app; the states are told in state.h. */
#include "state.h"
#include "wasm/abi_table.h"

#include <string.h>

/* ---- Lists --------------------------------------------------------------------------------------------- */

void rh_event_append(event_list_t* list, event_t* event) {
  event->next = NULL;
  if (list->last == NULL) list->first = event;
  else list->last->next = event;
  list->last = event;
  list->count++;
}

void rh_event_detach(event_list_t* list, const event_t* event) {
  event_t* before = NULL;
  event_t* at = list->first;
  while (at != event) {
    before = at;
    at = at->next;
  }
  if (before == NULL) list->first = at->next;
  else before->next = at->next;
  if (list->last == at) list->last = before;
  list->count--;
}

void rh_event_free_payload(rosehip_runtime_t* runtime, event_t* event) {
  if (event->kind == EVENT_SAMPLE) runtime->sample_bytes -= event->length_bytes;
  rosehip_arena_free(runtime->config.arena, event->payload);
  event->payload = NULL;
  event->length_bytes = 0;
}

void rh_event_forget(rosehip_runtime_t* runtime, event_list_t* list, event_t* event) {
  rh_event_detach(list, event);
  rh_event_free_payload(runtime, event);
  if (event->kind == EVENT_SAMPLE) event->entity->waiting--;
  if (runtime->shown == event) runtime->shown = NULL;
  rosehip_arena_free(runtime->config.arena, event);
}

event_t* rh_event_new(entity_t* entity, event_kind_t kind, const uint8_t* identity, const uint8_t* payload,
                      size_t length_bytes) {
  rosehip_runtime_t* runtime = entity->runtime;
  rosehip_arena_t* arena = runtime->config.arena;
  const size_t identity_bytes = identity == NULL ? 0 : ROSEHIP_SAMPLE_IDENTITY_BYTES;
  event_t* event = rosehip_arena_alloc_zeroed(arena, sizeof *event + identity_bytes, 0);
  if (event == NULL) return NULL;
  event->payload = rosehip_arena_alloc(arena, length_bytes, 0);
  if (event->payload == NULL) {
    rosehip_arena_free(arena, event);
    return NULL;
  }
  if (length_bytes != 0) memcpy(event->payload, payload, length_bytes);
  if (identity != NULL) memcpy(event->identity, identity, identity_bytes);
  event->entity = entity;
  event->kind = (uint8_t)kind;
  event->length_bytes = (uint32_t)length_bytes;
  event->state = EVENT_WAITING;
  if (kind == EVENT_SAMPLE) event->poll = runtime->polls;
  rh_event_append(&runtime->pending, event);
  return event;
}

static bool has_token(const event_list_t* list, int32_t token) {
  const event_t* event = list->first;
  while (event != NULL && event->token != token) event = event->next;
  return event != NULL;
}

static bool is_call(const rosehip_runtime_t* runtime, int32_t token) {
  const call_t* call = runtime->calls;
  while (call != NULL && call->token != token) call = call->next;
  return call != NULL;
}

int32_t rh_event_token(rosehip_runtime_t* runtime) {
  do {
    runtime->last_token = runtime->last_token == INT32_MAX ? 1 : runtime->last_token + 1;
  } while (has_token(&runtime->open, runtime->last_token) || has_token(&runtime->pending, runtime->last_token) ||
           is_call(runtime, runtime->last_token));
  return runtime->last_token;
}

/* ---- To the app ---------------------------------------------------------------------------------------- */

static entity_t* next_match(const rosehip_runtime_t* runtime) {
  if (!runtime->matches_changed) return NULL;
  for (int32_t i = 0; i < runtime->entity_count; i++) {
    entity_t* entity = runtime->entities[i];
    if (entity != NULL && entity->made && entity->match_changed) return entity;
  }
  return NULL;
}

/* The oldest for an entity that this run of the app has made and does not hold. */
static event_t* next_event(const rosehip_runtime_t* runtime) {
  event_t* event = runtime->pending.first;
  while (event != NULL && (!event->entity->made || event->entity->held)) event = event->next;
  return event;
}

bool rh_event_waits(rosehip_runtime_t* runtime) {
  return runtime->shown != NULL || runtime->shown_match != NULL || next_event(runtime) != NULL ||
         next_match(runtime) != NULL || rh_hardware_edge_waits(runtime);
}

static void put_u32(uint8_t* at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (8 * i));
}

static void put_record(uint8_t* record, int32_t entity, int32_t request, uint32_t length, uint32_t flags) {
  put_u32(record + ROSEHIP_ABI_EVENT_INFO_ENTITY, (uint32_t)entity);
  put_u32(record + ROSEHIP_ABI_EVENT_INFO_REQUEST, (uint32_t)request);
  put_u32(record + ROSEHIP_ABI_EVENT_INFO_LENGTH, length);
  put_u32(record + ROSEHIP_ABI_EVENT_INFO_FLAGS, flags);
  put_u32(record + ROSEHIP_ABI_EVENT_INFO_RESERVED, 0);
}

static int32_t abi_kind(const event_t* event) {
  if (event->kind == EVENT_SAMPLE) return ROSEHIP_ABI_EVENT_SAMPLE;
  if (event->kind == EVENT_RESPONSE) return ROSEHIP_ABI_EVENT_RESPONSE;
  return event->faulted ? ROSEHIP_ABI_EVENT_REQUEST_FAULTED : ROSEHIP_ABI_EVENT_REQUEST;
}

static void show(rosehip_runtime_t* runtime, event_t* event) {
  event->faulted = event->state == EVENT_FAULTED;
  event->state = EVENT_SHOWN;
  runtime->shown = event;
  if (event->kind == EVENT_REQUEST && !event->faulted) runtime->app.had_request = true;
}

/* Nothing is shown: chooses what is to be. However often a pin changes, every other event is another one. */
static void choose(rosehip_runtime_t* runtime) {
  runtime->shown_match = next_match(runtime);
  if (runtime->shown_match != NULL) {
    runtime->shown_match->match_changed = false;
    return;
  }
  runtime->matches_changed = false;
  event_t* event = next_event(runtime);
  if (rh_hardware_edge_waits(runtime) && (event == NULL || !runtime->edge_was_last)) {
    runtime->edge_state = EDGE_SHOWN;
  } else if (event != NULL) {
    show(runtime, event);
  }
  runtime->edge_was_last = runtime->edge_state == EDGE_SHOWN;
}

/* What event_take copies of the event that is shown. */
static rosehip_text_t payload_of(const rosehip_runtime_t* runtime, const event_t* event) {
  if (event->faulted && event->flags & EVENT_NO_MEMORY) {
    return (rosehip_text_t){rosehip_sentence_arena_full, ROSEHIP_SENTENCE_ARENA_FULL_BYTES};
  }
  if (!event->faulted || event->flags & EVENT_TOO_LARGE) {
    return (rosehip_text_t){(const char*)event->payload, event->length_bytes};
  }
  return (rosehip_text_t){runtime->app.fault, strlen(runtime->app.fault)};
}

int32_t rh_event_next(rosehip_runtime_t* runtime, uint8_t* record) {
  if (runtime->shown == NULL && runtime->shown_match == NULL && runtime->edge_state != EDGE_SHOWN) choose(runtime);
  if (runtime->shown_match != NULL) {
    put_record(record, runtime->shown_match->handle, 0, 0, 0);
    return ROSEHIP_ABI_EVENT_MATCHED;
  }
  if (runtime->edge_state == EDGE_SHOWN) {
    put_record(record, -1 - (int32_t)runtime->edge.pin, (int32_t)(runtime->edge.edges * 2 + runtime->edge.level), 0, 0);
    return ROSEHIP_ABI_EVENT_EDGE;
  }
  const event_t* event = runtime->shown;
  if (event == NULL) return ROSEHIP_ABI_EVENT_NONE;
  const uint32_t length = (uint32_t)payload_of(runtime, event).length_bytes;
  put_record(record, event->entity->handle, event->token, length, event->flags);
  return abi_kind(event);
}

int32_t rh_event_take(rosehip_runtime_t* runtime, uint8_t* buffer, uint32_t size_bytes) {
  if (runtime->shown_match != NULL || runtime->edge_state == EDGE_SHOWN) {
    if (runtime->shown_match == NULL) runtime->edge_state = EDGE_NONE;
    runtime->shown_match = NULL;
    runtime->app.took_event = true;
    return 0;
  }
  event_t* event = runtime->shown;
  if (event == NULL) return ROSEHIP_ERROR_NO_EVENT;
  const rosehip_text_t payload = payload_of(runtime, event);
  const uint32_t length = size_bytes == 0 ? 0 : (uint32_t)payload.length_bytes;
  if (length > size_bytes) return ROSEHIP_ERROR_TOO_LARGE;
  if (length != 0) memcpy(buffer, payload.data, length);
  runtime->app.took_event = true;
  if (event->kind != EVENT_REQUEST) {
    rh_event_forget(runtime, &runtime->pending, event);
    return (int32_t)length;
  }
  runtime->shown = NULL;
  rh_event_detach(&runtime->pending, event);
  rh_event_free_payload(runtime, event);
  event->state = EVENT_HANDLED;
  rh_event_append(&runtime->open, event);
  return (int32_t)length;
}

/* ---- End ----------------------------------------------------------------------------------------------- */

void rh_events_stop(rosehip_runtime_t* runtime) {
  event_t* next = NULL;
  for (event_t* event = runtime->pending.first; event != NULL; event = next) {
    next = event->next;
    const bool ends = event->kind == EVENT_RESPONSE || (event->kind == EVENT_SAMPLE && event->state == EVENT_SHOWN);
    if (ends) rh_event_forget(runtime, &runtime->pending, event);
  }
  runtime->shown_match = NULL;
}

static uint32_t drop_from(rosehip_runtime_t* runtime, event_list_t* list, const entity_t* entity) {
  uint32_t requests = 0;
  event_t* next = NULL;
  for (event_t* event = list->first; event != NULL; event = next) {
    next = event->next;
    if (event->entity != entity) continue;
    requests += event->kind == EVENT_REQUEST;
    rh_event_forget(runtime, list, event);
  }
  return requests;
}

uint32_t rh_events_drop(rosehip_runtime_t* runtime, const entity_t* entity) {
  if (runtime->shown_match == entity) runtime->shown_match = NULL;
  return drop_from(runtime, &runtime->pending, entity) + drop_from(runtime, &runtime->open, entity);
}

void rh_events_free(rosehip_runtime_t* runtime) {
  while (runtime->pending.first != NULL) rh_event_forget(runtime, &runtime->pending, runtime->pending.first);
  while (runtime->open.first != NULL) rh_event_forget(runtime, &runtime->open, runtime->open.first);
}
