#include "context.h"

struct rosehip_publisher {
  rosehip_publisher_t* next;
  rosehip_node_t* node;
  topic_t* topic;
  rosehip_xrce_object_t* datawriter;
};

static int create_datawriter(rosehip_publisher_t* publisher, const rosehip_publisher_config_t* config) {
  rosehip_node_t* node = publisher->node;
  if (node->publisher == NULL) {
    const int result = rosehip_xrce_publisher_create(node->participant, &node->publisher);
    if (result != ROSEHIP_OK) return result;
  }
  const int result = topic_acquire(node, config->topic, config->type, &publisher->topic);
  if (result != ROSEHIP_OK) return result;
  const int created = rosehip_xrce_datawriter_create(node->publisher, publisher->topic->object, config->qos,
                                                     config->type_hash, &publisher->datawriter);
  if (created != ROSEHIP_OK) topic_release(node, publisher->topic);
  return created;
}

int rosehip_publisher_create(rosehip_node_t* node, const rosehip_publisher_config_t* config,
                             rosehip_publisher_t** publisher) {
  *publisher = NULL;
  rosehip_arena_t* arena = node->context->arena;
  rosehip_publisher_t* made = rosehip_arena_alloc(arena, sizeof *made, _Alignof(rosehip_publisher_t));
  if (made == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  *made = (rosehip_publisher_t){.next = node->publishers, .node = node};
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
  log_detach(node->context, publisher);
  rosehip_xrce_object_delete(publisher->datawriter);
  topic_release(node, publisher->topic);
  rosehip_publisher_t** place = &node->publishers;
  while (*place != publisher) place = &(*place)->next;
  *place = publisher->next;
  rosehip_arena_free(node->context->arena, publisher);
}

int rosehip_publisher_publish(rosehip_publisher_t* publisher, const uint8_t* payload, size_t length_bytes) {
  return rosehip_xrce_write(publisher->datawriter, payload, length_bytes);
}
