#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rosehip/error.h"

uint64_t client_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t client_now_us(void) {
  return client_now_ns() / 1000;
}

static void flush(client_t* client) {
  while (client->output_start < client->output_end) {
    const int taken = posix_link_write(&client->link, client->output + client->output_start,
                                       client->output_end - client->output_start, client_now_us());
    if (taken <= 0) return;
    client->output_start += (size_t)taken;
  }
}

/* `send` of the session. */
static int send_message(void* context, const uint8_t* message, size_t length_bytes) {
  client_t* client = context;
  if (client->link.kind == ROSEHIP_FRAMING_DATAGRAM) {
    return posix_link_write(&client->link, message, length_bytes, client_now_us()) > 0 ? ROSEHIP_OK : ROSEHIP_ERROR_BUSY;
  }
  flush(client);
  if (client->output_start < client->output_end) return ROSEHIP_ERROR_BUSY;
  const int encoded =
      rosehip_framing_encode(&client->framing, message, length_bytes, client->output, sizeof client->output);
  if (encoded < 0) return encoded;
  client->output_start = 0;
  client->output_end = (size_t)encoded;
  flush(client);
  return ROSEHIP_OK;
}

static void receive_message(void* context, const uint8_t* message, size_t length_bytes) {
  client_t* client = context;
  rosehip_xrce_session_receive(client->session, message, length_bytes, client_now_us());
}

/* A benchmark in which the agent refuses something measures nothing. */
static void on_refused(void* context, rosehip_xrce_object_t* object, uint8_t status) {
  (void)context;
  (void)object;
  fprintf(stderr, "error: the agent refuses an entity with status 0x%02x\n", status);
  exit(1);
}

static bool open_link(posix_link_t* link, const char* option, const char* target) {
  if (strcmp(option, "--udp") == 0) return posix_link_open_udp(link, target);
  if (strcmp(option, "--tcp") == 0) return posix_link_open_tcp(link, target);
  return posix_link_open_pty(link, target);
}

static bool open_session(client_t* client, uint32_t key, uint16_t domain_id, const char* name) {
  rosehip_xrce_session_config_t config = {
      .arena = &client->arena,
      .mtu_bytes = client->link.mtu_bytes,
      .send = send_message,
      .on_refused = on_refused,
      .context = client,
  };
  const rosehip_framing_config_t framing = {
      .kind = client->link.kind,
      .buffer = client->input,
      .buffer_bytes = client->link.mtu_bytes,
      .local_address = 1,
      .on_message = receive_message,
      .context = client,
  };
  for (int i = 0; i < 4; i++) config.client_key[i] = (uint8_t)(key >> (24 - 8 * i));
  rosehip_arena_init(&client->arena, client->memory, CLIENT_ARENA_BYTES);
  return rosehip_framing_init(&client->framing, &framing) == ROSEHIP_OK &&
         rosehip_xrce_session_create(&config, client_now_us(), &client->session) == ROSEHIP_OK &&
         rosehip_xrce_participant_create(client->session, domain_id, (rosehip_text_t){name, strlen(name)},
                                         &client->participant) == ROSEHIP_OK;
}

bool client_open(client_t* client, const char* link_option, const char* target, uint32_t key, uint16_t domain_id,
                 const char* name) {
  *client = (client_t){.link = {.fd = -1}};
  if (!open_link(&client->link, link_option, target)) return false;
  client->memory = malloc(CLIENT_ARENA_BYTES);
  if (client->memory != NULL && open_session(client, key, domain_id, name)) return true;
  fputs("error: no memory for a client\n", stderr);
  return false;
}

void client_close(client_t* client) {
  if (client->session != NULL) {
    rosehip_xrce_session_close(client->session);
    flush(client);
    rosehip_xrce_session_destroy(client->session);
  }
  posix_link_close(&client->link);
  free(client->memory);
}

void client_receive(client_t* client) {
  enum { READS = 32 };
  uint8_t octets[2048];
  for (int i = 0; i < READS; i++) {
    const int count = posix_link_read(&client->link, octets, sizeof octets, client_now_us());
    if (count == ROSEHIP_ERROR_DISCONNECTED) {
      client->output_start = client->output_end = 0;
      rosehip_framing_reset(&client->framing);
      rosehip_xrce_session_reconnect(client->session, client_now_us());
    }
    if (count <= 0) return;
    rosehip_framing_receive(&client->framing, octets, (size_t)count);
  }
}

uint64_t client_send(client_t* client) {
  flush(client);
  const uint64_t wake_us = rosehip_xrce_session_poll(client->session, client_now_us());
  return !client->link.up && client->link.retry_us < wake_us ? client->link.retry_us : wake_us;
}
