/* Lines for /rosout about the agent and the link, so that nothing is lost in silence. */
#include "context.h"

enum { LINE_BYTES = ROSEHIP_LOG_LINE_BYTES };

typedef struct {
  char text[LINE_BYTES];
  size_t length_bytes;
} line_t;

static void put(line_t* line, rosehip_text_t text) {
  for (size_t i = 0; i < text.length_bytes && line->length_bytes < LINE_BYTES; i++) {
    line->text[line->length_bytes++] = text.data[i];
  }
}

static void put_number(line_t* line, uint32_t number, uint32_t base) {
  char digits[10];
  size_t count = 0;
  do {
    digits[count++] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number != 0);
  while (count > 0) put(line, (rosehip_text_t){&digits[--count], 1});
}

static void log_line(rosehip_context_t* context, const line_t* line, uint64_t now_us) {
  const rosehip_log_line_t entry = {.severity = ROSEHIP_LOG_WARN,
                                    .logger = ROSEHIP_TEXT("rosehip"),
                                    .message = {line->text, line->length_bytes},
                                    .file = ROSEHIP_TEXT("")};
  rosehip_log(context, &entry, now_us);
}

static rosehip_text_t kind_text(rosehip_xrce_kind_t kind) {
  switch (kind) {
    case ROSEHIP_XRCE_PARTICIPANT:
      return ROSEHIP_TEXT("node");
    case ROSEHIP_XRCE_TOPIC:
      return ROSEHIP_TEXT("topic");
    case ROSEHIP_XRCE_PUBLISHER:
    case ROSEHIP_XRCE_DATAWRITER:
      return ROSEHIP_TEXT("publisher");
    case ROSEHIP_XRCE_SUBSCRIBER:
    case ROSEHIP_XRCE_DATAREADER:
      return ROSEHIP_TEXT("subscription");
    case ROSEHIP_XRCE_REQUESTER:
      return ROSEHIP_TEXT("client");
    default:
      return ROSEHIP_TEXT("service");
  }
}

static void put_object(line_t* line, const rosehip_xrce_object_t* object) {
  put(line, kind_text(rosehip_xrce_object_kind(object)));
  put(line, ROSEHIP_TEXT(" "));
  rosehip_text_t name = rosehip_xrce_object_name(object);
  if (rosehip_xrce_object_kind(object) == ROSEHIP_XRCE_DATAREADER) { /* rt/chatter is of DDS, /chatter of ROS 2 */
    name.data += 2;
    name.length_bytes -= 2;
  }
  put(line, name);
}

void log_refused(rosehip_context_t* context, const rosehip_xrce_object_t* object, uint8_t status, uint64_t now_us) {
  line_t line = {.length_bytes = 0};
  put(&line, ROSEHIP_TEXT("the agent refuses the "));
  put_object(&line, object);
  put(&line, ROSEHIP_TEXT(": DDS-XRCE status 0x"));
  put_number(&line, status, 16);
  put(&line, ROSEHIP_TEXT("; it is tried again every 5 s"));
  log_line(context, &line, now_us);
}

void log_too_large(rosehip_context_t* context, const rosehip_xrce_object_t* object,
                   const rosehip_xrce_sample_t* sample) {
  if (sample->too_large_bytes == 0) return;
  line_t line = {.length_bytes = 0};
  put(&line, ROSEHIP_TEXT("dropped, over sample_limit_bytes (raise it or send less): "));
  put_number(&line, (uint32_t)sample->too_large_bytes, 10);
  put(&line, ROSEHIP_TEXT(" octets for the "));
  put_object(&line, object);
  log_line(context, &line, context->now_us);
}

static void report(rosehip_context_t* context, uint32_t now, uint32_t* reported, rosehip_text_t what,
                   uint64_t now_us) {
  if (now == *reported) return;
  line_t line = {.length_bytes = 0};
  put_number(&line, now - *reported, 10);
  put(&line, what);
  *reported = now;
  log_line(context, &line, now_us);
}

void log_report(rosehip_context_t* context, uint64_t now_us) {
  const rosehip_xrce_stats_t* now = rosehip_xrce_session_stats(context->session);
  report(context, now->samples_dropped, &context->reported.samples_dropped,
         ROSEHIP_TEXT(" incoming samples were dropped for want of memory"), now_us);
  report(context, now->samples_lost, &context->reported.samples_lost,
         ROSEHIP_TEXT(" outgoing samples were lost with the connection"), now_us);
}
