/* What the fake pins were told, for tests. */
#ifndef ROSEHIP_ESP_IDF_HOST_PINS_H
#define ROSEHIP_ESP_IDF_HOST_PINS_H

#include "driver/gpio.h"
#include "driver/ledc.h"

typedef struct {
  gpio_mode_t mode;
  bool pull_up, pull_down, output, input;
  int pwm; /* the channel that drives it, -1: none; meaningful after it was configured */
  gpio_int_type_t interrupt;
  bool enabled;
  gpio_isr_t handler;
  void* context;
} host_pin_t;

typedef struct {
  ledc_timer_t timer;
  uint32_t duty, hz, permille;
} host_pwm_t;

extern host_pin_t host_pins[];
extern host_pwm_t host_pwm[];

/* What is outside drives the pin; an interrupt that is enabled for it comes at once. */
void host_drive(int pin, bool level);

#endif
