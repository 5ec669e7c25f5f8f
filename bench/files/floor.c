/*
 * The floor of the file workloads: one thread, one epoll, keep-alive, one file.
 *
 * For each request the file is opened, asked for its size and time, sent by sendfile, and closed. The
 * head of a short file waits for it (MSG_MORE); that of a long one goes alone, so that pages keep
 * their place in the packets. What the socket does not take is sent when it can take more: sendfile is
 * called until it says EAGAIN, since a short count may come of a signal, and then no edge follows.
 * Left out: looking at the path beyond one comparison, ranges, preconditions, HEAD, pipelining.
 */
#define _GNU_SOURCE
#include "../floor.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

enum { JOINED_UP_TO = 128 * 1024 }; /* the longest file that goes in one packet with its head */

struct connection {
  char head[4096];
  size_t head_length;
  int file; /* that is being sent, or -1 */
  off_t offset, size;
};

static struct connection *connections[MAX_FDS];
static const char *folder;

static void hang_up(int fd) {
  if (connections[fd]->file >= 0) close(connections[fd]->file);
  free(connections[fd]);
  connections[fd] = NULL;
  close(fd);
}

static size_t http_date(char *to, size_t room, time_t when) {
  struct tm tm;
  gmtime_r(&when, &tm);
  return strftime(to, room, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* Sends the file on. 1 when it is sent, 0 if the socket is full, -1 if the connection is broken. */
static int send_on(int fd, struct connection *c) {
  while (c->offset < c->size) {
    ssize_t sent = sendfile(fd, c->file, &c->offset, (size_t)(c->size - c->offset));
    if (sent < 0 && errno == EAGAIN) return 0;
    if (sent <= 0) return -1;
  }
  close(c->file);
  c->file = -1;
  return 1;
}

static int begin_file(int fd, struct connection *c) {
  static struct reply date;
  char path[1024], out[512], modified[64];
  char *name = c->head + strlen("GET /"), *space = strchr(name, ' ');
  struct stat st;
  if (strncmp(c->head, "GET /", 5) || !space || memmem(name, (size_t)(space - name), "..", 2)) return -1;
  snprintf(path, sizeof path, "%s/%.*s", folder, (int)(space - name), name);
  c->file = open(path, O_RDONLY | O_CLOEXEC);
  if (c->file < 0 || fstat(c->file, &st) < 0) return -1;
  c->offset = 0;
  c->size = st.st_size;
  refresh(&date);
  const char *line = strstr(date.bytes, "Date: ");
  http_date(modified, sizeof modified, st.st_mtime);
  int size = snprintf(out, sizeof out,
                      "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n%.*s\r\n"
                      "Last-Modified: %s\r\nContent-Length: %lld\r\n\r\n",
                      (int)(strstr(line, "\r\n") - line), line, modified, (long long)c->size);
  int more = c->size <= JOINED_UP_TO ? MSG_MORE : 0;
  if (send(fd, out, (size_t)size, MSG_NOSIGNAL | more) != size) return -1;
  c->head_length = 0;
  return send_on(fd, c);
}

static void serve(int fd) {
  struct connection *c = connections[fd];
  if (c->file >= 0) {
    int done = send_on(fd, c);
    if (done < 0) return hang_up(fd);
    if (done == 0) return;
  }
  for (;;) {
    ssize_t got = recv(fd, c->head + c->head_length, sizeof c->head - 1 - c->head_length, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return hang_up(fd);
    c->head_length += (size_t)got;
    c->head[c->head_length] = 0;
    if (!strstr(c->head, "\r\n\r\n")) continue;
    int done = begin_file(fd, c);
    if (done < 0) return hang_up(fd);
    if (done == 0) return;
  }
}

static void begin(int epfd, int fd) {
  struct connection *c = calloc(1, sizeof *c);
  if (!c) die("malloc");
  c->file = -1;
  connections[fd] = c;
  watch(epfd, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
}

int main(int argc, char **argv) {
  int listener = listen_on(argc, argv), on = 1;
  int epfd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event events[MAX_EVENTS];
  folder = argc > 2 ? argv[2] : ".";
  signal(SIGPIPE, SIG_IGN); /* sendfile has no MSG_NOSIGNAL */
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
