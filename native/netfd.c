/*
 * The module: { calls, blockSigpipe, keptCalls, park, parkRef, parkUnref, parkClose, parkLedger }. Registered
 * by symbol, so that every environment (the main thread and each worker) gets functions of its own; nothing
 * is shared.
 */
#include <node_api.h>

#include "calls.h"
#include "kept.h"
#include "park.h"
#include "raw-syscall.h"

/*
 * blockSigpipe(): write(2) to a socket whose peer is gone raises SIGPIPE besides its EPIPE. The runtimes
 * ignore the signal; where it is blocked in this thread, too, not even a handler that the program has set
 * runs for it. See docs/decisions/007-sigpipe.md.
 */
static napi_value block_sigpipe(napi_env env, napi_callback_info info) {
  enum { SIG_BLOCK = 0, SIGPIPE = 13 };
  const uint64_t signals = 1ull << (SIGPIPE - 1);
  struct call call;
  if (!call_begin(&call, env, info, "blockSigpipe")) return NULL;
  return call_result(&call, RAW(__NR_rt_sigprocmask, SIG_BLOCK, &signals, NULL, sizeof signals, 0));
}

NAPI_MODULE_EXPORT int32_t node_api_module_get_api_version_v1(void) { return 8; }

NAPI_MODULE_EXPORT napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value calls, block;
  if (napi_create_object(env, &calls) != napi_ok || !define_calls(env, calls) ||
      napi_set_named_property(env, exports, "calls", calls) != napi_ok ||
      napi_create_function(env, "blockSigpipe", NAPI_AUTO_LENGTH, block_sigpipe, NULL, &block) !=
          napi_ok ||
      napi_set_named_property(env, exports, "blockSigpipe", block) != napi_ok ||
      !define_kept(env, exports) || !define_park(env, exports))
    napi_throw_error(env, NULL, "netfd: the addon could not be initialised");
  return exports;
}
