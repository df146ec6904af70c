// SPDX-License-Identifier: Apache-2.0
// A whole token on QEMU's `virt`: see token.c. All of it answers "no" on a machine that joined no world.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "py/obj.h"

uint64_t rv32_instruction_count(void);

bool token_joined(void);
uint64_t token_ticks_us(void);
uint64_t token_rtc_ns(void);
void token_sleep_us(uint64_t us);
int token_input(void);
void token_print(const char *text, size_t length);
mp_obj_t token_random(size_t count);
size_t token_flash_blocks(void);
void token_program(uint32_t offset, const void *data, size_t length);
void token_erase(uint32_t offset);
