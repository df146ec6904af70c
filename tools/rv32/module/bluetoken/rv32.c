// SPDX-License-Identifier: Apache-2.0
// What QEMU's RISC-V board `virt` lacks to stand in for an ESP32-C3: a clock, a flash, a way to count instructions.
//
// QEMU's `virt` has RAM to spare, so what is not the interpreter's lies far behind it, and MicroPython's heap stays
// the size that the build gave it:
//     0x81000000  16 MiB  a ROMFS image that run.py has QEMU load before the start
//     0x82000000  16 MiB  flash: rv32.Flash, and rv32.memory for the flash that a test simulates
//     0x83000000  16 MiB  more heap, for those who ask for it

#include <string.h>

#include "py/gc.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/objarray.h"
#include "py/runtime.h"
#include "extmod/vfs.h"
#include "token.h"
#include "uart.h"

#define AREA_BYTES (0x1000000u)
#define ROM_START ((uint8_t *)0x81000000u)
#define FLASH_START ((uint8_t *)0x82000000u)
#define HEAP_START ((uint8_t *)0x83000000u)
#define BLOCK_BYTES (4096)

// Clock: the CLINT's timer, 10 MHz. With `-icount shift=0` it is the number of instructions in hundreds. A token's is
// the world's instead (token.c).

#define MTIME ((volatile uint32_t *)0x0200bff8u)
#define MTIMECMP ((volatile uint32_t *)0x02004000u)
#define TICKS_PER_US (10)

static uint64_t timer(void) {
    uint32_t high, low;
    do {
        high = MTIME[1];
        low = MTIME[0];
    } while (high != MTIME[1]);
    return (uint64_t)high << 32 | low;
}

static uint64_t ticks_us(void) {
    return token_joined() ? token_ticks_us() : timer() / TICKS_PER_US;
}

mp_uint_t mp_hal_ticks_us(void) {
    return ticks_us();
}

mp_uint_t mp_hal_ticks_ms(void) {
    return ticks_us() / 1000;
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return timer();
}

uint64_t mp_hal_time_ns(void) {
    return token_joined() ? token_rtc_ns() : timer() * (1000 / TICKS_PER_US);
}

void mp_hal_delay_us(mp_uint_t us) {
    if (token_joined()) {
        token_sleep_us(us);
        return;
    }
    uint64_t until = timer() + (uint64_t)us * TICKS_PER_US;
    while (timer() < until) {
        mp_handle_pending(true);
    }
}

void mp_hal_delay_ms(mp_uint_t ms) {
    if (token_joined()) {
        token_sleep_us((uint64_t)ms * 1000);
        return;
    }
    while (ms--) {
        mp_hal_delay_us(1000);
    }
}

// Input: the port asks the UART for ever. After some time without a byte the processor sleeps for a millisecond at a
// time; `wfi` wakes for a pending interrupt that is not enabled as well, so no handler is needed.

#define UART_FIFO_CONTROL (*(volatile uint8_t *)0x10000002u)
#define POLLS_BEFORE_SLEEP (20000)
#define MIE_TIMER (1u << 7)
#define MSTATUS_INTERRUPTS (1u << 3)

void __real_uart_init(void);
int __real_uart_rx_chr(void);

void __wrap_uart_init(void) {
    __real_uart_init();
    UART_FIFO_CONTROL = 1; // sixteen bytes instead of one
}

void __real_uart_tx_strn(const char *text, size_t length);

void __wrap_uart_tx_strn(const char *text, size_t length) {
    if (token_joined()) {
        token_print(text, length);
    } else {
        __real_uart_tx_strn(text, length);
    }
}

int __wrap_uart_rx_chr(void) {
    static unsigned polls;
    if (token_joined()) {
        return token_input();
    }
    int c = __real_uart_rx_chr();
    if (c != UART_RX_NO_CHAR) {
        polls = 0;
    } else if (++polls > POLLS_BEFORE_SLEEP) {
        uint64_t until = timer() + 1000 * TICKS_PER_US;
        __asm volatile ("csrc mstatus, %0" : : "r" (MSTATUS_INTERRUPTS));
        MTIMECMP[1] = 0xffffffff;
        MTIMECMP[0] = (uint32_t)until;
        MTIMECMP[1] = (uint32_t)(until >> 32);
        __asm volatile ("csrs mie, %0\n wfi\n csrc mie, %0" : : "r" (MIE_TIMER) : "memory");
    }
    return c;
}

// How many instructions have been executed, to the instruction. QEMU answers `minstret` from -icount's counter.
uint64_t rv32_instruction_count(void) {
    uint32_t high, low, again;
    do {
        __asm volatile ("csrr %0, minstreth\n csrr %1, minstret\n csrr %2, minstreth"
                        : "=r" (high), "=r" (low), "=r" (again));
    } while (high != again);
    return (uint64_t)high << 32 | low;
}

static mp_obj_t rv32_instructions(void) {
    return mp_obj_new_int_from_ull(rv32_instruction_count());
}
static MP_DEFINE_CONST_FUN_OBJ_0(rv32_instructions_obj, rv32_instructions);

// count(f, n, *args): the instructions of n calls f(*args), made from C as a Bluetooth stack makes them.
static mp_obj_t rv32_count(size_t n_args, const mp_obj_t *args) {
    mp_int_t n = mp_obj_get_int(args[1]);
    uint32_t before, after;
    __asm volatile ("csrr %0, minstret" : "=r" (before) : : "memory");
    while (n-- > 0) {
        mp_call_function_n_kw(args[0], n_args - 2, 0, args + 2);
    }
    __asm volatile ("csrr %0, minstret" : "=r" (after) : : "memory");
    return mp_obj_new_int_from_uint(after - before);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR(rv32_count_obj, 2, rv32_count);

static size_t checked(mp_obj_t size, size_t limit) {
    mp_int_t bytes = mp_obj_get_int(size);
    if (bytes <= 0 || (size_t)bytes > limit) {
        mp_raise_ValueError(MP_ERROR_TEXT("size"));
    }
    return bytes;
}

// rom(): the ROMFS image, for vfs.VfsRom.
static mp_obj_t rv32_rom(void) {
    return mp_obj_new_memoryview('B', AREA_BYTES, ROM_START);
}
static MP_DEFINE_CONST_FUN_OBJ_0(rv32_rom_obj, rv32_rom);

// memory(n): n bytes 0xff, as a bytearray that takes no heap. There is one such memory: the next call reuses it.
static mp_obj_t rv32_memory(mp_obj_t size) {
    size_t bytes = checked(size, AREA_BYTES / 2);
    memset(FLASH_START + AREA_BYTES / 2, 0xff, bytes);
    return mp_obj_new_bytearray_by_ref(bytes, FLASH_START + AREA_BYTES / 2);
}
static MP_DEFINE_CONST_FUN_OBJ_1(rv32_memory_obj, rv32_memory);

// add_heap(n): the heap becomes n bytes larger; for what a test needs and a token does not.
static mp_obj_t rv32_add_heap(mp_obj_t size) {
    static size_t given;
    size_t bytes = checked(size, AREA_BYTES - given);
    gc_add(HEAP_START + given, HEAP_START + given + bytes);
    given += bytes;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(rv32_add_heap_obj, rv32_add_heap);

// Flash(blocks): a block device for littlefs in C, as ESP32's partition is one, but without the time that flash takes.
// `programmed` and `erased` count bytes and blocks. There is one such flash, empty at the start. A token's is as large as
// the world says, holds what QEMU loaded, and the world hears first of what is changed.

typedef struct {
    mp_obj_base_t base;
    size_t blocks;
    size_t programmed;
    size_t erased;
} flash_obj_t;

static mp_obj_t flash_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    bool tokens = token_joined();
    mp_arg_check_num(n_args, n_kw, !tokens, !tokens, false);
    flash_obj_t *self = mp_obj_malloc(flash_obj_t, type);
    self->blocks = tokens ? token_flash_blocks() : (size_t)mp_obj_get_int(args[0]);
    self->programmed = self->erased = 0;
    if (self->blocks == 0 || self->blocks > AREA_BYTES / 2 / BLOCK_BYTES) {
        mp_raise_ValueError(MP_ERROR_TEXT("blocks"));
    }
    if (!tokens) {
        memset(FLASH_START, 0xff, self->blocks * BLOCK_BYTES);
    }
    return MP_OBJ_FROM_PTR(self);
}

// The place of a transfer, whose buffer must lie within the flash.
static uint8_t *place(size_t n_args, const mp_obj_t *args, mp_buffer_info_t *buffer, mp_uint_t flags) {
    flash_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    mp_get_buffer_raise(args[2], buffer, flags);
    size_t start = mp_obj_get_int(args[1]) * BLOCK_BYTES + (n_args > 3 ? mp_obj_get_int(args[3]) : 0);
    if (start + buffer->len > self->blocks * BLOCK_BYTES) {
        mp_raise_OSError(MP_EIO);
    }
    return FLASH_START + start;
}

static mp_obj_t flash_readblocks(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t buffer;
    uint8_t *from = place(n_args, args, &buffer, MP_BUFFER_WRITE);
    memcpy(buffer.buf, from, buffer.len);
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_readblocks_obj, 3, 4, flash_readblocks);

static mp_obj_t flash_writeblocks(size_t n_args, const mp_obj_t *args) {
    flash_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    mp_buffer_info_t buffer;
    uint8_t *to = place(n_args, args, &buffer, MP_BUFFER_READ);
    if (token_joined()) {
        token_program(to - FLASH_START, buffer.buf, buffer.len);
    }
    for (size_t i = 0; i < buffer.len; i++) {
        to[i] &= ((uint8_t *)buffer.buf)[i];
    }
    self->programmed += buffer.len;
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_writeblocks_obj, 3, 4, flash_writeblocks);

static mp_obj_t flash_ioctl(mp_obj_t self_in, mp_obj_t operation, mp_obj_t argument) {
    flash_obj_t *self = MP_OBJ_TO_PTR(self_in);
    switch (mp_obj_get_int(operation)) {
        case MP_BLOCKDEV_IOCTL_BLOCK_COUNT:
            return MP_OBJ_NEW_SMALL_INT(self->blocks);
        case MP_BLOCKDEV_IOCTL_BLOCK_SIZE:
            return MP_OBJ_NEW_SMALL_INT(BLOCK_BYTES);
        case MP_BLOCKDEV_IOCTL_BLOCK_ERASE: {
            size_t block = mp_obj_get_int(argument);
            if (block >= self->blocks) {
                return MP_OBJ_NEW_SMALL_INT(-MP_EIO);
            }
            if (token_joined()) {
                token_erase(block * BLOCK_BYTES);
            }
            memset(FLASH_START + block * BLOCK_BYTES, 0xff, BLOCK_BYTES);
            self->erased++;
        }
    }
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_3(flash_ioctl_obj, flash_ioctl);

static mp_obj_t flash_programmed(mp_obj_t self_in) {
    return mp_obj_new_int_from_uint(((flash_obj_t *)MP_OBJ_TO_PTR(self_in))->programmed);
}
static MP_DEFINE_CONST_FUN_OBJ_1(flash_programmed_obj, flash_programmed);

static mp_obj_t flash_erased(mp_obj_t self_in) {
    return mp_obj_new_int_from_uint(((flash_obj_t *)MP_OBJ_TO_PTR(self_in))->erased);
}
static MP_DEFINE_CONST_FUN_OBJ_1(flash_erased_obj, flash_erased);

static const mp_rom_map_elem_t flash_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_readblocks), MP_ROM_PTR(&flash_readblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_writeblocks), MP_ROM_PTR(&flash_writeblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&flash_ioctl_obj) },
    { MP_ROM_QSTR(MP_QSTR_programmed), MP_ROM_PTR(&flash_programmed_obj) },
    { MP_ROM_QSTR(MP_QSTR_erased), MP_ROM_PTR(&flash_erased_obj) },
};
static MP_DEFINE_CONST_DICT(flash_locals, flash_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(flash_type, MP_QSTR_Flash, MP_TYPE_FLAG_NONE, make_new, flash_make_new,
    locals_dict, &flash_locals);

static const mp_rom_map_elem_t rv32_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_rv32) },
    { MP_ROM_QSTR(MP_QSTR_instructions), MP_ROM_PTR(&rv32_instructions_obj) },
    { MP_ROM_QSTR(MP_QSTR_count), MP_ROM_PTR(&rv32_count_obj) },
    { MP_ROM_QSTR(MP_QSTR_rom), MP_ROM_PTR(&rv32_rom_obj) },
    { MP_ROM_QSTR(MP_QSTR_memory), MP_ROM_PTR(&rv32_memory_obj) },
    { MP_ROM_QSTR(MP_QSTR_add_heap), MP_ROM_PTR(&rv32_add_heap_obj) },
    { MP_ROM_QSTR(MP_QSTR_Flash), MP_ROM_PTR(&flash_type) },
};
static MP_DEFINE_CONST_DICT(rv32_globals, rv32_globals_table);

const mp_obj_module_t rv32_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&rv32_globals,
};
MP_REGISTER_MODULE(MP_QSTR_rv32, rv32_module);
