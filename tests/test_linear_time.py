"""No regular expression takes more than linear time, whatever text it meets; nor do the functions that use them.

The patterns are found in the source of the package, together with the ways in which it uses them, so that a new one is
measured as well. Those built at run time are listed here, and one that is not listed fails.
"""

import ast
import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache, reduce
from itertools import pairwise, product
from operator import or_
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

import analysis
from analysis import (
    cues,
    formats,
    lexicons,
    lines,
    markup,
    output,
    pdf_text,
    readers,
    reading,
    scope,
    settling,
    substances,
    units,
)
from analysis.baseline import KEYWORDS
from analysis.codes import CODES
from analysis.errors import CandorError

MODULES = ["analysis", *(found.name for found in pkgutil.walk_packages(analysis.__path__, "analysis."))]
# The functions that build patterns at run time; what they build is measured as well (`built`).
BUILDING = (
    "analysis.baseline.naive_codes",
    "analysis.display.kwic",
    "analysis.lexicons.compile_terms",
    "analysis.lexicons.load_lexicon",
)
WAYS = ("match", "fullmatch", "search", "finditer", "findall", "sub", "split")
# Seconds: what is tried from every word up to the end takes longer on a long text.
NOTICEABLE = 0.002
# What no pattern matches follows the last repeat.
END = "\0"
GLUE = (" ", "a", "A1", "-", "'", '"', ",", ".", "1.", "\n", "<", ">", "(", "=", "_ ", "\u2019 ", "\u2028 ", "!--")


class Use(NamedTuple):
    """A pattern, a way in which it is used, and words of its own to make texts of."""

    pattern: re.Pattern
    way: str
    words: tuple[str, ...]


def modules() -> Iterator[ModuleType]:
    """Every module of the package."""
    return map(importlib.import_module, MODULES)


def compiled(name: str, value: Any) -> Iterator[tuple[str, re.Pattern]]:
    """Patterns in the value of a name, in containers too."""
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from compiled(f"{name}[{key!r}]", inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for number, inner in enumerate(value):
            yield from compiled(f"{name}[{number}]", inner)


def at_module_level() -> dict[str, re.Pattern]:
    """Every pattern that a module holds."""
    return {
        f"{module.__name__}.{place}": pattern
        for module in modules()
        for name, value in vars(module).items()
        for place, pattern in compiled(name, value)
    }


def calls_of_re(part: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Calls of the module re, and what each calls there."""
    for node in ast.walk(part):
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "re":
            yield node, function.attr  # type: ignore[misc]  # a call, since it has a function


def flags_of(call: ast.Call) -> int:
    """The flags that a call names."""
    named = [node for argument in (*call.args[1:], *call.keywords) for node in ast.walk(argument)]
    return reduce(or_, (getattr(re, n.attr) for n in named if isinstance(n, ast.Attribute) and n.attr.isupper()), 0)


@cache
def in_the_source() -> tuple[dict[tuple[str, str], Use], set[str]]:
    """Every use of a pattern that a module holds or a call spells out, and the functions that build patterns."""
    uses, building = {}, set()
    for module in modules():
        tree = ast.parse(inspect.getsource(module))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in WAYS:
                for place, pattern in compiled(node.value.id, vars(module).get(node.value.id)):
                    uses[module.__name__, f"{place} {node.attr}"] = Use(pattern, node.attr, words_of(pattern))
        for part in tree.body:  # functions and classes; what stands beside them is held by the module
            place = getattr(part, "name", "")
            for call, way in calls_of_re(part) if place else ():
                if way in WAYS and isinstance(call.args[0], ast.Constant):
                    pattern = re.compile(call.args[0].value, flags_of(call))
                    uses[module.__name__, f"{place} {way} {pattern.pattern!r}"] = Use(pattern, way, words_of(pattern))
                elif way != "escape":
                    building.add(f"{module.__name__}.{place}")
    return uses, building


def words_of(pattern: re.Pattern) -> tuple[str, ...]:
    """Words and signs that a pattern spells out, in its order; of many words, and of many signs, only some."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode()
    found = list(dict.fromkeys(re.findall(r"[A-Za-z]{2,}|[^\w\s\\]|[a-z]", source)))
    words, signs = ([f for f in found if f.isalpha() == alpha] for alpha in (True, False))
    kept = {*words[:: 1 + len(words) // 8], *signs[:: 1 + len(signs) // 8]}
    return tuple(f for f in found if f in kept)


@cache
def built(function: str) -> list[Use]:
    """What a function that builds patterns builds, as they are used."""
    families = lexicons.load_lexicons().values()
    if function == "analysis.lexicons.compile_terms":
        finder = substances.Substances()
        finder.mentions("", "kava")
        named = [(finder._pattern, sorted(finder._kinds, key=len)[-4:])]
        named += [(pattern, sorted(kinds, key=len)[-4:]) for pattern, kinds in finder._own.values() if pattern]
        terms = [(family.pattern, long_and_wild(family.categories)) for family in families]
        return [Use(pattern, "finditer", tuple(words)) for pattern, words in [*named, *terms]]
    if function == "analysis.lexicons.load_lexicon":
        return [Use(pattern, "fullmatch", (bare(term),)) for family in families for term, pattern in family._wild]
    if function == "analysis.display.kwic":
        return [Use(re.compile(r"(?<!\w)a\-a(?!\w)", re.I), "finditer", ("a", "a-", "-a"))]
    patterns = [re.compile(rf"\b(?:{words})", re.I) for words in KEYWORDS.values()]
    return [Use(pattern, "search", words_of(pattern)) for pattern in patterns]


def long_and_wild(terms: Mapping[str, str]) -> list[str]:
    """The longest terms of a lexicon, and the longest of each wildcard, with a letter short of their end."""
    by_length = sorted(terms, key=len)
    kinds = [by_length, *([t for t in by_length if sign in t] for sign in "*#_")]
    return [bare(term) for kind in kinds for term in kind[-2:]]


def bare(term: str) -> str:
    """What a term matches, but for its last letter."""
    return term.replace("*", "a").replace("#", "1.").replace("_", "a")[:-1]


def texts(words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What to repeat, and what stands once before it: words and signs alone, in pairs, and after one another."""
    for piece in (*words, *GLUE):
        yield "", piece
    for first, second in (*product(words, GLUE), *pairwise(words)):
        yield "", first + second
        yield first, second


def spend(call: Callable[[str], object], text: str) -> float:
    """Processor seconds of a call."""
    start = time.thread_time()
    call(text)
    return time.thread_time() - start


def superlinear(call: Callable[[str], object], short: str, long: str, most: float) -> bool:
    """Whether eight times the text takes far more than eight times the time, however often it is measured."""
    for _ in range(3):
        spent = spend(call, long)
        if spent < NOTICEABLE or spent < most * spend(call, short):
            return False
    return True


def slow_texts(use: Use, size: int = 8_000) -> Iterator[tuple[str, str]]:
    """The texts on which a pattern takes more than linear time."""
    kind = type(use.pattern.pattern)

    def call(text: str) -> None:
        given = text if kind is str else text.encode()
        done = getattr(use.pattern, use.way)(*([kind(), given] if use.way == "sub" else [given]))
        if use.way == "finditer":
            for _ in done:
                pass

    for head, piece in texts(use.words):
        short, long = (head + piece * (length // len(piece)) + END for length in (size // 8, size))
        if superlinear(call, short, long, most=24):
            yield head, piece


def test_every_pattern_is_measured():
    uses, building = in_the_source()
    measured = {use.pattern for use in uses.values()}
    assert [name for name, pattern in at_module_level().items() if pattern not in measured] == []
    assert building == set(BUILDING)
    assert len(uses) > 50


@pytest.mark.parametrize("module", MODULES)
def test_patterns_take_linear_time_as_they_are_used(module):
    uses = {name: use for (place, name), use in in_the_source()[0].items() if place == module}
    assert {name: slow for name, use in uses.items() if (slow := list(slow_texts(use)))} == {}


@pytest.mark.parametrize("function", BUILDING)
def test_patterns_built_from_tables_take_linear_time(function):
    for use in built(function):
        assert list(slow_texts(use)) == [], use.pattern.pattern[:200]


@pytest.mark.parametrize(
    ("pattern", "way"),
    [
        (output._FORMULA, "search"),
        (scope._ADJACENT, "finditer"),
        (lexicons.compile_terms(["# percent"]), "finditer"),
    ],
    ids=["formula", "adjacent", "number"],
)
def test_the_measure_tells_a_pattern_that_takes_more(pattern, way):
    """Two are linear as they are used, at the start of a text, and would not be anywhere; no term begins with a number."""
    assert any(slow_texts(Use(pattern, way, words_of(pattern)), size=3_000))


# The functions around them

MARKS = (
    "x", "A", "1", " ", "\t", "\n", "\r", "\r\n", "\u2028", "a\n", "a\r", "a\u2028", "the leaf is\n", "the leaf is\r",
    "-", "- ", "- a\n", "a:\n- b\n", "• ", "1. ", "1) ", "# ", "#", "> ", "*", "_", "(", "[", "[a](", "![", "`", "~", "|",
    "'", '"', "’", '"a" ', "''-", "=", "=1", ",", ".", "a.b", "A. ", "e.g. ", "?!", ":", "; ", "word-", "\u202e", "\0", "{",
    "<", ">", "<p>", "</p>", "<a ", "<p", "<!--", "-->", "<!-- -->", "<?xml ", "<meta charset=", "&", "&amp;", "\\",
)  # fmt: skip
TALK = (
    "no ", "not-", "may ", "of the ", "no such ", "without the ", "up to 1.", "\u00a0 ", "withdrawal ", "no harm ", "; ",
    "it may not harm ", "kava no harm, ", "opioid withdrawal or ",
)  # fmt: skip
FINDER = substances.Substances()


def page_of(text: str) -> pd.DataFrame:
    """A document that is one unit."""
    return pd.DataFrame({"document": ["a"], "focal": ["kava"], "title": ["Kava"], "text": [text]})


def read(data: bytes, kind: str) -> None:
    """Read a file of some kind, or find that it holds no text."""
    with suppress(CandorError):
        formats.READERS[kind](data) if kind else readers.decode(data, "page")


def resolve(text: str) -> None:
    """Decide what acts on each harm that a text names."""
    found, mentions = cues.match_cues([text])[0], FINDER.mentions(lexicons.normalise(text), "kava")
    scope.resolve_targets(text, found, mentions)


def mark(text: str) -> None:
    """Find the cues of a text with their scope, and mark them in HTML."""
    markup.mark_cues(text, cues.find_cues(page_of(text)).to_dict("records"))


def settle(text: str) -> None:
    """Settle what the words of two units leave no doubt of."""
    frame = units.add_context(pd.DataFrame({"document": "a", "focal": "kava", "title": "Kava", "text": [text, text]}))
    settling.settle(np.zeros((2, len(CODES))), frame, reading.read_units(frame))


def join(text: str) -> None:
    """Join the lines of a page of a PDF."""
    rows = [(10.0, 12.0 * number, row) for number, row in enumerate(text.split("\n")) if row.strip()]
    list(pdf_text._pdf_blocks([rows]) if rows else ())


FUNCTIONS: dict[str, tuple[Callable[[str], object], tuple[str, ...]]] = {
    "normalise": (lexicons.normalise, MARKS),
    "names of a substance": (FINDER.names, MARKS),
    "guess_focal": (substances.guess_focal, TALK),
    "resolve_targets": (resolve, TALK),
    "settle": (settle, TALK),
    "find_cues, mark_cues": (mark, TALK),
    "split_units": (lambda text: units.split_units(page_of(text)), MARKS),
    "to_text": (lambda text: lines.to_text(iter([("heading", text)])), MARKS),
    "escape_formula": (lambda text: output.unescape_formula(output.escape_formula(text)), MARKS),
    "visible": (lambda text: (markup.visible(text), markup.visible_text(text)), MARKS),
    "kind_of": (lambda text: readers.kind_of(text.encode(), "page"), MARKS),
    "decode": (lambda text: read(text.encode(), ""), MARKS),
    "html": (lambda text: read(b"<html><body><p>" + text.encode(), "html"), MARKS),
    "markdown": (lambda text: read(text.encode(), "markdown"), MARKS),
    "lines of a PDF": (join, MARKS),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_uses_patterns_takes_linear_time(name):
    """On signs, white space and mark-up, or on words that are cues, repeated without end."""
    call, pieces = FUNCTIONS[name]
    sizes = {piece: [piece * (size // len(piece)) for size in (2_000, 16_000)] for piece in pieces}
    assert [piece for piece, (short, long) in sizes.items() if superlinear(call, short, long, most=12)] == []
