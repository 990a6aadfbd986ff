"""A manifest and its files, or loose files, → one row a document.

A corpus is a folder with ``sources.csv`` (columns `COLUMNS`; only `REQUIRED` must be there) and
the files it names. A record of a table of texts is named ``pages.csv#row=3``: the third record,
the header not counted.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from analysis import paths, readers
from analysis.errors import CandorError
from analysis.gather import DOCUMENT_COLUMNS, Problems, describe, expand, find_files, joined, scan
from analysis.output import unescape_formula, write_table
from analysis.readers import Reading, shown
from analysis.substances import Substances, load_substances, own_tables

COLUMNS = ["document", "file", "title", "focal", "publisher", "url", "retrieved", "sha256", "note"]
REQUIRED = ["document", "file", "focal"]
_ROW = re.compile(r"#row=([1-9][0-9]{0,8})$")
_IDENTIFIER = re.compile(r"(?!\.)[^\x00-\x1f\x7f-\x9f/\\\u2028\u2029\ud800-\udfff]{1,120}(?<!\s)")


def load_corpus(path: str | Path = "data") -> pd.DataFrame:
    """Load a corpus and verify every file of it.

    Parameters
    ----------
    path : path to a folder with ``sources.csv``
        ``"data"``, where there is no such folder, means the five documents that come with the
        project.

    Returns
    -------
    DataFrame
        One row a document in the manifest's order: ``document, title, focal, text, file,
        publisher, url, retrieved, sha256, note``. Plain text is decoded as received, its
        newlines untouched; what had to be done to get at a text stands in ``note``.

    Raises
    ------
    CandorError
        For a manifest with an unknown or missing column, a document twice, no focal substance,
        and a file that is missing, empty, outside the folder (links included), not readable as
        text, or other than its sha256 says. The message names the file and the mend.

    Examples
    --------
    >>> documents = load_corpus("data")
    >>> documents["document"].tolist(), set(documents["focal"])
    (['000', '001', '002', '003', '004'], {'kratom'})
    """
    documents, problems = read_corpus(path)
    if problems:
        more = f" (and {len(problems) - 1} more: see candor check)" if len(problems) > 1 else ""
        raise CandorError(problems[0][1] + more)
    return documents


def read_corpus(
    path: str | Path, progress: Callable[[int, int], object] | None = None
) -> tuple[pd.DataFrame, Problems]:
    """Load what can be loaded of a corpus, and list what cannot.

    Parameters
    ----------
    path : path to a folder with ``sources.csv``
    progress : callable, optional
        Called with the number of sources done and their total.

    Returns
    -------
    documents : DataFrame
        As of `load_corpus`, without the sources that failed.
    problems : list of (document, line)
        One a source that failed. A manifest that is itself wrong raises instead.
    """
    folder = paths.corpus_folder(path)
    manifest = read_manifest(folder)
    tables: dict[str, tuple[str, list[Reading]]] = {}
    rows, problems = [], []
    for done, source in enumerate(manifest.to_dict("records")):
        if progress:
            progress(done, len(manifest))
        try:
            rows.append(_load(folder, source, tables))
        except CandorError as error:
            problems.append((source["document"], str(error)))
    if progress:
        progress(len(manifest), len(manifest))
    return pd.DataFrame(rows, columns=DOCUMENT_COLUMNS), problems


def read_manifest(folder: str | Path) -> pd.DataFrame:
    """The rows of ``sources.csv`` as strings, every column of `COLUMNS` there, checked by itself."""
    path = Path(folder) / paths.MANIFEST
    name = shown(path)
    if not Path(folder).is_dir():
        raise CandorError(f"{shown(folder)}: no such folder; name a folder with {paths.MANIFEST}")
    if not path.is_file():
        raise CandorError(f"{name}: is missing; write it with: candor init {shown(folder)}")
    header, rows = readers.read_table(path)
    if unknown := [c for c in header if c not in COLUMNS]:
        raise CandorError(f"{name}: unknown column {shown(unknown[0])!r}; the columns are {', '.join(COLUMNS)}")
    if missing := [c for c in REQUIRED if c not in header]:
        raise CandorError(f"{name}: has no column {missing[0]!r}; add it")
    if len(set(header)) < len(header):
        raise CandorError(f"{name}: has a column twice; keep one of each")
    if not rows:
        raise CandorError(f"{name}: names no source; add a row for each file")
    for line, row in rows:
        # A row that lacks one may lack it in the middle, and its checksum would stand in another column.
        if len(row) < len(header):
            raise CandorError(f"{name}:{line}: has {len(row)} cells, not {len(header)}; write the empty ones, too")
    manifest = pd.DataFrame([row for _, row in rows], columns=header, dtype=str).reindex(columns=COLUMNS, fill_value="")
    manifest = manifest.apply(lambda column: column.map(unescape_formula).str.strip())
    _check_manifest(manifest, name)
    return manifest


def _check_manifest(manifest: pd.DataFrame, name: str) -> None:
    seen: dict[str, str] = {}
    for number, (document, file, focal) in enumerate(manifest[REQUIRED].itertuples(index=False), 1):
        if not _IDENTIFIER.fullmatch(document):
            raise CandorError(
                f"{name}: source {number} has the document id {shown(document)[:60]!r}; "
                "give it a short one without / or \\"
            )
        # Pages are named after documents, and some file systems do not tell case apart.
        if document.casefold() in seen:
            raise CandorError(f"{name}: two sources are called {shown(document)!r}; give each its own document id")
        seen[document.casefold()] = document
        if not file:
            raise CandorError(f"{name}: source {shown(document)!r} names no file; fill in the column file")
        if not focal:
            raise CandorError(f"{name}: source {shown(document)!r} has no focal substance; fill in the column focal")


def _inside(folder: Path, file: str, name: str) -> Path:
    """The path of a manifest's `file`, which must lie in the folder, links followed."""
    if "\0" in file:
        raise CandorError(f"{name}: names a file with a null byte; mend the column file")
    path = folder / file
    try:
        real = path.resolve()
    except (OSError, RuntimeError):  # a link to itself
        raise CandorError(f"{shown(path)}: is a link that leads nowhere; put the file itself there") from None
    if not real.is_relative_to(folder.resolve()):
        raise CandorError(f"{shown(path)}: lies outside {shown(folder)}; copy it into the folder")
    return path


def _load(folder: Path, source: dict[str, str], tables: dict[str, tuple[str, list[Reading]]]) -> dict[str, str]:
    """One row of documents from one row of the manifest."""
    manifest, file = shown(folder / paths.MANIFEST), source["file"]
    match = None if os.path.lexists(folder / file.replace("\0", "")) else _ROW.search(file)
    base = file[: match.start()] if match else file
    path = _inside(folder, base, manifest)
    if base not in tables:
        data = readers.read_bytes(path)
        # One reading of the bytes serves the checksum and the text: a file that changes
        # meanwhile cannot pass with a text other than the one that was verified.
        digest = hashlib.sha256(data).hexdigest()
        found = digest, [] if _differs(source["sha256"], digest) else readers.parse(data, shown(path))
        if match:  # only tables are asked for again
            tables[base] = found
    else:
        found = tables[base]
    digest, readings = found
    if _differs(source["sha256"], digest):
        raise CandorError(
            f"{shown(path)}: is not the file that {manifest} describes (its sha256 differs); "
            "restore it, or write its new sha256 there"
        )
    if match and int(match[1]) > len(readings):
        raise CandorError(f"{shown(path)}: has {len(readings)} records, not {match[1]}; mend the column file")
    if not match and len(readings) > 1:
        raise CandorError(
            f"{shown(path)}: holds {len(readings)} texts; name one with {shown(base)}#row=1, or run candor init"
        )
    reading = readings[int(match[1]) - 1 if match else 0]
    return source | {
        "text": reading.text,
        "title": source["title"] or reading.title,
        "sha256": digest,
        "note": joined(source["note"], reading.note),
    }


def _differs(wanted: str, digest: str) -> bool:
    return wanted != "" and wanted.lower() != digest


def read_documents(
    sources: str | Path | Iterable[str | Path],
    focal: str | None = None,
    progress: Callable[[int, int], object] | None = None,
    substances: pd.DataFrame | None = None,
    left_out: Callable[[str], object] | None = None,
) -> pd.DataFrame:
    """Read loose files, folders, patterns and standard input as documents.

    Parameters
    ----------
    sources : path or paths
        Files, folders (a corpus, or any folder with files of a supported format), patterns such
        as ``pages/*.html``, and ``"-"`` for standard input. A file named twice is read once.
    focal : str, optional
        The focal substance of all; without it a corpus keeps its own, and for loose files it is
        guessed and the guess marked in ``note``.
    progress : callable, optional
        Called with the number of files done and their total.
    substances : DataFrame, optional
        Names among which the focal substance is guessed, as from `named_substances`.
    left_out : callable, optional
        Called with one line for each file of a folder that is not read, such as a link out of it.

    Returns
    -------
    DataFrame
        As of `load_corpus`.

    Raises
    ------
    CandorError
        As `load_corpus`; and for a pattern that finds nothing and a file whose focal substance
        can neither be guessed nor is given.
    """
    named = [sources] if isinstance(sources, str | Path) else list(sources)
    corpora: dict[Path, Path] = {}
    files: list[Path | None] = []
    for item in named:
        if str(item) == "-":
            files.append(None)
            continue
        for path in expand(item):
            folder = paths.corpus_folder(path)
            if (folder / paths.MANIFEST).is_file():
                corpora[folder.resolve()] = folder
            elif folder.is_dir():
                found, problems = find_files(folder)
                if not found:
                    none = f"{shown(folder)}: holds no file of a supported format; put some in"
                    raise CandorError(problems[0][1] if problems else none)
                if left_out:
                    for _, line in problems:
                        left_out(line)
                files += found
            else:
                files.append(path)
    frames = [load_corpus(folder) for folder in corpora.values()]
    finder = None if substances is None else Substances(substances)
    taken = {d.casefold() for frame in frames for d in frame["document"]}
    rows = []
    unique = list({(str(f.resolve()) if f else "-"): f for f in files}.values())
    for done, file in enumerate(unique):
        if progress:
            progress(done, len(unique))
        rows += describe(file, focal or "", taken, finder)
    if progress:
        progress(len(unique), len(unique))
    for row in rows:
        if not row["focal"]:
            raise CandorError(f"{row['file']}: no known substance is named in it; say which with --focal NAME")
    if rows:
        frames.append(pd.DataFrame(rows, columns=DOCUMENT_COLUMNS))
    documents = pd.concat(frames, ignore_index=True)
    if focal:
        documents["focal"] = focal
    repeated = documents["document"][documents["document"].str.casefold().duplicated()]
    if len(repeated):
        raise CandorError(f"{shown(repeated.iloc[0])}: two corpora have a document of this id; score them one by one")
    return documents


def named_substances(sources: str | Path | Iterable[str | Path], extra: str | Path | None = None) -> pd.DataFrame:
    """Names of substances for some sources: the shipped table, the sources' own, and a file of the user's.

    Parameters
    ----------
    sources : path or paths
        Where one is a folder with ``substances.csv``, its rows are added.
    extra : path, optional
        A table whose rows are added last.

    Returns
    -------
    DataFrame
        As of `analysis.substances.load_substances`.

    Raises
    ------
    CandorError
        If a table cannot be read, has other columns or an empty cell.
    """
    named = [sources] if isinstance(sources, str | Path) else sources
    folders = (paths.corpus_folder(path) for item in named if str(item) != "-" for path in expand(item))
    return load_substances([*own_tables(folders), *([extra] if extra else [])])


@contextmanager
def readable_copy(
    source: str | Path,
    focal: str | None = None,
    progress: Callable[[int, int], object] | None = None,
    extra: str | Path | None = None,
) -> Iterator[tuple[Path, Problems]]:
    """A corpus of which every source can be read, for as long as the context lasts.

    Parameters
    ----------
    source : path
        A corpus, a folder of files, or one file.
    focal : str, optional
        Takes the place of the focal substance of every source.
    progress : callable, optional
        Called with the number of sources done and their total.
    extra : path, optional
        A table of substances' names, as of `named_substances`.

    Yields
    ------
    folder : Path
        The corpus itself when all is well with it, or a temporary one with the texts of the
        sources that could be read and its ``substances.csv``.
    problems : list of (document, line)
        Those that could not.

    Raises
    ------
    CandorError
        If nothing can be read.
    """
    folder = paths.corpus_folder(source)
    substances = named_substances(folder, extra)
    if (folder / paths.MANIFEST).is_file():
        documents, problems = read_corpus(folder, progress)
        if not problems and not focal and not extra and documents["file"].str.endswith(".txt").all():
            yield folder, problems
            return
    elif folder.is_dir():
        rows, problems = scan(folder, focal or "", progress, substances)
        documents = pd.DataFrame(rows, columns=DOCUMENT_COLUMNS)
        lost = documents["focal"] == ""
        problems += [
            (r.document, f"{r.file}: no known substance is named in it; say which with --focal NAME")
            for r in documents[lost].itertuples()
        ]
        documents = documents[~lost]
    else:
        documents, problems = read_documents(folder, focal, substances=substances), []
    if documents.empty:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise CandorError(problems[0][1] + more if problems else f"{shown(folder)}: holds no file that can be read")
    if focal:
        documents["focal"] = focal
    with tempfile.TemporaryDirectory(prefix="candor-") as place:
        copy = Path(place) / "corpus"
        copy.mkdir()
        for number, row in enumerate(documents.itertuples()):
            (copy / f"{number:05}.txt").write_bytes(row.text.encode("utf-8", "replace"))
        listed = documents.drop(columns="text")
        listed["note"] = [joined(r.note, f"read from {r.file}") for r in documents.itertuples()]
        listed["file"] = [f"{number:05}.txt" for number in range(len(documents))]
        write_manifest(listed.assign(sha256=""), copy)
        if extra or own_tables([folder]):
            substances.to_csv(copy / paths.SUBSTANCES, index=False)
        yield copy, problems


def write_manifest(rows: pd.DataFrame, folder: str | Path) -> Path:
    """Write ``sources.csv`` into a folder, whole or not at all."""
    target = Path(folder) / paths.MANIFEST
    write_table(rows[COLUMNS], target, "csv")
    return target
