#include <string.h>

#include "context.h"

/* A sample that is kept after it was sent. */
typedef struct retained {
  struct retained* next;
  bool sent; /* on this connection; those before it were, too */
  size_t length_bytes;
  uint8_t payload[];
} retained_t;

struct rosehip_publisher {
  rosehip_publisher_t* next;
  rosehip_node_t* node;
  topic_t* topic;
  rosehip_xrce_object_t* datawriter;
  retained_t* retained; /* oldest first */
  uint16_t retained_count, retain;
};

/* ---- Retained samples ---------------------------------------------------------------------------------- */

static void drop_oldest(rosehip_publisher_t* publisher) {
  retained_t* oldest = publisher->retained;
  publisher->retained = oldest->next;
  publisher->retained_count--;
  rosehip_arena_free(publisher->node->context->arena, oldest);
}

/* True if all have been sent on this connection. */
static bool flush(rosehip_publisher_t* publisher) {
  for (retained_t* sample = publisher->retained; sample != NULL; sample = sample->next) {
    if (sample->sent) continue;
    const int result = rosehip_xrce_write(publisher->datawriter, sample->payload, sample->length_bytes);
    sample->sent = result == ROSEHIP_OK || result == ROSEHIP_ERROR_TOO_LARGE; /* that one never goes */
    if (!sample->sent) return false;
  }
  return true;
}

static int publish_retained(rosehip_publisher_t* publisher, const uint8_t* payload, size_t length_bytes) {
  rosehip_arena_t* arena = publisher->node->context->arena;
  retained_t* sample = rosehip_arena_alloc(arena, sizeof *sample + length_bytes, _Alignof(retained_t));
  if (sample == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  /* In order: while older ones wait for the connection or the queue, this one waits, too. */
  int result = ROSEHIP_ERROR_BUSY;
  if (flush(publisher)) result = rosehip_xrce_write(publisher->datawriter, payload, length_bytes);
  if (result == ROSEHIP_ERROR_BUSY && !rosehip_xrce_object_ready(publisher->datawriter)) {
    result = ROSEHIP_ERROR_DISCONNECTED;
  }
  if (result != ROSEHIP_OK && result != ROSEHIP_ERROR_DISCONNECTED) {
    rosehip_arena_free(arena, sample);
    return result;
  }
  *sample = (retained_t){.sent = result == ROSEHIP_OK, .length_bytes = length_bytes};
  if (length_bytes != 0) memcpy(sample->payload, payload, length_bytes);
  retained_t** end = &publisher->retained;
  while (*end != NULL) end = &(*end)->next;
  *end = sample;
  if (++publisher->retained_count > publisher->retain) drop_oldest(publisher);
  return ROSEHIP_OK;
}

void rh_publishers_reset(rosehip_context_t* context) {
  for (rosehip_node_t* node = context->nodes; node != NULL; node = node->next) {
    for (rosehip_publisher_t* publisher = node->publishers; publisher != NULL; publisher = publisher->next) {
      for (retained_t* sample = publisher->retained; sample != NULL; sample = sample->next) sample->sent = false;
    }
  }
}

void rh_publishers_flush(rosehip_context_t* context) {
  if (!rosehip_context_connected(context)) return;
  for (rosehip_node_t* node = context->nodes; node != NULL; node = node->next) {
    for (rosehip_publisher_t* publisher = node->publishers; publisher != NULL; publisher = publisher->next) {
      flush(publisher);
    }
  }
}

/* ---- Life ---------------------------------------------------------------------------------------------- */

static int create_datawriter(rosehip_publisher_t* publisher, const rosehip_publisher_config_t* config) {
  rosehip_node_t* node = publisher->node;
  if (node->publisher == NULL) {
    const int result = rosehip_xrce_publisher_create(node->participant, &node->publisher);
    if (result != ROSEHIP_OK) return result;
  }
  const int result = rh_topic_acquire(node, config->topic, config->type, &publisher->topic);
  if (result != ROSEHIP_OK) return result;
  const int created = rosehip_xrce_datawriter_create(node->publisher, publisher->topic->object, config->qos,
                                                     config->type_hash, &publisher->datawriter);
  if (created != ROSEHIP_OK) rh_topic_release(node, publisher->topic);
  return created;
}

int rosehip_publisher_create(rosehip_node_t* node, const rosehip_publisher_config_t* config,
                             rosehip_publisher_t** publisher) {
  *publisher = NULL;
  rosehip_arena_t* arena = node->context->arena;
  rosehip_publisher_t* made = rosehip_arena_alloc(arena, sizeof *made, _Alignof(rosehip_publisher_t));
  if (made == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  *made = (rosehip_publisher_t){.next = node->publishers, .node = node, .retain = config->retain};
  const int result = create_datawriter(made, config);
  if (result != ROSEHIP_OK) {
    rosehip_arena_free(arena, made);
    return result;
  }
  node->publishers = made;
  *publisher = made;
  return ROSEHIP_OK;
}

void rosehip_publisher_destroy(rosehip_publisher_t* publisher) {
  rosehip_node_t* node = publisher->node;
  rh_log_detach(node->context, publisher);
  while (publisher->retained != NULL) drop_oldest(publisher);
  rosehip_xrce_object_delete(publisher->datawriter);
  rh_topic_release(node, publisher->topic);
  rosehip_publisher_t** place = &node->publishers;
  while (*place != publisher) place = &(*place)->next;
  *place = publisher->next;
  rosehip_arena_free(node->context->arena, publisher);
}

int rosehip_publisher_publish(rosehip_publisher_t* publisher, const uint8_t* payload, size_t length_bytes) {
  if (publisher->retain != 0) return publish_retained(publisher, payload, length_bytes);
  return rosehip_xrce_write(publisher->datawriter, payload, length_bytes);
}

int rosehip_publisher_matched(const rosehip_publisher_t* publisher) {
  return rosehip_xrce_object_matched(publisher->datawriter);
}
