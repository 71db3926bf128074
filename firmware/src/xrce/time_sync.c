#include "time_sync.h"

enum { TIME_BYTES = 8, US_PER_S = 1000000, NS_PER_US = 1000 };

static void move_offset(time_sync_t* sync, uint64_t now_us) {
  const int64_t elapsed_us = (int64_t)(now_us - sync->read_us);
  sync->read_us = now_us;
  const int64_t behind_us = sync->offset_us - sync->target_us;
  sync->offset_us -= behind_us < elapsed_us / 2 ? behind_us : elapsed_us / 2;
}

int64_t rh_time_sync_now_ns(time_sync_t* sync, uint64_t now_us) {
  if (!sync->synchronised) return 0;
  move_offset(sync, now_us);
  return ((int64_t)now_us + sync->offset_us) * NS_PER_US;
}

/* Our times on the wire are the monotonic clock's; only the agent's mean a date. */
void rh_time_sync_write(time_sync_t* sync, rosehip_cdr_writer_t* writer, uint64_t now_us) {
  rh_message_write_submessage(writer, SUBMESSAGE_TIMESTAMP, 0, TIME_BYTES);
  const uint64_t seconds = now_us / US_PER_S;
  rosehip_cdr_write_u32(writer, (uint32_t)seconds);
  rosehip_cdr_write_u32(writer, (uint32_t)(now_us - seconds * US_PER_S) * NS_PER_US);
  sync->next_us = now_us + (sync->synchronised ? TIME_SYNC_PERIOD_US : TIME_SYNC_RETRY_US);
}

static int64_t read_time_us(rosehip_cdr_reader_t* reader) {
  const int64_t seconds = (int32_t)rosehip_cdr_read_u32(reader);
  const uint32_t nanoseconds = rosehip_cdr_read_u32(reader);
  return seconds * US_PER_S + nanoseconds / NS_PER_US;
}

/* How wrong target_us may be by now. */
static int64_t bound_us(const time_sync_t* sync, uint64_t now_us) {
  return sync->error_us + (int64_t)((now_us - sync->measured_us) / (US_PER_S / TIME_SYNC_DRIFT_PPM));
}

static bool counts(const time_sync_t* sync, int64_t estimate_us, int64_t error_us, uint64_t now_us) {
  const int64_t bound = bound_us(sync, now_us);
  const int64_t ahead_us = estimate_us - sync->target_us;
  const int64_t apart_us = ahead_us < 0 ? -ahead_us : ahead_us;
  return !sync->synchronised || error_us <= bound || apart_us > error_us + bound;
}

bool rh_time_sync_on_reply(time_sync_t* sync, const submessage_t* submessage, uint64_t now_us) {
  rosehip_cdr_reader_t reader =
      rosehip_cdr_reader(submessage->payload, submessage->length_bytes, !(submessage->flags & FLAG_LITTLE_ENDIAN));
  const int64_t transmit_us = read_time_us(&reader);
  const int64_t receive_us = read_time_us(&reader);
  const int64_t originate_us = read_time_us(&reader);
  if (reader.failed) return false;
  const int64_t round_trip_us = (int64_t)now_us - originate_us;
  if (originate_us < 0 || round_trip_us < 0) return true; /* Not to ours. */
  const int64_t estimate_us = (transmit_us + receive_us - originate_us - (int64_t)now_us) / 2;
  if (!counts(sync, estimate_us, round_trip_us / 2, now_us)) return true;

  sync->target_us = estimate_us;
  sync->error_us = round_trip_us / 2;
  sync->measured_us = now_us;
  if (!sync->synchronised) {
    sync->synchronised = true;
    sync->offset_us = sync->target_us;
    sync->read_us = now_us;
    sync->next_us = now_us + TIME_SYNC_RETRY_US;
  }
  move_offset(sync, now_us);
  return true;
}
