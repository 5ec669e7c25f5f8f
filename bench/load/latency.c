/*
 * An open loop: requests are due at fixed times, whatever the server does, and a reply's latency
 * counts from when its request was due. A server that stalls thereby delays all that are due
 * meanwhile, as it does with real clients; a loop that waits for replies would not see them.
 *
 *   latency port seconds connections rate warmup
 *     →  {"ops":N,"seconds":S,"errors":E,"late":L,"p50":µs,"p90":µs,"p99":µs,"p999":µs,"max":µs}
 *
 * Requests are due in turn on each connection, evenly. One that is due while its connection still
 * waits for a reply is sent when that has come. The clock is polled, never slept for: this program
 * has a CPU of its own. "late" are requests that it sent over 100 µs late by its own fault.
 *
 * The requests of the first `warmup` seconds are sent and not counted. These connections are new and
 * their heads are other ones than those of the load before, so an engine compiles some of its code anew.
 */
#define _GNU_SOURCE
#include "load.h"

#include <stdbool.h>

#define REQUEST "GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
#define BODY "\r\n\r\nHello, world!"

enum { LATE_NS = 100 * 1000 };
enum { BUCKETS = 1000 * 1000 + 1 /* of 1 µs; the last one has all that took over a second */ };

struct connection {
  int fd;
  int waiting;    /* 1 for a reply, -1 for nothing any more */
  uint64_t due;   /* in ns: of the request under way, or of the next one */
  uint64_t free;  /* since when it waits for none */
  char in[1024];
  size_t length;
};

static struct connection connections[MAX_CONNECTIONS];
static uint32_t histogram[BUCKETS];
static uint64_t errors, ops, late, slowest, counted_from;

static uint64_t nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static double percentile(double part) {
  uint64_t wanted = (uint64_t)((double)ops * part), seen = 0;
  for (int i = 0; i < BUCKETS; i++) {
    seen += histogram[i];
    if (seen > wanted) return i;
  }
  return BUCKETS - 1;
}

static void connect_all(struct plan *plan, int epfd) {
  for (int i = 0; i < plan->connections; i++) {
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&plan->server, sizeof plan->server) < 0) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections[i].fd = fd;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
  }
}

static void count(uint64_t took) {
  uint64_t micros = took / 1000;
  histogram[micros < BUCKETS ? micros : BUCKETS - 1]++;
  if (took > slowest) slowest = took;
  ops++;
}

static void take_reply(struct connection *c, uint64_t interval) {
  ssize_t got = recv(c->fd, c->in + c->length, sizeof c->in - c->length, MSG_DONTWAIT);
  if (got <= 0) {
    errors++;
    c->waiting = -1;
    return;
  }
  c->length += (size_t)got;
  size_t end = strlen(BODY);
  if (c->length < end || memcmp(c->in + c->length - end, BODY, end)) {
    if (c->length == sizeof c->in) errors++, c->waiting = -1;
    return;
  }
  if (memcmp(c->in, "HTTP/1.1 200 ", 13)) errors++;
  c->free = nanoseconds();
  if (c->due >= counted_from) count(c->free - c->due);
  c->length = 0;
  c->waiting = 0;
  c->due += interval;
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: %s port seconds connections rate warmup\n", argv[0]);
    return 2;
  }
  struct plan plan = plan_of(argc - 2, argv);
  double rate = atof(argv[4]), warmup = atof(argv[5]);
  int epfd = epoll_create1(0);
  connect_all(&plan, epfd);
  uint64_t interval = (uint64_t)(1e9 * plan.connections / rate);
  uint64_t start = nanoseconds() + 1000000;
  counted_from = start + (uint64_t)(warmup * 1e9);
  uint64_t end = counted_from + (uint64_t)(plan.seconds * 1e9);
  for (int i = 0; i < plan.connections; i++) {
    connections[i].due = start + interval * (uint64_t)i / (uint64_t)plan.connections;
  }
  for (uint64_t now; (now = nanoseconds()) < end;) {
    for (int i = 0; i < plan.connections; i++) {
      struct connection *c = &connections[i];
      if (c->waiting != 0 || c->due > now) continue;
      if (send(c->fd, REQUEST, strlen(REQUEST), MSG_NOSIGNAL) < 0) {
        errors++;
        c->waiting = -1;
        continue;
      }
      bool counts = c->due >= counted_from;
      if (counts && now - (c->due > c->free ? c->due : c->free) > LATE_NS) late++;
      c->waiting = 1;
    }
    struct epoll_event events[MAX_CONNECTIONS];
    int n = epoll_wait(epfd, events, MAX_CONNECTIONS, 0);
    for (int i = 0; i < n; i++) take_reply(&connections[events[i].data.u32], interval);
  }
  printf("{\"ops\":%llu,\"seconds\":%.6f,\"errors\":%llu,\"late\":%llu,\"p50\":%.0f,\"p90\":%.0f,"
         "\"p99\":%.0f,\"p999\":%.0f,\"max\":%.0f}\n",
         (unsigned long long)ops, plan.seconds, (unsigned long long)errors,
         (unsigned long long)late, percentile(0.5), percentile(0.9), percentile(0.99),
         percentile(0.999), (double)slowest / 1000);
  return 0;
}
