/* Boundary-tag allocator with segregated free lists; see the header for its contract. */
#include "rosehip/arena.h"

#include <assert.h>
#include <string.h>

/*
 * Under AddressSanitizer the octets that belong to no allocation are poisoned, so that an overrun inside the arena
 * is found as one on the heap would be. Only this file may then touch headers.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define INTERNAL __attribute__((no_sanitize("address")))
#define POISON(address, octets) ASAN_POISON_MEMORY_REGION(address, octets)
#define UNPOISON(address, octets) ASAN_UNPOISON_MEMORY_REGION(address, octets)
#else
#define INTERNAL
#define POISON(address, octets) ((void)0)
#define UNPOISON(address, octets) ((void)0)
#endif

/*
 *   +0  u32 size     octets of this chunk with its header, a multiple of 8; bit 0: the chunk is free
 *   +4  u32 before   octets of the chunk in front of it; 0 for the first
 *   +8  payload, or in a free chunk:
 *   +8  u32 next     offset of the next free chunk of the same list, or NONE
 *   +12 u32 previous offset of the previous one, or NONE
 */
typedef struct {
  uint32_t size;
  uint32_t before;
  uint32_t next;
  uint32_t previous;
} chunk_t;

#define HEADER 8u
#define MIN_CHUNK 16u
#define GRAIN 8u
#define FREE_BIT 1u
#define NONE UINT32_MAX

_Static_assert(sizeof(chunk_t) == MIN_CHUNK, "the smallest chunk holds the two links");

static chunk_t* at(const rosehip_arena_t* arena, uint32_t offset) {
  return (chunk_t*)(void*)(arena->base + offset);
}

INTERNAL static uint32_t octets(const chunk_t* chunk) {
  return chunk->size & ~FREE_BIT;
}

INTERNAL static int is_free(const chunk_t* chunk) {
  return (chunk->size & FREE_BIT) != 0;
}

static uint32_t bin_of(uint32_t size) {
  uint32_t bin = 0;
  while (size >= 2 * MIN_CHUNK) {
    size >>= 1;
    bin++;
  }
  return bin;
}

INTERNAL static void set_before(const rosehip_arena_t* arena, uint32_t offset, uint32_t before) {
  if (offset < arena->size) at(arena, offset)->before = before;
}

/* Makes a free chunk at `offset` and puts it first in its list. Its `before` is already right. */
INTERNAL static void insert(rosehip_arena_t* arena, uint32_t offset, uint32_t size) {
  chunk_t* chunk = at(arena, offset);
  const uint32_t bin = bin_of(size);
  chunk->size = size | FREE_BIT;
  chunk->next = arena->bins[bin];
  chunk->previous = NONE;
  if (chunk->next != NONE) at(arena, chunk->next)->previous = offset;
  arena->bins[bin] = offset;
  arena->bin_map |= 1u << bin;
  set_before(arena, offset + size, size);
}

INTERNAL static void unlink_chunk(rosehip_arena_t* arena, uint32_t offset) {
  const chunk_t* chunk = at(arena, offset);
  if (chunk->next != NONE) at(arena, chunk->next)->previous = chunk->previous;
  if (chunk->previous != NONE) {
    at(arena, chunk->previous)->next = chunk->next;
    return;
  }
  const uint32_t bin = bin_of(octets(chunk));
  arena->bins[bin] = chunk->next;
  if (chunk->next == NONE) arena->bin_map &= ~(1u << bin);
}

/* Frees [offset, offset+size), merged with the free chunk after it. The chunk in front is in use or merged already. */
INTERNAL static void release(rosehip_arena_t* arena, uint32_t offset, uint32_t size) {
  const uint32_t after = offset + size;
  if (after < arena->size && is_free(at(arena, after))) {
    size += octets(at(arena, after));
    unlink_chunk(arena, after);
  }
  insert(arena, offset, size);
}

/* Offset of a free chunk of at least `need` octets, or NONE. */
INTERNAL static uint32_t find(const rosehip_arena_t* arena, uint32_t need) {
  const uint32_t bin = bin_of(need);
  for (uint32_t o = arena->bins[bin]; o != NONE; o = at(arena, o)->next) {
    if (octets(at(arena, o)) >= need) return o;
  }
  const uint32_t larger = arena->bin_map & ~((2u << bin) - 1u);
  if (larger == 0) return NONE;
  uint32_t lowest = bin + 1;
  while ((larger & (1u << lowest)) == 0) lowest++;
  return arena->bins[lowest];
}

/* Octets of the chunk that holds `size` octets; 0 if no arena is that large. */
static uint32_t chunk_for(size_t size) {
  if (size > ROSEHIP_ARENA_MAX_SIZE - HEADER) return 0;
  const uint32_t need = ((uint32_t)size + HEADER + GRAIN - 1) & ~(GRAIN - 1);
  return need < MIN_CHUNK ? MIN_CHUNK : need;
}

/* Octets to skip at the start of the chunk for its payload to be aligned: 0 or enough for a chunk of their own. */
static uint32_t gap_for(const rosehip_arena_t* arena, uint32_t offset, size_t align) {
  if (align <= GRAIN) return 0;
  const uintptr_t payload = (uintptr_t)(arena->base + offset + HEADER);
  uintptr_t gap = (~payload + 1) & (align - 1);
  while (gap != 0 && gap < MIN_CHUNK) gap += align;
  return (uint32_t)gap;
}

static void count_used(rosehip_arena_t* arena, uint32_t added) {
  arena->used += added;
  if (arena->used > arena->peak) arena->peak = arena->used;
}

/* Cuts an in-use chunk down to `need` octets if the rest can be a chunk. */
INTERNAL static void trim(rosehip_arena_t* arena, uint32_t offset, uint32_t need) {
  chunk_t* chunk = at(arena, offset);
  const uint32_t rest = octets(chunk) - need;
  if (rest < MIN_CHUNK) return;
  chunk->size = need;
  at(arena, offset + need)->before = need;
  POISON(arena->base + offset + need, rest);
  release(arena, offset + need, rest);
}

INTERNAL void rosehip_arena_init(rosehip_arena_t* arena, void* block, size_t size) {
  const uintptr_t skip = (~(uintptr_t)block + 1) & (GRAIN - 1);
  assert(block != NULL && size >= 2 * MIN_CHUNK);
  size -= skip;
  if (size > ROSEHIP_ARENA_MAX_SIZE) size = ROSEHIP_ARENA_MAX_SIZE;
  *arena = (rosehip_arena_t){.base = (uint8_t*)block + skip, .size = (uint32_t)size & ~(GRAIN - 1)};
  for (uint32_t bin = 0; bin < ROSEHIP_ARENA_BINS; bin++) arena->bins[bin] = NONE;
  UNPOISON(arena->base, arena->size);
  at(arena, 0)->before = 0;
  insert(arena, 0, arena->size);
  POISON(arena->base, arena->size);
}

static uint32_t find_or_reclaim(rosehip_arena_t* arena, uint32_t need) {
  uint32_t offset = find(arena, need);
  while (offset == NONE && need <= arena->size && arena->reclaim != NULL && arena->reclaim(arena->reclaim_context)) {
    offset = find(arena, need);
  }
  return offset;
}

void rosehip_arena_set_reclaim(rosehip_arena_t* arena, rosehip_arena_reclaim_t reclaim, void* context) {
  arena->reclaim = reclaim;
  arena->reclaim_context = context;
}

INTERNAL void* rosehip_arena_alloc(rosehip_arena_t* arena, size_t size, size_t align) {
  assert(align == 0 || (align & (align - 1)) == 0);
  const uint32_t need = chunk_for(size);
  const size_t slack = align > GRAIN ? align + MIN_CHUNK : 0;
  const uint32_t offset =
      need == 0 || slack > ROSEHIP_ARENA_MAX_SIZE - need ? NONE : find_or_reclaim(arena, need + (uint32_t)slack);
  if (offset == NONE) {
    arena->failed++;
    return NULL;
  }
  uint32_t size_found = octets(at(arena, offset));
  const uint32_t gap = gap_for(arena, offset, align);
  unlink_chunk(arena, offset);
  if (gap != 0) {
    insert(arena, offset, gap);
    size_found -= gap;
    set_before(arena, offset + gap + size_found, size_found);
  }
  at(arena, offset + gap)->size = size_found;
  trim(arena, offset + gap, need);
  count_used(arena, octets(at(arena, offset + gap)));
  uint8_t* payload = arena->base + offset + gap + HEADER;
  UNPOISON(payload, size);
  return payload;
}

bool rosehip_arena_may_wait(uint32_t* since, uint64_t now_us) {
  enum { US_BITS = 10, PATIENCE = 5000000 >> US_BITS }; /* in units of 2^10 us, about a millisecond */
  const uint32_t now = (uint32_t)(now_us >> US_BITS) | 1;
  if (*since == 0) *since = now;
  return now - *since < PATIENCE;
}

void* rosehip_arena_alloc_zeroed(rosehip_arena_t* arena, size_t size, size_t align) {
  void* payload = rosehip_arena_alloc(arena, size, align);
  if (payload != NULL) memset(payload, 0, size);
  return payload;
}

/* Offset of the live chunk behind a payload pointer; asserts that it is one. */
INTERNAL static uint32_t offset_of(const rosehip_arena_t* arena, const void* ptr) {
  const uint32_t offset = (uint32_t)((const uint8_t*)ptr - arena->base) - HEADER;
  assert((const uint8_t*)ptr >= arena->base + HEADER && offset < arena->size && offset % GRAIN == 0);
  assert(!is_free(at(arena, offset)) && octets(at(arena, offset)) >= MIN_CHUNK);
  assert(octets(at(arena, offset)) <= arena->size - offset);
  assert(offset + octets(at(arena, offset)) == arena->size ||
         at(arena, offset + octets(at(arena, offset)))->before == octets(at(arena, offset)));
  return offset;
}

INTERNAL void rosehip_arena_free(rosehip_arena_t* arena, void* ptr) {
  if (ptr == NULL) return;
  uint32_t offset = offset_of(arena, ptr);
  uint32_t size = octets(at(arena, offset));
  arena->used -= size;
  POISON(arena->base + offset, size);
  const uint32_t before = at(arena, offset)->before;
  /* A pointer freed twice must be seen even after its chunk has been merged into the one in front of it. */
  at(arena, offset)->size |= FREE_BIT;
  if (before != 0 && is_free(at(arena, offset - before))) {
    offset -= before;
    size += before;
    unlink_chunk(arena, offset);
  }
  release(arena, offset, size);
}

INTERNAL void* rosehip_arena_resize(rosehip_arena_t* arena, void* ptr, size_t size, size_t align) {
  if (ptr == NULL) return rosehip_arena_alloc(arena, size, align);
  const uint32_t need = chunk_for(size);
  const uint32_t offset = offset_of(arena, ptr);
  const uint32_t old = octets(at(arena, offset));
  if (need == 0) {
    arena->failed++;
    return NULL;
  }
  const uint32_t after = offset + old;
  const int room_behind = after < arena->size && is_free(at(arena, after));
  if (need > old && room_behind && octets(at(arena, after)) >= need - old) {
    const uint32_t merged = old + octets(at(arena, after));
    unlink_chunk(arena, after);
    at(arena, offset)->size = merged;
    set_before(arena, offset + merged, merged);
  }
  if (need <= octets(at(arena, offset))) {
    trim(arena, offset, need);
    arena->used -= old;
    count_used(arena, octets(at(arena, offset)));
    POISON(ptr, octets(at(arena, offset)) - HEADER);
    UNPOISON(ptr, size);
    return ptr;
  }
  void* moved = rosehip_arena_alloc(arena, size, align);
  if (moved == NULL) return NULL;
  UNPOISON(ptr, old - HEADER);
  memcpy(moved, ptr, old - HEADER < size ? old - HEADER : size);
  rosehip_arena_free(arena, ptr);
  return moved;
}

INTERNAL void rosehip_arena_stats(const rosehip_arena_t* arena, rosehip_arena_stats_t* stats) {
  *stats = (rosehip_arena_stats_t){
      .size = arena->size, .used = arena->used, .peak = arena->peak, .failed = arena->failed};
  if (arena->bin_map == 0) return;
  uint32_t bin = ROSEHIP_ARENA_BINS - 1;
  while ((arena->bin_map & (1u << bin)) == 0) bin--;
  uint32_t largest = 0;
  for (uint32_t o = arena->bins[bin]; o != NONE; o = at(arena, o)->next) {
    if (octets(at(arena, o)) > largest) largest = octets(at(arena, o));
  }
  stats->largest_free = largest - HEADER;
}

INTERNAL int rosehip_arena_check(const rosehip_arena_t* arena) {
  uint32_t used = 0, free_chunks = 0, before = 0;
  int front_is_free = 0;
  for (uint32_t o = 0; o < arena->size; o += before) {
    const chunk_t* chunk = at(arena, o);
    const uint32_t size = octets(chunk);
    if (size < MIN_CHUNK || size % GRAIN != 0 || size > arena->size - o) return 0;
    if (chunk->before != before || (front_is_free && is_free(chunk))) return 0;
    front_is_free = is_free(chunk);
    if (front_is_free) free_chunks++;
    else used += size;
    before = size;
  }
  for (uint32_t bin = 0; bin < ROSEHIP_ARENA_BINS; bin++) {
    uint32_t previous = NONE;
    if ((arena->bins[bin] != NONE) != ((arena->bin_map >> bin) & 1u)) return 0;
    for (uint32_t o = arena->bins[bin]; o != NONE; o = at(arena, o)->next) {
      const chunk_t* chunk = at(arena, o);
      if (!is_free(chunk) || bin_of(octets(chunk)) != bin || chunk->previous != previous) return 0;
      if (free_chunks-- == 0) return 0;
      previous = o;
    }
  }
  return free_chunks == 0 && used == arena->used;
}
