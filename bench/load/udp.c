/*
 * Load for the udp workload: every socket sends a burst of datagrams of 64 bytes, waits until all of them
 * have come back, and sends the next burst. The bytes change with every datagram. No more are under way
 * than fit into the server's receive buffer, so one that does not come back is an error. With GSO (see
 * bursts.c) a burst is handed to the kernel at once, which cuts it (UDP_SEGMENT), as QUIC does.
 */
#define _GNU_SOURCE
#include "load.h"

#ifndef GSO
#define GSO 0
#endif

enum { SEGMENT = 103 /* UDP_SEGMENT, which is not in every <netinet/udp.h> */ };
enum { DATAGRAM = 64, BURST = 8, LOST_AFTER_MS = 2000 };

struct client {
  uint64_t serial; /* of the burst's first datagram */
  uint32_t missing; /* a bit for each datagram of the burst that is not back */
  double sent_at;
};

static struct client clients[MAX_CONNECTIONS];
static int fds[MAX_CONNECTIONS];
static uint64_t ops, errors;
static double time_now;

static unsigned char bytes[BURST][DATAGRAM];
static struct iovec iovs[BURST];
static struct mmsghdr messages[BURST];

static void prepare(void) {
  for (int i = 0; i < BURST; i++) {
    iovs[i] = (struct iovec){bytes[i], DATAGRAM};
    messages[i].msg_hdr.msg_iov = &iovs[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
}

static void next_burst(int i) {
  struct client *c = &clients[i];
  c->serial += BURST;
  c->missing = (1u << BURST) - 1;
  c->sent_at = time_now;
  for (int d = 0; d < BURST; d++) {
    uint64_t serial = c->serial + (uint64_t)d;
    memset(bytes[d], 'a' + (int)(serial % 26), DATAGRAM);
    memcpy(bytes[d], &serial, sizeof serial);
  }
  if (GSO) {
    if (send(fds[i], bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) errors++;
  } else if (sendmmsg(fds[i], messages, BURST, 0) != BURST) {
    errors++;
  }
}

/* Whether datagram `d` of what was received is one that is missing. */
static int is_missing(struct client *c, int d, unsigned length) {
  uint64_t serial;
  memcpy(&serial, bytes[d], sizeof serial);
  uint64_t index = serial - c->serial;
  if (length != DATAGRAM || index >= BURST || !(c->missing & (1u << index))) return 0;
  if (bytes[d][DATAGRAM - 1] != 'a' + (int)(serial % 26)) return 0;
  c->missing &= ~(1u << index);
  return 1;
}

static void receive(int i) {
  struct client *c = &clients[i];
  int n = recvmmsg(fds[i], messages, BURST, MSG_DONTWAIT, NULL);
  for (int d = 0; d < n; d++) {
    if (is_missing(c, d, messages[d].msg_len)) ops++;
    else errors++;
  }
  if (!c->missing) next_burst(i);
}

/* A burst of which something does not come back is given up. */
static void look_for_lost(int count) {
  for (int i = 0; i < count; i++) {
    if (!clients[i].missing || (time_now - clients[i].sent_at) * 1000 < LOST_AFTER_MS) continue;
    errors++;
    next_burst(i);
  }
}

int main(int argc, char **argv) {
  struct plan plan = plan_of(argc, argv);
  struct epoll_event events[MAX_CONNECTIONS];
  int epfd = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < plan.connections; i++) {
    int fd = fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    if (connect(fd, (const struct sockaddr *)&plan.server, sizeof plan.server) < 0) die("connect");
    int size = DATAGRAM;
    if (GSO && setsockopt(fd, IPPROTO_UDP, SEGMENT, &size, sizeof size) < 0) die("UDP_SEGMENT");
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
  }
  prepare();
  double start = time_now = now();
  for (int i = 0; i < plan.connections; i++) next_burst(i);
  while (time_now - start < plan.seconds) {
    int n = epoll_wait(epfd, events, plan.connections, POLL_MS);
    for (int e = 0; e < n; e++) receive((int)events[e].data.u32);
    time_now = now();
    if (n == 0) look_for_lost(plan.connections);
  }
  report(ops, time_now - start, errors);
  return 0;
}
