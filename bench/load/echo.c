/*
 * Load for the echo workload: every connection sends 64 bytes, waits for the same 64 bytes, and
 * sends the next. The bytes change with every message, so that an old answer is not taken for a
 * new one. The connections stay open for the whole run.
 */
#define _GNU_SOURCE
#include "load.h"

enum { MESSAGE = 64 };

struct connection {
  uint64_t serial;
  size_t received;
  unsigned char sent[MESSAGE], back[MESSAGE];
};

static struct connection connections[MAX_CONNECTIONS];
static int fds[MAX_CONNECTIONS];
static uint64_t ops, errors;

static void next_message(int i) {
  struct connection *c = &connections[i];
  c->serial++;
  c->received = 0;
  memcpy(c->sent, &c->serial, sizeof c->serial);
  if (send(fds[i], c->sent, MESSAGE, MSG_NOSIGNAL) != MESSAGE) errors++;
}

/* False when the connection is lost. */
static int receive(int i) {
  struct connection *c = &connections[i];
  ssize_t got = recv(fds[i], c->back + c->received, MESSAGE - c->received, 0);
  if (got < 0 && errno == EAGAIN) return 1;
  if (got <= 0) return 0;
  c->received += (size_t)got;
  if (c->received < MESSAGE) return 1;
  if (memcmp(c->sent, c->back, MESSAGE)) errors++;
  else ops++;
  next_message(i);
  return 1;
}

static void open_all(const struct plan *plan, int epfd) {
  int on = 1;
  for (int i = 0; i < plan->connections; i++) {
    int fd = fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    if (connect(fd, (const struct sockaddr *)&plan->server, sizeof plan->server) < 0)
      die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    memset(connections[i].sent, 'a' + i % 26, MESSAGE);
    /* A message is answered whole before the next is sent: level-triggered wakes once a piece. */
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
  }
}

int main(int argc, char **argv) {
  struct plan plan = plan_of(argc, argv);
  struct epoll_event events[MAX_CONNECTIONS];
  int epfd = epoll_create1(EPOLL_CLOEXEC), open = plan.connections;
  open_all(&plan, epfd);
  double start = now(), time = start;
  for (int i = 0; i < plan.connections; i++) next_message(i);
  while (open > 0 && time - start < plan.seconds) {
    int n = epoll_wait(epfd, events, plan.connections, POLL_MS);
    for (int e = 0; e < n; e++) {
      int i = (int)events[e].data.u32;
      if (receive(i)) continue;
      errors++;
      open--;
      close(fds[i]);
    }
    time = now();
  }
  report(ops, time - start, errors);
  return 0;
}
