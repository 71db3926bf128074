/* NVS in a folder, a file for each key; and a partition in a file with the semantics of NOR flash. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "esp_partition.h"
#include "host.h"
#include "nvs.h"
#include "nvs_flash.h"

enum { HANDLES = 8, MAPPINGS = 2, NAME_MAX_BYTES = 15, PARTITION_BYTES = 0x40000, BLOCK_BYTES = 4096 };

static const char* nvs_root;
static struct {
  char path[PATH_MAX / 2];
  bool open, writable;
} handles[HANDLES + 1];

void host_nvs_folder(const char* path) {
  nvs_root = path;
}

esp_err_t nvs_flash_init(void) {
  return nvs_root == NULL ? ESP_ERR_NOT_FOUND : ESP_OK;
}

esp_err_t nvs_flash_erase(void) {
  return ESP_FAIL;
}

esp_err_t nvs_open(const char* name, nvs_open_mode_t mode, nvs_handle_t* out) {
  char path[PATH_MAX / 2];
  if (nvs_root == NULL || strlen(name) > NAME_MAX_BYTES) return ESP_FAIL;
  snprintf(path, sizeof path, "%s/%s", nvs_root, name);
  if (mode == NVS_READWRITE) mkdir(nvs_root, 0777);
  if (mode == NVS_READWRITE) mkdir(path, 0777);
  if (access(path, F_OK) != 0) return ESP_ERR_NVS_NOT_FOUND;
  for (nvs_handle_t i = 1; i <= HANDLES; i++) {
    if (handles[i].open) continue;
    strcpy(handles[i].path, path);
    handles[i].open = true;
    handles[i].writable = mode == NVS_READWRITE;
    *out = i;
    return ESP_OK;
  }
  return ESP_FAIL; /* somebody does not close what he opens */
}

void nvs_close(nvs_handle_t handle) {
  handles[handle].open = false;
}

static bool path_of(nvs_handle_t handle, const char* key, char path[PATH_MAX]) {
  snprintf(path, PATH_MAX, "%s/%s", handles[handle].path, key);
  return handles[handle].open && strlen(key) <= NAME_MAX_BYTES;
}

esp_err_t nvs_get_blob(nvs_handle_t handle, const char* key, void* value, size_t* length) {
  char path[PATH_MAX];
  struct stat status;
  if (!path_of(handle, key, path)) return ESP_FAIL;
  if (stat(path, &status) != 0) return ESP_ERR_NVS_NOT_FOUND;
  const size_t stored = (size_t)status.st_size, size = *length;
  *length = stored;
  if (value == NULL) return ESP_OK;
  if (size < stored) return ESP_ERR_NVS_INVALID_LENGTH;
  FILE* file = fopen(path, "rb");
  const bool good = fread(value, 1, stored, file) == stored;
  fclose(file);
  return good ? ESP_OK : ESP_FAIL;
}

esp_err_t nvs_set_blob(nvs_handle_t handle, const char* key, const void* value, size_t length) {
  char path[PATH_MAX];
  if (!path_of(handle, key, path) || !handles[handle].writable) return ESP_FAIL;
  FILE* file = fopen(path, "wb");
  if (file == NULL) return ESP_FAIL;
  const bool good = fwrite(value, 1, length, file) == length;
  return fclose(file) == 0 && good ? ESP_OK : ESP_FAIL;
}

esp_err_t nvs_erase_key(nvs_handle_t handle, const char* key) {
  char path[PATH_MAX];
  if (!path_of(handle, key, path) || !handles[handle].writable) return ESP_FAIL;
  return unlink(path) == 0 ? ESP_OK : ESP_ERR_NVS_NOT_FOUND;
}

esp_err_t nvs_commit(nvs_handle_t handle) {
  return handles[handle].open ? ESP_OK : ESP_FAIL;
}

/* ---- The partition ----------------------------------------------------------------------------------------------- */

static uint8_t* flash;
static const esp_partition_t apps = {.type = ESP_PARTITION_TYPE_DATA,
                                     .subtype = ESP_PARTITION_SUBTYPE_DATA_UNDEFINED,
                                     .address = 0x190000,
                                     .size = PARTITION_BYTES,
                                     .erase_size = BLOCK_BYTES,
                                     .label = "apps"};

bool host_apps_file(const char* path) {
  const int file = open(path, O_RDWR | O_CREAT, 0666);
  const off_t size = lseek(file, 0, SEEK_END);
  if (file < 0 || ftruncate(file, PARTITION_BYTES) != 0) return false;
  flash = mmap(NULL, PARTITION_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (flash == MAP_FAILED) return false;
  if (size == 0) memset(flash, 0xff, PARTITION_BYTES);
  return true;
}

const esp_partition_t* esp_partition_find_first(esp_partition_type_t type, esp_partition_subtype_t subtype,
                                                const char* label) {
  const bool fits = type == apps.type && (subtype == apps.subtype || subtype == ESP_PARTITION_SUBTYPE_ANY);
  return flash != NULL && fits && strcmp(label, apps.label) == 0 ? &apps : NULL;
}

static bool is_inside(size_t offset, size_t size) {
  return offset <= PARTITION_BYTES && size <= PARTITION_BYTES - offset;
}

esp_err_t esp_partition_read(const esp_partition_t* partition, size_t offset, void* bytes, size_t size) {
  if (partition != &apps || !is_inside(offset, size)) return ESP_ERR_INVALID_SIZE;
  memcpy(bytes, flash + offset, size);
  return ESP_OK;
}

esp_err_t esp_partition_write(const esp_partition_t* partition, size_t offset, const void* bytes, size_t size) {
  if (partition != &apps || !is_inside(offset, size)) return ESP_ERR_INVALID_SIZE;
  for (size_t i = 0; i < size; i++) flash[offset + i] &= ((const uint8_t*)bytes)[i];
  return ESP_OK;
}

esp_err_t esp_partition_erase_range(const esp_partition_t* partition, size_t offset, size_t size) {
  if (partition != &apps || !is_inside(offset, size)) return ESP_ERR_INVALID_SIZE;
  if (offset % BLOCK_BYTES != 0 || size % BLOCK_BYTES != 0) return ESP_ERR_INVALID_ARG;
  memset(flash + offset, 0xff, size);
  return ESP_OK;
}

/* As in the emulated ESP32-C3: what is mapped shows what is in flash now, and not what is written later. */
static void* mappings[MAPPINGS + 1];

esp_err_t esp_partition_mmap(const esp_partition_t* partition, size_t offset, size_t size,
                             esp_partition_mmap_memory_t memory, const void** out,
                             esp_partition_mmap_handle_t* handle) {
  if (partition != &apps || memory != ESP_PARTITION_MMAP_DATA || !is_inside(offset, size)) return ESP_ERR_INVALID_ARG;
  for (esp_partition_mmap_handle_t i = 1; i <= MAPPINGS; i++) {
    if (mappings[i] != NULL) continue;
    mappings[i] = malloc(size);
    memcpy(mappings[i], flash + offset, size);
    *out = mappings[i];
    *handle = i;
    return ESP_OK;
  }
  return ESP_ERR_NO_MEM; /* somebody does not give back what he maps */
}

void esp_partition_munmap(esp_partition_mmap_handle_t handle) {
  free(mappings[handle]);
  mappings[handle] = NULL;
}
