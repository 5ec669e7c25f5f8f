/*
 * The floor of the churn workload: accept4, epoll_ctl, recv, send, close, and no more.
 *
 * Each connection is registered with epoll, as in every epoll server, and its request is tried at
 * once, since it has mostly arrived by then. No socket option is set. The reply says Connection:
 * close and is far smaller than the empty send buffer of a new socket, so a short send is an
 * error here. Left out: keep-alive, reading header fields, bodies, time limits.
 */
#define _GNU_SOURCE
#include "../floor.h"

#define CLOSING "HTTP/1.1 200 OK\r\nConnection: close\r\n"

struct head {
  char *bytes;
  size_t length;
};

static struct head heads[MAX_FDS];
static struct reply ok;
static char in[RECV_SIZE], closing[sizeof ok.bytes + sizeof CLOSING];
static size_t closing_length;

static void hang_up(int fd) {
  free(heads[fd].bytes);
  heads[fd] = (struct head){0};
  close(fd);
}

/* One try. False if the rest of the request has to be waited for; else the connection is gone. */
static int serve(int fd) {
  struct head *head = &heads[fd];
  size_t kept = head->length;
  if (kept == sizeof in) return hang_up(fd), 1;
  if (kept) memcpy(in, head->bytes, kept);
  ssize_t got = recv(fd, in + kept, sizeof in - kept, 0);
  if (got < 0 && errno == EAGAIN) return 0;
  if (got <= 0) return hang_up(fd), 1;
  size_t length = kept + (size_t)got;
  if (memmem(in, length, "\r\n\r\n", 4)) {
    int hello = length > strlen(REQUEST_LINE) && !memcmp(in, REQUEST_LINE, strlen(REQUEST_LINE));
    const char *bytes = hello ? closing : NOT_FOUND;
    size_t size = hello ? closing_length : strlen(NOT_FOUND);
    if (send(fd, bytes, size, MSG_NOSIGNAL) < (ssize_t)size) perror("send");
    return hang_up(fd), 1;
  }
  head->bytes = realloc(head->bytes, length);
  if (!head->bytes) die("realloc");
  memcpy(head->bytes, in, length);
  head->length = length;
  return 0;
}

/* The reply of this second with Connection: close put behind its status line. */
static void refresh_closing(void) {
  time_t before = ok.second;
  refresh(&ok);
  if (before == ok.second) return;
  size_t status = strlen("HTTP/1.1 200 OK\r\n");
  memcpy(closing, CLOSING, strlen(CLOSING));
  memcpy(closing + strlen(CLOSING), ok.bytes + status, ok.length - status);
  closing_length = strlen(CLOSING) + ok.length - status;
}

int main(int argc, char **argv) {
  int listener = listen_on(argc, argv);
  int epfd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event events[MAX_EVENTS];
  watch(epfd, listener, EPOLLIN);
  for (;;) {
    int n = epoll_wait(epfd, events, MAX_EVENTS, -1);
    refresh_closing();
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd;
      if (fd != listener) {
        serve(fd);
        continue;
      }
      while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= MAX_FDS) {
          close(fd);
          continue;
        }
        watch(epfd, fd, EPOLLIN);
        serve(fd);
      }
    }
  }
}
