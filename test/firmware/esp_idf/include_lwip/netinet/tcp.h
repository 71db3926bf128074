/* Written for Rosehip's tests out of the documentation of ESP-IDF v5.4; see ../README.md. */
#pragma once

#define TCP_NODELAY 0x01
#define TCP_KEEPIDLE 0x03
#define TCP_KEEPINTVL 0x04
#define TCP_KEEPCNT 0x05
