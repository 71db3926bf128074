/* Written for Rosehip's tests out of the documentation of ESP-IDF v5.4; see ../README.md. */
#pragma once

#include <stddef.h>

#include "esp_err.h"

#define EFD_SUPPORT_ISR (1 << 4)

typedef struct {
  size_t max_fds;
} esp_vfs_eventfd_config_t;
#define ESP_VFS_EVENTD_CONFIG_DEFAULT() \
  (esp_vfs_eventfd_config_t) { .max_fds = 5, };

esp_err_t esp_vfs_eventfd_register(const esp_vfs_eventfd_config_t* config);
int eventfd(unsigned int initval, int flags);
