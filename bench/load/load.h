/*
 * What the load generators share: their arguments, their clock and their one line of results.
 *
 *   churn|echo port seconds connections   →   {"ops":N,"seconds":S,"errors":E}
 *
 * One thread, one epoll. An operation counts when its answer has arrived whole and has been
 * compared; anything else is an error, and one error makes the run invalid.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

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

enum { MAX_CONNECTIONS = 1024, POLL_MS = 50 };

struct plan {
  struct sockaddr_in server;
  double seconds;
  int connections;
};

static inline void die(const char *what) {
  perror(what);
  exit(1);
}

static inline struct plan plan_of(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s port seconds connections\n", argv[0]);
    exit(2);
  }
  struct plan plan = {
      .server.sin_family = AF_INET,
      .server.sin_port = htons((uint16_t)atoi(argv[1])),
      .server.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
      .seconds = atof(argv[2]),
      .connections = atoi(argv[3]),
  };
  if (plan.connections < 1 || plan.connections > MAX_CONNECTIONS) {
    fprintf(stderr, "connections: 1 to %d\n", MAX_CONNECTIONS);
    exit(2);
  }
  return plan;
}

static inline double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static inline void report(uint64_t ops, double seconds, uint64_t errors) {
  printf("{\"ops\":%llu,\"seconds\":%.6f,\"errors\":%llu}\n", (unsigned long long)ops, seconds,
         (unsigned long long)errors);
}

#endif
