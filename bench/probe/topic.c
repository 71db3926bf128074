/* The two ends of a topic: a publisher that writes as fast as it may, a subscriber that counts and takes the time. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "role.h"
#include "rosehip/error.h"

enum { IDLE_US = 3000000 };

static const options_t* options;
static rosehip_xrce_object_t* end;

static int open_parts(client_t* client, const options_t* given, bool writes, rosehip_xrce_on_sample_t on_sample) {
  /* Keep all: a slow reader slows the writer down, and nothing is lost. */
  const rosehip_qos_t qos = {.flags = ROSEHIP_QOS_RELIABLE};
  rosehip_xrce_object_t *topic, *parent;
  char name[128], type[160];
  options = given;
  snprintf(name, sizeof name, "rt/%s", options->service);
  snprintf(type, sizeof type, "%s_", options->type);
  int status = rosehip_xrce_topic_create(client->participant, (rosehip_text_t){name, strlen(name)},
                                         (rosehip_text_t){type, strlen(type)}, &topic);
  if (status != ROSEHIP_OK) return status;
  status = writes ? rosehip_xrce_publisher_create(client->participant, &parent)
                  : rosehip_xrce_subscriber_create(client->participant, &parent);
  if (status != ROSEHIP_OK) return status;
  return writes ? rosehip_xrce_datawriter_create(parent, topic, qos, NULL, &end)
                : rosehip_xrce_datareader_create(parent, topic, qos, NULL, on_sample, NULL, &end);
}

static bool ready(int index) {
  (void)index;
  return rosehip_xrce_object_ready(end);
}

/* ---- Publisher --------------------------------------------------------------------------------------------------- */

static uint8_t* sample;
static uint32_t written;
static uint64_t start_us;
static bool said;

static bool open_publisher(client_t* client, const options_t* given, int index) {
  (void)index;
  sample = calloc(1, given->size_bytes + sizeof(uint32_t));
  return sample != NULL && open_parts(client, given, true, NULL) == ROSEHIP_OK;
}

/* Each sample begins with its number. */
static bool publish(client_t* client, int index, uint64_t* wake_us) {
  const uint64_t now_us = client_now_us();
  if (!ready(index)) return true;
  if (start_us == 0) start_us = now_us + options->settle_ms * 1000u;
  if (now_us < start_us) {
    if (start_us < *wake_us) *wake_us = start_us;
    return true;
  }
  while (written < options->count) {
    memcpy(sample, &written, sizeof written);
    if (rosehip_xrce_write(end, sample, options->size_bytes) != ROSEHIP_OK) return true;
    written++;
  }
  if (said || rosehip_xrce_session_queued_bytes(client->session) != 0) return true;
  said = true;
  printf("sent %u resent %u\n", written, rosehip_xrce_session_stats(client->session)->messages_resent);
  return true; /* stays: a writer that goes takes what its readers have not taken yet with it */
}

const role_t role_publisher = {open_publisher, publish, ready};

/* ---- Subscriber -------------------------------------------------------------------------------------------------- */

static uint32_t received, out_of_order, expected;
static uint64_t first_ns, last_ns;

static int on_sample(void* context, const rosehip_xrce_sample_t* taken) {
  uint32_t number = 0;
  (void)context;
  if (taken->length_bytes >= sizeof number) memcpy(&number, taken->payload, sizeof number);
  last_ns = client_now_ns();
  if (received++ == 0) first_ns = last_ns;
  if (number != expected) out_of_order++;
  expected = number + 1;
  return ROSEHIP_OK;
}

static bool open_subscriber(client_t* client, const options_t* given, int index) {
  (void)index;
  return open_parts(client, given, false, on_sample) == ROSEHIP_OK;
}

/* Done with the last sample, or when nothing has come for a while: then some are lost. */
static bool count_samples(client_t* client, int index, uint64_t* wake_us) {
  (void)client;
  (void)index;
  if (received == 0) return true;
  const uint64_t until_us = last_ns / 1000 + IDLE_US;
  if (expected < options->count && client_now_us() < until_us) {
    *wake_us = until_us;
    return true;
  }
  printf("received %u gaps %u elapsed_ns %" PRIu64 "\n", received, out_of_order, last_ns - first_ns);
  return false;
}

const role_t role_subscriber = {open_subscriber, count_samples, ready};
