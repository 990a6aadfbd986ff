import pandas as pd
import pytest

from analysis.display import kwic, letters, print_coded, print_scores, printable, show_source
from analysis.errors import CandorError

HOSTILE = "<script>alert(1)</script> It may harm.\x1b[2J\u202e <img src=x onerror=alert(1)>"
CUE = {"start": 29, "end": 32, "text": "may", "term": "may", "category": "modal", "family": "hedges"}
CODED = pd.DataFrame(
    {
        "document": ["a", "b"],
        "unit": [0, 0],
        "kind": ["prose", "heading"],
        "text": [HOSTILE, "Kava"],
        "hedged": [1, 0],
        "risk": ["acknowledges", "none"],
        "addiction": [0, 0],
        "other_addiction": [0, 0],
        "commercial": [0, 1],
        "evidence": [(CUE,), ()],
    }
)


def test_a_source_is_shown_as_text_whatever_it_holds():
    """No element, no escape sequence and no reordering character of a source reaches the page."""
    html = show_source(CODED, "a")._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert not set(html) & set("\x1b\u202e")
    assert ">may</mark>" in html
    assert "[AH]" in html


def test_a_source_without_html_is_plain_text():
    assert repr(show_source(CODED, "b")) == "0 Kava [C]"


def test_a_source_that_is_not_there_is_named():
    with pytest.raises(CandorError, match=r"no source is called 'c'; there are a, b"):
        show_source(CODED, "c")


def test_key_words_are_found_by_category_family_and_word():
    for pattern in ("modal", "hedges", "may", "MAY"):
        row = kwic(CODED, pattern, width=4).iloc[0]
        assert (row["before"], row["match"], row["after"]) == (" It ", "may", " har")
    assert kwic(CODED, "kav").empty
    assert kwic(CODED, "denials").empty


def test_a_terminal_is_never_obeyed():
    assert printable("a\x1b[2Jb\u202ec\r\nd") == "a [2Jb c  d"


def test_letters_tell_all_codes():
    unit = {"risk": "minimises", "hedged": 1, "addiction": 1, "other_addiction": 1, "commercial": 1}
    assert letters(unit) == "MKOCH"


def test_tables_on_a_terminal_are_harmless_and_complete(capsys):
    print_coded(CODED)
    out = capsys.readouterr().out
    assert "\x1b[2J" not in out
    assert "It may harm." in out
    shares = {f"{c}_{x}": 0.5 for c in ("hedged", "acknowledges") for x in ("share", "low", "high")}
    print_scores(pd.DataFrame([{"document": "[red]a", "title": "T", "units": 2, "candor": 0.25} | shares]))
    out = capsys.readouterr().out
    assert "[red]a" in out
    assert "50 to 50%" in out
