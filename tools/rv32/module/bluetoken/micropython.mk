# SPDX-License-Identifier: Apache-2.0
# A user C module of MicroPython's make. The build puts mbedtls's sources beside it, in mbedtls.
BLUETOKEN_DIR := $(USERMOD_DIR)

SRC_USERMOD_C += $(BLUETOKEN_DIR)/rv32.c $(BLUETOKEN_DIR)/token.c
# time.localtime needs it; the port, having no time, does not bring it.
SRC_USERMOD_LIB_C += shared/timeutils/timeutils.c
SRC_USERMOD_LIB_C += $(addprefix $(BLUETOKEN_DIR)/mbedtls/library/, aes.c sha256.c platform_util.c)

CFLAGS_USERMOD += -I$(BLUETOKEN_DIR)/.. -I$(BLUETOKEN_DIR)/mbedtls/include -I$(BLUETOKEN_DIR)/mbedtls/library
CFLAGS_USERMOD += -DMP_CONFIGFILE='"bluetoken/config.h"' -DMBEDTLS_CONFIG_FILE='"bluetoken/mbedtls.h"'

# An interpreter that waits for input shall not cost the host a core: see rv32.c.
LDFLAGS_USERMOD += -Wl,--wrap=uart_rx_chr -Wl,--wrap=uart_init
# A token's cable is the world's, and its start ESP32's: see token.c.
LDFLAGS_USERMOD += -Wl,--wrap=uart_tx_strn -Wl,--wrap=main -Wl,--wrap=gc_collect -Wl,--wrap=mp_hal_set_interrupt_char
