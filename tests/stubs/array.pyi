# ruff: noqa
"""Corrections to micropython-stdlib-stubs 1.27.0.post2; facts from MicroPython v1.27.0, py/objstr.c (append and extend)
and py/objarray.c.
"""

class array:
    del buffer_info, byteswap, count, frombytes, fromfile, fromlist, fromunicode, index, itemsize, tobytes, tofile
    del tolist, tounicode, typecode
    clear: None
    insert: None
    pop: None
    remove: None
    reverse: None
    del __mul__, __rmul__, __imul__
    __delitem__: None  # type: ignore
