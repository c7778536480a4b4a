// epoll_reader opens STREAMS connections to a completions server, asks each for
// TOKENS tokens, and counts the bytes that come until the servers closes all of
// them. It parses nothing and stamps nothing: what it costs is the floor that a
// client of this protocol on this machine cannot go below.
//
//   epoll_reader PORT STREAMS TOKENS
//
// It prints one CSV row with a header: streams,tokens,bytes,reads,wall_s,cpu_s,
// rss_kb, where tokens is what was asked for.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static int open_stream(int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0) die("connect");
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0) die("nodelay");
  return fd;
}

static void ask(int fd, long tokens, int id) {
  char body[128], request[512];
  int n = snprintf(body, sizeof body, "{\"prompt\":\"x\",\"max_tokens\":%ld,\"stream\":true,\"ignore_eos\":true}", tokens);
  n = snprintf(request, sizeof request,
               "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Request-Id: floor-%d\r\n"
               "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", id, n, body);
  if (write(fd, request, n) != n) die("write");
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: epoll_reader PORT STREAMS TOKENS\n");
    return 2;
  }
  int port = atoi(argv[1]), streams = atoi(argv[2]), open = streams;
  long tokens = atol(argv[3]), bytes = 0, reads = 0;
  int *fds = calloc(streams, sizeof *fds), poll = epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0 || fds == NULL) die("epoll");
  for (int i = 0; i < streams; i++) {
    fds[i] = open_stream(port);
    struct epoll_event want = {.events = EPOLLIN, .data.fd = fds[i]};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, fds[i], &want) < 0) die("epoll_ctl");
  }
  double start = now();
  for (int i = 0; i < streams; i++) ask(fds[i], tokens, i);
  static char buffer[1 << 16];
  struct epoll_event ready[256];
  while (open > 0) {
    int n = epoll_wait(poll, ready, 256, -1);
    for (int i = 0; i < n; i++) {
      ssize_t got = read(ready[i].data.fd, buffer, sizeof buffer);
      if (got < 0) die("read");
      if (got == 0) {
        close(ready[i].data.fd);
        open--;
      }
      bytes += got;
      reads++;
    }
  }
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  printf("streams,tokens,bytes,reads,wall_s,cpu_s,rss_kb\n%d,%ld,%ld,%ld,%.6f,%.6f,%ld\n", streams, tokens * streams, bytes,
         reads, now() - start, cpu, used.ru_maxrss);
  return 0;
}
