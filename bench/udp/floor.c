/*
 * The floor of the udp workload: every datagram is sent back to whom it came from, one recvfrom and one
 * sendto each.
 *
 * The socket is registered once, edge-triggered. A datagram that the kernel does not take now waits for the
 * next edge, and nothing is read meanwhile.
 */
#define _GNU_SOURCE
#include "../floor.h"

static char datagram[RECV_SIZE];

struct back {
  struct sockaddr_in addr;
  socklen_t addrlen;
  ssize_t length; /* -1: nothing to be sent back */
};

/* False if it has to wait. */
static int send_back(int fd, struct back *back) {
  if (back->length < 0) return 1;
  ssize_t sent = sendto(fd, datagram, (size_t)back->length, 0, (struct sockaddr *)&back->addr,
                        back->addrlen);
  if (sent < 0 && errno == EAGAIN) return 0;
  back->length = -1; /* sent, or refused by the peer's machine: a datagram may be lost */
  return 1;
}

static void serve(int fd, struct back *back) {
  while (send_back(fd, back)) {
    back->addrlen = sizeof back->addr;
    back->length = recvfrom(fd, datagram, sizeof datagram, 0, (struct sockaddr *)&back->addr,
                            &back->addrlen);
    if (back->length < 0 && errno == EAGAIN) return;
  }
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s port\n", argv[0]);
    return 2;
  }
  struct sockaddr_in addr = {
      .sin_family = AF_INET,
      .sin_port = htons((uint16_t)atoi(argv[1])),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  struct back back = {.length = -1};
  struct epoll_event event;
  int epfd = epoll_create1(EPOLL_CLOEXEC);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) die("socket");
  if (bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0) die("bind");
  watch(epfd, fd, EPOLLIN | EPOLLOUT | EPOLLET);
  printf("listening %s\n", argv[1]);
  fflush(stdout);
  for (;;)
    if (epoll_wait(epfd, &event, 1, -1) > 0) serve(fd, &back);
}
