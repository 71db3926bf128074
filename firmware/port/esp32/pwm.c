/*
 * PWM by the LED control peripheral (LEDC): a channel for each pin, a timer for each period. Channels that have the
 * same period share a timer.
 */
#include "pins_and_buses.h"

#if ROSEHIP_HARDWARE

#include "driver/gpio.h"
#include "driver/ledc.h"
#include "rosehip/error.h"

enum {
  NO_PIN = -1,
  SOURCE_HZ = 80000000, /* of the fastest clock; the driver takes a slower one for a long period */
  NS_PER_S = 1000000000,
  /* One less than the most that a timer has, with which a pulse as long as the period would not fit (LEDC, "Change PWM
     Duty Cycle"). */
  MAX_BITS = LEDC_TIMER_BIT_MAX - 2,
};

static struct {
  int32_t pin;
  uint8_t timer;
} channels[LEDC_CHANNEL_MAX];

static struct {
  uint32_t period_ns; /* 0: free */
  uint32_t bits;
} timers[LEDC_TIMER_MAX];

static bool is_ready;

static void make_ready(void) {
  if (is_ready) return;
  for (size_t i = 0; i < LEDC_CHANNEL_MAX; i++) channels[i].pin = NO_PIN;
  is_ready = true;
}

static int find_channel(int32_t pin) {
  for (int i = 0; i < LEDC_CHANNEL_MAX; i++) {
    if (channels[i].pin == pin) return i;
  }
  return -1;
}

static bool timer_has_channel(uint8_t timer) {
  for (size_t i = 0; i < LEDC_CHANNEL_MAX; i++) {
    if (channels[i].pin != NO_PIN && channels[i].timer == timer) return true;
  }
  return false;
}

/* With as many steps as the timer can have at this period. */
static bool start_timer(uint8_t timer, uint32_t period_ns) {
  const uint32_t frequency = (NS_PER_S + period_ns / 2) / period_ns;
  uint32_t bits = ledc_find_suitable_duty_resolution(SOURCE_HZ, frequency);
  if (bits > MAX_BITS) bits = MAX_BITS;
  for (; bits > 0; bits--) {
    const ledc_timer_config_t settings = {
        .speed_mode = LEDC_LOW_SPEED_MODE,
        .duty_resolution = (ledc_timer_bit_t)bits,
        .timer_num = (ledc_timer_t)timer,
        .freq_hz = frequency,
        .clk_cfg = LEDC_AUTO_CLK,
    };
    if (ledc_timer_config(&settings) != ESP_OK) continue;
    timers[timer].period_ns = period_ns;
    timers[timer].bits = bits;
    return true;
  }
  return false;
}

/* A timer of this period, that of the channel if no other channel needs it; -1: none is free; -2: no such period. */
static int find_timer(int channel, uint32_t period_ns) {
  if (period_ns > NS_PER_S || period_ns == 0) return -2; /* the driver counts in whole hertz */
  for (int i = 0; i < LEDC_TIMER_MAX; i++) {
    if (timers[i].period_ns == period_ns) return i;
  }
  const int32_t pin = channels[channel].pin;
  channels[channel].pin = NO_PIN;
  int found = -1;
  for (int i = 0; i < LEDC_TIMER_MAX && found < 0; i++) {
    if (!timer_has_channel((uint8_t)i)) found = i;
  }
  channels[channel].pin = pin;
  if (found >= 0) timers[found].period_ns = 0;
  if (found >= 0 && !start_timer((uint8_t)found, period_ns)) return -2;
  return found;
}

int rh_esp32_pwm_write(void* context, uint32_t pin, uint32_t period_ns, uint32_t pulse_ns) {
  (void)context;
  make_ready();
  if (!rh_esp32_pin_is_free(pin)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  if (!rh_esp32_pin_is_output(pin)) return ROSEHIP_ERROR_UNSUPPORTED;
  if (period_ns == 0) {
    rh_esp32_pwm_end(pin);
    return ROSEHIP_OK;
  }
  const int own = find_channel((int32_t)pin);
  const int channel = own >= 0 ? own : find_channel(NO_PIN);
  if (channel < 0) return ROSEHIP_ERROR_UNSUPPORTED; /* all channels are in use */
  const int timer = find_timer(channel, period_ns);
  if (timer < 0) return timer == -1 ? ROSEHIP_ERROR_UNSUPPORTED : ROSEHIP_ERROR_INVALID_ARGUMENT;
  const uint64_t steps = 1ull << timers[timer].bits;
  const uint32_t duty = (uint32_t)((steps * pulse_ns + period_ns / 2) / period_ns);
  const ledc_channel_config_t settings = {
      .gpio_num = (int)pin,
      .speed_mode = LEDC_LOW_SPEED_MODE,
      .channel = (ledc_channel_t)channel,
      .timer_sel = (ledc_timer_t)timer,
      .duty = duty,
  };
  if (own >= 0 && channels[channel].timer == timer) {
    if (ledc_set_duty(LEDC_LOW_SPEED_MODE, (ledc_channel_t)channel, duty) != ESP_OK ||
        ledc_update_duty(LEDC_LOW_SPEED_MODE, (ledc_channel_t)channel) != ESP_OK) {
      return ROSEHIP_ERROR_INVALID_ARGUMENT;
    }
    return ROSEHIP_OK;
  }
  if (ledc_channel_config(&settings) != ESP_OK) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  channels[channel].pin = (int32_t)pin;
  channels[channel].timer = (uint8_t)timer;
  rh_esp32_pin_take(pin);
  return ROSEHIP_OK;
}

void rh_esp32_pwm_end(uint32_t pin) {
  make_ready();
  const int channel = find_channel((int32_t)pin);
  if (channel < 0) return;
  ledc_stop(LEDC_LOW_SPEED_MODE, (ledc_channel_t)channel, 0);
  channels[channel].pin = NO_PIN;
  if (!timer_has_channel(channels[channel].timer)) timers[channels[channel].timer].period_ns = 0;
  /* The channel may go to another pin: this one is taken off it. */
  gpio_reset_pin((gpio_num_t)pin);
  gpio_set_level((gpio_num_t)pin, 0);
  gpio_set_direction((gpio_num_t)pin, GPIO_MODE_INPUT_OUTPUT);
}

void rh_esp32_pwm_reset(void) {
  make_ready();
  for (size_t i = 0; i < LEDC_CHANNEL_MAX; i++) {
    if (channels[i].pin != NO_PIN) rh_esp32_pwm_end((uint32_t)channels[i].pin);
  }
}

#endif
