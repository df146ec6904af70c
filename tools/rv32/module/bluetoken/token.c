// SPDX-License-Identifier: Apache-2.0
// A whole token on QEMU's `virt`: its wire to the world of virtual tokens, and what ESP32's main.c does.
//
// The wire is the bus of docs/VIRTUAL.md, each datagram with its length before it, on two pipes that semihosting
// opens; a third pipe is the cable's output. QEMU stands still while a question waits for its answer, so the
// world's time can go on. Between two questions the token's own time goes on by an instruction each 1/160 us, as a
// chip's would that never waits for its flash.
//
// The modules `bluetooth`, `machine` and `esp32` (without its flash) are the same files that stand on the unix port.
// They are no part of what a chip has on its heap: they are loaded into a heap of their own, which is then filled up,
// and what the program gets is HEAP_BYTES.

#include <stdlib.h>
#include <string.h>

#include "py/builtin.h"
#include "py/compile.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stackctrl.h"
#include "shared/readline/readline.h"
#include "shared/runtime/interrupt_char.h"
#include "shared/runtime/pyexec.h"
#include "token.h"

#define HEAP_BYTES (98304)
#define STAND_INS_START ((uint8_t *)0x83000000u)
#define STAND_INS_BYTES (65536)
#define HEAP_START ((uint8_t *)0x83100000u)
#define BLOCK_BYTES (4096) // of flash: no question programs more
#define INSTRUCTIONS_PER_US (160)
#define POLL_TICKS (20000 * INSTRUCTIONS_PER_US / 100) // of the timer: every 20 ms
#define STACK_BYTES (14336) // ESP32's main task has 16 KiB, of which MicroPython keeps 2

enum {
    SLEEP = 'S', POLL = 'P', FLASH = 'F', RANDOM = 'Y', RTC = 'D', RESET = 'R', INFO = 'I', INPUT = 'U', KEYBOARD = 'K',
    HEAP = 'H',
};
#define INTERRUPTED (0x80)
#define SOFT (1)
#define STAY_RAW (0x10)

// Semihosting.

#define SYS_OPEN (0x01)
#define SYS_WRITE (0x05)
#define SYS_READ (0x06)
#define SYS_GET_CMDLINE (0x15)
#define SYS_EXIT (0x18)
#define READ_BINARY (1)
#define WRITE_BINARY (5)

static uint32_t __attribute__((noinline)) semihost(uint32_t operation, const void *arguments) {
    register uint32_t a0 __asm("a0") = operation;
    register const void *a1 __asm("a1") = arguments;
    __asm volatile (
        ".option push\n .option norvc\n .align 4\n"
        "slli zero, zero, 0x1f\n ebreak\n srai zero, zero, 7\n"
        ".option pop"
        : "+r" (a0) : "r" (a1) : "memory");
    return a0;
}

static void end(void) {
    for (;;) {
        semihost(SYS_EXIT, (void *)0x20026); // ADP_Stopped_ApplicationExit
    }
}

static int open_fd(const char *number, uint32_t mode) {
    char path[24] = "/dev/fd/";
    strcat(path, number);
    uint32_t arguments[] = {(uint32_t)path, mode, strlen(path)};
    return semihost(SYS_OPEN, arguments);
}

static void write_all(int fd, const void *data, size_t length) {
    while (length > 0) {
        uint32_t arguments[] = {fd, (uint32_t)data, length};
        size_t left = semihost(SYS_WRITE, arguments);
        if (left >= length) {
            end(); // nobody reads any more
        }
        data = (const uint8_t *)data + length - left;
        length = left;
    }
}

static void read_all(int fd, void *data, size_t length) {
    while (length > 0) {
        uint32_t arguments[] = {fd, (uint32_t)data, length};
        size_t left = semihost(SYS_READ, arguments);
        if (left >= length) {
            end();
        }
        data = (uint8_t *)data + length - left;
        length = left;
    }
}

// Requests and answers.

#define REQUEST_HEAD_BYTES (10)
#define ANSWER_HEAD_BYTES (12)
#define LENGTH_BYTES (2)

static bool joined;
static int request_fd, answer_fd, print_fd;
static uint8_t request[LENGTH_BYTES + REQUEST_HEAD_BYTES + 8 + BLOCK_BYTES];
static uint8_t answer[4096 + 16];
static uint8_t events[4096];
static size_t events_length;
static uint64_t answered_us, answered_at; // the oscillator at the last answer, and the instructions until then
static uint64_t start_us;
static int64_t rtc_us;
static volatile bool busy; // a question is under way, or the handler runs: no time for the timer's
static bool interrupted;

static uint64_t clock_us(void) {
    return answered_us + (rv32_instruction_count() - answered_at) / INSTRUCTIONS_PER_US;
}

static void set_clock_us(uint64_t us) {
    answered_us = us;
    answered_at = rv32_instruction_count();
}

static void put_head(uint8_t *at, size_t length, uint8_t operation, uint64_t now_us) {
    uint16_t total = REQUEST_HEAD_BYTES + length;
    memcpy(at, &total, LENGTH_BYTES);
    at[2] = operation;
    at[3] = 0;
    memcpy(at + 4, &now_us, 8);
}

static void take_head(const uint8_t *at, uint64_t now_us) {
    uint64_t after_us;
    memcpy(&after_us, at + LENGTH_BYTES + 2, 8);
    set_clock_us(after_us > now_us ? after_us : now_us);
    interrupted |= at[LENGTH_BYTES] & INTERRUPTED;
}

// Ask; the result is at *result until the next question. `body` may be in two parts.
static size_t ask(uint8_t operation, const void *body, size_t length, const void *more, size_t more_length,
    const uint8_t **result) {
    bool was_busy = busy;
    busy = true;
    uint64_t now_us = clock_us();
    put_head(request, length + more_length, operation, now_us);
    memcpy(request + LENGTH_BYTES + REQUEST_HEAD_BYTES, body, length);
    memcpy(request + LENGTH_BYTES + REQUEST_HEAD_BYTES + length, more, more_length);
    write_all(request_fd, request, LENGTH_BYTES + REQUEST_HEAD_BYTES + length + more_length);
    read_all(answer_fd, answer, LENGTH_BYTES + ANSWER_HEAD_BYTES);
    uint16_t size, result_length;
    memcpy(&size, answer, 2);
    uint8_t *rest = answer + LENGTH_BYTES + ANSWER_HEAD_BYTES;
    read_all(answer_fd, rest, size - ANSWER_HEAD_BYTES);
    memcpy(&result_length, answer + LENGTH_BYTES + 10, 2);
    take_head(answer, now_us);
    events_length = size - ANSWER_HEAD_BYTES - result_length;
    memcpy(events, rest + result_length, events_length);
    busy = was_busy;
    *result = rest;
    return result_length;
}

// Give the handler what was heard, each at its time. On the chip it runs on another task, where no KeyboardInterrupt
// is raised. It may ask something itself, and the answer to that lies where these have come: they are kept here.
static void dispatch(void) {
    mp_obj_t handler = MP_STATE_VM(token_on_hci);
    uint64_t now_us = clock_us();
    size_t heard_length = events_length;
    uint8_t heard[heard_length + 1];
    memcpy(heard, events, heard_length);
    bool was_busy = busy;
    busy = true;
    for (size_t at = 0; at < heard_length;) {
        uint32_t before_us;
        memcpy(&before_us, heard + at, 4);
        size_t length = heard[at + 4];
        if (handler != MP_OBJ_NULL && handler != mp_const_none) {
            set_clock_us(now_us - before_us);
            mp_call_function_1(handler, mp_obj_new_memoryview('B', length, heard + at + 5));
        }
        at += 5 + length;
    }
    if (heard_length && clock_us() < now_us) {
        set_clock_us(now_us);
    }
    events_length = 0;
    busy = was_busy;
}

static void pass_interrupt_on(void) {
    if (interrupted) {
        interrupted = false;
        mp_sched_keyboard_interrupt();
    }
}

static size_t call(uint8_t operation, const void *body, size_t length, const uint8_t **result) {
    size_t size = ask(operation, body, length, NULL, 0, result);
    pass_interrupt_on();
    return size;
}

// Let the world catch up. It may come between any two instructions, so it has buffers of its own.
static void poll(void) {
    static uint8_t question[LENGTH_BYTES + REQUEST_HEAD_BYTES], told[LENGTH_BYTES + ANSWER_HEAD_BYTES];
    uint64_t now_us = clock_us();
    put_head(question, 0, POLL, now_us);
    write_all(request_fd, question, sizeof(question));
    read_all(answer_fd, told, sizeof(told));
    take_head(told, now_us);
    pass_interrupt_on();
}

// The timer: a program that asks nothing lets the world catch up all the same, and hears of a Ctrl-C.

#define MTIME ((volatile uint32_t *)0x0200bff8u)
#define MTIMECMP ((volatile uint32_t *)0x02004000u)
#define MIE_TIMER (1u << 7)
#define CAUSE_TIMER (0x80000007u)

void mtvec_exception(void);

static void set_timer(void) {
    uint32_t high, low;
    do {
        high = MTIME[1];
        low = MTIME[0];
    } while (high != MTIME[1]);
    uint64_t until = ((uint64_t)high << 32 | low) + POLL_TICKS;
    MTIMECMP[1] = 0xffffffff;
    MTIMECMP[0] = (uint32_t)until;
    MTIMECMP[1] = (uint32_t)(until >> 32);
}

static void __attribute__((interrupt("machine"), aligned(4))) trap(void) {
    uint32_t cause;
    __asm volatile ("csrr %0, mcause" : "=r" (cause));
    if (cause != CAUSE_TIMER) {
        mtvec_exception(); // prints what it was, and ends
    }
    set_timer();
    if (!busy) {
        poll();
    }
}

static void start_timer(void) {
    set_timer();
    __asm volatile ("csrw mtvec, %0\n csrs mie, %1\n csrsi mstatus, 8" : : "r" (trap), "r" (MIE_TIMER) : "memory");
}

// What the rest of the machine asks for.

bool token_joined(void) {
    return joined;
}

uint64_t token_ticks_us(void) {
    return clock_us() - start_us;
}

uint64_t token_rtc_ns(void) {
    return (clock_us() + rtc_us) * 1000;
}

static uint64_t alarm_us;

static void sleep_until(uint64_t until_us, uint8_t kind) {
    while (clock_us() < until_us) {
        uint8_t body[9];
        bool early = 0 < alarm_us && alarm_us < until_us;
        memcpy(body, early ? &alarm_us : &until_us, 8);
        body[8] = kind;
        const uint8_t *told;
        bool woken = false;
        if (!early || clock_us() < alarm_us) {
            woken = ask(SLEEP, body, sizeof(body), NULL, 0, &told) > 0; // by a pin, out of light sleep
            dispatch();
        }
        if (early && clock_us() >= alarm_us) {
            mp_call_function_0(MP_STATE_VM(token_on_alarm));
        }
        pass_interrupt_on();
        mp_handle_pending(true);
        if (woken) {
            return;
        }
    }
}

void token_sleep_us(uint64_t us) {
    sleep_until(clock_us() + us, 0);
}

// Whether 0x03 interrupts. Between the end of one file and the start of the next it still does, or a Ctrl-C that comes
// in that moment would be lost; to the prompt it is a byte.
static bool told_interrupts;

static void tell_interrupts(bool interrupts) {
    if (interrupts != told_interrupts) {
        told_interrupts = interrupts;
        const uint8_t body = interrupts, *nothing;
        call(KEYBOARD, &body, 1, &nothing);
    }
}

void __real_mp_hal_set_interrupt_char(int c);

void __wrap_mp_hal_set_interrupt_char(int c) {
    if (joined && c == CHAR_CTRL_C) {
        tell_interrupts(true);
    }
    __real_mp_hal_set_interrupt_char(c);
}

static uint8_t input[1024];
static size_t input_length, input_at;

int token_input(void) {
    if (input_at == input_length) {
        tell_interrupts(false);
        MP_STATE_MAIN_THREAD(mp_pending_exception) = MP_OBJ_NULL; // too late
        const uint8_t *bytes;
        size_t length = call(INPUT, NULL, 0, &bytes);
        input_length = MIN(length, sizeof(input));
        memcpy(input, bytes, input_length);
        input_at = 0;
    }
    return input[input_at++];
}

void token_print(const char *text, size_t length) {
    busy = true;
    write_all(print_fd, text, length);
    busy = false;
}

mp_obj_t token_random(size_t count) {
    const uint8_t *bytes;
    uint16_t wanted = count;
    size_t length = call(RANDOM, &wanted, 2, &bytes);
    return mp_obj_new_bytes(bytes, length);
}

// Heap: after a collection, what is in use and the longest free stretch, for a world that counts them.

static bool counts_heap;
static size_t stand_ins_bytes;

void __real_gc_collect(void);

void __wrap_gc_collect(void) {
    __real_gc_collect();
    if (!counts_heap || busy) {
        return;
    }
    gc_info_t info;
    gc_info(&info);
    uint32_t body[] = {info.used - stand_ins_bytes, info.max_free * MICROPY_BYTES_PER_GC_BLOCK};
    const uint8_t *nothing;
    call(HEAP, body, sizeof(body), &nothing);
}

// The module `bus`, as port/bus.py has it.

static mp_obj_t bus_call(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t payload = {0};
    if (n_args > 1) {
        mp_get_buffer_raise(args[1], &payload, MP_BUFFER_READ);
    }
    const uint8_t *result;
    size_t length = call(mp_obj_get_int(args[0]), payload.buf, payload.len, &result);
    return mp_obj_new_bytes(result, length);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(bus_call_obj, 1, 2, bus_call);

static uint8_t reset_cause, unique_id[6];

static mp_obj_t bus_chip(void) {
    mp_obj_t items[] = {MP_OBJ_NEW_SMALL_INT(reset_cause), mp_obj_new_bytes(unique_id, sizeof(unique_id))};
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(bus_chip_obj, bus_chip);

static mp_obj_t bus_listen(mp_obj_t on_hci, mp_obj_t on_alarm) {
    MP_STATE_VM(token_on_hci) = on_hci;
    MP_STATE_VM(token_on_alarm) = on_alarm;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(bus_listen_obj, bus_listen);

static mp_obj_t bus_set_alarm(mp_obj_t after_ms) {
    mp_int_t ms = mp_obj_get_int(after_ms);
    alarm_us = ms ? clock_us() + (uint64_t)ms * 1000 : 0;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(bus_set_alarm_obj, bus_set_alarm);

static uint64_t after(mp_int_t ms) {
    return ms < 0 ? (uint64_t)1 << 61 : clock_us() + (uint64_t)ms * 1000;
}

static mp_obj_t bus_sleep_ms(size_t n_args, const mp_obj_t *args) {
    sleep_until(after(mp_obj_get_int(args[0])), n_args > 1 ? mp_obj_get_int(args[1]) : 0);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(bus_sleep_ms_obj, 1, 2, bus_sleep_ms);

static void leave(uint8_t kind, mp_int_t after_ms) {
    uint8_t body[9] = {kind};
    uint64_t until_us = after(after_ms);
    memcpy(body + 1, &until_us, 8);
    const uint8_t *never;
    ask(RESET, body, sizeof(body), NULL, 0, &never);
    end();
}

static mp_obj_t bus_leave(size_t n_args, const mp_obj_t *args) {
    leave(mp_obj_get_int(args[0]), n_args > 1 ? mp_obj_get_int(args[1]) : 0);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(bus_leave_obj, 1, 2, bus_leave);

static mp_obj_t bus_set_rtc(mp_obj_t seconds, mp_obj_t us) {
    rtc_us = (int64_t)mp_obj_get_int(seconds) * 1000000 + mp_obj_get_int(us) - (int64_t)clock_us();
    const uint8_t *nothing;
    call(RTC, &rtc_us, 8, &nothing);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(bus_set_rtc_obj, bus_set_rtc);

// The flash: QEMU has loaded its image; what is programmed and erased the world is told first, which counts, times and
// cuts.

static uint32_t ask_flash(uint8_t operation, uint32_t offset, const void *data, size_t length) {
    uint8_t body[5] = {operation};
    memcpy(body + 1, &offset, 4);
    const uint8_t *result;
    size_t size = ask(FLASH, body, sizeof(body), data, length, &result);
    uint32_t number = 0;
    memcpy(&number, result, MIN(size, sizeof(number)));
    return number;
}

void token_program(uint32_t offset, const void *data, size_t length) {
    for (size_t done = 0; done < length; done += BLOCK_BYTES) {
        ask_flash(1, offset + done, (const uint8_t *)data + done, MIN(length - done, BLOCK_BYTES));
    }
}

void token_erase(uint32_t offset) {
    ask_flash(2, offset, NULL, 0);
}

size_t token_flash_blocks(void) {
    return ask_flash(3, 0, NULL, 0);
}

static const mp_rom_map_elem_t bus_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_bus) },
    { MP_ROM_QSTR(MP_QSTR_call), MP_ROM_PTR(&bus_call_obj) },
    { MP_ROM_QSTR(MP_QSTR_chip), MP_ROM_PTR(&bus_chip_obj) },
    { MP_ROM_QSTR(MP_QSTR_listen), MP_ROM_PTR(&bus_listen_obj) },
    { MP_ROM_QSTR(MP_QSTR_set_alarm), MP_ROM_PTR(&bus_set_alarm_obj) },
    { MP_ROM_QSTR(MP_QSTR_sleep_ms), MP_ROM_PTR(&bus_sleep_ms_obj) },
    { MP_ROM_QSTR(MP_QSTR_leave), MP_ROM_PTR(&bus_leave_obj) },
    { MP_ROM_QSTR(MP_QSTR_set_rtc), MP_ROM_PTR(&bus_set_rtc_obj) },
    { MP_ROM_QSTR(MP_QSTR_HCI), MP_ROM_INT('C') },
    { MP_ROM_QSTR(MP_QSTR_PIN), MP_ROM_INT('G') },
    { MP_ROM_QSTR(MP_QSTR_WAKE), MP_ROM_INT('E') },
    { MP_ROM_QSTR(MP_QSTR_ADC), MP_ROM_INT('A') },
    { MP_ROM_QSTR(MP_QSTR_MEMORY), MP_ROM_INT('M') },
    { MP_ROM_QSTR(MP_QSTR_WATCHDOG), MP_ROM_INT('W') },
};
static MP_DEFINE_CONST_DICT(bus_globals, bus_globals_table);

const mp_obj_module_t bus_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&bus_globals,
};
MP_REGISTER_MODULE(MP_QSTR_bus, bus_module);
MP_REGISTER_ROOT_POINTER(mp_obj_t token_on_hci);
MP_REGISTER_ROOT_POINTER(mp_obj_t token_on_alarm);
MP_REGISTER_ROOT_POINTER(void **token_ballast);

// ESP32's main.c and _boot.py.

static const char LOAD_STAND_INS[] =
    "import rv32, sys, vfs\n"
    "vfs.mount(vfs.VfsRom(rv32.rom()), '/stand-ins')\n"
    "sys.path[:] = ['/stand-ins']\n"
    "import bluetooth, esp32, gatt_client, machine\n"
    "vfs.umount('/stand-ins')\n"
    "sys.path[:] = ['', '.frozen', '/lib']\n"
    "del bluetooth, esp32, gatt_client, machine, rv32\n";

static const char MOUNT[] =
    "import bus, rv32, vfs\n"
    "part = rv32.Flash()\n"
    "try:\n"
    "    fs = vfs.VfsLfs2(part, mtime=False)\n"
    "except OSError:\n"
    "    first = bytearray(64)\n"
    "    part.readblocks(0, first)\n"
    // A new chip: an erased first block is formatted at the first start, as inisetup.py does.
    "    while first != b'\\xff' * 64:\n"
    "        print('The filesystem appears to be corrupted.')\n"
    "        bus.sleep_ms(3000)\n"
    "    vfs.VfsLfs2.mkfs(part)\n"
    "    fs = vfs.VfsLfs2(part, mtime=False)\n"
    "    del first\n"
    "vfs.mount(fs, '/')\n"
    "del bus, fs, part, rv32, sys, vfs\n"
    "import gc\n"
    "gc.collect()\n"
    "del gc\n";

static void run(const char *program, size_t length) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_lexer_t *lexer = mp_lexer_new_from_str_len(MP_QSTR__lt_stdin_gt_, program, length, 0);
        mp_parse_tree_t tree = mp_parse(lexer, MP_PARSE_FILE_INPUT);
        mp_call_function_0(mp_compile(&tree, MP_QSTR__lt_stdin_gt_, false));
        nlr_pop();
    } else {
        mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(nlr.ret_val));
        end();
    }
}

// Take all that is left of the stand-ins' heap, so that nothing of the program finds room there.
static void fill_up(void) {
    for (size_t bytes = STAND_INS_BYTES; bytes >= MICROPY_BYTES_PER_GC_BLOCK; bytes /= 2) {
        void **block;
        while ((block = m_malloc_maybe(bytes)) != NULL) {
            *block = MP_STATE_VM(token_ballast);
            MP_STATE_VM(token_ballast) = block;
        }
    }
    gc_info_t info;
    gc_info(&info);
    stand_ins_bytes = info.used;
}

// Whether QEMU was given the three pipes: "token REQUEST ANSWER PRINT THRESHOLD".
static bool join(int *threshold) {
    static char line[128];
    uint32_t arguments[] = {(uint32_t)line, sizeof(line) - 1};
    if (semihost(SYS_GET_CMDLINE, arguments) != 0) {
        return false;
    }
    const char *words[5];
    size_t count = 0;
    for (char *at = line; *at != 0 && count < 5; count++) {
        words[count] = at;
        at += strcspn(at, " ");
        if (*at != 0) {
            *at++ = 0;
        }
    }
    if (count < 5 || strcmp(words[0], "token") != 0) {
        return false;
    }
    request_fd = open_fd(words[1], WRITE_BINARY);
    answer_fd = open_fd(words[2], READ_BINARY);
    print_fd = open_fd(words[3], WRITE_BINARY);
    *threshold = strtol(words[4], NULL, 10);
    return true;
}

// Returns whether the raw REPL is to be on.
static bool learn(void) {
    const uint8_t *told;
    call(INFO, NULL, 0, &told);
    reset_cause = told[0];
    bool raw = told[1];
    memcpy(&start_us, told + 2, 8);
    memcpy(unique_id, told + 10, sizeof(unique_id));
    call(RTC, NULL, 0, &told);
    memcpy(&rtc_us, told, 8);
    return raw;
}

static void run_files_and_prompts(void) {
    int told = pyexec_file_if_exists("/boot.py");
    if (told & PYEXEC_FORCED_EXIT) {
        return;
    }
    if (pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL && told != 0) {
        if (pyexec_file_if_exists("/main.py") & PYEXEC_FORCED_EXIT) {
            return;
        }
    }
    for (;;) {
        if (pyexec_mode_kind == PYEXEC_MODE_RAW_REPL) {
            if (pyexec_raw_repl() != 0) {
                return;
            }
        } else if (pyexec_friendly_repl() != 0) {
            return;
        }
    }
}

int __real_main(int argc, char **argv);

int __wrap_main(int argc, char **argv) {
    int threshold;
    if (!join(&threshold)) {
        return __real_main(argc, argv);
    }
    joined = true;
    mp_stack_ctrl_init();
    mp_stack_set_limit(STACK_BYTES);
    gc_init(STAND_INS_START, STAND_INS_START + STAND_INS_BYTES);
    mp_init();
    bool raw = learn();
    run(LOAD_STAND_INS, sizeof(LOAD_STAND_INS) - 1);
    gc_collect();
    fill_up();
    gc_add(HEAP_START, HEAP_START + HEAP_BYTES);
    counts_heap = threshold >= 0;
    if (threshold > 0) {
        MP_STATE_MEM(gc_alloc_threshold) = threshold / MICROPY_BYTES_PER_GC_BLOCK;
    }
    start_timer();
    run(MOUNT, sizeof(MOUNT) - 1);
    pyexec_mode_kind = raw ? PYEXEC_MODE_RAW_REPL : PYEXEC_MODE_FRIENDLY_REPL;
    run_files_and_prompts();
    mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
    leave(SOFT | (pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? STAY_RAW : 0), 0);
    return 0;
}
