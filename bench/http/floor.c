/*
 * The floor of the http and pipelined workloads: one thread, one epoll, keep-alive.
 *
 * A connection is registered once, edge-triggered, for both directions. A wake-up is one recv and
 * one send, however many requests arrived: a short recv means drained. Heads are cut at their
 * empty line and only the request line is compared. Partial heads and short sends are kept with
 * the connection. Left out: reading header fields, bodies, HTTP/1.0, Connection: close, time
 * limits.
 */
#define _GNU_SOURCE
#include "../floor.h"

enum {
  SHORTEST_HEAD = 4, /* "\r\n\r\n" */
  OUT_SIZE = 256 * 1024
};

struct connection {
  char *head; /* the beginning of a request whose end has not arrived */
  size_t head_length;
  char *out; /* what the kernel did not take of the replies */
  size_t out_length;
};

static struct connection connections[MAX_FDS];
static struct reply ok;
static char in[RECV_SIZE], out[OUT_SIZE];

static void hang_up(int fd) {
  free(connections[fd].head);
  free(connections[fd].out);
  connections[fd] = (struct connection){0};
  close(fd);
}

static char *copy(const char *bytes, size_t length) {
  char *kept = malloc(length);
  if (!kept) die("malloc");
  return memcpy(kept, bytes, length);
}

/* Sends, keeps what did not fit. False if the connection is broken. */
static int reply_with(int fd, const char *bytes, size_t length) {
  struct connection *c = &connections[fd];
  ssize_t sent = c->out_length ? 0 : send(fd, bytes, length, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return 0;
  if (sent < 0) sent = 0;
  if ((size_t)sent == length) return 1;
  size_t rest = length - (size_t)sent;
  c->out = realloc(c->out, c->out_length + rest);
  if (!c->out) die("realloc");
  memcpy(c->out + c->out_length, bytes + sent, rest);
  c->out_length += rest;
  return 1;
}

/* Answers every whole request in `in`, then keeps the rest. False if the connection is broken. */
static int answer(int fd, size_t length) {
  const char *at = in, *end = in + length;
  size_t filled = 0;
  for (;;) {
    const char *blank = memmem(at, (size_t)(end - at), "\r\n\r\n", SHORTEST_HEAD);
    if (!blank) break;
    size_t head = (size_t)(blank + SHORTEST_HEAD - at);
    int hello = head > strlen(REQUEST_LINE) && !memcmp(at, REQUEST_LINE, strlen(REQUEST_LINE));
    const char *bytes = hello ? ok.bytes : NOT_FOUND;
    size_t size = hello ? ok.length : strlen(NOT_FOUND);
    if (filled + size > sizeof out) {
      if (!reply_with(fd, out, filled)) return 0;
      filled = 0;
    }
    memcpy(out + filled, bytes, size);
    filled += size;
    at += head;
  }
  if (filled && !reply_with(fd, out, filled)) return 0;
  if (at == end) return 1;
  connections[fd].head_length = (size_t)(end - at);
  connections[fd].head = copy(at, (size_t)(end - at));
  return 1;
}

/* Reads until the socket is drained, or until a reply would have to wait for the client. */
static void serve(int fd, uint32_t events) {
  struct connection *c = &connections[fd];
  if (c->out_length) {
    ssize_t sent = send(fd, c->out, c->out_length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) return hang_up(fd);
    memmove(c->out, c->out + sent, c->out_length -= (size_t)sent);
    events |= EPOLLRDHUP; /* reading stopped half-way: the next short recv proves nothing */
  }
  while (!c->out_length) {
    size_t kept = c->head_length;
    if (kept == sizeof in) return hang_up(fd);
    if (kept) memcpy(in, c->head, kept);
    ssize_t got = recv(fd, in + kept, sizeof in - kept, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return hang_up(fd);
    free(c->head);
    c->head = NULL;
    c->head_length = 0;
    if (!answer(fd, kept + (size_t)got)) return hang_up(fd);
    if ((size_t)got < sizeof in - kept && !(events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) return;
  }
}

int main(int argc, char **argv) {
  int listener = listen_on(argc, argv), on = 1;
  int epfd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event events[MAX_EVENTS];
  watch(epfd, listener, EPOLLIN);
  for (;;) {
    int n = epoll_wait(epfd, events, MAX_EVENTS, -1);
    refresh(&ok);
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd;
      if (fd != listener) {
        serve(fd, events[i].events);
        continue;
      }
      while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= MAX_FDS) {
          close(fd);
          continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(epfd, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
      }
    }
  }
}
