#include "context.h"
#include "name.h"

struct rosehip_client {
  rosehip_client_t* next;
  rosehip_node_t* node;
  rosehip_xrce_object_t* requester;
  rosehip_on_response_t on_response;
  void* context;
  uint32_t said_lost; /* For rh_log_sample. */
};

static int on_sample(void* context, const rosehip_xrce_sample_t* sample) {
  rosehip_client_t* client = context;
  const rosehip_response_t response = {.request_id = sample->request_id,
                                       .payload = sample->payload,
                                       .length_bytes = sample->length_bytes,
                                       .too_large_bytes = sample->too_large_bytes,
                                       .no_memory = sample->no_memory,
                                       .big_endian = sample->big_endian};
  const int result = client->on_response(client->context, &response);
  if (result == ROSEHIP_OK) {
    rh_log_sample(client->node->context, client->requester, sample->too_large_bytes, sample->no_memory,
                  &client->said_lost);
  }
  return result;
}

static int create_requester(rosehip_client_t* client, const rosehip_client_config_t* config) {
  service_topics_t topics;
  const rosehip_xrce_service_t description =
      rh_name_service(&topics, config->name, config->request_type, config->response_type, config->hashes);
  return rosehip_xrce_requester_create(client->node->participant, &description, on_sample, client,
                                       &client->requester);
}

int rosehip_client_create(rosehip_node_t* node, const rosehip_client_config_t* config, rosehip_client_t** client) {
  *client = NULL;
  if (!rh_name_is_full(config->name) || !rh_name_is_dds_type(config->request_type) ||
      !rh_name_is_dds_type(config->response_type)) {
    return ROSEHIP_ERROR_INVALID_NAME;
  }
  if (config->on_response == NULL) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  rosehip_arena_t* arena = node->context->arena;
  rosehip_client_t* made = rosehip_arena_alloc(arena, sizeof *made, _Alignof(rosehip_client_t));
  if (made == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  *made = (rosehip_client_t){
      .next = node->clients, .node = node, .on_response = config->on_response, .context = config->context};
  const int result = create_requester(made, config);
  if (result != ROSEHIP_OK) {
    rosehip_arena_free(arena, made);
    return result;
  }
  node->clients = made;
  *client = made;
  return ROSEHIP_OK;
}

void rosehip_client_destroy(rosehip_client_t* client) {
  rosehip_xrce_object_delete(client->requester);
  rosehip_client_t** place = &client->node->clients;
  while (*place != client) place = &(*place)->next;
  *place = client->next;
  rosehip_arena_free(client->node->context->arena, client);
}

int rosehip_client_call(rosehip_client_t* client, const uint8_t* payload, size_t length_bytes) {
  return rosehip_xrce_request(client->requester, payload, length_bytes);
}

bool rosehip_client_ready(const rosehip_client_t* client) { return rosehip_xrce_object_ready(client->requester); }

int rosehip_client_matched(const rosehip_client_t* client) { return rosehip_xrce_object_matched(client->requester); }
