/*
 * A link of the posix port. Each kind fills in one of these; they differ in how they come up and how they are lost.
 *
 *   up     `fd` moves octets
 *   down   nobody at the other end, or the device is gone: what is written is dropped, as on a wire; tried again at
 *          retry_us
 * When it comes up again, `read` says so once with ROSEHIP_ERROR_DISCONNECTED.
 */
#ifndef ROSEHIP_POSIX_LINK_H
#define ROSEHIP_POSIX_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rosehip/framing.h"

#define LINK_NEVER_US UINT64_MAX

typedef struct posix_link posix_link_t;

struct posix_link {
  rosehip_framing_kind_t kind;
  uint16_t mtu_bytes;
  int fd;            /* -1: none */
  bool up;
  bool connecting;   /* TCP: wait for `fd` to become writable */
  bool announced;    /* read has said that the link came up */
  uint64_t retry_us; /* when to call `retry`; LINK_NEVER_US while up */
  const char* target;
  bool published;    /* pty: `target` is our symbolic link, to be removed */
  char host[256];
  const char* port;
  long baud;
  void (*retry)(posix_link_t* link, uint64_t now_us); /* looks whether the link can be had again */
  void (*lost)(posix_link_t* link, uint64_t now_us);  /* reading or writing failed */
};

/*
 * Open a link, or say on standard error why it cannot be and return false. What `target` points to must live as long
 * as the link.
 */
bool posix_link_open_pty(posix_link_t* link, const char* target);              /* path of the symbolic link */
bool posix_link_open_serial(posix_link_t* link, const char* target, long baud); /* device */
bool posix_link_open_udp(posix_link_t* link, const char* target);              /* host:port */
bool posix_link_open_tcp(posix_link_t* link, const char* target);              /* host:port */

/* Closes it; a pty's symbolic link is removed. */
void posix_link_close(posix_link_t* link);

/* read and write of rosehip_port_t. */
int posix_link_read(posix_link_t* link, uint8_t* buffer, size_t size_bytes, uint64_t now_us);
int posix_link_write(posix_link_t* link, const uint8_t* bytes, size_t length_bytes, uint64_t now_us);

/* The link works from now on; its next read says that it was opened. */
void posix_link_is_up(posix_link_t* link);

/* Puts a terminal into raw mode: 8 bits, no echo, no flow control, octets as they come. */
bool posix_terminal_raw(int fd, long baud);

#endif
