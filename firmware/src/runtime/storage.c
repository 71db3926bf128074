/*
 * The app's key-value store, on the port's. A port's keys are 15 characters, as ESP-IDF's NVS has them; the app's are
 * any text. So the name of a record is a hash of the key, and the record begins with the key itself:
 *   key length u8, key, value
 */
#include "state.h"
#include "wasm/abi_table.h"

#include <string.h>

enum {
  KEY_MAX_BYTES = ROSEHIP_ABI_STORAGE_KEY_OCTETS,
  HEADER_MAX_BYTES = 1 + KEY_MAX_BYTES,
};

/* The first 60 bits of FNV-1a 64 as hexadecimal digits: two keys of a board never meet by chance. */
static void make_name(rosehip_text_t key, char name[ROSEHIP_STORAGE_NAME_BYTES]) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < key.length_bytes; i++) hash = (hash ^ (uint8_t)key.data[i]) * UINT64_C(0x100000001b3);
  for (int i = 0; i < ROSEHIP_STORAGE_NAME_BYTES - 1; i++) name[i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 0x0f];
  name[ROSEHIP_STORAGE_NAME_BYTES - 1] = '\0';
}

static bool is_key(rosehip_text_t key) { return key.length_bytes >= 1 && key.length_bytes <= KEY_MAX_BYTES; }

static bool has_storage(const rosehip_port_t* port) {
  return port->storage_read != NULL && port->storage_write != NULL;
}

/* The length of the value stored under this key, or an error. Of another key's record: NOT_FOUND. */
static int32_t find(const rosehip_port_t* port, const char* name, rosehip_text_t key) {
  uint8_t header[HEADER_MAX_BYTES];
  const int length = port->storage_read(port->context, name, header, sizeof header);
  if (length < 0) return length == ROSEHIP_ERROR_NOT_FOUND ? length : ROSEHIP_ERROR_STORAGE;
  const size_t header_bytes = 1 + key.length_bytes;
  if ((size_t)length < header_bytes || header[0] != key.length_bytes) return ROSEHIP_ERROR_NOT_FOUND;
  if (memcmp(header + 1, key.data, key.length_bytes) != 0) return ROSEHIP_ERROR_NOT_FOUND;
  return (int32_t)((size_t)length - header_bytes);
}

int32_t rh_storage_read(rosehip_runtime_t* runtime, rosehip_text_t key, uint8_t* value, uint32_t size_bytes) {
  const rosehip_port_t* port = runtime->port;
  char name[ROSEHIP_STORAGE_NAME_BYTES];
  if (!is_key(key)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  if (!has_storage(port)) return ROSEHIP_ERROR_STORAGE;
  make_name(key, name);
  const int32_t length = find(port, name, key);
  if (length <= 0 || size_bytes == 0) return length;
  if ((uint32_t)length > size_bytes) return ROSEHIP_ERROR_TOO_LARGE;
  const size_t record_bytes = 1 + key.length_bytes + (size_t)length;
  uint8_t* record = rosehip_arena_alloc(runtime->config.arena, record_bytes, 0);
  if (record == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  const int got = port->storage_read(port->context, name, record, record_bytes);
  if (got == (int)record_bytes) memcpy(value, record + 1 + key.length_bytes, (size_t)length);
  rosehip_arena_free(runtime->config.arena, record);
  return got == (int)record_bytes ? length : ROSEHIP_ERROR_STORAGE;
}

int32_t rh_storage_write(rosehip_runtime_t* runtime, rosehip_text_t key, const uint8_t* value, uint32_t length_bytes) {
  const rosehip_port_t* port = runtime->port;
  char name[ROSEHIP_STORAGE_NAME_BYTES];
  if (!is_key(key)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  if (length_bytes > ROSEHIP_ABI_STORAGE_VALUE_OCTETS) return ROSEHIP_ERROR_TOO_LARGE;
  if (!has_storage(port)) return ROSEHIP_ERROR_STORAGE;
  make_name(key, name);
  if (length_bytes == 0) {
    const int32_t found = find(port, name, key);
    if (found == ROSEHIP_ERROR_NOT_FOUND) return ROSEHIP_OK;
    return port->storage_write(port->context, name, NULL, 0) == ROSEHIP_OK ? ROSEHIP_OK : ROSEHIP_ERROR_STORAGE;
  }
  const size_t record_bytes = 1 + key.length_bytes + length_bytes;
  uint8_t* record = rosehip_arena_alloc(runtime->config.arena, record_bytes, 0);
  if (record == NULL) return ROSEHIP_ERROR_OUT_OF_MEMORY;
  record[0] = (uint8_t)key.length_bytes;
  memcpy(record + 1, key.data, key.length_bytes);
  memcpy(record + 1 + key.length_bytes, value, length_bytes);
  const int status = port->storage_write(port->context, name, record, record_bytes);
  rosehip_arena_free(runtime->config.arena, record);
  return status == ROSEHIP_OK ? ROSEHIP_OK : ROSEHIP_ERROR_STORAGE;
}
