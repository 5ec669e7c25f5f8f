/*
 * The floor of the echo workload: what arrives is sent back.
 *
 * A connection is registered once, edge-triggered, for both directions; a wake-up is one recv and
 * one send, because a short recv means drained. What the kernel does not take stays with the
 * connection and stops its reading.
 */
#define _GNU_SOURCE
#include "../floor.h"

struct rest {
  char *bytes;
  size_t length;
};

static struct rest rests[MAX_FDS];
static char in[RECV_SIZE];

static void hang_up(int fd) {
  free(rests[fd].bytes);
  rests[fd] = (struct rest){0};
  close(fd);
}

/* Sends and keeps what did not fit. False if the connection is broken. */
static int send_back(int fd, const char *bytes, size_t length) {
  struct rest *rest = &rests[fd];
  ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return 0;
  if (sent < 0) sent = 0;
  rest->length = length - (size_t)sent;
  if (!rest->length) return 1;
  if (!rest->bytes && !(rest->bytes = malloc(RECV_SIZE))) die("malloc");
  memmove(rest->bytes, bytes + sent, rest->length);
  return 1;
}

static void serve(int fd, uint32_t events) {
  struct rest *rest = &rests[fd];
  if (rest->length) {
    if (!send_back(fd, rest->bytes, rest->length)) return hang_up(fd);
    events |= EPOLLRDHUP; /* reading stopped half-way: the next short recv proves nothing */
  }
  while (!rest->length) {
    ssize_t got = recv(fd, in, sizeof in, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0 || !send_back(fd, in, (size_t)got)) return hang_up(fd);
    if ((size_t)got < sizeof in && !(events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) return;
  }
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
        watch(epfd, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
      }
    }
  }
}
