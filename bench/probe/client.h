/*
 * One DDS-XRCE client of the bench: the firmware's session and framing on a link of the posix port, nothing else.
 * So what is measured is the agent, and the same octets can be sent to any agent.
 */
#ifndef ROSEHIP_BENCH_CLIENT_H
#define ROSEHIP_BENCH_CLIENT_H

#include "posix/link.h"
#include "rosehip/framing.h"
#include "rosehip/xrce_session.h"

enum {
  CLIENT_ARENA_BYTES = 131072,
  CLIENT_MTU_LIMIT_BYTES = 1400, /* the largest of the posix links */
};

typedef struct {
  posix_link_t link;
  rosehip_framing_t framing;
  rosehip_arena_t arena;
  rosehip_xrce_session_t* session;
  rosehip_xrce_object_t* participant;
  uint8_t* memory;
  uint8_t input[CLIENT_MTU_LIMIT_BYTES];
  uint8_t output[2 * CLIENT_MTU_LIMIT_BYTES + 16]; /* one encoded frame, of which start..end has not left */
  size_t output_start, output_end;
} client_t;

uint64_t client_now_ns(void);
uint64_t client_now_us(void);

/* Opens the link by its option ("--udp", "--tcp", "--pty") and makes session and participant; false, with the reason on
 * standard error, if that cannot be. */
bool client_open(client_t* client, const char* link_option, const char* target, uint32_t key, uint16_t domain_id,
                 const char* name);
void client_close(client_t* client);

/* Takes all that has come. Callbacks of objects run inside. */
void client_receive(client_t* client);

/* Sends what is to be sent; returns when it wants to be called again, in microseconds. */
uint64_t client_send(client_t* client);

#endif
