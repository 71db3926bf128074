#include "input_stream.h"

#include <string.h>

#include "data.h"
#include "session.h"

/* Octets before the payload in a DATA for a replier: submessage header, request id, object id, SampleIdentity. Other
   samples have fewer: it is all that has to be kept of one that is too large. */
enum { DATA_OVERHEAD_BYTES = SUBMESSAGE_HEADER_BYTES + 4 + ROSEHIP_SAMPLE_IDENTITY_BYTES };

struct stored_message {
  stored_message_t* next;
  uint16_t sequence_number;
  size_t length_bytes;
  uint8_t bytes[];
};

static size_t header_bytes(uint8_t session_id) {
  return session_id < SESSION_NONE ? MESSAGE_HEADER_BYTES + MESSAGE_KEY_BYTES : MESSAGE_HEADER_BYTES;
}

static bool is_stored(const input_stream_t* input, uint16_t sequence_number) {
  for (const stored_message_t* message = input->stored; message != NULL; message = message->next) {
    if (message->sequence_number == sequence_number) return true;
  }
  return false;
}

/* Copies a message into its place. False if there is no memory: then it counts as never received. */
static bool store(rosehip_xrce_session_t* session, uint16_t sequence_number, const uint8_t* message,
                  size_t length_bytes) {
  stored_message_t* copy =
      rosehip_arena_alloc(session->config.arena, sizeof *copy + length_bytes, _Alignof(stored_message_t));
  if (copy == NULL) {
    session->stats.input_out_of_memory++;
    return false;
  }
  copy->sequence_number = sequence_number;
  copy->length_bytes = length_bytes;
  memcpy(copy->bytes, message, length_bytes);
  stored_message_t** place = &session->input.stored;
  while (*place != NULL && rh_sequence_difference((*place)->sequence_number, sequence_number) < 0) {
    place = &(*place)->next;
  }
  copy->next = *place;
  *place = copy;
  return true;
}

bool rh_input_stream_drop_early(rosehip_xrce_session_t* session) {
  input_stream_t* input = &session->input;
  stored_message_t** place = &input->stored;
  if (*place != NULL && (*place)->sequence_number == input->expected) place = &(*place)->next; /* may be being handled */
  if (*place == NULL) return false;
  while (*place != NULL) {
    stored_message_t* message = *place;
    *place = message->next;
    rosehip_arena_free(session->config.arena, message);
  }
  input->acknowledge = true;
  return true;
}

/* ---- Reliable, in sequence ----------------------------------------------------------------------------- */

/* Handles message `expected`, or goes on with it. Advances `expected` if the result is ROSEHIP_OK. */
static int handle_expected(rosehip_xrce_session_t* session, const uint8_t* message, size_t length_bytes,
                           uint64_t now_us) {
  input_stream_t* input = &session->input;
  rosehip_cdr_reader_t reader = rosehip_cdr_reader(message, length_bytes, false);
  const size_t start = input->resume_position != 0 ? input->resume_position : header_bytes(message[0]);
  rosehip_cdr_read_octets(&reader, start);
  const int result = rh_session_handle_submessages(session, &reader, STREAM_RELIABLE, now_us);
  input->blocked = result == ROSEHIP_ERROR_BUSY;
  input->resume_position = result == ROSEHIP_OK ? 0 : reader.position;
  if (result != ROSEHIP_OK) return result;
  input->starved = 0;
  input->expected++;
  return ROSEHIP_OK;
}

/* Handles stored messages as long as they follow each other. */
static void drain(rosehip_xrce_session_t* session, uint64_t now_us) {
  input_stream_t* input = &session->input;
  while (input->stored != NULL && input->stored->sequence_number == input->expected) {
    stored_message_t* message = input->stored;
    const int result = handle_expected(session, message->bytes, message->length_bytes, now_us);
    if (result == ROSEHIP_ERROR_BUSY) return;
    /* Out of memory: this copy makes room, the agent sends it again. */
    input->stored = message->next;
    rosehip_arena_free(session->config.arena, message);
    if (result != ROSEHIP_OK) return;
    input->acknowledge = true;
  }
}

static void announce(input_stream_t* input, uint16_t sequence_number) {
  if (rh_sequence_difference(sequence_number, input->last_announced) > 0) input->last_announced = sequence_number;
}

static void receive_reliable(rosehip_xrce_session_t* session, uint16_t sequence_number, const uint8_t* message,
                             size_t length_bytes, uint64_t now_us) {
  input_stream_t* input = &session->input;
  input->acknowledge = true;
  const int16_t ahead = rh_sequence_difference(sequence_number, input->expected);
  if (ahead < 0 || is_stored(input, sequence_number)) {
    session->stats.messages_duplicate++;
    return;
  }
  if (ahead >= INPUT_WINDOW) return; /* The agent may not: it is sent again when its turn comes. */
  announce(input, sequence_number);
  if (ahead > 0) {
    store(session, sequence_number, message, length_bytes);
    return;
  }
  const int result = handle_expected(session, message, length_bytes, now_us);
  if (result == ROSEHIP_OK) {
    drain(session, now_us);
  } else if (result == ROSEHIP_ERROR_BUSY && !store(session, sequence_number, message, length_bytes)) {
    input->blocked = false; /* Nothing here to try again; the agent will offer it. */
  }
}

static void receive_best_effort(rosehip_xrce_session_t* session, uint16_t sequence_number,
                                rosehip_cdr_reader_t* reader, uint64_t now_us) {
  input_stream_t* input = &session->input;
  const int16_t ahead = rh_sequence_difference(sequence_number, input->best_effort_expected);
  if (ahead < 0) {
    session->stats.messages_duplicate++;
    return;
  }
  session->stats.best_effort_lost += (uint16_t)ahead;
  input->best_effort_expected = (uint16_t)(sequence_number + 1);
  if (rh_session_handle_submessages(session, reader, STREAM_BEST_EFFORT, now_us) != ROSEHIP_OK) {
    session->stats.best_effort_lost++;
  }
}

void rh_input_stream_receive(rosehip_xrce_session_t* session, const message_header_t* header, const uint8_t* message,
                             size_t length_bytes, uint64_t now_us) {
  rosehip_cdr_reader_t reader = rosehip_cdr_reader(message, length_bytes, false);
  rosehip_cdr_read_octets(&reader, header_bytes(header->session_id));
  if (header->stream_id == STREAM_NONE) {
    rh_session_handle_submessages(session, &reader, STREAM_NONE, now_us);
  } else if (session->connection.step != STEP_CONNECTED) {
    session->stats.foreign_session++; /* Left over from before. */
  } else if (header->stream_id == STREAM_RELIABLE) {
    receive_reliable(session, header->sequence_number, message, length_bytes, now_us);
  } else if (header->stream_id == STREAM_BEST_EFFORT) {
    receive_best_effort(session, header->sequence_number, &reader, now_us);
  } else {
    session->stats.foreign_session++;
  }
}

void rh_input_stream_resume(rosehip_xrce_session_t* session, uint64_t now_us) {
  if (session->input.blocked) drain(session, now_us);
}

/* ---- Reliability --------------------------------------------------------------------------------------- */

static void free_assembly(rosehip_xrce_session_t* session) {
  rosehip_arena_free(session->config.arena, session->input.assembly.data);
  session->input.assembly = (assembly_t){0};
}

static void skip_to(rosehip_xrce_session_t* session, uint16_t sequence_number) {
  input_stream_t* input = &session->input;
  session->stats.messages_skipped += (uint16_t)(sequence_number - input->expected);
  input->expected = sequence_number;
  input->resume_position = 0;
  free_assembly(session);
}

/* 8.3.5.12 */
void rh_input_stream_on_heartbeat(rosehip_xrce_session_t* session, const submessage_t* submessage, uint64_t now_us) {
  rosehip_cdr_reader_t reader =
      rosehip_cdr_reader(submessage->payload, submessage->length_bytes, !(submessage->flags & FLAG_LITTLE_ENDIAN));
  const uint16_t first_unacked = rosehip_cdr_read_u16(&reader);
  const uint16_t last = rosehip_cdr_read_u16(&reader);
  const uint8_t stream_id = rosehip_cdr_read_u8(&reader);
  if (reader.failed) {
    session->stats.malformed++;
    return;
  }
  input_stream_t* input = &session->input;
  if (stream_id != STREAM_RELIABLE) {
    session->stats.foreign_session++;
    return;
  }
  input->acknowledge = true;
  /* What lies between `expected` and `first_unacked` never comes; what was stored of it is still good. */
  while (!input->blocked && rh_sequence_difference(first_unacked, input->expected) > 0) {
    const stored_message_t* next = input->stored;
    const bool stored_before = next != NULL && rh_sequence_difference(next->sequence_number, first_unacked) < 0;
    skip_to(session, stored_before ? next->sequence_number : first_unacked);
    drain(session, now_us);
  }
  /* A window is the most that we can ask for; a hostile `last` must not make us ask for ever. */
  if (rh_sequence_difference(last, input->expected) < INPUT_WINDOW) announce(input, last);
}

/* 8.3.5.11 */
void rh_input_stream_write_acknack(rosehip_xrce_session_t* session, rosehip_cdr_writer_t* writer) {
  const input_stream_t* input = &session->input;
  uint16_t missing = 0;
  for (uint16_t i = 0; i < INPUT_WINDOW; i++) {
    const uint16_t sequence_number = (uint16_t)(input->expected + i);
    if (rh_sequence_difference(sequence_number, input->last_announced) > 0) break;
    if (!is_stored(input, sequence_number)) missing |= (uint16_t)(1u << i);
  }
  rh_message_write_header(writer, SESSION_ID, STREAM_NONE, 0);
  rh_message_write_submessage(writer, SUBMESSAGE_ACKNACK, 0, 5);
  rosehip_cdr_write_u16(writer, input->expected);
  rosehip_cdr_write_id(writer, missing);
  rosehip_cdr_write_u8(writer, STREAM_RELIABLE);
}

void rh_input_stream_reset(rosehip_xrce_session_t* session) {
  input_stream_t* input = &session->input;
  while (input->stored != NULL) {
    stored_message_t* message = input->stored;
    input->stored = message->next;
    rosehip_arena_free(session->config.arena, message);
  }
  free_assembly(session);
  *input = (input_stream_t){.last_announced = UINT16_MAX};
}

/* ---- Fragments (8.3.5.14) ------------------------------------------------------------------------------ */

static size_t assembly_limit_bytes(const rosehip_xrce_session_t* session) {
  return session->config.sample_limit_bytes + DATA_OVERHEAD_BYTES;
}

/* How much memory the assembly should have: all of it, if the first fragment tells, else twice what is needed. Beyond
   the limit if the sample is. */
static size_t wanted_capacity(const rosehip_xrce_session_t* session, const submessage_t* fragment, size_t needed) {
  if (session->input.assembly.data == NULL) {
    const size_t announced = (size_t)(fragment->payload[2] | fragment->payload[3] << 8) + SUBMESSAGE_HEADER_BYTES;
    return announced > needed ? announced : needed;
  }
  const size_t limit = assembly_limit_bytes(session);
  return needed > limit || needed * 2 < limit ? needed * 2 : limit;
}

static bool resize(rosehip_xrce_session_t* session, size_t capacity_bytes) {
  assembly_t* assembly = &session->input.assembly;
  uint8_t* data = NULL;
  do {
    data = rosehip_arena_resize(session->config.arena, assembly->data, capacity_bytes, 1);
  } while (data == NULL && rh_input_stream_drop_early(session));
  if (data == NULL) return false;
  assembly->data = data;
  assembly->capacity_bytes = capacity_bytes;
  return true;
}

/* Discards the sample that is coming, up to its last fragment. */
static void discard(rosehip_xrce_session_t* session) {
  free_assembly(session);
  session->input.assembly.discarding = true;
}

/* Makes room for what is to be kept of a fragment. ROSEHIP_OK, also if the sample is discarded;
   ROSEHIP_ERROR_OUT_OF_MEMORY. */
static int reserve(rosehip_xrce_session_t* session, const submessage_t* fragment, uint64_t now_us) {
  assembly_t* assembly = &session->input.assembly;
  const size_t needed = assembly->length_bytes + fragment->length_bytes;
  if (assembly->too_large || needed <= assembly->capacity_bytes) return ROSEHIP_OK;
  const size_t wanted = wanted_capacity(session, fragment, needed);
  assembly->too_large = wanted > assembly_limit_bytes(session);
  if (resize(session, assembly->too_large ? DATA_OVERHEAD_BYTES : wanted)) return ROSEHIP_OK;
  session->stats.input_out_of_memory++;
  if (rosehip_arena_may_wait(&session->input.starved, now_us)) {
    assembly->too_large = false;
    return ROSEHIP_ERROR_OUT_OF_MEMORY;
  }
  assembly->no_memory = !assembly->too_large;
  assembly->too_large = true;
  if (assembly->no_memory && resize(session, DATA_OVERHEAD_BYTES)) return ROSEHIP_OK;
  session->stats.samples_dropped++;
  discard(session);
  return ROSEHIP_OK;
}

/* Puts a fragment behind what is there; length_bytes does not count it yet. */
static void append(const assembly_t* assembly, const submessage_t* fragment) {
  if (assembly->length_bytes >= assembly->capacity_bytes) return;
  const size_t room = assembly->capacity_bytes - assembly->length_bytes;
  memcpy(assembly->data + assembly->length_bytes, fragment->payload,
         fragment->length_bytes < room ? fragment->length_bytes : room);
}

/* Handles the DATA of which only the head was kept. Results of rh_data_on_data. */
static int handle_too_large(rosehip_xrce_session_t* session, size_t length_bytes, uint64_t now_us) {
  const assembly_t* assembly = &session->input.assembly;
  const size_t least = assembly->no_memory ? assembly->capacity_bytes : assembly_limit_bytes(session);
  if (length_bytes <= least || assembly->data[0] != SUBMESSAGE_DATA) {
    session->stats.malformed++; /* It had announced more, or is no sample. */
    return ROSEHIP_OK;
  }
  const submessage_t head = {.kind = SUBMESSAGE_DATA,
                             .flags = assembly->data[1],
                             .payload = assembly->data + SUBMESSAGE_HEADER_BYTES,
                             .length_bytes = assembly->capacity_bytes - SUBMESSAGE_HEADER_BYTES,
                             .cut_bytes = length_bytes - assembly->capacity_bytes};
  return rh_data_on_data(session, &head, now_us);
}

/* Handles what the fragments made up. */
static int handle_assembled(rosehip_xrce_session_t* session, size_t length_bytes, uint64_t now_us) {
  if (session->input.assembly.too_large) return handle_too_large(session, length_bytes, now_us);
  rosehip_cdr_reader_t reader = rosehip_cdr_reader(session->input.assembly.data, length_bytes, false);
  /* Not as STREAM_RELIABLE: fragments don't nest. */
  return rh_session_handle_submessages(session, &reader, STREAM_BEST_EFFORT, now_us);
}

int rh_input_stream_on_fragment(rosehip_xrce_session_t* session, const submessage_t* fragment, uint64_t now_us) {
  assembly_t* assembly = &session->input.assembly;
  const bool last = (fragment->flags & FLAG_LAST_FRAGMENT) != 0;
  if (!assembly->discarding) {
    if (assembly->data == NULL && fragment->length_bytes < SUBMESSAGE_HEADER_BYTES) {
      session->stats.malformed++;
      discard(session);
    } else if (reserve(session, fragment, now_us) != ROSEHIP_OK) {
      return ROSEHIP_ERROR_OUT_OF_MEMORY;
    }
  }
  if (!assembly->discarding) {
    append(assembly, fragment);
    if (!last) {
      assembly->length_bytes += fragment->length_bytes;
      return ROSEHIP_OK;
    }
    const int result = handle_assembled(session, assembly->length_bytes + fragment->length_bytes, now_us);
    /* assembly->length_bytes is unchanged: the offer is repeated with this fragment. */
    if (result != ROSEHIP_OK) return result;
  }
  if (last) free_assembly(session);
  return ROSEHIP_OK;
}
