/* The app's QoS record (docs/abi.md) as DDS-XRCE can say it. */
#include "state.h"
#include "wasm/abi_table.h"

enum { NS_PER_MS = 1000000 };

static uint64_t get(const uint8_t* at, int octets) {
  uint64_t value = 0;
  for (int i = 0; i < octets; i++) value |= (uint64_t)at[i] << (8 * i);
  return value;
}

/* Milliseconds, rounded up, since 0 means infinite; so does what does not fit. */
static uint32_t milliseconds(const uint8_t* at) {
  const uint64_t value_ns = get(at, 8);
  const uint64_t whole_ms = value_ns / NS_PER_MS;
  const uint64_t value_ms = whole_ms + (whole_ms * NS_PER_MS != value_ns);
  return value_ms > UINT32_MAX ? 0 : (uint32_t)value_ms;
}

bool rh_qos_read(topic_config_t* config) {
  const uint8_t* record = config->qos_record;
  const uint32_t depth = (uint32_t)get(record + ROSEHIP_ABI_QOS_DEPTH, 4);
  const bool keep_all = record[ROSEHIP_ABI_QOS_HISTORY] == 1;
  if (record[ROSEHIP_ABI_QOS_RELIABILITY] > 1 || record[ROSEHIP_ABI_QOS_DURABILITY] > 1 ||
      record[ROSEHIP_ABI_QOS_HISTORY] > 1 || record[ROSEHIP_ABI_QOS_LIVELINESS] > 1) {
    return false;
  }
  if (!keep_all && (depth == 0 || depth > UINT16_MAX)) return false;
  const unsigned flags = (record[ROSEHIP_ABI_QOS_RELIABILITY] == 1 ? ROSEHIP_QOS_RELIABLE : 0u) |
                         (record[ROSEHIP_ABI_QOS_DURABILITY] == 1 ? ROSEHIP_QOS_TRANSIENT_LOCAL : 0u) |
                         (keep_all ? 0u : ROSEHIP_QOS_KEEP_LAST);
  config->qos = (rosehip_qos_t){.flags = (uint16_t)flags,
                                .depth = keep_all ? 0 : (uint16_t)depth,
                                .deadline_ms = milliseconds(record + ROSEHIP_ABI_QOS_DEADLINE_NS),
                                .lifespan_ms = milliseconds(record + ROSEHIP_ABI_QOS_LIFESPAN_NS),
                                .lease_ms = milliseconds(record + ROSEHIP_ABI_QOS_LEASE_NS),
                                .manual_by_topic = record[ROSEHIP_ABI_QOS_LIVELINESS] == 1};
  return true;
}
