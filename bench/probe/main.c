/*
 * rosehip-probe ROLE LINK [options]: DDS-XRCE clients that measure an agent from the device's side.
 *
 *   ROLE   replier | requester | publisher | subscriber
 *   LINK   --udp HOST:PORT | --tcp HOST:PORT | --pty PATH (makes a pseudo-terminal and PATH a symbolic link to it)
 *   --service NAME --type TYPE --key N --domain N --clients N --size BYTES --reply-size BYTES --count N --warm-up N
 *   --settle-ms MS                 see role.h
 *   --limit-s SECONDS              ends the process whatever happens (120)
 *
 * Prints "open" when the link is there, "ready MS" when the agent has all entities of all clients, what the role found,
 * and at the end "arena BYTES", the most memory that the first client's session had in use. Ends when the role is done, when standard input ends, or at SIGTERM.
 */
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "role.h"

static volatile sig_atomic_t stop_asked;

static void on_signal(int number) {
  (void)number;
  stop_asked = 1;
}

static const role_t* find_role(const char* name) {
  if (strcmp(name, "replier") == 0) return &role_replier;
  if (strcmp(name, "requester") == 0) return &role_requester;
  if (strcmp(name, "publisher") == 0) return &role_publisher;
  if (strcmp(name, "subscriber") == 0) return &role_subscriber;
  fprintf(stderr, "error: %s is no role\n", name);
  exit(2);
}

static uint32_t number(const char* option, const char* text) {
  char* end = NULL;
  const unsigned long value = strtoul(text, &end, 0);
  if (end != text && *end == '\0' && text[0] != '-' && value <= UINT32_MAX) return (uint32_t)value;
  fprintf(stderr, "error: --%s %s: a number is needed\n", option, text);
  exit(2);
}

static void parse(int argc, char** argv, options_t* options) {
  static const struct option table[] = {
      {"udp", 1, NULL, 'u'},     {"tcp", 1, NULL, 't'},       {"pty", 1, NULL, 'p'},        {"service", 1, NULL, 's'},
      {"type", 1, NULL, 'T'},    {"key", 1, NULL, 'k'},       {"domain", 1, NULL, 'd'},     {"clients", 1, NULL, 'n'},
      {"size", 1, NULL, 'z'},    {"reply-size", 1, NULL, 'r'}, {"count", 1, NULL, 'c'},     {"warm-up", 1, NULL, 'w'},
      {"settle-ms", 1, NULL, 'm'}, {"limit-s", 1, NULL, 'l'}, {NULL, 0, NULL, 0},
  };
  int index = 0;
  unsigned limit_s = 120;
  for (int option; (option = getopt_long(argc, argv, "", table, &index)) != -1;) {
    if (option == '?') exit(2);
    if (strchr("utp", option) != NULL) {
      options->link_option = option == 'u' ? "--udp" : option == 't' ? "--tcp" : "--pty";
      options->target = optarg;
    } else if (option == 's') {
      options->service = optarg;
    } else if (option == 'T') {
      options->type = optarg;
    } else {
      const uint32_t value = number(table[index].name, optarg);
      switch (option) {
        case 'k': options->key = value; break;
        case 'd': options->domain_id = (uint16_t)value; break;
        case 'n': options->clients = (int)value; break;
        case 'z': options->size_bytes = value; break;
        case 'r': options->reply_size_bytes = value; break;
        case 'c': options->count = value; break;
        case 'w': options->warm_up = value; break;
        case 'm': options->settle_ms = value; break;
        default: limit_s = value; break;
      }
    }
  }
  if (optind + 1 != argc || options->target == NULL || options->clients < 1 || options->clients > 1000) {
    fputs("usage: rosehip-probe ROLE --udp HOST:PORT|--tcp HOST:PORT|--pty PATH [options]\n", stderr);
    exit(2);
  }
  options->role = argv[optind];
  alarm(limit_s);
}

/* Sleeps until a link has something or it is `wake_us`; false at the end of standard input. */
static bool wait_for_work(const client_t* clients, int count, struct pollfd* fds, uint64_t wake_us) {
  const uint64_t now_us = client_now_us();
  const uint64_t left_us = wake_us > now_us ? wake_us - now_us : 0;
  for (int i = 0; i < count; i++) {
    const posix_link_t* link = &clients[i].link;
    const bool waits = clients[i].output_start < clients[i].output_end;
    if (link->up && !link->announced) return true;
    fds[i].fd = link->up || link->connecting ? link->fd : -1;
    fds[i].events = (short)((link->up ? POLLIN : 0) | (link->connecting || (link->up && waits) ? POLLOUT : 0));
  }
  fds[count] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
  poll(fds, (nfds_t)count + 1, left_us > 1000000 ? 1000 : (int)((left_us + 999) / 1000));
  char octet;
  return fds[count].revents == 0 || read(STDIN_FILENO, &octet, 1) > 0;
}

static void run(const role_t* role, client_t* clients, int count, struct pollfd* fds) {
  const uint64_t start_us = client_now_us();
  int ready = 0;
  for (bool going = true; going && !stop_asked;) {
    uint64_t wake_us = UINT64_MAX;
    for (int i = 0; i < count && going; i++) {
      uint64_t role_wake_us = UINT64_MAX;
      client_receive(&clients[i]);
      going = role->step(&clients[i], i, &role_wake_us);
      const uint64_t session_wake_us = client_send(&clients[i]);
      if (role_wake_us < wake_us) wake_us = role_wake_us;
      if (session_wake_us < wake_us) wake_us = session_wake_us;
    }
    while (ready < count && role->ready(ready)) ready++;
    if (ready == count) {
      printf("ready %.1f\n", (double)(client_now_us() - start_us) / 1000);
      ready++; /* said once */
    }
    if (going) going = wait_for_work(clients, count, fds, wake_us);
  }
}

int main(int argc, char** argv) {
  options_t options = {.link_option = "--udp",
                       .service = "bench_echo",
                       .type = "bench::srv::dds_::Echo",
                       .key = 0xbe000001,
                       .clients = 1,
                       .size_bytes = 8,
                       .count = 1000};
  struct sigaction action = {0};
  setvbuf(stdout, NULL, _IOLBF, 0);
  parse(argc, argv, &options);
  action.sa_handler = on_signal;
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  const role_t* role = find_role(options.role);
  client_t* clients = calloc((size_t)options.clients, sizeof *clients);
  struct pollfd* fds = calloc((size_t)options.clients + 1, sizeof *fds);
  if (clients == NULL || fds == NULL) return 1;
  for (int i = 0; i < options.clients; i++) {
    char name[64];
    snprintf(name, sizeof name, "bench_%s_%d", options.role, i);
    if (!client_open(&clients[i], options.link_option, options.target, options.key + (uint32_t)i, options.domain_id,
                     name) ||
        !role->open(&clients[i], &options, i)) {
      return 1;
    }
  }
  puts("open");
  run(role, clients, options.clients, fds);
  rosehip_arena_stats_t stats;
  rosehip_arena_stats(&clients[0].arena, &stats);
  printf("arena %zu\n", stats.peak);
  for (int i = 0; i < options.clients; i++) client_close(&clients[i]);
  free(fds);
  free(clients);
  return 0;
}
