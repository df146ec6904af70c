"""Runs the test functions of one file on MicroPython; also by hand:

    .micropython/micropython tests/firmware/run_on_micropython.py tests/firmware/test_ring.py [function ...]

Of each function it prints what the function printed, then the traceback or the reason where there is one,
then `=== PASS`, `=== FAIL` or `=== SKIP` with its name.
"""

import gc
import sys


def folder_of(path):
    return path[: path.rindex("/")] if "/" in path else "."


if __name__ == "__main__":  # a machine without these folders has its own path, and calls main
    HERE = folder_of(__file__)
    for folder in ("/../../firmware", "/helpers", "/fakes"):
        sys.path.append(HERE + folder)

from skipping import Skip


def main(path, functions):
    sys.path.insert(0, folder_of(path))
    module = __import__(path[path.rfind("/") + 1 : -len(".py")])
    failed = 0
    for function in functions or functions_of(path):
        word = run(getattr(module, function))
        failed += word == "FAIL"
        print("===", word, function)
        gc.collect()
    return 1 if failed else 0


def functions_of(path):
    """Return the names in the order of the file: a module's dict has none."""
    with open(path) as file:
        return [line[4 : line.index("(")] for line in file if line.startswith("def test_")]


def run(function):
    try:
        function()
        return "PASS"
    except Skip as skip:
        print(skip)
        return "SKIP"
    except BaseException as error:
        sys.print_exception(error, sys.stdout)
        return "FAIL"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
