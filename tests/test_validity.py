"""The machine is compared with coders as the numbers say, and steps aside where there are none."""

import numpy as np
import pandas as pd
import pytest

from analysis import validity, validity_tables, validity_text
from analysis.card import render_card
from analysis.coder import finish_coding
from analysis.codes import CODE_COLUMNS
from analysis.errors import CandorError
from analysis.units import add_context
from analysis.validity_figures import plot_f1

KEYS = {"document": "d", "start": [0, 10, 20, 30], "end": [9, 19, 29, 39]}


@pytest.fixture
def coded():
    """Four coded units of one document."""
    return pd.DataFrame(
        {
            **KEYS,
            "unit": range(4),
            "text": ["Kava may harm.", "It is harmless.", "Buy the best kava.", "Kava withdrawal is real."],
            "hedged": [1, 0, 0, 0],
            "risk": ["acknowledges", "none", "none", "acknowledges"],
            "addiction": [0, 0, 0, 1],
            "other_addiction": 0,
            "commercial": [0, 0, 1, 0],
            "evidence": [()] * 4,
        }
    )


@pytest.fixture
def annotations(coded):
    """What two coders and an adjudicator gave those units: the machine misses the denial."""
    final = coded.assign(coder="final", risk=["acknowledges", "denies", "none", "acknowledges"])
    return pd.concat([final.assign(coder="a"), final.assign(coder="b", hedged=[1, 0, 0, 1]), final])[
        ["document", "start", "end", "coder", "hedged", "risk", "addiction", "other_addiction", "commercial"]
    ]


def measured(f1, low=np.nan, high=np.nan, variant="full", code="hedged"):
    """One row of data/validation/real_pages.csv."""
    return {"variant": variant, "code": code, "units": 100, "positives": 20, "precision": 0.9, "recall": 0.8,
            "f1": f1, "f1_low": low, "f1_high": high}  # fmt: skip


def test_machine_and_keywords_are_judged_by_the_same_units(annotations, coded):
    judged = validity.judge(validity.truth_of(annotations), coded).set_index(["variant", "code"])
    # one denial, which the keyword "harmless" finds and the machine does not
    assert judged.loc[(validity.MACHINE, "denies"), ["support", "found", "recall", "f1"]].tolist() == [1, 0, 0.0, 0.0]
    assert judged.loc[(validity.NAIVE, "denies"), ["support", "found", "recall", "f1"]].tolist() == [1, 1, 1.0, 1.0]
    # "harm" and "withdrawal", and "harmless" too: two of three
    naive = judged.loc[(validity.NAIVE, "acknowledges")]
    assert (naive["found"], naive["precision"], naive["recall"]) == (3, round(2 / 3, 6), 1.0)


def test_truth_without_an_adjudicator_is_what_all_coders_say(annotations):
    coders = annotations[annotations["coder"] != "final"]
    assert validity.truth_of(coders)["start"].tolist() == [0, 10, 20]


def test_differences_name_unit_and_both_codes(annotations, coded):
    differ = validity.differences(validity.truth_of(annotations), coded)
    assert differ[["unit", "code", "final", "machine"]].values.tolist() == [[1, "risk", "denies", "none"]]
    kinds = validity.error_kinds(differ)
    assert kinds["units"].tolist() == [1]
    (caption, units), = validity_tables.by_kind(differ, kinds)  # fmt: skip
    assert caption == "Stance on harm: final code denies, machine none"
    assert units["text"].tolist() == ["It is harmless."]


def test_alphas_compare_coders_with_each_other_and_machine_and_keywords_with_the_final_codes(annotations, coded):
    agreed = validity.alphas(annotations, coded)
    assert agreed["between"].unique().tolist() == [
        "coder a and coder b", "machine and final codes", "naive keywords and final codes",
    ]  # fmt: skip
    hedged = agreed[agreed["code"] == "hedged"].set_index("between")["alpha"]
    assert hedged["machine and final codes"] == 1.0
    # observed disagreement 1/4; of eight codes given three are 1: expected 2 * 3 * 5 / (8 * 7)
    assert hedged["coder a and coder b"] == pytest.approx(1 - (1 / 4) / (30 / 56), abs=1e-6)


def test_everything_steps_aside_without_annotations(tmp_path, coded):
    nothing = validity.load_annotations(tmp_path)
    truth = validity.truth_of(nothing)
    here = validity.beside(validity.judge(truth, coded), validity.MACHINE, validity.NAIVE, {})
    assert (len(nothing), len(truth), len(here)) == (0, 0, 0)
    assert validity_text.headline_f1(here).startswith("No coder has coded these texts")
    assert len(validity.alphas(nothing, coded)) == 0
    assert len(validity.candor_agreement(coded, truth, validity.load_ratings(tmp_path))) == 0
    assert validity.load_validation(tmp_path)["real_pages"].empty
    assert validity_text.in_short(here, here, pd.DataFrame()) == []


def test_annotations_of_the_five_documents_cover_their_units():
    annotations = validity.load_annotations()
    assert annotations.groupby("coder").size().to_dict() == {"a": 181, "b": 181, "final": 181}
    assert validity.load_ratings().groupby("coder").size().to_dict() == {"a": 5, "b": 5}
    assert validity.targets_for("data") == validity.TARGETS_FIVE


def test_a_target_is_set_for_no_other_corpus(tmp_path):
    assert validity.targets_for(tmp_path) == {}


def test_a_table_of_annotations_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "units.csv").write_bytes(b"\xff\xfe\x00\x01,")
    with pytest.raises(CandorError, match=r"units\.csv: cannot be read"):
        validity.load_annotations(tmp_path)


def test_a_validation_file_without_a_column_is_named(tmp_path):
    (tmp_path / "candor.csv").write_text("codes,pages\nx,3\n")
    with pytest.raises(CandorError, match=r"candor\.csv: lacks the column spearman"):
        validity.load_validation(tmp_path)


def test_candor_from_the_coders_own_codes_is_compared_with_their_ratings():
    documents = pd.DataFrame(
        {
            "document": ["a", "b", "c"],
            "focal": "kava",
            "text": ["Kava is addictive. Withdrawal from kava lasts a week.", "Kava is not addictive.", "Kava grows."],
        }
    )
    from analysis import code_units, split_units

    coded = code_units(split_units(documents))
    ratings = pd.DataFrame({"document": ["a", "b", "c"], "coder": "x", "candor": [4, 1, 0]})
    table = validity.candor_agreement(coded, pd.DataFrame(columns=["document"]), ratings)
    assert table["codes"].tolist() == ["machine’s codes", "naive keywords"]
    assert table["pages"].tolist() == [3, 3]
    alike = validity.candor_agreement(coded, pd.DataFrame(columns=["document"]), ratings.assign(candor=2))
    assert len(alike) == 0  # ratings that are all alike order nothing


def test_the_chart_shows_machine_baseline_and_target_where_they_are():
    pages = pd.DataFrame(
        [measured(0.9, 0.85, 0.95), measured(0.6, 0.5, 0.7, "naive keywords"), measured(0.4, 0.2, 0.6, code="denies"),
         measured(0.1, 0.0, 0.3, "naive keywords", "denies")]
    )  # fmt: skip
    table = validity.beside(pages, "full", validity.NAIVE, {"hedged": 0.85})
    ax = plot_f1(table)
    target, naive, machine = (np.ma.filled(c.get_offsets(), np.nan)[:, 0].tolist() for c in ax.collections[1:])
    assert machine == [0.9, 0.4]
    assert naive == [0.6, 0.1]
    assert target[0] == 0.85
    assert np.isnan(target[1])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["Hedged", "Denies a harm"]
    assert [t.get_text() for t in ax.texts] == ["0.90, 20 units", "0.40, 20 units"]
    assert validity_text.describe_f1(table) == (
        "Dot plot of F1 by code, from 0 to 1. Hedged, 20 units: F1 0.90 (95% interval 0.85 to 0.95), naive keywords "
        "0.60, target 0.85. Denies a harm, 20 units: F1 0.40 (95% interval 0.20 to 0.60), naive keywords 0.10."
    )


def test_the_card_says_what_it_was_given_and_what_was_not_measured():
    card = {
        "fitted_on": {
            "examples": {"units": 4000, "pages": 300, "focal_substances": 60, "weight": 0.5,
                         "source_types": ["forum", "vendor_promo"], "positives": {"hedged": 800}},
        },
        "redistributable": {"examples": True, "real pages": False},
        "examples_alone": {"sha256": "ab12", "f1_on_real_pages": {"hedged": 0.8}},
    }  # fmt: skip
    pages = pd.DataFrame([measured(0.85, 0.8, 0.9), measured(0.6, 0.5, 0.7, "naive keywords")])
    text = render_card(card, {"real_pages": pages})
    assert "| examples | 4,000 | 300 | 60 | 0.5 | 800 |" in text
    assert "Kinds of sources: forum and vendor promo." in text
    assert "The real pages cannot be passed on" in text
    assert "| Hedged | 20 | 0.90 | 0.80 | 0.85 (0.80–0.90) | 0.60 (0.50–0.70) |" in text
    assert "| Hedged | 0.80 | 0.85 |" in text
    assert "`weights.csv` and `context.csv`, joined in this order. It should be `ab12`." in text
    assert "no weight was fitted to them, but\n  errors of an earlier model on the documents were read" in text
    assert "Not measured yet: `make validate CORPORA=DIR` does it." in text  # the public corpora
    assert text == render_card(card, {"real_pages": pages})


@pytest.fixture
def two_texts():
    """Two texts of twelve sentences on kava, coded: the first admits addiction in each, the second in none."""
    text = "Kava is addictive, and withdrawal from it is hard."
    frame = pd.DataFrame({"document": ["open"] * 12 + ["mute"] * 12, "unit": [*range(12)] * 2, "text": text})
    frame = frame.assign(start=frame["unit"] * 100, end=frame["unit"] * 100 + len(text), focal="kava", title="")
    says = (frame["document"] == "open").astype(int)
    codes = {"hedged": 0, "risk": says.map({1: "acknowledges", 0: "none"}), "addiction": says}
    return finish_coding(add_context(frame), frame.assign(**codes, other_addiction=0, commercial=0))


def test_candor_by_final_codes_stands_beside_that_by_the_machine(two_texts):
    """Coders who find a denial wherever the machine finds an admission turn candor to nothing, and two into one."""
    truth = two_texts[["document", "start", "end", *CODE_COLUMNS]]
    same = validity.candor_by_coding(two_texts, truth, pd.DataFrame({"document": ["open"], "candor": [3]}))
    assert same["machine"].tolist() == same["final"].tolist()
    assert same["machine"].iloc[0] > 0.3 > 0 == same["machine"].iloc[1]
    assert same["rating"].iloc[0] == 3
    assert len(validity.told_apart_otherwise(two_texts, truth)) == 0
    denied = truth.assign(risk=truth["risk"].replace("acknowledges", "denies"))
    assert validity.candor_by_coding(two_texts, denied, pd.DataFrame(columns=["document", "candor"]))[
        "final"
    ].tolist() == [0.0, 0.0]
    assert validity.told_apart_otherwise(two_texts, denied).values.tolist() == [["open", "mute", False]]


def test_candor_by_final_codes_needs_a_code_for_every_unit(two_texts):
    """A corpus that coders coded in part has no candor by their codes."""
    truth = two_texts[["document", "start", "end", *CODE_COLUMNS]].head(20)
    assert validity.candor_by_coding(two_texts, truth, pd.DataFrame(columns=["document", "candor"])).empty
    assert validity.told_apart_otherwise(two_texts, truth).empty
