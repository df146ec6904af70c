#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Puts a real MicroPython (unix port, 1.24 or newer) at .micropython/micropython, without root.
#
# A good enough `micropython` on PATH is linked. Otherwise Debian's own package (release trixie) is fetched by apt-get
# into a private folder - signature checked with the installed debian-archive-keyring, mirror taken from this
# machine's apt configuration -, unpacked with dpkg -x and started through the C library that was unpacked with it.
# Nothing outside .micropython is written. A second run finds the interpreter in place and needs no network.
set -eu

SUITE=trixie
PACKAGES="micropython libc6 libffi8 libmbedcrypto16 libmbedtls21 libmbedx509-7"
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
INSTALL_IT="install MicroPython 1.24 or newer (Debian 13 and later: package micropython; macOS: brew install micropython) and run make setup again"

repo=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
target=$repo/.micropython
unpacked='' scratch=''

fail() {
    echo "get_micropython: $*" >&2
    exit 1
}

cleanup() {
    [ -z "$unpacked" ] || rm -rf -- "$unpacked"
    [ -z "$scratch" ] || rm -rf -- "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# True if the interpreter $1 starts, is new enough and has what the virtual token needs.
usable() {
    [ -x "$1" ] && [ "$("$1" -c '
import sys, vfs, cryptolib, hashlib
vfs.VfsLfs2, cryptolib.aes, hashlib.sha256
print("micropython" if sys.implementation.name == "micropython" and sys.implementation.version >= (1, 24) else "old")
' 2>/dev/null </dev/null)" = micropython ]
}

# Moves the finished folder $unpacked to its final name: the only moment at which .micropython appears.
publish() {
    usable "$unpacked/micropython" || fail "the MicroPython $1 does not start here or lacks vfs.VfsLfs2, cryptolib or hashlib; $INSTALL_IT."
    rm -rf -- "$target"
    mv -- "$unpacked" "$target" || usable "$target/micropython" || fail "cannot write $target."
    unpacked=''
    "$target/micropython" -c 'import sys; print("MicroPython %d.%d.%d is in .micropython" % sys.implementation.version[:3])'
}

usable "$target/micropython" && exit 0

unpacked=$(mktemp -d "$repo/.micropython.tmp.XXXXXX")
chmod 755 "$unpacked"

system=$(command -v micropython || true)
if [ -n "$system" ] && usable "$system"; then
    ln -s -- "$system" "$unpacked/micropython"
    publish "on PATH"
    exit 0
fi

for tool in apt-get dpkg gpgv; do
    command -v "$tool" >/dev/null || fail "no MicroPython on PATH and no $tool to fetch Debian's with; $INSTALL_IT."
done
[ -r "$KEYRING" ] || fail "the package debian-archive-keyring is not installed, so Debian's MicroPython cannot be checked; $INSTALL_IT."
arch=$(dpkg --print-architecture)

# apt with everything it writes in a private folder; proxies and the like still come from the machine's configuration.
scratch=$(mktemp -d)
chmod 755 "$scratch"
mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial" "$scratch/debs"
echo '#clear APT::Update;' >"$scratch/apt.conf" # no hooks: they are meant for the system's package lists
private_apt() {
    apt-get -c "$scratch/apt.conf" \
        -o Dir::State::lists="$scratch/lists" \
        -o Dir::State::status=/dev/null \
        -o Dir::Cache="$scratch/cache" \
        -o APT::Architecture="$arch" \
        -o APT::Architectures="$arch" \
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

# The addresses apt would ask here, without their dists/...: one of them is a Debian mirror and carries all releases.
mirrors=$(private_apt update --print-uris 2>/dev/null |
    sed -n "/-security\//d; s|^'\([^' ]*\)/dists/[^' ]*'.*|\1|p" | awk '!seen[$0]++')
[ -n "$mirrors" ] || fail "this machine's apt names no package mirror; $INSTALL_IT."

echo "Fetching Debian's MicroPython ($arch, about 5 MB of packages and 10 MB of package index) ..."
found=''
for mirror in $mirrors; do
    echo "deb [arch=$arch signed-by=$KEYRING] $mirror $SUITE main" >"$scratch/sources.list"
    # shellcheck disable=SC2086  # PACKAGES is a list of words
    if private_trixie -o APT::Update::Error-Mode=any update 2>>"$scratch/log" &&
        (cd "$scratch/debs" && private_trixie download $PACKAGES 2>>"$scratch/log"); then
        found=yes
        break
    fi
done
if [ -z "$found" ]; then
    tail -n 5 "$scratch/log" >&2
    fail "could not fetch Debian's MicroPython from the mirror in this machine's apt configuration (message above); check the network, or $INSTALL_IT."
fi
for deb in "$scratch"/debs/*.deb; do
    dpkg -x "$deb" "$unpacked/root"
done
rm -rf "$unpacked/root/usr/share/locale" "$unpacked/root/usr/lib/locale" "$unpacked/root/usr/lib/"*/gconv

# The wrapper finds its own folder each time, so the checkout may move; exec keeps the pid the interpreter's.
loader=$(cd "$unpacked" && find root -name 'ld-linux*.so*' -type f | head -n 1)
libraries=$(cd "$unpacked" && find root -name 'libc.so.6' | head -n 1)
[ -n "$loader" ] && [ -n "$libraries" ] && [ -x "$unpacked/root/usr/bin/micropython" ] ||
    fail "Debian's MicroPython package for $arch is not laid out as expected; $INSTALL_IT."
cat >"$unpacked/micropython" <<WRAPPER
#!/bin/sh
self=\$(readlink -f -- "\$0")
here=\${self%/*}
exec "\$here/$loader" --argv0 "\$self" --library-path "\$here/${libraries%/*}" "\$here/root/usr/bin/micropython" "\$@"
WRAPPER
chmod 755 "$unpacked/micropython" "$unpacked/$loader"
publish "from Debian"
