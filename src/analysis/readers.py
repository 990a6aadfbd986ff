"""One file of a supported format → its text.

What a file is, is told by its first bytes and only then by its name. Plain text is kept as
received; every other format becomes lines that `split_units` knows: a heading on a line of its
own (after ``#`` where it would not be told from a sentence), a list item after ``- ``.

HTML, PDF, DOCX and Parquet are read in a process of its own (`analysis.guard`), which may use
only so much time and memory and no network.
"""

import codecs
import csv
import io
import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from analysis.errors import CandorError

MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 100_000
TEXT_COLUMNS = ("text", "content", "body", "article", "page_text", "full_text")
# Columns of a table of texts that say something about each text, and what we call them.
FIELD_COLUMNS = {
    "document": "document", "id": "document", "title": "title", "headline": "title",
    "focal": "focal", "substance": "focal", "publisher": "publisher", "site": "publisher",
    "url": "url", "link": "url", "retrieved": "retrieved", "note": "note",
}  # fmt: skip

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", ""),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s{0,9}=\s{0,9}[\"']?([\w.:-]{2,40})", re.I)
_HTML = re.compile(
    rb"(?>\s*(?:<!--.{0,2000}?-->|<\?xml[^>]{0,200}>))*+\s*"
    rb"<(?:!doctype\s+html|html|head|body|article|main|div|section|h[1-6]|p|ul|ol|table|title|meta)\b",
    re.I | re.S,
)
# The first bytes of files that people mistake for text, what they are, and the mend.
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "an old or password-protected Office file",
     "save it as .docx without a password"),
    (b"{\\rtf", "an RTF file", "save it as .docx or plain text"),
    (b"\x1f\x8b", "compressed (gzip)", "unpack it first"),
    (b"BZh", "compressed (bzip2)", "unpack it first"),
    (b"\xfd7zXZ", "compressed (xz)", "unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"\x89PNG", "a picture (PNG)", "convert it to text first"),
    (b"\xff\xd8\xff", "a picture (JPEG)", "convert it to text first"),
    (b"GIF8", "a picture (GIF)", "convert it to text first"),
    (b"RIFF", "an audio, video or picture file", "convert it to text first"),
    (b"\x7fELF", "a program", "remove it"),
    (b"MZ\x90", "a program", "remove it"),
    (b"SQLite format 3", "a database", "export its texts as CSV"),
    (b"wOFF", "a font", "remove it"),
    (b"ARROW1", "an Arrow file", "save it as Parquet"),
)  # fmt: skip
_ZIPPED = (
    (b"xl/workbook.xml", "an Excel workbook", "save the sheet as CSV"),
    (b"mimetypeapplication/vnd.oasis", "an OpenDocument file", "save it as .docx"),
    (b"mimetypeapplication/epub", "an e-book", "convert it to text or HTML"),
)


@dataclass(frozen=True)
class Reading:
    """The text of one source, and what its file says about it.

    Attributes
    ----------
    text : str
    title : str
        "" where the file names none.
    note : str
        What was done to get at the text: "converted from windows-1252".
    row : int
        The record of a table that the text comes from, counted from 1; 0 for a whole file.
    fields : dict
        Further columns of that record, by the names of the manifest.
    """

    text: str
    title: str = ""
    note: str = ""
    row: int = 0
    fields: dict[str, str] = field(default_factory=dict)


def shown(name: object) -> str:
    r"""A file's name on one line, safe to print whatever it holds.

    Examples
    --------
    >>> shown("two\nlines.txt")
    'two\\nlines.txt'
    """
    text = os.fsencode(str(name)).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def read_bytes(path: str | Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of one regular file, no more than `limit`.

    Raises
    ------
    CandorError
        For what is missing, not a regular file, not readable, empty or too large.
    """
    name = shown(path)
    try:
        # A pipe that nobody writes to must not block, so look before opening and open unblocked.
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise CandorError(f"{name}: is not a regular file; name a file with text")
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            data = file.read(limit + 1)
    except CandorError:
        raise
    except FileNotFoundError:
        raise CandorError(f"{name}: no such file; check the name") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CandorError(f"{name}: cannot be read ({reason}); check the file and its rights") from None
    return bounded(data, name, limit)


def bounded(data: bytes, name: str, limit: int = MAX_BYTES) -> bytes:
    """`data`, unless it is empty or more than `limit` bytes."""
    if len(data) > limit:
        raise CandorError(f"{name}: is larger than {limit >> 20} MB, the most one source may be; split it")
    if not data.strip(b" \t\r\n\x00"):
        raise CandorError(f"{name}: is empty; put its text in or take it out")
    return data


def kind_of(data: bytes, name: str) -> str:
    """What a file is: text, markdown, html, mhtml, pdf, docx, csv, jsonl or parquet.

    Raises
    ------
    CandorError
        For a format that is none of these, with what it is and what to do.

    Examples
    --------
    >>> kind_of(b"%PDF-1.7 ...", "page.txt"), kind_of(b"<!DOCTYPE html><p>Hi", "page")
    ('pdf', 'html')
    >>> kind_of(b"Kava is a root.", "page.txt"), kind_of(b"# Kava", "page.md")
    ('text', 'markdown')
    """
    head = data[:4096]
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        if b"word/document" in data:
            return "docx"
        for mark, what, mend in _ZIPPED:
            if mark in data:
                raise CandorError(f"{name}: is {what}; {mend}")
        raise CandorError(f"{name}: is a zip archive, or a Word file cut short; unpack or save it again")
    for magic, what, mend in _FOREIGN:
        if head.startswith(magic):
            raise CandorError(f"{name}: is {what}; {mend}")
    ending = Path(name.partition("#")[0]).suffix.lower()
    if head.lstrip()[:13].lower() == b"mime-version:" or b"\nContent-Type: multipart/related" in head:
        return "mhtml"
    plain = head.translate(None, b"\x00").lstrip(b"\xef\xbb\xbf\xff\xfe")
    if _HTML.match(plain):
        return "html"
    if ending in (".md", ".markdown"):
        return "markdown"
    if ending in (".jsonl", ".ndjson", ".json") or (ending != ".txt" and _is_json(plain)):
        return "jsonl"
    if ending in (".csv", ".tsv") or (ending != ".txt" and _delimiter(plain.decode("latin-1"))):
        return "csv"
    return "text"


def _is_json(head: bytes) -> bool:
    return re.match(rb"\s*(?:\[\s*)?\{\s*\"", head) is not None


def decode(data: bytes, name: str, declared: str = "") -> tuple[str, str]:
    """Text from bytes, and a note on how, if it was not plain UTF-8.

    Parameters
    ----------
    data : bytes
    name : str
        Of the file, for the error.
    declared : str
        The encoding that the file itself names, if any; believed if the bytes agree.

    Raises
    ------
    CandorError
        For bytes that are not text in any encoding told apart here.

    Examples
    --------
    >>> decode("it’s safe".encode("cp1252"), "page.txt")
    ('it’s safe', 'converted from windows-1252')
    >>> decode("naïve".encode(), "page.txt")
    ('naïve', '')
    """
    for bom, codec, label in _BOMS:
        if data.startswith(bom):
            text = _strictly(data, codec)
            if text is None:
                raise CandorError(f"{name}: is damaged or cut short ({label or 'UTF-8'}); save it again as UTF-8")
            return _clean(text, name), f"converted from {label}" if label else ""
    if b"\x00" in data[:4096] and len(data) % 2 == 0:
        for codec, zeros in (("utf-16-le", data[1:4096:2]), ("utf-16-be", data[:4096:2])):
            text = _strictly(data, codec) if zeros.count(0) > 0.6 * len(zeros) else None
            if text is not None:
                return _clean(text, name), "converted from UTF-16"
    text = _strictly(data, "utf-8")
    if text is not None:
        return _clean(text, name), ""
    if b"\x00" in data:
        raise CandorError(f"{name}: is not text (null byte at position {data.index(0)}); export its text")
    return _legacy(data, name, declared)


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return None


def _clean(text: str, name: str) -> str:
    """`text`, unless it holds what no text holds."""
    found = _CONTROL.search(text)
    if found and (found.group() == "\0" or len(_CONTROL.findall(text)) > 1 + len(text) // 500):
        raise CandorError(
            f"{name}: is not text (control character {found.group()!r} at position {found.start()}); export its text"
        )
    if not text.strip():
        raise CandorError(f"{name}: is empty; put its text in or take it out")
    return _SURROGATE.sub("\ufffd", text)  # JSON can spell half a character, which no file can hold


def _legacy(data: bytes, name: str, declared: str) -> tuple[str, str]:
    """Text in a code page from before Unicode, or UTF-8 with a few stray or missing bytes."""
    strays: list[bytes] = []

    def western(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        strays.append(error.object[error.start : error.end])
        return strays[-1].decode("cp1252", "replace"), error.end

    codecs.register_error("candor-western", western)
    mixed = data.decode("utf-8", "candor-western")
    wide = sum(c > 0x7F for c in data)
    if len(strays) == 1 and data.endswith(strays[0]) and strays[0][0] >= 0xC2 and len(strays[0]) < 4 and wide > 4:
        return _clean(mixed[: -len(strays[0])], name), "the last character is cut off: the file may be incomplete"
    if sum(map(len, strays)) * 4 <= wide:  # mostly good UTF-8
        return _clean(mixed, name), f"mixed encodings: {len(strays)} bytes read as windows-1252"
    if declared and declared.lower() not in ("utf-8", "utf8"):
        text = _strictly(data, declared)
        if text is not None:
            return _clean(text, name), f"converted from {declared.lower()}"
    text = _strictly(data, "cp1252")
    if text is not None and _looks_western(text):
        return _clean(text, name), "converted from windows-1252"
    guess = _guess_codec(data)
    text = _strictly(data, guess) if guess else None
    if text is None or not _is_wordy(text):
        raise CandorError(f"{name}: is not text in a known encoding; save it as UTF-8")
    return _clean(text, name), f"converted from {guess} (guessed)"


_TYPOGRAPHY = frozenset("‘’“”–—…•·°£€©®™§«»¿¡½¼¾×±²³ªº\xa0\xad†‡‰‹›„‚¢¥¶´¨¸¹¬µ÷¦¤")


def _looks_western(text: str) -> bool:
    """Mostly ASCII, the rest letters and typographic marks."""
    wide = [c for c in text if c > "\x7f"]
    return _is_wordy(text) and len(wide) <= 0.25 * len(text) and all(c.isalpha() or c in _TYPOGRAPHY for c in wide)


def _is_wordy(text: str) -> bool:
    """Whether at least two thirds of the characters are letters, digits or blanks."""
    sample = text[:20_000]
    return sum(c.isalnum() or c.isspace() for c in sample) >= len(sample) * 2 / 3


def _guess_codec(data: bytes) -> str:
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return ""
    best = from_bytes(data[:65_536]).best()
    return best.encoding if best else ""


def _delimiter(text: str) -> str:
    """The delimiter of a table whose first line names a column of texts, or ""."""
    first = text.lstrip("\ufeff").lstrip("\r\n").partition("\n")[0].rstrip("\r")
    for mark in ",;\t|":
        names = [n.strip().strip('"').lower() for n in first.split(mark)]
        if len(names) > 1 and set(names) & set(TEXT_COLUMNS) and all(re.fullmatch(r"[\w .-]{0,40}", n) for n in names):
            return mark
    return ""


def read_source(path: str | Path) -> list[Reading]:
    """Read the source or, from a table of texts, the sources in one file.

    Parameters
    ----------
    path : path to a file of any supported format

    Returns
    -------
    list of Reading
        One, or one a record for CSV, JSON Lines and Parquet.

    Raises
    ------
    CandorError
        For a file that is missing, empty, too large, damaged, protected or of another format.
    """
    return parse(read_bytes(path), shown(path))


def parse(data: bytes, name: str) -> list[Reading]:
    """As `read_source`, of bytes at hand; `name` is used in errors and for its ending."""
    kind = kind_of(data, name)
    if kind == "text":
        text, note = decode(data, name)
        return [Reading(text, note=note)]
    if kind == "jsonl":
        return _records(_json_records(*decode(data, name), name), name)
    if kind == "csv":
        return _records(_csv_records(*decode(data, name), name), name)
    from analysis import guard

    note = ""
    if kind in ("html", "markdown"):
        found = _CHARSET.search(data[:4096])
        text, note = decode(data, name, found[1].decode("ascii") if found else "")
        data = text.encode("utf-8", "replace")
    result = guard.convert(kind, data, name)
    if kind == "parquet":
        return _records(((n, row, "") for n, row in enumerate(result["records"], 1)), name)
    notes = [n for n in (note, result.get("note", "")) if n]
    return [Reading(result["text"], result.get("title", ""), "; ".join(notes))]


def _csv_records(text: str, note: str, name: str) -> Iterator[tuple[int, dict, str]]:
    header, rows = split_table(text, name, _delimiter(text))
    for number, (_, row) in enumerate(rows, 1):
        yield number, dict(zip(header, row + [""] * (len(header) - len(row)), strict=True)), note


def read_table(path: str | Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Read a CSV table in any encoding that `decode` knows; what it gives and raises is that of `split_table`."""
    name = shown(path)
    return split_table(decode(read_bytes(path), name)[0], name)


def split_table(text: str, name: str, mark: str = "") -> tuple[list[str], list[tuple[int, list[str]]]]:
    r"""Split the text of a CSV table into its header and rows; rows of blank cells are left out.

    Parameters
    ----------
    text : str
    name : str
        Of the file, for the error.
    mark : str
        What parts the cells; by default what parts most of them in the first line.

    Returns
    -------
    header : list of str
        Without blanks at the edges.
    rows : list of (int, list of str)
        The line that each row begins in, and its cells: as many as the header has, or fewer.

    Raises
    ------
    CandorError
        For quotes that do not close and a row with more cells than the header; it names the line.

    Examples
    --------
    >>> split_table("substance;name\rzorbitol;zorb\r", "names.csv")
    (['substance', 'name'], [(2, ['zorbitol', 'zorb'])])
    """
    first = text.lstrip("\r\n").replace("\r", "\n").partition("\n")[0]
    mark = mark or max(",;\t|", key=first.count)
    before = csv.field_size_limit(MAX_BYTES)  # a text may well be longer than the module's 128 kB
    table = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    header: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for row in table:
            if header and len(row) > len(header):
                raise CandorError(
                    f"{name}:{line}: has {len(row)} cells, not {len(header)}; quote the cell that holds {mark!r}"
                )
            if not any(cell.strip() for cell in row):
                pass
            elif header:
                rows.append((line, row))
            else:
                header = [cell.strip() for cell in row]
            line = table.line_num + 1
    except csv.Error as error:
        raise CandorError(
            f"{name}:{line}: is not a whole CSV table ({shown(error)}); mend the quotes of this row"
        ) from None
    finally:
        csv.field_size_limit(before)
    return header, rows


def _json_records(text: str, note: str, name: str) -> Iterator[tuple[int, dict, str]]:
    if text.lstrip().startswith("["):
        try:
            lines = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise CandorError(f"{name}: is not JSON ({_reason(error)}); export it again") from None
    else:
        lines = [line for line in text.split("\n") if line.strip()]
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line) if isinstance(line, str) else line
        except (ValueError, RecursionError) as error:
            raise CandorError(f"{name}: record {number} is not JSON ({_reason(error)}); export it again") from None
        if not isinstance(record, dict):
            raise CandorError(f"{name}: record {number} is not an object with a text; write one a line")
        yield number, record, note


def _reason(error: BaseException) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())[:200]


def _records(records: Iterator[tuple[int, dict, str]], name: str) -> list[Reading]:
    """The texts of a table, one a record, with what its other columns say."""
    readings = []
    for number, record, note in records:
        if number > MAX_ROWS:
            raise CandorError(f"{name}: holds more than {MAX_ROWS:,} records; split it")
        names = {str(key).strip().lower(): key for key in record}
        column = next((names[c] for c in TEXT_COLUMNS if c in names), None)
        if column is None:
            listed = ", ".join(shown(n)[:40] for n in list(names)[:8])
            raise CandorError(f"{name}: has no column named text (it has: {listed}); rename the column with the texts")
        text = record[column]
        if not isinstance(text, str) or not text.strip():
            raise CandorError(f"{name}: record {number} has no text; fill it in or take the record out")
        given = {FIELD_COLUMNS[c]: record[k] for c, k in reversed(names.items()) if c in FIELD_COLUMNS}
        fields = {k: str(v) for k, v in given.items() if isinstance(v, str | int) and str(v).strip()}
        readings.append(
            Reading(_clean(text, f"{name}: record {number}"), fields.pop("title", ""), note, number, fields)
        )
    if not readings:
        raise CandorError(f"{name}: holds no record; add one or take it out")
    return readings


def read_stdin() -> list[Reading]:
    """The source or sources on standard input."""
    return parse(bounded(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input"), "standard input")
