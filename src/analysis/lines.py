"""Headings, items and paragraphs → text as `split_units` reads it."""

import re
from collections.abc import Iterator

from analysis.errors import CandorError

MAX_TEXT = 64 * 1024 * 1024

Line = tuple[str, str]  # (kind: heading, item or prose; text)

# A heading that `split_units` knows for one without a mark (asked of it here, its import of pandas
# would double the time that the reading process takes to start).
_PLAIN_HEADING = re.compile(r"(?=[^\W_a-z])(?:\S+ ){0,11}\S*[^\W_]\??$")


def to_text(lines: Iterator[Line]) -> str:
    """Lines of text as `split_units` reads them.

    A heading stands between blank lines, after ``#`` where its words alone would be taken for a
    sentence; an item follows ``- ``; paragraphs stand between blank lines.

    Examples
    --------
    >>> print(to_text(iter([("heading", "Risks"), ("prose", "They are:"), ("item", "Nausea")])))
    Risks
    <BLANKLINE>
    They are:
    - Nausea
    <BLANKLINE>
    """
    out: list[str] = []
    size = 0
    before = ""
    for kind, raw in lines:
        text = " ".join(raw.split())
        if not text:
            continue
        size += len(text)
        if size > MAX_TEXT:
            raise CandorError(f"holds more than {MAX_TEXT >> 20} MB of text; split it")
        if kind == "heading" and not _PLAIN_HEADING.match(text):
            text = f"# {text}"
        elif kind == "item":
            text = f"- {text}"
        if before and not (kind == "item" and (before == "item" or out[-1].endswith(":"))):
            out.append("")
        out.append(text)
        before = kind
    return "\n".join(out) + "\n" if out else ""


def short(error: BaseException) -> str:
    """The message of a library on one line, no longer than a line should be."""
    return " ".join(str(error).split())[:120] or type(error).__name__
