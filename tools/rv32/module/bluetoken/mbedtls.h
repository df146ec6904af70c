// SPDX-License-Identifier: Apache-2.0
// All of mbedtls that cryptolib.aes and hashlib.sha256 need. Tables in ROM, as ESP-IDF keeps them.
#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_CIPHER_MODE_CBC
#define MBEDTLS_CIPHER_MODE_CTR
#define MBEDTLS_SHA256_C
