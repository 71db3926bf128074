#ifndef ROSEHIP_ENGINE_AOT

#include "wasm3_config.h"
#include "wasm3_code_cache.h"

#include <string.h>

#include "m3_compile.h"

/* The first page of a function begins with it, and is the first of its list. */
static IM3CodePage first_page(IM3Function function) {
  return (IM3CodePage)((u8*)function->compiled - offsetof(M3CodePage, code));
}

static rosehip_frame_t* innermost_frame(IM3Runtime runtime) {
  return runtime->memory.mallocated == NULL ? NULL : runtime->memory.mallocated->frames;
}

/* The function whose code goes on at frame->pc; NULL: the frame is that of the outermost call. */
static IM3Function owner(const rosehip_frame_t* frame) {
  return frame->outer == NULL ? NULL : frame->outer->function;
}

static bool is_there(const M3Function* function) {
  return function->wasm != NULL && function->compiled != NULL;
}

static void throw_away(IM3Function function) {
  IM3CodePage pages = first_page(function);
  function->compiled = NULL;
  FreeCodePages(&pages);
}

/* Throws away the code of a function that is not active: the first not called lately, from where the search ended. */
static bool evict_inactive(code_cache_t* cache) {
  const u32 count = cache->module->numFunctions;
  for (u32 looked = 0; looked < 2 * count; looked++) {
    IM3Function function = &cache->module->functions[cache->hand++ % count];
    if (!is_there(function) || function->active) continue;
    if (!function->recent) {
      throw_away(function);
      return true;
    }
    function->recent = false;
  }
  return false;
}

/* The number of the place that a frame goes on at stands in front of it. */
static u32 place_of(const rosehip_frame_t* frame) {
  u32 word = 0;
  memcpy(&word, (pc_t)frame->pc - 1, sizeof word);
  return word >> 16;
}

/* Whether all frames of a function can tell their places. */
static bool has_places(const rosehip_frame_t* innermost, IM3Function function) {
  for (const rosehip_frame_t* frame = innermost; frame != NULL; frame = frame->outer) {
    if (owner(frame) == function && place_of(frame) == ROSEHIP_LAST_PLACE) return false;
  }
  return true;
}

/*
 * Throws away the code of an active function, the one that is needed last: the outermost. Its frames know where it goes
 * on. What runs now stays: where it goes on is known to nobody else.
 */
static bool evict_active(rosehip_frame_t* innermost) {
  IM3Function outermost = NULL;
  for (const rosehip_frame_t* frame = innermost; frame != NULL; frame = frame->outer) {
    IM3Function function = owner(frame);
    if (function == NULL || function == innermost->function || !is_there(function)) continue;
    if (has_places(innermost, function)) outermost = function;
  }
  if (outermost == NULL) return false;
  for (rosehip_frame_t* frame = innermost; frame != NULL; frame = frame->outer) {
    if (owner(frame) != outermost) continue;
    frame->place = place_of(frame);
    frame->pc = NULL;
  }
  throw_away(outermost);
  return true;
}

static void mark_active(const rosehip_frame_t* innermost, bool active) {
  for (const rosehip_frame_t* frame = innermost; frame != NULL; frame = frame->outer) frame->function->active = active;
}

bool rh_code_cache_evict(code_cache_t* cache) {
  if (cache->module == NULL) return false;
  rosehip_frame_t* innermost = innermost_frame(cache->module->runtime);
  mark_active(innermost, true);
  const bool evicted = evict_inactive(cache);
  mark_active(innermost, false);
  return evicted || evict_active(innermost);
}

void rosehip_wasm3_place(void* compilation, uint32_t offset) {
  IM3Compilation o = compilation;
  if (o->page == NULL) return;
  const u32 place = o->places;
  EmitWord32(o->page, offset | place << 16);
  if (place == ROSEHIP_LAST_PLACE) return;
  o->places++;
  for (rosehip_frame_t* frame = innermost_frame(o->runtime); frame != NULL; frame = frame->outer) {
    if (frame->pc == NULL && frame->place == place && owner(frame) == o->function) frame->pc = GetPagePC(o->page);
  }
}

const char* rosehip_wasm3_return(rosehip_frame_t* frame) {
  frame->function = owner(frame); /* what was called is over, and its code can go */
  return CompileFunction(frame->function);
}

static void append(IM3CodePage* list, IM3CodePage pages) {
  while (*list != NULL) list = &(*list)->info.next;
  *list = pages;
}

/* A function is about to be compiled: what pages there are are set aside, so that it gets new ones. */
IM3CodePage rosehip_wasm3_code_begin(IM3Runtime runtime) {
  IM3CodePage others = runtime->pagesOpen;
  append(&others, runtime->pagesFull);
  runtime->pagesOpen = runtime->pagesFull = NULL;
  return others;
}

/* Gives back what a page has over, without moving it. */
static void trim(IM3CodePage page) {
  page->info.numLines = page->info.lineIndex;
  (void)rosehip_wasm3_resize(page, offsetof(M3CodePage, code) + page->info.lineIndex * sizeof *page->code);
}

void rh_code_cache_settle(IM3Runtime runtime) {
  FreeCodePages(&runtime->environment->pagesReleased);
  for (IM3CodePage page = runtime->pagesOpen; page != NULL; page = page->info.next) trim(page);
}

/* It has been compiled, or not: its pages are its own, the one with its beginning in front, or are freed. */
void rosehip_wasm3_code_end(IM3Function function, IM3CodePage others) {
  IM3Runtime runtime = function->module->runtime;
  IM3CodePage pages = runtime->pagesOpen;
  append(&pages, runtime->pagesFull);
  runtime->pagesOpen = others;
  runtime->pagesFull = NULL;
  if (function->compiled == NULL) {
    FreeCodePages(&pages);
    return;
  }
  IM3CodePage first = first_page(function);
  IM3CodePage* link = &pages;
  while (*link != first) link = &(*link)->info.next;
  *link = first->info.next;
  first->info.next = pages;
  for (IM3CodePage page = first; page != NULL; page = page->info.next) trim(page);
}

#endif
