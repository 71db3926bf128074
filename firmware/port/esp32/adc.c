/*
 * A/D conversions one at a time. The converter has an attenuator; at 12 dB a pin may have almost all of the supply
 * voltage (data sheet, "ADC characteristics").
 */
#include "pins_and_buses.h"

#if ROSEHIP_ADC

#include "esp_adc/adc_oneshot.h"
#include "rosehip/error.h"
#if ROSEHIP_ADC_CALIBRATION
#include "esp_adc/adc_cali.h"
#include "esp_adc/adc_cali_scheme.h"
#endif

#define ATTENUATION ADC_ATTEN_DB_12

enum { FULL_SCALE = (1 << SOC_ADC_RTC_MAX_BITWIDTH) - 1, RATIO_MAX = 65535 };

static adc_oneshot_unit_handle_t units[SOC_ADC_PERIPH_NUM];

static int read_raw(adc_unit_t unit, adc_channel_t channel, int* raw) {
  const adc_oneshot_unit_init_cfg_t settings = {.unit_id = unit, .ulp_mode = ADC_ULP_MODE_DISABLE};
  const adc_oneshot_chan_cfg_t pin = {.atten = ATTENUATION, .bitwidth = ADC_BITWIDTH_DEFAULT};
  if (units[unit] == NULL && adc_oneshot_new_unit(&settings, &units[unit]) != ESP_OK) {
    units[unit] = NULL;
    return ROSEHIP_ERROR_UNSUPPORTED;
  }
  if (adc_oneshot_config_channel(units[unit], channel, &pin) != ESP_OK) return ROSEHIP_ERROR_UNSUPPORTED;
  const esp_err_t status = adc_oneshot_read(units[unit], channel, raw);
  if (status == ESP_ERR_TIMEOUT) return ROSEHIP_ERROR_TIMEOUT; /* Wi-Fi has ADC2 just now */
  return status == ESP_OK ? ROSEHIP_OK : ROSEHIP_ERROR_BUS;
}

#if ROSEHIP_ADC_CALIBRATION
static int millivolts(adc_unit_t unit, adc_channel_t channel, int raw) {
  adc_cali_handle_t scheme = NULL;
  int voltage = 0;
#if ADC_CALI_SCHEME_CURVE_FITTING_SUPPORTED
  const adc_cali_curve_fitting_config_t settings = {
      .unit_id = unit, .chan = channel, .atten = ATTENUATION, .bitwidth = ADC_BITWIDTH_DEFAULT};
  if (adc_cali_create_scheme_curve_fitting(&settings, &scheme) != ESP_OK) return ROSEHIP_ERROR_UNSUPPORTED;
  const esp_err_t status = adc_cali_raw_to_voltage(scheme, raw, &voltage);
  adc_cali_delete_scheme_curve_fitting(scheme);
#elif ADC_CALI_SCHEME_LINE_FITTING_SUPPORTED
  const adc_cali_line_fitting_config_t settings = {
      .unit_id = unit, .atten = ATTENUATION, .bitwidth = ADC_BITWIDTH_DEFAULT};
  (void)channel;
  if (adc_cali_create_scheme_line_fitting(&settings, &scheme) != ESP_OK) return ROSEHIP_ERROR_UNSUPPORTED;
  const esp_err_t status = adc_cali_raw_to_voltage(scheme, raw, &voltage);
  adc_cali_delete_scheme_line_fitting(scheme);
#endif
  return status == ESP_OK ? voltage : ROSEHIP_ERROR_UNSUPPORTED;
}
#else
/* Without calibration a number of volts would be a guess. */
static int millivolts(adc_unit_t unit, adc_channel_t channel, int raw) {
  (void)unit;
  (void)channel;
  (void)raw;
  return ROSEHIP_ERROR_UNSUPPORTED;
}
#endif

int rh_esp32_adc_read(void* context, uint32_t pin, rosehip_adc_unit_t wanted) {
  adc_unit_t unit = ADC_UNIT_1;
  adc_channel_t channel = ADC_CHANNEL_0;
  int raw = 0;
  (void)context;
  if (!rh_esp32_pin_is_free(pin)) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  if (adc_oneshot_io_to_channel((int)pin, &unit, &channel) != ESP_OK) return ROSEHIP_ERROR_UNSUPPORTED;
  rh_esp32_pwm_end(pin);
  rh_esp32_pin_take(pin);
  const int status = read_raw(unit, channel, &raw);
  if (status != ROSEHIP_OK) return status;
  if (wanted == ROSEHIP_ADC_MILLIVOLTS) return millivolts(unit, channel, raw);
  return (int)((int64_t)raw * RATIO_MAX / FULL_SCALE);
}

void rh_esp32_adc_reset(void) {
  for (size_t i = 0; i < SOC_ADC_PERIPH_NUM; i++) {
    if (units[i] != NULL) adc_oneshot_del_unit(units[i]);
    units[i] = NULL;
  }
}

#endif
