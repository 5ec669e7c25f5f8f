/*
 * The floor of the idle workload: what epoll needs to keep a connection and to echo what comes. The
 * process keeps one number for each, the bytes it has echoed; all else about it is in the kernel.
 */
#define _GNU_SOURCE
#include "../floor.h"

#include <signal.h>

enum { MAX_IDLE = 1 << 20 };

static unsigned echoed[MAX_IDLE];
static char in[RECV_SIZE];

static void serve(int fd) {
  ssize_t got = recv(fd, in, sizeof in, 0);
  if (got < 0 && errno == EAGAIN) return;
  /* A peer that does not read what it has sent is hung up on. */
  if (got <= 0 || send(fd, in, (size_t)got, MSG_NOSIGNAL) != got) {
    close(fd);
    return;
  }
  echoed[fd] += (unsigned)got;
}

int main(int argc, char **argv) {
  int listener = listen_on(argc, argv);
  int epfd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event events[MAX_EVENTS];
  signal(SIGUSR2, SIG_IGN); /* "collect your garbage" */
  watch(epfd, listener, EPOLLIN);
  for (;;) {
    int n = epoll_wait(epfd, events, MAX_EVENTS, -1);
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd;
      if (fd != listener) {
        serve(fd);
        continue;
      }
      while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= MAX_IDLE) {
          close(fd);
          continue;
        }
        echoed[fd] = 0;
        watch(epfd, fd, EPOLLIN);
      }
    }
  }
}
