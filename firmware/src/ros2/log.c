/*
 * /rosout (rcl/logging_rosout.h): rcl_interfaces/msg/Log, reliable, transient local, the last 1,000 lines for
 * 10 s. A line is encoded when it is logged; only its time stamp waits until the agent's clock is known.
 */
#include "../cdr/writer.h"
#include "context.h"

enum {
  LOGGER_MAX_BYTES = 64,
  FILE_MAX_BYTES = 64,
  STAMP_BYTES = 8,
  ROSOUT_DEPTH = 1000,
  ROSOUT_LIFESPAN_MS = 10000,
  NS_PER_US = 1000,
};
#define NS_PER_S 1000000000

/* RIHS01 of rcl_interfaces/msg/Log, from the interface's JSON in ROS 2 Jazzy and Kilted. */
static const uint8_t LOG_TYPE_HASH[ROSEHIP_TYPE_HASH_BYTES] = {
    0xe2, 0x8c, 0xe2, 0x54, 0xca, 0x8a, 0xbc, 0x06, 0xab, 0xf9, 0x27, 0x73, 0xb7, 0x46, 0x02, 0xcd,
    0xbf, 0x11, 0x6e, 0xd3, 0x4f, 0xba, 0xf2, 0x94, 0xfb, 0x9f, 0x81, 0xda, 0x9f, 0x31, 0x8e, 0xac};

struct log_line {
  log_line_t* next;
  uint64_t logged_us;
  size_t length_bytes;
  uint8_t payload[]; /* CDR, starting with the stamp. */
};

/* ---- Encoding ------------------------------------------------------------------------------------------ */

/* The first octets of a text, cut before a UTF-8 character that would not fit. */
static rosehip_text_t cut(rosehip_text_t text, size_t limit) {
  if (text.length_bytes <= limit) return text;
  while (limit > 0 && ((uint8_t)text.data[limit] & 0xc0) == 0x80) limit--;
  return (rosehip_text_t){text.data, limit};
}

static void write_message(rosehip_cdr_writer_t* writer, rosehip_text_t message) {
  const rosehip_text_t mark = ROSEHIP_TEXT("...");
  if (message.length_bytes <= ROSEHIP_LOG_LINE_BYTES) {
    rosehip_cdr_write_string(writer, message);
    return;
  }
  const rosehip_text_t head = cut(message, ROSEHIP_LOG_LINE_BYTES - mark.length_bytes);
  rosehip_cdr_write_u32(writer, (uint32_t)(head.length_bytes + mark.length_bytes) + 1);
  rosehip_cdr_write_octets(writer, (const uint8_t*)head.data, head.length_bytes);
  rosehip_cdr_write_octets(writer, (const uint8_t*)mark.data, mark.length_bytes);
  rosehip_cdr_write_u8(writer, 0);
}

static void write_stamp(rosehip_cdr_writer_t* writer, int64_t time_ns) {
  const uint64_t seconds = (uint64_t)time_ns / NS_PER_S;
  rosehip_cdr_write_u32(writer, (uint32_t)seconds);
  rosehip_cdr_write_u32(writer, (uint32_t)((uint64_t)time_ns - seconds * NS_PER_S));
}

static void write_line(rosehip_cdr_writer_t* writer, const rosehip_log_line_t* line) {
  write_stamp(writer, 0);
  rosehip_cdr_write_u8(writer, (uint8_t)line->severity);
  rosehip_cdr_write_string(writer, cut(line->logger, LOGGER_MAX_BYTES));
  write_message(writer, line->message);
  rosehip_cdr_write_string(writer, cut(line->file, FILE_MAX_BYTES));
  rosehip_cdr_write_string(writer, ROSEHIP_TEXT("")); /* function */
  rosehip_cdr_write_u32(writer, line->line);
}

/* ---- Queue --------------------------------------------------------------------------------------------- */

static size_t cost_bytes(const log_line_t* line) { return sizeof *line + line->length_bytes; }

static void free_oldest(rosehip_context_t* context) {
  log_line_t* line = context->log.oldest;
  context->log.oldest = line->next;
  if (line->next == NULL) context->log.newest = NULL;
  context->log.bytes -= cost_bytes(line);
  rosehip_arena_free(context->arena, line);
}

static void drop_oldest(rosehip_context_t* context) {
  free_oldest(context);
  context->stats.log_lines_dropped++;
}

void rh_log_show(const rosehip_context_t* context, const rosehip_log_line_t* line) {
  if (context->console != NULL) context->console(context->config.context, line);
}

void rosehip_log(rosehip_context_t* context, const rosehip_log_line_t* line, uint64_t now_us) {
  rh_log_show(context, line);
  rosehip_cdr_writer_t measure = rosehip_cdr_writer(NULL, 0, false);
  write_line(&measure, line);
  log_queue_t* log = &context->log;
  const size_t needed = sizeof(log_line_t) + measure.position;
  while (log->oldest != NULL && log->bytes + needed > context->log_queue_bytes) drop_oldest(context);
  log_line_t* made = rosehip_arena_alloc(context->arena, needed, _Alignof(log_line_t));
  if (made == NULL || needed > context->log_queue_bytes) {
    rosehip_arena_free(context->arena, made);
    context->stats.log_lines_dropped++;
    return;
  }
  *made = (log_line_t){.logged_us = now_us, .length_bytes = measure.position};
  rosehip_cdr_writer_t writer = rosehip_cdr_writer(made->payload, made->length_bytes, false);
  write_line(&writer, line);
  if (line->message.length_bytes > ROSEHIP_LOG_LINE_BYTES) context->stats.log_lines_cut++;
  if (log->newest == NULL) {
    log->oldest = made;
  } else {
    log->newest->next = made;
  }
  log->newest = made;
  log->bytes += needed;
}

/* ---- /rosout ------------------------------------------------------------------------------------------- */

static void attach(rosehip_context_t* context) {
  log_queue_t* log = &context->log;
  if (log->publisher != NULL && log->node->hidden && !context->nodes->hidden) {
    rosehip_publisher_destroy(log->publisher); /* A hidden node said what there was while there was no other. */
  }
  if (log->publisher != NULL || context->nodes == NULL) return;
  const rosehip_publisher_config_t config = {
      .topic = ROSEHIP_TEXT("/rosout"),
      .type = ROSEHIP_TEXT("rcl_interfaces::msg::dds_::Log_"),
      .type_hash = LOG_TYPE_HASH,
      .qos = {.flags = ROSEHIP_QOS_RELIABLE | ROSEHIP_QOS_KEEP_LAST | ROSEHIP_QOS_TRANSIENT_LOCAL,
              .depth = ROSOUT_DEPTH,
              .lifespan_ms = ROSOUT_LIFESPAN_MS}};
  log->node = context->nodes;
  rosehip_publisher_create(context->nodes, &config, &log->publisher); /* No memory: the next poll tries. */
}

void rh_log_flush(rosehip_context_t* context, uint64_t now_us) {
  attach(context);
  const int64_t time_ns = rosehip_context_ros_time_ns(context, now_us);
  if (context->log.publisher == NULL || time_ns == 0) return;
  while (context->log.oldest != NULL) {
    log_line_t* line = context->log.oldest;
    rosehip_cdr_writer_t writer = rosehip_cdr_writer(line->payload, STAMP_BYTES, false);
    write_stamp(&writer, time_ns - (int64_t)(now_us - line->logged_us) * NS_PER_US);
    const int result = rosehip_publisher_publish(context->log.publisher, line->payload, line->length_bytes);
    if (result == ROSEHIP_ERROR_TOO_LARGE) {
      drop_oldest(context);
      continue;
    }
    if (result != ROSEHIP_OK) return;
    free_oldest(context);
    context->stats.log_lines_sent++;
  }
}

void rh_log_detach(rosehip_context_t* context, const rosehip_publisher_t* publisher) {
  if (context->log.publisher == publisher) context->log.publisher = NULL;
}

void rh_log_free(rosehip_context_t* context) {
  while (context->log.oldest != NULL) free_oldest(context);
}
