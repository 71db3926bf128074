#ifndef ROSEHIP_ENGINE_AOT

#include "wasm3_config.h"
#include "wasm3_code_cache.h"

/* The first page of a function begins with it, and is the first of its list. */
static IM3CodePage first_page(IM3Function function) {
  return (IM3CodePage)((u8*)function->compiled - offsetof(M3CodePage, code));
}

static bool is_evictable(const M3Function* function) {
  return function->wasm != NULL && function->compiled != NULL && function->active == 0;
}

bool code_cache_evict(code_cache_t* cache) {
  if (cache->module == NULL) return false;
  const u32 count = cache->module->numFunctions;
  for (u32 looked = 0; looked < 2 * count; looked++) {
    IM3Function function = &cache->module->functions[cache->hand++ % count];
    if (!is_evictable(function)) continue;
    if (function->recent) {
      function->recent = false;
      continue;
    }
    IM3CodePage pages = first_page(function);
    function->compiled = NULL;
    FreeCodePages(&pages);
    return true;
  }
  return false;
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

void code_cache_settle(IM3Runtime runtime) {
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
