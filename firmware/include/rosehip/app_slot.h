/*
 * Two slots for apps in the board's flash (rosehip/flash.h). One holds the app that runs, or the last good one; new
 * apps are written into the other. Whenever power fails, inside any write or erase, one of them is whole.
 *
 * The region's blocks are halved: slot 0, slot 1. A slot is, from its start (numbers in the board's own byte order):
 *
 *     0    0x31504852, "RHP1" in memory        16   SHA-256 of the module
 *     4    sequence number, u32                48   Ed25519 signature (RFC 8032) of the statement below; else 0
 *     8    length of the module, u32           112  0
 *     12   ABI version of the app, u16         124  check: the first 4 octets of SHA-256 of octets 0 to 123
 *     14   1: it is signed, u8                 128  a unit of the flash: "tried" if not all 0xff
 *     15   0                                   then a unit: "confirmed" if not all 0xff; then the module
 *
 * where a unit is write_bytes of the flash, and the header's 128 octets are rounded up to units.
 *
 *   EMPTY      the header does not hold: nothing was written, or not to its end
 *   PENDING    a header, not tried: the module is whole; it is to be tried once               -tried written-> TRIED
 *   TRIED      tried, not confirmed: on trial; at the next start: failed               -confirmed written-> CONFIRMED
 *   CONFIRMED  it came through its trial
 *   any        -header overwritten by zeros, first block erased-> EMPTY -module, then header written-> PENDING
 *
 * Cuts: an erase that is cut may leave anything of the block, but never a header, since zeros do not come back. A
 * module that is not all there has no header, as that is written last; half a header fails its check. Half a mark counts
 * as a mark: "tried" then means that the app failed, "confirmed" is only ever written to one that did not. An app that
 * was on trial when the board stopped, for whatever reason, is TRIED at the next start and not run again.
 *
 * Wear: a deployment erases each block of one slot at most once, and two in a row take turns, so a memory that stands
 * 100,000 erasures takes 200,000 deployments. Starting the board erases nothing; it writes one mark after a deployment.
 *
 * Sans-IO and not thread-safe.
 */
#ifndef ROSEHIP_APP_SLOT_H
#define ROSEHIP_APP_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rosehip/error.h"
#include "rosehip/flash.h"
#include "rosehip/sha256.h"

enum {
  ROSEHIP_APP_SLOTS = 2,
  ROSEHIP_APP_HASH_BYTES = ROSEHIP_SHA256_BYTES,
  ROSEHIP_APP_SIGNATURE_BYTES = 64, /* Ed25519 */
};

typedef enum {
  ROSEHIP_SLOT_EMPTY,
  ROSEHIP_SLOT_PENDING,
  ROSEHIP_SLOT_TRIED,
  ROSEHIP_SLOT_CONFIRMED,
} rosehip_slot_state_t;

/* What is known of a module besides its octets, as it is in flash. */
typedef struct {
  uint32_t length_bytes;
  uint16_t abi_version;
  uint8_t is_signed; /* if not 0 */
  uint8_t reserved;  /* 0 */
  uint8_t hash[ROSEHIP_APP_HASH_BYTES];
  uint8_t signature[ROSEHIP_APP_SIGNATURE_BYTES]; /* 0 if not signed */
} rosehip_app_description_t;

typedef struct {
  rosehip_slot_state_t state;
  uint32_t sequence;             /* The larger, the newer. */
  rosehip_app_description_t app; /* Unless EMPTY. */
} rosehip_app_slot_t;

/* Its fields are for reading. */
typedef struct {
  const rosehip_flash_t* flash;
  uint32_t slot_bytes;     /* of one slot */
  uint32_t module_offset;  /* of the module in its slot */
  uint32_t capacity_bytes; /* of the largest module */
  rosehip_app_slot_t slot[ROSEHIP_APP_SLOTS];
} rosehip_app_slots_t;

/* A module on its way into a slot. */
typedef struct {
  rosehip_app_description_t app; /* What it is to be; set by the caller before rosehip_app_write_begin. */
  uint32_t received_bytes; /* written and read back */
  rosehip_sha256_t hash;   /* of those */
  uint8_t slot;
} rosehip_app_writer_t;

/*
 * Reads what is in the flash (borrowed as long as *slots is in use). ROSEHIP_OK, whatever is in it;
 * ROSEHIP_ERROR_INVALID_ARGUMENT: it is not as flash.h demands, or too small.
 */
int rosehip_app_slots_open(rosehip_app_slots_t* slots, const rosehip_flash_t* flash);

/* The newest slot that is PENDING or CONFIRMED and not in `excluded` (bit n: slot n); -1 if there is none. */
int rosehip_app_slots_newest(const rosehip_app_slots_t* slots, unsigned excluded);

/* The slot that a new app goes to while `used` runs: the other one; if none of them runs (-1), the older. */
int rosehip_app_slots_free(const rosehip_app_slots_t* slots, int used);

/* True if the module's octets are what its hash says; reads all of them. */
bool rosehip_app_slot_intact(const rosehip_app_slots_t* slots, int slot);

/* Copies the first octets of the module. ROSEHIP_OK or ROSEHIP_ERROR_STORAGE. */
int rosehip_app_slot_read(const rosehip_app_slots_t* slots, int slot, uint8_t* module, uint32_t length_bytes);

/* The same octets where they are, until something else is written there; NULL: not possible. */
const uint8_t* rosehip_app_slot_map(const rosehip_app_slots_t* slots, int slot, uint32_t length_bytes);

/* PENDING -> TRIED; TRIED -> CONFIRMED. ROSEHIP_OK or ROSEHIP_ERROR_STORAGE, and the state is as before. */
int rosehip_app_slot_mark(rosehip_app_slots_t* slots, int slot, rosehip_slot_state_t state);

/*
 * Makes `slot` EMPTY, for writer->app, and erases what comes before the module. ROSEHIP_OK, ROSEHIP_ERROR_TOO_LARGE
 * (larger than capacity_bytes, or 0 octets; nothing was done), ROSEHIP_ERROR_STORAGE.
 */
int rosehip_app_write_begin(rosehip_app_slots_t* slots, int slot, rosehip_app_writer_t* writer);

/*
 * Writes the next octets, at most ROSEHIP_FLASH_WRITE_LIMIT_BYTES, a multiple of ROSEHIP_FLASH_UNIT_MAX_BYTES unless
 * they are the last ones, erases the blocks that begin among them, and reads them back. ROSEHIP_OK;
 * ROSEHIP_ERROR_INVALID_ARGUMENT (a length that is not so, or more than were announced; nothing was done);
 * ROSEHIP_ERROR_STORAGE: begin again.
 */
int rosehip_app_write(rosehip_app_slots_t* slots, rosehip_app_writer_t* writer, const uint8_t* octets,
                      uint32_t length_bytes);

/*
 * Whether what was read back is what was announced; *writer cannot write more. ROSEHIP_OK, or ROSEHIP_ERROR_MALFORMED:
 * not all came, or the hash is another.
 */
int rosehip_app_write_check(rosehip_app_writer_t* writer);

/* After rosehip_app_write_check: writes the header; the slot is PENDING and the newest. ROSEHIP_OK, ROSEHIP_ERROR_STORAGE. */
int rosehip_app_write_end(rosehip_app_slots_t* slots, const rosehip_app_writer_t* writer);

/*
 * Whose apps a board takes: true if app->signature is good. It is made of 56 octets: "rosehip app v1" with 2 octets 0, ABI
 * version and length as u32, little-endian, and the hash.
 */
typedef bool (*rosehip_app_verify_t)(const rosehip_app_description_t* app);

#ifdef ROSEHIP_APP_KEY
bool rosehip_app_verify(const rosehip_app_description_t* app); /* With the key that is compiled in: app_slot/signature.c. */
#endif

#endif
