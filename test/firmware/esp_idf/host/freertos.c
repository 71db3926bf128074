/* FreeRTOS and esp_timer on threads. An "interrupt" is any thread that is no task. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/semphr.h"
#include "freertos/stream_buffer.h"
#include "freertos/task.h"

static int64_t monotonic_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t esp_timer_get_time(void) {
  static int64_t start;
  if (start == 0) start = monotonic_us() - 1;
  return monotonic_us() - start;
}

static struct timespec at(int64_t us) {
  return (struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
}

/* Waits for `changed` until then; false when the time is over. */
static bool wait(pthread_cond_t* changed, pthread_mutex_t* lock, TickType_t ticks, int64_t begin_us) {
  if (ticks == portMAX_DELAY) return pthread_cond_wait(changed, lock) == 0;
  const struct timespec until = at(begin_us + (int64_t)ticks * portTICK_PERIOD_MS * 1000);
  return pthread_cond_timedwait(changed, lock, &until) == 0;
}

static void make_condition(pthread_cond_t* condition) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(condition, &attributes);
}

/* ---- Critical sections ------------------------------------------------------------------------------------------- */

static pthread_mutex_t interrupts = PTHREAD_MUTEX_INITIALIZER;

void esp_test_enter_critical(portMUX_TYPE* mux) {
  (void)mux;
  pthread_mutex_lock(&interrupts);
}

void esp_test_exit_critical(portMUX_TYPE* mux) {
  (void)mux;
  pthread_mutex_unlock(&interrupts);
}

void esp_test_yield(void) {
}

/* ---- Tasks ------------------------------------------------------------------------------------------------------- */

typedef struct {
  TaskFunction_t code;
  void* context;
} start_t;

static void* run_task(void* context) {
  const start_t start = *(start_t*)context;
  free(context);
  start.code(start.context);
  return NULL;
}

BaseType_t xTaskCreate(TaskFunction_t code, const char* const name, const uint32_t stack, void* const context,
                       UBaseType_t priority, TaskHandle_t* const task) {
  pthread_t thread;
  start_t* start = malloc(sizeof *start);
  (void)name;
  (void)stack;
  (void)priority;
  *start = (start_t){code, context};
  if (task != NULL) *task = (TaskHandle_t)start;
  return pthread_create(&thread, NULL, run_task, start) == 0 && pthread_detach(thread) == 0 ? pdPASS : pdFALSE;
}

BaseType_t xTaskCreatePinnedToCore(TaskFunction_t code, const char* const name, const uint32_t stack,
                                   void* const context, UBaseType_t priority, TaskHandle_t* const task,
                                   const BaseType_t core) {
  (void)core;
  return xTaskCreate(code, name, stack, context, priority, task);
}

void vTaskDelay(const TickType_t ticks) {
  usleep(ticks * portTICK_PERIOD_MS * 1000);
}

/* ---- Queues and semaphores --------------------------------------------------------------------------------------- */

struct QueueDefinition {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  size_t item_bytes, length, count, first;
  uint8_t* items;
};

QueueHandle_t host_queue(size_t length, size_t item_bytes);
QueueHandle_t host_queue(size_t length, size_t item_bytes) {
  QueueHandle_t queue = calloc(1, sizeof *queue);
  pthread_mutex_init(&queue->lock, NULL);
  make_condition(&queue->changed);
  queue->item_bytes = item_bytes;
  queue->length = length;
  queue->items = calloc(length, item_bytes + 1);
  return queue;
}

BaseType_t xQueueReceive(QueueHandle_t queue, void* const item, TickType_t ticks) {
  const int64_t begin_us = monotonic_us();
  pthread_mutex_lock(&queue->lock);
  while (queue->count == 0 && wait(&queue->changed, &queue->lock, ticks, begin_us)) continue;
  const bool taken = queue->count > 0;
  if (taken) {
    if (queue->item_bytes > 0) memcpy(item, queue->items + queue->first * queue->item_bytes, queue->item_bytes);
    queue->first = (queue->first + 1) % queue->length;
    queue->count--;
  }
  pthread_mutex_unlock(&queue->lock);
  return taken ? pdTRUE : pdFALSE;
}

BaseType_t xQueueSend(QueueHandle_t queue, const void* item, TickType_t ticks) {
  (void)ticks;
  pthread_mutex_lock(&queue->lock);
  const bool room = queue->count < queue->length;
  if (room) {
    const size_t last = (queue->first + queue->count) % queue->length;
    if (queue->item_bytes > 0) memcpy(queue->items + last * queue->item_bytes, item, queue->item_bytes);
    queue->count++;
    pthread_cond_broadcast(&queue->changed);
  }
  pthread_mutex_unlock(&queue->lock);
  return room ? pdTRUE : pdFALSE;
}

BaseType_t xQueueSendFromISR(QueueHandle_t queue, const void* item, BaseType_t* woken) {
  *woken = pdTRUE;
  return xQueueSend(queue, item, 0);
}

BaseType_t xQueueReset(QueueHandle_t queue) {
  pthread_mutex_lock(&queue->lock);
  queue->count = 0;
  pthread_mutex_unlock(&queue->lock);
  return pdPASS;
}

SemaphoreHandle_t xSemaphoreCreateBinary(void) {
  return host_queue(1, 0);
}

BaseType_t xSemaphoreTake(SemaphoreHandle_t semaphore, TickType_t ticks) {
  return xQueueReceive(semaphore, NULL, ticks);
}

BaseType_t xSemaphoreGive(SemaphoreHandle_t semaphore) {
  return xQueueSend(semaphore, NULL, 0);
}

BaseType_t xSemaphoreGiveFromISR(SemaphoreHandle_t semaphore, BaseType_t* woken) {
  return xQueueSendFromISR(semaphore, NULL, woken);
}

/* ---- Stream buffers ---------------------------------------------------------------------------------------------- */

StreamBufferHandle_t xStreamBufferCreate(size_t size_bytes, size_t trigger) {
  (void)trigger;
  return (StreamBufferHandle_t)host_queue(size_bytes, 1);
}

size_t xStreamBufferSend(StreamBufferHandle_t buffer, const void* data, size_t length, TickType_t ticks) {
  size_t sent = 0;
  while (sent < length) {
    if (xQueueSend((QueueHandle_t)buffer, (const uint8_t*)data + sent, 0) == pdTRUE) sent++;
    else if (ticks == portMAX_DELAY) usleep(100);
    else break;
  }
  return sent;
}

size_t xStreamBufferReceive(StreamBufferHandle_t buffer, void* data, size_t size, TickType_t ticks) {
  size_t count = 0;
  while (count < size && xQueueReceive((QueueHandle_t)buffer, (uint8_t*)data + count, ticks) == pdTRUE) count++;
  return count;
}

BaseType_t xStreamBufferIsEmpty(StreamBufferHandle_t buffer) {
  return ((QueueHandle_t)buffer)->count == 0 ? pdTRUE : pdFALSE;
}

/* ---- Timers: a thread for each ----------------------------------------------------------------------------------- */

struct esp_timer {
  esp_timer_create_args_t args;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int64_t due_us; /* 0: stopped */
};

static void* run_timer(void* context) {
  esp_timer_handle_t timer = context;
  pthread_mutex_lock(&timer->lock);
  for (;;) {
    const struct timespec until = at(timer->due_us);
    if (timer->due_us == 0) pthread_cond_wait(&timer->changed, &timer->lock);
    else pthread_cond_timedwait(&timer->changed, &timer->lock, &until);
    if (timer->due_us == 0 || monotonic_us() < timer->due_us) continue;
    timer->due_us = 0;
    pthread_mutex_unlock(&timer->lock);
    timer->args.callback(timer->args.arg);
    pthread_mutex_lock(&timer->lock);
  }
  return NULL;
}

esp_err_t esp_timer_create(const esp_timer_create_args_t* args, esp_timer_handle_t* out) {
  pthread_t thread;
  esp_timer_handle_t timer = calloc(1, sizeof *timer);
  timer->args = *args;
  pthread_mutex_init(&timer->lock, NULL);
  make_condition(&timer->changed);
  *out = timer;
  return pthread_create(&thread, NULL, run_timer, timer) == 0 ? ESP_OK : ESP_ERR_NO_MEM;
}

static esp_err_t set_timer(esp_timer_handle_t timer, int64_t due_us, bool was_running) {
  pthread_mutex_lock(&timer->lock);
  const bool right = (timer->due_us != 0) == was_running;
  if (right) timer->due_us = due_us;
  pthread_cond_signal(&timer->changed);
  pthread_mutex_unlock(&timer->lock);
  return right ? ESP_OK : ESP_ERR_INVALID_STATE;
}

esp_err_t esp_timer_start_once(esp_timer_handle_t timer, uint64_t timeout_us) {
  return set_timer(timer, monotonic_us() + (int64_t)timeout_us, false);
}

esp_err_t esp_timer_stop(esp_timer_handle_t timer) {
  return set_timer(timer, 0, true);
}
