/*
 * The service /_rosehip/_KEY/deploy (rosehip_interfaces/srv/Deploy, docs/deploy.md), by which a board takes a new app
 * while the old one runs. One request is one bounded piece of work: at most one write to flash, and the erasing of the
 * blocks that begin in it.
 */
#include "deploy.h"

#include <string.h>

#include "cdr/reader.h"
#include "cdr/writer.h"
#include "wasm/abi_table.h"

#define TRANSFER_IDLE_US 5000000u /* After this silence of a deployer, another may begin. */

enum { CHUNK_BYTES = ROSEHIP_FLASH_WRITE_LIMIT_BYTES, REQUEST_OVERHEAD_BYTES = 128 };

enum { INFO, BEGIN, WRITE, COMMIT, ABORT };

typedef enum {
  DEPLOY_OK,
  DEPLOY_BUSY,
  DEPLOY_NO_TRANSFER,
  DEPLOY_MALFORMED,
  DEPLOY_TOO_LARGE,
  DEPLOY_WRONG_ABI,
  DEPLOY_WRONG_OFFSET,
  DEPLOY_WRONG_HASH,
  DEPLOY_INVALID,
  DEPLOY_NOT_SIGNED,
  DEPLOY_FLASH_FAILED,
} deploy_result_t;

enum { SLOT_EMPTY, SLOT_PENDING, SLOT_FAILED, SLOT_TRIAL, SLOT_CONFIRMED };

/* A request, its octets borrowed. */
typedef struct {
  uint8_t command;
  uint16_t abi_version;
  uint32_t size_bytes, offset;
  rosehip_text_t hash, signature, data;
} deploy_request_t;

/* ---- Response ---------------------------------------------------------------------------------------------------- */

/* The largest part that a request can carry here. */
static uint32_t chunk_bytes(const struct deploy* deploy) {
  const uint32_t room = deploy->runtime->config.sample_limit_bytes - REQUEST_OVERHEAD_BYTES;
  return room >= CHUNK_BYTES ? CHUNK_BYTES : room & ~(uint32_t)(ROSEHIP_FLASH_UNIT_MAX_BYTES - 1);
}

static void write_slot(const struct deploy* deploy, int index, rosehip_cdr_writer_t* writer) {
  static const uint8_t states[] = {SLOT_EMPTY, SLOT_PENDING, SLOT_FAILED, SLOT_CONFIRMED};
  const rosehip_app_slot_t* slot = &deploy->slots.slot[index];
  const bool on_trial = deploy->on_trial && deploy->running == index;
  rosehip_cdr_write_u8(writer, on_trial ? SLOT_TRIAL : states[slot->state]);
  rosehip_cdr_write_u16(writer, slot->app.abi_version);
  rosehip_cdr_write_u32(writer, slot->app.length_bytes);
  rosehip_cdr_write_octets(writer, slot->app.hash, sizeof slot->app.hash);
}

/* Their keys hold kind, name and namespace, each with a NUL (entity.c). */
static uint32_t write_nodes(const rosehip_runtime_t* runtime, rosehip_cdr_writer_t* writer) {
  uint32_t count = 0;
  for (int32_t i = 0; i < runtime->entity_count; i++) {
    const entity_t* node = runtime->entities[i];
    if (node == NULL || node->kind != ENTITY_NODE) continue;
    const char* name = node->key + 2;
    const size_t name_bytes = strlen(name);
    const char* name_space = name + name_bytes + 1;
    const size_t space_bytes = strlen(name_space);
    count++;
    if (writer == NULL) continue;
    rosehip_cdr_write_u32(writer, (uint32_t)(space_bytes + 1 + name_bytes + 1));
    rosehip_cdr_write_octets(writer, (const uint8_t*)name_space, space_bytes);
    rosehip_cdr_write_u8(writer, '/');
    rosehip_cdr_write_octets(writer, (const uint8_t*)name, name_bytes + 1);
  }
  return count;
}

static void write_response(const struct deploy* deploy, rosehip_cdr_writer_t* writer) {
  rosehip_cdr_write_u8(writer, deploy->result);
  rosehip_cdr_write_u8(writer, deploy->running);
  rosehip_cdr_write_u16(writer, ROSEHIP_ABI_VERSION);
  rosehip_cdr_write_u16(writer, (uint16_t)chunk_bytes(deploy));
  rosehip_cdr_write_u16(writer, (uint16_t)rh_deploy_health_ms(deploy));
  rosehip_cdr_write_u32(writer, deploy->slots.capacity_bytes);
  rosehip_cdr_write_u32(writer, deploy->writing ? deploy->writer.received_bytes : 0);
  for (int i = 0; i < ROSEHIP_APP_SLOTS; i++) write_slot(deploy, i, writer);
  rosehip_cdr_write_string(writer, (rosehip_text_t){deploy->message, strlen(deploy->message)});
  rosehip_cdr_write_u32(writer, write_nodes(deploy->runtime, NULL));
  write_nodes(deploy->runtime, writer);
}

/* Answers the request that waits for it; what cannot be sent now is made again later. */
static void send_reply(struct deploy* deploy) {
  rosehip_arena_t* arena = deploy->runtime->config.arena;
  rosehip_cdr_writer_t measure = rosehip_cdr_writer(NULL, 0, false);
  write_response(deploy, &measure);
  uint8_t* payload = rosehip_arena_alloc(arena, measure.position, 0);
  if (payload == NULL) return;
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(payload, measure.position, false);
  write_response(deploy, &writer);
  const int status = rosehip_service_reply(deploy->service, deploy->reply_to, payload, measure.position);
  rosehip_arena_free(arena, payload);
  deploy->reply_waits = status != ROSEHIP_OK && status != ROSEHIP_ERROR_TOO_LARGE;
}

/* ---- Commands ---------------------------------------------------------------------------------------------------- */

static deploy_result_t refuse(struct deploy* deploy, deploy_result_t result, const char* why) {
  rh_deploy_say(deploy, why);
  return result;
}

static bool is_deployer(const struct deploy* deploy) {
  return memcmp(deploy->deployer, deploy->reply_to, sizeof deploy->deployer) == 0;
}

static deploy_result_t begin(struct deploy* deploy, const deploy_request_t* request, uint64_t now_us) {
  rosehip_app_description_t* app = &deploy->writer.app;
  if (deploy->on_trial || deploy->committed) return refuse(deploy, DEPLOY_BUSY, "an app is on trial");
  if (deploy->writing && !is_deployer(deploy) && now_us - deploy->heard_us < TRANSFER_IDLE_US) {
    return refuse(deploy, DEPLOY_BUSY, "somebody else is deploying an app");
  }
  const size_t signature_bytes = request->signature.length_bytes;
  deploy->writing = false;
  if (request->hash.length_bytes != sizeof app->hash) return DEPLOY_MALFORMED;
  if (signature_bytes != 0 && signature_bytes != sizeof app->signature) return DEPLOY_MALFORMED;
  memset(app, 0, sizeof *app);
  app->length_bytes = request->size_bytes;
  app->abi_version = request->abi_version;
  app->is_signed = signature_bytes != 0;
  memcpy(app->hash, request->hash.data, sizeof app->hash);
  memcpy(app->signature, request->signature.data, signature_bytes);
  if (app->abi_version != ROSEHIP_ABI_VERSION) return DEPLOY_WRONG_ABI;
  if (!rh_deploy_signature_holds(deploy, app)) return DEPLOY_NOT_SIGNED;
  const int slot = rosehip_app_slots_free(&deploy->slots, deploy->running < ROSEHIP_APP_SLOTS ? deploy->running : -1);
  const int status = rosehip_app_write_begin(&deploy->slots, slot, &deploy->writer);
  deploy->writing = status == ROSEHIP_OK;
  if (status == ROSEHIP_ERROR_TOO_LARGE) return DEPLOY_TOO_LARGE;
  if (status != ROSEHIP_OK) return DEPLOY_FLASH_FAILED;
  memcpy(deploy->deployer, deploy->reply_to, sizeof deploy->deployer);
  return DEPLOY_OK;
}

static deploy_result_t take_part(struct deploy* deploy, const deploy_request_t* request) {
  const uint32_t received = deploy->writer.received_bytes;
  if (request->offset < received && request->data.length_bytes <= received - request->offset) return DEPLOY_OK;
  if (request->offset != received) return DEPLOY_WRONG_OFFSET;
  if (request->data.length_bytes > CHUNK_BYTES) return DEPLOY_MALFORMED;
  const int status = rosehip_app_write(&deploy->slots, &deploy->writer, (const uint8_t*)request->data.data,
                                       (uint32_t)request->data.length_bytes);
  if (status == ROSEHIP_ERROR_INVALID_ARGUMENT) return DEPLOY_MALFORMED;
  deploy->writing = status == ROSEHIP_OK;
  return status == ROSEHIP_OK ? DEPLOY_OK : DEPLOY_FLASH_FAILED;
}

static deploy_result_t commit(struct deploy* deploy) {
  const rosehip_app_writer_t* writer = &deploy->writer;
  deploy->writing = false;
  if (rosehip_app_write_check(&deploy->writer) != ROSEHIP_OK) return DEPLOY_WRONG_HASH;
  /* Without room for two engines at a time, or a module that can be seen, the trial will tell. */
  const uint8_t* module = rosehip_app_slot_map(&deploy->slots, writer->slot, writer->app.length_bytes);
  if (module != NULL && rh_app_check(deploy->runtime, module, writer->app.length_bytes, deploy->message,
                                     sizeof deploy->message) == ROSEHIP_ERROR_MALFORMED) {
    return DEPLOY_INVALID;
  }
  deploy->message[0] = '\0';
  if (rosehip_app_write_end(&deploy->slots, writer) != ROSEHIP_OK) return DEPLOY_FLASH_FAILED;
  deploy->committed = true;
  return DEPLOY_OK;
}

static deploy_result_t obey(struct deploy* deploy, const deploy_request_t* request) {
  const uint64_t now_us = runtime_now_us(deploy->runtime);
  if (request->command == INFO) return DEPLOY_OK;
  if (request->command > ABORT) return DEPLOY_MALFORMED;
  deploy->message[0] = '\0';
  if (request->command != BEGIN && !(deploy->writing && is_deployer(deploy))) return DEPLOY_NO_TRANSFER;
  const deploy_result_t result = request->command == BEGIN    ? begin(deploy, request, now_us)
                                 : request->command == WRITE  ? take_part(deploy, request)
                                 : request->command == COMMIT ? commit(deploy)
                                                              : DEPLOY_OK;
  if (request->command == ABORT) deploy->writing = false;
  if (result == DEPLOY_OK) deploy->heard_us = now_us;
  return result;
}

/* ---- Service ----------------------------------------------------------------------------------------------------- */

static rosehip_text_t read_octets(rosehip_cdr_reader_t* reader) {
  const uint32_t length = rosehip_cdr_read_u32(reader);
  const uint8_t* octets = rosehip_cdr_read_octets(reader, length);
  return (rosehip_text_t){(const char*)octets, octets == NULL ? 0 : length};
}

static int on_request(void* context, const rosehip_request_t* sample) {
  struct deploy* deploy = context;
  rosehip_cdr_reader_t reader = rosehip_cdr_reader(sample->payload, sample->length_bytes, sample->big_endian);
  deploy_request_t request;
  if (deploy->reply_waits) return ROSEHIP_ERROR_BUSY;
  request.command = rosehip_cdr_read_u8(&reader);
  request.abi_version = rosehip_cdr_read_u16(&reader);
  request.size_bytes = rosehip_cdr_read_u32(&reader);
  request.offset = rosehip_cdr_read_u32(&reader);
  request.hash = read_octets(&reader);
  request.signature = read_octets(&reader);
  request.data = read_octets(&reader);
  memcpy(deploy->reply_to, sample->identity, sizeof deploy->reply_to);
  if (sample->no_memory) deploy->result = (uint8_t)refuse(deploy, DEPLOY_BUSY, rosehip_sentence_arena_full);
  else deploy->result = (uint8_t)(reader.failed ? DEPLOY_MALFORMED : obey(deploy, &request));
  deploy->reply_waits = true;
  send_reply(deploy);
  return ROSEHIP_OK;
}

static int create_service(struct deploy* deploy) {
  enum { PREFIX_BYTES = 10, KEY_BYTES = 9, SUFFIX_BYTES = 7 };
  char name[PREFIX_BYTES + KEY_BYTES + SUFFIX_BYTES + 1] = "/_rosehip/_00000000/deploy";
  char* key = name + PREFIX_BYTES;
  for (int i = 0; i < 8; i++) {
    key[1 + i] = "0123456789abcdef"[deploy->runtime->config.client_key[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0x0f];
  }
  const int status = rosehip_node_create(deploy->runtime->context, (rosehip_text_t){key, KEY_BYTES},
                                         ROSEHIP_TEXT("/_rosehip"), &deploy->node);
  if (status != ROSEHIP_OK) return status;
  const rosehip_service_config_t config = {
      .name = {name, sizeof name - 1},
      .request_type = ROSEHIP_TEXT("rosehip_interfaces::srv::dds_::Deploy_Request_"),
      .response_type = ROSEHIP_TEXT("rosehip_interfaces::srv::dds_::Deploy_Response_"),
      .hashes = NULL, /* The agent knows them. */
      .on_request = on_request,
      .context = deploy,
  };
  return rosehip_service_create(deploy->node, &config, &deploy->service);
}

/* ---- Life -------------------------------------------------------------------------------------------------------- */

static void destroy(rosehip_runtime_t* runtime) {
  struct deploy* deploy = runtime->deploy;
  if (deploy == NULL) return;
  if (deploy->node != NULL) rosehip_node_destroy(deploy->node);
  rosehip_arena_free(runtime->config.arena, deploy->copy);
  rosehip_arena_free(runtime->config.arena, deploy);
  runtime->deploy = NULL;
}

static int create(rosehip_runtime_t* runtime) {
  if (runtime->config.sample_limit_bytes < REQUEST_OVERHEAD_BYTES + ROSEHIP_FLASH_UNIT_MAX_BYTES) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  struct deploy* deploy = rosehip_arena_alloc_zeroed(runtime->config.arena, sizeof *deploy, 0);
  if (deploy == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
#ifdef ROSEHIP_APP_KEY
  if (runtime->config.app_verify == NULL) runtime->config.app_verify = rosehip_app_verify;
#endif
  runtime->deploy = deploy;
  deploy->runtime = runtime;
  deploy->running = RUNS_NONE;
  const int status = rosehip_app_slots_open(&deploy->slots, runtime->port->app_flash);
  return status == ROSEHIP_OK ? create_service(deploy) : status;
}

static void start(rosehip_runtime_t* runtime, const uint8_t* factory, size_t factory_bytes) {
  runtime->deploy->factory = factory;
  runtime->deploy->factory_bytes = factory_bytes;
  rh_trial_start_best(runtime->deploy);
}

static void step(rosehip_runtime_t* runtime, uint64_t now_us) {
  struct deploy* deploy = runtime->deploy;
  if (deploy->reply_waits) send_reply(deploy);
  rh_trial_watch(deploy, now_us);
  if (!deploy->committed) return;
  deploy->committed = false;
  rh_trial_start_best(deploy);
}

/* A reply that waits does so for the link, which calls by itself. */
static uint64_t wake_us(const rosehip_runtime_t* runtime, uint64_t now_us) {
  return runtime->deploy->committed ? now_us : rh_trial_wake_us(runtime->deploy, now_us);
}

const rosehip_deployment_t rosehip_deployment = {
    .create = create, .start = start, .step = step, .wake_us = wake_us, .destroy = destroy};
