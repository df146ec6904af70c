"""Points at which a test may kill the program, as a power cut would."""

import os
import signal

POINTS = ("after-hello", "after-fetch", "before-commit", "after-commit", "after-acknowledge", "before-finish")


def checkpoint(name: str) -> None:
    """Die here, without any clean-up, if BLUETOKEN_KILL_AT names this point."""
    if os.environ.get("BLUETOKEN_KILL_AT") == name:
        # Windows has no SIGKILL; its os.kill ends the process as abruptly with any other number.
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
