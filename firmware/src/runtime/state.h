/* What the files of the runtime share. Private to firmware/src/runtime*. */
#ifndef ROSEHIP_RUNTIME_STATE_H
#define ROSEHIP_RUNTIME_STATE_H

#include "rosehip/runtime.h"
#include "sentence.h"

/* ---- Entities (entity.c) ----------------------------------------------------------------------------------------- */

/*
 * A node or a service of the app. Its handle is its place in the table plus 1.
 *
 *   made     by node_create or service_create of the current run, which has its handle
 *   kept     made by an earlier run: still in the graph, but without a valid handle, until the current run makes it
 *            again (-> made) or its first poll ends without that (destroyed)
 */
typedef struct entity {
  struct entity* node;         /* of a service; NULL: this is a node */
  rosehip_node_t* ros_node;    /* of a node */
  rosehip_service_t* service;  /* of a service */
  rosehip_runtime_t* runtime;
  char* key;                   /* what makes it the same entity: name and types, each with its NUL */
  uint32_t key_bytes;
  int32_t handle;
  bool made;
} entity_t;

/* Results: a handle, or an error of the ABI. */
int32_t entity_create_node(rosehip_runtime_t* runtime, rosehip_text_t name, rosehip_text_t name_space);
int32_t entity_create_service(rosehip_runtime_t* runtime, int32_t node, const rosehip_service_config_t* config);
int32_t entity_destroy(rosehip_runtime_t* runtime, int32_t handle);

/* The run is over: everything that was made is kept. */
void entities_keep(rosehip_runtime_t* runtime);
/* Destroys what is kept and not made. */
void entities_sweep(rosehip_runtime_t* runtime);
void entities_free(rosehip_runtime_t* runtime);

/* ---- Requests (request.c) ---------------------------------------------------------------------------------------- */

/*
 *   WAITING   came from the agent; `payload` is the request          -event_next-> SHOWN
 *   SHOWN     the app knows it, payload still here                   -event_take-> HANDLED, -service_reply-> gone
 *   HANDLED   the app has the payload                                -service_reply-> gone, or REPLIED without an agent
 *   REPLIED   `payload` is the response, to be sent when the agent is back                       -sent-> gone
 *   FAULTED   SHOWN or HANDLED when a run ended; to be shown to the next one                 -event_next-> SHOWN
 *
 * WAITING, FAULTED and SHOWN are in `pending`, oldest first; at most the first is SHOWN. The others are in `open`.
 */
typedef enum { REQUEST_WAITING, REQUEST_SHOWN, REQUEST_HANDLED, REQUEST_REPLIED, REQUEST_FAULTED } request_state_t;

typedef struct request {
  struct request* next;
  entity_t* service;
  uint8_t* payload; /* in the arena, or NULL */
  uint32_t length_bytes;
  int32_t token;
  uint8_t identity[ROSEHIP_SAMPLE_IDENTITY_BYTES];
  uint8_t state;    /* request_state_t */
  uint8_t faults;   /* runs that ended while it was being handled */
  bool faulted;     /* SHOWN: as REQUEST_FAULTED */
  bool big_endian;
} request_t;

typedef struct {
  request_t* first;
  request_t* last;
  uint32_t count;
} request_list_t;

/* rosehip_on_request_t of every service; `context` is its entity. */
int request_receive(void* context, const rosehip_request_t* request);

/* True if request_next has something to show. */
bool request_waits(const rosehip_runtime_t* runtime);

/* event_next, event_take and service_reply of the ABI, on checked memory. */
int32_t request_next(rosehip_runtime_t* runtime, uint8_t* record);
int32_t request_take(rosehip_runtime_t* runtime, uint8_t* buffer, uint32_t size_bytes);
int32_t request_reply(rosehip_runtime_t* runtime, int32_t token, const uint8_t* payload, uint32_t length_bytes);

/* Sends replies that waited for the agent. Returns true if one went. */
bool requests_send_replies(rosehip_runtime_t* runtime);
/* The run is over: what was shown is FAULTED. */
void requests_fault(rosehip_runtime_t* runtime);
/* Forgets the requests of a service that goes. */
void requests_drop(rosehip_runtime_t* runtime, const entity_t* service);
/* Forgets all, for the end of the runtime. */
void requests_free(rosehip_runtime_t* runtime);

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
bool app_step(rosehip_runtime_t* runtime, uint64_t now_us);
/* When app_step has something to do without an event. */
uint64_t app_wake_us(const rosehip_runtime_t* runtime, uint64_t now_us);
/* Unloads the run, if any, and keeps what it had for the next. */
void app_stop(rosehip_runtime_t* runtime);

/* ---- ABI (abi.c) ------------------------------------------------------------------------------------------------- */

extern const rosehip_import_t abi_imports[];
extern const size_t abi_import_count;

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
  entity_t** entities;   /* by handle - 1; holes are NULL */
  int32_t entity_count;  /* places in the table */
  request_list_t pending, open;
  int32_t last_token;
  bool refusing;         /* said in the log that requests wait at the agent */
  rosehip_runtime_stats_t stats;
};

/* One log line, to the console and to /rosout. */
void runtime_log(rosehip_runtime_t* runtime, rosehip_severity_t severity, rosehip_text_t logger,
                 rosehip_text_t message);

static inline uint64_t runtime_now_us(const rosehip_runtime_t* runtime) {
  return runtime->port->now_us(runtime->port->context);
}

#endif
