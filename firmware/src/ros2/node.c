#include "context.h"
#include "name.h"

/* The participant's name tells the agent the node's: "name", or "/name_space/name". */
static rosehip_text_t participant_name(char* out, rosehip_text_t name, rosehip_text_t name_space) {
  if (name_space.length_bytes <= 1) return name;
  const rosehip_text_t prefix = rh_name_join(out, name_space, ROSEHIP_TEXT("/"), ROSEHIP_TEXT(""));
  const rosehip_text_t rest = rh_name_join(out + prefix.length_bytes, name, ROSEHIP_TEXT(""), ROSEHIP_TEXT(""));
  return (rosehip_text_t){out, prefix.length_bytes + rest.length_bytes};
}

int rosehip_node_create(rosehip_context_t* context, rosehip_text_t name, rosehip_text_t name_space,
                        rosehip_node_t** node) {
  *node = NULL;
  if (!rh_name_is_node_name(name) || !rh_name_is_namespace(name_space)) return ROSEHIP_ERROR_INVALID_NAME;
  rosehip_node_t* made = rosehip_arena_alloc(context->arena, sizeof *made, _Alignof(rosehip_node_t));
  if (made == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  *made = (rosehip_node_t){.context = context, .hidden = name.data[0] == '_'};
  char buffer[PARTICIPANT_NAME_MAX_BYTES];
  const int result = rosehip_xrce_participant_create(
      context->session, context->domain_id, participant_name(buffer, name, name_space), &made->participant);
  if (result != ROSEHIP_OK) {
    rosehip_arena_free(context->arena, made);
    return result;
  }
  rosehip_node_t** end = &context->nodes;
  while (*end != NULL && (made->hidden || !(*end)->hidden)) end = &(*end)->next;
  made->next = *end;
  *end = made;
  *node = made;
  return ROSEHIP_OK;
}

void rosehip_node_destroy(rosehip_node_t* node) {
  while (node->services != NULL) rosehip_service_destroy(node->services);
  while (node->publishers != NULL) rosehip_publisher_destroy(node->publishers);
  while (node->clients != NULL) rosehip_client_destroy(node->clients);
  while (node->subscriptions != NULL) rosehip_subscription_destroy(node->subscriptions);
  if (node->publisher != NULL) rosehip_xrce_object_delete(node->publisher);
  if (node->subscriber != NULL) rosehip_xrce_object_delete(node->subscriber);
  rosehip_xrce_object_delete(node->participant);
  rosehip_node_t** place = &node->context->nodes;
  while (*place != node) place = &(*place)->next;
  *place = node->next;
  rosehip_arena_free(node->context->arena, node);
}
