/*
 * Octets between an interrupt and the loop. One of them puts, the other takes; each writes one index only, so neither
 * has to keep the other out. For one core.
 */
#ifndef ROSEHIP_BARE_METAL_RING_H
#define ROSEHIP_BARE_METAL_RING_H

#include <stdbool.h>
#include <stdint.h>

/* A power of two; 44 ms of a line at 115,200 baud, while the app runs. */
enum { RING_BYTES = 512 };

typedef struct {
  volatile uint32_t put;  /* octets put so far; wraps */
  volatile uint32_t taken; /* octets taken so far; wraps */
  volatile uint8_t octets[RING_BYTES];
} ring_t;

static inline bool ring_is_empty(const ring_t* ring) { return ring->put == ring->taken; }

static inline bool ring_is_full(const ring_t* ring) { return ring->put - ring->taken == RING_BYTES; }

/* Not into a full one. */
static inline void ring_put(ring_t* ring, uint8_t octet) {
  ring->octets[ring->put % RING_BYTES] = octet;
  ring->put = ring->put + 1;
}

/* Not from an empty one. */
static inline uint8_t ring_take(ring_t* ring) {
  const uint8_t octet = ring->octets[ring->taken % RING_BYTES];
  ring->taken = ring->taken + 1;
  return octet;
}

#endif
