/*
 * ROS 2 names: what is valid (rmw/validate_full_topic_name.h, validate_namespace.h, validate_node_name.h) and how they
 * become DDS topic names (design article "Topic and Service name mapping to DDS").
 */
#ifndef ROSEHIP_ROS2_NAME_H
#define ROSEHIP_ROS2_NAME_H

#include <stdbool.h>

#include "rosehip/xrce_session.h"

enum {
  NODE_NAME_MAX_BYTES = 255,
  NAMESPACE_MAX_BYTES = 245,
  TOPIC_NAME_MAX_BYTES = 247, /* With its prefix it must fit 255. */
  TYPE_NAME_MAX_BYTES = 255,
  MANGLED_NAME_MAX_BYTES = TOPIC_NAME_MAX_BYTES + 9, /* "rq" ... "Request" */
  PARTICIPANT_NAME_MAX_BYTES = NAMESPACE_MAX_BYTES + 1 + NODE_NAME_MAX_BYTES,
};

/* [A-Za-z0-9_]+, not starting with a digit. */
bool rh_name_is_node_name(rosehip_text_t name);

/* "", "/", or as rh_name_is_full, at most NAMESPACE_MAX_BYTES. */
bool rh_name_is_namespace(rosehip_text_t name);

/* "/token/token": absolute, no empty token, none that starts with a digit, at most TOPIC_NAME_MAX_BYTES. */
bool rh_name_is_full(rosehip_text_t name);

/* "package::srv::dds_::Type_Request_": printable ASCII without spaces, at most TYPE_NAME_MAX_BYTES. */
bool rh_name_is_dds_type(rosehip_text_t type);

/* Joins prefix, name and suffix in `out`, which must have room for them. */
rosehip_text_t rh_name_join(char* out, rosehip_text_t prefix, rosehip_text_t name, rosehip_text_t suffix);

/* Room for the names of a service's two topics. */
typedef struct {
  char request[MANGLED_NAME_MAX_BYTES];
  char reply[MANGLED_NAME_MAX_BYTES];
} service_topics_t;

/* A service as its server and its clients describe it to the agent; `name` is full. The result points to `topics`. */
rosehip_xrce_service_t rh_name_service(service_topics_t* topics, rosehip_text_t name, rosehip_text_t request_type,
                                       rosehip_text_t response_type, const uint8_t* hashes);

#endif
