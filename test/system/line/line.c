/*
 * A serial line between an agent and a board, both on this computer: moves octets between two pseudo-terminals, or a
 * pseudo-terminal and a device, as fast as a UART would, and does to them what bad cables do.
 *
 *   rosehip-line [options] A B       A and B: paths at which symbolic links to two new pseudo-terminals are made
 *     --device                       B is a terminal that exists, e.g. the one a board made with --pty
 *     --baud N                       10 bit times for each octet, both ways at once; without it: as fast as it goes
 *     --damage P                     this part of the frames gets one octet with flipped bits
 *     --loss P                       this part of the frames vanishes
 *     --noise P                      this part of the octets gets flipped bits, wherever they are
 *     --seed N                       the same seed does the same to the same octets
 *
 * When both ends are there it prints "ready A B" and the seed. Commands on standard input, each answered by a line:
 * "cut" (nothing passes any more), "restore", "stats". SIGUSR1 cuts or restores. The end of input changes nothing;
 * SIGTERM ends it.
 *
 * A frame is what begins with 7E (DDS-XRCE serial framing). Damage is decided by a generator for each direction.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <time.h>
#include <unistd.h>

#include "posix/link.h"

enum {
  QUEUE_BYTES = 256,       /* on the line at one time; more waits in the sender's terminal, as in a UART driver */
  FRAME_FLAG = 0x7e,
  DAMAGE_RANGE = 48,       /* the damaged octet is among the first of the frame */
  BATCH_NS = 1000000,      /* longest time that octets inside a frame are kept back to be handed over together */
};

typedef struct {
  posix_link_t* from;
  posix_link_t* to;
  uint8_t queue[QUEUE_BYTES];
  uint64_t done_ns[QUEUE_BYTES]; /* when each octet has passed the line */
  int count;
  uint64_t free_ns;              /* when the line can take the next octet */
  uint64_t random;
  int until_damage;              /* octets until the one to damage; -1: none */
  bool losing;                   /* inside a frame that vanishes */
  uint64_t passed, damaged, lost_frames, overrun;
} direction_t;

static double damage, loss, noise;
static uint64_t octet_ns;
static bool is_cut;
static volatile sig_atomic_t stop_asked, toggle_asked;

static void on_signal(int number) {
  if (number == SIGUSR1) toggle_asked = 1;
  else stop_asked = 1;
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- What bad cables do ------------------------------------------------------------------------------------------ */

/* SplitMix64: any seed is good, and one call is one step. */
static uint64_t next_random(direction_t* direction) {
  uint64_t z = (direction->random += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static bool happens(direction_t* direction, double probability) {
  return probability > 0 && (double)(next_random(direction) >> 11) * 0x1p-53 < probability;
}

/* Flips one to eight bits. */
static uint8_t flip(direction_t* direction, uint8_t octet) {
  direction->damaged++;
  return octet ^ (uint8_t)(1 + next_random(direction) % 255);
}

/* Decides what becomes of an octet that was sent: false if it vanishes. */
static bool pass(direction_t* direction, uint8_t* octet) {
  if (*octet == FRAME_FLAG) {
    direction->losing = happens(direction, loss);
    if (direction->losing) direction->lost_frames++;
    direction->until_damage = happens(direction, damage) ? (int)(next_random(direction) % DAMAGE_RANGE) : -1;
  }
  if (direction->until_damage == 0) *octet = flip(direction, *octet);
  if (direction->until_damage >= 0) direction->until_damage--;
  if (happens(direction, noise)) *octet = flip(direction, *octet);
  return !direction->losing && !is_cut;
}

/* ---- Moving octets ----------------------------------------------------------------------------------------------- */

static void take(direction_t* direction, uint64_t now) {
  uint8_t octets[QUEUE_BYTES];
  const int room = QUEUE_BYTES - direction->count;
  if (room == 0) return;
  const int count = posix_link_read(direction->from, octets, (size_t)room, now / 1000);
  if (direction->free_ns < now) direction->free_ns = now;
  for (int i = 0; i < count; i++) {
    direction->free_ns += octet_ns; /* a lost octet takes its time, too */
    if (!pass(direction, &octets[i])) continue;
    direction->queue[direction->count] = octets[i];
    direction->done_ns[direction->count++] = direction->free_ns;
  }
}

static void deliver(direction_t* direction, uint64_t now) {
  int ready = 0;
  while (ready < direction->count && direction->done_ns[ready] <= now) ready++;
  if (ready == 0) return;
  int taken = posix_link_write(direction->to, direction->queue, (size_t)ready, now / 1000);
  if (octet_ns != 0 && taken < ready) { /* a UART does not wait for its reader */
    direction->overrun += (uint64_t)(ready - taken);
    taken = ready;
  }
  direction->passed += (uint64_t)taken;
  direction->count -= taken;
  memmove(direction->queue, direction->queue + taken, (size_t)direction->count);
  memmove(direction->done_ns, direction->done_ns + taken, (size_t)direction->count * sizeof *direction->done_ns);
}

/* When to look at a direction again: at the end of the first frame on the line, and at latest after BATCH_NS. */
static uint64_t wake_ns(const direction_t* direction, uint64_t now) {
  if (direction->count == 0) return UINT64_MAX;
  int last = 1;
  while (last < direction->count && direction->queue[last] != FRAME_FLAG) last++;
  const uint64_t end = direction->done_ns[last - 1];
  return end > now + BATCH_NS ? now + BATCH_NS : end;
}

static void watch(const posix_link_t* link, bool room, fd_set* set, int* highest, uint64_t* wake) {
  if (!link->up) {
    if (link->retry_us * 1000 < *wake) *wake = link->retry_us * 1000;
  } else if (room) {
    FD_SET(link->fd, set);
    if (link->fd > *highest) *highest = link->fd;
  }
}

static void wait_for_work(const direction_t* a_to_b, const direction_t* b_to_a, bool input, const sigset_t* mask,
                          fd_set* readable) {
  const uint64_t now = now_ns();
  uint64_t wake = wake_ns(a_to_b, now);
  if (wake_ns(b_to_a, now) < wake) wake = wake_ns(b_to_a, now);
  /* What a full reader left in the queue of a line without a speed. */
  if (octet_ns == 0 && wake <= now) wake = now + BATCH_NS;
  int highest = -1;
  FD_ZERO(readable);
  watch(a_to_b->from, a_to_b->count < QUEUE_BYTES, readable, &highest, &wake);
  watch(b_to_a->from, b_to_a->count < QUEUE_BYTES, readable, &highest, &wake);
  if (input) {
    FD_SET(STDIN_FILENO, readable);
    if (highest < STDIN_FILENO) highest = STDIN_FILENO;
  }
  const uint64_t left = wake > now ? wake - now : 0;
  const struct timespec timeout = {.tv_sec = (time_t)(left / 1000000000u), .tv_nsec = (long)(left % 1000000000u)};
  if (pselect(highest + 1, readable, NULL, NULL, wake == UINT64_MAX ? NULL : &timeout, mask) < 0) FD_ZERO(readable);
}

/* ---- Commands ---------------------------------------------------------------------------------------------------- */

static void print_stats(const char* name, const direction_t* d) {
  printf("stats %s passed=%" PRIu64 " damaged=%" PRIu64 " lost_frames=%" PRIu64 " overrun=%" PRIu64 "\n", name,
         d->passed, d->damaged, d->lost_frames, d->overrun);
}

static void set_cut(bool cut) {
  is_cut = cut;
  puts(cut ? "cut" : "restored");
}

/* Reads what has come on standard input; false at its end. */
static bool commands(const direction_t* a_to_b, const direction_t* b_to_a) {
  static char line[64];
  static size_t length;
  char octets[64];
  const ssize_t count = read(STDIN_FILENO, octets, sizeof octets);
  for (ssize_t i = 0; i < count; i++) {
    if (octets[i] != '\n') {
      if (length < sizeof line - 1) line[length++] = octets[i];
      continue;
    }
    line[length] = '\0';
    length = 0;
    if (strcmp(line, "cut") == 0 || strcmp(line, "restore") == 0) {
      set_cut(line[0] == 'c');
    } else if (strcmp(line, "stats") == 0) {
      print_stats("a-to-b", a_to_b);
      print_stats("b-to-a", b_to_a);
    } else {
      printf("unknown command: %s\n", line);
    }
  }
  return count > 0 || (count < 0 && errno == EINTR);
}

/* ---- Life -------------------------------------------------------------------------------------------------------- */

static double fraction(const char* option, const char* text) {
  char* end = NULL;
  const double value = strtod(text, &end);
  if (end != text && *end == '\0' && value >= 0 && value <= 1) return value;
  fprintf(stderr, "error: %s %s: a number from 0 to 1 is needed\n", option, text);
  exit(2);
}

static uint64_t whole(const char* option, const char* text) {
  char* end = NULL;
  const unsigned long long value = strtoull(text, &end, 10);
  if (end != text && *end == '\0' && text[0] != '-') return value;
  fprintf(stderr, "error: %s %s: a number is needed\n", option, text);
  exit(2);
}

static sigset_t catch_signals(void) {
  struct sigaction action = {0};
  sigset_t blocked, before;
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigemptyset(&blocked);
  const int numbers[] = {SIGTERM, SIGINT, SIGUSR1};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    sigaction(numbers[i], &action, NULL);
    sigaddset(&blocked, numbers[i]);
  }
  sigprocmask(SIG_BLOCK, &blocked, &before); /* they come in while pselect waits */
  return before;
}

static void relay(posix_link_t* a, posix_link_t* b, uint64_t seed, const sigset_t* mask) {
  static direction_t a_to_b, b_to_a;
  bool input = true;
  a_to_b = (direction_t){.from = a, .to = b, .random = seed, .until_damage = -1};
  b_to_a = (direction_t){.from = b, .to = a, .random = ~seed, .until_damage = -1};
  while (!stop_asked) {
    fd_set readable;
    const uint64_t now = now_ns();
    take(&a_to_b, now);
    take(&b_to_a, now);
    deliver(&a_to_b, now_ns());
    deliver(&b_to_a, now_ns());
    wait_for_work(&a_to_b, &b_to_a, input, mask, &readable);
    if (input && FD_ISSET(STDIN_FILENO, &readable)) input = commands(&a_to_b, &b_to_a);
    if (toggle_asked) set_cut(!is_cut);
    toggle_asked = 0;
  }
}

int main(int argc, char** argv) {
  static const struct option options[] = {{"baud", 1, NULL, 'b'}, {"damage", 1, NULL, 'd'}, {"loss", 1, NULL, 'l'},
                                          {"noise", 1, NULL, 'n'}, {"seed", 1, NULL, 's'},  {"device", 0, NULL, 'D'},
                                          {NULL, 0, NULL, 0}};
  uint64_t seed = 1;
  bool device = false;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
      case 'b': {
        const uint64_t baud = whole("--baud", optarg);
        octet_ns = baud == 0 ? 0 : UINT64_C(10000000000) / baud;
        break;
      }
      case 'd': damage = fraction("--damage", optarg); break;
      case 'l': loss = fraction("--loss", optarg); break;
      case 'n': noise = fraction("--noise", optarg); break;
      case 's': seed = whole("--seed", optarg); break;
      case 'D': device = true; break;
      default: return 2;
    }
  }
  if (argc - optind != 2) {
    fputs("usage: rosehip-line [--device] [--baud N] [--damage P] [--loss P] [--noise P] [--seed N] A B\n", stderr);
    return 2;
  }
  const char* path_a = argv[optind];
  const char* path_b = argv[optind + 1];
  posix_link_t a, b;
  const sigset_t mask = catch_signals();
#ifdef __linux__
  prctl(PR_SET_TIMERSLACK, 1000ul); /* nanoseconds; the default of 50,000 is half an octet at 115,200 baud */
#endif
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (!posix_link_open_pty(&a, path_a)) return 1;
  if (device ? !posix_link_open_serial(&b, path_b, 115200) : !posix_link_open_pty(&b, path_b)) {
    posix_link_close(&a);
    return 1;
  }
  printf("ready %s %s seed %" PRIu64 "\n", path_a, path_b, seed);
  relay(&a, &b, seed, &mask);
  posix_link_close(&a);
  posix_link_close(&b);
  return 0;
}
