/* Lines about the agent, the link and the memory, so that nothing is lost in silence. */
#include <string.h>

#include "../sentence.h"
#include "context.h"

static void log_text(rosehip_context_t* context, const char* text, size_t length_bytes, bool to_rosout) {
  const rosehip_log_line_t line = {.severity = ROSEHIP_LOG_WARN,
                                   .logger = ROSEHIP_TEXT("rosehip"),
                                   .message = {text, length_bytes},
                                   .file = ROSEHIP_TEXT("")};
  if (to_rosout) rosehip_log(context, &line, context->now_us);
  else rh_log_show(context, &line);
}

static const char* kind_text(rosehip_xrce_kind_t kind) {
  switch (kind) {
    case ROSEHIP_XRCE_PARTICIPANT:
      return "node ";
    case ROSEHIP_XRCE_TOPIC:
      return "topic ";
    case ROSEHIP_XRCE_PUBLISHER:
    case ROSEHIP_XRCE_DATAWRITER:
      return "publisher ";
    case ROSEHIP_XRCE_SUBSCRIBER:
    case ROSEHIP_XRCE_DATAREADER:
      return "subscription ";
    case ROSEHIP_XRCE_REQUESTER:
      return "client ";
    default:
      return "service ";
  }
}

static void add_object(rosehip_sentence_t* line, const rosehip_xrce_object_t* object) {
  const rosehip_xrce_kind_t kind = rosehip_xrce_object_kind(object);
  rosehip_text_t name = rosehip_xrce_object_name(object);
  if (kind == ROSEHIP_XRCE_DATAREADER) { /* rt/chatter is of DDS, /chatter of ROS 2 */
    name.data += 2;
    name.length_bytes -= 2;
  }
  rosehip_sentence_add(line, kind_text(kind));
  rosehip_sentence_add_text(line, name);
}

void rh_log_refused(rosehip_context_t* context, const rosehip_xrce_object_t* object, uint8_t status, bool told) {
  const char* const digits = "0123456789abcdef";
  char text[ROSEHIP_LOG_LINE_BYTES];
  rosehip_sentence_t line = rosehip_sentence(text, sizeof text);
  rosehip_sentence_add(&line, "the agent refuses the ");
  add_object(&line, object);
  rosehip_sentence_add(&line, ": DDS-XRCE status 0x");
  rosehip_sentence_add_text(&line, (rosehip_text_t){&digits[status >> 4], 1});
  rosehip_sentence_add_text(&line, (rosehip_text_t){&digits[status & 0x0f], 1});
  rosehip_sentence_add(&line, "; it is tried again every 5 s");
  log_text(context, text, line.length_bytes, !told);
}

void rh_log_sample(rosehip_context_t* context, const rosehip_xrce_object_t* object, size_t length_bytes, bool no_memory,
                   uint32_t* said) {
  if (length_bytes == 0 || !rosehip_sentence_due(said, context->now_us)) return;
  char text[ROSEHIP_LOG_LINE_BYTES];
  rosehip_sentence_t line = rosehip_sentence(text, sizeof text);
  rosehip_sentence_add(&line, said == &context->said_waits ? "waiting, " : "dropped, ");
  if (no_memory) {
    rosehip_arena_stats_t use;
    rosehip_arena_stats(context->arena, &use);
    rosehip_sentence_add(&line, rosehip_sentence_arena_full);
    rosehip_sentence_add(&line, ", ");
    rosehip_sentence_add_number(&line, use.largest_free);
    rosehip_sentence_add(&line, " free in one piece: ");
  } else {
    rosehip_sentence_add(&line, "over sample_limit_bytes (raise it or send less): ");
  }
  rosehip_sentence_add_number(&line, length_bytes);
  rosehip_sentence_add(&line, " octets for the ");
  add_object(&line, object);
  log_text(context, text, line.length_bytes, true);
}

/* ---- Counts ------------------------------------------------------------------------------------------------------ */

enum { LOG_LINES = REPORTS - 1 };

static const struct {
  uint8_t offset_bytes; /* of the count: in rosehip_xrce_stats_t; of LOG_LINES in rosehip_context_stats_t */
  bool memory;          /* ends with the reason that the arena is full */
  const char* what;
} subjects[REPORTS] = {
    {offsetof(rosehip_xrce_stats_t, samples_dropped), true, " incoming samples dropped: "},
    {offsetof(rosehip_xrce_stats_t, create_out_of_memory), true, " attempts to make an entity failed: "},
    {offsetof(rosehip_xrce_stats_t, samples_lost), false, " outgoing samples lost with the connection"},
    {offsetof(rosehip_xrce_stats_t, connections_refused), false, " connections refused by the agent: its log says why"},
    {offsetof(rosehip_xrce_stats_t, messages_skipped), false, " messages given up by the agent"},
    {offsetof(rosehip_xrce_stats_t, malformed), false, " malformed messages from the agent"},
    [LOG_LINES] = {offsetof(rosehip_context_stats_t, log_lines_dropped), true, " log lines dropped: too many, or "},
};

void rh_log_report(rosehip_context_t* context) {
  const void* stats = rosehip_xrce_session_stats(context->session);
  for (int i = 0; i < REPORTS; i++) {
    if (i == LOG_LINES) {
      if (context->log.oldest != NULL) break; /* Said while lines wait, it would make the oldest of them go. */
      stats = &context->stats;
    }
    report_t* reported = &context->reported[i];
    uint32_t count;
    memcpy(&count, (const uint8_t*)stats + subjects[i].offset_bytes, sizeof count);
    if (count == reported->count || !rosehip_sentence_due(&reported->said, context->now_us)) continue;
    char text[ROSEHIP_LOG_LINE_BYTES];
    rosehip_sentence_t line = rosehip_sentence(text, sizeof text);
    rosehip_sentence_add_number(&line, count - reported->count);
    rosehip_sentence_add(&line, subjects[i].what);
    if (subjects[i].memory) rosehip_sentence_add(&line, rosehip_sentence_arena_full);
    reported->count = count;
    log_text(context, text, line.length_bytes, true);
  }
}
