/*
 * The link over the chip's USB Serial/JTAG controller: a serial port for the computer, without baud rate.
 *
 *   attached  the computer sends frames of USB; octets go both ways
 *   detached  no cable: what is written is dropped. When it is attached again, read says so once.
 *
 * The driver tells of received octets only to a task that blocks in its read; that is a small one of our own.
 */
#include "rosehip/esp32_settings.h"

#if SOC_USB_SERIAL_JTAG_SUPPORTED

#include <stdbool.h>

#include "driver/usb_serial_jtag.h"
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/stream_buffer.h"
#include "freertos/task.h"

#include "link.h"
#include "rosehip/error.h"

enum {
  PACKET_BYTES = 64, /* of USB full speed */
  BUFFER_BYTES = 4096,
  READER_STACK_BYTES = 2560,
  RETRY_US = 2000,    /* for room in the send buffer, of which the driver does not tell */
  STALL_US = 500000,  /* Nobody has the port open: what is sent is dropped until somebody has. */
  LOOK_US = 500000,   /* for the cable */
};

static const char tag[] = "rosehip";
static StreamBufferHandle_t received;
static SemaphoreHandle_t event;
static bool attached;
static uint64_t taken_us; /* when the driver last took something, or nothing waited for it */

static void reader(void* context) {
  uint8_t packet[PACKET_BYTES];
  (void)context;
  for (;;) {
    const int count = usb_serial_jtag_read_bytes(packet, sizeof packet, portMAX_DELAY);
    if (count <= 0) continue;
    xStreamBufferSend(received, packet, (size_t)count, portMAX_DELAY);
    xSemaphoreGive(event);
  }
}

static int usb_link_read(uint8_t* buffer, size_t size_bytes, uint64_t now_us) {
  const bool was_attached = attached;
  attached = usb_serial_jtag_is_connected();
  if (attached && !was_attached) {
    taken_us = now_us;
    return ROSEHIP_ERROR_DISCONNECTED;
  }
  return (int)xStreamBufferReceive(received, buffer, size_bytes, 0);
}

static int usb_link_write(const uint8_t* bytes, size_t length_bytes, uint64_t now_us) {
  size_t count = 0;
  while (attached && count < length_bytes) {
    const size_t rest = length_bytes - count;
    const size_t part = rest < PACKET_BYTES ? rest : PACKET_BYTES;
    if (usb_serial_jtag_write_bytes(bytes + count, part, 0) <= 0) break;
    count += part;
  }
  if (count > 0) taken_us = now_us;
  if (count == 0 && (!attached || now_us - taken_us > STALL_US)) return (int)length_bytes;
  return (int)count;
}

static uint64_t usb_link_due_us(uint64_t now_us, bool writable) {
  if (!writable) return attached ? LINK_NEVER_US : now_us + LOOK_US;
  return now_us + RETRY_US;
}

static void usb_link_wait(TickType_t ticks, bool writable) {
  (void)writable; /* see usb_link_due_us */
  if (xStreamBufferIsEmpty(received) == pdFALSE) return;
  xSemaphoreTake(event, ticks);
}

static void usb_link_wake(void) {
  xSemaphoreGive(event);
}

static void usb_link_wake_from_isr(BaseType_t* woken) {
  xSemaphoreGiveFromISR(event, woken);
}

esp_err_t rosehip_esp32_usb(esp32_link_t* link, const rosehip_esp32_config_t* config) {
  usb_serial_jtag_driver_config_t driver = {.tx_buffer_size = BUFFER_BYTES, .rx_buffer_size = BUFFER_BYTES};
  esp_err_t status = usb_serial_jtag_driver_install(&driver);
  if (status == ESP_OK) {
    received = xStreamBufferCreate(BUFFER_BYTES, 1);
    event = xSemaphoreCreateBinary();
    if (received == NULL || event == NULL ||
        xTaskCreate(reader, "rosehip_usb", READER_STACK_BYTES, NULL, (UBaseType_t)config->priority + 1, NULL) !=
            pdPASS) {
      status = ESP_ERR_NO_MEM;
    }
  }
  if (status != ESP_OK) {
    ESP_LOGE(tag, "USB Serial/JTAG: %s", esp_err_to_name(status));
    return status;
  }
  *link = (esp32_link_t){
      .kind = ROSEHIP_FRAMING_SERIAL,
      .mtu_bytes = LINK_SERIAL_MTU_BYTES,
#if defined(CONFIG_ESP_CONSOLE_USB_SERIAL_JTAG) || defined(CONFIG_ESP_CONSOLE_SECONDARY_USB_SERIAL_JTAG)
      .is_console = true,
#endif
      .read = usb_link_read,
      .write = usb_link_write,
      .due_us = usb_link_due_us,
      .wait = usb_link_wait,
      .wake = usb_link_wake,
      .wake_from_isr = usb_link_wake_from_isr,
  };
  return ESP_OK;
}

#endif
