/*
 * TIMESTAMP / TIMESTAMP_REPLY (DDS-XRCE 1.0, 8.3.5.16): the agent's clock from four times, as NTP does it.
 *
 * An estimate is wrong by half of its round trip at most, and becomes worse as the two clocks drift apart. A new one
 * counts if it is better than the last has become, so that one delayed by a full link does no harm; or if both cannot
 * be right: then the agent's clock was set, or it is another agent.
 *
 * `offset_us` is what epoch time adds to the monotonic clock. A new estimate that is ahead takes effect at once; for
 * one that is behind, the offset shrinks by half of the time that passes, so that epoch time still moves forward.
 */
#ifndef ROSEHIP_XRCE_TIME_SYNC_H
#define ROSEHIP_XRCE_TIME_SYNC_H

#include "message.h"

enum {
  TIME_SYNC_PERIOD_US = 10 * 1000 * 1000,
  TIME_SYNC_RETRY_US = 500 * 1000, /* Before the first estimate, and once after it: it may be poor. */
  TIME_SYNC_DRIFT_PPM = 200,       /* Two crystals of 100 ppm. */
};

typedef struct {
  bool synchronised;
  int64_t offset_us;
  int64_t target_us;    /* The last estimate that counted; */
  int64_t error_us;     /* wrong by that at most when it was made, */
  uint64_t measured_us; /* then. */
  uint64_t read_us; /* When offset_us was last moved towards target_us. */
  uint64_t next_us; /* When the next TIMESTAMP is due. */
} time_sync_t;

int64_t rh_time_sync_now_ns(time_sync_t* sync, uint64_t now_us);
void rh_time_sync_write(time_sync_t* sync, rosehip_cdr_writer_t* writer, uint64_t now_us);

/* False if it does not decode. */
bool rh_time_sync_on_reply(time_sync_t* sync, const submessage_t* submessage, uint64_t now_us);

#endif
