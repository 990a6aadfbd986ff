"""Tables → CSV, JSON Lines, Parquet or the terminal; files appear whole or not at all.

In CSV, a text cell that a spreadsheet would take for a formula (it begins with ``=``, ``+``,
``-``, ``@``, a tab or a line break, or with the full-width forms of those signs) is written
with an apostrophe before it, and a cell that already reads so gets one more; `read_csv` takes
one off again. Numbers are left as they are. Lists, such as the evidence of a unit, are one JSON
string in CSV and Parquet and plain JSON in JSON Lines.
"""

import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from analysis.errors import CandorError
from analysis.readers import shown

if TYPE_CHECKING:
    import pandas as pd

FORMATS = {"csv": ".csv", "jsonl": ".jsonl", "parquet": ".parquet"}
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


def escape_formula(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    Examples
    --------
    >>> escape_formula("=HYPERLINK(1)"), escape_formula("a=b"), escape_formula("'-1")
    ("'=HYPERLINK(1)", 'a=b', "''-1")
    """
    return "'" + cell if _FORMULA.match(cell) else cell


def unescape_formula(cell: str) -> str:
    """Undo `escape_formula`; any other cell stays as it is.

    Examples
    --------
    >>> unescape_formula("'=1+1"), unescape_formula("'tis")
    ('=1+1', "'tis")
    """
    return cell[1:] if _ESCAPED.match(cell) else cell


def format_of(target: str | Path | None, wanted: str | None) -> str:
    """The format that is asked for by name, or by the ending of the file to write."""
    if wanted:
        name = wanted.lower().lstrip(".")
        if name not in FORMATS:
            raise CandorError(f"--format {shown(wanted)}: is unknown; take one of {', '.join(FORMATS)}")
        return name
    if target is None or str(target) == "-":
        return "csv"
    ending = Path(target).suffix.lower()
    for name, known in FORMATS.items():
        if ending == known:
            return name
    raise CandorError(f"{shown(target)}: unknown ending; take .csv, .jsonl or .parquet, or say --format")


def serialise(table: "pd.DataFrame", fmt: str) -> bytes:
    """A table as the bytes of a file in one of `FORMATS`."""
    import pandas as pd

    if fmt == "jsonl":
        lines = (_json({k: _plain(v) for k, v in row.items()}) + "\n" for row in table.to_dict("records"))
        return "".join(lines).encode("utf-8", "replace")
    plain = table.copy()
    for column in plain.columns:
        if plain[column].dtype == object or isinstance(plain[column].dtype, pd.StringDtype):
            cells = [_flat(v) for v in plain[column]]
            plain[column] = [escape_formula(c) if fmt == "csv" and isinstance(c, str) else c for c in cells]
    if fmt == "csv":
        # "\r" alone ends a row for spreadsheets, so text that holds one is quoted by csv itself.
        return plain.to_csv(index=False, lineterminator="\n").encode("utf-8", "replace")
    try:
        buffer = io.BytesIO()
        plain.to_parquet(buffer, index=False)
    except ImportError:
        raise CandorError('Parquet: needs pyarrow; pip install ".[parquet]" in the checkout') from None
    return buffer.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if hasattr(value, "item"):
        value = value.item()
    return None if value != value else value


def _flat(value: Any) -> Any:
    return _json(_plain(value)) if isinstance(value, tuple | list | dict) else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def read_csv(path: str | Path, **dtypes: str) -> "pd.DataFrame":
    """Read a CSV written by `write_table`: ids as text, formulas unescaped, evidence as tuples.

    Parameters
    ----------
    path : path
    **dtypes : str
        Types of further columns, by name.
    """
    import pandas as pd

    table = pd.read_csv(path, dtype={"document": str} | dtypes, keep_default_na=False, na_values=[""])
    for column in table.select_dtypes(include=["object", "string"]).columns:
        table[column] = [unescape_formula(c) if isinstance(c, str) else "" for c in table[column]]
    if "evidence" in table:
        table["evidence"] = [
            tuple(cue | {"codes": tuple(cue["codes"])} for cue in json.loads(c)) for c in table["evidence"]
        ]
    return table


def check_target(target: str | Path) -> None:
    """Refuse to write to a folder, a device, a pipe, and a file in no folder."""
    path = Path(target)
    if path.is_dir():
        raise CandorError(f"{shown(path)}: is a folder; name a file to write")
    if not path.is_file() and (path.exists() or Path(os.path.realpath(path)).is_symlink()):
        raise CandorError(
            f"{shown(path)}: is not a regular file; name one, or write to standard output and redirect it"
        )
    if not path.parent.is_dir():
        raise CandorError(f"{shown(path.parent)}: no such folder; make it first")


@contextmanager
def whole_file(target: str | Path) -> Iterator[IO[bytes]]:
    """Open a file to write that takes its name only when all of it is written.

    An error or interrupt on the way leaves what was there before, and nothing beside it. A link
    stays: the file that it leads to is written.
    """
    temporary = ""
    try:
        check_target(target)
        path = Path(os.path.realpath(target))
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:60]}.", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
        temporary = ""
    except OSError as error:
        raise CandorError(
            f"{shown(target)}: cannot be written ({error.strerror or error}); "
            "check the folder, its rights and the space left"
        ) from None
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)


def write_table(table: "pd.DataFrame", target: str | Path | None = None, fmt: str | None = None) -> None:
    """Write a table to a file, or to standard output.

    Parameters
    ----------
    table : DataFrame
    target : path, optional
        Without it (or with ``"-"``), standard output.
    fmt : {"csv", "jsonl", "parquet"}, optional
        Without it, by the ending of `target`, and CSV for standard output.

    Raises
    ------
    CandorError
        For an unknown format or ending, a missing library and a file that cannot be written.
    """
    data = serialise(table, format_of(target, fmt))
    if target is None or str(target) == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    with whole_file(target) as file:
        file.write(data)
