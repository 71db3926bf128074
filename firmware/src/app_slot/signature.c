/*
 * The key whose apps this firmware takes, by -DROSEHIP_APP_KEY=0x12,0x34,... with the 32 octets of an Ed25519 public key
 * (docs/deploy.md). The check of signatures is Monocypher's; without a key nothing of it is compiled.
 */
#ifdef ROSEHIP_APP_KEY

#include "optional/monocypher-ed25519.h"

#include <string.h>

#include "rosehip/app_slot.h"

enum { AT_ABI_VERSION = 16, AT_LENGTH = 20, AT_HASH = 24, STATEMENT_BYTES = AT_HASH + ROSEHIP_APP_HASH_BYTES };

static const uint8_t public_key[] = {ROSEHIP_APP_KEY};

_Static_assert(sizeof public_key == 32, "32 octets, by commas");

static void put_u32(uint8_t* at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (8 * i));
}

bool rosehip_app_verify(const rosehip_app_description_t* app) {
  uint8_t statement[STATEMENT_BYTES] = "rosehip app v1";
  put_u32(statement + AT_ABI_VERSION, app->abi_version);
  put_u32(statement + AT_LENGTH, app->length_bytes);
  memcpy(statement + AT_HASH, app->hash, sizeof app->hash);
  return app->is_signed && crypto_ed25519_check(app->signature, public_key, statement, sizeof statement) == 0;
}

#endif
