/*
 * The floor of the relay workload: every datagram goes on to 127.0.0.2, to the port that it came to here, by
 * one recvfrom and one sendto.
 */
#define _GNU_SOURCE
#include "../floor.h"

static char datagram[RECV_SIZE];

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s port\n", argv[0]);
    return 2;
  }
  struct sockaddr_in here = {
      .sin_family = AF_INET,
      .sin_port = htons((uint16_t)atoi(argv[1])),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  struct sockaddr_in there = here;
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
  struct epoll_event event;
  int epfd = epoll_create1(EPOLL_CLOEXEC);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) die("socket");
  if (bind(fd, (struct sockaddr *)&here, sizeof here) < 0) die("bind");
  watch(epfd, fd, EPOLLIN | EPOLLET);
  printf("listening %s\n", argv[1]);
  fflush(stdout);
  for (;;) {
    if (epoll_wait(epfd, &event, 1, -1) <= 0) continue;
    for (;;) {
      ssize_t got = recvfrom(fd, datagram, sizeof datagram, 0, NULL, NULL);
      if (got < 0 && errno == EAGAIN) break;
      if (got < 0) continue;
      /* What the kernel does not take now is lost, as a datagram may be. */
      sendto(fd, datagram, (size_t)got, 0, (struct sockaddr *)&there, sizeof there);
    }
  }
}
