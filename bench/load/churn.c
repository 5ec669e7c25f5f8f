/*
 * Load for the churn workload: a connection a request. Every slot connects, sends a GET that says
 * Connection: close, reads to the end of the stream, compares, closes, and connects again.
 *
 * A pair of addresses has some 28,000 ports, and each stays in TIME-WAIT for a minute; so the
 * source address goes round 127.1.0.1 … 127.1.4.255 and the kernel chooses the port at connect(2)
 * (IP_BIND_ADDRESS_NO_PORT), where it only has to be free for that pair. No SO_LINGER:
 * connections end as they do in life.
 */
#define _GNU_SOURCE
#include "load.h"

#define REQUEST "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
#define STATUS "HTTP/1.1 200"
#define BODY "\r\n\r\nHello, world!"

enum { SOURCES = 4 * 256 + 255, REPLY_MAX = 1024 };

struct slot {
  int fd;
  int sent;
  size_t received;
  char reply[REPLY_MAX];
};

static struct slot slots[MAX_CONNECTIONS];
static struct plan plan;
static int epfd;
static unsigned source;
static uint64_t ops, errors;

/* On loopback the handshake is over before connect(2) returns, so this mostly works at once. */
static int send_request(struct slot *slot) {
  ssize_t sent = send(slot->fd, REQUEST, strlen(REQUEST), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN)) return 1;
  slot->sent = 1;
  return sent == (ssize_t)strlen(REQUEST);
}

/* Gives the slot a new connection. False if it failed, with the slot left closed. */
static int open_slot(struct slot *slot) {
  int on = 1;
  struct sockaddr_in from = {
      .sin_family = AF_INET,
      .sin_addr.s_addr = htonl((127u << 24 | 1u << 16) + 1 + source++ % SOURCES),
  };
  /* The end of the stream is awaited, not the reply before it: one wake-up a connection. */
  struct epoll_event event = {.events = EPOLLRDHUP | EPOLLET, .data.ptr = slot};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) die("socket");
  slot->fd = fd;
  slot->sent = 0;
  slot->received = 0;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0) die("bind");
  int failed = connect(fd, (struct sockaddr *)&plan.server, sizeof plan.server) < 0;
  if ((!failed || errno == EINPROGRESS) && send_request(slot)) {
    if (!slot->sent) event.events |= EPOLLOUT;
    if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event) == 0) return 1;
  }
  close(fd);
  return 0;
}

static int whole(const struct slot *slot) {
  size_t body = strlen(BODY);
  return slot->received > strlen(STATUS) + body &&
         !memcmp(slot->reply, STATUS, strlen(STATUS)) &&
         !memcmp(slot->reply + slot->received - body, BODY, body);
}

/* Reads what there is. True at the end of the stream or at an error. */
static int finished(struct slot *slot) {
  for (;;) {
    if (slot->received == REPLY_MAX) return 1;
    ssize_t got = recv(slot->fd, slot->reply + slot->received, REPLY_MAX - slot->received, 0);
    if (got < 0 && errno == EAGAIN) return 0;
    if (got < 0) slot->received = 0;
    if (got <= 0) return 1;
    slot->received += (size_t)got;
  }
}

static void advance(struct slot *slot) {
  if (!slot->sent && !send_request(slot)) errors++;
  if (!slot->sent || !finished(slot)) return;
  if (whole(slot)) ops++;
  else errors++;
  close(slot->fd);
  if (!open_slot(slot)) errors++, slot->fd = -1;
}

int main(int argc, char **argv) {
  struct epoll_event events[MAX_CONNECTIONS];
  plan = plan_of(argc, argv);
  source = (unsigned)getpid();
  epfd = epoll_create1(EPOLL_CLOEXEC);
  double start = now(), time = start;
  for (int i = 0; i < plan.connections; i++)
    if (!open_slot(&slots[i])) errors++;
  while (time - start < plan.seconds) {
    int n = epoll_wait(epfd, events, plan.connections, POLL_MS);
    for (int e = 0; e < n; e++) advance(events[e].data.ptr);
    time = now();
  }
  report(ops, time - start, errors);
  return 0;
}
