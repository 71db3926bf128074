/* A file as the flash for apps: NOR that remembers what was cut when the process ended, however it ended. */
#ifndef ROSEHIP_POSIX_FLASH_H
#define ROSEHIP_POSIX_FLASH_H

#include <stdbool.h>

#include "rosehip/flash.h"

typedef struct {
  rosehip_flash_t flash;
  uint8_t* memory; /* the file, mapped */
  uint32_t cut;    /* the write or erase, counted from 1, in which the power fails; 0: none */
  uint32_t count;  /* of them so far */
} posix_flash_t;

/* Maps `path`, which is made, all erased, if it is not there. Says what is wrong on standard error. */
bool posix_flash_open(posix_flash_t* flash, const char* path, uint32_t size_bytes);

#endif
