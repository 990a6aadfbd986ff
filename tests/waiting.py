"""Waiting for what another process does, no longer than it takes."""

import time
from collections.abc import Callable
from typing import Any


def until(found: Callable[[], Any], seconds: float) -> Any:
    """First true answer of a function that is asked again and again."""
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return answer
