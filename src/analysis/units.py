"""Documents into units: sentences of prose, headings and list items.

A unit is the recording unit of the codebook. It keeps its place in the raw text, so that
``text[start:end]`` gives back its characters exactly. Sentences are found by `sentencex`
(on the five documents it finds the same 181 units as pysbd and syntok, 45 to 190 times as
fast); what is a line, a heading, an item or a list's lead-in is decided here.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

import pandas as pd
import sentencex

from analysis.errors import CandorError

UNIT_COLUMNS = [
    "document", "unit", "kind", "section", "start", "end", "text",
    "lead_in", "statement", "focal", "title",
]  # fmt: skip

_LINE = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]+")
_MARK = re.compile(
    r"[ \t]*(?:(?P<heading>\#{1,6})[ \t]+"
    r"|(?P<item>[•◦▪‣·●○■□✓✔✗➤*+–—-]|\(?[0-9]{1,3}[.)]|\(?[a-z][)])[ \t]+)"
)
_END = re.compile(r"[.!?:;…][\"'”’)\]*_]{0,3}$")
_LETTER = re.compile(r"[^\W_]")
_MAX_HEADING_WORDS = 14
# A line this long that ends without a full stop was broken by the page's width, not by its writer.
_WRAPPED = 55


def _blocks(text: str) -> Iterator[tuple[int, int, str]]:
    """Runs of lines that belong together, as (start, end, kind) without list marks."""
    open_: list | None = None  # [start, end, kind, start of its last line] of the block that may go on
    last_end = 0
    for match in _LINE.finditer(text):
        raw = match.group()
        mark = _MARK.match(raw)
        offset = mark.end() if mark else len(raw) - len(raw.lstrip())
        body = raw[offset:].rstrip()
        if not _LETTER.search(body):  # rules, table borders, blank lines
            continue
        start, end = match.start() + offset, match.start() + offset + len(body)
        adjacent = open_ is not None and not _LINE.search(text, last_end, match.start())
        newlines = text.count("\n", last_end, start) or text.count("\r", last_end, start)
        if open_ is not None and adjacent and newlines <= 1 and not mark and _goes_on(text, open_, body):
            open_[1], open_[3] = end, match.start()
        else:
            if open_ is not None:
                yield tuple(open_[:3])
            kind = "heading" if mark and mark["heading"] else "item" if mark else "prose"
            open_ = [start, end, kind, start]
        last_end = match.end()
    if open_ is not None:
        yield tuple(open_[:3])


def _goes_on(text: str, block: list, body: str) -> bool:
    """Whether `body`, the next line, continues the sentence that the block leaves open."""
    line = text[block[3] : block[1]]
    if block[2] == "heading" or _END.search(line):
        return False
    if body[0].islower():
        return True
    return block[2] != "item" and len(line) >= _WRAPPED and len(line) <= 120 and len(body) <= 120


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentence spans within ``text[start:end]``, white space at the edges left out."""
    flat = re.sub(r"\s", " ", text[start:end])
    for found in sentencex.get_sentence_boundaries("en", flat):
        a, b = found["start_index"], found["end_index"]
        piece = flat[a:b]
        a += len(piece) - len(piece.lstrip())
        b -= len(piece) - len(piece.rstrip())
        if b > a and _LETTER.search(flat, a, b):
            yield start + a, start + b


def kind_of(text: str) -> str:
    """Say what a unit that stands on a line of its own is, from its text alone.

    Examples
    --------
    >>> kind_of("Symptoms of Withdrawal"), kind_of("It is habit-forming."), kind_of("dry mouth")
    ('heading', 'prose', 'item')
    """
    words = text.split()
    if text.lstrip().startswith(("|", "•", "- ")):
        return "item"
    if len(words) > _MAX_HEADING_WORDS or (_END.search(text) and not text.rstrip().endswith("?")):
        return "prose"
    return "heading" if text[:1].isupper() or text[:1].isdigit() else "item"


def find_lists(kinds: list[str], texts: Sequence[str]) -> list[str]:
    """Take lines that look like headings for the items of a list where they stand in a row.

    A page that was saved as plain text loses the marks of its lists: "Nausea", "Vertigo" and "Blurry vision" in a row
    are no three headings. In a row that a colon leads into, all are items; in another of three lines or more, all
    but the first. The last before prose is that prose's heading.

    Parameters
    ----------
    kinds : list of str
    texts : sequence of str
        Of the units of one document in reading order, each kind as from `kind_of`.

    Returns
    -------
    list of str

    Examples
    --------
    >>> find_lists(["prose", "heading", "heading", "heading", "prose"],
    ...     ["Signs are:", "Nausea", "Vertigo", "What To Do", "Call a doctor."])
    ['prose', 'item', 'item', 'heading', 'prose']
    """
    out = list(kinds)
    at = 0
    for kind, row in groupby(kinds):
        start, at = at, at + len(list(row))
        led = start > 0 and texts[start - 1].rstrip().endswith(":")
        if kind == "heading" and (led or at - start >= _LIST):
            last = at - 1 if kinds[at : at + 1] == ["prose"] and at - start > 1 else at
            first = start if led else start + 1
            out[first:last] = ["item"] * (last - first)
    return out


# So many lines in a row that look like headings are a heading and its list.
_LIST = 3


def _split(text: str) -> list[tuple[str, int, int]]:
    """(kind, start, end) of every unit of one text."""
    units, kinds = [], []
    for start, end, kind in _blocks(text):
        spans = list(_sentences(text, start, end))
        guessed = kind_of(text[slice(*spans[0])]) if kind == "prose" and len(spans) == 1 else kind
        kinds += [f"marked {kind}" if kind == "heading" else guessed for _ in spans]
        units += spans
    kinds = find_lists(kinds, [text[a:b] for a, b in units])
    return [(kind.removeprefix("marked "), a, b) for kind, (a, b) in zip(kinds, units, strict=True)]


def cells_of(frame: pd.DataFrame, *columns: str) -> Iterator[tuple]:
    """The cells of columns, row by row: pandas' own walk over a column of text takes many times as long.

    Examples
    --------
    >>> list(cells_of(pd.DataFrame({"document": ["a", "b"], "unit": [0, 1]}), "document", "unit"))
    [('a', 0), ('b', 1)]
    """
    return zip(*(frame[name].to_numpy(dtype=object) for name in columns), strict=True)


def add_context(units: pd.DataFrame) -> pd.DataFrame:
    """Fill in the context columns that a frame of units lacks, from the order of its rows.

    Parameters
    ----------
    units : DataFrame
        With ``document``, ``text`` and ``focal``; rows of one document in reading order.

    Returns
    -------
    DataFrame
        The same rows and index with ``unit``, ``kind``, ``section``, ``lead_in``, ``statement``
        and ``title`` where they were missing; columns that were there are left as they are.

    Examples
    --------
    >>> frame = pd.DataFrame({"document": "a", "focal": "kava", "text": [
    ...     "Side Effects", "They include:", "nausea", "Kava can harm the liver."]})
    >>> add_context(frame)[["kind", "section", "lead_in", "statement"]].to_dict("list")
    ... # doctest: +NORMALIZE_WHITESPACE
    {'kind': ['heading', 'prose', 'item', 'prose'],
     'section': ['', 'Side Effects', 'Side Effects', 'Side Effects'],
     'lead_in': ['', '', 'They include:', ''],
     'statement': [0, 1, 1, 2]}
    """
    out = units.copy()
    if "title" not in out:
        out["title"] = ""
    out["title"] = out["title"].fillna("").astype(str)
    for name in {"section", "lead_in"} & set(out):
        if out[name].isna().any():  # a column of gaps alone is one of numbers
            out[name] = out[name].astype(object).fillna("")
    if {"unit", "kind", "section", "lead_in", "statement"} <= set(out):
        return out
    if "kind" not in out:
        out["kind"] = [kind_of(text) for text in out["text"]]
        for rows in out.groupby("document", sort=False).indices.values():
            texts, kinds = (out[name].to_numpy()[rows] for name in ("text", "kind"))
            out.iloc[rows, out.columns.get_loc("kind")] = find_lists(kinds.tolist(), texts)
    columns: dict[str, list] = {"unit": [], "section": [], "lead_in": [], "statement": []}
    state: dict[object, list] = {}  # document -> [next unit, section, lead-in, statement]
    for document, kind, text in cells_of(out, "document", "kind", "text"):
        unit, section, lead_in, statement = state.get(document, [0, "", "", -1])
        in_list = kind == "item" and lead_in != ""
        if not in_list:
            statement += 1
        columns["unit"].append(unit)
        columns["section"].append("" if kind == "heading" else section)
        columns["lead_in"].append(lead_in if in_list and lead_in != _BARE_LIST else "")
        columns["statement"].append(statement)
        if kind == "heading":
            section = text
        if kind != "item":
            lead_in = text if text.rstrip().endswith(":") else ""
        elif not lead_in:  # a list without a lead-in is one statement all the same
            lead_in = _BARE_LIST
        state[document] = [unit + 1, section, lead_in, statement]
    for name, values in columns.items():
        if name not in out:
            out[name] = values
    return out


_BARE_LIST = "\0"


UNIT_KINDS = frozenset({"heading", "prose", "item"})


def check_texts(frame: pd.DataFrame, what: str) -> None:
    """Refuse what is no table of texts with their documents and focal substances.

    Raises
    ------
    CandorError
        If a needed column is missing or holds something other than text, or a context column something that
        `add_context` would not put there.
    """
    if not isinstance(frame, pd.DataFrame):
        raise CandorError(
            f"{what} must be a pandas.DataFrame, not {type(frame).__name__}; give one with document, text and focal"
        )
    missing = [c for c in ("document", "text", "focal") if c not in frame]
    if missing:
        raise CandorError(f"{what} lack the column {missing[0]}; add it")
    if frame["document"].isna().any():
        raise CandorError("the column document has gaps; name the document in every row")
    for column in ("text", "focal"):
        if not all(isinstance(text, str) for text in frame[column].to_numpy(dtype=object)):
            raise CandorError(f"the column {column} must hold text in every row; fill or drop gaps")
    for column in ("section", "lead_in"):
        if column in frame and not all(isinstance(text, str) or pd.isna(text) for text in frame[column].tolist()):
            raise CandorError(f"the column {column} must hold text or nothing; drop it and it is worked out")
    if "kind" in frame and not set(frame["kind"].tolist()) <= UNIT_KINDS:
        raise CandorError("the column kind must say heading, prose or item in every row; drop it and it is worked out")


def split_units(documents: pd.DataFrame) -> pd.DataFrame:
    r"""Split every document into units.

    Parameters
    ----------
    documents : DataFrame
        One row a document, as `load_corpus` gives it: ``document``, ``text``, ``focal`` and,
        if known, ``title``.

    Returns
    -------
    DataFrame
        One row a unit in reading order: ``document``, ``unit`` (from 0 in each document),
        ``kind`` (prose, heading or item), ``section`` (the heading above, "" if none),
        ``start`` and ``end`` (characters into the raw text), ``text``, ``lead_in`` (of an item:
        the sentence ending in a colon that leads into its list), ``statement`` (the items of a
        list and their lead-in share one number), ``focal`` and ``title``.

    Raises
    ------
    CandorError
        If a needed column is missing or holds something other than text.

    Examples
    --------
    >>> documents = pd.DataFrame({"document": ["a"], "focal": ["kava"],
    ...     "text": ["Risks\n\nKava is a root. Effects include:\n  • Nausea\n"]})
    >>> split_units(documents)[["kind", "start", "end", "text"]].values.tolist()
    ... # doctest: +NORMALIZE_WHITESPACE
    [['heading', 0, 5, 'Risks'], ['prose', 7, 22, 'Kava is a root.'],
     ['prose', 23, 39, 'Effects include:'], ['item', 44, 50, 'Nausea']]
    """
    check_texts(documents, "documents")
    titles = documents["title"] if "title" in documents else [""] * len(documents)
    rows = [
        (document, kind, start, end, text[start:end], focal, title)
        for document, text, focal, title in zip(
            documents["document"], documents["text"], documents["focal"], titles, strict=True
        )
        for kind, start, end in _split(text)
    ]
    units = pd.DataFrame(rows, columns=["document", "kind", "start", "end", "text", "focal", "title"]).astype(
        {"start": "int64", "end": "int64"}
    )
    return add_context(units)[UNIT_COLUMNS]
