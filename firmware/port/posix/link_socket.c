/* The two links over IP: UDP and TCP. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"

enum {
  SOCKET_MTU_BYTES = 1400, /* fits an Ethernet frame with all headers */
  RETRY_US = 200000,
  TCP_GIVE_UP_US = 2000000, /* a connection attempt that nobody answers */
};

/* "host:port" or "[v6]:port". */
static bool split_target(posix_link_t* link, const char* option) {
  const char* colon = strrchr(link->target, ':');
  size_t length = colon == NULL ? 0 : (size_t)(colon - link->target);
  const char* host = link->target;
  if (length >= 2 && host[0] == '[' && host[length - 1] == ']') {
    host++;
    length -= 2;
  }
  if (length == 0 || length >= sizeof link->host || colon[1] == '\0') {
    fprintf(stderr, "error: %s %s: this is not HOST:PORT\n", option, link->target);
    return false;
  }
  memcpy(link->host, host, length);
  link->host[length] = '\0';
  link->port = colon + 1;
  return true;
}

/* Opens a non-blocking socket and begins to connect it. */
static bool begin(posix_link_t* link, int type, const char** why) {
  const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = type};
  struct addrinfo* found = NULL;
  const int status = getaddrinfo(link->host, link->port, &hints, &found);
  if (status != 0) {
    *why = gai_strerror(status);
    return false;
  }
  link->fd = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
  bool begun = link->fd >= 0;
  if (begun) {
    fcntl(link->fd, F_SETFL, fcntl(link->fd, F_GETFL) | O_NONBLOCK);
    begun = connect(link->fd, found->ai_addr, found->ai_addrlen) == 0 || errno == EINPROGRESS;
  }
  if (!begun) *why = strerror(errno);
  freeaddrinfo(found);
  if (!begun) posix_link_close(link);
  return begun;
}

/* ---- UDP: never down -------------------------------------------------------------------------------------------- */

bool posix_link_open_udp(posix_link_t* link, const char* target) {
  const char* why = "";
  *link = (posix_link_t){
      .kind = ROSEHIP_FRAMING_DATAGRAM, .mtu_bytes = SOCKET_MTU_BYTES, .fd = -1, .target = target};
  if (!split_target(link, "--udp")) return false;
  if (!begin(link, SOCK_DGRAM, &why)) {
    fprintf(stderr, "error: --udp %s: %s\n", target, why);
    return false;
  }
  posix_link_is_up(link);
  return true;
}

/* ---- TCP -------------------------------------------------------------------------------------------------------- */

static void tcp_lost(posix_link_t* link, uint64_t now_us) {
  posix_link_close(link);
  link->connecting = false;
  link->retry_us = now_us + RETRY_US;
}

/* Not connected: begins an attempt. Connecting: looks how it went. */
static void tcp_retry(posix_link_t* link, uint64_t now_us) {
  const char* why = "";
  const int on = 1;
  int error = 0;
  socklen_t size = sizeof error;
  struct pollfd attempt = {.fd = link->fd, .events = POLLOUT};
  if (!link->connecting) {
    link->connecting = begin(link, SOCK_STREAM, &why);
    link->retry_us = now_us + (link->connecting ? TCP_GIVE_UP_US : RETRY_US);
    return;
  }
  const bool done = poll(&attempt, 1, 0) > 0;
  if (done && getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0) {
    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    posix_link_is_up(link);
    return;
  }
  tcp_lost(link, now_us);
}

bool posix_link_open_tcp(posix_link_t* link, const char* target) {
  *link = (posix_link_t){.kind = ROSEHIP_FRAMING_STREAM,
                         .mtu_bytes = SOCKET_MTU_BYTES,
                         .fd = -1,
                         .target = target,
                         .retry = tcp_retry,
                         .lost = tcp_lost};
  return split_target(link, "--tcp");
}
