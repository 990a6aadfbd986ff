"""A PDF → its text: wrapped lines joined, larger type as headings, running heads left out.

Runs in the process that `analysis.guard` starts.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from analysis.errors import CandorError
from analysis.lines import MAX_TEXT, Line, short, to_text

MAX_PAGES = 5_000
_BULLET = re.compile(r"(?:[•◦▪‣·●○■□*–-]|\(?\d{1,3}[.)])\s+(?=\S)")
_NUMBER = re.compile(r"(?:page )?\d{1,4}(?: of \d{1,4})?", re.I)


def pdf(data: bytes) -> dict[str, Any]:
    """Read the text of a PDF: wrapped lines joined, larger type as headings, running heads left out."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise CandorError("is protected by a password; save a copy without")
        count = len(reader.pages)
    except DependencyError as error:
        raise CandorError("is encrypted; save a copy without protection") from error
    except PyPdfError as error:
        raise CandorError(f"is damaged or cut short ({short(error)}); save it again") from error
    if count > MAX_PAGES:
        raise CandorError(f"has {count:,} pages, more than {MAX_PAGES:,}; split it")
    pages, empty, broken, size = [], 0, 0, 0
    for number in range(count):
        try:
            lines = _pdf_lines(reader.pages[number])
        except (PyPdfError, KeyError, TypeError, ValueError, AttributeError, IndexError):
            broken += 1
            continue
        size += sum(len(text) for _, _, text in lines)
        if size > MAX_TEXT:
            raise CandorError(f"holds more than {MAX_TEXT >> 20} MB of text; split it")
        empty += not lines
        pages.append(lines)
    if not any(pages):
        if broken:
            raise CandorError("is damaged or cut short: no page can be read; save it again")
        raise CandorError("holds pictures of text, no text (scanned?); run text recognition on it first")
    notes = []
    if empty:
        notes.append(f"{empty} of {count} pages hold no text (scanned?)")
    if broken:
        notes.append(f"{broken} of {count} pages are damaged and left out")
    if b"%%EOF" not in data[-2048:]:
        notes.append("the file is cut short: text may be missing")
    title = str(reader.metadata.get("/Title") or "") if reader.metadata else ""
    return {"text": to_text(_pdf_blocks(pages)), "title": " ".join(title.split())[:300], "note": "; ".join(notes)}


def _pdf_lines(page: Any) -> list[tuple[float, float, str]]:
    """Lines of one page: the size of their type (the largest of a line), their height, their text."""
    lines: list[tuple[float, float, str]] = []
    pieces: list[str] = []
    size, height = 0.0, 0.0

    def visit(text: str, cm: list[float], tm: list[float], font: object, font_size: float) -> None:
        nonlocal size, height
        here = round(float(font_size or 0) * abs(float(tm[3]) or float(tm[1])) * (abs(float(cm[3])) or 1.0), 1)
        for number, part in enumerate(text.split("\n")):
            if number:
                lines.append((size, height, "".join(pieces)))
                pieces.clear()
                size = 0.0
            if part.strip():
                size, height = max(size, here), float(tm[5]) * float(cm[3] or 1) + float(cm[5])
            pieces.append(part)

    page.extract_text(visitor_text=visit)
    lines.append((size, height, "".join(pieces)))
    return [(size, height, text.strip()) for size, height, text in lines if text.strip()]


def _pdf_blocks(pages: list[list[tuple[float, float, str]]]) -> Iterator[Line]:
    """Headings, items and joined paragraphs of all pages."""
    edges = Counter(shape for lines in pages for shape in {_shape(text) for _, _, text in (*lines[:2], *lines[-2:])})
    running = {shape for shape, times in edges.items() if times > 1 and times * 2 > len(pages) > 2}
    sizes = Counter[float]()
    widths = []
    for lines in pages:
        for size, _, text in lines:
            sizes[size] += len(text)
            widths.append(len(text))
    body = sizes.most_common(1)[0][0]
    full = 0.7 * sorted(widths)[int(0.9 * (len(widths) - 1))]  # a line this long reached the margin
    kind, last, above = "prose", 0, 0.0
    pieces: list[str] = []  # of the block under way
    for lines in pages:
        for position, (size, height, line) in enumerate(lines):
            edge = min(position, len(lines) - 1 - position)
            if (edge < 2 and _shape(line) in running) or (edge < 1 and _NUMBER.fullmatch(line)):
                continue
            mark = _BULLET.match(line)
            here = "item" if mark else "heading" if size > body * 1.08 and len(line) < 200 else "prose"
            gap = position > 0 and abs(above - height) > 1.7 * max(size, body) > 0
            if not pieces or mark or gap or (here == "heading") != (kind == "heading"):
                joins = False
            else:
                open_end = pieces[-1][-1] not in ".!?:"
                joins = here == "heading" or line[0].islower() or (last >= full and (open_end or kind == "prose"))
            if joins:
                if pieces[-1][-1] == "-" and pieces[-1][-2:-1].islower() and line[0].islower():
                    pieces[-1] = pieces[-1][:-1]
                else:
                    pieces.append(" ")
                pieces.append(line)
            else:
                yield kind, "".join(pieces)
                kind, pieces = here, [line[mark.end() :] if mark else line]
            last, above = len(line), height
    yield kind, "".join(pieces)


def _shape(line: str) -> str:
    """A line with its numbers made alike, to know running heads by."""
    return re.sub(r"\d+", "#", line)
