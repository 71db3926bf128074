#include "board.h"
#include "console.h"
#include "pins.h"
#include "rosehip/board.h"
#include "storage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* A signal writes its number here, so that a sleep that is about to begin ends, too. */
static int signal_pipe[2] = {-1, -1};

static void on_signal(int number) {
  const int saved = errno;
  const char octet = (char)number;
  if (write(signal_pipe[1], &octet, 1) < 0) errno = 0; /* full: it is known already */
  errno = saved;
}

static bool watch_signals(void) {
  struct sigaction action = {0};
  if (pipe(signal_pipe) != 0) return false;
  for (int i = 0; i < 2; i++) {
    fcntl(signal_pipe[i], F_SETFL, O_NONBLOCK);
    fcntl(signal_pipe[i], F_SETFD, FD_CLOEXEC);
  }
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGUSR1, &action, NULL);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, NULL);
  return true;
}

/* ---- The port ---------------------------------------------------------------------------------------------------- */

static uint64_t monotonic_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static uint64_t start_us;

static uint64_t port_now_us(void* context) {
  (void)context;
  return monotonic_us() - start_us;
}

static int port_read(void* context, uint8_t* buffer, size_t size_bytes) {
  posix_board_t* board = context;
  return posix_link_read(&board->link, buffer, size_bytes, port_now_us(context));
}

static int port_write(void* context, const uint8_t* bytes, size_t length_bytes) {
  posix_board_t* board = context;
  return posix_link_write(&board->link, bytes, length_bytes, port_now_us(context));
}

static void port_console(void* context, const rosehip_log_line_t* line) {
  const posix_board_t* board = context;
  char text[512];
  if (line->severity < ROSEHIP_LOG_INFO && !board->verbose) return;
  posix_put_line(text, rosehip_board_log_text(line, text, sizeof text - 1));
}

void posix_board_report_arena(const posix_board_t* board) {
  char text[128];
  posix_put_line(text, rosehip_board_arena_text(board->config.arena, text, sizeof text - 1));
}

/* Does what the signals ask for that have come. Returns false if one of them ends the process. */
static bool obey_signals(const posix_board_t* board) {
  char number;
  while (read(signal_pipe[0], &number, 1) == 1) {
    if (number != SIGUSR1) return false;
    posix_board_report_arena(board);
  }
  return true;
}

/* What happens outside of the board. */
static void read_pins(posix_board_t* board) {
  char text[256];
  const ssize_t count = read(board->pins_fd, text, sizeof text);
  if (count > 0) posix_pins_input(text, (size_t)count);
  else board->pins_fd = -1; /* closed: nothing happens any more */
}

static bool port_sleep(void* context, uint64_t until_us, bool writable) {
  posix_board_t* board = context;
  const posix_link_t* link = &board->link;
  const uint64_t now_us = port_now_us(context);
  const bool can_read = link->up || link->connecting;
  struct pollfd fds[3] = {
      {.fd = signal_pipe[0], .events = POLLIN},
      {.fd = can_read ? link->fd : -1,
       .events = (short)((link->up ? POLLIN : 0) | (writable || link->connecting ? POLLOUT : 0))},
      {.fd = board->pins_fd, .events = POLLIN},
  };
  if (link->up && !link->announced) return true;
  if (!link->up && link->retry_us < until_us) until_us = link->retry_us;
  int timeout_ms = -1;
  if (until_us != ROSEHIP_NEVER_US) {
    const uint64_t wait_us = until_us > now_us ? until_us - now_us : 0;
    timeout_ms = wait_us / 1000 >= 3600000 ? 3600000 : (int)((wait_us + 999) / 1000);
  }
  if (board->port.hardware != NULL && posix_pins_edge_waits()) timeout_ms = 0;
  if (poll(fds, 3, timeout_ms) > 0) {
    if (fds[0].revents != 0 && !obey_signals(board)) return false;
    if (fds[2].revents != 0) read_pins(board);
    if (link->connecting && fds[1].revents != 0) board->link.retry_us = 0;
  }
  return true;
}

static int port_storage_read(void* context, const char* name, uint8_t* record, size_t size_bytes) {
  const posix_board_t* board = context;
  return posix_storage_read(board->storage_folder, name, record, size_bytes);
}

static int port_storage_write(void* context, const char* name, const uint8_t* record, size_t length_bytes) {
  const posix_board_t* board = context;
  return posix_storage_write(board->storage_folder, name, record, length_bytes);
}

static void port_random(void* context, uint8_t* octets, size_t length_bytes) {
  enum { LIMIT_BYTES = 256 }; /* of getentropy, which fails for no other reason */
  (void)context;
  for (size_t done = 0; done < length_bytes; done += LIMIT_BYTES) {
    const size_t left = length_bytes - done;
    if (getentropy(octets + done, left < LIMIT_BYTES ? left : LIMIT_BYTES) != 0) abort();
  }
}

/* ---- The board --------------------------------------------------------------------------------------------------- */

static bool read_module(posix_board_t* board) {
  FILE* file = fopen(board->app_path, "rb");
  long size = -1;
  if (file != NULL && fseek(file, 0, SEEK_END) == 0) size = ftell(file);
  if (size >= 0) board->module = malloc((size_t)size + 1);
  if (board->module != NULL) {
    rewind(file);
    board->module_bytes = fread(board->module, 1, (size_t)size, file);
  }
  const bool complete = board->module != NULL && board->module_bytes == (size_t)size;
  if (!complete) {
    fprintf(stderr, "error: --app %s: %s\n  to fix: build it with `rosehip build`\n", board->app_path,
            strerror(errno));
  }
  if (file != NULL) fclose(file);
  return complete;
}

bool posix_board_open(posix_board_t* board, int argc, char** argv, int* exit_code) {
  *board = (posix_board_t){.link = {.fd = -1}, .pins_fd = -1};
  start_us = monotonic_us();
  if (!posix_options(board, argc, argv, exit_code)) return false;
  *exit_code = EXIT_FAILED;
  board->arena_block = malloc(board->arena_bytes);
  if (board->arena_block == NULL) {
    fprintf(stderr, "error: --arena %zu: this computer does not have so much memory\n", board->arena_bytes);
    return false;
  }
  if (board->app_path != NULL && !read_module(board)) return false;
  if (board->flash_path != NULL && !posix_flash_open(&board->flash, board->flash_path, board->flash_bytes)) {
    return false;
  }
  if (!watch_signals()) return false;
  board->port = (rosehip_port_t){
      .context = board,
      .link_kind = board->link.kind,
      .mtu_bytes = board->link.mtu_bytes,
      .now_us = port_now_us,
      .read = port_read,
      .write = port_write,
      .console = port_console,
      .sleep = port_sleep,
      .app_flash = board->flash_path == NULL ? NULL : &board->flash.flash,
      .storage_read = board->storage_folder == NULL ? NULL : port_storage_read,
      .storage_write = board->storage_folder == NULL ? NULL : port_storage_write,
      .random = port_random,
      .hardware = board->has_pins ? posix_pins_open() : NULL,
  };
  if (board->has_pins) board->pins_fd = STDIN_FILENO;
  board->config.port = &board->port;
  board->config.deployment = &rosehip_deployment;
  *exit_code = EXIT_OK;
  return true;
}

void posix_board_close(posix_board_t* board) {
  posix_link_close(&board->link);
  free(board->module);
  free(board->arena_block);
}
