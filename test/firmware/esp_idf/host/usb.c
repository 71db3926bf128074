/* USB Serial/JTAG on a pseudo-terminal: the cable is in as long as somebody has the other end open. */
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "driver/usb_serial_jtag.h"
#include "host.h"

enum { PACKET_BYTES = 64, SENDING_BYTES = 65536 };

static int master = -1;
static size_t sending_limit;
static uint8_t sending[SENDING_BYTES];
static size_t sending_bytes;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

bool host_usb_open(const char* path) {
  master = host_terminal(path);
  return master >= 0;
}

bool usb_serial_jtag_is_connected(void) {
  struct pollfd line = {.fd = master, .events = POLLOUT};
  return poll(&line, 1, 0) >= 0 && (line.revents & POLLHUP) == 0;
}

static void* transmit(void* context) {
  (void)context;
  for (;;) {
    pthread_mutex_lock(&lock);
    const size_t length = sending_bytes < PACKET_BYTES ? sending_bytes : PACKET_BYTES;
    const ssize_t count = length == 0 || !usb_serial_jtag_is_connected() ? 0 : write(master, sending, length);
    if (count > 0) {
      memmove(sending, sending + count, sending_bytes - (size_t)count);
      sending_bytes -= (size_t)count;
    }
    pthread_mutex_unlock(&lock);
    usleep(count > 0 ? 60 : 1000); /* a frame of USB holds several packets */
  }
  return NULL;
}

esp_err_t usb_serial_jtag_driver_install(usb_serial_jtag_driver_config_t* config) {
  pthread_t thread;
  sending_limit = config->tx_buffer_size;
  if (config->rx_buffer_size <= PACKET_BYTES || sending_limit > sizeof sending) return ESP_ERR_INVALID_ARG;
  return pthread_create(&thread, NULL, transmit, NULL) == 0 ? ESP_OK : ESP_ERR_NO_MEM;
}

int usb_serial_jtag_read_bytes(void* buffer, uint32_t length, uint32_t ticks) {
  (void)ticks; /* the port's reader waits for ever */
  for (;;) {
    struct pollfd line = {.fd = master, .events = POLLIN};
    poll(&line, 1, -1);
    const ssize_t count = read(master, buffer, length < PACKET_BYTES ? length : PACKET_BYTES);
    if (count > 0) return (int)count;
    usleep(1000);
  }
}

/* All or nothing, as a ring buffer of octets. */
int usb_serial_jtag_write_bytes(const void* source, size_t size, uint32_t ticks) {
  (void)ticks;
  pthread_mutex_lock(&lock);
  const bool room = sending_bytes + size <= sending_limit;
  if (room) memcpy(sending + sending_bytes, source, size);
  if (room) sending_bytes += size;
  pthread_mutex_unlock(&lock);
  return room ? (int)size : 0;
}
