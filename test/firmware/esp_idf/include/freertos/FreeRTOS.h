/* Written for Rosehip's tests out of the documentation of ESP-IDF v5.4; see ../README.md. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sdkconfig.h"

typedef int BaseType_t;
typedef unsigned int UBaseType_t;
typedef uint32_t TickType_t;
typedef uint8_t StackType_t;

#ifndef CONFIG_FREERTOS_HZ
#define CONFIG_FREERTOS_HZ 100
#endif
#define configTICK_RATE_HZ CONFIG_FREERTOS_HZ
#define portTICK_PERIOD_MS ((TickType_t)1000 / configTICK_RATE_HZ)
#define portMAX_DELAY (TickType_t)0xffffffffUL
#define pdMS_TO_TICKS(ms) ((TickType_t)(((TickType_t)(ms) * (TickType_t)configTICK_RATE_HZ) / (TickType_t)1000U))
#define pdFALSE ((BaseType_t)0)
#define pdTRUE ((BaseType_t)1)
#define pdPASS (pdTRUE)

typedef struct {
  uint32_t owner;
  uint32_t count;
} portMUX_TYPE;
#define portMUX_INITIALIZER_UNLOCKED {.owner = 0xB33FFFFF, .count = 0}

void esp_test_enter_critical(portMUX_TYPE* mux);
void esp_test_exit_critical(portMUX_TYPE* mux);
void esp_test_yield(void);
#define portENTER_CRITICAL(mux) esp_test_enter_critical(mux)
#define portEXIT_CRITICAL(mux) esp_test_exit_critical(mux)
#define portENTER_CRITICAL_ISR(mux) esp_test_enter_critical(mux)
#define portEXIT_CRITICAL_ISR(mux) esp_test_exit_critical(mux)
#define portYIELD_FROM_ISR() esp_test_yield()
