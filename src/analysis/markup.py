"""Text that others wrote, as HTML that shows it and does nothing else.

Everything from a source passes through `visible` before it reaches a page or a notebook's output:
mark-up is escaped, and the characters that change how a line is read without being seen (right-to-left
overrides, zero-width marks, controls) are shown by their code points in place of acting.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise

# C0 and C1 controls but tab and line ends, bidirectional marks, embeddings, overrides and isolates (Unicode
# Technical Report 36 calls for showing them), invisible separators, tags, interlinear anchors and lone surrogates.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)


def _shown(match: re.Match[str]) -> str:
    return f'<span class="unseen">U+{ord(match[0]):04X}</span>'


def visible(text: str) -> str:
    r"""Escape a text for HTML and show its invisible control characters by code point.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        HTML without any element but ``<span class="unseen">`` around the code points.

    Examples
    --------
    >>> visible("<b> & 'c'")
    '&lt;b&gt; &amp; &#x27;c&#x27;'
    >>> visible("exe\u202etxt")
    'exe<span class="unseen">U+202E</span>txt'
    """
    return _UNSEEN.sub(_shown, escape(text, quote=True))


def visible_text(text: str) -> str:
    r"""The same in plain text: control characters as ``[U+202E]``, white space as single blanks.

    Examples
    --------
    >>> visible_text("exe\u202etxt\n  next")
    'exe[U+202E]txt next'
    """
    return " ".join(_UNSEEN.sub(lambda match: f"[U+{ord(match[0]):04X}]", text).split())


def mark_cues(text: str, evidence: Iterable[Mapping[str, object]]) -> str:
    """Write a unit's text as HTML with every cue in a ``<mark>`` that carries its families as classes.

    Cues may overlap: the text is cut wherever one begins or ends, and each piece is marked with all the
    cues that cover it.

    Parameters
    ----------
    text : str
        The unit's text.
    evidence : iterable of mapping
        Cues with ``start``, ``end`` (offsets in `text`) and ``family``.

    Returns
    -------
    str

    Examples
    --------
    >>> mark_cues("It may be <safe>.", [{"start": 3, "end": 6, "family": "hedges"}])
    'It <mark class="cue f-hedges">may</mark> be &lt;safe&gt;.'
    >>> mark_cues("ab", [{"start": 0, "end": 1, "family": "x"}, {"start": 0, "end": 2, "family": "y"}])
    '<mark class="cue f-x f-y">a</mark><mark class="cue f-y">b</mark>'
    """
    cues = [
        (max(0, int(str(cue["start"]))), min(len(text), int(str(cue["end"]))), str(cue["family"])) for cue in evidence
    ]
    changes: dict[int, Counter[str]] = {0: Counter(), len(text): Counter()}  # how many cues begin and end at a place
    for start, end, family in cues:
        if start < end:
            changes.setdefault(start, Counter())[family] += 1
            changes.setdefault(end, Counter())[family] -= 1
    over: Counter[str] = Counter()
    pieces = []
    for start, end in pairwise(sorted(changes)):
        over.update(changes[start])
        families = sorted(family for family, times in over.items() if times)
        piece = visible(text[start:end])
        if families:
            classes = " ".join(f"f-{_name(family)}" for family in families)
            piece = f'<mark class="cue {classes}">{piece}</mark>'
        pieces.append(piece)
    return "".join(pieces)


def _name(text: str) -> str:
    """A text as part of a class or an address: letters, digits, hyphens."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", text).strip("-")


def page_names(documents: Sequence[str]) -> dict[str, str]:
    """Give each document a file name that every file system and address takes, and no two the same.

    Parameters
    ----------
    documents : sequence of str
        The documents' ids, unique, of any characters.

    Returns
    -------
    dict
        From id to file name.

    Examples
    --------
    >>> page_names(["000", "a/b", "A b", "a b"])
    {'000': 'source-000.html', 'a/b': 'source-a-b.html', 'A b': 'source-A-b-2.html', 'a b': 'source-a-b-3.html'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for document in documents:
        stem = _name(document)[:60] or "x"
        name, number = f"source-{stem}.html", 1
        while name.lower() in taken:  # some file systems do not tell upper from lower case
            number += 1
            name = f"source-{stem}-{number}.html"
        taken.add(name.lower())
        names[document] = name
    return names
