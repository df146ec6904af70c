"""Keeps the token alive: whatever is raised is logged, counted and survived.

After a few crashes in a row a restart helps nobody. Then the token waits for the cable, with its
light on, rather than loop where no host can reach it.
"""

import os
import sys
import time

from . import power, settings
from .board import Board

CRASH_LOG = "/crash.log"
_LOG_LIMIT_BYTES = 2048
CRASHES_IN_A_ROW = 5


def run():
    """Run the application until Ctrl-C; never returns otherwise."""
    if power.hung():
        power.retain(crashes=power.retained().crashes + 1)
        log("the watchdog ended the last run")
    board = Board()
    told = settings.load()
    try:
        power.watch()
        if told is None or power.retained().crashes >= CRASHES_IN_A_ROW:
            wait_for_desk(board)
        run_app(board, told)
    except Exception as error:
        crashes = power.retained().crashes + 1
        power.retain(crashes=crashes)
        log(error, crashes)
        power.restart()
    finally:
        # Ctrl-C: from here on nobody feeds the watchdog.
        power.watch(power.DESK_WATCHDOG_MS)
        # Here, where the application's frames are gone: what lies in one of them is not collected.
        forget()


def forget():
    """Overwrite what the application has left in memory."""
    # Imported late: its place is the application's until then.
    from .scrub import free_memory

    free_memory()


def run_app(board, told):
    # Imported late: a token that waits for the desk needs none of it.
    from .app import App

    app = App(board, told)
    try:
        app.run()
    finally:
        app.close()


def wait_for_desk(board):
    """Blink and keep the cable alive, for ever."""
    # Imported late: a token at work has no room to spare until it has begun its segment.
    from .indicator import Indicator
    from .signs import WAITING

    indicator = Indicator(board)
    while True:
        indicator.show(WAITING)
        power.feed()
        time.sleep_ms(2000)


def log(error, crashes=0):
    """Append to the crash log, which keeps its newest half when it is full."""
    try:
        if os.stat(CRASH_LOG)[6] > _LOG_LIMIT_BYTES:
            with open(CRASH_LOG) as file:
                text = file.read()
            with open(CRASH_LOG + ".new", "w") as file:
                file.write(text[len(text) // 2 :])
            os.rename(CRASH_LOG + ".new", CRASH_LOG)
    except OSError:
        pass
    try:
        with open(CRASH_LOG, "a") as file:
            file.write("crash %d at %d:\n" % (crashes, time.time()))
            if isinstance(error, Exception):
                sys.print_exception(error, file)
            else:
                file.write(error + "\n")
    except OSError:
        pass
