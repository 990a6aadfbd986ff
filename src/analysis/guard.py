"""Run the readers of complicated formats where they can do no harm.

HTML, PDF, DOCX and Parquet are parsed by large libraries, and a file made to harm them can take
all memory, all time, or crash the interpreter. So they run in a second process that may use
`MEMORY` bytes and `SECONDS` for each file and that opens no socket. It is started when first
needed, serves file after file, and is replaced when it had to be stopped.
"""

import atexit
import contextlib
import importlib.util
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from analysis.errors import CandorError
from analysis.readers import shown

SECONDS = 30.0
MEMORY = 3 * 1024**3

# What each format needs, and the extra that brings it.
LIBRARIES = {
    "html": ("trafilatura", "html"),
    "mhtml": ("trafilatura", "html"),
    "pdf": ("pypdf", "pdf"),
    "docx": ("docx", "docx"),
    "parquet": ("pyarrow", "parquet"),
}

# -P and the explicit path: a file called docx.py among the user's sources must not be imported.
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from analysis.formats import serve; serve(int(sys.argv[2]))"
_worker: subprocess.Popen[bytes] | None = None
_lock = threading.Lock()


def convert(kind: str, data: bytes, name: str) -> dict[str, Any]:
    """Convert the bytes of one file in the second process.

    Parameters
    ----------
    kind : {"html", "mhtml", "markdown", "pdf", "docx", "parquet"}
    data : bytes
    name : str
        Of the file, for the error.

    Returns
    -------
    dict
        ``text``, ``title`` and ``note``; or ``records`` for a table.

    Raises
    ------
    CandorError
        If the library is not installed, the file is damaged or protected, or it needs too much
        time or memory.
    """
    module, extra = LIBRARIES.get(kind, ("json", ""))
    if importlib.util.find_spec(module) is None:
        raise CandorError(f'{name}: reading {kind.upper()} needs {module}; pip install ".[{extra}]" in the checkout')
    with _lock:
        answer, timed_out = _ask(kind, data)
    if timed_out:
        raise CandorError(f"{name}: took longer than {SECONDS:.0f} s to read; save it as plain text")
    if answer is None:
        raise CandorError(f"{name}: is damaged, or needs too much memory to read; save it as plain text")
    if "error" in answer:
        raise CandorError(f"{name}: {shown(answer['error'])}")
    return answer


def _ask(kind: str, data: bytes) -> tuple[dict[str, Any] | None, bool]:
    """The worker's answer (None if it died over the file), and whether it was too slow."""
    global _worker
    if _worker is None or _worker.poll() is not None:
        _worker = subprocess.Popen(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-P", "-c", _PROGRAM, str(Path(__file__).resolve().parent.parent), str(MEMORY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # an interrupt at the terminal is ours to handle
        )
    worker = _worker
    late = threading.Event()

    def stop() -> None:
        late.set()
        worker.kill()

    timer = threading.Timer(SECONDS, stop)
    timer.daemon = True
    timer.start()
    answer = b""
    try:
        if worker.stdin and worker.stdout:
            worker.stdin.write(f"{kind} {len(data)}\n".encode())
            worker.stdin.write(data)
            worker.stdin.flush()
            size = worker.stdout.readline()
            answer = worker.stdout.read(int(size)) if size.strip().isdigit() else b""
            whole = size.strip().isdigit() and len(answer) == int(size)
            answer = answer if whole else b""
    except OSError:
        answer = b""
    except BaseException:
        close()  # an interrupt between question and answer would leave the two out of step
        raise
    finally:
        timer.cancel()
    if not answer:
        close()
        return None, late.is_set()
    return json.loads(answer), False


def close() -> None:
    """End the second process, if there is one."""
    global _worker
    worker, _worker = _worker, None
    if worker is None:
        return
    worker.kill()
    for stream in (worker.stdin, worker.stdout):
        if stream:
            with contextlib.suppress(OSError):
                stream.close()
    worker.wait()


atexit.register(close)
