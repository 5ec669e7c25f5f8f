/*
 * Load for the relay workload: some senders, and the address that the relay sends to, which is 127.0.0.2 with
 * the relay's port. A sender hands 16 datagrams of 1200 bytes to the kernel at once (UDP_SEGMENT), as QUIC
 * does, and the next 16 when these have arrived. A datagram that does not arrive is an error.
 */
#define _GNU_SOURCE
#include "load.h"

enum { DATAGRAM = 1200, BURST = 16, BATCH = 64, JOINED = 65536, LOST_AFTER_MS = 2000 };
enum { SEGMENT = 103, GRO = 104 }; /* UDP_SEGMENT, UDP_GRO: not in every <netinet/udp.h> */

struct header {
  uint32_t sender, serial;
};

struct sender {
  uint32_t serial; /* of the burst's first datagram */
  uint32_t missing;
  double sent_at;
};

static struct sender senders[MAX_CONNECTIONS];
static int fds[MAX_CONNECTIONS], count;
static uint64_t ops, errors;
static double time_now;

static unsigned char burst[BURST * DATAGRAM];
static unsigned char received[BATCH][JOINED];
static char controls[BATCH][64];
static struct iovec iovs[BATCH];
static struct mmsghdr messages[BATCH];

static void next_burst(uint32_t i) {
  struct sender *s = &senders[i];
  s->serial += BURST;
  s->missing = (1u << BURST) - 1;
  s->sent_at = time_now;
  for (uint32_t d = 0; d < BURST; d++) {
    struct header header = {i, s->serial + d};
    memcpy(burst + d * DATAGRAM, &header, sizeof header);
  }
  if (send(fds[i], burst, sizeof burst, 0) != (ssize_t)sizeof burst) errors++;
}

static void take(const unsigned char *datagram, size_t length) {
  struct header header;
  if (length != DATAGRAM) {
    errors++;
    return;
  }
  memcpy(&header, datagram, sizeof header);
  struct sender *s = &senders[header.sender % MAX_CONNECTIONS];
  uint32_t index = header.serial - s->serial;
  if (header.sender >= (uint32_t)count || index >= BURST || !(s->missing & (1u << index))) {
    errors++;
    return;
  }
  s->missing &= ~(1u << index);
  ops++;
  if (!s->missing) next_burst(header.sender);
}

/* The length of the datagrams that a message was joined from. */
static size_t segment_of(struct msghdr *message, size_t length) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
    if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == GRO) {
      int size;
      memcpy(&size, CMSG_DATA(c), sizeof size);
      return (size_t)size;
    }
  return length ? length : 1;
}

static void receive(int fd) {
  for (int i = 0; i < BATCH; i++) {
    iovs[i] = (struct iovec){received[i], JOINED};
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &iovs[i],
                                          .msg_iovlen = 1,
                                          .msg_control = controls[i],
                                          .msg_controllen = sizeof controls[i]};
  }
  int n = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
  for (int i = 0; i < n; i++) {
    size_t length = messages[i].msg_len, part = segment_of(&messages[i].msg_hdr, length);
    for (size_t at = 0; at < length; at += part)
      take(received[i] + at, length - at < part ? length - at : part);
  }
}

static void look_for_lost(void) {
  for (int i = 0; i < count; i++) {
    if ((time_now - senders[i].sent_at) * 1000 < LOST_AFTER_MS) continue;
    errors++;
    next_burst((uint32_t)i);
  }
}

int main(int argc, char **argv) {
  struct plan plan = plan_of(argc, argv);
  struct sockaddr_in sink = plan.server;
  struct epoll_event event = {.events = EPOLLIN};
  int epfd = epoll_create1(EPOLL_CLOEXEC), on = 1, size = DATAGRAM;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sink.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
  count = plan.connections;
  if (fd < 0 || bind(fd, (struct sockaddr *)&sink, sizeof sink) < 0) die("bind 127.0.0.2");
  setsockopt(fd, IPPROTO_UDP, GRO, &on, sizeof on);
  if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
  for (int i = 0; i < count; i++) {
    fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fds[i] < 0) die("socket");
    if (connect(fds[i], (const struct sockaddr *)&plan.server, sizeof plan.server) < 0)
      die("connect");
    if (setsockopt(fds[i], IPPROTO_UDP, SEGMENT, &size, sizeof size) < 0) die("UDP_SEGMENT");
  }
  double start = time_now = now();
  for (int i = 0; i < count; i++) next_burst((uint32_t)i);
  while (time_now - start < plan.seconds) {
    int n = epoll_wait(epfd, &event, 1, POLL_MS);
    if (n > 0) receive(fd);
    time_now = now();
    if (n == 0) look_for_lost();
  }
  report(ops, time_now - start, errors);
  return 0;
}
