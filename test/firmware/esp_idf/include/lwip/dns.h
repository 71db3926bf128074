/* Written for Rosehip's tests out of the documentation of ESP-IDF v5.4; see ../README.md. */
#pragma once

#include <stdint.h>

typedef int8_t err_t;
enum { ERR_OK = 0, ERR_INPROGRESS = -5 };

typedef struct {
  uint32_t addr;
} ip4_addr_t;
typedef struct {
  union {
    ip4_addr_t ip4;
    uint32_t ip6[4];
  } u_addr;
  uint8_t type;
} ip_addr_t;
#define ip_2_ip4(ipaddr) (&((ipaddr)->u_addr.ip4))
#define LWIP_DNS_ADDRTYPE_IPV4 0

typedef void (*dns_found_callback)(const char* name, const ip_addr_t* ipaddr, void* callback_arg);
err_t dns_gethostbyname_addrtype(const char* hostname, ip_addr_t* addr, dns_found_callback found, void* callback_arg,
                                 uint8_t dns_addrtype);
