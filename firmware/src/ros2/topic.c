#include <string.h>

#include "context.h"
#include "name.h"

static bool equal(const char* data, rosehip_text_t text) { return memcmp(data, text.data, text.length_bytes) == 0; }

static topic_t* find(rosehip_node_t* node, rosehip_text_t name) {
  topic_t* topic = node->topics;
  while (topic != NULL && (topic->name_bytes != name.length_bytes || !equal(topic->name, name))) topic = topic->next;
  return topic;
}

static bool has_type(const topic_t* topic, rosehip_text_t type) {
  return topic->type_bytes == type.length_bytes && equal(topic->name + topic->name_bytes, type);
}

static int create_object(rosehip_node_t* node, rosehip_text_t name, rosehip_text_t type,
                         rosehip_xrce_object_t** object) {
  char dds_name[MANGLED_NAME_MAX_BYTES];
  return rosehip_xrce_topic_create(node->participant,
                                   rh_name_join(dds_name, ROSEHIP_TEXT("rt"), name, ROSEHIP_TEXT("")), type, object);
}

int rh_topic_acquire(rosehip_node_t* node, rosehip_text_t name, rosehip_text_t type, topic_t** topic) {
  *topic = NULL;
  if (!rh_name_is_full(name) || !rh_name_is_dds_type(type)) return ROSEHIP_ERROR_INVALID_NAME;
  topic_t* made = find(node, name);
  if (made != NULL && !has_type(made, type)) return ROSEHIP_ERROR_INVALID_NAME;
  if (made == NULL) {
    rosehip_arena_t* arena = node->context->arena;
    made = rosehip_arena_alloc(arena, sizeof *made + name.length_bytes + type.length_bytes, _Alignof(topic_t));
    if (made == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
    *made = (topic_t){.next = node->topics, .name_bytes = name.length_bytes, .type_bytes = type.length_bytes};
    memcpy(made->name, name.data, name.length_bytes);
    memcpy(made->name + name.length_bytes, type.data, type.length_bytes);
    const int result = create_object(node, name, type, &made->object);
    if (result != ROSEHIP_OK) {
      rosehip_arena_free(arena, made);
      return result;
    }
    node->topics = made;
  }
  made->users++;
  *topic = made;
  return ROSEHIP_OK;
}

void rh_topic_release(rosehip_node_t* node, topic_t* topic) {
  if (--topic->users > 0) return;
  rosehip_xrce_object_delete(topic->object);
  topic_t** place = &node->topics;
  while (*place != topic) place = &(*place)->next;
  *place = topic->next;
  rosehip_arena_free(node->context->arena, topic);
}
