/* Written for Rosehip's tests out of the documentation of ESP-IDF v5.4; see ../README.md. */
#pragma once

#include <stddef.h>

void esp_fill_random(void* buf, size_t len);
