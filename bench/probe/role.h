/* What a client of the bench does with its session. */
#ifndef ROSEHIP_BENCH_ROLE_H
#define ROSEHIP_BENCH_ROLE_H

#include "client.h"

typedef struct {
  const char* role;
  const char* link_option;
  const char* target;
  const char* service; /* or topic; with several clients, each appends its number */
  const char* type;    /* DDS name without its ending: pkg::srv::dds_::Name or pkg::msg::dds_::Name */
  uint32_t key;        /* of the first client; the others count up */
  uint16_t domain_id;
  int clients;
  uint32_t size_bytes;       /* of a request or a sample */
  uint32_t reply_size_bytes; /* of a reply: the first octets of the request */
  uint32_t count;            /* calls or samples that are measured */
  uint32_t warm_up;          /* calls before them that are not */
  uint32_t settle_ms;        /* from "ready" to the first sample: the agent matches the endpoints meanwhile */
} options_t;

typedef struct {
  /* Makes the entities of client `index`. */
  bool (*open)(client_t* client, const options_t* options, int index);
  /* Client `index` has taken what came; *wake_us is lowered if the role wants to be called again. False: it is done. */
  bool (*step)(client_t* client, int index, uint64_t* wake_us);
  bool (*ready)(int index);
} role_t;

extern const role_t role_replier, role_requester, role_publisher, role_subscriber;

#endif
