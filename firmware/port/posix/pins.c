#include "pins.h"

#include <string.h>

#include "buses.h"
#include "console.h"
#include "rosehip/error.h"

enum {
  PINS = POSIX_PINS,
  FULL_SCALE_MV = 3300,
  RATIO_MAX = 0xffff,
  LINE_BYTES = 2048, /* a device's 256 registers, and what is in front of them */
};

enum { LET_GO = -1 };

typedef struct {
  rosehip_gpio_mode_t mode;
  bool latch;
  int outside;      /* the level that it is driven to, or LET_GO */
  int millivolts;   /* below 0: by the level */
  uint32_t period_ns, pulse_ns;
  uint32_t watched; /* edges */
  uint32_t edges;
  bool shown;       /* level last shown */
} pin_t;

static struct {
  pin_t pins[PINS];
  uint32_t turn; /* where the search for the next edge begins */
  char line[LINE_BYTES];
  size_t line_bytes;
} board;

/* ---- Pins -------------------------------------------------------------------------------------------------------- */

static bool level_of(const pin_t* pin) {
  if (pin->period_ns != 0) return pin->pulse_ns != 0;
  switch (pin->mode) {
    case ROSEHIP_GPIO_OUTPUT: return pin->latch;
    case ROSEHIP_GPIO_OUTPUT_OPEN_DRAIN: return pin->latch && pin->outside != 0;
    case ROSEHIP_GPIO_INPUT_PULL_UP: return pin->outside != 0;
    default: return pin->outside == 1;
  }
}

static void count_edge(pin_t* pin, bool before) {
  const bool after = level_of(pin);
  if (before == after || (pin->watched & (after ? ROSEHIP_GPIO_RISING : ROSEHIP_GPIO_FALLING)) == 0) return;
  if (pin->edges != UINT32_MAX) pin->edges++;
}

/* The app did something to the pin whose level was `before`. */
static void changed(uint32_t number, bool before) {
  pin_t* pin = &board.pins[number];
  const bool level = level_of(pin);
  count_edge(pin, before);
  if (pin->period_ns == 0 && pin->mode >= ROSEHIP_GPIO_OUTPUT && level != pin->shown) {
    posix_say("pin %u: %d", (unsigned)number, level);
    pin->shown = level;
  }
}

static int gpio_mode(void* context, uint32_t number, rosehip_gpio_mode_t mode) {
  (void)context;
  if (number >= PINS) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  pin_t* pin = &board.pins[number];
  const bool before = level_of(pin);
  pin->mode = mode;
  pin->period_ns = pin->pulse_ns = 0;
  pin->watched = pin->edges = 0;
  changed(number, before);
  return ROSEHIP_OK;
}

static int gpio_read(void* context, uint32_t number) {
  (void)context;
  return number < PINS ? level_of(&board.pins[number]) : ROSEHIP_ERROR_INVALID_ARGUMENT;
}

static int gpio_write(void* context, uint32_t number, bool level) {
  (void)context;
  if (number >= PINS) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  const bool before = level_of(&board.pins[number]);
  board.pins[number].latch = level;
  changed(number, before);
  return ROSEHIP_OK;
}

static int gpio_watch(void* context, uint32_t number, uint32_t edges) {
  (void)context;
  if (number >= PINS) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  board.pins[number].watched = edges;
  board.pins[number].edges = 0;
  return ROSEHIP_OK;
}

static bool gpio_edge(void* context, rosehip_gpio_edge_t* edge) {
  (void)context;
  for (uint32_t i = 0; i < PINS; i++) {
    const uint32_t number = (board.turn + i) % PINS;
    pin_t* pin = &board.pins[number];
    if (pin->edges == 0) continue;
    *edge = (rosehip_gpio_edge_t){.pin = number, .edges = pin->edges, .level = level_of(pin)};
    pin->edges = 0;
    board.turn = number + 1;
    return true;
  }
  return false;
}

bool posix_pins_edge_waits(void) {
  for (uint32_t i = 0; i < PINS; i++) {
    if (board.pins[i].edges != 0) return true;
  }
  return false;
}

static int pwm_write(void* context, uint32_t number, uint32_t period_ns, uint32_t pulse_ns) {
  (void)context;
  if (number >= PINS) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  pin_t* pin = &board.pins[number];
  const bool before = level_of(pin);
  pin->mode = ROSEHIP_GPIO_OUTPUT;
  pin->latch = false;
  pin->period_ns = period_ns;
  pin->pulse_ns = pulse_ns;
  changed(number, before);
  posix_say("pwm %u: %u of %u ns", (unsigned)number, (unsigned)pulse_ns, (unsigned)period_ns);
  return ROSEHIP_OK;
}

static int adc_read(void* context, uint32_t number, rosehip_adc_unit_t unit) {
  (void)context;
  if (number >= PINS) return ROSEHIP_ERROR_INVALID_ARGUMENT;
  const pin_t* pin = &board.pins[number];
  const int millivolts = pin->millivolts >= 0 ? pin->millivolts : level_of(pin) * FULL_SCALE_MV;
  return unit == ROSEHIP_ADC_MILLIVOLTS ? millivolts : (millivolts * RATIO_MAX + FULL_SCALE_MV / 2) / FULL_SCALE_MV;
}

/* ---- The board --------------------------------------------------------------------------------------------------- */

static void reset(void* context) {
  (void)context;
  for (uint32_t i = 0; i < PINS; i++) {
    pin_t* pin = &board.pins[i];
    if (pin->mode >= ROSEHIP_GPIO_OUTPUT) posix_say("pin %u: let go", (unsigned)i);
    *pin = (pin_t){.mode = ROSEHIP_GPIO_INPUT, .outside = pin->outside, .millivolts = pin->millivolts};
  }
  posix_buses_close();
}

const rosehip_hardware_t* posix_pins_open(void) {
  static const rosehip_hardware_t hardware = {
      .gpio_mode = gpio_mode,
      .gpio_read = gpio_read,
      .gpio_write = gpio_write,
      .gpio_watch = gpio_watch,
      .gpio_edge = gpio_edge,
      .pwm_write = pwm_write,
      .adc_read = adc_read,
      .i2c_open = posix_i2c_open,
      .i2c_transfer = posix_i2c_transfer,
      .spi_open = posix_spi_open,
      .spi_transfer = posix_spi_transfer,
      .reset = reset,
  };
  memset(&board, 0, sizeof board);
  for (uint32_t i = 0; i < PINS; i++) board.pins[i].outside = board.pins[i].millivolts = LET_GO;
  return &hardware;
}

/* ---- What is outside --------------------------------------------------------------------------------------------- */

static void drive(pin_t* pin, int level) {
  const bool before = level_of(pin);
  pin->outside = level;
  count_edge(pin, before);
}

static bool set_pin(char* rest) {
  unsigned long pin = 0;
  if (!posix_number(&rest, PINS - 1, &pin) || rest[strspn(rest, " 01z")] != '\0') return false;
  for (; *rest != '\0'; rest++) {
    if (*rest != ' ') drive(&board.pins[pin], *rest == 'z' ? LET_GO : *rest - '0');
  }
  return true;
}

static bool set_voltage(char* rest) {
  unsigned long pin = 0, millivolts = 0;
  if (!posix_number(&rest, PINS - 1, &pin) || !posix_number(&rest, FULL_SCALE_MV, &millivolts)) return false;
  board.pins[pin].millivolts = (int)millivolts;
  return true;
}

static void obey(char* line) {
  const bool done = strncmp(line, "pin ", 4) == 0      ? set_pin(line + 4)
                    : strncmp(line, "analog ", 7) == 0 ? set_voltage(line + 7)
                    : strncmp(line, "i2c ", 4) == 0    ? posix_i2c_set_device(line + 4)
                                                       : false;
  if (!done) posix_say("pins: not understood: %.100s", line);
}

void posix_pins_input(const char* text, size_t length_bytes) {
  for (size_t i = 0; i < length_bytes; i++) {
    if (text[i] != '\n') {
      if (board.line_bytes < LINE_BYTES - 1) board.line[board.line_bytes++] = text[i];
      continue;
    }
    board.line[board.line_bytes] = '\0';
    board.line_bytes = 0;
    obey(board.line);
  }
}
