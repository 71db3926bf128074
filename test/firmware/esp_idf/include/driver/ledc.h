/* Written for Rosehip's tests out of the documentation of ESP-IDF v5.4; see ../README.md. */
#pragma once

#include "esp_err.h"

typedef enum {
#if defined(CONFIG_IDF_TARGET_ESP32)
  LEDC_HIGH_SPEED_MODE,
#endif
  LEDC_LOW_SPEED_MODE,
  LEDC_SPEED_MODE_MAX,
} ledc_mode_t;
typedef enum {
  LEDC_CHANNEL_0,
  LEDC_CHANNEL_1,
  LEDC_CHANNEL_2,
  LEDC_CHANNEL_3,
  LEDC_CHANNEL_4,
  LEDC_CHANNEL_5,
  LEDC_CHANNEL_MAX,
} ledc_channel_t;
typedef enum {
  LEDC_TIMER_0,
  LEDC_TIMER_1,
  LEDC_TIMER_2,
  LEDC_TIMER_3,
  LEDC_TIMER_MAX,
} ledc_timer_t;
typedef enum {
  LEDC_TIMER_1_BIT = 1,
  LEDC_TIMER_14_BIT = 14,
  LEDC_TIMER_BIT_MAX,
} ledc_timer_bit_t;
typedef enum {
  LEDC_AUTO_CLK = 0,
} ledc_clk_cfg_t;
typedef enum {
  LEDC_INTR_DISABLE = 0,
  LEDC_INTR_FADE_END = 1,
} ledc_intr_type_t;

typedef struct {
  int gpio_num;
  ledc_mode_t speed_mode;
  ledc_channel_t channel;
  ledc_intr_type_t intr_type;
  ledc_timer_t timer_sel;
  uint32_t duty;
  int hpoint;
  struct {
    unsigned int output_invert : 1;
  } flags;
} ledc_channel_config_t;

typedef struct {
  ledc_mode_t speed_mode;
  ledc_timer_bit_t duty_resolution;
  ledc_timer_t timer_num;
  uint32_t freq_hz;
  ledc_clk_cfg_t clk_cfg;
  bool deconfigure;
} ledc_timer_config_t;

esp_err_t ledc_channel_config(const ledc_channel_config_t* ledc_conf);
esp_err_t ledc_timer_config(const ledc_timer_config_t* timer_conf);
uint32_t ledc_find_suitable_duty_resolution(uint32_t src_clk_freq, uint32_t timer_freq);
esp_err_t ledc_set_duty(ledc_mode_t speed_mode, ledc_channel_t channel, uint32_t duty);
esp_err_t ledc_update_duty(ledc_mode_t speed_mode, ledc_channel_t channel);
esp_err_t ledc_stop(ledc_mode_t speed_mode, ledc_channel_t channel, uint32_t idle_level);
