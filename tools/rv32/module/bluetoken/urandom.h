// SPDX-License-Identifier: Apache-2.0
// Included by extmod/modos.c: os.urandom. The machine has no source of randomness and wants none: counts shall be the
// same in every run, so this is xorshift32 from a fixed seed. Nothing that is to stay secret may be made here. A token
// asks its world.
#include "bluetoken/token.h"

static mp_obj_t mp_os_urandom(mp_obj_t num) {
    static uint32_t state = 0x2545f491;
    mp_int_t n = mp_obj_get_int(num);
    if (token_joined()) {
        return token_random(n);
    }
    vstr_t vstr;
    vstr_init_len(&vstr, n);
    for (mp_int_t i = 0; i < n; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        vstr.buf[i] = state >> 24;
    }
    return mp_obj_new_bytes_from_vstr(&vstr);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mp_os_urandom_obj, mp_os_urandom);
