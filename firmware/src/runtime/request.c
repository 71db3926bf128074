/* Requests from the agent to the app and their replies; the states are told in state.h. */
#include "state.h"

#include <string.h>

/* Runs that one request may bring down before it is given up. */
#define MAX_FAULTS 3

/* ---- From the agent ------------------------------------------------------------------------------------ */

static int refuse(rosehip_runtime_t* runtime, int status) {
  runtime->stats.requests_refused++;
  return status;
}

/* Requests alone, or a flood of samples would keep services from being asked. */
static uint32_t waiting(const rosehip_runtime_t* runtime) {
  uint32_t count = 0;
  for (const event_t* event = runtime->pending.first; event != NULL; event = event->next) {
    count += event->kind == EVENT_REQUEST;
  }
  return count;
}

/* The app is not to handle it but to answer it, as one that was being handled when a run ended. NULL: the arena is full. */
static event_t* new_too_large(entity_t* service, const rosehip_request_t* sample) {
  char reason[128];
  rosehip_sentence_t sentence = rosehip_sentence(reason, sizeof reason);
  if (!sample->no_memory) {
    rosehip_sentence_add(&sentence, "the request is larger than the ");
    rosehip_sentence_add_number(&sentence, service->runtime->config.sample_limit_bytes);
    rosehip_sentence_add(&sentence, " octets this board takes (sample_limit_bytes)");
  }
  event_t* request =
      rh_event_new(service, EVENT_REQUEST, sample->identity, (const uint8_t*)reason, sentence.length_bytes);
  if (request == NULL) return NULL;
  request->state = EVENT_FAULTED;
  request->flags = sample->no_memory ? EVENT_TOO_LARGE | EVENT_NO_MEMORY : EVENT_TOO_LARGE;
  return request;
}

int rh_request_receive(void* context, const rosehip_request_t* sample) {
  entity_t* service = context;
  rosehip_runtime_t* runtime = service->runtime;
  const uint32_t pending = waiting(runtime);
  /* What is refused holds back what comes behind it. While a handler may be waiting for a response, that must not be:
     then only request_limit counts. */
  const bool may_wait = runtime->calls == NULL;
  if (pending >= runtime->config.waiting_limit && may_wait) {
    return refuse(runtime, ROSEHIP_ERROR_BUSY); /* ordinary back-pressure: the app is at work */
  }
  if (pending + runtime->open.count >= runtime->config.request_limit) {
    if (rosehip_sentence_due(&runtime->said_refused, runtime_now_us(runtime))) {
      rosehip_runtime_log(runtime, ROSEHIP_LOG_WARN,
                          "requests wait at the agent: too many are unanswered (request_limit)");
    }
    return refuse(runtime, ROSEHIP_ERROR_BUSY);
  }
  event_t* request = sample->too_large_bytes != 0
                         ? new_too_large(service, sample)
                         : rh_event_new(service, EVENT_REQUEST, sample->identity, sample->payload,
                                        sample->length_bytes);
  if (request == NULL) { /* as long as some wait for the app, it will make room */
    return refuse(runtime, pending != 0 && may_wait ? ROSEHIP_ERROR_BUSY : ROSEHIP_ERROR_OUT_OF_MEMORY);
  }
  if (sample->big_endian) request->flags |= EVENT_BIG_ENDIAN;
  request->token = rh_event_token(runtime);
  runtime->stats.requests++;
  return ROSEHIP_OK;
}

/* ---- Replies ------------------------------------------------------------------------------------------- */

static event_t* find_open(const rosehip_runtime_t* runtime, int32_t token) {
  event_t* request = runtime->open.first;
  while (request != NULL && request->token != token) request = request->next;
  return request;
}

int32_t rh_request_reply(rosehip_runtime_t* runtime, int32_t token, const uint8_t* payload, uint32_t length_bytes) {
  event_list_t* list = &runtime->open;
  event_t* request = find_open(runtime, token);
  if (request == NULL) {
    list = &runtime->pending;
    request = runtime->shown;
    if (request == NULL || request->kind != EVENT_REQUEST || request->token != token) return ROSEHIP_ERROR_BAD_HANDLE;
  } else if (request->state != EVENT_HANDLED) {
    return ROSEHIP_ERROR_BAD_HANDLE;
  }
  const int status = rosehip_service_reply(request->entity->ros.service, request->identity, payload, length_bytes);
  if (status == ROSEHIP_OK) {
    runtime->stats.replies++;
    rh_event_forget(runtime, list, request);
    return ROSEHIP_OK;
  }
  if (status == ROSEHIP_ERROR_OUT_OF_MEMORY && rosehip_arena_may_wait(&request->starved, runtime_now_us(runtime))) {
    return ROSEHIP_ERROR_BUSY;
  }
  if (status != ROSEHIP_ERROR_DISCONNECTED) return status;
  uint8_t* kept = rosehip_arena_alloc(runtime->config.arena, length_bytes, 0);
  if (kept == NULL) return ROSEHIP_ERROR_BUSY;
  if (length_bytes != 0) memcpy(kept, payload, length_bytes);
  rh_event_free_payload(runtime, request);
  request->payload = kept;
  request->length_bytes = length_bytes;
  request->state = EVENT_REPLIED;
  if (runtime->shown == request) runtime->shown = NULL;
  rh_event_detach(list, request);
  rh_event_append(&runtime->open, request);
  return ROSEHIP_OK;
}

void rh_request_tell_unanswered(rosehip_runtime_t* runtime, uint32_t count, bool are_calls, const char* why) {
  char text[128];
  rosehip_sentence_t sentence = rosehip_sentence(text, sizeof text);
  rosehip_sentence_add_number(&sentence, count);
  rosehip_sentence_add(&sentence, are_calls ? " call(s) stay unanswered: " : " request(s) stay unanswered: ");
  rosehip_sentence_add(&sentence, why);
  if (!are_calls) runtime->stats.requests_dropped += count;
  if (count != 0) rosehip_runtime_log(runtime, ROSEHIP_LOG_ERROR, text);
}

bool rh_requests_send_replies(rosehip_runtime_t* runtime) {
  bool sent = false;
  event_t* next = NULL;
  if (!rosehip_context_connected(runtime->context)) return false;
  for (event_t* request = runtime->open.first; request != NULL; request = next) {
    next = request->next;
    if (request->state != EVENT_REPLIED) continue;
    const int status = rosehip_service_reply(request->entity->ros.service, request->identity, request->payload,
                                             request->length_bytes);
    if (status == ROSEHIP_OK) {
      runtime->stats.replies++;
    } else if (status == ROSEHIP_ERROR_TOO_LARGE) {
      rh_request_tell_unanswered(runtime, 1, false, "the response is too large");
    } else {
      continue; /* busy, or its service is not at the agent yet */
    }
    rh_event_forget(runtime, &runtime->open, request);
    sent = true;
  }
  return sent;
}

/* ---- End of a run ------------------------------------------------------------------------------------------------ */

/* Moves what is to be faulted out of `list` into `faulted`; what was faulted too often is forgotten. */
static uint32_t collect_faulted(rosehip_runtime_t* runtime, event_list_t* list, event_state_t state,
                                event_list_t* faulted) {
  uint32_t given_up = 0;
  event_t* next = NULL;
  for (event_t* request = list->first; request != NULL; request = next) {
    next = request->next;
    if (request->state != state) continue;
    runtime->stats.requests_faulted++;
    if (++request->faults >= MAX_FAULTS) {
      rh_event_forget(runtime, list, request);
      given_up++;
      continue;
    }
    rh_event_detach(list, request);
    rh_event_free_payload(runtime, request);
    request->flags = 0;
    request->state = EVENT_FAULTED;
    rh_event_append(faulted, request);
  }
  return given_up;
}

void rh_requests_fault(rosehip_runtime_t* runtime) {
  event_list_t faulted = {0};
  runtime->shown = NULL;
  uint32_t given_up = collect_faulted(runtime, &runtime->open, EVENT_HANDLED, &faulted);
  given_up += collect_faulted(runtime, &runtime->pending, EVENT_SHOWN, &faulted);
  rh_request_tell_unanswered(runtime, given_up, false, "the app stopped each time it was given them");
  if (faulted.last == NULL) return;
  faulted.last->next = runtime->pending.first;
  if (runtime->pending.last == NULL) runtime->pending.last = faulted.last;
  runtime->pending.first = faulted.first;
  runtime->pending.count += faulted.count;
}

void rh_requests_drop(rosehip_runtime_t* runtime, const entity_t* service) {
  rh_request_tell_unanswered(runtime, rh_events_drop(runtime, service), false, "their service was removed");
}
