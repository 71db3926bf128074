/*
 * An agent for tests, written against the wire format (and what the Micro XRCE-DDS Agent v2.4.2 was seen to do), not
 * with the codec under test. With it comes a link that loses, doubles and reorders messages, on a virtual clock.
 */
#ifndef FAKE_AGENT_H
#define FAKE_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rosehip/xrce_session.h"

enum { FAKE_MTU = 512, FAKE_MAX_OBJECTS = 64, FAKE_MAX_SAMPLE = 70000, FAKE_WINDOW = 16, FAKE_IN_FLIGHT = 256 };

typedef struct {
  uint64_t due_us;
  bool to_agent;
  bool used;
  size_t length;
  uint8_t bytes[FAKE_MTU];
} fake_packet_t;

typedef struct {
  uint32_t seed;          /* 0: a perfect link. */
  unsigned loss_percent, duplicate_percent;
  uint32_t delay_us, jitter_us;
  bool cut;               /* Nothing arrives. */
  bool busy;              /* send says BUSY. */
  fake_packet_t packets[FAKE_IN_FLIGHT];
  unsigned sent_to_agent, sent_to_client;
  size_t bytes_to_agent, bytes_to_client;
} fake_link_t;

typedef struct {
  uint16_t id;
  uint8_t kind;
  bool reading;
  uint8_t create[700];
  size_t create_length;
} fake_object_t;

typedef struct {
  bool up;
  bool client_known;
  bool moved;                  /* The client's address changed: DELETE before CREATE_CLIENT finds nobody. */
  bool mute_acknowledgements;
  bool hold_replies;           /* Does not handle anything on the reliable stream. */
  uint8_t refuse_status;       /* Not 0: every CREATE gets this STATUS. */
  uint16_t refuse_kind_mask;   /* Kinds that are refused. */
  bool refusal_told;           /* STATUS says that the agent has told of it: Rosehip's own. */
  int64_t clock_offset_us;
  unsigned create_clients, deletes, creates, infos_received;
  uint8_t key[4];
  uint16_t client_mtu;
  char property[32];

  fake_object_t objects[FAKE_MAX_OBJECTS];
  unsigned object_count;

  uint16_t in_expected;
  struct { bool used; size_t length; uint8_t bytes[FAKE_MTU]; } early[FAKE_WINDOW];
  uint16_t in_announced;
  uint8_t assembly[FAKE_MAX_SAMPLE];
  size_t assembly_length;

  uint16_t out_next, out_first;
  uint16_t best_effort_next;
  struct { size_t length; uint8_t bytes[FAKE_MTU]; } out[FAKE_WINDOW];
  uint64_t heartbeat_us;

  /* The last WRITE_DATA, and how many there were. */
  uint8_t written[FAKE_MAX_SAMPLE];
  size_t written_length;
  uint16_t written_object;
  uint16_t written_request_id;
  unsigned writes;
  bool in_fragments;
  void (*on_write)(void* context, uint16_t object_id, const uint8_t* payload, size_t length);
  void* context;
} fake_agent_t;

typedef struct {
  fake_link_t link;
  fake_agent_t agent;
  rosehip_xrce_session_t* session; /* The client under test, by its session ... */
  void (*receive)(void* client, const uint8_t* message, size_t length, uint64_t now_us); /* ... or by these. */
  uint64_t (*poll)(void* client, uint64_t now_us);
  void* client;
  uint64_t now_us;
  uint64_t wake_us;
} fake_world_t;

void fake_world_init(fake_world_t* world, uint32_t seed);

/* For rosehip_xrce_session_config_t.send; context is the world. */
int fake_send(void* world, const uint8_t* message, size_t length);

/* Runs client, link and agent until `now_us` has grown by `duration_us`. */
void fake_run(fake_world_t* world, uint64_t duration_us);

/* Runs until condition(world) holds; false if it does not within limit_us. */
bool fake_run_until(fake_world_t* world, bool (*condition)(fake_world_t* world), uint64_t limit_us);

/* The agent dies and comes back with no memory. */
void fake_agent_restart(fake_agent_t* agent);

/* Sends DATA on the reliable stream in as many messages as it needs. False if the window is full: nothing was sent. */
bool fake_agent_data(fake_world_t* world, uint16_t object_id, uint8_t flags, const uint8_t* payload, size_t length);

/* Sends the STATUS by which a Rosehip agent tells how many remote ends an object has. False if the window is full. */
bool fake_agent_matched(fake_world_t* world, uint16_t object_id, uint8_t status, uint8_t count);

/* Sends one FRAGMENT on the reliable stream. False if the window is full. */
bool fake_agent_fragment(fake_world_t* world, const uint8_t* piece, size_t length, bool last);

/* Sends raw octets as one message to the client. */
void fake_agent_raw(fake_world_t* world, const uint8_t* message, size_t length);

fake_object_t* fake_agent_object(fake_agent_t* agent, uint16_t id);
uint32_t fake_random(uint32_t* seed);

#endif
