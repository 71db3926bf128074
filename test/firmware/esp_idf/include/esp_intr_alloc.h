/* Written for Rosehip's tests out of the documentation of ESP-IDF v5.4; see ../README.md. */
#pragma once

#define ESP_INTR_FLAG_IRAM (1 << 10)
