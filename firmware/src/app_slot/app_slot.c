/* The slots' layout and states: rosehip/app_slot.h. */
#include "rosehip/app_slot.h"

#include <string.h>

enum {
  HEADER_BYTES = 128,
  CHECK_BYTES = 4,
  UNIT_MAX = ROSEHIP_FLASH_UNIT_MAX_BYTES,
  PIECE_BYTES = 64, /* read at once */
};

#define MAGIC 0x31504852u

typedef struct {
  uint32_t magic;
  uint32_t sequence;
  rosehip_app_description_t app;
  uint8_t reserved[12];
  uint8_t check[CHECK_BYTES];
} header_t;

_Static_assert(sizeof(header_t) == HEADER_BYTES, "without gaps");

static uint32_t round_up(uint32_t value, uint32_t unit) { return (value + unit - 1) & ~(unit - 1); }

static uint32_t start_of(const rosehip_app_slots_t* slots, int slot) { return (uint32_t)slot * slots->slot_bytes; }

/* Offset of the mark that makes a slot `state`. */
static uint32_t mark_of(const rosehip_app_slots_t* slots, int slot, rosehip_slot_state_t state) {
  const uint32_t unit = slots->flash->write_bytes;
  return start_of(slots, slot) + round_up(HEADER_BYTES, unit) + (state == ROSEHIP_SLOT_CONFIRMED ? unit : 0);
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

static void check_of(const header_t* header, uint8_t check[ROSEHIP_SHA256_BYTES]) {
  rosehip_sha256_t hash;
  rosehip_sha256_begin(&hash);
  rosehip_sha256_add(&hash, header, offsetof(header_t, check));
  rosehip_sha256_end(&hash, check);
}

static bool read_header(const rosehip_app_slots_t* slots, int index, rosehip_app_slot_t* slot) {
  uint8_t check[ROSEHIP_SHA256_BYTES];
  header_t header;
  const rosehip_flash_t* flash = slots->flash;
  if (flash->read(flash->context, start_of(slots, index), &header, sizeof header) != ROSEHIP_OK) return false;
  check_of(&header, check);
  if (header.magic != MAGIC || memcmp(header.check, check, CHECK_BYTES) != 0) return false;
  if (header.app.length_bytes == 0 || header.app.length_bytes > slots->capacity_bytes) return false;
  slot->sequence = header.sequence;
  slot->app = header.app;
  return true;
}

/* A unit that cannot be read, or not any more, was written. */
static bool is_marked(const rosehip_app_slots_t* slots, int slot, rosehip_slot_state_t state) {
  uint8_t unit[UNIT_MAX];
  const rosehip_flash_t* flash = slots->flash;
  if (flash->read(flash->context, mark_of(slots, slot, state), unit, flash->write_bytes) != ROSEHIP_OK) return true;
  for (uint32_t i = 0; i < flash->write_bytes; i++) {
    if (unit[i] != 0xff) return true;
  }
  return false;
}

static rosehip_slot_state_t read_state(const rosehip_app_slots_t* slots, int slot) {
  if (!is_marked(slots, slot, ROSEHIP_SLOT_TRIED)) return ROSEHIP_SLOT_PENDING;
  return is_marked(slots, slot, ROSEHIP_SLOT_CONFIRMED) ? ROSEHIP_SLOT_CONFIRMED : ROSEHIP_SLOT_TRIED;
}

static bool is_power_of_two(uint32_t value) { return value != 0 && (value & (value - 1)) == 0; }

int rosehip_app_slots_open(rosehip_app_slots_t* slots, const rosehip_flash_t* flash) {
  *slots = (rosehip_app_slots_t){.flash = flash};
  if (!is_power_of_two(flash->erase_bytes) || !is_power_of_two(flash->write_bytes) ||
      flash->write_bytes > UNIT_MAX || flash->erase_bytes < flash->write_bytes) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  slots->slot_bytes = flash->size_bytes / ROSEHIP_APP_SLOTS & ~(flash->erase_bytes - 1);
  slots->module_offset = round_up(HEADER_BYTES, flash->write_bytes) + 2 * flash->write_bytes;
  if (slots->slot_bytes <= slots->module_offset + UNIT_MAX) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  slots->capacity_bytes = slots->slot_bytes - slots->module_offset;
  for (int i = 0; i < ROSEHIP_APP_SLOTS; i++) {
    rosehip_app_slot_t* slot = &slots->slot[i];
    if (read_header(slots, i, slot)) slot->state = read_state(slots, i);
  }
  return ROSEHIP_OK;
}

static bool is_newer(const rosehip_app_slot_t* one, const rosehip_app_slot_t* other) {
  return (int32_t)(one->sequence - other->sequence) > 0;
}

int rosehip_app_slots_newest(const rosehip_app_slots_t* slots, unsigned excluded) {
  int newest = -1;
  for (int i = 0; i < ROSEHIP_APP_SLOTS; i++) {
    const rosehip_app_slot_t* slot = &slots->slot[i];
    const bool runs = slot->state == ROSEHIP_SLOT_PENDING || slot->state == ROSEHIP_SLOT_CONFIRMED;
    if ((excluded >> i & 1) != 0 || !runs) continue;
    if (newest < 0 || is_newer(slot, &slots->slot[newest])) newest = i;
  }
  return newest;
}

int rosehip_app_slots_free(const rosehip_app_slots_t* slots, int used) {
  if (used < 0) used = rosehip_app_slots_newest(slots, 0);
  return used == 0 ? 1 : 0;
}

/* Adds what is in flash to a hash. */
static int hash_flash(const rosehip_app_slots_t* slots, uint32_t offset, uint32_t length_bytes,
                      rosehip_sha256_t* hash) {
  uint8_t piece[PIECE_BYTES];
  const rosehip_flash_t* flash = slots->flash;
  while (length_bytes > 0) {
    const uint32_t count = length_bytes < sizeof piece ? length_bytes : sizeof piece;
    if (flash->read(flash->context, offset, piece, count) != ROSEHIP_OK) return ROSEHIP_ERROR_STORAGE;
    rosehip_sha256_add(hash, piece, count);
    offset += count;
    length_bytes -= count;
  }
  return ROSEHIP_OK;
}

bool rosehip_app_slot_intact(const rosehip_app_slots_t* slots, int slot) {
  uint8_t digest[ROSEHIP_SHA256_BYTES];
  rosehip_sha256_t hash;
  const rosehip_app_description_t* app = &slots->slot[slot].app;
  rosehip_sha256_begin(&hash);
  if (hash_flash(slots, start_of(slots, slot) + slots->module_offset, app->length_bytes, &hash) != ROSEHIP_OK) {
    return false;
  }
  rosehip_sha256_end(&hash, digest);
  return memcmp(digest, app->hash, sizeof digest) == 0;
}

int rosehip_app_slot_read(const rosehip_app_slots_t* slots, int slot, uint8_t* module, uint32_t length_bytes) {
  const rosehip_flash_t* flash = slots->flash;
  return flash->read(flash->context, start_of(slots, slot) + slots->module_offset, module, length_bytes);
}

const uint8_t* rosehip_app_slot_map(const rosehip_app_slots_t* slots, int slot, uint32_t length_bytes) {
  const rosehip_flash_t* flash = slots->flash;
  if (flash->map == NULL) return NULL;
  return flash->map(flash->context, start_of(slots, slot) + slots->module_offset, length_bytes);
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

/* One write of whole units; what is missing at the end is left erased. */
static int write_units(const rosehip_flash_t* flash, uint32_t offset, const uint8_t* octets, uint32_t length_bytes) {
  uint8_t last[UNIT_MAX];
  const uint32_t rest = length_bytes & (flash->write_bytes - 1);
  const uint32_t whole = length_bytes - rest;
  if (whole != 0 && flash->write(flash->context, offset, octets, whole) != ROSEHIP_OK) return ROSEHIP_ERROR_STORAGE;
  if (rest == 0) return ROSEHIP_OK;
  memset(last, 0xff, sizeof last);
  memcpy(last, octets + whole, rest);
  return flash->write(flash->context, offset + whole, last, flash->write_bytes);
}

/* Erases the blocks that begin in a part of the flash. */
static int erase(const rosehip_flash_t* flash, uint32_t offset, uint32_t length_bytes) {
  uint32_t block = round_up(offset, flash->erase_bytes);
  for (; block < offset + length_bytes; block += flash->erase_bytes) {
    if (flash->erase(flash->context, block) != ROSEHIP_OK) return ROSEHIP_ERROR_STORAGE;
  }
  return ROSEHIP_OK;
}

int rosehip_app_slot_mark(rosehip_app_slots_t* slots, int slot, rosehip_slot_state_t state) {
  uint8_t unit[UNIT_MAX] = {0};
  const rosehip_flash_t* flash = slots->flash;
  const int status = flash->write(flash->context, mark_of(slots, slot, state), unit, flash->write_bytes);
  if (status == ROSEHIP_OK) slots->slot[slot].state = state;
  return status;
}

int rosehip_app_write_begin(rosehip_app_slots_t* slots, int slot, rosehip_app_writer_t* writer) {
  const uint8_t zeros[UNIT_MAX] = {0};
  const rosehip_flash_t* flash = slots->flash;
  const uint32_t start = start_of(slots, slot);
  if (writer->app.length_bytes == 0 || writer->app.length_bytes > slots->capacity_bytes) return ROSEHIP_ERROR_TOO_LARGE;
  /* Memories that cannot write a unit twice may refuse this; then only an erase that is cut could bring the old one
     back. */
  if (slots->slot[slot].state != ROSEHIP_SLOT_EMPTY) {
    write_units(flash, start, zeros, round_up(HEADER_BYTES, flash->write_bytes));
  }
  memset(&slots->slot[slot], 0, sizeof slots->slot[slot]);
  writer->slot = (uint8_t)slot;
  writer->received_bytes = 0;
  rosehip_sha256_begin(&writer->hash);
  return erase(flash, start, slots->module_offset);
}

int rosehip_app_write(rosehip_app_slots_t* slots, rosehip_app_writer_t* writer, const uint8_t* octets,
                      uint32_t length_bytes) {
  const uint32_t left = writer->app.length_bytes - writer->received_bytes;
  if (length_bytes == 0 || length_bytes > left || length_bytes > ROSEHIP_FLASH_WRITE_LIMIT_BYTES ||
      (length_bytes != left && length_bytes % UNIT_MAX != 0)) {
    return ROSEHIP_ERROR_INVALID_ARGUMENT;
  }
  const uint32_t offset = start_of(slots, writer->slot) + slots->module_offset + writer->received_bytes;
  int status = erase(slots->flash, offset, length_bytes);
  if (status == ROSEHIP_OK) status = write_units(slots->flash, offset, octets, length_bytes);
  if (status == ROSEHIP_OK) status = hash_flash(slots, offset, length_bytes, &writer->hash);
  if (status == ROSEHIP_OK) writer->received_bytes += length_bytes;
  return status == ROSEHIP_OK ? ROSEHIP_OK : ROSEHIP_ERROR_STORAGE;
}

int rosehip_app_write_check(rosehip_app_writer_t* writer) {
  uint8_t digest[ROSEHIP_SHA256_BYTES];
  if (writer->received_bytes != writer->app.length_bytes) return ROSEHIP_ERROR_MALFORMED;
  rosehip_sha256_end(&writer->hash, digest);
  return memcmp(digest, writer->app.hash, sizeof digest) == 0 ? ROSEHIP_OK : ROSEHIP_ERROR_MALFORMED;
}

/* Newer than all that there are. */
static uint32_t next_sequence(const rosehip_app_slots_t* slots) {
  const rosehip_app_slot_t* newest = NULL;
  for (int i = 0; i < ROSEHIP_APP_SLOTS; i++) {
    const rosehip_app_slot_t* slot = &slots->slot[i];
    if (slot->state != ROSEHIP_SLOT_EMPTY && (newest == NULL || is_newer(slot, newest))) newest = slot;
  }
  return newest == NULL ? 1 : newest->sequence + 1;
}

int rosehip_app_write_end(rosehip_app_slots_t* slots, const rosehip_app_writer_t* writer) {
  uint8_t check[ROSEHIP_SHA256_BYTES];
  rosehip_app_slot_t* slot = &slots->slot[writer->slot];
  header_t header = {.magic = MAGIC, .sequence = next_sequence(slots), .app = writer->app};
  check_of(&header, check);
  memcpy(header.check, check, CHECK_BYTES);
  const int status = write_units(slots->flash, start_of(slots, writer->slot), (uint8_t*)&header, sizeof header);
  if (status != ROSEHIP_OK || !read_header(slots, writer->slot, slot)) return ROSEHIP_ERROR_STORAGE;
  slot->state = read_state(slots, writer->slot);
  return slot->state == ROSEHIP_SLOT_PENDING ? ROSEHIP_OK : ROSEHIP_ERROR_STORAGE;
}
