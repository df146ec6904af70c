# ruff: noqa
"""Corrections to micropython-stdlib-stubs 1.27.0.post2, whose builtins are CPython's. Facts from MicroPython v1.27.0:
py/modbuiltins.c, py/objstr.c (array_bytearray_str_bytes_locals_table), py/objint.c, py/objarray.c, py/objexcept.c; seen so
in MicroPython 1.25 for unix too.
`name: None` hides a method that would be inherited from an abstract base.
"""

from typing import Any

del ascii, breakpoint, copyright, credits, exit, format, license, quit, vars, aiter, anext
del EnvironmentError, IOError
del BlockingIOError, BrokenPipeError, BufferError, ChildProcessError, ConnectionAbortedError, ConnectionError
del ConnectionRefusedError, ConnectionResetError, FileExistsError, FileNotFoundError, FloatingPointError
del InterruptedError, IsADirectoryError, ModuleNotFoundError, NotADirectoryError, PermissionError
del ProcessLookupError, RecursionError, ReferenceError, SystemError, TabError, TimeoutError, UnboundLocalError
del UnicodeDecodeError, UnicodeEncodeError, UnicodeTranslateError
del Warning, BytesWarning, DeprecationWarning, FutureWarning, ImportWarning, PendingDeprecationWarning
del ResourceWarning, RuntimeWarning, SyntaxWarning, UnicodeWarning, UserWarning

# No flush= (mp_builtin_print).
def print(*values: object, sep: str = " ", end: str = "\n", file: Any = ...) -> None: ...

# Of @micropython.viper; names to the compiler, not to the program.
class ptr8:
    def __init__(self, x: Any, /) -> None: ...
    def __getitem__(self, i: int, /) -> int: ...
    def __setitem__(self, i: int, v: int, /) -> None: ...

class ptr16(ptr8): ...
class ptr32(ptr8): ...

class ptr:
    def __init__(self, x: Any, /) -> None: ...

class uint(int): ...

class BaseException:
    del with_traceback

class OSError:
    del strerror, filename, filename2

class int:
    del as_integer_ratio, bit_count, bit_length, conjugate, denominator, imag, numerator, real

    # By position only, and no signed: it is ignored (int_to_bytes).
    def to_bytes(self, length: int, byteorder: str, /) -> bytes: ...
    @classmethod
    def from_bytes(cls, bytes: Any, byteorder: str, /) -> int: ...

class float:
    del as_integer_ratio, conjugate, fromhex, hex, imag, is_integer, real

class str:
    del capitalize, casefold, expandtabs, format_map, isalnum, isascii, isdecimal, isidentifier, isnumeric
    del isprintable, istitle, ljust, maketrans, removeprefix, removesuffix, rjust, swapcase, title, translate, zfill

    # C functions without keywords.
    def encode(self, encoding: str = "utf-8", errors: str = "strict", /) -> bytes: ...
    def split(self, sep: str | None = None, maxsplit: int = -1, /) -> list[str]: ...
    def rsplit(self, sep: str | None = None, maxsplit: int = -1, /) -> list[str]: ...

class bytes:
    del capitalize, expandtabs, isalnum, isascii, istitle, ljust, maketrans, removeprefix, removesuffix, rjust
    del swapcase, title, translate, zfill

    def decode(self, encoding: str = "utf-8", errors: str = "strict", /) -> str: ...
    def hex(self, sep: str | bytes = ..., /) -> str: ...
    def split(self, sep: Any = None, maxsplit: int = -1, /) -> list[bytes]: ...
    def rsplit(self, sep: Any = None, maxsplit: int = -1, /) -> list[bytes]: ...

class bytearray:
    del capitalize, copy, expandtabs, isalnum, isascii, istitle, ljust, maketrans, removeprefix, removesuffix, rjust
    del swapcase, title, translate, zfill
    clear: None
    insert: None
    pop: None
    remove: None
    reverse: None
    # No repetition, nothing can be deleted (array_binary_op, array_subscr).
    del __mul__, __rmul__, __imul__
    __delitem__: None  # type: ignore

    def decode(self, encoding: str = "utf-8", errors: str = "strict", /) -> str: ...
    def hex(self, sep: str | bytes = ..., /) -> str: ...

class memoryview:
    # Only hex(); bytes(m) instead of m.tobytes(). itemsize needs the "everything" level of py/mpconfig.h.
    del c_contiguous, cast, contiguous, f_contiguous, format, itemsize, nbytes, ndim, obj, readonly, release, shape
    del strides, suboffsets, tobytes, tolist, toreadonly
    count: None
    index: None
