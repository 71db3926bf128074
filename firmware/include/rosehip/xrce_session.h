/*
 * DDS-XRCE client (OMG DDS-XRCE 1.0): one session with one agent, and the objects it keeps there.
 *
 * Sans-IO: memory comes from the arena, the clock is the `now_us` argument (monotonic, in microseconds, from any
 * origin), bytes leave by the `send` callback. Nothing blocks. Nothing is sent except from rosehip_xrce_session_poll.
 *
 *   loop:  every message from the framing  -> rosehip_xrce_session_receive(session, message, length, now_us)
 *          then                            -> wake_us = rosehip_xrce_session_poll(session, now_us)
 *          sleep until wake_us or input
 *
 * Objects live as long as their owner wants, whatever the link does: they are created at the agent on every new
 * connection, in the order in which they were made here, and reading is asked for again. There is no build-time
 * number of anything; the arena is the limit.
 *
 * Not thread-safe: all calls for one session come from one loop. Calls allowed inside callbacks are named there.
 */
#ifndef ROSEHIP_XRCE_SESSION_H
#define ROSEHIP_XRCE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rosehip/arena.h"
#include "rosehip/error.h"
#include "rosehip/text.h"

typedef struct rosehip_xrce_session rosehip_xrce_session_t; /* In the arena; opaque. */
typedef struct rosehip_xrce_object rosehip_xrce_object_t;   /* In the arena; opaque. */

/* poll: nothing to do until something is received or a call is made. */
#define ROSEHIP_NEVER_US UINT64_MAX

/* ---- Session ------------------------------------------------------------------------------------------- */

typedef enum {
  ROSEHIP_XRCE_CONNECTING, /* CREATE_CLIENT is repeated until an agent answers. */
  ROSEHIP_XRCE_CONNECTED,  /* The agent knows us; objects are being created or exist. */
} rosehip_xrce_state_t;

typedef struct {
  rosehip_arena_t* arena; /* Borrowed as long as the session lives. */
  uint8_t client_key[4];  /* The board's unique id; not all 0. The same after every boot. */
  uint16_t mtu_bytes;     /* Largest message of the link, 72 to 65,535. Announced to the agent. */
  uint8_t window_messages; /* Reliable messages on their way to the agent at one time, 1 to 16; 0 means 16. */
  uint32_t sample_limit_bytes; /* Largest sample, in or out; 0 means 16,384. More than an MTU travels in fragments. */
  uint32_t queue_limit_bytes;  /* Bound of all samples waiting to leave, with 16 octets for each message; 0 means
                                  2 * sample_limit_bytes. What does not fit gives ROSEHIP_ERROR_BUSY. */

  /*
   * Sends one message of at most mtu_bytes, borrowed for the call. Returns ROSEHIP_OK if the link took all of it, or
   * ROSEHIP_ERROR_BUSY if it can take nothing now: poll offers it again. Must call nothing of this session.
   */
  int (*send)(void* context, const uint8_t* message, size_t length_bytes);

  /* The state changed. May be NULL. Must not call receive, poll or destroy. */
  void (*on_state)(void* context, rosehip_xrce_state_t state);

  /*
   * The agent refused an object with this STATUS (Table 7.8: 0x80 DDS_ERROR ... 0x87 RESOURCES). It is tried again
   * every 5 s; called again only for another STATUS or connection. May be NULL. Must not call receive, poll or destroy.
   */
  void (*on_refused)(void* context, rosehip_xrce_object_t* object, uint8_t status);

  /* rosehip_xrce_object_matched of some object changed. May be NULL. Must not call receive, poll or destroy. */
  void (*on_matched)(void* context);

  /* A sample of this length for some object finds no memory and waits; at each try. As on_matched. */
  void (*on_waits)(void* context, const rosehip_xrce_object_t* object, size_t length_bytes);

  void* context; /* Passed to the callbacks above. */
} rosehip_xrce_session_config_t;

/* One count each; all wrap at 2^32. */
typedef struct {
  uint32_t connections;           /* Times an agent accepted us. */
  uint32_t connections_refused;   /* STATUS_AGENT with an error, e.g. an agent of another major version. */
  uint32_t losses_silent;         /* Connections given up: ten pings unanswered. */
  uint32_t losses_unknown;        /* Connections given up: the agent said that it does not know us. */
  uint32_t losses_stalled;        /* Connections given up: the agent is there, but acknowledges nothing. */
  uint32_t messages_received;
  uint32_t messages_sent;
  uint32_t messages_resent;       /* Reliable messages sent again because the agent missed them. */
  uint32_t messages_duplicate;    /* Reliable messages received again. */
  uint32_t messages_skipped;      /* Reliable messages that the agent took back before they arrived. */
  uint32_t best_effort_lost;      /* Best-effort messages that never arrived. */
  uint32_t malformed;             /* Messages or submessages that do not decode; the rest of the message is dropped. */
  uint32_t foreign_session;       /* Messages of another session or stream. */
  uint32_t unknown_submessages;   /* Passed over by their length. */
  uint32_t unknown_objects;       /* DATA for an object that does not exist here (any more). */
  uint32_t samples_received;
  uint32_t samples_sent;
  uint32_t samples_too_large;     /* Incoming, over sample_limit_bytes, or no memory for them in 5 s: their objects were
                                     told. */
  uint32_t samples_dropped;       /* Incoming: no memory in 5 s, not even for telling their objects. */
  uint32_t samples_lost;          /* Outgoing, queued when the connection was lost, and not kept. */
  uint32_t input_out_of_memory;   /* Reliable messages dropped for want of memory; the agent sends them again. */
  uint32_t create_out_of_memory;  /* CREATEs delayed for want of memory. */
  uint32_t objects_refused;       /* CREATEs answered with an error STATUS. */
} rosehip_xrce_stats_t;

/*
 * Makes a session in state CONNECTING and returns it in *session. Returns ROSEHIP_OK, ROSEHIP_ERROR_INVALID_ARGUMENT
 * (a field out of the range given beside it) or ROSEHIP_ERROR_OUT_OF_MEMORY. *config is copied.
 */
int rosehip_xrce_session_create(const rosehip_xrce_session_config_t* config, uint64_t now_us,
                                rosehip_xrce_session_t** session);

/* Frees the session and all its objects. Nothing is sent: see rosehip_xrce_session_close. NULL is allowed. */
void rosehip_xrce_session_destroy(rosehip_xrce_session_t* session);

/*
 * Tells the agent to forget us and everything we made (DELETE of the client), for an orderly stop. Sent once from
 * here; afterwards only destroy may be called. Returns what `send` returned.
 */
int rosehip_xrce_session_close(rosehip_xrce_session_t* session);

/*
 * Takes one message. Never fails: what does not decode is counted. Calls the callbacks of objects, on_state and
 * on_refused. Cost: O(length_bytes).
 */
void rosehip_xrce_session_receive(rosehip_xrce_session_t* session, const uint8_t* message, size_t length_bytes,
                                  uint64_t now_us);

/*
 * Offers kept samples again, acknowledges, creates objects, sends, resends and pings. Call it after every receive,
 * after every call that queued something, when room was made for a sample that was refused with BUSY, and at the
 * time that it returned. Returns the time in microseconds at which it wants to be called at the latest; if `send`
 * said BUSY, that is at most 1 ms away.
 */
uint64_t rosehip_xrce_session_poll(rosehip_xrce_session_t* session, uint64_t now_us);

/* The transport was opened again: gives up the connection at once and starts a new one. */
void rosehip_xrce_session_reconnect(rosehip_xrce_session_t* session, uint64_t now_us);

rosehip_xrce_state_t rosehip_xrce_session_state(const rosehip_xrce_session_t* session);
const rosehip_xrce_stats_t* rosehip_xrce_session_stats(const rosehip_xrce_session_t* session);

/*
 * The agent's time: nanoseconds since 1970-01-01 UTC, or 0 before the first TIMESTAMP_REPLY. Never goes backward: after
 * the agent's clock was set back, it runs at half speed until the two agree. Cost: constant.
 */
int64_t rosehip_xrce_session_epoch_time_ns(rosehip_xrce_session_t* session, uint64_t now_us);

/* Octets of the send queue in use; for tests and reports. */
size_t rosehip_xrce_session_queued_bytes(const rosehip_xrce_session_t* session);

/* ---- Objects ------------------------------------------------------------------------------------------- */

/*
 * The functions below make an object and return it in *object; ROSEHIP_ERROR_OUT_OF_MEMORY or
 * ROSEHIP_ERROR_TOO_LARGE (a CREATE over sample_limit_bytes) otherwise. Texts are copied. Parents must be of the kind
 * that the parameter's name says (asserted) and of the same session. It is created at the agent by the next polls.
 */

typedef enum {
  ROSEHIP_QOS_RELIABLE = 0x01,
  ROSEHIP_QOS_KEEP_LAST = 0x02,
  ROSEHIP_QOS_TRANSIENT_LOCAL = 0x08,
} rosehip_qos_flags_t;

typedef struct {
  uint16_t flags;        /* rosehip_qos_flags_t. Without RELIABLE: best effort, and on the session's best-effort stream,
                            unless a sample needs fragments, which only the reliable one has. */
  uint16_t depth;        /* With KEEP_LAST; at least 1. */
  uint32_t lifespan_ms;  /* Datawriter only; 0 means for ever. */
  uint32_t deadline_ms;  /* 0: none. */
  uint32_t lease_ms;     /* Liveliness lease; 0: infinite. */
  bool manual_by_topic;  /* Liveliness: publishing asserts it; else automatic, by the agent. */
} rosehip_qos_t;

/* SHA-256 part of a RIHS01 type hash; NULL or all 0 means unknown. */
enum { ROSEHIP_TYPE_HASH_BYTES = 32 };

/* SampleIdentity (DDS-RPC 1.0): guidPrefix[12], entityId[4], sequence number high i32, low u32. Opaque octets here. */
enum { ROSEHIP_SAMPLE_IDENTITY_BYTES = 24 };

/* An incoming sample. All pointers are borrowed for the call. */
typedef struct {
  const uint8_t* payload; /* CDR without encapsulation header. Not aligned. */
  size_t length_bytes;
  size_t too_large_bytes; /* Not 0: the sample is of that length, over sample_limit_bytes; the payload is gone: NULL. */
  bool no_memory;         /* With too_large_bytes: it is within the limit, but there was no memory for it in 5 s. */
  bool big_endian;
  const uint8_t* identity; /* Replier: the 24 octets of the SampleIdentity. Otherwise NULL. */
  uint16_t request_id;     /* Requester: as rosehip_xrce_request returned it. Otherwise 0. */
} rosehip_xrce_sample_t;

/*
 * Takes one sample. Returns ROSEHIP_OK if it was taken, or ROSEHIP_ERROR_BUSY to be offered it again by a later poll:
 * on the reliable stream nothing behind it is acknowledged until then, so the agent waits too. ROSEHIP_ERROR_OUT_OF_MEMORY
 * does the same, but not for ever: after 5 s, or at once if the object is best-effort, the sample is offered without its
 * payload, as no_memory. May write, make and delete objects (also its own); must not call receive, poll or destroy.
 */
typedef int (*rosehip_xrce_on_sample_t)(void* context, const rosehip_xrce_sample_t* sample);

typedef struct {
  rosehip_text_t service_name; /* e.g. "add_two_ints" */
  rosehip_text_t request_type, reply_type;
  rosehip_text_t request_topic, reply_topic;
  const uint8_t* request_type_hash; /* ROSEHIP_TYPE_HASH_BYTES or NULL */
  const uint8_t* reply_type_hash;
} rosehip_xrce_service_t;

int rosehip_xrce_participant_create(rosehip_xrce_session_t* session, uint16_t domain_id, rosehip_text_t name,
                                    rosehip_xrce_object_t** object);
int rosehip_xrce_topic_create(rosehip_xrce_object_t* participant, rosehip_text_t name, rosehip_text_t type,
                              rosehip_xrce_object_t** object);
int rosehip_xrce_publisher_create(rosehip_xrce_object_t* participant, rosehip_xrce_object_t** object);
int rosehip_xrce_subscriber_create(rosehip_xrce_object_t* participant, rosehip_xrce_object_t** object);
int rosehip_xrce_datawriter_create(rosehip_xrce_object_t* publisher, rosehip_xrce_object_t* topic, rosehip_qos_t qos,
                                   const uint8_t* type_hash, rosehip_xrce_object_t** object);
int rosehip_xrce_datareader_create(rosehip_xrce_object_t* subscriber, rosehip_xrce_object_t* topic, rosehip_qos_t qos,
                                   const uint8_t* type_hash, rosehip_xrce_on_sample_t on_sample, void* context,
                                   rosehip_xrce_object_t** object);
int rosehip_xrce_requester_create(rosehip_xrce_object_t* participant, const rosehip_xrce_service_t* service,
                                  rosehip_xrce_on_sample_t on_reply, void* context, rosehip_xrce_object_t** object);
int rosehip_xrce_replier_create(rosehip_xrce_object_t* participant, const rosehip_xrce_service_t* service,
                                rosehip_xrce_on_sample_t on_request, void* context, rosehip_xrce_object_t** object);

/*
 * Deletes an object here and, if it exists there, at the agent. The pointer is dead afterwards. Its children are not
 * touched: delete them first (asserted).
 */
void rosehip_xrce_object_delete(rosehip_xrce_object_t* object);

/* Object kinds of the standard (7.8.3); also the low four bits of an object id. */
typedef enum {
  ROSEHIP_XRCE_PARTICIPANT = 0x1,
  ROSEHIP_XRCE_TOPIC = 0x2,
  ROSEHIP_XRCE_PUBLISHER = 0x3,
  ROSEHIP_XRCE_SUBSCRIBER = 0x4,
  ROSEHIP_XRCE_DATAWRITER = 0x5,
  ROSEHIP_XRCE_DATAREADER = 0x6,
  ROSEHIP_XRCE_REQUESTER = 0x7,
  ROSEHIP_XRCE_REPLIER = 0x8,
} rosehip_xrce_kind_t;

rosehip_xrce_kind_t rosehip_xrce_object_kind(const rosehip_xrce_object_t* object);

/*
 * What people know the object by: the name of a participant, topic or service; of its topic for a datawriter or
 * datareader, of its participant for a publisher or subscriber. Borrowed from the object.
 */
rosehip_text_t rosehip_xrce_object_name(const rosehip_xrce_object_t* object);

/* True while the agent is known to hold the object. */
bool rosehip_xrce_object_ready(const rosehip_xrce_object_t* object);

/*
 * How many remote ends the agent has matched with a datawriter, datareader, requester (servers) or replier: 0 to 255,
 * the last meaning that or more; or ROSEHIP_XRCE_MISMATCH if there are only ends that do not fit. 0 without an agent,
 * and with agents other than Rosehip's.
 */
enum { ROSEHIP_XRCE_MISMATCH = 0x10000 };
int rosehip_xrce_object_matched(const rosehip_xrce_object_t* object);

/* In on_refused: true if the agent has said why in its log and on /rosout, so that nobody else needs to. */
bool rosehip_xrce_session_refusal_told(const rosehip_xrce_session_t* session);

/* True if the agent of this connection tells about matches: it has done so. */
bool rosehip_xrce_session_tells_matches(const rosehip_xrce_session_t* session);

/*
 * Queue one sample (CDR without encapsulation header, little-endian), copied. They return ROSEHIP_OK (request: the
 * request id, 10 to 65,535), ROSEHIP_ERROR_DISCONNECTED (object not ready), ROSEHIP_ERROR_TOO_LARGE,
 * ROSEHIP_ERROR_BUSY (queue_limit_bytes reached, or no memory as long as the queue has some) or
 * ROSEHIP_ERROR_OUT_OF_MEMORY. Cost: one copy.
 */
int rosehip_xrce_write(rosehip_xrce_object_t* datawriter, const uint8_t* payload, size_t length_bytes);
int rosehip_xrce_request(rosehip_xrce_object_t* requester, const uint8_t* payload, size_t length_bytes);
/* `identity`: the 24 octets that came with the request. */
int rosehip_xrce_reply(rosehip_xrce_object_t* replier, const uint8_t* identity, const uint8_t* payload,
                       size_t length_bytes);

#endif
