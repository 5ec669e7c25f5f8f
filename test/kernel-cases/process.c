/*
 * What the cases do to the process that replays them and JavaScript cannot: another network, another user and
 * an alarm for one thread alone, limits, counted signals. For tests only; compiled by process.ts.
 *
 * Every function but `run` takes and gives numbers; a negative result is -errno. Users and networks belong to the
 * thread that asks, hence raw system calls where the C library would tell all threads.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <node_api.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static atomic_int caught[64];

static void count(int signal) { atomic_fetch_add(&caught[signal], 1); }

static int catch_signal(int signal, int flags) {
  struct sigaction action = {.sa_handler = count, .sa_flags = flags};
  return sigaction(signal, &action, NULL);
}

/* The arguments of a call as numbers, those that are missing as 0. */
static void numbers(napi_env env, napi_callback_info info, int64_t out[3]) {
  size_t given = 3;
  napi_value values[3];
  napi_get_cb_info(env, info, &given, values, NULL, NULL);
  for (size_t i = 0; i < 3; i++) {
    out[i] = 0;
    if (i < given) napi_get_value_int64(env, values[i], &out[i]);
  }
}

static napi_value number(napi_env env, int64_t value) {
  napi_value result;
  napi_create_int64(env, value, &result);
  return result;
}

static int64_t checked(long result) { return result < 0 ? -errno : result; }

#define FUNCTION(name)                                             \
  static int64_t name##_call(const int64_t arg[3]);                \
  static napi_value name(napi_env env, napi_callback_info info) {  \
    int64_t arg[3];                                                \
    numbers(env, info, arg);                                       \
    return number(env, name##_call(arg));                          \
  }                                                                \
  static int64_t name##_call(const int64_t arg[3])

/* A network of its own for this thread, and for what it starts from now on. */
FUNCTION(unshareNetwork) {
  (void)arg;
  return checked(unshare(CLONE_NEWNET));
}

/* Real, effective and saved user of this thread; -1 leaves one as it is. */
FUNCTION(setUsers) { return checked(syscall(SYS_setresuid, (int)arg[0], (int)arg[1], (int)arg[2])); }

/* Sets the soft limit of descriptors and gives what it was. */
FUNCTION(limitDescriptors) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
  int64_t before = (int64_t)limit.rlim_cur;
  limit.rlim_cur = (rlim_t)arg[0];
  return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : before;
}

/*
 * Counts a signal from now on, beginning with 0. A call that it interrupts goes on. netfd blocks SIGPIPE in
 * its threads; here it must come.
 */
FUNCTION(countSignal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, (int)arg[0]);
  if (catch_signal((int)arg[0], SA_RESTART) < 0) return -errno;
  int failed = pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  atomic_store(&caught[arg[0]], 0);
  return -failed;
}

FUNCTION(signalCount) { return atomic_load(&caught[arg[0]]); }

/*
 * SIGALRM to this thread every so many milliseconds, so that it cannot come too early for good; 0: no more.
 * The second argument tells whether calls go on after it.
 */
FUNCTION(alarmEvery) {
  static timer_t timer;
  static bool armed;
  if (armed) timer_delete(timer);
  armed = false;
  if (arg[0] == 0) return 0;
  if (catch_signal(SIGALRM, arg[1] != 0 ? SA_RESTART : 0) < 0) return -errno;
  struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
  event.sigev_notify_thread_id = (int)syscall(SYS_gettid);
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0) return -errno;
  armed = true;
  struct timespec every = {.tv_sec = arg[0] / 1000, .tv_nsec = arg[0] % 1000 * 1000000};
  struct itimerspec times = {.it_interval = every, .it_value = every};
  return checked(timer_settime(timer, 0, &times, NULL));
}

/* Ends the call in which a thread of this process is blocked, with EINTR. */
FUNCTION(interruptThread) {
  if (catch_signal(SIGUSR2, 0) < 0) return -errno;
  return checked(syscall(SYS_tgkill, getpid(), (int)arg[0], SIGUSR2));
}

FUNCTION(threadId) {
  (void)arg;
  return syscall(SYS_gettid);
}

FUNCTION(seek) { return checked(lseek((int)arg[0], arg[1], (int)arg[2])); }

/*
 * system(3) of a command: 0 if all went well. Node's own execFileSync has a loop for each child, since Node 26
 * with an io_uring; when the kernel takes that down, a while later, it interrupts whatever call this thread
 * is blocked in, and there is no signal.
 */
static napi_value run(napi_env env, napi_callback_info info) {
  size_t given = 1, length = 0;
  napi_value value;
  char command[512];
  napi_get_cb_info(env, info, &given, &value, NULL, NULL);
  if (napi_get_value_string_latin1(env, value, command, sizeof command, &length) != napi_ok ||
      length == sizeof command - 1)
    return number(env, -EINVAL);
  return number(env, checked(system(command)));
}

NAPI_MODULE_INIT() {
  static const struct {
    const char *name;
    napi_callback function;
  } functions[] = {
      {"unshareNetwork", unshareNetwork}, {"setUsers", setUsers},
      {"limitDescriptors", limitDescriptors}, {"countSignal", countSignal},
      {"signalCount", signalCount}, {"alarmEvery", alarmEvery},
      {"interruptThread", interruptThread}, {"threadId", threadId}, {"seek", seek},
      {"run", run},
  };
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    napi_value function;
    napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].function, NULL, &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  return exports;
}
