/*
 * The client's side of the connection (DDS-XRCE 1.0, 8.4.2-8.4.5).
 *
 *   HELLO    CREATE_CLIENT is sent again with growing pauses. The agent's STATUS_AGENT OK -> FORGET.
 *   FORGET   DELETE of the client: whatever an earlier boot or connection left at the agent must go. It comes after a
 *            first CREATE_CLIENT because the agent finds a client without key in its messages by its address, which may
 *            have changed; and because CREATE_CLIENT of the same key and session id keeps the old objects.
 *            STATUS OK -> CREATE.
 *   CREATE   CREATE_CLIENT again, for an empty client. STATUS_AGENT OK -> CONNECTED.
 *   CONNECTED  Objects are created, samples flow. After PING_PERIOD_US without a message from the agent a GET_INFO asks
 *            for a sign of life. -> HELLO when PING_MISSES in a row stay unanswered, when INFO says that the agent does
 *            not know us (it restarted), when it acknowledges nothing for STALL_TIMEOUT_US, or when the owner says so.
 *
 * There is no final state: HELLO is repeated for ever. Where a connection lasted less than SHORT_CONNECTION, the first
 * HELLO waits: two boards with one client key take the session from each other, and should not do so as fast as they
 * can. The agent drops us after HARD_LIVELINESS of silence, which our pings prevent as long as we live.
 */
#ifndef ROSEHIP_XRCE_CONNECTION_H
#define ROSEHIP_XRCE_CONNECTION_H

#include "message.h"
#include "rosehip/xrce_session.h"

/*
 * An agent that restarts is noticed after PING_PERIOD, or PING_TIMEOUT after it is back. One that says nothing at all is
 * given up after PING_PERIOD + 10 * PING_TIMEOUT = 3.5 s: it may only stand still, on a loaded machine, and a connection
 * that is given up takes the calls under way with it.
 */
enum {
  RETRY_MIN_US = 50 * 1000,
  RETRY_MAX_US = 500 * 1000,
  PING_PERIOD_US = 500 * 1000,
  PING_TIMEOUT_US = 300 * 1000,
  PING_MISSES = 10,
  SHORT_CONNECTION_US = 2 * 1000 * 1000,
};
#define HARD_LIVELINESS_MS "003000" /* uxr_hl: six digits, in milliseconds */

typedef enum { STEP_HELLO, STEP_FORGET, STEP_CREATE, STEP_CONNECTED } connection_step_t;

typedef struct {
  connection_step_t step;
  uint64_t due_us;     /* Before CONNECTED: when to send the step's message (again). CONNECTED: when to ping. */
  uint32_t retry_us;   /* The pause before the next repetition. */
  uint64_t since_us;   /* CONNECTED: since when. */
  uint8_t pings_unanswered;
  bool disowned;       /* INFO said that the agent does not know us: lost once that message is read. */
  bool info_due;       /* The agent asked whether we live. */
  uint8_t info_request[4]; /* Its request id and object id. */
} connection_t;

void rh_connection_init(rosehip_xrce_session_t* session, uint64_t now_us);

/* Sends the step's message or a ping if due. False if the link said BUSY. */
bool rh_connection_flush(rosehip_xrce_session_t* session, uint64_t now_us);

/* Any message from the agent to us: a sign of life. */
void rh_connection_on_message(rosehip_xrce_session_t* session, uint64_t now_us);

/* Each returns false if the submessage does not decode. */
bool rh_connection_on_status_agent(rosehip_xrce_session_t* session, const submessage_t* submessage, uint64_t now_us);
bool rh_connection_on_info(rosehip_xrce_session_t* session, const submessage_t* submessage);
bool rh_connection_on_get_info(rosehip_xrce_session_t* session, const submessage_t* submessage);

/* STATUS of the DELETE of the client. */
void rh_connection_on_client_deleted(rosehip_xrce_session_t* session, uint64_t now_us);

/* Gives the connection up and starts again at HELLO. `cause` is one of the losses_ counters, or NULL. */
void rh_connection_lose(rosehip_xrce_session_t* session, uint32_t* cause, uint64_t now_us);

/* Sends the DELETE of the client. Returns what `send` returned. */
int rh_connection_send_delete(rosehip_xrce_session_t* session);

#endif
