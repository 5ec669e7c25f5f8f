/*
 * Load for the idle workload: opens connections, keeps them, and lets each of them echo one byte when
 * it is told to.
 *
 *   idle port connections     a line for each step, as load.h says; "ops" counts connections
 *
 * The first line says that all are open and accepted. Then "echo" on standard input sends a byte over
 * every connection and compares what comes back; the end of the input ends the program. Connections are
 * reset at the end, so no port is left in TIME_WAIT. A source address has 28,000 ports at most, so there
 * is a new one for every 10,000 connections: 127.0.1.1, 127.0.1.2, and so on.
 */
#define _GNU_SOURCE
#include "load.h"

#include <sys/time.h>

enum {
  PER_ADDRESS = 10000,
  MAX_IDLE = 1000000,
  BATCH = 128 /* as many may wait to be accepted, or for their echo */
};

static struct sockaddr_in server;
static int fds[MAX_IDLE];
static int connections;

static int open_one(int i) {
  int on = 1;
  struct linger reset = {.l_onoff = 1};
  struct timeval patience = {.tv_sec = 30};
  struct sockaddr_in source = {
      .sin_family = AF_INET,
      .sin_addr.s_addr = htonl(0x7f000101u + (unsigned)(i / PER_ADDRESS)),
  };
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (bind(fd, (const struct sockaddr *)&source, sizeof source) < 0) die("bind");
  if (connect(fd, (const struct sockaddr *)&server, sizeof server) < 0) die("connect");
  return fd;
}

static int ask(int i) {
  unsigned char byte = (unsigned char)i;
  return send(fds[i], &byte, 1, MSG_NOSIGNAL) == 1;
}

static int answered(int i) {
  unsigned char byte;
  return recv(fds[i], &byte, 1, 0) == 1 && byte == (unsigned char)i;
}

/* Connections are accepted in their order: when the last one of a batch has its echo, all are. */
static void open_all(void) {
  for (int i = 0; i < connections; i++) {
    fds[i] = open_one(i);
    if (i % BATCH != BATCH - 1 && i != connections - 1) continue;
    if (!ask(i) || !answered(i)) die("the server does not echo");
  }
}

static int echo_all(void) {
  int good = 0;
  for (int first = 0; first < connections; first += BATCH) {
    int end = first + BATCH < connections ? first + BATCH : connections;
    for (int i = first; i < end; i++) ask(i);
    for (int i = first; i < end; i++) good += answered(i);
  }
  return good;
}

static void say(int good, double since) {
  report((uint64_t)good, now() - since, (uint64_t)(connections - good));
  fflush(stdout);
}

int main(int argc, char **argv) {
  char line[16];
  connections = argc == 3 ? atoi(argv[2]) : 0;
  if (connections < 1 || connections > MAX_IDLE) {
    fprintf(stderr, "usage: %s port connections\n", argv[0]);
    return 2;
  }
  server.sin_family = AF_INET;
  server.sin_port = htons((uint16_t)atoi(argv[1]));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  double start = now();
  open_all();
  say(connections, start);
  while (fgets(line, sizeof line, stdin)) {
    start = now();
    say(echo_all(), start);
  }
  return 0;
}
