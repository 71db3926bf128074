#include "name.h"

#include <string.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_token_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_digit(c) || c == '_';
}

static bool is_token(rosehip_text_t text) {
  if (text.length_bytes == 0 || is_digit(text.data[0])) return false;
  for (size_t i = 0; i < text.length_bytes; i++) {
    if (!is_token_character(text.data[i])) return false;
  }
  return true;
}

static bool is_absolute(rosehip_text_t text) {
  if (text.length_bytes == 0 || text.data[0] != '/') return false;
  size_t start = 1;
  for (size_t i = 1; i <= text.length_bytes; i++) {
    if (i < text.length_bytes && text.data[i] != '/') continue;
    if (!is_token((rosehip_text_t){text.data + start, i - start})) return false;
    start = i + 1;
  }
  return true;
}

bool rh_name_is_node_name(rosehip_text_t name) { return name.length_bytes <= NODE_NAME_MAX_BYTES && is_token(name); }

bool rh_name_is_namespace(rosehip_text_t name) {
  if (name.length_bytes == 0 || (name.length_bytes == 1 && name.data[0] == '/')) return true;
  return name.length_bytes <= NAMESPACE_MAX_BYTES && is_absolute(name);
}

bool rh_name_is_full(rosehip_text_t name) { return name.length_bytes <= TOPIC_NAME_MAX_BYTES && is_absolute(name); }

bool rh_name_is_dds_type(rosehip_text_t type) {
  if (type.length_bytes == 0 || type.length_bytes > TYPE_NAME_MAX_BYTES) return false;
  for (size_t i = 0; i < type.length_bytes; i++) {
    if (type.data[i] <= ' ' || type.data[i] > '~') return false;
  }
  return true;
}

rosehip_text_t rh_name_join(char* out, rosehip_text_t prefix, rosehip_text_t name, rosehip_text_t suffix) {
  memcpy(out, prefix.data, prefix.length_bytes);
  memcpy(out + prefix.length_bytes, name.data, name.length_bytes);
  memcpy(out + prefix.length_bytes + name.length_bytes, suffix.data, suffix.length_bytes);
  return (rosehip_text_t){out, prefix.length_bytes + name.length_bytes + suffix.length_bytes};
}

rosehip_xrce_service_t rh_name_service(service_topics_t* topics, rosehip_text_t name, rosehip_text_t request_type,
                                       rosehip_text_t response_type, const uint8_t* hashes) {
  return (rosehip_xrce_service_t){
      .service_name = name,
      .request_type = request_type,
      .reply_type = response_type,
      .request_topic = rh_name_join(topics->request, ROSEHIP_TEXT("rq"), name, ROSEHIP_TEXT("Request")),
      .reply_topic = rh_name_join(topics->reply, ROSEHIP_TEXT("rr"), name, ROSEHIP_TEXT("Reply")),
      .request_type_hash = hashes,
      .reply_type_hash = hashes == NULL ? NULL : hashes + ROSEHIP_TYPE_HASH_BYTES};
}
