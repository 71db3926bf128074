#include "context.h"

struct rosehip_subscription {
  rosehip_subscription_t* next;
  rosehip_node_t* node;
  topic_t* topic;
  rosehip_xrce_object_t* datareader;
  rosehip_on_message_t on_message;
  void* context;
  uint32_t said_lost; /* For rh_log_sample. */
};

static int on_sample(void* context, const rosehip_xrce_sample_t* sample) {
  rosehip_subscription_t* subscription = context;
  if (sample->too_large_bytes != 0) {
    rh_log_sample(subscription->node->context, subscription->datareader, sample->too_large_bytes, sample->no_memory,
                  &subscription->said_lost);
    return ROSEHIP_OK;
  }
  const rosehip_message_t message = {
      .payload = sample->payload, .length_bytes = sample->length_bytes, .big_endian = sample->big_endian};
  return subscription->on_message(subscription->context, &message);
}

static int create_datareader(rosehip_subscription_t* subscription, const rosehip_subscription_config_t* config) {
  rosehip_node_t* node = subscription->node;
  if (node->subscriber == NULL) {
    const int result = rosehip_xrce_subscriber_create(node->participant, &node->subscriber);
    if (result != ROSEHIP_OK) return result;
  }
  const int result = rh_topic_acquire(node, config->topic, config->type, &subscription->topic);
  if (result != ROSEHIP_OK) return result;
  const int created =
      rosehip_xrce_datareader_create(node->subscriber, subscription->topic->object, config->qos, config->type_hash,
                                     on_sample, subscription, &subscription->datareader);
  if (created != ROSEHIP_OK) rh_topic_release(node, subscription->topic);
  return created;
}

int rosehip_subscription_create(rosehip_node_t* node, const rosehip_subscription_config_t* config,
                                rosehip_subscription_t** subscription) {
  *subscription = NULL;
  if (config->on_message == NULL) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  rosehip_arena_t* arena = node->context->arena;
  rosehip_subscription_t* made = rosehip_arena_alloc(arena, sizeof *made, _Alignof(rosehip_subscription_t));
  if (made == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  *made = (rosehip_subscription_t){
      .next = node->subscriptions, .node = node, .on_message = config->on_message, .context = config->context};
  const int result = create_datareader(made, config);
  if (result != ROSEHIP_OK) {
    rosehip_arena_free(arena, made);
    return result;
  }
  node->subscriptions = made;
  *subscription = made;
  return ROSEHIP_OK;
}

void rosehip_subscription_destroy(rosehip_subscription_t* subscription) {
  rosehip_node_t* node = subscription->node;
  rosehip_xrce_object_delete(subscription->datareader);
  rh_topic_release(node, subscription->topic);
  rosehip_subscription_t** place = &node->subscriptions;
  while (*place != subscription) place = &(*place)->next;
  *place = subscription->next;
  rosehip_arena_free(node->context->arena, subscription);
}

int rosehip_subscription_matched(const rosehip_subscription_t* subscription) {
  return rosehip_xrce_object_matched(subscription->datareader);
}
