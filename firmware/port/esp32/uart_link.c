/*
 * The link over a UART. The driver's interrupt moves octets between FIFOs and its ring buffers; its event queue is what
 * the loop waits at.
 *
 * It must not rely on the interrupt for a pause after received octets, which some emulated chips do not have: the
 * FIFO counts as full with its first octet.
 *
 * How much of the send buffer is free the driver does not tell, and it blocks when there is not enough. But a UART
 * without flow control sends at its baud rate, so the time at which all that it was given is sent is known.
 */
#include "driver/uart.h"
#include "esp_intr_alloc.h"
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/task.h"

#include "link.h"

enum {
  TX_BUFFER_BYTES = 4096,
  TX_LIMIT_BYTES = TX_BUFFER_BYTES / 2, /* of it in use: the driver wastes space at its end */
  TX_LEAST_BYTES = 256,
  TX_LIMIT_MS = 100,      /* As much waits as is sent in this time: what is sent again should not wait for old copies. */
  TX_OVERHEAD_BYTES = 40, /* What the driver keeps beside the octets of one write. */
  BITS_PER_OCTET = 10,
  QUEUE_EVENTS = 16,
  FLUSH_MS = 200,
};

static const char tag[] = "rosehip";
static uart_port_t port;
static uint32_t baud;
static size_t limit_bytes; /* of what waits to be sent */
static QueueHandle_t events;
static uint64_t sent_us;    /* when all that was written will have been sent */
static uint64_t written_us; /* when was written last */
static size_t used_bytes;   /* of the send buffer then */

static uint64_t line_time_us(size_t octets) {
  return (uint64_t)octets * BITS_PER_OCTET * 1000000u / baud;
}

static int uart_link_read(uint8_t* buffer, size_t size_bytes, uint64_t now_us) {
  (void)now_us;
  const int count = uart_read_bytes(port, buffer, size_bytes, 0);
  return count > 0 ? count : 0;
}

static uint64_t waiting_us(uint64_t now_us) {
  return sent_us > now_us ? sent_us - now_us : 0;
}

static int uart_link_write(const uint8_t* bytes, size_t length_bytes, uint64_t now_us) {
  const uint64_t left_us = waiting_us(now_us);
  const size_t waiting = (size_t)(left_us * baud / (BITS_PER_OCTET * 1000000u));
  const size_t used = left_us == 0 ? 0 : (size_t)(used_bytes * left_us / (sent_us - written_us));
  if (waiting >= limit_bytes || used + TX_OVERHEAD_BYTES >= TX_LIMIT_BYTES) return 0;
  size_t length = length_bytes;
  if (length > limit_bytes - waiting) length = limit_bytes - waiting;
  if (length > TX_LIMIT_BYTES - TX_OVERHEAD_BYTES - used) length = TX_LIMIT_BYTES - TX_OVERHEAD_BYTES - used;
  const int count = uart_write_bytes(port, bytes, length);
  if (count <= 0) return 0;
  written_us = now_us;
  sent_us = now_us + left_us + line_time_us((size_t)count);
  used_bytes = used + TX_OVERHEAD_BYTES + (size_t)count;
  return count;
}

/* Octets wait: again when half of what is in front of them is sent. */
static uint64_t uart_link_due_us(uint64_t now_us, bool writable) {
  return writable ? now_us + waiting_us(now_us) / 2 : LINK_NEVER_US;
}

static void uart_link_wait(TickType_t ticks, bool writable) {
  uart_event_t event;
  size_t waiting = 0;
  (void)writable; /* see uart_link_due_us */
  if (uart_get_buffered_data_len(port, &waiting) == ESP_OK && waiting > 0) return;
  if (xQueueReceive(events, &event, ticks) != pdTRUE) return;
  if (event.type == UART_FIFO_OVF || event.type == UART_BUFFER_FULL) {
    ESP_LOGW(tag, "UART: received octets were lost; the agent sends them again");
  }
  xQueueReset(events); /* There is one for each octet; those that are read next need none of them. */
}

static const uart_event_t wake_event = {.type = UART_EVENT_MAX};

/* A full queue wakes, too. */
static void uart_link_wake(void) {
  xQueueSend(events, &wake_event, 0);
}

static void uart_link_wake_from_isr(BaseType_t* woken) {
  xQueueSendFromISR(events, &wake_event, woken);
}

static esp_err_t set_up(const rosehip_esp32_config_t* config) {
#ifdef CONFIG_UART_ISR_IN_IRAM
  const int flags = ESP_INTR_FLAG_IRAM;
#else
  const int flags = 0;
#endif
  const uart_config_t line = {
      .baud_rate = config->uart_baud,
      .data_bits = UART_DATA_8_BITS,
      .parity = UART_PARITY_DISABLE,
      .stop_bits = UART_STOP_BITS_1,
      .flow_ctrl = UART_HW_FLOWCTRL_DISABLE,
      .source_clk = UART_SCLK_DEFAULT,
  };
  const int tx = config->uart_tx_pin < 0 ? UART_PIN_NO_CHANGE : config->uart_tx_pin;
  const int rx = config->uart_rx_pin < 0 ? UART_PIN_NO_CHANGE : config->uart_rx_pin;
  esp_err_t status =
      uart_driver_install(port, config->uart_rx_buffer_bytes, TX_BUFFER_BYTES, QUEUE_EVENTS, &events, flags);
  if (status != ESP_OK) return status;
  uart_wait_tx_done(port, pdMS_TO_TICKS(FLUSH_MS)); /* what the console has printed so far */
  status = uart_param_config(port, &line);
  if (status == ESP_OK) status = uart_set_pin(port, tx, rx, UART_PIN_NO_CHANGE, UART_PIN_NO_CHANGE);
  if (status == ESP_OK) status = uart_set_rx_full_threshold(port, 1);
  return status;
}

esp_err_t rosehip_esp32_uart(esp32_link_t* link, const rosehip_esp32_config_t* config) {
  port = (uart_port_t)config->uart_num;
  baud = (uint32_t)config->uart_baud;
  limit_bytes = baud / BITS_PER_OCTET * TX_LIMIT_MS / 1000u;
  if (limit_bytes < TX_LEAST_BYTES) limit_bytes = TX_LEAST_BYTES;
  if (limit_bytes > TX_LIMIT_BYTES) limit_bytes = TX_LIMIT_BYTES;
  const esp_err_t status = config->uart_baud > 0 ? set_up(config) : ESP_ERR_INVALID_ARG;
  if (status != ESP_OK) {
    ESP_LOGE(tag, "UART%d at %d baud, TX pin %d, RX pin %d: %s", config->uart_num, config->uart_baud,
             config->uart_tx_pin, config->uart_rx_pin, esp_err_to_name(status));
    return status;
  }
  *link = (esp32_link_t){
      .kind = ROSEHIP_FRAMING_SERIAL,
      .mtu_bytes = LINK_SERIAL_MTU_BYTES,
#if defined(CONFIG_ESP_CONSOLE_UART_NUM) && CONFIG_ESP_CONSOLE_UART_NUM >= 0
      .is_console = config->uart_num == CONFIG_ESP_CONSOLE_UART_NUM,
#endif
      .read = uart_link_read,
      .write = uart_link_write,
      .due_us = uart_link_due_us,
      .wait = uart_link_wait,
      .wake = uart_link_wake,
      .wake_from_isr = uart_link_wake_from_isr,
  };
  if (config->uart_tx_pin >= 0) link->reserved_pins |= 1ull << config->uart_tx_pin;
  if (config->uart_rx_pin >= 0) link->reserved_pins |= 1ull << config->uart_rx_pin;
  return ESP_OK;
}
