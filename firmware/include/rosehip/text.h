/*
 * A borrowed piece of UTF-8: address and length in octets, no NUL. The octets belong to whoever made it and need to
 * live only for the duration of the call they are given to, unless that call says otherwise.
 */
#ifndef ROSEHIP_TEXT_H
#define ROSEHIP_TEXT_H

#include <stddef.h>

typedef struct {
  const char* data;
  size_t length_bytes;
} rosehip_text_t;

/* From a string literal only: sizeof sees the array. */
#define ROSEHIP_TEXT(literal) ((rosehip_text_t){"" literal, sizeof(literal) - 1})

#endif
