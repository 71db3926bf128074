/*
 * The firmware as one object: the ROS 2 context on one side, the app's module on the other.
 *
 * Sans-IO: memory comes from the arena, time from the port's clock, octets leave by the port's `write`. A board calls
 * rosehip_runtime_run; a board with a loop of its own, or a test, calls ingest and step.
 *
 * An app that traps, runs out of its time or out of memory does no harm: the reason is logged, and the module runs
 * anew with fresh memory. Its nodes and all they have stay in the graph meanwhile; what the new run makes again (same
 * kind, name, types and QoS) is taken over, the others go when its first poll is over. Requests that were being handled
 * come back to the new run as REQUEST_FAULTED, so that it can answer them with an error; the others wait for it. An
 * app that traps without having been given a request starts again after 1, 2, 4 ... 30 seconds.
 *
 * Not thread-safe.
 */
#ifndef ROSEHIP_RUNTIME_H
#define ROSEHIP_RUNTIME_H

#include "rosehip/app_slot.h"
#include "rosehip/engine.h"
#include "rosehip/port.h"

typedef struct rosehip_runtime rosehip_runtime_t; /* In the arena; opaque. */

/* Apps over the link (docs/deploy.md): opaque, and linked only if a configuration names it. */
typedef struct rosehip_deployment rosehip_deployment_t;
extern const rosehip_deployment_t rosehip_deployment;

typedef struct {
  rosehip_arena_t* arena;      /* Borrowed as long as the runtime lives; all its memory comes from here. */
  const rosehip_port_t* port;  /* Borrowed as long as the runtime lives. */
  uint8_t client_key[4];       /* The board's unique id, not all 0; the same after each boot. */
  uint16_t domain_id;          /* ROS_DOMAIN_ID, 0 to 232. */
  uint32_t sample_limit_bytes; /* Largest request, response or message; 0 means 16,384. */
  uint32_t budget_us;          /* Longest time the app may run without giving control back; 0 means 1 s. */
  uint32_t stack_bytes;        /* Operand stack of the app; 0 means 8,192. */
  uint32_t memory_limit_bytes; /* Most linear memory an app may ask for; 0: the arena is the bound. */
  uint16_t waiting_limit;      /* Requests that wait for the app; more wait at the agent. 0 means 16. */
  uint16_t request_limit;      /* Requests waiting, being handled or with a reply that waits. 0 means 256. */
  uint16_t call_limit;         /* Calls of the app's clients in flight, and responses that wait. 0 means 64. */
  uint32_t sample_queue_bytes; /* Messages that wait for the app, all together; 0 means 2 * sample_limit_bytes. */
  /* &rosehip_deployment: apps come over the link into the port's app_flash, if it has one and the engine takes modules;
     sample_limit_bytes is then at least 384. NULL: they do not. */
  const rosehip_deployment_t* deployment;
  rosehip_app_verify_t app_verify; /* NULL: by the key that is compiled in; if there is none, no signature is needed. */
  uint16_t health_ms;          /* Time for which a new app has to run before it is kept; 0 means 3,000. */
} rosehip_runtime_config_t;

/* One count each; all wrap at 2^32. */
typedef struct {
  uint32_t requests;           /* Taken from the agent. */
  uint32_t requests_refused;   /* Left at the agent for now: a limit was reached or the arena was full. */
  uint32_t replies;            /* Handed to the session. */
  uint32_t requests_faulted;   /* Were being handled when the app stopped. */
  uint32_t requests_dropped;   /* Never answered: their service went, or they made the app trap again and again. */
  uint32_t calls;              /* Requests of the app's clients, handed to the session. */
  uint32_t responses;          /* That came for them. */
  uint32_t responses_late;     /* That came for no call (any more). */
  uint32_t published;          /* Messages of the app's publishers, handed to the session or retained. */
  uint32_t samples;            /* Messages taken for the app's subscriptions. */
  uint32_t samples_dropped;    /* Of them or before: gone because the app was too slow. */
  uint32_t app_starts;         /* Runs begun. */
  uint32_t app_faults;         /* Runs ended by a trap or the time budget. */
} rosehip_runtime_stats_t;

/* ROSEHIP_OK, ROSEHIP_ERROR_INVALID_ARGUMENT or ROSEHIP_ERROR_OUT_OF_MEMORY. *config is copied. There is no app yet. */
int rosehip_runtime_create(const rosehip_runtime_config_t* config, rosehip_runtime_t** runtime);

/* Leaves the graph if the link takes one more message, and frees everything. NULL is allowed. */
void rosehip_runtime_destroy(rosehip_runtime_t* runtime);

/*
 * Makes `module` (borrowed until it is replaced or the runtime is destroyed) the app; the first step runs it. The app
 * before it is stopped as by a fault, except that nothing is logged as an error. Results and `reason` as
 * rosehip_engine_load: on ROSEHIP_ERROR_MALFORMED there is no app; after ROSEHIP_ERROR_OUT_OF_MEMORY it is tried again
 * by later steps.
 */
int rosehip_runtime_load(rosehip_runtime_t* runtime, const uint8_t* module, size_t module_bytes, char* reason,
                         size_t reason_bytes);

/*
 * Begins with the newest good app in the port's app_flash, or with `factory` (borrowed as long as the runtime lives),
 * which may be NULL then. Without a deployment, or what it needs, the same as rosehip_runtime_load of `factory`, with its
 * results; else ROSEHIP_OK: a board without an app waits for one.
 */
int rosehip_runtime_start(rosehip_runtime_t* runtime, const uint8_t* factory, size_t factory_bytes, char* reason,
                          size_t reason_bytes);

/* Takes octets from the link, any number at a time (DATAGRAM: exactly one datagram). Never fails. */
void rosehip_runtime_ingest(rosehip_runtime_t* runtime, const uint8_t* bytes, size_t length_bytes, uint64_t now_us);

/* The link was opened again: begins a new session at once. */
void rosehip_runtime_reconnect(rosehip_runtime_t* runtime, uint64_t now_us);

/*
 * Does what is to be done now: the session's work, and the app's if it has an event or asked for this time. Returns
 * the time at which it wants to be called again at the latest; call it after each ingest, too.
 */
uint64_t rosehip_runtime_step(rosehip_runtime_t* runtime, uint64_t now_us);

/* True if octets wait for the link to take them. */
bool rosehip_runtime_output_waits(const rosehip_runtime_t* runtime);

/* Reads, steps and sleeps until the port's `sleep` returns false. */
void rosehip_runtime_run(rosehip_runtime_t* runtime);

/* Writes one line of the firmware's own to the log: the console, and /rosout when there is a node. */
void rosehip_runtime_log(rosehip_runtime_t* runtime, rosehip_severity_t severity, const char* message);

const rosehip_runtime_stats_t* rosehip_runtime_stats(const rosehip_runtime_t* runtime);

/* For reports and tests: the session behind it. */
const rosehip_context_t* rosehip_runtime_context(const rosehip_runtime_t* runtime);

#endif
