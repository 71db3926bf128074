/*
 * Settings and an app that are put into the board's memory before it starts, in place of those of the firmware: what a
 * real board has in its settings memory. So one build of the firmware serves any app:
 *
 *     qemu-system-... -device loader,file=IMAGE,addr=BOOT_IMAGE_ADDRESS
 *
 * All numbers are little endian. Without one, the app that is linked in runs with the defaults.
 */
#ifndef ROSEHIP_BARE_METAL_BOOT_IMAGE_H
#define ROSEHIP_BARE_METAL_BOOT_IMAGE_H

#include <stdint.h>

/* "RHB1" */
#define BOOT_IMAGE_MAGIC 0x31424852u

enum { BOOT_IMAGE_APP_LIMIT_BYTES = 512 * 1024 }; /* what lies behind the image is not ours */

typedef struct {
  uint32_t magic;
  uint8_t client_key[4];
  uint16_t domain_id;
  uint16_t health_ms;          /* as in rosehip_runtime_config_t, 0 included; so are the next three */
  uint32_t budget_us;
  uint32_t memory_limit_bytes;
  uint32_t sample_limit_bytes;
  uint32_t app_bytes;          /* 0: the app that is linked in */
  uint32_t app_sum;            /* FNV-1a of the app's octets */
  uint8_t app[];
} boot_image_t;

#endif
