#include "fake_flash.h"

#include <string.h>

#include "rosehip/error.h"

enum { PIECE_BYTES = 8 };

static bool is_inside(const fake_flash_t* flash, uint32_t offset, size_t length_bytes) {
  const uint32_t size = flash->flash.size_bytes;
  return offset <= size && length_bytes <= size - offset;
}

static uint8_t random_bits(fake_flash_t* flash) {
  flash->seed = flash->seed * 1664525u + 1013904223u;
  return (uint8_t)(flash->seed >> 24);
}

/* Which bits of octet i of `count` get their new value. */
static uint8_t reached(fake_flash_t* flash, bool cut, size_t i, size_t count) {
  if (!cut) return 0xff;
  switch (flash->tear) {
    case TEAR_NOTHING: return 0;
    case TEAR_FIRST_HALF: return i < count / 2 ? 0xff : 0;
    case TEAR_LAST_HALF: return i < count / 2 ? 0 : 0xff;
    case TEAR_RANDOM_BITS: return random_bits(flash);
    case TEAR_ONE_PIECE: return i / PIECE_BYTES == flash->seed ? 0xff : 0;
    default: return 0xff;
  }
}

/* Counts one operation; true if power fails in it. */
static bool begin(fake_flash_t* flash) {
  flash->off = ++flash->operations == flash->cut_at;
  return flash->off;
}

static int fake_read(void* context, uint32_t offset, void* bytes, size_t length_bytes) {
  fake_flash_t* flash = context;
  if (!is_inside(flash, offset, length_bytes)) {
    flash->violations++;
    return ROSEHIP_ERROR_STORAGE;
  }
  memcpy(bytes, flash->memory + offset, length_bytes);
  return ROSEHIP_OK;
}

static int fake_write(void* context, uint32_t offset, const void* bytes, size_t length_bytes) {
  fake_flash_t* flash = context;
  const uint8_t* octets = bytes;
  const uint32_t unit = flash->flash.write_bytes;
  if (flash->off) return ROSEHIP_ERROR_STORAGE;
  if (!is_inside(flash, offset, length_bytes) || offset % unit != 0 || length_bytes % unit != 0 ||
      length_bytes > ROSEHIP_FLASH_WRITE_LIMIT_BYTES) {
    flash->violations++;
    return ROSEHIP_ERROR_STORAGE;
  }
  bool rewrites = false, zeros = true;
  for (size_t i = 0; i < length_bytes; i++) {
    rewrites = rewrites || flash->written[(offset + i) / unit];
    zeros = zeros && octets[i] == 0;
  }
  if (rewrites && !zeros) flash->violations++;
  if (rewrites && flash->no_rewrite) return ROSEHIP_ERROR_STORAGE;
  const bool cut = begin(flash);
  for (size_t i = 0; i < length_bytes; i++) {
    flash->memory[offset + i] &= octets[i] | (uint8_t)~reached(flash, cut, i, length_bytes);
    flash->written[(offset + i) / unit] = true;
  }
  return cut ? ROSEHIP_ERROR_STORAGE : ROSEHIP_OK;
}

static int fake_erase(void* context, uint32_t offset) {
  fake_flash_t* flash = context;
  const uint32_t block = flash->flash.erase_bytes, unit = flash->flash.write_bytes;
  if (flash->off) return ROSEHIP_ERROR_STORAGE;
  if (!is_inside(flash, offset, block) || offset % block != 0) {
    flash->violations++;
    return ROSEHIP_ERROR_STORAGE;
  }
  const bool cut = begin(flash);
  flash->erases[offset / block]++;
  for (uint32_t i = 0; i < block; i++) {
    flash->memory[offset + i] |= reached(flash, cut, i, block);
    if (!cut) flash->written[(offset + i) / unit] = false;
  }
  return cut ? ROSEHIP_ERROR_STORAGE : ROSEHIP_OK;
}

static const uint8_t* fake_map(void* context, uint32_t offset, size_t length_bytes) {
  fake_flash_t* flash = context;
  if (is_inside(flash, offset, length_bytes)) return flash->memory + offset;
  flash->violations++;
  return NULL;
}

void fake_flash_init(fake_flash_t* flash, uint32_t size_bytes, uint32_t erase_bytes, uint32_t write_bytes) {
  memset(flash, 0, sizeof *flash);
  memset(flash->memory, 0xff, sizeof flash->memory);
  flash->seed = 1;
  flash->flash = (rosehip_flash_t){
      .context = flash,
      .size_bytes = size_bytes,
      .erase_bytes = erase_bytes,
      .write_bytes = write_bytes,
      .read = fake_read,
      .write = fake_write,
      .erase = fake_erase,
      .map = fake_map,
  };
}

void fake_flash_power_on(fake_flash_t* flash, unsigned cut_at) {
  flash->off = false;
  flash->operations = 0;
  flash->cut_at = cut_at;
}
