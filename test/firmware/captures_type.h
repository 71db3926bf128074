#ifndef CAPTURES_TYPE_H
#define CAPTURES_TYPE_H

typedef struct {
  bool to_agent;
  size_t length;
  const uint8_t* bytes;
} capture_t;

#endif
