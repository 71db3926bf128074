/* The ROS 2 layer's own memory, shared by the files of this folder. */
#ifndef ROSEHIP_ROS2_CONTEXT_PRIVATE_H
#define ROSEHIP_ROS2_CONTEXT_PRIVATE_H

#include "rosehip/ros2.h"

/* What rh_log_report has told of a count, and when. */
typedef struct {
  uint32_t count, said;
} report_t;

enum { REPORTS = 7 };

typedef struct log_line log_line_t;
typedef struct topic topic_t;

/* Lines from oldest to newest, not yet given to the session. */
typedef struct {
  log_line_t* oldest;
  log_line_t* newest;
  size_t bytes;
  rosehip_publisher_t* publisher; /* /rosout, NULL without a node or memory. */
  const rosehip_node_t* node;     /* whose: the oldest that is not hidden, if there is one */
} log_queue_t;

struct rosehip_context {
  rosehip_xrce_session_config_t config; /* The owner's: its callbacks are called from ours. */
  rosehip_xrce_session_t* session;
  rosehip_arena_t* arena;
  uint16_t domain_id;
  uint32_t log_queue_bytes;
  rosehip_context_stats_t stats;
  rosehip_node_t* nodes; /* Oldest first, hidden ones last. */
  log_queue_t log;
  uint64_t now_us; /* Of the call of receive or poll that is under way. */
  void (*console)(void* context, const rosehip_log_line_t* line);
  uint32_t said_waits;        /* For rh_log_sample. */
  report_t reported[REPORTS]; /* As report.c's subjects. */
};

struct rosehip_node {
  rosehip_node_t* next;
  rosehip_context_t* context;
  rosehip_xrce_object_t* participant;
  rosehip_xrce_object_t* publisher;  /* One for all datawriters of the node; NULL before the first. */
  rosehip_xrce_object_t* subscriber; /* One for all datareaders of the node; NULL before the first. */
  topic_t* topics;
  rosehip_service_t* services;
  rosehip_client_t* clients;
  rosehip_publisher_t* publishers;
  rosehip_subscription_t* subscriptions;
  bool hidden; /* its name begins with an underscore; behind those that are not, in the context's list */
};

/* A DDS topic of a node. DDS allows one of a name in a participant: those who use it share it. */
struct topic {
  topic_t* next;
  rosehip_xrce_object_t* object;
  uint32_t users;
  size_t name_bytes;
  size_t type_bytes;
  char name[]; /* ROS 2 name, then type. */
};

/* The topic of that ROS 2 name and type, made if there is none. ROSEHIP_OK, ROSEHIP_ERROR_INVALID_NAME (bad, or in use
   with another type), ROSEHIP_ERROR_OUT_OF_MEMORY. Give it back with rh_topic_release. */
int rh_topic_acquire(rosehip_node_t* node, rosehip_text_t name, rosehip_text_t type, topic_t** topic);
void rh_topic_release(rosehip_node_t* node, topic_t* topic);

/* The connection was lost: retained samples are to be sent again. */
void rh_publishers_reset(rosehip_context_t* context);
/* Sends what was retained, as far as there is room. */
void rh_publishers_flush(rosehip_context_t* context);

/* These say the same once in a minute (sentence.h). */

/* Logs what was lost or dropped since it last said so. */
void rh_log_report(rosehip_context_t* context);
/* The agent has refused this object; `told`: and has said so on /rosout. */
void rh_log_refused(rosehip_context_t* context, const rosehip_xrce_object_t* object, uint8_t status, bool told);
/* A sample for this object is lost, for want of memory or since it is too large; with the context's own `said`, it waits for
   memory. With a length of 0 there is nothing to log. */
void rh_log_sample(rosehip_context_t* context, const rosehip_xrce_object_t* object, size_t length_bytes, bool no_memory,
                   uint32_t* said);
/* Shows a line on the console alone. */
void rh_log_show(const rosehip_context_t* context, const rosehip_log_line_t* line);

/* Makes the /rosout publisher if there is a node and none yet, and gives it what waits. */
void rh_log_flush(rosehip_context_t* context, uint64_t now_us);

/* The node goes: its /rosout publisher, if it has it, is about to be destroyed. */
void rh_log_detach(rosehip_context_t* context, const rosehip_publisher_t* publisher);
void rh_log_free(rosehip_context_t* context);

#endif
