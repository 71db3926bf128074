#include "apps_partition.h"

#include "esp_log.h"
#include "esp_partition.h"
#include "rosehip/app_slot.h"
#include "rosehip/error.h"

enum {
  WRITE_BYTES = 4,
  ENCRYPTED_WRITE_BYTES = 32, /* what the flash encryption of every chip takes at a time */
  BLOCKS = 4,                 /* flash.h */
};

typedef struct {
  bool is_open;
  uint32_t offset; /* The firmware asks for the module of a slot, which is at the same place each time. */
  esp_partition_mmap_handle_t handle;
} mapping_t;

static const char tag[] = "rosehip";
static mapping_t mappings[ROSEHIP_APP_SLOTS];

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

/* The one of this offset, else a free one; NULL: none is free. */
static mapping_t* mapping_of(uint32_t offset) {
  mapping_t* found = NULL;
  for (int i = 0; i < ROSEHIP_APP_SLOTS; i++) {
    if (mappings[i].is_open && mappings[i].offset == offset) return &mappings[i];
    if (!mappings[i].is_open) found = &mappings[i];
  }
  return found;
}

/*
 * Octets that are asked for again are mapped anew, because they may have been written since: caches that read ahead of
 * the driver's write (espressif/esp-idf issue 12679), and those of emulated chips, which are filled when a page is
 * mapped and not at another time, would go on with what was there before.
 */
static const uint8_t* partition_map(void* context, uint32_t offset, size_t length_bytes) {
  mapping_t* mapping = mapping_of(offset);
  const void* start = NULL;
  if (mapping == NULL) return NULL;
  if (mapping->is_open) esp_partition_munmap(mapping->handle);
  mapping->offset = offset;
  mapping->is_open = esp_partition_mmap(context, offset, length_bytes, ESP_PARTITION_MMAP_DATA, &start,
                                        &mapping->handle) == ESP_OK;
  return mapping->is_open ? start : NULL;
}

const rosehip_flash_t* esp32_apps_partition(const char* label) {
  static rosehip_flash_t flash;
  const esp_partition_t* found =
      esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, label);
  if (found == NULL) {
    ESP_LOGW(tag, "there is no data partition \"%s\": apps cannot be deployed", label);
    return NULL;
  }
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
