/* The two links that are terminals: a pty of our own, and a serial device. */
#define _GNU_SOURCE /* O_PATH, where there is one */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "link.h"

enum {
  TERMINAL_MTU_BYTES = 512,
  PTY_RETRY_US = 20000,     /* a pty cannot say when its other end is opened: look */
  SERIAL_RETRY_US = 200000, /* a device that was unplugged */
};

static bool speed_of(long baud, speed_t* speed) {
  static const struct {
    long baud;
    speed_t speed;
  } table[] = {{9600, B9600},     {19200, B19200},   {38400, B38400},   {57600, B57600},
               {115200, B115200}, {230400, B230400},
#ifdef B921600
               {460800, B460800}, {921600, B921600},
#endif
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (table[i].baud != baud) continue;
    *speed = table[i].speed;
    return true;
  }
  return false;
}

bool posix_terminal_raw(int fd, long baud) {
  struct termios settings;
  speed_t speed = B115200;
  if (tcgetattr(fd, &settings) != 0) return false;
  settings.c_iflag = IGNBRK;
  settings.c_oflag = 0;
  settings.c_lflag = 0;
  settings.c_cflag &= (tcflag_t)~(CSIZE | PARENB | CSTOPB | HUPCL);
#ifdef CRTSCTS
  settings.c_cflag &= (tcflag_t)~CRTSCTS;
#endif
  settings.c_cflag |= CS8 | CREAD | CLOCAL;
  settings.c_cc[VMIN] = 1; /* so that nothing to read is EAGAIN, and 0 is the end */
  settings.c_cc[VTIME] = 0;
  if (baud != 0) {
    if (!speed_of(baud, &speed)) return false;
    cfsetispeed(&settings, speed);
    cfsetospeed(&settings, speed);
  }
  return tcsetattr(fd, TCSANOW, &settings) == 0;
}

/* ---- pty --------------------------------------------------------------------------------------------------------- */

static void pty_retry(posix_link_t* link, uint64_t now_us) {
  struct pollfd other_end = {.fd = link->fd, .events = POLLIN};
  link->retry_us = now_us + PTY_RETRY_US;
  if (poll(&other_end, 1, 0) > 0 && (other_end.revents & POLLHUP) != 0) return;
  posix_terminal_raw(link->fd, 0); /* closing its other end has reset it, and an echo would be noise to both */
  posix_link_is_up(link);
}

static void pty_lost(posix_link_t* link, uint64_t now_us) {
  link->up = false;
  link->retry_us = now_us + PTY_RETRY_US;
}

/*
 * A name of the slave that goes with this process, even if it is killed: the number in its own name is given to the next
 * that wants a pseudo-terminal, and whoever follows an old link would talk to a stranger.
 */
static const char* name_of_slave(const char* slave, char* name, size_t name_bytes) {
#ifdef O_PATH
  const int fd = open(slave, O_PATH | O_CLOEXEC); /* stays open; it does not count as an open terminal */
  snprintf(name, name_bytes, "/proc/%ld/fd/%d", (long)getpid(), fd);
  if (fd >= 0 && access(name, F_OK) == 0) return name;
#else
  (void)name;
  (void)name_bytes;
#endif
  return slave;
}

/* Makes `path` a symbolic link to the slave, in place of an older link, but of nothing else. */
static bool publish(const char* path, const char* slave) {
  struct stat found;
  char temporary[4096];
  if (lstat(path, &found) == 0 && !S_ISLNK(found.st_mode)) {
    fprintf(stderr, "error: --pty %s: there is a file of this name\n  to fix: choose another path, or remove it\n", path);
    return false;
  }
  if (snprintf(temporary, sizeof temporary, "%s.%ld", path, (long)getpid()) >= (int)sizeof temporary ||
      symlink(slave, temporary) != 0 || rename(temporary, path) != 0) {
    fprintf(stderr, "error: --pty %s: %s\n  to fix: choose a path in a folder that can be written to\n", path,
            strerror(errno));
    return false;
  }
  return true;
}

bool posix_link_open_pty(posix_link_t* link, const char* target) {
  *link = (posix_link_t){.kind = ROSEHIP_FRAMING_SERIAL,
                         .mtu_bytes = TERMINAL_MTU_BYTES,
                         .target = target,
                         .retry = pty_retry,
                         .lost = pty_lost};
  link->fd = posix_openpt(O_RDWR | O_NOCTTY);
  if (link->fd < 0 || grantpt(link->fd) != 0 || unlockpt(link->fd) != 0) {
    fprintf(stderr, "error: no pseudo-terminal to be had: %s\n", strerror(errno));
    return false;
  }
  const char* slave = ptsname(link->fd);
  fcntl(link->fd, F_SETFL, fcntl(link->fd, F_GETFL) | O_NONBLOCK);
  posix_terminal_raw(link->fd, 0);
  /* Only a slave that was open once is reported as closed. */
  const int once = open(slave, O_RDWR | O_NOCTTY);
  if (once >= 0) close(once);
  char name[64];
  link->published = publish(target, name_of_slave(slave, name, sizeof name));
  return link->published;
}

/* ---- serial ------------------------------------------------------------------------------------------------------ */

static bool serial_open(posix_link_t* link) {
  link->fd = open(link->target, O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (link->fd < 0) return false;
  if (posix_terminal_raw(link->fd, link->baud)) {
    posix_link_is_up(link);
    return true;
  }
  close(link->fd);
  link->fd = -1;
  return false;
}

static void serial_retry(posix_link_t* link, uint64_t now_us) {
  link->retry_us = now_us + SERIAL_RETRY_US;
  serial_open(link);
}

static void serial_lost(posix_link_t* link, uint64_t now_us) {
  posix_link_close(link);
  link->retry_us = now_us + SERIAL_RETRY_US;
}

bool posix_link_open_serial(posix_link_t* link, const char* target, long baud) {
  speed_t speed;
  *link = (posix_link_t){.kind = ROSEHIP_FRAMING_SERIAL,
                         .mtu_bytes = TERMINAL_MTU_BYTES,
                         .fd = -1,
                         .target = target,
                         .baud = baud,
                         .retry = serial_retry,
                         .lost = serial_lost};
  if (!speed_of(baud, &speed)) {
    fprintf(stderr, "error: --baud %ld is not a speed of this port\n  to fix: use 115200 or 921600\n", baud);
    return false;
  }
  if (serial_open(link)) return true;
  fprintf(stderr, "error: --serial %s: %s\n  to fix: check the name and that you may open it\n", target,
          strerror(errno));
  return false;
}
