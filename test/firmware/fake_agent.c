#include "fake_agent.h"

#include <assert.h>
#include <string.h>

static void agent_receive(fake_world_t* world, const uint8_t* message, size_t length);
static void agent_poll(fake_world_t* world);

uint32_t fake_random(uint32_t* seed) { /* xorshift32 */
  *seed ^= *seed << 13;
  *seed ^= *seed >> 17;
  *seed ^= *seed << 5;
  return *seed;
}

/* ---- Link ---------------------------------------------------------------------------------------------------------- */

static void put_packet(fake_world_t* world, bool to_agent, const uint8_t* message, size_t length) {
  fake_link_t* link = &world->link;
  assert(length <= FAKE_MTU);
  if (to_agent) {
    link->sent_to_agent++;
    link->bytes_to_agent += length;
  } else {
    link->sent_to_client++;
    link->bytes_to_client += length;
  }
  unsigned copies = 1;
  if (link->seed != 0) {
    if (fake_random(&link->seed) % 100 < link->loss_percent) return;
    if (fake_random(&link->seed) % 100 < link->duplicate_percent) copies = 2;
  }
  for (int i = 0; i < FAKE_IN_FLIGHT && copies > 0; i++) {
    fake_packet_t* packet = &link->packets[i];
    if (packet->used) continue;
    packet->used = true;
    packet->to_agent = to_agent;
    packet->length = length;
    memcpy(packet->bytes, message, length);
    packet->due_us = world->now_us + link->delay_us;
    if (link->jitter_us > 0) packet->due_us += fake_random(&link->seed) % link->jitter_us;
    copies--;
  }
  assert(copies == 0);
}

int fake_send(void* context, const uint8_t* message, size_t length) {
  fake_world_t* world = context;
  if (world->link.busy) return ROSEHIP_ERROR_BUSY;
  put_packet(world, true, message, length);
  return ROSEHIP_OK;
}

static void client_receive(fake_world_t* world, const uint8_t* message, size_t length) {
  /* A copy of exact size, gone afterwards: a reader beyond it or one who keeps it is caught. */
  uint8_t copy[FAKE_MTU];
  memcpy(copy, message, length);
  if (world->receive != NULL) {
    world->receive(world->client, copy, length, world->now_us);
  } else {
    rosehip_xrce_session_receive(world->session, copy, length, world->now_us);
  }
  memset(copy, 0xa5, sizeof copy);
}

static fake_packet_t* next_packet(fake_link_t* link) {
  fake_packet_t* next = NULL;
  for (int i = 0; i < FAKE_IN_FLIGHT; i++) {
    fake_packet_t* packet = &link->packets[i];
    if (packet->used && (next == NULL || packet->due_us < next->due_us)) next = packet;
  }
  return next;
}

static void deliver(fake_world_t* world, fake_packet_t* packet) {
  packet->used = false;
  if (world->link.cut) return;
  if (!packet->to_agent) {
    client_receive(world, packet->bytes, packet->length);
  } else if (world->agent.up) {
    fake_packet_t copy = *packet;
    agent_receive(world, copy.bytes, copy.length);
  }
}

/* ---- World --------------------------------------------------------------------------------------------------------- */

void fake_world_init(fake_world_t* world, uint32_t seed) {
  memset(world, 0, sizeof *world);
  world->link.seed = seed;
  world->link.delay_us = 500;
  world->now_us = 1000000;
  world->agent.up = true;
  world->agent.clock_offset_us = 1700000000LL * 1000000;
  world->agent.in_announced = UINT16_MAX;
}

static void poll_client(fake_world_t* world) {
  world->wake_us = world->poll != NULL ? world->poll(world->client, world->now_us)
                                       : rosehip_xrce_session_poll(world->session, world->now_us);
}

/* One step: the next packet, the client's wake-up or the agent's, whichever is first. False if that is after end_us. */
static bool step(fake_world_t* world, uint64_t end_us) {
  poll_client(world);
  if (world->agent.up) agent_poll(world);
  uint64_t at_us = world->wake_us > world->now_us ? world->wake_us : world->now_us + 1;
  fake_packet_t* packet = next_packet(&world->link);
  if (packet != NULL && packet->due_us < at_us) at_us = packet->due_us;
  if (world->agent.up && world->agent.out_first != world->agent.out_next && world->agent.heartbeat_us < at_us) {
    at_us = world->agent.heartbeat_us;
  }
  if (at_us > end_us) return false;
  if (at_us > world->now_us) world->now_us = at_us;
  while ((packet = next_packet(&world->link)) != NULL && packet->due_us <= world->now_us) deliver(world, packet);
  return true;
}

void fake_run(fake_world_t* world, uint64_t duration_us) {
  const uint64_t end_us = world->now_us + duration_us;
  while (step(world, end_us)) {
  }
  world->now_us = end_us;
  poll_client(world);
}

bool fake_run_until(fake_world_t* world, bool (*condition)(fake_world_t* world), uint64_t limit_us) {
  const uint64_t end_us = world->now_us + limit_us;
  while (!condition(world)) {
    if (!step(world, end_us)) return condition(world);
  }
  return true;
}

/* ---- Agent: sending ------------------------------------------------------------------------------------------------ */

void fake_agent_raw(fake_world_t* world, const uint8_t* message, size_t length) {
  put_packet(world, false, message, length);
}

static void send_reliable(fake_world_t* world, const uint8_t* submessages, size_t length) {
  fake_agent_t* agent = &world->agent;
  assert((uint16_t)(agent->out_next - agent->out_first) < FAKE_WINDOW);
  const unsigned slot = agent->out_next % FAKE_WINDOW;
  uint8_t* bytes = agent->out[slot].bytes;
  bytes[0] = 0x81;
  bytes[1] = 0x80;
  bytes[2] = (uint8_t)agent->out_next;
  bytes[3] = (uint8_t)(agent->out_next >> 8);
  assert(length + 4 <= FAKE_MTU);
  memcpy(bytes + 4, submessages, length);
  agent->out[slot].length = length + 4;
  agent->out_next++;
  agent->heartbeat_us = world->now_us + 200000;
  put_packet(world, false, bytes, length + 4);
}

bool fake_agent_fragment(fake_world_t* world, const uint8_t* piece, size_t length, bool last) {
  if ((uint16_t)(world->agent.out_next - world->agent.out_first) >= FAKE_WINDOW) return false;
  uint8_t fragment[FAKE_MTU] = {0x0d, last ? 3 : 1, (uint8_t)length, (uint8_t)(length >> 8)};
  memcpy(fragment + 4, piece, length);
  send_reliable(world, fragment, length + 4);
  return true;
}

bool fake_agent_data(fake_world_t* world, uint16_t object_id, uint8_t flags, const uint8_t* payload, size_t length) {
  fake_agent_t* agent = &world->agent;
  const unsigned room = FAKE_WINDOW - (uint16_t)(agent->out_next - agent->out_first);
  static uint8_t whole[FAKE_MAX_SAMPLE + 8];
  const size_t total = 8 + length;
  const size_t announced = 4 + length > 65535 ? 0 : 4 + length;
  const uint8_t head[] = {0x09, flags, (uint8_t)announced, (uint8_t)(announced >> 8),
                          0x00, 0x0a,  (uint8_t)(object_id >> 8), (uint8_t)object_id};
  memcpy(whole, head, 8);
  memcpy(whole + 8, payload, length);
  const size_t limit = agent->client_mtu - 4;
  if (total <= limit) {
    if (room == 0) return false;
    send_reliable(world, whole, total);
    return true;
  }
  const size_t piece = limit - 4;
  if ((total + piece - 1) / piece > room) return false;
  for (size_t offset = 0; offset < total; offset += piece) {
    const size_t here = total - offset < piece ? total - offset : piece;
    fake_agent_fragment(world, whole + offset, here, offset + here == total);
  }
  return true;
}

bool fake_agent_matched(fake_world_t* world, uint16_t object_id, uint8_t status, uint8_t count) {
  const fake_agent_t* agent = &world->agent;
  if ((uint16_t)(agent->out_next - agent->out_first) >= FAKE_WINDOW) return false;
  const uint8_t submessage[] = {0x05, 1, 6, 0, 0, 0, (uint8_t)(object_id >> 8), (uint8_t)object_id, status, count};
  send_reliable(world, submessage, sizeof submessage);
  return true;
}

static void send_acknack(fake_world_t* world) {
  const fake_agent_t* agent = &world->agent;
  if (agent->mute_acknowledgements) return;
  uint16_t missing = 0;
  for (uint16_t i = 0; i < FAKE_WINDOW; i++) {
    const uint16_t number = (uint16_t)(agent->in_expected + i);
    if ((int16_t)(number - agent->in_announced) > 0) break;
    if (!agent->early[number % FAKE_WINDOW].used) missing |= (uint16_t)(1u << i);
  }
  const uint8_t message[] = {0x81, 0, 0, 0, 0x0a, 1, 5, 0, (uint8_t)agent->in_expected,
                             (uint8_t)(agent->in_expected >> 8), (uint8_t)(missing >> 8), (uint8_t)missing, 0x80};
  put_packet(world, false, message, sizeof message);
}

static void send_status(fake_world_t* world, const uint8_t* request, uint8_t status) {
  const fake_agent_t* agent = &world->agent;
  if ((uint16_t)(agent->out_next - agent->out_first) >= FAKE_WINDOW) return;
  const uint8_t submessage[] = {0x05, 1, 6, 0, request[0], request[1], request[2], request[3], status,
                                status != 0 && agent->refusal_told};
  send_reliable(world, submessage, sizeof submessage);
}

static void agent_poll(fake_world_t* world) {
  fake_agent_t* agent = &world->agent;
  if (agent->out_first == agent->out_next || world->now_us < agent->heartbeat_us) return;
  const uint16_t last = (uint16_t)(agent->out_next - 1);
  const uint8_t message[] = {0x81, 0, 0, 0, 0x0b, 1, 5, 0, (uint8_t)agent->out_first, (uint8_t)(agent->out_first >> 8),
                             (uint8_t)last, (uint8_t)(last >> 8), 0x80};
  put_packet(world, false, message, sizeof message);
  agent->heartbeat_us = world->now_us + 200000;
}

/* ---- Agent: objects and data ----------------------------------------------------------------------------------------- */

fake_object_t* fake_agent_object(fake_agent_t* agent, uint16_t id) {
  for (unsigned i = 0; i < agent->object_count; i++) {
    if (agent->objects[i].id == id) return &agent->objects[i];
  }
  return NULL;
}

static void on_create(fake_world_t* world, const uint8_t* payload, size_t length) {
  fake_agent_t* agent = &world->agent;
  const uint16_t id = (uint16_t)(payload[2] << 8 | payload[3]);
  agent->creates++;
  if (agent->refuse_status != 0 && (agent->refuse_kind_mask >> payload[4] & 1)) {
    send_status(world, payload, agent->refuse_status);
    return;
  }
  fake_object_t* object = fake_agent_object(agent, id);
  if (object == NULL) {
    assert(agent->object_count < FAKE_MAX_OBJECTS);
    object = &agent->objects[agent->object_count++];
  }
  *object = (fake_object_t){.id = id, .kind = payload[4], .create_length = length};
  assert(length <= sizeof object->create);
  memcpy(object->create, payload, length);
  send_status(world, payload, 0);
}

static void on_delete(fake_world_t* world, const uint8_t* payload) {
  fake_agent_t* agent = &world->agent;
  fake_object_t* object = fake_agent_object(agent, (uint16_t)(payload[2] << 8 | payload[3]));
  agent->deletes++;
  if (object != NULL) *object = agent->objects[--agent->object_count];
  send_status(world, payload, object == NULL ? 0x84 : 0);
}

static void on_write_data(fake_world_t* world, const uint8_t* payload, size_t length) {
  fake_agent_t* agent = &world->agent;
  agent->written_request_id = (uint16_t)(payload[0] << 8 | payload[1]);
  agent->written_object = (uint16_t)(payload[2] << 8 | payload[3]);
  agent->written_length = length - 4;
  memcpy(agent->written, payload + 4, length - 4);
  agent->writes++;
  if (agent->on_write != NULL) agent->on_write(agent->context, agent->written_object, payload + 4, length - 4);
}

static void handle_stream_submessages(fake_world_t* world, const uint8_t* bytes, size_t length);

static void handle_stream_submessage(fake_world_t* world, uint8_t kind, uint8_t flags, const uint8_t* payload,
                                     size_t length) {
  fake_agent_t* agent = &world->agent;
  switch (kind) {
    case 0x01:
      on_create(world, payload, length);
      break;
    case 0x03:
      on_delete(world, payload);
      break;
    case 0x07:
      agent->in_fragments = agent->assembly_length > 0;
      on_write_data(world, payload, length);
      break;
    case 0x08: {
      fake_object_t* object = fake_agent_object(agent, (uint16_t)(payload[2] << 8 | payload[3]));
      if (object != NULL) object->reading = true;
      break;
    }
    case 0x0d:
      assert(agent->assembly_length + length <= FAKE_MAX_SAMPLE);
      memcpy(agent->assembly + agent->assembly_length, payload, length);
      agent->assembly_length += length;
      if (flags & 2) {
        handle_stream_submessages(world, agent->assembly, agent->assembly_length);
        agent->assembly_length = 0;
      }
      break;
    default:
      assert(!"submessage that no client sends on a stream");
  }
}

static void handle_stream_submessages(fake_world_t* world, const uint8_t* bytes, size_t length) {
  size_t at = 0;
  while (at + 4 <= length) {
    size_t body = (size_t)(bytes[at + 2] | bytes[at + 3] << 8);
    if (body == 0 && length - at - 4 > 65535) body = length - at - 4;
    assert(bytes[at + 1] & 1);
    assert(at + 4 + body <= length);
    handle_stream_submessage(world, bytes[at], bytes[at + 1], bytes + at + 4, body);
    at = (at + 4 + body + 3) & ~(size_t)3;
  }
}

/* ---- Agent: receiving ------------------------------------------------------------------------------------------------ */

static void on_reliable(fake_world_t* world, uint16_t number, const uint8_t* message, size_t length) {
  fake_agent_t* agent = &world->agent;
  if (agent->hold_replies) return;
  const int16_t ahead = (int16_t)(number - agent->in_expected);
  if (ahead >= 0 && ahead < FAKE_WINDOW) {
    agent->early[number % FAKE_WINDOW].used = true;
    agent->early[number % FAKE_WINDOW].length = length;
    memcpy(agent->early[number % FAKE_WINDOW].bytes, message, length);
    if ((int16_t)(number - agent->in_announced) > 0) agent->in_announced = number;
  }
  while (agent->early[agent->in_expected % FAKE_WINDOW].used) {
    const unsigned slot = agent->in_expected % FAKE_WINDOW;
    agent->early[slot].used = false;
    agent->in_expected++;
    handle_stream_submessages(world, agent->early[slot].bytes + 4, agent->early[slot].length - 4);
  }
  send_acknack(world);
}

static void reset_client(fake_agent_t* agent) {
  agent->in_expected = agent->out_next = agent->out_first = agent->best_effort_next = 0;
  agent->in_announced = UINT16_MAX;
  agent->assembly_length = 0;
  memset(agent->early, 0, sizeof agent->early);
}

void fake_agent_restart(fake_agent_t* agent) {
  reset_client(agent);
  agent->client_known = false;
  agent->object_count = 0;
}

static void on_create_client(fake_world_t* world, const uint8_t* payload, size_t length) {
  fake_agent_t* agent = &world->agent;
  assert(memcmp(payload, "XRCE\x01\x00\x01\x0f", 8) == 0);
  memcpy(agent->key, payload + 8, 4);
  agent->create_clients++;
  /* The same key and session id again: streams start anew, the objects stay, the address is the new one. */
  reset_client(agent);
  agent->client_known = true;
  agent->moved = false;
  agent->client_mtu = (uint16_t)(payload[length - 2] | payload[length - 1] << 8);
  if (payload[13]) { /* properties: count, then names and values */
    assert(memcmp(payload + 16, "\2\0\0\0\7\0\0\0uxr_hl\0", 15) == 0);
    memcpy(agent->property, payload + 36, 7);
    assert(length == 64 && memcmp(payload + 44, "\10\0\0\0rosehip\0\2\0\0\0" "1", 18) == 0);
  }
  static const uint8_t reply[] = {0x81, 0, 0, 0, 4, 1, 11, 0, 0, 0, 'X', 'R', 'C', 'E', 1, 0, 1, 15, 0};
  put_packet(world, false, reply, sizeof reply);
}

static void on_timestamp(fake_world_t* world, const uint8_t* payload) {
  uint8_t reply[] = {0x81, 0, 0, 0, 0x0f, 1, 24, 0, [31] = 0};
  const int64_t time_us = (int64_t)world->now_us + world->agent.clock_offset_us;
  for (int i = 0; i < 2; i++) {
    const uint32_t words[2] = {(uint32_t)(time_us / 1000000), (uint32_t)(time_us % 1000000) * 1000};
    for (int k = 0; k < 8; k++) reply[8 + i * 8 + k] = (uint8_t)(words[k / 4] >> 8 * (k % 4));
  }
  memcpy(reply + 24, payload, 8);
  put_packet(world, false, reply, sizeof reply);
}

static void on_acknack(fake_world_t* world, const uint8_t* payload) {
  fake_agent_t* agent = &world->agent;
  const uint16_t first = (uint16_t)(payload[0] | payload[1] << 8);
  const uint16_t missing = (uint16_t)(payload[2] << 8 | payload[3]);
  if ((int16_t)(first - agent->out_first) > 0 && (int16_t)(first - agent->out_next) <= 0) agent->out_first = first;
  for (uint16_t i = 0; i < FAKE_WINDOW; i++) {
    const uint16_t number = (uint16_t)(first + i);
    if (!(missing >> i & 1) || (int16_t)(number - agent->out_next) >= 0 || (int16_t)(number - agent->out_first) < 0) {
      continue;
    }
    put_packet(world, false, agent->out[number % FAKE_WINDOW].bytes, agent->out[number % FAKE_WINDOW].length);
  }
}

static void on_session_submessage(fake_world_t* world, const uint8_t* message, uint8_t kind, const uint8_t* payload,
                                  size_t length) {
  fake_agent_t* agent = &world->agent;
  const bool known = agent->client_known && !agent->moved;
  if (kind == 0x00) {
    on_create_client(world, payload, length);
  } else if (kind == 0x02) {
    const uint8_t reply[] = {message[0], 0, 0, 0, 6, 1, 28, 0, payload[0], payload[1], payload[2], payload[3], 0, known,
                             1, 0x0d, 'X', 'R', 'C', 'E', 1, 0, 1, 15, 0, 1, 0x0d, 0, 1, 0, 0, 0, 0, 0, 0, 0};
    put_packet(world, false, reply, sizeof reply);
  } else if (kind == 0x03) {
    const uint8_t reply[] = {message[0], 0, 0, 0, 5, 1, 6, 0, payload[0], payload[1], payload[2], payload[3], 0, 0};
    put_packet(world, false, reply, sizeof reply);
    if (known) fake_agent_restart(agent);
  } else if (kind == 0x06) {
    agent->infos_received++;
  } else if (known && kind == 0x0a) {
    on_acknack(world, payload);
  } else if (known && kind == 0x0b) {
    const uint16_t last = (uint16_t)(payload[2] | payload[3] << 8);
    if ((int16_t)(last - agent->in_announced) > 0) agent->in_announced = last;
    if (!agent->hold_replies) send_acknack(world);
  } else if (known && kind == 0x0e) {
    on_timestamp(world, payload);
  }
}

static void agent_receive(fake_world_t* world, const uint8_t* message, size_t length) {
  fake_agent_t* agent = &world->agent;
  assert(message[0] == 0x80 || message[0] == 0x81);
  const uint16_t number = (uint16_t)(message[2] | message[3] << 8);
  if (message[1] == 0x00) {
    assert(message[5] & 1);
    on_session_submessage(world, message, message[4], message + 8, (size_t)(message[6] | message[7] << 8));
  } else if (!agent->client_known || agent->moved) {
    return;
  } else if (message[1] == 0x80) {
    on_reliable(world, number, message, length);
  } else if (message[1] == 0x01) {
    handle_stream_submessages(world, message + 4, length - 4);
  }
}
