// SPDX-License-Identifier: Apache-2.0
// The port's own configuration, and over it what MicroPython on ESP32 has and the port lacks.
// The build names this file in MP_CONFIGFILE, so that nothing of MicroPython's is edited.
#include <mpconfigport.h>

// Object sizes and instruction counts are an ESP32-C3's only with ESP32's choices.
#define MICROPY_OPT_COMPUTED_GOTO (1)
#define MICROPY_GC_SPLIT_HEAP (1)
#define MICROPY_STREAMS_POSIX_API (1)
#define MICROPY_ALLOC_PATH_MAX (128)
#define MICROPY_SCHEDULER_DEPTH (8)

#undef MICROPY_PY_SYS_STDIO_BUFFER
#define MICROPY_PY_SYS_STDIO_BUFFER (1)
#define MICROPY_PY_OS_SYNC (1)
#define MICROPY_PY_OS_UNAME (1)
#define MICROPY_PY_OS_URANDOM (1)
#define MICROPY_PY_OS_INCLUDEFILE "bluetoken/urandom.h"

#undef MICROPY_PY_TIME
#define MICROPY_PY_TIME (1)
#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS (1)
#define MICROPY_PY_TIME_INCLUDEFILE "bluetoken/time.h"

#define MICROPY_PY_CRYPTOLIB (1)
#define MICROPY_PY_HASHLIB (1)
#define MICROPY_PY_HASHLIB_SHA256 (1)
#define MICROPY_SSL_MBEDTLS (1)
