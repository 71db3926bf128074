/* Requests from the agent to the app and their replies; the states are told in state.h. */
#include "state.h"
#include "wasm/abi_table.h"

#include <string.h>

/* Runs that one request may bring down before it is given up. */
#define MAX_FAULTS 3

/* ---- Lists ------------------------------------------------------------------------------------------------------- */

static void append(request_list_t* list, request_t* request) {
  request->next = NULL;
  if (list->last == NULL) list->first = request;
  else list->last->next = request;
  list->last = request;
  list->count++;
}

static void detach(request_list_t* list, const request_t* request) {
  request_t* before = NULL;
  request_t* at = list->first;
  while (at != request) {
    before = at;
    at = at->next;
  }
  if (before == NULL) list->first = at->next;
  else before->next = at->next;
  if (list->last == at) list->last = before;
  list->count--;
}

static void free_payload(rosehip_runtime_t* runtime, request_t* request) {
  rosehip_arena_free(runtime->config.arena, request->payload);
  request->payload = NULL;
  request->length_bytes = 0;
}

static void forget(rosehip_runtime_t* runtime, request_list_t* list, request_t* request) {
  detach(list, request);
  free_payload(runtime, request);
  rosehip_arena_free(runtime->config.arena, request);
}

/* A copy in the arena; false if there is no room. */
static bool copy_payload(rosehip_runtime_t* runtime, request_t* request, const uint8_t* octets, size_t count) {
  request->payload = rosehip_arena_alloc(runtime->config.arena, count, 0);
  if (request->payload == NULL) return false;
  if (count != 0) memcpy(request->payload, octets, count);
  request->length_bytes = (uint32_t)count;
  return true;
}

/* ---- From the agent ---------------------------------------------------------------------------------------------- */

static request_t* find_open(const rosehip_runtime_t* runtime, int32_t token) {
  request_t* request = runtime->open.first;
  while (request != NULL && request->token != token) request = request->next;
  return request;
}

static int32_t new_token(rosehip_runtime_t* runtime) {
  do {
    runtime->last_token = runtime->last_token == INT32_MAX ? 1 : runtime->last_token + 1;
  } while (find_open(runtime, runtime->last_token) != NULL);
  return runtime->last_token;
}

static int refuse(rosehip_runtime_t* runtime, const char* why) {
  if (!runtime->refusing) {
    char text[128];
    rosehip_sentence_t sentence = rosehip_sentence(text, sizeof text);
    rosehip_sentence_add(&sentence, "requests wait at the agent: ");
    rosehip_sentence_add(&sentence, why);
    rosehip_runtime_log(runtime, ROSEHIP_LOG_WARN, text);
  }
  runtime->refusing = true;
  runtime->stats.requests_refused++;
  return ROSEHIP_ERROR_BUSY;
}

int request_receive(void* context, const rosehip_request_t* sample) {
  entity_t* service = context;
  rosehip_runtime_t* runtime = service->runtime;
  if (runtime->pending.count >= runtime->config.waiting_limit) {
    runtime->stats.requests_refused++; /* ordinary back-pressure: the app is at work */
    return ROSEHIP_ERROR_BUSY;
  }
  if (runtime->pending.count + runtime->open.count >= runtime->config.request_limit) {
    return refuse(runtime, "too many are unanswered (request_limit)");
  }
  request_t* request = rosehip_arena_alloc_zeroed(runtime->config.arena, sizeof *request, 0);
  if (request == NULL) return refuse(runtime, "the arena is full");
  if (!copy_payload(runtime, request, sample->payload, sample->length_bytes)) {
    rosehip_arena_free(runtime->config.arena, request);
    return refuse(runtime, "the arena is full");
  }
  runtime->refusing = false;
  memcpy(request->identity, sample->identity, sizeof request->identity);
  request->service = service;
  request->big_endian = sample->big_endian;
  request->state = REQUEST_WAITING;
  request->token = new_token(runtime);
  append(&runtime->pending, request);
  runtime->stats.requests++;
  return ROSEHIP_OK;
}

/* ---- To the app -------------------------------------------------------------------------------------------------- */

static request_t* shown(const rosehip_runtime_t* runtime) {
  request_t* request = runtime->pending.first;
  while (request != NULL && request->state != REQUEST_SHOWN) request = request->next;
  return request;
}

/* The one shown, or else the oldest of a service that this run of the app has made. */
static request_t* next_event(const rosehip_runtime_t* runtime) {
  request_t* request = shown(runtime);
  if (request != NULL) return request;
  request = runtime->pending.first;
  while (request != NULL && !request->service->made) request = request->next;
  return request;
}

static void put_u32(uint8_t* at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (8 * i));
}

bool request_waits(const rosehip_runtime_t* runtime) {
  return next_event(runtime) != NULL;
}

int32_t request_next(rosehip_runtime_t* runtime, uint8_t* record) {
  request_t* request = next_event(runtime);
  if (request == NULL) return ROSEHIP_ABI_EVENT_NONE;
  if (request->state != REQUEST_SHOWN) {
    request->faulted = request->state == REQUEST_FAULTED;
    request->state = REQUEST_SHOWN;
    if (!request->faulted) runtime->app.had_request = true;
  }
  const uint32_t length = request->faulted ? (uint32_t)strlen(runtime->app.fault) : request->length_bytes;
  put_u32(record + ROSEHIP_ABI_EVENT_INFO_ENTITY, (uint32_t)request->service->handle);
  put_u32(record + ROSEHIP_ABI_EVENT_INFO_REQUEST, (uint32_t)request->token);
  put_u32(record + ROSEHIP_ABI_EVENT_INFO_LENGTH, length);
  put_u32(record + ROSEHIP_ABI_EVENT_INFO_FLAGS, request->big_endian ? 1u : 0u);
  put_u32(record + ROSEHIP_ABI_EVENT_INFO_RESERVED, 0);
  return request->faulted ? ROSEHIP_ABI_EVENT_REQUEST_FAULTED : ROSEHIP_ABI_EVENT_REQUEST;
}

int32_t request_take(rosehip_runtime_t* runtime, uint8_t* buffer, uint32_t size_bytes) {
  request_t* request = shown(runtime);
  if (request == NULL) return ROSEHIP_ERROR_NO_EVENT;
  const void* payload = request->faulted ? (const void*)runtime->app.fault : request->payload;
  uint32_t length = request->faulted ? (uint32_t)strlen(runtime->app.fault) : request->length_bytes;
  if (size_bytes == 0) length = 0;
  if (length > size_bytes) return ROSEHIP_ERROR_TOO_LARGE;
  if (length != 0) memcpy(buffer, payload, length);
  detach(&runtime->pending, request);
  free_payload(runtime, request);
  request->state = REQUEST_HANDLED;
  append(&runtime->open, request);
  runtime->app.took_event = true;
  return (int32_t)length;
}

/* ---- Replies ----------------------------------------------------------------------------------------------------- */

int32_t request_reply(rosehip_runtime_t* runtime, int32_t token, const uint8_t* payload, uint32_t length_bytes) {
  request_list_t* list = &runtime->open;
  request_t* request = find_open(runtime, token);
  if (request == NULL) {
    list = &runtime->pending;
    request = shown(runtime);
    if (request == NULL || request->token != token) return ROSEHIP_ERROR_BAD_HANDLE;
  } else if (request->state != REQUEST_HANDLED) {
    return ROSEHIP_ERROR_BAD_HANDLE;
  }
  const int status = rosehip_service_reply(request->service->service, request->identity, payload, length_bytes);
  if (status == ROSEHIP_OK) {
    runtime->stats.replies++;
    forget(runtime, list, request);
    return ROSEHIP_OK;
  }
  if (status != ROSEHIP_ERROR_DISCONNECTED) return status;
  uint8_t* kept = rosehip_arena_alloc(runtime->config.arena, length_bytes, 0);
  if (kept == NULL) return ROSEHIP_ERROR_BUSY;
  if (length_bytes != 0) memcpy(kept, payload, length_bytes);
  free_payload(runtime, request);
  request->payload = kept;
  request->length_bytes = length_bytes;
  request->state = REQUEST_REPLIED;
  detach(list, request);
  append(&runtime->open, request);
  return ROSEHIP_OK;
}

static void report_dropped(rosehip_runtime_t* runtime, uint32_t count, const char* why) {
  char text[128];
  rosehip_sentence_t sentence = rosehip_sentence(text, sizeof text);
  rosehip_sentence_add_number(&sentence, count);
  rosehip_sentence_add(&sentence, " request(s) stay unanswered: ");
  rosehip_sentence_add(&sentence, why);
  runtime->stats.requests_dropped += count;
  rosehip_runtime_log(runtime, ROSEHIP_LOG_ERROR, text);
}

bool requests_send_replies(rosehip_runtime_t* runtime) {
  bool sent = false;
  request_t* next = NULL;
  if (!rosehip_context_connected(runtime->context)) return false;
  for (request_t* request = runtime->open.first; request != NULL; request = next) {
    next = request->next;
    if (request->state != REQUEST_REPLIED) continue;
    const int status = rosehip_service_reply(request->service->service, request->identity, request->payload,
                                             request->length_bytes);
    if (status == ROSEHIP_OK) runtime->stats.replies++;
    else if (status == ROSEHIP_ERROR_TOO_LARGE) report_dropped(runtime, 1, "the response is too large");
    else continue; /* busy, or its service is not at the agent yet */
    forget(runtime, &runtime->open, request);
    sent = true;
  }
  return sent;
}

/* ---- End of a run ------------------------------------------------------------------------------------------------ */

/* Moves what is to be faulted out of `list` into `faulted`; what was faulted too often is forgotten. */
static uint32_t collect_faulted(rosehip_runtime_t* runtime, request_list_t* list, request_state_t state,
                                request_list_t* faulted) {
  uint32_t given_up = 0;
  request_t* next = NULL;
  for (request_t* request = list->first; request != NULL; request = next) {
    next = request->next;
    if (request->state != state) continue;
    runtime->stats.requests_faulted++;
    if (++request->faults >= MAX_FAULTS) {
      forget(runtime, list, request);
      given_up++;
      continue;
    }
    detach(list, request);
    free_payload(runtime, request);
    request->state = REQUEST_FAULTED;
    append(faulted, request);
  }
  return given_up;
}

void requests_fault(rosehip_runtime_t* runtime) {
  request_list_t faulted = {0};
  uint32_t given_up = collect_faulted(runtime, &runtime->open, REQUEST_HANDLED, &faulted);
  given_up += collect_faulted(runtime, &runtime->pending, REQUEST_SHOWN, &faulted);
  if (given_up != 0) report_dropped(runtime, given_up, "the app stopped each time it was given them");
  if (faulted.last == NULL) return;
  faulted.last->next = runtime->pending.first;
  if (runtime->pending.last == NULL) runtime->pending.last = faulted.last;
  runtime->pending.first = faulted.first;
  runtime->pending.count += faulted.count;
}

static uint32_t drop_from(rosehip_runtime_t* runtime, request_list_t* list, const entity_t* service) {
  uint32_t dropped = 0;
  request_t* next = NULL;
  for (request_t* request = list->first; request != NULL; request = next) {
    next = request->next;
    if (request->service != service) continue;
    forget(runtime, list, request);
    dropped++;
  }
  return dropped;
}

void requests_drop(rosehip_runtime_t* runtime, const entity_t* service) {
  const uint32_t dropped =
      drop_from(runtime, &runtime->pending, service) + drop_from(runtime, &runtime->open, service);
  if (dropped != 0) report_dropped(runtime, dropped, "their service was removed");
}

void requests_free(rosehip_runtime_t* runtime) {
  while (runtime->pending.first != NULL) forget(runtime, &runtime->pending, runtime->pending.first);
  while (runtime->open.first != NULL) forget(runtime, &runtime->open, runtime->open.first);
}
