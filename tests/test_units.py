from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.corpus import load_corpus
from analysis.errors import CandorError
from analysis.units import UNIT_COLUMNS, add_context, kind_of, split_units

DATA = Path(__file__).parents[1] / "data"
PAGE = """# Kava and You

Kava is a root, e.g. from Fiji. Dr. Lee grows it!

## Side Effects

Effects include:
  • Nausea
  • Headache that lasts 2.5 hours
  • A rash. See a doctor.

They pass.
1. Chew it
2) Rest
Why Do People Drink It?
"""


def document(text, name="a", focal="kava", title="Kava"):
    return pd.DataFrame({"document": [name], "title": [title], "focal": [focal], "text": [text]})


def split(text):
    return split_units(document(text))


def pairs(units, *columns):
    return list(units[list(columns)].itertuples(index=False, name=None))


@pytest.fixture(scope="module")
def five():
    return load_corpus(DATA)


# --- the table ----------------------------------------------------------------------------------------------------------


def test_a_page_becomes_sentences_headings_and_items():
    """Each sentence, heading and list item is a unit, without its list mark, in reading order."""
    assert pairs(split(PAGE), "kind", "text") == [
        ("heading", "Kava and You"),
        ("prose", "Kava is a root, e.g. from Fiji."),
        ("prose", "Dr. Lee grows it!"),
        ("heading", "Side Effects"),
        ("prose", "Effects include:"),
        ("item", "Nausea"),
        ("item", "Headache that lasts 2.5 hours"),
        ("item", "A rash."),
        ("item", "See a doctor."),
        ("prose", "They pass."),
        ("item", "Chew it"),
        ("item", "Rest"),
        ("heading", "Why Do People Drink It?"),
    ]


def test_the_table_has_the_agreed_columns_and_types():
    """Columns, their order and types do not depend on the text."""
    units = split(PAGE)
    assert list(units.columns) == UNIT_COLUMNS
    assert {units[c].dtype.kind for c in ("unit", "start", "end", "statement")} == {"i"}
    assert units["unit"].tolist() == list(range(len(units)))
    assert set(units["focal"]) == {"kava"}
    assert set(units["title"]) == {"Kava"}
    assert set(units["kind"]) <= {"prose", "heading", "item"}


def test_a_unit_knows_the_heading_above_it():
    """The section is the text of the last heading; a heading itself has none."""
    sections = dict(pairs(split(PAGE), "text", "section"))
    assert sections["Kava is a root, e.g. from Fiji."] == "Kava and You"
    assert sections["Side Effects"] == ""
    assert sections["Nausea"] == "Side Effects"
    assert sections["Rest"] == "Side Effects"


def test_items_know_the_sentence_that_leads_into_their_list():
    """Items after a sentence that ends in a colon carry it; no other unit does."""
    units = split(PAGE)
    led = units.loc[units["lead_in"] != ""]
    assert set(led["lead_in"]) == {"Effects include:"}
    assert led["text"].tolist() == ["Nausea", "Headache that lasts 2.5 hours", "A rash.", "See a doctor."]


def test_a_list_and_its_lead_in_are_one_statement():
    """The lead-in and its items share a number, so do the items of a list without one; others count up."""
    assert split(PAGE)["statement"].tolist() == [0, 1, 2, 3, 4, 4, 4, 4, 4, 5, 6, 6, 7]


def test_units_are_numbered_within_each_document():
    """A second document begins at 0 again and takes no section from the first."""
    both = pd.concat([document("# Risks\n\nIt harms."), document("It grows.", "b", "kratom", "")], ignore_index=True)
    units = split_units(both)
    assert pairs(units, "document", "unit", "section", "focal", "title") == [
        ("a", 0, "", "kava", "Kava"),
        ("a", 1, "Risks", "kava", "Kava"),
        ("b", 0, "", "kratom", ""),
    ]


@pytest.mark.parametrize("text", ["", " \n\t\r\n", "-----\n|---|---|\n***", "…", "\ufeff", "•\n•\n"])
def test_text_without_a_word_has_no_units(text):
    """Blank text, rules and bare list marks give an empty table with the usual columns."""
    units = split(text)
    assert len(units) == 0
    assert list(units.columns) == UNIT_COLUMNS


def test_no_documents_give_no_units():
    """An empty table of documents gives an empty table of units with the usual columns."""
    assert list(split_units(document("x").iloc[:0]).columns) == UNIT_COLUMNS


# --- where units begin and end ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs 2.5 dollars. It grows.", ["It costs 2.5 dollars.", "It grows."]),
        ("See Dr. Smith, e.g. today. Go!", ["See Dr. Smith, e.g. today.", "Go!"]),
        ("One line\rtwo lines\r\nthree", ["One line\rtwo lines\r\nthree"]),
        ("First.\rSecond.\u2028Third.\x0bFourth.", ["First.", "Second.", "Third.", "Fourth."]),
        (
            "A sentence that the width of the page has broken into\ntwo lines. Another.",
            ["A sentence that the width of the page has broken into\ntwo lines.", "Another."],
        ),
        ("Heading\n\nProse here.", ["Heading", "Prose here."]),
        ("- a\n- b\n* c\n– d\n1. e\n(2) f\na) g", ["a", "b", "c", "d", "e", "f", "g"]),
        ("   indented.   \n", ["indented."]),
        ("“Is it safe?” he asked.", ["“Is it safe?” he asked."]),
        ("état. 药 是 草。 Ω", ["état.", "药 是 草。", "Ω"]),
    ],
)
def test_units_end_where_a_reader_would_end_them(text, expected):
    """Abbreviations and numbers end no sentence, blank lines, list marks and other line breaks do."""
    assert split(text)["text"].tolist() == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Symptoms of Withdrawal", "heading"),
        ("Is Kava Addictive?", "heading"),
        ("It is habit-forming.", "prose"),
        ("Effects include:", "prose"),
        ("dry mouth", "item"),
        ("| Kava | root |", "item"),
        ("• Nausea", "item"),
        ("A line without a full stop that goes on and on for more than fourteen words in all", "prose"),
    ],
)
def test_a_line_alone_shows_what_it_is(text, kind):
    """Length, capital, final stop and list mark tell heading, sentence and item apart."""
    assert kind_of(text) == kind


@pytest.mark.parametrize("end", ["\r\n", "\r", "\u2028"])
def test_a_line_is_a_line_whatever_ends_it(end):
    """Three lines that the width of a page broke are one sentence, each measured by itself."""
    lines = [
        "Kava is a root whose drink was for a very long time shared on",
        "Fiji, on Tonga and on Vanuatu, where the elders of the villages of",
        "Tanna drank it first.",
    ]
    for text in ("\n".join(lines), end.join(lines)):
        assert split(text)["text"].tolist() == [text]


def reproduces(documents):
    """Whether every unit's offsets give its text, and units follow each other without overlap."""
    units = split_units(documents)
    texts = documents.set_index("document")["text"]
    last: dict[str, int] = {}
    for row in units.itertuples():
        assert texts[row.document][row.start : row.end] == row.text
        assert row.text == row.text.strip()
        assert row.text
        assert last.get(row.document, 0) <= row.start < row.end
        last[row.document] = row.end
    return units


def test_offsets_reproduce_the_five_documents(five):
    """In the real documents, with their own line ends, every unit is cut out of the raw text exactly."""
    units = reproduces(five)
    assert set(units["document"]) == {"000", "001", "002", "003", "004"}


@settings(max_examples=60)
@given(
    st.text(
        st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\n\r\t .:?•-#1)a\u2028\xa0")), max_size=200
    )
)
def test_offsets_reproduce_any_text(text):
    """Whatever the characters, offsets hold, and no letter or digit is lost but in list marks."""
    reproduces(document(text))


def test_every_annotated_unit_of_the_five_documents_is_found(five):
    """All 181 units that the coders coded are cut at the same characters."""
    coded = pd.read_csv(DATA / "annotations" / "five_documents.csv", dtype={"document": str})
    theirs = set(pairs(coded[coded["coder"] == "final"], "document", "start", "end"))
    ours = set(pairs(split_units(five), "document", "start", "end"))
    assert len(theirs) == 181
    assert theirs - ours == set()
    assert len(theirs & ours) / len(ours) > 0.95


# --- context of rows that come without ------------------------------------------------------------------------------------


def test_missing_context_is_inferred_and_given_context_kept():
    """Columns that are there stay as they are; the others follow from the order of the rows."""
    frame = pd.DataFrame(
        {
            "document": "a",
            "focal": "kava",
            "text": ["Risks", "They are:", "nausea", "It grows."],
            "section": ["", "S", None, "S"],
        },
        index=[9, 7, 5, 3],
    )
    before = frame.copy()
    out = add_context(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert out.index.tolist() == [9, 7, 5, 3]
    assert out["section"].tolist() == ["", "S", "", "S"]
    assert out["kind"].tolist() == ["heading", "prose", "item", "prose"]
    assert out["lead_in"].tolist() == ["", "", "They are:", ""]
    assert out["statement"].tolist() == [0, 1, 1, 2]
    assert out["unit"].tolist() == [0, 1, 2, 3]
    assert out["title"].tolist() == ["", "", "", ""]


def test_context_follows_each_document_where_rows_alternate():
    """Rows of two documents in turn take section and lead-in from their own document."""
    frame = pd.DataFrame(
        {"document": ["a", "b", "a", "b"], "focal": "kava", "text": ["Risks", "Uses", "It harms.", "It calms."]}
    )
    out = add_context(frame)
    assert out["section"].tolist() == ["", "", "Risks", "Uses"]
    assert out["unit"].tolist() == [0, 0, 1, 1]


def test_inferred_context_is_what_splitting_gives():
    """Units of a page, stripped of their context columns, get the same ones back."""
    units = split("Risks\n\nKava harms. It may last.\n\nHow Long?\n\nA day.").drop(columns=["start", "end"])
    bare = add_context(units[["document", "focal", "text"]])
    for column in ("unit", "kind", "section", "lead_in", "statement"):
        assert bare[column].tolist() == units[column].tolist(), column


def test_lines_in_a_row_are_a_list_where_its_marks_are_lost():
    """What a colon leads into, and three or more lines in a row, are items; what stands before prose is a heading."""
    led = "Signs include:\n\nNausea\n\nBlurry Vision\n\nWhat Helps\n\nWater helps."
    headed = "Physical Signs\n\nNausea\n\nVertigo\n\nSlurred Speech"
    two = "Kava\n\nSide Effects\n\nKava can harm the liver."
    expected = {
        led: ["prose", "item", "item", "heading", "prose"],
        headed: ["heading", "item", "item", "item"],
        two: ["heading", "heading", "prose"],
    }
    for text, kinds in expected.items():
        units = split(text)
        assert units["kind"].tolist() == kinds
        assert add_context(units[["document", "focal", "text"]])["kind"].tolist() == kinds
    assert split(led)["lead_in"].tolist()[1:3] == ["Signs include:"] * 2
    assert split(headed)["section"].tolist()[1:] == ["Physical Signs"] * 3


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("Kava is safe.", "documents must be a pandas.DataFrame, not str"),
        (pd.DataFrame({"document": ["a"], "text": ["Hi."]}), "documents lack the column focal; add it"),
        (pd.DataFrame({"document": ["a"], "focal": ["kava"]}), "documents lack the column text; add it"),
        (pd.DataFrame({"document": ["a"], "focal": ["kava"], "text": [None]}), "the column text must hold text"),
        (pd.DataFrame({"document": [None], "focal": ["kava"], "text": ["Hi."]}), "the column document has gaps"),
    ],
)
def test_what_is_no_table_of_texts_is_one_clear_error(bad, message):
    """The error names the column and the mend."""
    with pytest.raises(CandorError, match=message):
        split_units(bad)


def test_headings_that_are_marked_stay_headings():
    """Marks of a list or of headings are believed, however many stand in a row."""
    assert split("# Kava\n## Risks\n### Liver\n#### Rare")["kind"].tolist() == ["heading"] * 4
