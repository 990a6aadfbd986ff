"""What all tests share: a quiet, reproducible surrounding, no network, and a browser where one is needed."""

import fcntl
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
import matplotlib
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

# Results must not depend on the shell that the tests were started from: its width and colours change what the
# commands print (GITHUB_ACTIONS makes rich colour its output), its backend and corpus what the notebooks show,
# and unbuffered output hides what happens where output cannot be written.
for name in (
    "COLUMNS",
    "LINES",
    "FORCE_COLOR",
    "NO_COLOR",
    "PY_COLORS",
    "GITHUB_ACTIONS",
    "MPLBACKEND",
    "CANDOR_CORPUS",
    "CANDOR_MODEL",
    "PYTHONUNBUFFERED",
):
    os.environ.pop(name, None)
os.environ["TERM"] = "dumb"
matplotlib.use("agg")

# The same examples on every run: a failure found by chance belongs into a test of its own.
hypothesis.settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("repeatable")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCAL_SCHEMES = ("file:", "data:", "blob:", "about:")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python reach nothing beyond this machine."""
    connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def check(host: object) -> None:
        if host not in ("localhost", "127.0.0.1", "::1", "", None):
            raise AssertionError(f"a test tried to reach {host!r} over the network")

    def local_connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            check(address[0])
        connect(self, address)

    def local_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        check(host)
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", local_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", local_connect)
    monkeypatch.setattr(socket, "getaddrinfo", local_getaddrinfo)


@pytest.fixture(autouse=True)
def _closed_figures() -> Iterator[None]:
    """Close the figures that a test opened."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers that are the same on every run."""
    return np.random.default_rng(0)


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], None]) -> Path:
    """A folder that the first of several workers builds, whole or not at all, and the others only read."""
    base = factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with place.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            build(place)
    return place


@pytest.fixture(scope="session")
def five_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Site of the five documents, with the notebooks as they are stored; only to be read."""
    from site_corpora import site_of_five  # type: ignore[import-not-found]  # beside this file

    return built_once(tmp_path_factory, "five-site", site_of_five)


@pytest.fixture(scope="session")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Site of a corpus whose every field tries to act, with notebooks run on it; only to be read."""
    from site_corpora import hostile_site

    return built_once(tmp_path_factory, "hostile-site", hostile_site)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, for the tests of one module.

    While it is open, this process has a running event loop.
    """
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        reason = "no Chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Traffic:
    """What a page did that a reader would not see: errors in its console, and requests beyond its own file."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def traffic() -> Traffic:
    """Record of the console errors and network requests of `page`."""
    return Traffic()


@pytest.fixture
def page(browser: Browser, traffic: Traffic) -> Iterator[Page]:
    """Empty page of a fresh browser profile, recorded in `traffic`."""
    context = browser.new_context()
    page = context.new_page()
    page.on("console", lambda message: traffic.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: traffic.errors.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith(LOCAL_SCHEMES) else traffic.requests.append(request.url),
    )
    yield page
    context.close()
