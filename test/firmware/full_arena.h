/* An arena without memory, for tests of what becomes of those that want some. One at a time. */
#ifndef FULL_ARENA_H
#define FULL_ARENA_H

#include <stddef.h>

#include "rosehip/arena.h"

/* Takes all of the arena but one piece of `left_bytes` (0: none). Nobody is asked to give memory back: the interpreter's code
   stays. */
void full_arena_begin(rosehip_arena_t* arena, size_t left_bytes);

/* Gives back what was taken, if anything was. */
void full_arena_end(void);

#endif
