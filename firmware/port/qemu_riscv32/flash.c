/*
 * Flash for apps: the second bank of QEMU's "virt" machine, two 16-bit NOR chips side by side with Intel's command set
 * (JEDEC JEP137, CFI command set 0001), in blocks of 256 KiB. In QEMU its file is given with
 * -drive if=pflash,unit=1,format=raw,file=FILE and has 32 MiB; the firmware must then be given with -bios. Only with -DROSEHIP_APP_FLASH.
 */
#include "chip.h"

#ifdef ROSEHIP_APP_FLASH

#include <string.h>

#include "rosehip/error.h"
#include "rosehip/runtime.h"

enum {
  BASE = 0x22000000,
  ERASE_BYTES = 256 * 1024,
  WRITE_BYTES = 4, /* a word of both chips */
  REGION_BYTES = 4 * ERASE_BYTES,
};

/* Each command and status is there twice, once for each chip. */
#define BOTH(code) ((uint32_t)(code) << 16 | (code))
enum {
  READ_ARRAY = 0xff,
  PROGRAM = 0x40,
  ERASE = 0x20,
  CONFIRM = 0xd0,
  CLEAR_STATUS = 0x50,
  STATUS_READY = 0x80,
  STATUS_ERRORS = 0x3a, /* erase, program, voltage, locked */
};

static volatile uint32_t* word_at(uint32_t offset) { return (volatile uint32_t*)(uintptr_t)(BASE + offset); }

static bool is_inside(uint32_t offset, size_t length_bytes) {
  return offset <= REGION_BYTES && length_bytes <= REGION_BYTES - offset;
}

/* Waits for both chips. Interrupts go on meanwhile: the UART's octets are not lost. */
static bool is_done(volatile uint32_t* word) {
  uint32_t status = 0;
  do {
    status = *word;
  } while ((status & BOTH(STATUS_READY)) != BOTH(STATUS_READY));
  if ((status & BOTH(STATUS_ERRORS)) == 0) return true;
  *word = BOTH(CLEAR_STATUS);
  return false;
}

static int flash_read(void* context, uint32_t offset, void* bytes, size_t length_bytes) {
  (void)context;
  if (!is_inside(offset, length_bytes)) return ROSEHIP_ERROR_STORAGE;
  memcpy(bytes, (const void*)(uintptr_t)(BASE + offset), length_bytes);
  return ROSEHIP_OK;
}

static int flash_write(void* context, uint32_t offset, const void* bytes, size_t length_bytes) {
  (void)context;
  const uint8_t* from = bytes;
  bool good = true;
  if (!is_inside(offset, length_bytes) || offset % WRITE_BYTES != 0 || length_bytes % WRITE_BYTES != 0) {
    return ROSEHIP_ERROR_STORAGE;
  }
  for (size_t i = 0; good && i < length_bytes; i += WRITE_BYTES) {
    uint32_t word = 0;
    memcpy(&word, from + i, sizeof word);
    *word_at(offset + i) = BOTH(PROGRAM);
    *word_at(offset + i) = word;
    good = is_done(word_at(offset + i));
  }
  *word_at(offset) = BOTH(READ_ARRAY);
  return good ? ROSEHIP_OK : ROSEHIP_ERROR_STORAGE;
}

static int flash_erase(void* context, uint32_t offset) {
  (void)context;
  if (!is_inside(offset, ERASE_BYTES) || offset % ERASE_BYTES != 0) return ROSEHIP_ERROR_STORAGE;
  *word_at(offset) = BOTH(ERASE);
  *word_at(offset) = BOTH(CONFIRM);
  const bool good = is_done(word_at(offset));
  *word_at(offset) = BOTH(READ_ARRAY);
  return good ? ROSEHIP_OK : ROSEHIP_ERROR_STORAGE;
}

static const uint8_t* flash_map(void* context, uint32_t offset, size_t length_bytes) {
  (void)context;
  return is_inside(offset, length_bytes) ? (const uint8_t*)(uintptr_t)(BASE + offset) : NULL;
}

static const rosehip_flash_t flash = {
    .size_bytes = REGION_BYTES,
    .erase_bytes = ERASE_BYTES,
    .write_bytes = WRITE_BYTES,
    .read = flash_read,
    .write = flash_write,
    .erase = flash_erase,
    .map = flash_map,
};

const rosehip_flash_t* const chip_app_flash = &flash;

#endif
