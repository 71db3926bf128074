/*
 * SHA-256 (FIPS 180-4, 6.2). Ours, although it is cryptography: every board with app flash needs it, so a library
 * would be one more dependency of every build (ESP-IDF, PlatformIO, native) for 1 KiB of code. It hashes nothing secret,
 * so it has no timing to hide, and is tested with NIST's vectors. Signatures are left to a library.
 */
#ifndef ROSEHIP_SHA256_H
#define ROSEHIP_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { ROSEHIP_SHA256_BYTES = 32, ROSEHIP_SHA256_BLOCK_BYTES = 64 };

typedef struct {
  uint32_t state[8];
  uint32_t length_bytes; /* so far */
  uint8_t block[ROSEHIP_SHA256_BLOCK_BYTES]; /* the last length_bytes % 64 octets */
} rosehip_sha256_t;

void rosehip_sha256_begin(rosehip_sha256_t* hash);

/* All together less than 512 MiB. */
void rosehip_sha256_add(rosehip_sha256_t* hash, const void* octets, size_t length_bytes);

/* The hash of what was added; *hash is used up. */
void rosehip_sha256_end(rosehip_sha256_t* hash, uint8_t digest[ROSEHIP_SHA256_BYTES]);

#endif
