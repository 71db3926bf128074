#include "pins_and_buses.h"

#if ROSEHIP_HARDWARE

#include "driver/gpio.h"
#include "freertos/FreeRTOS.h"
#include "rosehip/error.h"

#include "port.h"

/* Edges of a watched pin that the app has not been told of; the interrupt writes them. */
typedef struct {
  uint32_t edges;
  bool level;
} watch_t;

static uint64_t reserved, taken, watched;
static watch_t watches[SOC_GPIO_PIN_COUNT];
static uint32_t turn; /* the pin that gpio_edge looks at first */
static portMUX_TYPE lock = portMUX_INITIALIZER_UNLOCKED;

void rh_esp32_pin_reserve(uint64_t pins) {
  reserved = pins;
}

bool rh_esp32_pin_is_free(int64_t pin) {
  if (pin < 0 || pin >= SOC_GPIO_PIN_COUNT) return false;
  return GPIO_IS_VALID_GPIO((int)pin) && (reserved >> pin & 1u) == 0;
}

bool rh_esp32_pin_is_output(int64_t pin) {
  return rh_esp32_pin_is_free(pin) && GPIO_IS_VALID_OUTPUT_GPIO((int)pin);
}

void rh_esp32_pin_take(uint32_t pin) {
  taken |= 1ull << pin;
}

int rh_esp32_gpio_mode(void* context, uint32_t pin, rosehip_gpio_mode_t mode) {
  const bool is_output = mode == ROSEHIP_GPIO_OUTPUT || mode == ROSEHIP_GPIO_OUTPUT_OPEN_DRAIN;
  (void)context;
  if (!rh_esp32_pin_is_free(pin)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  /* Input-only pins have no resistors either. */
  if (mode != ROSEHIP_GPIO_INPUT && !rh_esp32_pin_is_output(pin)) return ROSEHIP_ERROR_UNSUPPORTED;
  const gpio_config_t pad = {
      .pin_bit_mask = 1ull << pin,
      /* An output is an input, too, so that its level can be read. */
      .mode = !is_output                    ? GPIO_MODE_INPUT
              : mode == ROSEHIP_GPIO_OUTPUT ? GPIO_MODE_INPUT_OUTPUT
                                            : GPIO_MODE_INPUT_OUTPUT_OD,
      .pull_up_en = mode == ROSEHIP_GPIO_INPUT_PULL_UP ? GPIO_PULLUP_ENABLE : GPIO_PULLUP_DISABLE,
      .pull_down_en = mode == ROSEHIP_GPIO_INPUT_PULL_DOWN ? GPIO_PULLDOWN_ENABLE : GPIO_PULLDOWN_DISABLE,
      .intr_type = GPIO_INTR_DISABLE,
  };
  rh_esp32_pwm_end(pin);
  if ((watched >> pin & 1u) != 0) rh_esp32_gpio_watch(context, pin, 0);
  if (gpio_config(&pad) != ESP_OK) return ROSEHIP_ERROR_UNSUPPORTED;
  rh_esp32_pin_take(pin);
  return ROSEHIP_OK;
}

int rh_esp32_gpio_read(void* context, uint32_t pin) {
  (void)context;
  if (!rh_esp32_pin_is_free(pin)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  return gpio_get_level((gpio_num_t)pin);
}

/* The driver keeps the level of a pin that is no output yet, and begins with it. */
int rh_esp32_gpio_write(void* context, uint32_t pin, bool level) {
  (void)context;
  if (!rh_esp32_pin_is_free(pin)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  return gpio_set_level((gpio_num_t)pin, level) == ESP_OK ? ROSEHIP_OK : ROSEHIP_ERROR_UNSUPPORTED;
}

static void on_edge(void* context) {
  watch_t* watch = context;
  const gpio_num_t pin = (gpio_num_t)(watch - watches);
  BaseType_t woken = pdFALSE;
  portENTER_CRITICAL_ISR(&lock);
  if (watch->edges < UINT32_MAX) watch->edges++;
  watch->level = gpio_get_level(pin) != 0;
  portEXIT_CRITICAL_ISR(&lock);
  rh_esp32_port_wake_from_isr(&woken);
  if (woken == pdTRUE) portYIELD_FROM_ISR();
}

int rh_esp32_gpio_watch(void* context, uint32_t pin, uint32_t edges) {
  static bool has_service;
  const gpio_num_t number = (gpio_num_t)pin;
  (void)context;
  if (!rh_esp32_pin_is_free(pin)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  gpio_intr_disable(number);
  if ((watched >> pin & 1u) != 0) gpio_isr_handler_remove(number);
  watched &= ~(1ull << pin);
  watches[pin] = (watch_t){0};
  if (edges == 0) return ROSEHIP_OK;
  if (!has_service) {
    const esp_err_t status = gpio_install_isr_service(0);
    if (status != ESP_OK && status != ESP_ERR_INVALID_STATE) return ROSEHIP_ERROR_UNSUPPORTED;
    has_service = true; /* ours, or one of the project */
  }
  const gpio_int_type_t type = edges == ROSEHIP_GPIO_RISING    ? GPIO_INTR_POSEDGE
                               : edges == ROSEHIP_GPIO_FALLING ? GPIO_INTR_NEGEDGE
                                                               : GPIO_INTR_ANYEDGE;
  if (gpio_set_intr_type(number, type) != ESP_OK) return ROSEHIP_ERROR_UNSUPPORTED;
  watched |= 1ull << pin;
  if (gpio_isr_handler_add(number, on_edge, &watches[pin]) == ESP_OK && gpio_intr_enable(number) == ESP_OK) {
    return ROSEHIP_OK;
  }
  watched &= ~(1ull << pin);
  return ROSEHIP_ERROR_UNSUPPORTED;
}

bool rh_esp32_gpio_edge(void* context, rosehip_gpio_edge_t* edge) {
  (void)context;
  for (uint32_t i = 0; watched != 0 && i < SOC_GPIO_PIN_COUNT; i++) {
    const uint32_t pin = (turn + i) % SOC_GPIO_PIN_COUNT;
    if ((watched >> pin & 1u) == 0) continue;
    portENTER_CRITICAL(&lock);
    *edge = (rosehip_gpio_edge_t){.pin = pin, .edges = watches[pin].edges, .level = watches[pin].level};
    watches[pin].edges = 0;
    portEXIT_CRITICAL(&lock);
    if (edge->edges == 0) continue;
    turn = pin + 1;
    return true;
  }
  return false;
}

void rh_esp32_gpio_reset(void) {
  for (uint32_t pin = 0; pin < SOC_GPIO_PIN_COUNT; pin++) {
    if ((watched >> pin & 1u) != 0) rh_esp32_gpio_watch(NULL, pin, 0);
    if ((taken >> pin & 1u) != 0) gpio_reset_pin((gpio_num_t)pin);
  }
  taken = 0;
}

#endif
