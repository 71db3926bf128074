/*
 * The code that wasm3 makes of a function is a cache: it is made when the function is called, and thrown away when
 * memory is short. That of functions no call of which is under way goes first, then that of the outermost calls, and is
 * made again when the call that they are in is over: the records of calls and loops (wasm3_config.h) then tell by number
 * where in a function to go on, which is the same place each time it is compiled. So an app needs memory for the one
 * function that runs, not for all it has ever called; with more memory it is faster. wasm3 has code pages for all functions
 * together and calls by address; wasm3_transform.json gives each function pages of its own and has calls name it.
 */
#ifndef ROSEHIP_WASM3_CODE_CACHE_H
#define ROSEHIP_WASM3_CODE_CACHE_H

#include <stdbool.h>

#include "m3_env.h"

typedef struct {
  IM3Module module; /* NULL: nothing is thrown away */
  u32 hand;         /* where the search for a victim goes on: CLOCK, second chance for what was called lately */
} code_cache_t;

/* Throws the code of one function away; false if there is none but what runs now. */
bool rh_code_cache_evict(code_cache_t* cache);

/* All imports are linked: gives back the pages that initial values were computed in, and what those of imports have over. */
void rh_code_cache_settle(IM3Runtime runtime);

#endif
