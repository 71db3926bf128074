#include "apps_partition.h"

#include "esp_log.h"
#include "esp_partition.h"
#include "rosehip/app_slot.h"
#include "rosehip/error.h"

enum {
  WRITE_BYTES = 4,
  ENCRYPTED_WRITE_BYTES = 32, /* what the flash encryption of every chip takes at a time */
  BLOCKS = 4,                 /* flash.h */
  PAGE_BYTES = 0x10000,       /* What is mapped at a time; on some chips it can be less. */
};

typedef struct {
  bool is_open;
  uint32_t offset; /* The firmware asks for the module of a slot, which is at the same place each time. */
  uint32_t first_page, last_page; /* of flash */
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

/*
 * Octets that are asked for again are mapped anew, because they may have been written since: caches that read ahead of
 * the driver's write (espressif/esp-idf issue 12679), and those of emulated chips, which are filled when a page is
 * mapped and not at another time, would go on with what was there before. For this no page is in two mappings: ESP-IDF
 * answers a second one with the address of the first, which goes when that is given back.
 */
static const uint8_t* partition_map(void* context, uint32_t offset, size_t length_bytes) {
  const esp_partition_t* partition = context;
  const uint32_t first = (partition->address + offset) / PAGE_BYTES;
  const uint32_t last = (uint32_t)((partition->address + offset + length_bytes - 1) / PAGE_BYTES);
  mapping_t* unused = NULL;
  const void* start = NULL;
  for (mapping_t* mapping = mappings; mapping < mappings + ROSEHIP_APP_SLOTS; mapping++) {
    if (mapping->is_open && mapping->offset == offset) {
      esp_partition_munmap(mapping->handle);
      mapping->is_open = false;
    }
    if (!mapping->is_open) unused = mapping;
    else if (first <= mapping->last_page && mapping->first_page <= last) return NULL;
  }
  if (unused == NULL) return NULL;
  unused->offset = offset;
  unused->first_page = first;
  unused->last_page = last;
  unused->is_open = esp_partition_mmap(partition, offset, length_bytes, ESP_PARTITION_MMAP_DATA, &start,
                                       &unused->handle) == ESP_OK;
  return unused->is_open ? start : NULL;
}

const rosehip_flash_t* rh_esp32_apps_partition(const char* label) {
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
