/* Written for Rosehip's tests out of the documentation of ESP-IDF v5.4; see ../README.md. */
#pragma once

#include "lwip/dns.h"

typedef void (*tcpip_callback_fn)(void* ctx);
err_t tcpip_callback(tcpip_callback_fn function, void* ctx);
