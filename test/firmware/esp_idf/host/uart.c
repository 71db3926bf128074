/*
 * A UART whose driver is as ESP-IDF's: an interrupt puts what is in the FIFO of 128 octets into the receive buffer when
 * it holds the threshold, and at no other time: as in an emulator, there is no interrupt for a pause.
 * Octets leave at the baud rate, and writing waits when the send buffer is full.
 */
#include "driver/uart.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "host.h"

QueueHandle_t host_queue(size_t length, size_t item_bytes);

enum { FIFO_BYTES = 128, DEFAULT_THRESHOLD = 120, CHUNK_BYTES = 64 };

static struct {
  int master;
  QueueHandle_t events;
  int baud, threshold;
  uint8_t* received;
  size_t received_bytes, received_size;
  uint8_t* sending;
  size_t sending_bytes, sending_size;
  unsigned waits;
  pthread_mutex_t lock;
  pthread_cond_t drained;
} uart = {.master = -1, .threshold = DEFAULT_THRESHOLD};

int host_terminal(const char* path) {
  struct termios raw;
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) return -1;
  tcgetattr(master, &raw);
  cfmakeraw(&raw);
  tcsetattr(master, TCSANOW, &raw);
  fcntl(master, F_SETFL, O_NONBLOCK);
  unlink(path);
  return symlink(ptsname(master), path) == 0 ? master : -1;
}

bool host_uart_open(const char* path) {
  uart.master = host_terminal(path);
  return uart.master >= 0;
}

unsigned host_uart_waits(void) {
  return uart.waits;
}

static void raise_event(uart_event_type_t type, size_t size) {
  const uart_event_t event = {.type = type, .size = size};
  BaseType_t woken = pdFALSE;
  xQueueSendFromISR(uart.events, &event, &woken);
}

static void* receive(void* context) {
  uint8_t fifo[FIFO_BYTES];
  size_t held = 0;
  (void)context;
  for (;;) {
    struct pollfd line = {.fd = uart.master, .events = POLLIN};
    poll(&line, 1, -1);
    const ssize_t count = read(uart.master, fifo + held, sizeof fifo - held);
    if (count <= 0) {
      usleep(1000); /* nobody has the other end open */
      continue;
    }
    held += (size_t)count;
    if (held < (size_t)uart.threshold) continue;
    pthread_mutex_lock(&uart.lock);
    const bool room = uart.received_bytes + held <= uart.received_size;
    if (room) memcpy(uart.received + uart.received_bytes, fifo, held);
    if (room) uart.received_bytes += held;
    pthread_mutex_unlock(&uart.lock);
    raise_event(room ? UART_DATA : UART_BUFFER_FULL, held);
    held = 0;
  }
  return NULL;
}

static void* transmit(void* context) {
  uint8_t chunk[CHUNK_BYTES];
  (void)context;
  for (;;) {
    pthread_mutex_lock(&uart.lock);
    while (uart.sending_bytes == 0) pthread_cond_wait(&uart.drained, &uart.lock);
    const size_t length = uart.sending_bytes < sizeof chunk ? uart.sending_bytes : sizeof chunk;
    memcpy(chunk, uart.sending, length);
    memmove(uart.sending, uart.sending + length, uart.sending_bytes - length);
    uart.sending_bytes -= length;
    pthread_cond_broadcast(&uart.drained);
    pthread_mutex_unlock(&uart.lock);
    struct pollfd line = {.fd = uart.master, .events = POLLOUT};
    const bool heard = poll(&line, 1, 0) >= 0 && (line.revents & POLLHUP) == 0;
    if (heard && write(uart.master, chunk, length) < 0) continue; /* lost, as on a wire */
    usleep((useconds_t)(length * 10u * 1000000u / (unsigned)uart.baud));
  }
  return NULL;
}

esp_err_t uart_driver_install(uart_port_t number, int rx_size, int tx_size, int queue_size, QueueHandle_t* queue,
                              int flags) {
  pthread_t thread;
  (void)flags;
  if (number > UART_NUM_1 || rx_size <= FIFO_BYTES || (tx_size != 0 && tx_size <= FIFO_BYTES)) return ESP_FAIL;
  uart.received = malloc((size_t)rx_size);
  uart.received_size = (size_t)rx_size;
  uart.sending = malloc((size_t)tx_size);
  uart.sending_size = (size_t)tx_size;
  *queue = uart.events = host_queue((size_t)queue_size, sizeof(uart_event_t));
  pthread_mutex_init(&uart.lock, NULL);
  pthread_cond_init(&uart.drained, NULL);
  pthread_create(&thread, NULL, receive, NULL);
  pthread_create(&thread, NULL, transmit, NULL);
  return ESP_OK;
}

esp_err_t uart_param_config(uart_port_t number, const uart_config_t* config) {
  (void)number;
  uart.baud = config->baud_rate;
  return config->data_bits == UART_DATA_8_BITS && config->stop_bits == UART_STOP_BITS_1 ? ESP_OK : ESP_FAIL;
}

esp_err_t uart_set_pin(uart_port_t number, int tx, int rx, int rts, int cts) {
  (void)number;
  return tx < 48 && rx < 48 && rts == UART_PIN_NO_CHANGE && cts == UART_PIN_NO_CHANGE ? ESP_OK : ESP_FAIL;
}

esp_err_t uart_set_rx_full_threshold(uart_port_t number, int threshold) {
  (void)number;
  uart.threshold = threshold;
  return threshold > 0 && threshold < FIFO_BYTES ? ESP_OK : ESP_ERR_INVALID_ARG;
}

esp_err_t uart_wait_tx_done(uart_port_t number, TickType_t ticks) {
  (void)number;
  (void)ticks;
  return ESP_OK;
}

esp_err_t uart_get_buffered_data_len(uart_port_t number, size_t* size) {
  (void)number;
  pthread_mutex_lock(&uart.lock);
  *size = uart.received_bytes;
  pthread_mutex_unlock(&uart.lock);
  return ESP_OK;
}

int uart_read_bytes(uart_port_t number, void* buffer, uint32_t length, TickType_t ticks) {
  (void)number;
  (void)ticks; /* the port never waits here */
  pthread_mutex_lock(&uart.lock);
  const size_t count = uart.received_bytes < length ? uart.received_bytes : length;
  memcpy(buffer, uart.received, count);
  memmove(uart.received, uart.received + count, uart.received_bytes - count);
  uart.received_bytes -= count;
  pthread_mutex_unlock(&uart.lock);
  return (int)count;
}

int uart_write_bytes(uart_port_t number, const void* source, size_t size) {
  (void)number;
  pthread_mutex_lock(&uart.lock);
  if (uart.sending_bytes + size > uart.sending_size) uart.waits++;
  while (uart.sending_bytes + size > uart.sending_size) pthread_cond_wait(&uart.drained, &uart.lock);
  memcpy(uart.sending + uart.sending_bytes, source, size);
  uart.sending_bytes += size;
  pthread_cond_broadcast(&uart.drained);
  pthread_mutex_unlock(&uart.lock);
  return (int)size;
}
