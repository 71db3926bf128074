/* The app's nodes and services, by handle; and how a new run of the app takes those of the last one over. */
#include "state.h"

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

/* An entity that is in no table yet, with room for a key of `key_bytes`; NULL if the arena is full. */
static entity_t* allocate(rosehip_runtime_t* runtime, entity_t* node, size_t key_bytes) {
  entity_t* entity = rosehip_arena_alloc_zeroed(runtime->config.arena, sizeof *entity, 0);
  if (entity == NULL) return NULL;
  entity->key = rosehip_arena_alloc(runtime->config.arena, key_bytes, 0);
  if (entity->key == NULL) {
    rosehip_arena_free(runtime->config.arena, entity);
    return NULL;
  }
  entity->runtime = runtime;
  entity->node = node;
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

/* Puts a new entity into the table, where free_handle has found its place. */
static int32_t admit(rosehip_runtime_t* runtime, entity_t* entity, int32_t handle) {
  entity->handle = handle;
  entity->made = true;
  runtime->entities[handle - 1] = entity;
  return handle;
}

int32_t entity_create_node(rosehip_runtime_t* runtime, rosehip_text_t name, rosehip_text_t name_space) {
  if (name_space.length_bytes == 1 && name_space.data[0] == '/') name_space.length_bytes = 0;
  entity_t* entity = allocate(runtime, NULL, name.length_bytes + name_space.length_bytes + 2);
  if (entity == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  add_to_key(entity, name.data, name.length_bytes);
  add_to_key(entity, name_space.data, name_space.length_bytes);
  int32_t result = take_over(runtime, entity);
  if (result == 0) {
    const int32_t handle = free_handle(runtime);
    result = handle < 0 ? handle : rosehip_node_create(runtime->context, name, name_space, &entity->ros_node);
    if (result == ROSEHIP_OK) return admit(runtime, entity, handle);
  }
  release(entity);
  return result;
}

int32_t entity_create_service(rosehip_runtime_t* runtime, int32_t node, const rosehip_service_config_t* config) {
  enum { HASHES_BYTES = 2 * ROSEHIP_TYPE_HASH_BYTES };
  entity_t* parent = find(runtime, node);
  if (parent == NULL || parent->node != NULL) return ROSEHIP_ERROR_BAD_HANDLE;
  const size_t key_bytes = config->name.length_bytes + config->request_type.length_bytes +
                           config->response_type.length_bytes + HASHES_BYTES + 4;
  entity_t* entity = allocate(runtime, parent, key_bytes);
  if (entity == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  add_to_key(entity, config->name.data, config->name.length_bytes);
  add_to_key(entity, config->request_type.data, config->request_type.length_bytes);
  add_to_key(entity, config->response_type.data, config->response_type.length_bytes);
  add_to_key(entity, config->hashes, config->hashes == NULL ? 0 : HASHES_BYTES);
  int32_t result = take_over(runtime, entity);
  if (result == 0) {
    const int32_t handle = free_handle(runtime);
    rosehip_service_config_t complete = *config;
    complete.on_request = request_receive;
    complete.context = entity;
    result = handle < 0 ? handle : rosehip_service_create(parent->ros_node, &complete, &entity->service);
    if (result == ROSEHIP_OK) return admit(runtime, entity, handle);
  }
  release(entity);
  return result;
}

/* A node takes its services with it. */
static void destroy(rosehip_runtime_t* runtime, entity_t* entity) {
  if (entity->node == NULL) {
    for (int32_t i = 0; i < runtime->entity_count; i++) {
      entity_t* other = runtime->entities[i];
      if (other != NULL && other->node == entity) destroy(runtime, other);
    }
    rosehip_node_destroy(entity->ros_node);
  } else {
    requests_drop(runtime, entity);
    rosehip_service_destroy(entity->service);
  }
  runtime->entities[entity->handle - 1] = NULL;
  release(entity);
}

int32_t entity_destroy(rosehip_runtime_t* runtime, int32_t handle) {
  entity_t* entity = find(runtime, handle);
  if (entity == NULL) return ROSEHIP_ERROR_BAD_HANDLE;
  destroy(runtime, entity);
  return ROSEHIP_OK;
}

void entities_keep(rosehip_runtime_t* runtime) {
  for (int32_t i = 0; i < runtime->entity_count; i++) {
    if (runtime->entities[i] != NULL) runtime->entities[i]->made = false;
  }
}

void entities_sweep(rosehip_runtime_t* runtime) {
  for (int32_t i = 0; i < runtime->entity_count; i++) {
    if (runtime->entities[i] != NULL && !runtime->entities[i]->made) destroy(runtime, runtime->entities[i]);
  }
}

void entities_free(rosehip_runtime_t* runtime) {
  entities_keep(runtime);
  entities_sweep(runtime);
  rosehip_arena_free(runtime->config.arena, runtime->entities);
  runtime->entities = NULL;
  runtime->entity_count = 0;
}
