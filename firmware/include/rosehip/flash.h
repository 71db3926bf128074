/*
 * A region of NOR flash for apps, as a board gives it to the firmware (port.h, app_flash). What is kept in it, and how,
 * is app_slot.h's alone.
 *
 * NOR semantics: erasing makes every octet of a block 0xff, writing clears bits. The firmware asks for no more than
 * that: it writes each unit of write_bytes at most once after its block was erased, so memories with ECC and encrypted
 * ones are good, too. Power may fail inside erase and write: any part of that block or of those octets may then be
 * done, the others not; octets that were not asked for keep their value.
 *
 * Offsets count from the region's start. All functions are called from the firmware's loop. erase and write may block
 * for as long as the memory needs for what is asked, which is one block or at most ROSEHIP_FLASH_WRITE_LIMIT_BYTES;
 * what the link receives meanwhile must not be lost (an interrupt or DMA takes it).
 */
#ifndef ROSEHIP_FLASH_H
#define ROSEHIP_FLASH_H

#include <stddef.h>
#include <stdint.h>

enum {
  ROSEHIP_FLASH_UNIT_MAX_BYTES = 256,   /* Largest write_bytes. */
  ROSEHIP_FLASH_WRITE_LIMIT_BYTES = 1024, /* Most octets of one write. */
};

typedef struct {
  void* context;        /* Passed to all functions. */
  uint32_t size_bytes;  /* Of the region; at least 4 blocks. What is over an even number of blocks is left unused. */
  uint32_t erase_bytes; /* Of one block, a power of two, at least write_bytes; 4,096 is usual. */
  uint32_t write_bytes; /* Offsets and lengths of writes are multiples of it: a power of two, 1 to 256. */

  /* Copies octets from flash. ROSEHIP_OK or ROSEHIP_ERROR_STORAGE. */
  int (*read)(void* context, uint32_t offset, void* bytes, size_t length_bytes);

  /* Writes octets to a place that is erased. ROSEHIP_OK; ROSEHIP_ERROR_STORAGE: it failed, any part may be written. */
  int (*write)(void* context, uint32_t offset, const void* bytes, size_t length_bytes);

  /* Erases the block that begins at `offset`. ROSEHIP_OK; ROSEHIP_ERROR_STORAGE: it failed, any part may be erased. */
  int (*erase)(void* context, uint32_t offset);

  /*
   * These octets, as they are now, as memory that can be read directly until the same offset is asked for again; NULL if
   * that is impossible: then the app is copied into the arena. What is written or erased later need not show there.
   * While write or erase run, nothing reads it. The function itself may be NULL.
   */
  const uint8_t* (*map)(void* context, uint32_t offset, size_t length_bytes);
} rosehip_flash_t;

#endif
