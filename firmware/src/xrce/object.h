/*
 * Objects (DDS-XRCE 1.0, 7.8.3, 8.3.5.2-8.3.5.4): what the client wants the agent to hold, and what it does hold.
 *
 *   WANTED     to be created; rh_object_pump queues its CREATE, and READ_DATA if it reads -> REQUESTED
 *   REQUESTED  STATUS OK -> READY; STATUS error -> REFUSED; no STATUS for RETRY -> WANTED
 *   READY      samples may be written
 *   REFUSED    -> WANTED every RETRY
 *   DELETED    dead for its owner, in a list of its own; rh_object_pump queues a DELETE if the agent may hold it, and
 *              frees it
 *
 * When the connection is lost all are WANTED again, except the DELETED, which are freed.
 */
#ifndef ROSEHIP_XRCE_OBJECT_H
#define ROSEHIP_XRCE_OBJECT_H

#include "message.h"
#include "rosehip/xrce_session.h"

enum {
  OBJECT_RETRY_US = 5 * 1000 * 1000,
  REQUEST_ID_FIRST = 10,
  REQUEST_ID_DELETE_CLIENT = 2,
  REQUEST_ID_MATCHED = 0, /* Of STATUS: nobody asked; the number of matched remote ends is another. */
};

typedef enum { OBJECT_WANTED, OBJECT_REQUESTED, OBJECT_READY, OBJECT_REFUSED, OBJECT_DELETED } object_state_t;

struct rosehip_xrce_object {
  rosehip_xrce_object_t* next; /* In the order in which they were made: parents first. */
  rosehip_xrce_session_t* session;
  rosehip_xrce_object_t* parent; /* NULL for a participant. */
  rosehip_xrce_object_t* topic;  /* Of a datawriter or datareader. */
  rosehip_xrce_on_sample_t on_sample;
  void* context;
  uint64_t requested_us;
  uint16_t id;
  uint16_t request_id;      /* Of the last CREATE. */
  uint16_t read_request_id; /* Of the last READ_DATA. */
  uint16_t children;        /* Objects that name this one as parent or topic. */
  uint8_t state;            /* object_state_t */
  bool reliable;
  bool at_agent;            /* A CREATE was queued on this connection. */
  bool mismatch;            /* Remote ends are there, but none that fits. */
  uint8_t matched;          /* Remote ends that the agent has told of. */
  uint8_t refused;          /* STATUS that on_refused has told; STATUS_OK: none since it was last READY. */
  uint32_t create_bytes;
  uint8_t create[]; /* Payload of its CREATE; the first two octets take the request id. */
};

bool rh_object_reads(const rosehip_xrce_object_t* object);

/* A new object in state WANTED with room for its CREATE payload, and an id no other has. NULL: no memory. */
rosehip_xrce_object_t* rh_object_new(rosehip_xrce_session_t* session, rosehip_xrce_kind_t kind, size_t create_bytes);

/* NULL if there is none. */
rosehip_xrce_object_t* rh_object_find(rosehip_xrce_session_t* session, uint16_t id);

uint16_t rh_object_next_request_id(rosehip_xrce_session_t* session);

/* Queues CREATE, READ_DATA and DELETE as the stream has room. True if none is left to queue. */
bool rh_object_pump(rosehip_xrce_session_t* session, uint64_t now_us);

/* When rh_object_pump has to look at silent or refused objects again; ROSEHIP_NEVER_US if all are READY. */
uint64_t rh_object_deadline_us(const rosehip_xrce_session_t* session);

/* False if it does not decode. */
bool rh_object_on_status(rosehip_xrce_session_t* session, const submessage_t* submessage, uint64_t now_us);

/* The connection was lost: nothing exists at the agent. */
void rh_object_reset_all(rosehip_xrce_session_t* session);

/* While there is no connection, nothing has to be told to the agent. */
void rh_object_free_deleted(rosehip_xrce_session_t* session);
void rh_object_free_all(rosehip_xrce_session_t* session);

#endif
