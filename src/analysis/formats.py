"""Bytes of one format → text, in the process that `analysis.guard` starts.

Every reader takes bytes and gives a dict with ``text``, ``title`` and ``note``, or ``records`` for
a table of texts; an error that the user can mend is a `CandorError` without the file's name.
"""

import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

from analysis.errors import CandorError
from analysis.html_text import html
from analysis.lines import Line, short, to_text
from analysis.pdf_text import pdf

MAX_UNPACKED = 256 * 1024 * 1024


def mhtml(data: bytes) -> dict[str, Any]:
    """Read the page in a web archive, as browsers save it."""
    import email
    from email import policy

    from analysis.readers import decode

    message = email.message_from_bytes(data, policy=policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            body = part.get_payload(decode=True)
            text, note = decode(body if isinstance(body, bytes) else b"", "page", part.get_content_charset("") or "")
            result = html(text.encode())
            return result | {"note": "; ".join(n for n in (note, result["note"]) if n)}
    raise CandorError("is a web archive without a page in it; save the page again as HTML")


# Markdown


def markdown(data: bytes) -> dict[str, Any]:
    """Read Markdown: marks taken away, headings and items kept; the title from its first lines."""
    from markdown_it import MarkdownIt

    text = data.decode("utf-8").replace("\r\n", "\n")
    title = ""
    if text.startswith("---\n"):
        front, found, rest = text[4:].partition("\n---\n")
        if found:
            text = rest
            named = re.search(r"^title:[ \t]*(.{1,300})$", front, re.M)
            title = named[1].strip().strip("\"'") if named else ""
    lines = list(_markdown_lines(MarkdownIt("commonmark").enable("table").parse(text)))
    title = title or next((t for k, t in lines if k == "heading"), "")
    found_text = to_text(iter(lines))
    if not found_text:
        raise CandorError("holds no text besides its marks; put some in")
    return {"text": found_text, "title": title, "note": ""}


def _markdown_lines(tokens: list[Any]) -> Iterator[Line]:
    kinds = ["prose"]
    opens = {"heading_open": "heading", "list_item_open": "item", "td_open": "item", "th_open": "item"}
    closes = {name.replace("_open", "_close") for name in opens}
    for token in tokens:
        if token.type in opens:
            kinds.append(opens[token.type])
        elif token.type in closes:
            kinds.pop()
        elif token.type == "inline":
            parts = [""]
            for child in token.children or ():
                if child.type in ("text", "code_inline"):
                    parts[-1] += child.content
                elif child.type == "softbreak":
                    parts[-1] += " "
                elif child.type == "hardbreak":
                    parts.append("")
            yield from ((kinds[-1], part) for part in parts)
        elif token.type in ("fence", "code_block"):
            yield from (("prose", line) for line in token.content.splitlines())
        elif token.type == "html_block" and not re.match(r"\s*<(?:script|style)\b", token.content, re.I):
            bare = re.sub(r"<!--.*?(?:-->|\Z)|<[^<>]*>", " ", token.content, flags=re.S)
            yield from (("prose", line) for line in bare.splitlines())


# Word

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def docx(data: bytes) -> dict[str, Any]:
    """Read a Word document: headings by style, items by list or style, table cells as items."""
    import zipfile

    import docx as word

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise CandorError("is cut short or damaged; save it again") from error
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise CandorError(f"unpacks to more than {MAX_UNPACKED >> 20} MB; save its text as plain text")
    if any(entry.flag_bits & 1 for entry in entries):
        raise CandorError("is protected by a password; save a copy without")
    document = word.Document(io.BytesIO(data))
    names = {style.style_id: str(style.name or "").lower() for style in document.styles}
    text = to_text(_word_lines(document.element.body, names))
    if not text:
        raise CandorError("holds no text (only pictures?); put some in")
    title = str(document.core_properties.title or "")
    return {"text": text, "title": " ".join(title.split())[:300], "note": ""}


def _word_lines(body: Any, names: dict[str, str]) -> Iterator[Line]:
    """Paragraphs in reading order, with text that was inserted under review and without what was struck."""
    kind = "prose"
    pieces: list[str] = []
    skip: Any = None
    cells = 0
    from lxml import etree

    for event, element in etree.iterwalk(body, events=("start", "end")):
        tag = element.tag
        if skip is not None:
            skip = None if event == "end" and element is skip else skip
        elif event == "start" and tag in (_FALLBACK, f"{_W}del", f"{_W}moveFrom"):
            skip = element
        elif tag == f"{_W}tc":
            cells += 1 if event == "start" else -1
        elif tag == f"{_W}p":
            yield kind, "".join(pieces)
            kind, pieces = "item" if cells else "prose", []
            if event == "start":
                style = element.find(f"{_W}pPr/{_W}pStyle")
                name = names.get(style.get(f"{_W}val"), "") if style is not None else ""
                if name.startswith(("heading", "title", "subtitle")):
                    kind = "heading"
                elif name.startswith("list") or element.find(f"{_W}pPr/{_W}numPr") is not None:
                    kind = "item"
        elif event == "start" and tag == f"{_W}t":
            pieces.append(element.text or "")
        elif event == "start" and tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            pieces.append(" ")
    yield kind, "".join(pieces)


# Parquet


def parquet(data: bytes) -> dict[str, Any]:
    """Read the texts of a table and what its other known columns say of them."""
    import pyarrow
    import pyarrow.parquet

    from analysis.readers import FIELD_COLUMNS, MAX_ROWS, TEXT_COLUMNS

    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(data))
        groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
        if sum(group.total_byte_size for group in groups) > MAX_UNPACKED or file.metadata.num_rows > MAX_ROWS:
            raise CandorError(f"holds more than {MAX_ROWS:,} records or {MAX_UNPACKED >> 20} MB; split it")
        names = [n for n in file.schema_arrow.names if n.strip().lower() in {*TEXT_COLUMNS, *FIELD_COLUMNS}]
        if not {n.strip().lower() for n in names} & set(TEXT_COLUMNS):
            listed = ", ".join(file.schema_arrow.names[:8])
            raise CandorError(f"has no column named text (it has: {listed}); rename the column with the texts")
        records = file.read(columns=names, use_threads=False).to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise CandorError(f"is damaged or cut short ({short(error)}); save it again") from error
    return {"records": [{k: v if isinstance(v, str | int) else None for k, v in r.items()} for r in records]}


READERS: dict[str, Callable[[bytes], dict[str, Any]]] = {
    "html": html, "mhtml": mhtml, "markdown": markdown, "pdf": pdf, "docx": docx, "parquet": parquet,
}  # fmt: skip


def serve(memory: int) -> None:
    """Answer requests on standard input until it closes: kind, length, bytes → length, JSON."""
    _confine(memory)
    channel = sys.stdout.buffer
    for line in iter(sys.stdin.buffer.readline, b""):
        kind, size = line.split()
        data = sys.stdin.buffer.read(int(size))
        try:
            answer = READERS[kind.decode()](data)
        except CandorError as error:
            answer = {"error": str(error)}
        except MemoryError:
            answer = {"error": "needs too much memory to read; save it as plain text"}
        except RecursionError:
            answer = {"error": "is nested too deeply to read; save it as plain text"}
        except Exception as error:  # a damaged file can raise anything from deep inside a library
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            answer = {"error": f"is damaged or not a whole {kind.decode().upper()} file ({reason}); save it again"}
        body = json.dumps(answer).encode()
        channel.write(f"{len(body)}\n".encode())
        channel.write(body)
        channel.flush()


def _confine(memory: int) -> None:
    """Take away what reading a file never needs: more memory than `memory`, and the network."""
    import socket

    def refused(*args: object, **kwargs: object) -> None:
        raise OSError("a reader opens no connection")

    for owner, name in ((socket.socket, "connect"), (socket.socket, "connect_ex"), (socket, "getaddrinfo")):
        setattr(owner, name, refused)
    try:
        import resource
    except ImportError:  # not on Windows, where the limit of time still holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
