#include "full_arena.h"

#include "unity.h"

enum { MAX_TAKEN = 1000 };

static struct {
  rosehip_arena_t* arena;
  rosehip_arena_reclaim_t reclaim;
  void* reclaim_context;
  void* taken[MAX_TAKEN];
  unsigned count;
} full;

void full_arena_begin(rosehip_arena_t* arena, size_t left_bytes) {
  full.arena = arena;
  full.reclaim = arena->reclaim;
  full.reclaim_context = arena->reclaim_context;
  rosehip_arena_set_reclaim(arena, NULL, NULL);
  void* left = left_bytes == 0 ? NULL : rosehip_arena_alloc(arena, left_bytes, 0);
  for (size_t each = arena->size; each != 0; each /= 2) {
    void* piece;
    while ((piece = rosehip_arena_alloc(arena, each, 0)) != NULL) {
      TEST_ASSERT_TRUE(full.count < MAX_TAKEN);
      full.taken[full.count++] = piece;
    }
  }
  rosehip_arena_free(arena, left);
}

void full_arena_end(void) {
  if (full.arena == NULL) return;
  rosehip_arena_set_reclaim(full.arena, full.reclaim, full.reclaim_context);
  while (full.count > 0) rosehip_arena_free(full.arena, full.taken[--full.count]);
  full.arena = NULL;
}
