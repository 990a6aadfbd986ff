"""Sentences that follow from the numbers: for any number of sources, and none of them false on another corpus."""

import numpy as np
import pandas as pd
import pytest

from analysis import candor_profile, figures, findings, score_sources, sections
from analysis.candor import checklist
from analysis.ranks import compare_sources, rank_acceptability


def coded(*documents: list[tuple[str, int, int]], focal: str = "kava") -> pd.DataFrame:
    """Coded units: for each document a list of (risk, addiction, other_addiction)."""
    rows = [
        (f"d{number}", unit, risk, own, other)
        for number, units in enumerate(documents)
        for unit, (risk, own, other) in enumerate(units)
    ]
    frame = pd.DataFrame(rows, columns=["document", "unit", "risk", "addiction", "other_addiction"])
    frame = frame.assign(text="Some words.", hedged=0, commercial=0, focal=focal, kind="prose", title="")
    return frame.assign(checklist=["addictive" if own else "" for own in frame["addiction"]])


ADMITS, DENIES, OTHERS, SILENT = ("acknowledges", 1, 0), ("denies", 1, 0), ("none", 0, 1), ("none", 0, 0)


def answer_of(units: pd.DataFrame) -> list[str]:
    scores, profile = score_sources(units, draws=50), candor_profile(units, draws=50)
    return findings.answer(scores, profile, compare_sources(units, draws=50), rank_acceptability(units, draws=50))


def test_the_most_candid_source_is_named_with_what_the_others_do():
    who, what, sure = answer_of(coded([ADMITS] * 4, [DENIES] * 4, [OTHERS] * 4))
    assert who.startswith("Source d0 is the most candid: ")
    assert "d1 and d2 are the least with 0.00" in who
    assert what.startswith("Source d0 acknowledges one of seven things that a candid source says; ")
    assert "d1 denies addiction in every statement" in what
    assert "d2 says nothing of addiction to kava" in what
    assert "d2 speaks of addiction and withdrawal mostly as another substance’s" in what
    assert sure.startswith("How sure: ")


def test_what_is_denied_is_said_in_words_whatever_the_counts():
    profile = pd.DataFrame({
        "document": list("abcde"), "own_statements": [15, 14, 4, 3, 1], "own_denied": [2, 0, 1, 2, 0],
        "own_minimised": [0, 1, 1, 0, 1],
    })  # fmt: skip
    assert findings.joined(findings.taken_back(profile)) == (
        "Source b plays addiction down in few statements; a denies addiction in few statements; c denies addiction or "
        "plays it down in most statements; d denies addiction in most statements; e plays addiction down in the only "
        "statement"
    )


def test_answer_and_headline_give_one_number_for_sources_that_share_the_first_rank():
    profile = pd.DataFrame({"document": list("abc"), "candor": [0.5, 0.5, 0.1]})
    pairs = pd.DataFrame({"a": list("aab"), "b": list("bcc"), "differs": [False, True, False]})
    ranks = pd.DataFrame({"document": list("cab"), "rank": [3, 1, 1], "kept": [0.9, 0.4351, 0.4349]})
    same = "a and b share the first rank and keep it in 43% to 44% of"
    assert findings.sure(profile, pairs, ranks).startswith(f"How sure: {same} ")
    assert findings.sure(profile, pairs, ranks).endswith(
        " They cannot be told apart from c; of all three pairs of sources, one can be told apart."
    )
    assert figures.headline_rank_acceptability(ranks).startswith(f"{same} ")


def test_where_nobody_admits_it_nobody_is_called_the_most_candid():
    who, what, _ = answer_of(coded([SILENT] * 3, [SILENT] * 3))
    assert who.startswith("None of the two texts admits that kava can be addictive")
    assert "two" not in what
    assert "nothing of addiction to kava" in what


def test_a_single_source_is_not_compared():
    sentences = answer_of(coded([ADMITS, SILENT]))
    assert len(sentences) == 2
    assert sentences[0].startswith("The text scores ")
    assert not any("most" in sentence for sentence in sentences)


def test_many_sources_are_counted_rather_than_named():
    who, *_ = answer_of(coded([ADMITS] * 4, *[[SILENT] * 3] * 20))
    assert "20 sources are the least with 0.00" in who


def test_sources_about_several_substances_are_not_said_to_be_about_one():
    units = pd.concat([coded([ADMITS], focal="kava"), coded([SILENT], focal="CBD").assign(document="d1")])
    assert "what they write about" in findings.question(score_sources(units, draws=50))


@pytest.mark.parametrize("seed", range(5))
def test_no_sentence_holds_a_number_that_is_none(seed):
    chance = np.random.default_rng(seed)
    choices = [ADMITS, DENIES, OTHERS, SILENT, ("minimises", 1, 0), ("minimises", 0, 0)]
    documents = [
        [choices[i] for i in chance.integers(6, size=chance.integers(1, 9))] for _ in range(chance.integers(1, 9))
    ]
    units = coded(*documents)
    scores, profile, cells = score_sources(units, draws=50), candor_profile(units, draws=50), checklist(units)
    sentences = [
        *answer_of(units),
        sections.negating(scores),
        sections.extent(scores),
        sections.make_up(units),
        sections.untold(profile, compare_sources(units, draws=50)),
        sections.spread(scores, "commercial_share", "Units that promote"),
    ]
    for score, row in zip(scores.to_dict("records"), profile.to_dict("records"), strict=True):
        mine = cells[cells.document == score["document"]].to_dict("records")
        sentences.append(findings.summary(score, row, mine))
    for sentence in sentences:
        assert "nan" not in sentence.split()
        assert "  " not in sentence
        assert sentence[0].isupper()


def test_the_first_admission_of_each_thing_is_found():
    units = coded([SILENT, ADMITS, ADMITS], [DENIES])
    found = dict(sections.first_admissions(units, checklist(units)))
    assert found["First acknowledged: it can be addictive"][["document", "unit"]].to_numpy().tolist() == [["d0", 1]]
    assert found["First acknowledged: tolerance"].empty
