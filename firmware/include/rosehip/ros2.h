/*
 * ROS 2 on DDS-XRCE: a context (one session with an agent), its nodes, their services, clients, publishers and
 * subscriptions, and the log.
 *
 * Names and QoS are those of rmw_fastrtps, so that an rclpy peer sees an ordinary node. Everything stays in the graph
 * over agent restarts and link losses without the caller doing anything. Sans-IO and not thread-safe, exactly as
 * rosehip/xrce_session.h: call rosehip_context_receive for every message, then rosehip_context_poll.
 */
#ifndef ROSEHIP_ROS2_H
#define ROSEHIP_ROS2_H

#include "rosehip/xrce_session.h"

/* All in the arena; opaque. */
typedef struct rosehip_context rosehip_context_t;
typedef struct rosehip_node rosehip_node_t;
typedef struct rosehip_service rosehip_service_t;
typedef struct rosehip_client rosehip_client_t;
typedef struct rosehip_publisher rosehip_publisher_t;
typedef struct rosehip_subscription rosehip_subscription_t;

typedef struct rosehip_log_line rosehip_log_line_t; /* Below. */

/* Severities of rcl_interfaces/msg/Log. */
typedef enum {
  ROSEHIP_LOG_DEBUG = 10,
  ROSEHIP_LOG_INFO = 20,
  ROSEHIP_LOG_WARN = 30,
  ROSEHIP_LOG_ERROR = 40,
  ROSEHIP_LOG_FATAL = 50,
} rosehip_severity_t;

/* ---- Context ------------------------------------------------------------------------------------------- */

typedef struct {
  rosehip_xrce_session_config_t session; /* Its callbacks are called; context is for them and for send. */
  uint16_t domain_id;                    /* ROS_DOMAIN_ID of all nodes, 0 to 232. */
  uint32_t log_queue_bytes;              /* Log lines that wait for the link; 0 means 2,048. */
  /* Shows each line that is logged, at once; `context` is the session's. May be NULL. Must not log. */
  void (*console)(void* context, const rosehip_log_line_t* line);
} rosehip_context_config_t;

typedef struct {
  uint32_t log_lines_sent;    /* Queued for the agent. */
  uint32_t log_lines_dropped; /* The oldest line went because the queue was full, or the newest as the arena was. */
  uint32_t log_lines_cut;     /* Longer than ROSEHIP_LOG_LINE_BYTES; ends in "...". */
} rosehip_context_stats_t;

/* Longest log message in octets; longer ones are cut at a UTF-8 character and end in "...". */
enum { ROSEHIP_LOG_LINE_BYTES = 256 };

/*
 * Makes a context that connects by itself. What goes wrong with the agent, the link or the memory (an object refused,
 * samples that wait, are lost or dropped) is logged, by the logger "rosehip": once in a minute while it goes on.
 * ROSEHIP_OK, ROSEHIP_ERROR_INVALID_ARGUMENT or ROSEHIP_ERROR_OUT_OF_MEMORY.
 */
int rosehip_context_create(const rosehip_context_config_t* config, uint64_t now_us, rosehip_context_t** context);

/* Frees the context with its nodes and all of theirs; sends nothing. NULL is allowed. */
void rosehip_context_destroy(rosehip_context_t* context);

/* As the functions of rosehip/xrce_session.h of the same name. */
void rosehip_context_receive(rosehip_context_t* context, const uint8_t* message, size_t length_bytes, uint64_t now_us);
uint64_t rosehip_context_poll(rosehip_context_t* context, uint64_t now_us);
int rosehip_context_close(rosehip_context_t* context);
void rosehip_context_reconnect(rosehip_context_t* context, uint64_t now_us);

/* True while an agent knows us. */
bool rosehip_context_connected(const rosehip_context_t* context);

/* As rosehip_xrce_session_tells_matches. */
bool rosehip_context_tells_matches(const rosehip_context_t* context);

/* ROS time in ns since 1970, 0 until synchronised with the agent; never goes backward. */
int64_t rosehip_context_ros_time_ns(rosehip_context_t* context, uint64_t now_us);

const rosehip_context_stats_t* rosehip_context_stats(const rosehip_context_t* context);
const rosehip_xrce_stats_t* rosehip_context_session_stats(const rosehip_context_t* context);

/* ---- Node ---------------------------------------------------------------------------------------------- */

/*
 * Makes a node: one DDS participant, named `name`, or "/name_space/name" if the namespace is not the root.
 *   name        1 to 255 octets of [A-Za-z0-9_], not starting with a digit
 *   name_space  "" or "/" for the root, else absolute: "/robot1/arm"
 * ROSEHIP_OK, ROSEHIP_ERROR_INVALID_NAME, ROSEHIP_ERROR_OUT_OF_MEMORY. The oldest node also publishes /rosout; a hidden
 * one, whose name begins with an underscore, only while there is no other.
 */
int rosehip_node_create(rosehip_context_t* context, rosehip_text_t name, rosehip_text_t name_space,
                        rosehip_node_t** node);

/* Removes the node and everything made for it. Not allowed inside a callback of one of its own entities. */
void rosehip_node_destroy(rosehip_node_t* node);

/* ---- Service server ------------------------------------------------------------------------------------ */

/* One request. All pointers are borrowed for the call; copy the identity to reply later. */
typedef struct {
  const uint8_t* identity; /* ROSEHIP_SAMPLE_IDENTITY_BYTES */
  const uint8_t* payload;  /* CDR without encapsulation header, not aligned. */
  size_t length_bytes;
  size_t too_large_bytes;  /* As in rosehip_xrce_sample_t: the client waits to hear of it. Told in the log. */
  bool no_memory;          /* As in rosehip_xrce_sample_t. */
  bool big_endian;
} rosehip_request_t;

/*
 * Takes one request. ROSEHIP_OK: it was taken. ROSEHIP_ERROR_BUSY: keep it and offer it again at a later
 * rosehip_context_poll; requests behind it wait, at the agent if need be, and none is lost. ROSEHIP_ERROR_OUT_OF_MEMORY:
 * the same for 5 s, told in the log; then it is offered as too large. Called from receive and poll; may reply, publish and
 * log; must not destroy this service or its node, nor call receive or poll.
 */
typedef int (*rosehip_on_request_t)(void* context, const rosehip_request_t* request);

typedef struct {
  rosehip_text_t name;          /* Fully qualified: "/add_two_ints". */
  rosehip_text_t request_type;  /* "example_interfaces::srv::dds_::AddTwoInts_Request_" */
  rosehip_text_t response_type; /* "example_interfaces::srv::dds_::AddTwoInts_Response_" */
  const uint8_t* hashes;        /* 64 octets: RIHS01 SHA-256 of the request, then of the response; NULL: unknown. */
  rosehip_on_request_t on_request;
  void* context; /* Passed to on_request. */
} rosehip_service_config_t;

/* ROSEHIP_OK, ROSEHIP_ERROR_INVALID_NAME, ROSEHIP_ERROR_OUT_OF_MEMORY. Texts and hashes are copied. */
int rosehip_service_create(rosehip_node_t* node, const rosehip_service_config_t* config, rosehip_service_t** service);

/* Removes it from the graph. Replies still to be given are lost. */
void rosehip_service_destroy(rosehip_service_t* service);

/* Changes who takes the requests, for an app that starts again and takes its service over. */
void rosehip_service_set_callback(rosehip_service_t* service, rosehip_on_request_t on_request, void* context);

/*
 * Queues the response (little-endian CDR without encapsulation header, copied) to the request with this identity.
 * ROSEHIP_OK; ROSEHIP_ERROR_BUSY (queue or arena full: the same call may succeed after the next poll);
 * ROSEHIP_ERROR_DISCONNECTED (no agent at the moment, or the service is not created there yet: try again when
 * connected; the client still waits); ROSEHIP_ERROR_TOO_LARGE; ROSEHIP_ERROR_OUT_OF_MEMORY.
 */
int rosehip_service_reply(rosehip_service_t* service, const uint8_t* identity, const uint8_t* payload,
                          size_t length_bytes);

/* As rosehip_xrce_object_matched: clients that match. */
int rosehip_service_matched(const rosehip_service_t* service);

/* ---- Service client ------------------------------------------------------------------------------------ */

/* One response. `payload` is borrowed for the call. */
typedef struct {
  uint16_t request_id; /* As rosehip_client_call returned it. */
  const uint8_t* payload; /* CDR without encapsulation header, not aligned. */
  size_t length_bytes;
  size_t too_large_bytes; /* As in rosehip_xrce_sample_t: no other response comes. Told in the log. */
  bool no_memory;         /* As in rosehip_xrce_sample_t. */
  bool big_endian;
} rosehip_response_t;

/* Takes one response. Results, and what it may call, as rosehip_on_request_t. */
typedef int (*rosehip_on_response_t)(void* context, const rosehip_response_t* response);

typedef struct {
  rosehip_text_t name, request_type, response_type; /* As of a service server. */
  const uint8_t* hashes;
  rosehip_on_response_t on_response;
  void* context; /* Passed to on_response. */
} rosehip_client_config_t;

/* ROSEHIP_OK, ROSEHIP_ERROR_INVALID_NAME, ROSEHIP_ERROR_OUT_OF_MEMORY. Texts and hashes are copied. */
int rosehip_client_create(rosehip_node_t* node, const rosehip_client_config_t* config, rosehip_client_t** client);
void rosehip_client_destroy(rosehip_client_t* client);

/*
 * Queues one request (little-endian CDR without encapsulation header, copied) and returns its id, 10 to 65,535, by
 * which its response is known; ids come again after 65,526 requests. Errors as rosehip_service_reply. There is no
 * time-out; after the connection was lost, no response comes to what was asked before.
 */
int rosehip_client_call(rosehip_client_t* client, const uint8_t* payload, size_t length_bytes);

/* True while the agent holds it: calls are possible. */
bool rosehip_client_ready(const rosehip_client_t* client);

/* As rosehip_xrce_object_matched: servers that match. */
int rosehip_client_matched(const rosehip_client_t* client);

/* ---- Publisher ----------------------------------------------------------------------------------------- */

typedef struct {
  rosehip_text_t topic;     /* Fully qualified: "/chatter". */
  rosehip_text_t type;      /* "std_msgs::msg::dds_::String_" */
  const uint8_t* type_hash; /* 32 octets or NULL. */
  rosehip_qos_t qos;
  uint16_t retain; /* Newest samples to keep here and to send on each new connection; 0: none. See below. */
} rosehip_publisher_config_t;

/*
 * The agent keeps what a transient-local publisher owes to late subscriptions. When the agent starts again that is
 * gone, and what was published without an agent never came there; a publisher that retains makes up for both. Samples
 * of a lifespan should not be retained: they would live anew.
 */

/* ROSEHIP_OK, ROSEHIP_ERROR_INVALID_NAME, ROSEHIP_ERROR_OUT_OF_MEMORY. Texts and hash are copied. */
int rosehip_publisher_create(rosehip_node_t* node, const rosehip_publisher_config_t* config,
                             rosehip_publisher_t** publisher);
void rosehip_publisher_destroy(rosehip_publisher_t* publisher);

/*
 * Queues one message (little-endian CDR without encapsulation header, copied). Results as rosehip_service_reply, except
 * that one that is retained is not ROSEHIP_ERROR_DISCONNECTED: it is sent later.
 */
int rosehip_publisher_publish(rosehip_publisher_t* publisher, const uint8_t* payload, size_t length_bytes);

/* As rosehip_xrce_object_matched: subscriptions that match. */
int rosehip_publisher_matched(const rosehip_publisher_t* publisher);

/* ---- Subscription -------------------------------------------------------------------------------------- */

/* One message. `payload` is borrowed for the call. Those that are too large, for sample_limit_bytes or for the arena, are
   dropped, and told in the log. */
typedef struct {
  const uint8_t* payload; /* CDR without encapsulation header, not aligned. */
  size_t length_bytes;
  bool big_endian;
} rosehip_message_t;

/*
 * Takes one message. Results, and what it may call, as rosehip_on_request_t; a best-effort message that is
 * ROSEHIP_ERROR_BUSY is lost with what shares its XRCE message, one that is ROSEHIP_ERROR_OUT_OF_MEMORY is lost alone, and
 * that is told in the log.
 */
typedef int (*rosehip_on_message_t)(void* context, const rosehip_message_t* message);

typedef struct {
  rosehip_text_t topic;     /* Fully qualified: "/chatter". */
  rosehip_text_t type;      /* "std_msgs::msg::dds_::String_" */
  const uint8_t* type_hash; /* 32 octets or NULL. */
  rosehip_qos_t qos;
  rosehip_on_message_t on_message;
  void* context; /* Passed to on_message. */
} rosehip_subscription_config_t;

/* ROSEHIP_OK, ROSEHIP_ERROR_INVALID_NAME, ROSEHIP_ERROR_OUT_OF_MEMORY. Texts and hash are copied. */
int rosehip_subscription_create(rosehip_node_t* node, const rosehip_subscription_config_t* config,
                                rosehip_subscription_t** subscription);
void rosehip_subscription_destroy(rosehip_subscription_t* subscription);

/* As rosehip_xrce_object_matched: publishers that match. */
int rosehip_subscription_matched(const rosehip_subscription_t* subscription);

/* ---- Log ----------------------------------------------------------------------------------------------- */

struct rosehip_log_line {
  rosehip_severity_t severity;
  rosehip_text_t logger;  /* e.g. the node's name; at most 64 octets are kept. */
  rosehip_text_t message; /* Without line end. */
  rosehip_text_t file;    /* At most 64 octets are kept; may be empty. */
  uint32_t line;          /* From 1; 0 if unknown. */
};

/*
 * Puts one line into the log queue, from where it goes to /rosout as soon as there is a node and an agent: lines from
 * before the first connection arrive too, with the time at which they were logged. Never blocks and never fails: if
 * the queue is full, the oldest lines go, and how many is logged when it is empty. Cost: one copy.
 */
void rosehip_log(rosehip_context_t* context, const rosehip_log_line_t* line, uint64_t now_us);

#endif
