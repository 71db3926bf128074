/* The two ends of a service: a replier that answers with the request's octets, a requester that takes the time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "role.h"
#include "rosehip/error.h"

enum {
  CALL_TIMEOUT_US = 2000000,
  FIRST_CALL_TIMEOUT_US = 200000, /* until the agent has matched the two ends, requests may get lost */
  MAX_LOST = 20,
  MAX_CLIENTS = 1024,
};

static const options_t* options;
static rosehip_xrce_object_t* ends[MAX_CLIENTS];

static rosehip_text_t text(const char* string) {
  return (rosehip_text_t){string, strlen(string)};
}

static int open_end(client_t* client, int index, bool replies, rosehip_xrce_on_sample_t on_sample) {
  char name[128], request_type[160], reply_type[160], request_topic[160], reply_topic[160];
  if (options->clients == 1) snprintf(name, sizeof name, "%s", options->service);
  else snprintf(name, sizeof name, "%s_%d", options->service, index);
  snprintf(request_type, sizeof request_type, "%s_Request_", options->type);
  snprintf(reply_type, sizeof reply_type, "%s_Response_", options->type);
  snprintf(request_topic, sizeof request_topic, "rq/%sRequest", name);
  snprintf(reply_topic, sizeof reply_topic, "rr/%sReply", name);
  const rosehip_xrce_service_t service = {
      .service_name = text(name),
      .request_type = text(request_type),
      .reply_type = text(reply_type),
      .request_topic = text(request_topic),
      .reply_topic = text(reply_topic),
  };
  return replies ? rosehip_xrce_replier_create(client->participant, &service, on_sample, &ends[index], &ends[index])
                 : rosehip_xrce_requester_create(client->participant, &service, on_sample, NULL, &ends[index]);
}

static bool ready(int index) {
  return rosehip_xrce_object_ready(ends[index]);
}

/* ---- Replier ----------------------------------------------------------------------------------------------------- */

static int on_request(void* context, const rosehip_xrce_sample_t* sample) {
  rosehip_xrce_object_t* const* end = context;
  const size_t wanted = options->reply_size_bytes;
  const size_t length = wanted != 0 && wanted < sample->length_bytes ? wanted : sample->length_bytes;
  const int status = rosehip_xrce_reply(*end, sample->identity, sample->payload, length);
  return status == ROSEHIP_ERROR_BUSY || status == ROSEHIP_ERROR_OUT_OF_MEMORY ? ROSEHIP_ERROR_BUSY : ROSEHIP_OK;
}

static bool open_replier(client_t* client, const options_t* given, int index) {
  options = given;
  return open_end(client, index, true, on_request) == ROSEHIP_OK;
}

static bool serve(client_t* client, int index, uint64_t* wake_us) {
  (void)client;
  (void)index;
  (void)wake_us;
  return true;
}

const role_t role_replier = {open_replier, serve, ready};

/* ---- Requester --------------------------------------------------------------------------------------------------- */

static uint8_t* request;
static uint32_t* latencies_ns;
static uint32_t answered, lost;
static int waiting_for; /* request id, or 0 */
static uint64_t sent_ns;

static int on_reply(void* context, const rosehip_xrce_sample_t* sample) {
  (void)context;
  if (sample->request_id != waiting_for) return ROSEHIP_OK; /* of a call given up */
  const uint64_t taken_ns = client_now_ns() - sent_ns;
  waiting_for = 0;
  if (answered >= options->warm_up) latencies_ns[answered - options->warm_up] = (uint32_t)taken_ns;
  answered++;
  return ROSEHIP_OK;
}

static bool open_requester(client_t* client, const options_t* given, int index) {
  options = given;
  request = calloc(1, options->size_bytes + 1);
  latencies_ns = calloc(options->count + 1, sizeof *latencies_ns);
  return request != NULL && latencies_ns != NULL && open_end(client, index, false, on_reply) == ROSEHIP_OK;
}

static bool report(void) {
  printf("lost %u\nlatencies_ns", lost);
  for (uint32_t i = 0; i < options->count; i++) printf(" %u", latencies_ns[i]);
  putchar('\n');
  return false;
}

static bool call(client_t* client, int index, uint64_t* wake_us) {
  (void)client;
  const uint64_t now_us = client_now_us();
  if (!ready(index)) return true;
  if (waiting_for != 0) {
    const uint64_t until_us = sent_ns / 1000 + (answered == 0 ? FIRST_CALL_TIMEOUT_US : CALL_TIMEOUT_US);
    if (now_us < until_us) {
      if (until_us < *wake_us) *wake_us = until_us;
      return true;
    }
    waiting_for = 0;
    if (answered != 0 && ++lost > MAX_LOST) {
      fputs("error: replies do not come any more\n", stderr);
      exit(1);
    }
  }
  if (answered == options->warm_up + options->count) return report();
  sent_ns = client_now_ns();
  const int id = rosehip_xrce_request(ends[index], request, options->size_bytes);
  if (id > 0) waiting_for = id;
  *wake_us = now_us; /* the session sends it, or makes room */
  return true;
}

const role_t role_requester = {open_requester, call, ready};
