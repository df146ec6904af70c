#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Puts a 32-bit MicroPython for QEMU's RISC-V board, the ESP32-C3's instruction set, at .rv32/firmware.elf, without root.
#
# Debian's source packages of MicroPython and mbedtls (release trixie) are fetched by apt-get into a private folder -
# signatures checked with the installed debian-archive-keyring, mirror taken from this machine's apt configuration -
# and built with the module beside this script. The sources are kept in .rv32/sources, so that a change of the module
# needs no network. Nothing outside .rv32 is written; a second run finds the interpreter in place and does nothing.
#
# RV32_TOOLCHAIN=folder names a folder with an unpacked toolchain: programs in its bin or usr/bin (what `dpkg -x` makes
# of the packages below serves). run.py looks for QEMU there too.
set -eu

SUITE=trixie
SOURCES="micropython mbedtls"
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
TOOLCHAIN="gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc"
COMPILER=riscv64-unknown-elf-
HEAP_BYTES=98304

repo=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
here=$repo/tools/rv32
target=$repo/.rv32
scratch='' new=''

fail() {
    echo "rv32: $*" >&2
    exit 1
}

cleanup() {
    [ -z "$scratch" ] || rm -rf -- "$scratch"
    [ -z "$new" ] || rm -rf -- "$new"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What the interpreter was made from: the stamp of a build says whether another one would differ.
ingredients() {
    (cd "$here" && cat build.sh module/*/* && "${COMPILER}gcc" --version 2>/dev/null) | sha256sum | cut -d ' ' -f 1
}

for folder in "${RV32_TOOLCHAIN:+$RV32_TOOLCHAIN/bin}" "${RV32_TOOLCHAIN:+$RV32_TOOLCHAIN/usr/bin}"; do
    [ -z "$folder" ] || [ ! -d "$folder" ] || PATH=$(CDPATH='' cd -- "$folder" && pwd -P):$PATH
done
export PATH

missing=''
command -v "${COMPILER}gcc" >/dev/null || missing="$missing ${COMPILER}gcc"
command -v qemu-system-riscv32 >/dev/null || missing="$missing qemu-system-riscv32"

# The compiler finds Debian's picolibc by a specs file, which names /usr/lib: of an unpacked one it has to be told.
library=''
if [ -z "$missing" ]; then
    specs=$("${COMPILER}gcc" --print-file-name=picolibc.specs)
    library=${RV32_TOOLCHAIN:+$RV32_TOOLCHAIN/usr}
    [ -n "$library" ] && [ -d "$library/lib/picolibc" ] || library=''
    [ -f "$specs" ] && { [ -n "$library" ] || [ -d /usr/lib/picolibc ]; } || missing=" picolibc"
fi
[ -z "$missing" ] || fail "missing:$missing; install them as root with 'apt-get install $TOOLCHAIN', or name a folder with these packages unpacked in it with RV32_TOOLCHAIN=folder."

[ -f "$target/firmware.elf" ] && [ "$(cat "$target/stamp" 2>/dev/null)" = "$(ingredients)" ] && exit 0

for tool in make cc python3 tar xz bzip2; do
    command -v "$tool" >/dev/null || fail "$tool is needed to build the interpreter; as root: apt-get install build-essential python3 xz-utils bzip2."
done

scratch=$(mktemp -d) # outside of the checkout, whose path may hold spaces, which MicroPython's make does not take
chmod 755 "$scratch"
mkdir -p "$target"

# apt with everything it writes in a private folder; proxies and the like still come from the machine's configuration.
private_apt() {
    apt-get -c "$scratch/apt.conf" \
        -o Dir::State::lists="$scratch/lists" \
        -o Dir::State::status=/dev/null \
        -o Dir::Cache="$scratch/cache" \
        -o APT::Sandbox::User="$(id -un)" \
        -o Debug::NoLocking=1 \
        -o Acquire::Languages=none \
        -o Acquire::Retries=3 \
        -o Acquire::AllowInsecureRepositories=false \
        -o APT::Get::AllowUnauthenticated=false \
        "$@"
}
private_trixie() {
    private_apt -qq -o Dir::Etc::sourcelist="$scratch/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null "$@"
}

fetch() {
    for tool in apt-get gpgv; do
        command -v "$tool" >/dev/null || fail "Debian's sources are fetched with $tool, which is not here: this needs a Debian or a system like it."
    done
    [ -r "$KEYRING" ] || fail "the package debian-archive-keyring is not installed, so Debian's sources cannot be checked."
    mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial" "$scratch/sources"
    echo '#clear APT::Update;' >"$scratch/apt.conf" # no hooks: they are meant for the system's package lists

    # The addresses apt would ask here, without their dists/...: one of them is a Debian mirror and carries all releases.
    mirrors=$(private_apt update --print-uris 2>/dev/null |
        sed -n "/-security\//d; s|^'\([^' ]*\)/dists/[^' ]*'.*|\1|p" | awk '!seen[$0]++')
    [ -n "$mirrors" ] || fail "this machine's apt names no package mirror."

    echo "Fetching Debian's sources of MicroPython and mbedtls (about 12 MB, and 10 MB of package index) ..."
    for mirror in $mirrors; do
        echo "deb-src [signed-by=$KEYRING] $mirror $SUITE main" >"$scratch/sources.list"
        # shellcheck disable=SC2086  # SOURCES is a list of words
        if private_trixie -o APT::Update::Error-Mode=any update 2>>"$scratch/log" &&
            (cd "$scratch/sources" && private_trixie source --download-only $SOURCES 2>>"$scratch/log"); then
            new=$(mktemp -d "$target/.new.XXXXXX")
            mv -- "$scratch/sources"/* "$new"
            rm -rf -- "$target/sources"
            chmod 755 "$new"
            mv -- "$new" "$target/sources"
            new=''
            return
        fi
    done
    tail -n 5 "$scratch/log" >&2
    fail "could not fetch Debian's sources from the mirror in this machine's apt configuration (message above); check the network."
}

# Unpacks the upstream archive of source package $1 into folder $2. Debian's patches concern its own packages only.
unpack() {
    mkdir -p "$2"
    set -- "$2" "$target/sources/$1"_*.orig.tar.*
    [ -f "$2" ] && [ $# -eq 2 ] || fail "$target/sources is not as expected: remove it and run this again."
    tar -xf "$2" -C "$1" --strip-components=1
}

[ -d "$target/sources" ] || fetch
unpack micropython "$scratch/micropython"
mkdir "$scratch/modules"
cp -R "$here/module/bluetoken" "$scratch/modules"
unpack mbedtls "$scratch/modules/bluetoken/mbedtls"

# gcc 12 has no libraries for rv32imac_zicsr: it gets the older name, in which CSR instructions are part of the base set,
# and only the assembler, which does not know that, the newer. Newer compilers take both as well. -O2 is what ESP32 is
# built with. Nothing is frozen, so mpy-cross is not needed.
compiler=${COMPILER}gcc
if [ -n "$library" ]; then
    ln -s -- "$(CDPATH='' cd -- "$library" && pwd -P)" "$scratch/toolchain" # by a name without spaces
    compiler="$compiler -picolibc-prefix=$scratch/toolchain"
fi
echo "Building it ..."
if ! make -C "$scratch/micropython/ports/qemu" -j "$(nproc 2>/dev/null || echo 1)" BOARD=VIRT_RV32 \
    BUILD="$scratch/build" CROSS_COMPILE="$COMPILER" CC="$compiler" USER_C_MODULES="$scratch/modules" FROZEN_MANIFEST= \
    MICROPY_VFS_LFS2=1 MICROPY_HEAP_SIZE="$HEAP_BYTES" RV32_ARCH=rv32imac \
    AFLAGS="-mabi=ilp32 -march=rv32imac_zicsr" CFLAGS_EXTRA="-march=rv32imac -misa-spec=2.2" COPT="-O2 -DNDEBUG" \
    >"$scratch/log" 2>&1; then
    tail -n 20 "$scratch/log" >&2
    fail "the build failed (message above)."
fi
new=$(mktemp "$target/.new.XXXXXX")
cp -- "$scratch/build/firmware.elf" "$new"
chmod 644 "$new"
rm -f -- "$target/stamp" # until the new one is written, what lies there counts as unfinished
mv -- "$new" "$target/firmware.elf"
new=''
ingredients >"$target/stamp"
echo "MicroPython for RV32 is in .rv32"
