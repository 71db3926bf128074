/*
 * Results of every rosehip_* function that returns int: ROSEHIP_OK (or a positive value where documented), or
 * exactly one of the negative codes below. Codes are never OR-ed. All but MALFORMED and TRAPPED are those of the
 * app's ABI, too (abi/table.ts, ABI_ERRORS); no number ever changes its meaning.
 */
#ifndef ROSEHIP_ERROR_H
#define ROSEHIP_ERROR_H

enum {
  ROSEHIP_OK = 0,
  ROSEHIP_ERROR_INVALID_ARGUMENT = -1, /* A pointer, length, severity or configuration value is out of range. */
  ROSEHIP_ERROR_BAD_HANDLE = -2,       /* No such entity, request or call (any more). */
  ROSEHIP_ERROR_OUT_OF_MEMORY = -3,    /* The arena is full. */
  ROSEHIP_ERROR_TOO_LARGE = -4,        /* Larger than the configured sample limit, or than the buffer given. */
  ROSEHIP_ERROR_INVALID_NAME = -5,     /* Not a valid ROS 2 name, namespace or type name. */
  ROSEHIP_ERROR_NO_EVENT = -6,         /* Nothing waits. */
  ROSEHIP_ERROR_BUSY = -7,             /* A queue is full for now; the same call may succeed after the next poll. */
  ROSEHIP_ERROR_NOT_FOUND = -8,        /* Nothing is stored under this key. */
  ROSEHIP_ERROR_DISCONNECTED = -9,     /* The entity does not exist at the agent yet, or not any more. */
  ROSEHIP_ERROR_STORAGE = -10,         /* The board has no storage, or it failed or is full. */
  ROSEHIP_ERROR_MALFORMED = -11,       /* Bytes from outside that do not decode. */
  ROSEHIP_ERROR_TRAPPED = -12,         /* The app executed a trap or exceeded its time. */
  ROSEHIP_ERROR_UNSUPPORTED = -13,     /* The board, or this pin or bus of it, has no such thing. */
  ROSEHIP_ERROR_NACK = -14,            /* Nobody acknowledged on the I2C bus. */
  ROSEHIP_ERROR_TIMEOUT = -15,         /* A transfer on a bus was not over in time. */
  ROSEHIP_ERROR_BUS = -16,             /* A transfer on a bus failed. */
};

#endif
