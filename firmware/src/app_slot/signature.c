/*
 * The key whose apps this firmware takes, by -DROSEHIP_APP_KEY=0x12,0x34,... with the 32 octets of an Ed25519 public key
 * (docs/deploy.md). The check of signatures is Monocypher's; without a key nothing of it is compiled.
 */
#ifdef ROSEHIP_APP_KEY

#include "optional/monocypher-ed25519.h"

#include "rosehip/app_slot.h"

_Static_assert(sizeof((uint8_t[]){ROSEHIP_APP_KEY}) == sizeof rosehip_app_key.public_key, "32 octets, by commas");

static bool verify(const uint8_t* public_key, const uint8_t* signature, const uint8_t* message, size_t length_bytes) {
  return crypto_ed25519_check(signature, public_key, message, length_bytes) == 0;
}

const rosehip_app_key_t rosehip_app_key = {.public_key = {ROSEHIP_APP_KEY}, .verify = verify};

#endif
