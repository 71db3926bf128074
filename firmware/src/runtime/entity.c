/* The app's nodes and what they have, by handle; and how a new run of the app takes those of the last one over. */
#include "state.h"
#include "wasm/abi_table.h"

#include <string.h>

/* Places added to the table when it is full. */
#define TABLE_STEP 8

static entity_t* find(const rosehip_runtime_t* runtime, int32_t handle) {
  if (handle < 1 || handle > runtime->entity_count) return NULL;
  entity_t* entity = runtime->entities[handle - 1];
  return entity != NULL && entity->made ? entity : NULL;
}

static void add_to_key(entity_t* entity, const void* octets, size_t count) {
  if (count != 0) memcpy(entity->key + entity->key_bytes, octets, count);
  entity->key_bytes += (uint32_t)count;
  entity->key[entity->key_bytes++] = '\0';
}

entity_t* rh_entity_find(const rosehip_runtime_t* runtime, int32_t handle, entity_kind_t kind) {
  entity_t* entity = find(runtime, handle);
  return entity != NULL && entity->kind == kind ? entity : NULL;
}

/* An entity that is in no table yet, with room for a key of `key_bytes` besides its kind; NULL if the arena is full. */
static entity_t* allocate(rosehip_runtime_t* runtime, entity_kind_t kind, entity_t* node, size_t key_bytes) {
  const uint8_t octet = (uint8_t)kind;
  entity_t* entity = rosehip_arena_alloc_zeroed(runtime->config.arena, sizeof *entity, 0);
  if (entity == NULL) return NULL;
  entity->key = rosehip_arena_alloc(runtime->config.arena, key_bytes + sizeof octet + 1, 0);
  if (entity->key == NULL) {
    rosehip_arena_free(runtime->config.arena, entity);
    return NULL;
  }
  entity->runtime = runtime;
  entity->node = node;
  entity->kind = octet;
  add_to_key(entity, &octet, sizeof octet);
  return entity;
}

static void release(entity_t* entity) {
  rosehip_arena_t* arena = entity->runtime->config.arena;
  rosehip_arena_free(arena, entity->key);
  rosehip_arena_free(arena, entity);
}

/* Makes room for one more handle and returns it, or ROSEHIP_ERROR_OUT_OF_MEMORY. */
static int32_t free_handle(rosehip_runtime_t* runtime) {
  for (int32_t i = 0; i < runtime->entity_count; i++) {
    if (runtime->entities[i] == NULL) return i + 1;
  }
  const size_t size = ((size_t)runtime->entity_count + TABLE_STEP) * sizeof(entity_t*);
  entity_t** larger = rosehip_arena_resize(runtime->config.arena, runtime->entities, size, 0);
  if (larger == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  memset(larger + runtime->entity_count, 0, TABLE_STEP * sizeof(entity_t*));
  runtime->entities = larger;
  runtime->entity_count += TABLE_STEP;
  return runtime->entity_count - TABLE_STEP + 1;
}

/* Gives an entity that was kept from an earlier run its handle again; 0 if there is none like `wanted`. */
static int32_t take_over(rosehip_runtime_t* runtime, const entity_t* wanted) {
  for (int32_t i = 0; i < runtime->entity_count; i++) {
    entity_t* kept = runtime->entities[i];
    if (kept == NULL || kept->made || kept->node != wanted->node || kept->key_bytes != wanted->key_bytes) continue;
    if (memcmp(kept->key, wanted->key, kept->key_bytes) != 0) continue;
    kept->made = true;
    return kept->handle;
  }
  return 0;
}

/*
 * What comes first: the handle of a kept entity like this one, which then is freed; or 0, and this one has the handle
 * of a free place; or an error, and this one is freed.
 */
static int32_t begin(rosehip_runtime_t* runtime, entity_t* entity) {
  int32_t result = take_over(runtime, entity);
  if (result == 0) {
    entity->handle = free_handle(runtime);
    if (entity->handle > 0) return 0;
    result = entity->handle;
  }
  release(entity);
  return result;
}

/* What comes last: puts the entity into the table if its ROS side was made. */
static int32_t end(rosehip_runtime_t* runtime, entity_t* entity, int result) {
  if (result != ROSEHIP_OK) {
    release(entity);
    return result;
  }
  entity->made = true;
  runtime->entities[entity->handle - 1] = entity;
  return entity->handle;
}

int32_t rh_entity_create_node(rosehip_runtime_t* runtime, rosehip_text_t name, rosehip_text_t name_space) {
  if (name_space.length_bytes == 1 && name_space.data[0] == '/') name_space.length_bytes = 0;
  entity_t* entity = allocate(runtime, ENTITY_NODE, NULL, name.length_bytes + name_space.length_bytes + 2);
  if (entity == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  add_to_key(entity, name.data, name.length_bytes);
  add_to_key(entity, name_space.data, name_space.length_bytes);
  const int32_t result = begin(runtime, entity);
  if (result != 0) return result;
  return end(runtime, entity, rosehip_node_create(runtime->context, name, name_space, &entity->ros.node));
}

enum { HASHES_BYTES = 2 * ROSEHIP_TYPE_HASH_BYTES };

/* A service or a client: the same but for its kind. */
static entity_t* allocate_service(rosehip_runtime_t* runtime, entity_kind_t kind, entity_t* node,
                                  const rosehip_text_t texts[3], const uint8_t* hashes) {
  size_t key_bytes = HASHES_BYTES + 4;
  for (int i = 0; i < 3; i++) key_bytes += texts[i].length_bytes;
  entity_t* entity = allocate(runtime, kind, node, key_bytes);
  if (entity == NULL) return NULL;
  for (int i = 0; i < 3; i++) add_to_key(entity, texts[i].data, texts[i].length_bytes);
  add_to_key(entity, hashes, hashes == NULL ? 0 : HASHES_BYTES);
  return entity;
}

int32_t rh_entity_create_service(rosehip_runtime_t* runtime, int32_t node, const rosehip_service_config_t* config) {
  entity_t* parent = rh_entity_find(runtime, node, ENTITY_NODE);
  if (parent == NULL) return ROSEHIP_ERROR_BAD_HANDLE;
  const rosehip_text_t texts[] = {config->name, config->request_type, config->response_type};
  entity_t* entity = allocate_service(runtime, ENTITY_SERVICE, parent, texts, config->hashes);
  if (entity == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  const int32_t result = begin(runtime, entity);
  if (result != 0) return result;
  rosehip_service_config_t complete = *config;
  complete.on_request = rh_request_receive;
  complete.context = entity;
  return end(runtime, entity, rosehip_service_create(parent->ros.node, &complete, &entity->ros.service));
}

int32_t rh_entity_create_client(rosehip_runtime_t* runtime, int32_t node, const rosehip_client_config_t* config) {
  entity_t* parent = rh_entity_find(runtime, node, ENTITY_NODE);
  if (parent == NULL) return ROSEHIP_ERROR_BAD_HANDLE;
  const rosehip_text_t texts[] = {config->name, config->request_type, config->response_type};
  entity_t* entity = allocate_service(runtime, ENTITY_CLIENT, parent, texts, config->hashes);
  if (entity == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  const int32_t result = begin(runtime, entity);
  if (result != 0) return result;
  rosehip_client_config_t complete = *config;
  complete.on_response = rh_call_receive;
  complete.context = entity;
  return end(runtime, entity, rosehip_client_create(parent->ros.node, &complete, &entity->ros.client));
}

/* A publisher or a subscription: the same but for its kind. */
static entity_t* allocate_topic(rosehip_runtime_t* runtime, entity_kind_t kind, entity_t* node,
                                const topic_config_t* config) {
  const size_t key_bytes = config->topic.length_bytes + config->type.length_bytes + ROSEHIP_TYPE_HASH_BYTES +
                           ROSEHIP_ABI_QOS_SIZE + 4;
  entity_t* entity = allocate(runtime, kind, node, key_bytes);
  if (entity == NULL) return NULL;
  add_to_key(entity, config->topic.data, config->topic.length_bytes);
  add_to_key(entity, config->type.data, config->type.length_bytes);
  add_to_key(entity, config->type_hash, config->type_hash == NULL ? 0 : ROSEHIP_TYPE_HASH_BYTES);
  add_to_key(entity, config->qos_record, ROSEHIP_ABI_QOS_SIZE);
  return entity;
}

/* How many samples a publisher keeps for the next agent: as many as late subscriptions may ask for, up to a limit. */
static uint16_t retained(rosehip_qos_t qos) {
  enum { RETAINED_MAX = 16 };
  const uint16_t latched = ROSEHIP_QOS_TRANSIENT_LOCAL | ROSEHIP_QOS_KEEP_LAST;
  if ((qos.flags & latched) != latched || qos.lifespan_ms != 0) return 0;
  return qos.depth < RETAINED_MAX ? qos.depth : RETAINED_MAX;
}

int32_t rh_entity_create_publisher(rosehip_runtime_t* runtime, int32_t node, const topic_config_t* config) {
  entity_t* parent = rh_entity_find(runtime, node, ENTITY_NODE);
  if (parent == NULL) return ROSEHIP_ERROR_BAD_HANDLE;
  entity_t* entity = allocate_topic(runtime, ENTITY_PUBLISHER, parent, config);
  if (entity == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  const int32_t result = begin(runtime, entity);
  if (result != 0) return result;
  const rosehip_publisher_config_t complete = {.topic = config->topic,
                                               .type = config->type,
                                               .type_hash = config->type_hash,
                                               .qos = config->qos,
                                               .retain = retained(config->qos)};
  return end(runtime, entity, rosehip_publisher_create(parent->ros.node, &complete, &entity->ros.publisher));
}

int32_t rh_entity_create_subscription(rosehip_runtime_t* runtime, int32_t node, const topic_config_t* config) {
  entity_t* parent = rh_entity_find(runtime, node, ENTITY_NODE);
  if (parent == NULL) return ROSEHIP_ERROR_BAD_HANDLE;
  entity_t* entity = allocate_topic(runtime, ENTITY_SUBSCRIPTION, parent, config);
  if (entity == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  const int32_t result = begin(runtime, entity);
  if (result != 0) return result;
  entity->reliable = (config->qos.flags & ROSEHIP_QOS_RELIABLE) != 0;
  entity->keep_all = (config->qos.flags & ROSEHIP_QOS_KEEP_LAST) == 0;
  entity->depth = config->qos.depth;
  const rosehip_subscription_config_t complete = {.topic = config->topic,
                                                  .type = config->type,
                                                  .type_hash = config->type_hash,
                                                  .qos = config->qos,
                                                  .on_message = rh_sample_receive,
                                                  .context = entity};
  return end(runtime, entity, rosehip_subscription_create(parent->ros.node, &complete, &entity->ros.subscription));
}

/* ---- Matches ------------------------------------------------------------------------------------------- */

static int matched(const entity_t* entity) {
  switch (entity->kind) {
    case ENTITY_SERVICE: return rosehip_service_matched(entity->ros.service);
    case ENTITY_CLIENT: return rosehip_client_matched(entity->ros.client);
    case ENTITY_PUBLISHER: return rosehip_publisher_matched(entity->ros.publisher);
    case ENTITY_SUBSCRIPTION: return rosehip_subscription_matched(entity->ros.subscription);
    default: return 0;
  }
}

int32_t rh_entity_matched(const rosehip_runtime_t* runtime, int32_t handle) {
  const entity_t* entity = find(runtime, handle);
  return entity == NULL || entity->kind == ENTITY_NODE ? ROSEHIP_ERROR_BAD_HANDLE : matched(entity);
}

void rh_entities_match(rosehip_runtime_t* runtime) {
  for (int32_t i = 0; i < runtime->entity_count; i++) {
    entity_t* entity = runtime->entities[i];
    if (entity == NULL || matched(entity) == entity->matched) continue;
    entity->matched = matched(entity);
    entity->match_changed = runtime->matches_changed = true;
  }
}

/* ---- End ----------------------------------------------------------------------------------------------- */

static void destroy_ros(rosehip_runtime_t* runtime, entity_t* entity) {
  switch (entity->kind) {
    case ENTITY_SERVICE:
      rh_requests_drop(runtime, entity);
      rosehip_service_destroy(entity->ros.service);
      break;
    case ENTITY_CLIENT:
      rh_calls_drop(runtime, entity);
      rosehip_client_destroy(entity->ros.client);
      break;
    case ENTITY_PUBLISHER: rosehip_publisher_destroy(entity->ros.publisher); break;
    case ENTITY_SUBSCRIPTION: rosehip_subscription_destroy(entity->ros.subscription); break;
    default: rosehip_node_destroy(entity->ros.node);
  }
  rh_events_drop(runtime, entity);
}

/* A node takes all of its own with it. */
static void destroy(rosehip_runtime_t* runtime, entity_t* entity) {
  for (int32_t i = 0; i < runtime->entity_count && entity->kind == ENTITY_NODE; i++) {
    entity_t* other = runtime->entities[i];
    if (other != NULL && other->node == entity) destroy(runtime, other);
  }
  destroy_ros(runtime, entity);
  runtime->entities[entity->handle - 1] = NULL;
  release(entity);
}

int32_t rh_entity_destroy(rosehip_runtime_t* runtime, int32_t handle) {
  entity_t* entity = find(runtime, handle);
  if (entity == NULL) return ROSEHIP_ERROR_BAD_HANDLE;
  destroy(runtime, entity);
  return ROSEHIP_OK;
}

void rh_entities_keep(rosehip_runtime_t* runtime) {
  for (int32_t i = 0; i < runtime->entity_count; i++) {
    if (runtime->entities[i] == NULL) continue;
    runtime->entities[i]->made = false;
    runtime->entities[i]->drops_told = false;
    runtime->entities[i]->held = false;
  }
}

void rh_entities_sweep(rosehip_runtime_t* runtime) {
  for (int32_t i = 0; i < runtime->entity_count; i++) {
    if (runtime->entities[i] != NULL && !runtime->entities[i]->made) destroy(runtime, runtime->entities[i]);
  }
}

void rh_entities_free(rosehip_runtime_t* runtime) {
  rh_entities_keep(runtime);
  rh_entities_sweep(runtime);
  rosehip_arena_free(runtime->config.arena, runtime->entities);
  runtime->entities = NULL;
  runtime->entity_count = 0;
}
