/*
 * The floor of the post workload: one thread, one epoll, keep-alive, bodies read to their end.
 *
 * A connection is registered once, edge-triggered. Of a head the request line is compared and
 * Content-Length is read; the body is received into a buffer that all connections share, and counted.
 * A short recv means drained. The answer is the number of bytes. Left out: chunked bodies, pipelining,
 * HTTP/1.0, Connection: close, time limits.
 */
#define _GNU_SOURCE
#include "../floor.h"

enum { HEAD_SIZE = 4096 };

struct connection {
  char head[HEAD_SIZE];
  size_t head_length;
  size_t body_length, wanted;
  int in_body;
};

static struct connection *connections[MAX_FDS];
static char in[RECV_SIZE];

static void hang_up(int fd) {
  free(connections[fd]);
  connections[fd] = NULL;
  close(fd);
}

static int answer(int fd, size_t length) {
  static struct reply date;
  char out[512], number[32];
  refresh(&date);
  int digits = snprintf(number, sizeof number, "%zu", length);
  const char *line = strstr(date.bytes, "Date: ");
  int line_length = (int)(strstr(line, "\r\n") - line);
  int size = snprintf(out, sizeof out,
                      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
                      "%.*s\r\nContent-Length: %d\r\n\r\n%s",
                      line_length, line, digits, number);
  return send(fd, out, (size_t)size, MSG_NOSIGNAL) == size;
}

/* Counts what `head` has after the empty line. 0 if more is needed, -1 if it is bad. */
static int begin_body(struct connection *c) {
  char *blank = memmem(c->head, c->head_length, "\r\n\r\n", 4);
  if (!blank) return c->head_length == HEAD_SIZE ? -1 : 0;
  *blank = 0;
  char *field = strcasestr(c->head, "\r\ncontent-length:");
  if (strncmp(c->head, "POST /upload HTTP/1.1\r\n", 23) || !field) return -1;
  c->wanted = strtoul(field + 17, NULL, 10);
  c->body_length = c->head_length - (size_t)(blank + 4 - c->head);
  if (c->body_length > c->wanted) return -1;
  c->head_length = 0;
  return c->in_body = 1;
}

static void serve(int fd, uint32_t events) {
  struct connection *c = connections[fd];
  for (;;) {
    size_t left = c->wanted - c->body_length;
    char *at = c->in_body ? in : c->head + c->head_length;
    size_t room = c->in_body ? sizeof in : HEAD_SIZE - c->head_length;
    if (c->in_body && left < room) room = left;
    ssize_t got = recv(fd, at, room, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return hang_up(fd);
    if (c->in_body) {
      c->body_length += (size_t)got;
    } else {
      c->head_length += (size_t)got;
      if (begin_body(c) < 0) return hang_up(fd);
    }
    if (c->in_body && c->body_length == c->wanted) {
      c->in_body = 0;
      if (!answer(fd, c->body_length)) return hang_up(fd);
    }
    if ((size_t)got < room && !(events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) return;
  }
}

static void begin(int epfd, int fd) {
  struct connection *c = calloc(1, sizeof *c);
  if (!c) die("malloc");
  connections[fd] = c;
  watch(epfd, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
}

int main(int argc, char **argv) {
  int listener = listen_on(argc, argv), on = 1;
  int epfd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event events[MAX_EVENTS];
  watch(epfd, listener, EPOLLIN);
  for (;;) {
    int n = epoll_wait(epfd, events, MAX_EVENTS, -1);
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
        begin(epfd, fd);
      }
    }
  }
}
