/*
 * The module: { calls, park, parkRef, parkUnref, parkClose }. Registered by symbol, so that every
 * environment (the main thread and each worker) gets functions of its own; nothing is shared.
 */
#include <node_api.h>

#include "calls.h"
#include "park.h"

NAPI_MODULE_EXPORT int32_t node_api_module_get_api_version_v1(void) { return 8; }

NAPI_MODULE_EXPORT napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value calls;
  if (napi_create_object(env, &calls) != napi_ok || !define_calls(env, calls) ||
      napi_set_named_property(env, exports, "calls", calls) != napi_ok ||
      !define_park(env, exports))
    napi_throw_error(env, NULL, "netfd: the addon could not be initialised");
  return exports;
}
