/*
 * What the floors share: a listening socket, the registration of a descriptor with epoll,
 * and the reply to GET /hello with the Date of this second.
 *
 * A floor is the least that a correct single-threaded server has to do with these system calls.
 * It is what the other servers are divided by, so nothing here is allowed to be slow, and nothing
 * may be left out that a client could notice on the workload at hand.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  MAX_FDS = 4096,       /* descriptors above this are turned away */
  MAX_EVENTS = 256,     /* events taken from the kernel at a time */
  RECV_SIZE = 64 * 1024 /* one receive buffer for all connections; also the longest head */
};

#define REQUEST_LINE "GET /hello HTTP/1.1\r\n"

static inline void die(const char *what) {
  perror(what);
  exit(1);
}

/* A non-blocking listening socket on 127.0.0.1; the port is argv[1]. Says so on stdout. */
static inline int listen_on(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s port\n", argv[0]);
    exit(2);
  }
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int on = 1;
  struct sockaddr_in addr = {
      .sin_family = AF_INET,
      .sin_port = htons((uint16_t)atoi(argv[1])),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  if (fd < 0) die("socket");
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) die("SO_REUSEADDR");
  if (bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0) die("bind");
  if (listen(fd, 4096) < 0) die("listen");
  printf("listening %s\n", argv[1]);
  fflush(stdout);
  return fd;
}

static inline void watch(int epfd, int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
}

struct reply {
  time_t second;
  size_t length;
  char bytes[256];
};

/* Writes the 200 anew when the second has changed. Called once a batch of events. */
static inline void refresh(struct reply *reply) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec == reply->second) return;
  struct tm tm;
  char date[64];
  gmtime_r(&now.tv_sec, &tm);
  strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
  reply->second = now.tv_sec;
  reply->length = (size_t)snprintf(reply->bytes, sizeof reply->bytes,
                                   "HTTP/1.1 200 OK\r\n"
                                   "Content-Type: text/plain; charset=utf-8\r\n"
                                   "Date: %s\r\n"
                                   "Content-Length: 13\r\n\r\n"
                                   "Hello, world!",
                                   date);
}

#define NOT_FOUND "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

#endif
