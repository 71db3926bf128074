#include "rosehip/sha256.h"

#include <string.h>

/* FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t value, int bits) { return value >> bits | value << (32 - bits); }

/* 6.2.2 */
static void add_block(uint32_t state[8], const uint8_t* block) {
  uint32_t w[16], v[8];
  memcpy(v, state, sizeof v);
  for (int t = 0; t < 64; t++) {
    uint32_t* word = &w[t & 15];
    if (t < 16) {
      *word = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8 |
              block[4 * t + 3];
    } else {
      const uint32_t early = w[(t + 1) & 15], late = w[(t + 14) & 15];
      *word += (rotate(early, 7) ^ rotate(early, 18) ^ early >> 3) + w[(t + 9) & 15] +
               (rotate(late, 17) ^ rotate(late, 19) ^ late >> 10);
    }
    const uint32_t a = v[0], e = v[4];
    const uint32_t t1 =
        v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & v[5]) ^ (~e & v[6])) + K[t] + *word;
    const uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
    memmove(v + 1, v, 7 * sizeof *v);
    v[4] += t1;
    v[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) state[i] += v[i];
}

/* 5.3.3 */
void rosehip_sha256_begin(rosehip_sha256_t* hash) {
  static const uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(hash->state, state, sizeof state);
  hash->length_bytes = 0;
}

void rosehip_sha256_add(rosehip_sha256_t* hash, const void* octets, size_t length_bytes) {
  const uint8_t* at = octets;
  for (size_t i = 0; i < length_bytes; i++) {
    hash->block[hash->length_bytes++ % ROSEHIP_SHA256_BLOCK_BYTES] = at[i];
    if (hash->length_bytes % ROSEHIP_SHA256_BLOCK_BYTES == 0) add_block(hash->state, hash->block);
  }
}

/* 5.1.1: a bit 1, zeros, the length in bits as 64 of them. */
void rosehip_sha256_end(rosehip_sha256_t* hash, uint8_t digest[ROSEHIP_SHA256_BYTES]) {
  uint8_t length[8] = {0};
  for (int i = 0; i < 4; i++) length[4 + i] = (uint8_t)(hash->length_bytes << 3 >> (24 - 8 * i));
  rosehip_sha256_add(hash, "\x80", 1);
  while (hash->length_bytes % ROSEHIP_SHA256_BLOCK_BYTES != ROSEHIP_SHA256_BLOCK_BYTES - sizeof length) {
    rosehip_sha256_add(hash, "", 1);
  }
  rosehip_sha256_add(hash, length, sizeof length);
  for (int i = 0; i < ROSEHIP_SHA256_BYTES; i++) digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}
