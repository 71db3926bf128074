#include "context.h"
#include "name.h"

struct rosehip_service {
  rosehip_service_t* next;
  rosehip_node_t* node;
  rosehip_xrce_object_t* replier;
  rosehip_on_request_t on_request;
  void* context;
  uint32_t said_lost; /* For rh_log_sample. */
};

static int on_sample(void* context, const rosehip_xrce_sample_t* sample) {
  rosehip_service_t* service = context;
  const rosehip_request_t request = {.identity = sample->identity,
                                     .payload = sample->payload,
                                     .length_bytes = sample->length_bytes,
                                     .too_large_bytes = sample->too_large_bytes,
                                     .no_memory = sample->no_memory,
                                     .big_endian = sample->big_endian};
  const int result = service->on_request(service->context, &request);
  if (result == ROSEHIP_OK) {
    rh_log_sample(service->node->context, service->replier, sample->too_large_bytes, sample->no_memory,
                  &service->said_lost);
  }
  return result;
}

static int create_replier(rosehip_service_t* service, const rosehip_service_config_t* config) {
  service_topics_t topics;
  const rosehip_xrce_service_t description =
      rh_name_service(&topics, config->name, config->request_type, config->response_type, config->hashes);
  return rosehip_xrce_replier_create(service->node->participant, &description, on_sample, service,
                                     &service->replier);
}

int rosehip_service_create(rosehip_node_t* node, const rosehip_service_config_t* config,
                           rosehip_service_t** service) {
  *service = NULL;
  if (!rh_name_is_full(config->name) || !rh_name_is_dds_type(config->request_type) ||
      !rh_name_is_dds_type(config->response_type)) {
    return ROSEHIP_ERROR_INVALID_NAME;
  }
  if (config->on_request == NULL) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  rosehip_arena_t* arena = node->context->arena;
  rosehip_service_t* made = rosehip_arena_alloc(arena, sizeof *made, _Alignof(rosehip_service_t));
  if (made == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  *made = (rosehip_service_t){
      .next = node->services, .node = node, .on_request = config->on_request, .context = config->context};
  const int result = create_replier(made, config);
  if (result != ROSEHIP_OK) {
    rosehip_arena_free(arena, made);
    return result;
  }
  node->services = made;
  *service = made;
  return ROSEHIP_OK;
}

void rosehip_service_destroy(rosehip_service_t* service) {
  rosehip_xrce_object_delete(service->replier);
  rosehip_service_t** place = &service->node->services;
  while (*place != service) place = &(*place)->next;
  *place = service->next;
  rosehip_arena_free(service->node->context->arena, service);
}

void rosehip_service_set_callback(rosehip_service_t* service, rosehip_on_request_t on_request, void* context) {
  service->on_request = on_request;
  service->context = context;
}

int rosehip_service_matched(const rosehip_service_t* service) {
  return rosehip_xrce_object_matched(service->replier);
}

int rosehip_service_reply(rosehip_service_t* service, const uint8_t* identity, const uint8_t* payload,
                          size_t length_bytes) {
  return rosehip_xrce_reply(service->replier, identity, payload, length_bytes);
}
