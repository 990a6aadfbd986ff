import csv
import re
import time

import pytest
from lexicon_examples import EXAMPLES  # type: ignore[import-not-found]  # beside this file

from analysis.cues import match_cues
from analysis.errors import CandorError
from analysis.lexicons import COLUMNS, FAMILIES, FOLDER, compile_terms, load_lexicon, load_lexicons, normalise

MARKS = re.compile(r"\[([^\]]*)\]")
ALL = (*FAMILIES, "exceptions")
CASES = [
    (family, category, sentence, is_match)
    for family, categories in EXAMPLES.items()
    for category, (matches, others) in categories.items()
    for is_match, sentences in ((True, matches), (False, others))
    for sentence in sentences
]


def found(family, text):
    """What one family finds in a text, as (matched text, category)."""
    if family == "exceptions":
        lexicon = load_lexicons()[family]
        return [(text[slice(*m.span())], "ignore") for m in lexicon.pattern.finditer(normalise(text))]
    return [(text[c.start : c.end], c.category) for c in match_cues([text], [family])[0]]


def write(folder, *rows, header="term,category,source,note"):
    path = folder / "hedges.csv"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


# --- examples -------------------------------------------------------------------------------------------------------


def test_no_category_lacks_examples():
    """Each category of each family has at least two sentences that match and two that do not."""
    lacking = [
        (family, category)
        for family in ALL
        for category in sorted(set(load_lexicons()[family].categories.values()))
        if any(len(set(part)) < 2 for part in EXAMPLES.get(family, {}).get(category, ([], [])))
    ]
    assert lacking == []


def test_no_example_is_of_a_category_that_is_gone():
    """Examples name only families and categories that the lexicons have."""
    have = {(family, category) for family in ALL for category in load_lexicons()[family].categories.values()}
    assert {(family, category) for family, category, *_ in CASES} - have == set()


@pytest.mark.parametrize(("family", "category", "sentence"), [case[:3] for case in CASES if case[3]])
def test_a_category_is_found_where_its_example_marks_it(family, category, sentence):
    """The text in brackets is found, whole, and given the category."""
    (marked,) = MARKS.findall(sentence)
    assert (marked, category) in found(family, MARKS.sub(r"\1", sentence))


@pytest.mark.parametrize(("family", "category", "sentence"), [case[:3] for case in CASES if not case[3]])
def test_a_category_is_not_found_in_a_near_miss(family, category, sentence):
    """A word that only looks like a term, or stands in an exception, is no match of the category."""
    assert category not in [name for _, name in found(family, sentence)]


# --- the shipped files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ALL)
def test_every_row_of_a_file_is_read_once_and_none_lacks_a_source(family):
    """The lexicon holds as many terms as its file has rows; each row says where it is from, and each exception why."""
    with (FOLDER / f"{family}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lexicon = load_lexicon(FOLDER / f"{family}.csv")
    assert dict(lexicon.categories) == {row["term"]: row["category"] for row in rows}
    assert len(lexicon.categories) == len(rows)
    assert all(row["source"].strip() for row in rows)
    assert family != "exceptions" or all(row["note"].strip() for row in rows)
    assert lexicon.family == family


@pytest.mark.parametrize("family", ALL)
def test_every_term_finds_itself(family):
    """A term written out in a sentence of its own is found as a match of that term's lexicon, whole."""
    lexicon = load_lexicon(FOLDER / f"{family}.csv")
    missed = []
    for term in lexicon.categories:
        written = term.replace("#", "7").replace("*", "").replace(" _ ", " any ")
        match = lexicon.pattern.search(f", {written} ,")
        if match is None or match.group() != written:
            missed.append(term)
        else:
            assert lexicon.categories[lexicon.term_of(match.group())]
    assert missed == []


def test_lexicons_are_read_once_and_cannot_be_changed():
    """All callers share the same frozen lexicons."""
    lexicons = load_lexicons()
    assert load_lexicons() is lexicons
    assert set(lexicons) == set(ALL)
    with pytest.raises(TypeError):
        lexicons["hedges"] = None  # type: ignore[index]  # that is what is tried
    with pytest.raises(TypeError):
        lexicons["hedges"].categories["may"] = "modal"
    with pytest.raises(AttributeError):
        lexicons["hedges"].family = "harms"


def test_the_order_of_rows_does_not_matter(tmp_path):
    """The same rows the other way round find the same cues."""
    source = FOLDER / "hedges.csv"
    header, *rows = source.read_text(encoding="utf-8").splitlines()
    reverse = load_lexicon(write(tmp_path, *reversed(rows), header=header))
    forward = load_lexicon(source)
    text = "some users report it may be roughly up to 7 hours, though it is not clear whether most people could tell"
    assert [m.span() for m in reverse.pattern.finditer(text)] == [m.span() for m in forward.pattern.finditer(text)]
    assert dict(reverse.categories) == dict(forward.categories)


# --- loading is strict --------------------------------------------------------------------------------------------------


def test_a_good_file_is_read(tmp_path):
    """Terms, their categories and the pattern come from the file."""
    lexicon = load_lexicon(write(tmp_path, "may,modal,ours,", '"this, that",vague,ours,"a, comma"'))
    assert dict(lexicon.categories) == {"may": "modal", "this, that": "vague"}
    assert lexicon.pattern.findall("it may be this, that or other") == ["may", "this, that"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["may,modal,,"], r"hedges.csv:2: the term 'may' lacks a source; name it"),
        (["may,modal, ,"], r"hedges.csv:2: the term 'may' lacks a source; name it"),
        (["may,,ours,"], r"hedges.csv:2: the term 'may' lacks a category; name it"),
        (["may,modal,ours,", "can,modal,ours,", "may,modal,ours,"], r"hedges.csv:4: the term 'may' stands twice"),
        (["May,modal,ours,"], r"hedges.csv:2: the term 'May' must be lower case"),
        (["non-addictive,modal,ours,"], r"hedges.csv:2: the term 'non-addictive' must be .* without hyphens"),
        ([" may,modal,ours,"], r"hedges.csv:2: the term ' may' must be"),
        (["may  be,modal,ours,"], r"hedges.csv:2: the term 'may  be' must be"),
        ([",modal,ours,"], r"hedges.csv:2: the term '' must be"),
        (["(may),modal,ours,"], r"hedges.csv:2: the term '\(may\)' must be"),
        (["may,modal,ours"], r"hedges.csv:2: has not 4 cells"),
        (["may,modal,ours,,more"], r"hedges.csv:2: has not 4 cells"),
        ([], r"hedges.csv: holds no term"),
    ],
)
def test_a_bad_row_is_one_clear_line_that_names_it(tmp_path, rows, message):
    """The error names the file, the line and what to mend, on one line."""
    with pytest.raises(CandorError, match=message) as caught:
        load_lexicon(write(tmp_path, *rows))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "header",
    ["term,category,note", "term,category,source,note,extra", "word,category,source,note", "category,term,source,note"],
)
def test_other_columns_are_refused_with_the_allowed_ones(tmp_path, header):
    """A column that is missing, unknown or in another place is an error that lists the right ones."""
    with pytest.raises(CandorError) as caught:
        load_lexicon(write(tmp_path, "a,b,c,d", header=header))
    assert str(header.split(",")) in str(caught.value)
    assert str(COLUMNS) in str(caught.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00term", b'term,category,source,note\n"may,modal,ours,\n'])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    """A missing file, one that is not UTF-8 and one with an open quote are each one clear error."""
    path = tmp_path / "hedges.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CandorError, match=r"hedges.csv: cannot be read as a lexicon .*; restore it"):
        load_lexicon(path)


def test_an_empty_file_is_an_error(tmp_path):
    """A file without even a header is refused."""
    (tmp_path / "hedges.csv").write_bytes(b"")
    with pytest.raises(CandorError, match="hedges.csv: has the columns None"):
        load_lexicon(tmp_path / "hedges.csv")


# --- matching -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "text", "expected"),
    [
        (["may", "may cause"], "it may cause harm and may not", ["may cause", "may"]),
        (["addict*"], "addict addiction unaddicted addict's", ["addict", "addiction", "addict"]),
        (["up to #"], "up to 7 or up to 2.5 g, up to ten or up to you", ["up to 7", "up to 2.5", "up to ten"]),
        (["no _ risk"], "no real risk, no risk, no very real risk", ["no real risk"]),
        (["not"], "not, knot, nothing, not-so, can not.", ["not", "not", "not"]),
        (["side effect", "side effects"], "side   effects of a side effect", ["side   effects", "side effect"]),
        (["it's"], "it's its", ["it's"]),
    ],
)
def test_terms_match_as_the_notation_says(terms, text, expected):
    """The longest term counts, once; * stands for letters, # for a number, _ for one word; words are whole."""
    assert compile_terms(terms).findall(normalise(text)) == expected


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("addiciton and tolerence", ["addiction", "tolerance"]),
        ("adicted after withdrawl", ["addicted", "withdrawal"]),
        ("in addition, an additive", []),
        ("finding that he withdrew", []),
        ("a craveing, adicts", ["craving", "addicts"]),
        ("she carved a habbit", []),
    ],
)
def test_one_slip_in_a_long_word_of_addiction_is_read_over(text, terms):
    """The evidence names the word that was meant; other words and short ones are taken as they stand."""
    lexicon = load_lexicons()["addiction"]
    assert [lexicon.term_of(match) for match in lexicon.pattern.findall(text)] == terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It’s “fine”", 'it\'s "fine"'),
        ("Non-addictive – really", "non addictive – really"),
        ("a\tb\r\nc\u00a0d", "a b  c d"),
        ("İSTANBUL ẞ", "İstanbul ß"),
        ("- item", "- item"),
        ("", ""),
    ],
)
def test_normalised_text_reads_plain_and_keeps_its_length(text, expected):
    """Case, quotes, hyphens and white space are levelled, and every offset still holds."""
    assert normalise(text) == expected
    assert len(normalise(text)) == len(text)


def test_a_typographic_quote_or_a_hyphen_changes_no_match():
    """Curly quotes, hyphens of every kind and capitals find what plain text finds."""
    plain = found("denials", "it isn't non addictive")
    assert [category for _, category in plain] == [c for _, c in found("denials", "It ISN’T NON\u2011ADDICTIVE")]
    assert plain


# --- cost ---------------------------------------------------------------------------------------------------------------

PIECES = [
    "a",
    "no ",
    "not-",
    "- ",
    "\n",
    "may ",
    "no such ",
    "of the ",
    "1.",
    "'",
    "without the ",
    "\u00a0 ",
    "up to #",
]


@pytest.mark.parametrize("piece", PIECES)
def test_matching_is_linear_in_the_text(piece):
    """Four times as much adversarial text takes no more than some ten times as long, for all families together."""

    def seconds(size):
        text = (piece * size)[:size]
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            match_cues([text])
            best = min(best, time.process_time() - start)
        return best

    small, large = seconds(5_000), seconds(20_000)
    assert large < 10 * small + 0.02
