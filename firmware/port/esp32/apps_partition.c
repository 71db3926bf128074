#include "apps_partition.h"

#include "esp_log.h"
#include "esp_partition.h"
#include "rosehip/error.h"

enum {
  WRITE_BYTES = 4,
  ENCRYPTED_WRITE_BYTES = 32, /* what the flash encryption of every chip takes at a time */
  BLOCKS = 4,                 /* flash.h */
};

static const char tag[] = "rosehip";

static int partition_read(void* context, uint32_t offset, void* bytes, size_t length_bytes) {
  return esp_partition_read(context, offset, bytes, length_bytes) == ESP_OK ? ROSEHIP_OK : ROSEHIP_ERROR_STORAGE;
}

static int partition_write(void* context, uint32_t offset, const void* bytes, size_t length_bytes) {
  return esp_partition_write(context, offset, bytes, length_bytes) == ESP_OK ? ROSEHIP_OK : ROSEHIP_ERROR_STORAGE;
}

static int partition_erase(void* context, uint32_t offset) {
  const esp_partition_t* partition = context;
  const esp_err_t status = esp_partition_erase_range(partition, offset, partition->erase_size);
  return status == ESP_OK ? ROSEHIP_OK : ROSEHIP_ERROR_STORAGE;
}

/* The whole partition is mapped once; a driver's write or erase clears what the cache holds of it. */
static const uint8_t* partition_map(void* context, uint32_t offset, size_t length_bytes) {
  static const uint8_t* mapped;
  const esp_partition_t* partition = context;
  const void* start = NULL;
  esp_partition_mmap_handle_t handle = 0; /* never given back */
  (void)length_bytes;
  if (mapped == NULL) {
    const esp_err_t status =
        esp_partition_mmap(partition, 0, partition->size, ESP_PARTITION_MMAP_DATA, &start, &handle);
    if (status != ESP_OK) return NULL;
    mapped = start;
  }
  return mapped + offset;
}

const rosehip_flash_t* esp32_apps_partition(const char* label) {
  static rosehip_flash_t flash;
  const esp_partition_t* found =
      esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, label);
  if (found == NULL) return NULL;
  if (found->size / found->erase_size < BLOCKS) {
    ESP_LOGW(tag, "partition %s has %u octets, which is too little for apps", label, (unsigned)found->size);
    return NULL;
  }
  flash = (rosehip_flash_t){
      .context = (void*)found, /* every function takes it back as const */
      .size_bytes = found->size,
      .erase_bytes = found->erase_size,
      .write_bytes = found->encrypted ? ENCRYPTED_WRITE_BYTES : WRITE_BYTES,
      .read = partition_read,
      .write = partition_write,
      .erase = partition_erase,
      .map = partition_map,
  };
  return &flash;
}
