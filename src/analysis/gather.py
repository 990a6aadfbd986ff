"""Files as they lie in folders → rows of documents, with what could be guessed of each.

Titles and focal substances that nobody gave are guessed, and the guess is said in the row's note.
"""

import glob
import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from analysis import paths, readers
from analysis.errors import CandorError
from analysis.readers import shown
from analysis.substances import Substances, guess_focal

DOCUMENT_COLUMNS = [
    "document", "title", "focal", "text", "file", "publisher", "url", "retrieved", "sha256", "note",
]  # fmt: skip
ENDINGS = (
    ".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".mhtml", ".mht", ".pdf",
    ".docx", ".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet",
)  # fmt: skip

# In the note of a source whose focal substance or title nobody gave.
GUESSED = "focal substance guessed"
FIRST_LINE = "title from the first line of the text"

Problems = list[tuple[str, str]]  # (document, one line that says what is wrong and what to do)


def scan(
    folder: str | Path,
    focal: str = "",
    progress: Callable[[int, int], object] | None = None,
    substances: pd.DataFrame | None = None,
) -> tuple[list[dict[str, str]], Problems]:
    """Rows of documents for every readable file of a folder, and what could not be read.

    ``file`` is relative to the folder; ``focal`` is "" where none is given and none was found.
    """
    files, problems = find_files(folder)
    finder = None if substances is None else Substances(substances)
    rows: list[dict[str, str]] = []
    taken: set[str] = set()
    for done, path in enumerate(files):
        if progress:
            progress(done, len(files))
        try:
            found = describe(path, focal, taken, finder)
        except CandorError as error:
            problems.append((shown(path.name), str(error)))
            continue
        name = path.relative_to(folder).as_posix()
        rows += [row | {"file": name + row["file"][len(shown(path)) :]} for row in found]
    if progress:
        progress(len(files), len(files))
    return rows, problems


def expand(item: str | Path) -> list[Path]:
    """The paths that a name or pattern stands for."""
    if os.path.lexists(item) or not re.search(r"[*?[]", str(item)):
        return [Path(item)]
    found = sorted(glob.glob(str(item), recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
    if not found:
        raise CandorError(f"{shown(item)}: no file has such a name; check the pattern")
    return [Path(f) for f in found]


def find_files(folder: str | Path) -> tuple[list[Path], Problems]:
    """The files of supported formats under a folder, and those that are left out for a reason.

    Hidden files, office locks (``~$``), the folder's tables and files of other formats are passed over
    in silence; a link that leads out of the folder, and a name that a manifest cannot hold, are
    reported.
    """
    root = Path(folder).resolve()
    found: list[Path] = []
    problems: Problems = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith((".", "_")) and not f.endswith("_files"))
        for name in sorted(names):
            path = Path(place) / name
            if name.startswith((".", "~$")) or path.suffix.lower() not in ENDINGS:
                continue
            if not path.resolve().is_relative_to(root):
                problems.append((shown(name), f"{shown(path)}: is a link out of the folder; copy the file itself in"))
            elif not name.isprintable() or name != name.strip():
                problems.append((shown(name), f"{shown(path)}: has a name that a table cannot hold; rename it"))
            elif path not in (Path(folder) / paths.MANIFEST, Path(folder) / paths.SUBSTANCES):
                found.append(path)
    return found, problems


def describe(
    path: Path | None, focal: str = "", taken: set[str] | None = None, finder: Substances | None = None
) -> list[dict[str, str]]:
    """Rows of documents for one file (None: standard input), focal substance given or guessed.

    ``taken`` holds the ids that are used already, in lower case, and is added to.
    """
    taken = set() if taken is None else taken
    if path is None:
        readings, digest, stem, name = readers.read_stdin(), "", "stdin", "-"
    else:
        data = readers.read_bytes(path)
        name = shown(path)
        readings, digest, stem = readers.parse(data, name), hashlib.sha256(data).hexdigest(), path.stem
    rows = []
    for reading in readings:
        given = reading.fields
        substance, guessed = focal or given.get("focal", ""), ""
        title = reading.title or _first_line(reading.text)
        titled = "" if title == reading.title else FIRST_LINE
        if not substance:
            substance = guess_focal(reading.text[:200_000], title, finder)
            guessed = GUESSED if substance else "focal substance not found: fill it in"
        wished = given.get("document", "") or (f"{stem}-{reading.row}" if reading.row else stem)
        rows.append(
            dict.fromkeys(DOCUMENT_COLUMNS, "") | given | {
                "document": _identifier(wished, taken),
                "title": title,
                "focal": substance,
                "text": reading.text,
                "file": f"{name}#row={reading.row}" if reading.row else name,
                "sha256": digest,
                "note": joined(given.get("note", ""), reading.note, titled, guessed),
            }
        )  # fmt: skip
    return rows


def _first_line(text: str) -> str:
    """The first line where it looks like a title: short, no sentence, and more text after it."""
    first, _, rest = text.lstrip("\ufeff\r\n\t ").partition("\n")
    title = first.strip().lstrip("#").strip()
    short = 0 < len(title) <= 120 and title[-1] not in ".,;:-" and title[0].isalnum()
    return title if short and rest.strip() and title.isprintable() else ""


def _identifier(wished: str, taken: set[str]) -> str:
    """A document id close to what is wished and not yet taken."""
    base = (
        re.sub(r"[\x00-\x1f\x7f-\x9f/\\\u2028\u2029\ud800-\udfff]+", "_", wished).strip().lstrip(".")[:100] or "source"
    )
    identifier, number = base, 1
    while identifier.casefold() in taken:
        number += 1
        identifier = f"{base}-{number}"
    taken.add(identifier.casefold())
    return identifier


def joined(*notes: str) -> str:
    """Notes as one, each once."""
    parts = [part for note in notes for part in note.split("; ") if part]
    return "; ".join(dict.fromkeys(parts))
