#include "link.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rosehip/error.h"

void posix_link_is_up(posix_link_t* link) {
  link->up = true;
  link->connecting = false;
  link->announced = false;
  link->retry_us = LINK_NEVER_US;
}

static bool would_block(void) {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int posix_link_read(posix_link_t* link, uint8_t* buffer, size_t size_bytes, uint64_t now_us) {
  if (!link->up && now_us >= link->retry_us) link->retry(link, now_us);
  if (!link->up) return 0;
  if (!link->announced) {
    link->announced = true;
    return ROSEHIP_ERROR_DISCONNECTED;
  }
  const ssize_t count = read(link->fd, buffer, size_bytes);
  if (count > 0) return (int)count;
  if (count < 0 && would_block()) return 0;
  /* UDP: the agent's port is closed just now (ECONNREFUSED), or an empty datagram; the socket is as good as before. */
  if (link->kind != ROSEHIP_FRAMING_DATAGRAM) link->lost(link, now_us);
  return 0;
}

int posix_link_write(posix_link_t* link, const uint8_t* bytes, size_t length_bytes, uint64_t now_us) {
  if (!link->up) return (int)length_bytes;
  const ssize_t count = link->kind == ROSEHIP_FRAMING_STREAM ? send(link->fd, bytes, length_bytes, MSG_NOSIGNAL)
                                                             : write(link->fd, bytes, length_bytes);
  if (count >= 0) return (int)count;
  if (would_block()) return 0;
  if (link->kind != ROSEHIP_FRAMING_DATAGRAM) link->lost(link, now_us);
  return (int)length_bytes;
}

void posix_link_close(posix_link_t* link) {
  if (link->published) unlink(link->target);
  link->published = false;
  if (link->fd >= 0) close(link->fd);
  link->fd = -1;
  link->up = false;
}
