/* Written for Rosehip's tests out of the documentation of ESP-IDF v5.4; see ../README.md. */
#pragma once

/* lwIP's. */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef uint32_t socklen_t;
typedef uint8_t sa_family_t;

struct sockaddr {
  uint8_t sa_len;
  sa_family_t sa_family;
  char sa_data[14];
};

#define AF_INET 2
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOL_SOCKET 0xfff
#define SO_KEEPALIVE 0x0008
#define SO_ERROR 0x1007
#define IPPROTO_TCP 6
#define MSG_DONTWAIT 0x08

int socket(int domain, int type, int protocol);
int connect(int s, const struct sockaddr* name, socklen_t namelen);
int getsockopt(int s, int level, int optname, void* optval, socklen_t* optlen);
int setsockopt(int s, int level, int optname, const void* optval, socklen_t optlen);
ssize_t recv(int s, void* mem, size_t len, int flags);
ssize_t send(int s, const void* dataptr, size_t size, int flags);
