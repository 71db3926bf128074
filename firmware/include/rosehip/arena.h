/*
 * The one source of run-time memory: a general allocator over a block that its owner gives it.
 *
 * Entities, requests in flight, queues, the app's linear memory and the engine's code all come out of one arena,
 * so that no part has a build-time cap of its own; running out is an error at the call that asked for too much.
 *
 * Segregated free lists by power of two, first fit inside a list, neighbours merged at once. Cost of alloc and free:
 * constant, except for the walk through one list. Overhead: 8 octets for each allocation, which is at least 8 octets.
 * Not thread-safe; one arena belongs to one loop.
 */
#ifndef ROSEHIP_ARENA_H
#define ROSEHIP_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One list for each power of two from 2^4 (the smallest chunk) to 2^30. */
#define ROSEHIP_ARENA_BINS 27

/* Largest part of a block that is used, in octets: chunk sizes are kept in 31 bits. */
#define ROSEHIP_ARENA_MAX_SIZE 0x7ffffff8u

/* Frees something in the arena that can be made again; false if there is nothing. */
typedef bool (*rosehip_arena_reclaim_t)(void* context);

typedef struct {
  uint8_t* base;                     /* first chunk; aligned to 8 */
  uint32_t size;                     /* octets from base to the end, a multiple of 8 */
  uint32_t used;                     /* octets in use, headers included */
  uint32_t peak;                     /* highest `used` so far */
  uint32_t failed;                   /* calls that found no room */
  uint32_t bin_map;                  /* bit n: bins[n] is not empty */
  uint32_t bins[ROSEHIP_ARENA_BINS]; /* offset of the first free chunk of 2^(n+4) .. 2^(n+5)-1 octets */
  rosehip_arena_reclaim_t reclaim;   /* or NULL */
  void* reclaim_context;
} rosehip_arena_t;

typedef struct {
  size_t size;         /* octets managed */
  size_t used;         /* octets in use, with 8 octets for each allocation */
  size_t peak;         /* highest `used` since init */
  size_t largest_free; /* octets of the largest allocation that would succeed now (alignment 8) */
  size_t failed;       /* allocations and resizes refused since init */
} rosehip_arena_stats_t;

/*
 * Makes `block` (borrowed as long as the arena is in use) the memory of `arena`. Whatever the block held is lost.
 * `size`: octets, at least 32; what is over ROSEHIP_ARENA_MAX_SIZE is left unused.
 */
void rosehip_arena_init(rosehip_arena_t* arena, void* block, size_t size);

/*
 * `size` octets, not zeroed, at an address that is a multiple of `align` (a power of two; less than 8 means 8).
 * A size of 0 gives a valid pointer too. NULL if there is no room. The caller frees it.
 */
void* rosehip_arena_alloc(rosehip_arena_t* arena, size_t size, size_t align);

/*
 * Has `reclaim` asked, again and again until there is room or it returns false, before an allocation is refused: for
 * what is kept only as long as nobody needs its memory. It may free, and nothing else. NULL: nobody is asked.
 */
void rosehip_arena_set_reclaim(rosehip_arena_t* arena, rosehip_arena_reclaim_t reclaim, void* context);

/*
 * For who finds no room and can wait: true for 5 s, in which others may give theirs back. `*since` is 0 at first, and is to
 * be made 0 when there was room; it is no time that a caller knows.
 */
bool rosehip_arena_may_wait(uint32_t* since, uint64_t now_us);

/* As rosehip_arena_alloc, with every octet 0. */
void* rosehip_arena_alloc_zeroed(rosehip_arena_t* arena, size_t size, size_t align);

/*
 * Grows or shrinks an allocation, in place if possible; the common octets keep their values. `ptr` NULL means
 * alloc. `align` as given to alloc. NULL if there is no room: `ptr` is then still valid and unchanged.
 */
void* rosehip_arena_resize(rosehip_arena_t* arena, void* ptr, size_t size, size_t align);

/*
 * Gives an allocation back; NULL is allowed. A pointer that is not a live allocation of this arena (freed twice,
 * or not its start) fails an assertion unless NDEBUG is defined.
 */
void rosehip_arena_free(rosehip_arena_t* arena, void* ptr);

/* Walks one free list; otherwise constant. */
void rosehip_arena_stats(const rosehip_arena_t* arena, rosehip_arena_stats_t* stats);

/*
 * Checks every chunk and every free list, for tests; its cost grows with the number of chunks.
 * Returns 1 if they are consistent, else 0.
 */
int rosehip_arena_check(const rosehip_arena_t* arena);

#endif
