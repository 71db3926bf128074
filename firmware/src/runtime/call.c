/* Calls of the app to services, and their responses; the states are told in state.h. */
#include "state.h"

#include <string.h>

/* An agent that tells about matches does so in this time after it has made a client. One that does not, another
   maker's, never does: then a call is sent without knowing of a server. */
#define MATCH_GRACE_US 1000000u

/* ---- List ---------------------------------------------------------------------------------------------- */

static call_t** place_of(rosehip_runtime_t* runtime, int32_t token) {
  call_t** place = &runtime->calls;
  while (*place != NULL && (*place)->token != token) place = &(*place)->next;
  return place;
}

static void forget(rosehip_runtime_t* runtime, call_t** place) {
  call_t* call = *place;
  *place = call->next;
  rosehip_arena_free(runtime->config.arena, call);
}

/* Calls and the responses that the app has not taken yet. */
static uint32_t count(const rosehip_runtime_t* runtime) {
  uint32_t number = 0;
  for (const call_t* call = runtime->calls; call != NULL; call = call->next) number++;
  for (const event_t* event = runtime->pending.first; event != NULL; event = event->next) {
    number += event->kind == EVENT_RESPONSE;
  }
  return number;
}

static bool has_kept(const rosehip_runtime_t* runtime, const entity_t* client) {
  const call_t* call = runtime->calls;
  while (call != NULL && (call->client != client || call->state != CALL_KEPT)) call = call->next;
  return call != NULL;
}

/* ---- Requests ------------------------------------------------------------------------------------------ */

static bool can_be_heard(entity_t* client, uint64_t now_us) {
  if (!rosehip_client_ready(client->ros.client)) {
    client->ready_us = 0;
    return false;
  }
  if (client->ready_us == 0) client->ready_us = now_us;
  const int matched = rosehip_client_matched(client->ros.client);
  if (matched != 0 && matched != ROSEHIP_XRCE_MISMATCH) return true;
  return !rosehip_context_tells_matches(client->runtime->context) && now_us - client->ready_us >= MATCH_GRACE_US;
}

/* The request was queued as `request_id`. If ids have come round to one whose response never came, it never will. */
static void sent(rosehip_runtime_t* runtime, call_t* call, uint16_t request_id) {
  for (call_t* other = runtime->calls; other != NULL; other = other->next) {
    const bool same = other->client == call->client && other->state == CALL_SENT && other->request_id == request_id;
    if (same) other->state = CALL_LOST;
  }
  call->state = CALL_SENT;
  call->request_id = request_id;
  runtime->stats.calls++;
}

int32_t rh_call_begin(rosehip_runtime_t* runtime, int32_t handle, const uint8_t* payload, uint32_t length_bytes) {
  entity_t* client = rh_entity_find(runtime, handle, ENTITY_CLIENT);
  if (client == NULL) return ROSEHIP_ERROR_BAD_HANDLE;
  if (length_bytes > runtime->config.sample_limit_bytes) return ROSEHIP_ERROR_TOO_LARGE;
  if (count(runtime) >= runtime->config.call_limit) return ROSEHIP_ERROR_BUSY;
  const bool keep = has_kept(runtime, client) || !can_be_heard(client, runtime_now_us(runtime));
  rosehip_arena_t* arena = runtime->config.arena;
  call_t* call = rosehip_arena_alloc_zeroed(arena, sizeof *call + (keep ? length_bytes : 0), 0);
  if (call == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  call->client = client;
  call->token = rh_event_token(runtime);
  call->length_bytes = length_bytes;
  if (keep) {
    if (length_bytes != 0) memcpy(call->payload, payload, length_bytes);
  } else {
    const int request_id = rosehip_client_call(client->ros.client, payload, length_bytes);
    if (request_id < 0) {
      rosehip_arena_free(arena, call);
      return request_id;
    }
    sent(runtime, call, (uint16_t)request_id);
  }
  *place_of(runtime, call->token) = call; /* at the end: no other has this token */
  return call->token;
}

uint64_t rh_calls_send(rosehip_runtime_t* runtime, uint64_t now_us) {
  uint64_t wake_us = ROSEHIP_NEVER_US;
  if (!rosehip_context_connected(runtime->context)) return wake_us;
  for (call_t* call = runtime->calls; call != NULL; call = call->next) {
    if (call->state != CALL_KEPT) continue;
    entity_t* client = call->client;
    if (!can_be_heard(client, now_us)) {
      const uint64_t end_us = client->ready_us + MATCH_GRACE_US;
      if (client->ready_us != 0 && end_us > now_us && end_us < wake_us) wake_us = end_us;
      continue;
    }
    const int request_id = rosehip_client_call(client->ros.client, call->payload, call->length_bytes);
    if (request_id < 0) break; /* the queue is full: again when it has drained, at a later step */
    sent(runtime, call, (uint16_t)request_id);
  }
  return wake_us;
}

void rh_calls_lose(rosehip_runtime_t* runtime) {
  uint32_t lost = 0;
  for (call_t* call = runtime->calls; call != NULL; call = call->next) {
    if (call->state != CALL_SENT) continue;
    call->state = CALL_LOST;
    lost++;
  }
  rh_request_tell_unanswered(runtime, lost, true, "the connection was lost");
  for (int32_t i = 0; i < runtime->entity_count; i++) {
    if (runtime->entities[i] != NULL) runtime->entities[i]->ready_us = 0;
  }
}

/* ---- Responses ----------------------------------------------------------------------------------------- */

int rh_call_receive(void* context, const rosehip_response_t* response) {
  entity_t* client = context;
  rosehip_runtime_t* runtime = client->runtime;
  call_t** place = &runtime->calls;
  while (*place != NULL && ((*place)->client != client || (*place)->state != CALL_SENT ||
                            (*place)->request_id != response->request_id)) {
    place = &(*place)->next;
  }
  if (*place == NULL) {
    runtime->stats.responses_late++;
    return ROSEHIP_OK;
  }
  event_t* event = rh_event_new(client, EVENT_RESPONSE, NULL, response->payload, response->length_bytes);
  if (event == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  event->token = (*place)->token;
  if (response->big_endian) event->flags |= EVENT_BIG_ENDIAN;
  if (response->too_large_bytes != 0) event->flags |= EVENT_TOO_LARGE;
  if (response->no_memory) event->flags |= EVENT_NO_MEMORY;
  runtime->stats.responses++;
  forget(runtime, place);
  return ROSEHIP_OK;
}

int32_t rh_call_forget(rosehip_runtime_t* runtime, int32_t token) {
  call_t** place = place_of(runtime, token);
  if (token > 0 && *place != NULL) {
    forget(runtime, place);
    return ROSEHIP_OK;
  }
  for (event_t* event = runtime->pending.first; event != NULL; event = event->next) {
    if (event->kind != EVENT_RESPONSE || event->token != token) continue;
    rh_event_forget(runtime, &runtime->pending, event);
    return ROSEHIP_OK;
  }
  return ROSEHIP_ERROR_BAD_HANDLE;
}

void rh_calls_drop(rosehip_runtime_t* runtime, const entity_t* client) {
  call_t** place = &runtime->calls;
  while (*place != NULL) {
    if (client == NULL || (*place)->client == client) forget(runtime, place);
    else place = &(*place)->next;
  }
}
