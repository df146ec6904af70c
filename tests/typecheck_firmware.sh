#!/bin/sh
# Type-check the firmware against the MicroPython ESP32 stubs, so that a call which the port does not
# have is an error. Needs .venv with mypy and the stubs (`make setup`); no network.
#   tests/typecheck_firmware.sh                 all of firmware/
#   tests/typecheck_firmware.sh FILE|DIR...     only these (paths from the repository's root)
# Before it believes a silence, it checks tests/stubs/canary: good.py must pass, and bad.py must fail on
# exactly the lines marked "# error".
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd -- "$root"
python=${BLUETOKEN_PYTHON:-$root/.venv/bin/python}
if ! "$python" -c 'import mypy' 2>/dev/null; then
    echo "typecheck_firmware: no mypy in $python; run \`make setup\`" >&2
    exit 2
fi

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' HUP INT TERM
"$python" tests/stub_signatures.py --build "$work/stubs"

# platform = esp32: `if sys.platform == "linux"` is somebody else's code, `== "esp32"` is ours.
# follow_imports = silent: what we check is named on the command line; the stubs' own faults are not ours.
cat >"$work/mypy.ini" <<'INI'
[mypy]
python_version = 3.10
platform = esp32
check_untyped_defs = True
follow_imports = silent
follow_imports_for_stubs = True
explicit_package_bases = True
allow_redefinition = True
warn_unused_ignores = True
warn_redundant_casts = True
show_error_codes = True
pretty = False
color_output = False
INI

check() { # base directory, then what to check
    base=$1
    shift
    MYPYPATH="$root/$base:$work/stubs" "$python" -m mypy --config-file "$work/mypy.ini" \
        --custom-typeshed-dir "$work/stubs" --no-site-packages --cache-dir "$work/cache" "$@"
}

if ! check tests/stubs/canary tests/stubs/canary/good.py >"$work/good" 2>&1; then
    cat "$work/good" >&2
    echo "typecheck_firmware: tests/stubs/canary/good.py must pass; correct tests/stubs/*.pyi" >&2
    exit 2
fi
check tests/stubs/canary tests/stubs/canary/bad.py >"$work/bad" 2>&1 || true
sed -n 's/^tests\/stubs\/canary\/bad\.py:\([0-9]*\):.* error: .*/\1/p' "$work/bad" | sort -nu >"$work/found"
grep -n '# error' tests/stubs/canary/bad.py | cut -d: -f1 >"$work/expected"
if ! diff "$work/expected" "$work/found" >"$work/diff"; then
    cat "$work/bad" "$work/diff" >&2
    echo "typecheck_firmware: mypy does not see what it must see (< marked, > found lines of bad.py)" >&2
    exit 2
fi

[ $# -gt 0 ] || set -- firmware
status=0
find "$@" -name '*.py' -exec "$python" tests/stub_signatures.py --imports {} + || status=1
check firmware "$@" || status=1
exit $status
