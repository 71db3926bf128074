/* What the files of the runtime share. Private to firmware/src/runtime*. */
#ifndef ROSEHIP_RUNTIME_STATE_H
#define ROSEHIP_RUNTIME_STATE_H

#include "rosehip/runtime.h"
#include "sentence.h"

/* ---- Entities (entity.c) ------------------------------------------------------------------------------- */

typedef enum { ENTITY_NODE, ENTITY_SERVICE, ENTITY_CLIENT, ENTITY_PUBLISHER, ENTITY_SUBSCRIPTION } entity_kind_t;

/*
 * A node of the app, or what it has made for one. Its handle is its place in the table plus 1.
 *
 *   made     by a create function of the current run, which has its handle
 *   kept     made by an earlier run: still in the graph, but without a valid handle, until the current run makes it
 *            again (-> made) or its first poll ends without that (destroyed)
 */
typedef struct entity {
  struct entity* node;         /* NULL: this is a node */
  union {
    rosehip_node_t* node;
    rosehip_service_t* service;
    rosehip_client_t* client;
    rosehip_publisher_t* publisher;
    rosehip_subscription_t* subscription;
  } ros;
  rosehip_runtime_t* runtime;
  char* key;                   /* what makes it the same entity: kind, name, types, QoS, each with a NUL */
  uint32_t key_bytes;
  int32_t handle;
  int32_t matched;             /* as the app was last told, or is to be told */
  uint8_t kind;                /* entity_kind_t */
  bool made;
  bool match_changed;          /* a MATCHED is due */
  bool drops_told;             /* subscription: said in the log that the oldest samples are dropped */
  bool keep_all;               /* subscription */
  bool reliable;               /* subscription */
  bool held;                   /* subscription: its samples are not shown */
  uint16_t depth;              /* subscription: samples that may wait, with keep last */
  uint16_t waiting;            /* subscription: samples that wait for the app, the one shown too */
  uint64_t ready_us;           /* client: since when the agent has it; 0: it has not */
  uint64_t held_us;            /* subscription: since when it is held */
} entity_t;

/* What publisher_create and subscription_create share. */
typedef struct {
  rosehip_text_t topic, type;
  const uint8_t* type_hash;  /* ROSEHIP_TYPE_HASH_BYTES or NULL */
  const uint8_t* qos_record; /* ROSEHIP_ABI_QOS_SIZE octets, checked; part of the key */
  rosehip_qos_t qos;
} topic_config_t;

/* Makes config->qos of config->qos_record (qos.c); false if it holds what is no QoS. */
bool rh_qos_read(topic_config_t* config);

/* Results: a handle, or an error of the ABI. */
int32_t rh_entity_create_node(rosehip_runtime_t* runtime, rosehip_text_t name, rosehip_text_t name_space);
int32_t rh_entity_create_service(rosehip_runtime_t* runtime, int32_t node, const rosehip_service_config_t* config);
int32_t rh_entity_create_client(rosehip_runtime_t* runtime, int32_t node, const rosehip_client_config_t* config);
int32_t rh_entity_create_publisher(rosehip_runtime_t* runtime, int32_t node, const topic_config_t* config);
int32_t rh_entity_create_subscription(rosehip_runtime_t* runtime, int32_t node, const topic_config_t* config);
int32_t rh_entity_destroy(rosehip_runtime_t* runtime, int32_t handle);

/* The entity that the current run made with this handle; NULL if there is none of that kind. */
entity_t* rh_entity_find(const rosehip_runtime_t* runtime, int32_t handle, entity_kind_t kind);

/* `matched` of the ABI. */
int32_t rh_entity_matched(const rosehip_runtime_t* runtime, int32_t handle);
/* Looks at all whether their remote ends are others now: sets match_changed. */
void rh_entities_match(rosehip_runtime_t* runtime);

/* The run is over: everything that was made is kept. */
void rh_entities_keep(rosehip_runtime_t* runtime);
/* Destroys what is kept and not made. */
void rh_entities_sweep(rosehip_runtime_t* runtime);
void rh_entities_free(rosehip_runtime_t* runtime);

/* ---- Events (event.c) ---------------------------------------------------------------------------------- */

typedef enum { EVENT_REQUEST, EVENT_RESPONSE, EVENT_SAMPLE } event_kind_t;

/*
 *   WAITING   came from the agent; `payload` is the sample           -event_next-> SHOWN
 *   SHOWN     the app knows it, payload still here                   -event_take-> HANDLED, or gone if no request;
 *                                                                    -subscription_hold-> WAITING;
 *                                                                    -service_reply-> gone
 * Requests only:
 *   HANDLED   the app has the payload                                -service_reply-> gone, or REPLIED without an agent
 *   REPLIED   `payload` is the response, to be sent when the agent is back                       -sent-> gone
 *   FAULTED   SHOWN or HANDLED when a run ended, to be shown to the next one; or too large, or without memory
 *                                                                    -event_next-> SHOWN
 *
 * WAITING, FAULTED and SHOWN are in `pending`, oldest first; at most one is SHOWN. The others are in `open`.
 * MATCHED is not queued: it is a mark at its entity. Nor is EDGE: hardware.c.
 */
typedef enum { EVENT_WAITING, EVENT_SHOWN, EVENT_HANDLED, EVENT_REPLIED, EVENT_FAULTED } event_state_t;

/* As in the ABI's EventInfo. */
typedef enum {
  EVENT_BIG_ENDIAN = 1,
  EVENT_TOO_LARGE = 2, /* a response without payload, or a request that came FAULTED, with the reason as its payload */
  EVENT_NO_MEMORY = 4, /* besides EVENT_TOO_LARGE: for the arena; a request's reason is always the same */
} event_flags_t;

typedef struct event {
  struct event* next;
  entity_t* entity;
  uint8_t* payload; /* in the arena, or NULL */
  uint32_t length_bytes;
  int32_t token;    /* 0: a sample */
  union {
    uint32_t poll;    /* a sample: polls of apps before it came */
    uint32_t starved; /* a request: for rosehip_arena_may_wait, of its reply */
  };
  uint8_t kind;     /* event_kind_t */
  uint8_t state;    /* event_state_t */
  uint8_t faults;   /* runs that ended while it was being handled */
  bool faulted;     /* SHOWN: as REQUEST_FAULTED */
  uint8_t flags;    /* event_flags_t */
  uint8_t identity[]; /* a request's: ROSEHIP_SAMPLE_IDENTITY_BYTES */
} event_t;

typedef struct {
  event_t* first;
  event_t* last;
  uint32_t count;
} event_list_t;

/* A WAITING event at the end of `pending`; NULL if the arena is full. `identity` of a request, or NULL. */
event_t* rh_event_new(entity_t* entity, event_kind_t kind, const uint8_t* identity, const uint8_t* payload,
                      size_t length_bytes);
void rh_event_append(event_list_t* list, event_t* event);
void rh_event_detach(event_list_t* list, const event_t* event);
void rh_event_free_payload(rosehip_runtime_t* runtime, event_t* event);
/* Detaches and frees it. */
void rh_event_forget(rosehip_runtime_t* runtime, event_list_t* list, event_t* event);

/* A token that no request and no call has. */
int32_t rh_event_token(rosehip_runtime_t* runtime);

/* True if event_next has something to show. */
bool rh_event_waits(rosehip_runtime_t* runtime);

/* event_next and event_take of the ABI, on checked memory. */
int32_t rh_event_next(rosehip_runtime_t* runtime, uint8_t* record);
int32_t rh_event_take(rosehip_runtime_t* runtime, uint8_t* buffer, uint32_t size_bytes);

/* The run is over: forgets its responses and what it was shown that is no request. */
void rh_events_stop(rosehip_runtime_t* runtime);
/* Forgets what came for an entity that goes; returns how many requests that were. */
uint32_t rh_events_drop(rosehip_runtime_t* runtime, const entity_t* entity);
/* Forgets all, for the end of the runtime. */
void rh_events_free(rosehip_runtime_t* runtime);

/* ---- Requests (request.c) ------------------------------------------------------------------------------ */

/* rosehip_on_request_t of every service; `context` is its entity. */
int rh_request_receive(void* context, const rosehip_request_t* request);

/* service_reply of the ABI, on checked memory. */
int32_t rh_request_reply(rosehip_runtime_t* runtime, int32_t token, const uint8_t* payload, uint32_t length_bytes);

/* Sends replies that waited for the agent. Returns true if one went. */
bool rh_requests_send_replies(rosehip_runtime_t* runtime);
/* The run is over: what was shown is FAULTED. */
void rh_requests_fault(rosehip_runtime_t* runtime);
/* Logs that so many requests or calls get no answer; nothing for 0. */
void rh_request_tell_unanswered(rosehip_runtime_t* runtime, uint32_t count, bool are_calls, const char* why);
/* Forgets the requests of a service that goes. */
void rh_requests_drop(rosehip_runtime_t* runtime, const entity_t* service);

/* ---- Calls (call.c) ------------------------------------------------------------------------------------ */

/*
 *   KEPT    `payload` waits until the client can be heard: the agent holds it, and a server is matched   -sent-> SENT
 *   SENT    `request_id` tells its response       -response-> gone (an EVENT_RESPONSE), -connection lost-> LOST
 *   LOST    no response can come any more; the app's time-out ends it
 * Any -request_forget, end of the run-> gone.
 */
typedef enum { CALL_KEPT, CALL_SENT, CALL_LOST } call_state_t;

typedef struct call {
  struct call* next; /* in the order of client_call */
  entity_t* client;
  int32_t token;
  uint8_t state; /* call_state_t */
  uint16_t request_id;
  uint32_t length_bytes;
  uint8_t payload[]; /* KEPT */
} call_t;

/* rosehip_on_response_t of every client; `context` is its entity. */
int rh_call_receive(void* context, const rosehip_response_t* response);

/* client_call and request_forget of the ABI, on checked memory. */
int32_t rh_call_begin(rosehip_runtime_t* runtime, int32_t client, const uint8_t* payload, uint32_t length_bytes);
int32_t rh_call_forget(rosehip_runtime_t* runtime, int32_t token);

/* Sends what is kept and can be sent. Returns when to look again: ROSEHIP_NEVER_US without a reason. */
uint64_t rh_calls_send(rosehip_runtime_t* runtime, uint64_t now_us);
/* The connection was lost. */
void rh_calls_lose(rosehip_runtime_t* runtime);
/* Forgets the calls of a client that goes; NULL: of all. */
void rh_calls_drop(rosehip_runtime_t* runtime, const entity_t* client);

/* ---- Samples (sample.c) -------------------------------------------------------------------------------- */

/* rosehip_on_message_t of every subscription; `context` is its entity. */
int rh_sample_receive(void* context, const rosehip_message_t* message);

/* subscription_hold of the ABI. */
int32_t rh_sample_hold(rosehip_runtime_t* runtime, int32_t subscription, bool held);

/* `publish` of the ABI, on checked memory. */
int32_t rh_sample_publish(rosehip_runtime_t* runtime, int32_t publisher, const uint8_t* payload, uint32_t length_bytes);

/* ---- Storage (storage.c) ------------------------------------------------------------------------------- */

/* storage_read and storage_write of the ABI, on checked memory. */
int32_t rh_storage_read(rosehip_runtime_t* runtime, rosehip_text_t key, uint8_t* value, uint32_t size_bytes);
int32_t rh_storage_write(rosehip_runtime_t* runtime, rosehip_text_t key, const uint8_t* value, uint32_t length_bytes);

/* ---- Hardware (hardware.c) ----------------------------------------------------------------------------- */

/* The edges of one pin, taken from the port:
 *   NONE      the port may have some                    -rh_event_waits-> WAITING
 *   WAITING   the app is to be told them                -event_next-> SHOWN
 *   SHOWN     the app knows them                        -event_take-> NONE
 * Any -end of the run-> NONE. While these are here the port goes on counting.
 */
typedef enum { EDGE_NONE, EDGE_WAITING, EDGE_SHOWN } edge_state_t;

/* A place in the app's memory, checked. */
typedef struct {
  uint8_t* bytes;
  uint32_t length_bytes;
} buffer_t;

/* The functions of the ABI, on checked memory. */
int32_t rh_hardware_gpio(rosehip_runtime_t* runtime, uint32_t operation, uint32_t pin, uint32_t value);
int32_t rh_hardware_pwm(rosehip_runtime_t* runtime, uint32_t pin, uint32_t period_ns, uint32_t pulse_ns);
int32_t rh_hardware_adc(rosehip_runtime_t* runtime, uint32_t pin, uint32_t unit);
int32_t rh_hardware_i2c_open(rosehip_runtime_t* runtime, uint32_t bus, int32_t sda, int32_t scl, uint32_t frequency_hz);
int32_t rh_hardware_i2c_transfer(rosehip_runtime_t* runtime, uint32_t bus, uint32_t address, const buffer_t* output,
                                 const buffer_t* input);
int32_t rh_hardware_spi_open(rosehip_runtime_t* runtime, uint32_t bus, int32_t clock, int32_t controller_out,
                             int32_t controller_in);
int32_t rh_hardware_spi_transfer(rosehip_runtime_t* runtime, const rosehip_spi_device_t* device, const buffer_t* output,
                                 const buffer_t* input);

/* True if runtime->edge is WAITING or SHOWN; asks the port if it is not. */
bool rh_hardware_edge_waits(rosehip_runtime_t* runtime);
/* The run is over: the board takes back what it gave. */
void rh_hardware_stop(rosehip_runtime_t* runtime);

/* ---- App (app.c) ------------------------------------------------------------------------------------------------- */

/*
 *   ABSENT    no module, or one that can never run       -rosehip_runtime_load-> RUNNING, RETRYING or ABSENT
 *   RUNNING   an engine is loaded                        -trap-> RETRYING (at once, or after back-off)
 *   RETRYING  loaded again when `retry_us` has come      -> RUNNING, or RETRYING again if the arena is full
 */
typedef enum { APP_ABSENT, APP_RUNNING, APP_RETRYING } app_state_t;

enum { FAULT_REASON_BYTES = 200 };

typedef struct {
  app_state_t state;
  const uint8_t* module;
  size_t module_bytes;
  rosehip_engine_t* engine;
  uint64_t start_us;       /* when the run began */
  uint64_t wake_us;        /* when it wants to be polled; ROSEHIP_NEVER_US: at an event */
  uint64_t retry_us;
  uint32_t backoff_s;      /* of the last fault; 0: none */
  bool first_poll_over;
  bool had_request;        /* this run was shown a request */
  bool took_event;         /* during the current poll */
  uint64_t event_us;       /* from when on an event that waits is a reason to poll; 0: at once */
  char fault[FAULT_REASON_BYTES]; /* why the last run ended; what REQUEST_FAULTED carries */
  char panic[FAULT_REASON_BYTES]; /* left by the app for the trap to come; "" if none */
} app_t;

/* Polls, starts or restarts the app if it is time. Returns true if the app ran. */
bool rh_app_step(rosehip_runtime_t* runtime, uint64_t now_us);
/* When rh_app_step has something to do without an event. */
uint64_t rh_app_wake_us(rosehip_runtime_t* runtime, uint64_t now_us);
/* Unloads the run, if any, and keeps what it had for the next. */
void rh_app_stop(rosehip_runtime_t* runtime);

/* Whether a module could be loaded, beside the app that runs. Results and `reason` as rosehip_engine_load. */
int rh_app_check(rosehip_runtime_t* runtime, const uint8_t* module, size_t module_bytes, char* reason,
                 size_t reason_bytes);

/* ---- Deployment (deploy.c) ----------------------------------------------------------------------------- */

struct deploy;

/* Calls into it go by this table alone, so that a firmware without it does not link it. */
struct rosehip_deployment {
  int (*create)(rosehip_runtime_t* runtime);
  void (*start)(rosehip_runtime_t* runtime, const uint8_t* factory, size_t factory_bytes);
  void (*step)(rosehip_runtime_t* runtime, uint64_t now_us);
  uint64_t (*wake_us)(const rosehip_runtime_t* runtime, uint64_t now_us);
  void (*destroy)(rosehip_runtime_t* runtime);
};

/* ---- ABI (abi.c) ------------------------------------------------------------------------------------------------- */

extern const rosehip_import_t rh_abi_imports[];
extern const size_t rh_abi_import_count;

/* ---- Runtime (runtime.c) ----------------------------------------------------------------------------------------- */

struct rosehip_runtime {
  rosehip_runtime_config_t config;
  const rosehip_port_t* port;
  rosehip_context_t* context;
  rosehip_framing_t framing;
  uint8_t* input;        /* the framing's buffer */
  uint8_t* output;       /* one encoded frame on its way to the link */
  size_t output_size;
  size_t output_start, output_end; /* the part that the link has not taken yet */
  uint64_t ingest_us;    /* time of the ingest that is going on */
  app_t app;
  struct deploy* deploy; /* the deployment's own; NULL without one */
  entity_t** entities;   /* by handle - 1; holes are NULL */
  int32_t entity_count;  /* places in the table */
  event_list_t pending, open;
  event_t* shown;        /* the one of `pending` that is SHOWN */
  entity_t* shown_match; /* whose MATCHED is shown; then no event is */
  bool matches_changed;  /* some entity may have match_changed */
  rosehip_gpio_edge_t edge;
  uint8_t edge_state;    /* edge_state_t */
  bool edge_was_last;    /* the event last shown was an edge: it is another one's turn */
  bool watching;         /* the run watches pins, or did */
  bool hardware_used;    /* by the run */
  uint32_t polls;        /* of apps */
  uint32_t sample_bytes; /* payloads of samples that wait */
  call_t* calls;         /* oldest first */
  int32_t last_token;
  uint32_t said_refused; /* when requests were last said to wait at the agent (sentence.h) */
  rosehip_runtime_stats_t stats;
};

/* One log line, to the console and to /rosout. */
void rh_runtime_log(rosehip_runtime_t* runtime, rosehip_severity_t severity, rosehip_text_t logger,
                    rosehip_text_t message);

static inline uint64_t runtime_now_us(const rosehip_runtime_t* runtime) {
  return runtime->port->now_us(runtime->port->context);
}

#endif
