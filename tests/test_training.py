import json
import re
import shutil
from collections import Counter

import pandas as pd
import pytest

from analysis import training
from analysis.coder import MODEL, code_units, load_model, save_model
from analysis.codes import CODES, STANCES
from analysis.errors import CandorError
from analysis.paths import shipped
from analysis.training import HARD_WEIGHT, digest, load_examples, load_real_pages, train

HEADER = "page,position,focal,source_type,title,kind,section,text,hedged,risk,addiction,other_addiction,commercial"
ROW = "p1,0,kava,forum,Kava,prose,,Kava may harm.,1,acknowledges,0,0,0"
MOST_NEAR_DUPLICATES = 0.01


@pytest.fixture(scope="module")
def examples():
    return load_examples(shipped("data/examples"))


# --- the examples -------------------------------------------------------------------------------------------------------


def test_there_are_enough_examples_of_everything(examples):
    """At least 1,500 units on 15 substances and eight kinds of sources, 100 or more of every code."""
    assert len(examples) >= 1_500
    assert examples["focal"].str.lower().nunique() >= 15
    assert examples["focal"].value_counts().iloc[15 - 1] >= 30
    assert examples["source_type"].nunique() >= 8
    for stance in STANCES:
        assert (examples["risk"] == stance).sum() >= 100
    for code in ("hedged", "addiction", "other_addiction", "commercial"):
        assert (examples[code] == 1).sum() >= 100


def test_every_example_has_valid_codes(examples):
    """Codes are 0 or 1, the risk one of four, and text, substance, page and kind are there."""
    for code in ("hedged", "addiction", "other_addiction", "commercial"):
        assert set(examples[code]) == {0, 1}
    assert set(examples["risk"]) == {"none", *STANCES}
    assert set(examples["kind"]) == {"prose", "heading", "item"}
    for column in ("text", "focal", "document", "title", "source_type"):
        assert (examples[column].str.strip() != "").all()
    assert (examples["text"] == examples["text"].str.strip()).all()


def test_an_example_about_its_own_addiction_is_seldom_without_a_stance(examples):
    """Addiction of the focal substance is mostly acknowledged, made small or denied; only topics and questions are not."""
    own = examples[examples["addiction"] == 1]
    assert (own["risk"] == "none").mean() < 0.35


def test_rows_of_a_page_stand_together_in_order():
    """Each page is one run of rows, positions count up from 0, and no page is in two files."""
    seen: set[str] = set()
    for path in sorted(shipped("data/examples").glob("*.csv")):
        table = pd.read_csv(path, keep_default_na=False)
        runs = (table["page"] != table["page"].shift()).sum()
        assert runs == table["page"].nunique()
        assert (table["position"] == table.groupby("page").cumcount()).all()
        assert not seen & set(table["page"])
        seen |= set(table["page"])
        assert (table.groupby("page")[["focal", "title", "source_type"]].nunique() == 1).all(axis=None)


def test_the_readme_says_how_many_units_a_page_has(examples):
    """Of pages as they might stand somewhere and of runs made up to be hard, the fewest and the most."""
    readme = (shipped("data/examples") / "README.md").read_text(encoding="utf-8")
    for weight, said in ((1.0, r"(\d+) to (\d+) consecutive units"), (HARD_WEIGHT, r"runs of (\d+) to (\d+) units")):
        sizes = examples[examples["weight"] == weight].groupby("document").size()
        assert re.findall(said, readme) == [(str(sizes.min()), str(sizes.max()))]


def test_examples_are_seldom_near_duplicates(examples):
    """Of units longer than six words, next to none shares half of its five-word runs with another."""
    units = [re.findall(r"[\w']+", text.lower()) for text in examples["text"]]
    runs = [{tuple(words[i : i + 5]) for i in range(len(words) - 4)} for words in units if len(words) > 6]
    often = Counter(run for unit in runs for run in unit)
    near = [unit for unit in runs if 2 * sum(often[run] > 1 for run in unit) >= len(unit)]
    assert len(runs) > 1_000
    assert len(near) / len(runs) <= MOST_NEAR_DUPLICATES


def test_examples_do_not_follow_templates(examples):
    """No opening or ending of four words recurs in more than one unit in a hundred."""
    units = [words for text in examples["text"] if len(words := text.lower().split()) > 6]
    for piece in (slice(None, 4), slice(-4, None)):
        _, most = Counter(tuple(words[piece]) for words in units).most_common(1)[0]
        assert most <= len(units) / 100


def test_no_example_is_taken_from_the_five_documents(examples):
    """No run of eight words of an example stands in one of the five documents."""

    def runs(text):
        words = re.findall(r"[\w']+", text.lower().replace("’", "'"))
        return {tuple(words[i : i + 8]) for i in range(len(words) - 7)}

    documents = [path.read_bytes().decode("utf-8") for path in sorted(shipped("data").glob("00*.txt"))]
    assert len(documents) == 5
    theirs = set().union(*map(runs, documents))
    assert [text for text in examples["text"] if runs(text) & theirs] == []


# --- loading ------------------------------------------------------------------------------------------------------------


def test_files_and_rows_are_read_in_order(tmp_path):
    """Files by name, rows as they stand; the page is the document, and hard examples weigh less than pages."""
    (tmp_path / "pages-b.csv").write_text(f"{HEADER}\n{ROW}\n", encoding="utf-8")
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{ROW.replace('p1', '007')}\n", encoding="utf-8")
    (tmp_path / "README.md").write_text("no table", encoding="utf-8")
    table = load_examples(tmp_path)
    assert table["document"].tolist() == ["007", "p1"]
    assert table["weight"].tolist() == [HARD_WEIGHT, 1.0]
    assert table["text"].tolist() == ["Kava may harm."] * 2


def test_words_that_look_like_gaps_are_text(tmp_path):
    """A unit that reads "NA" or "None" is that text, not a gap."""
    row = ROW.replace("Kava may harm.", "NA")
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    assert load_examples(tmp_path)["text"].tolist() == ["NA"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "holds no examples .* name the folder data/examples"),
        (b"", "a.csv: cannot be read"),
        (b"\xff\xfe\x00", "a.csv: cannot be read"),
        (HEADER.replace("risk,", "").encode(), "a.csv: lacks the column risk"),
        (HEADER.replace("page,", "").encode(), "a.csv: lacks the column document"),
        (HEADER.replace("text,", "words,").encode(), "a.csv: lacks the column text"),
    ],
)
def test_examples_that_cannot_be_read_are_one_clear_error(tmp_path, content, message):
    """The error names the folder or file, and what it lacks."""
    if content is not None:
        (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(CandorError, match=message) as caught:
        load_examples(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_of_real_pages_is_one_clear_error(tmp_path):
    """The error names the file that is looked for."""
    with pytest.raises(CandorError, match=r"real_pages/units.csv: cannot be read"):
        load_real_pages(tmp_path)


def test_the_shell_says_what_is_wrong_on_one_line(tmp_path, monkeypatch, capsys):
    """Without examples the command ends with code 2, one line on standard error, and nothing written."""
    monkeypatch.setattr("sys.argv", ["training", "--examples", str(tmp_path), "-o", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as stopped:
        training.main()
    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_pages_without_kinds_and_sections_are_learned_from_as_they_will_be_coded(tmp_path):
    """Where a file lacks kind and section they are inferred, as they are when such a page is coded."""
    header, rows = HEADER.replace("page,", "document,").replace("kind,section,", ""), ""
    for position, text in enumerate(("Side Effects", "They include:", "nausea")):
        rows += f"p1,{position},kava,forum,Kava,{text},0,none,0,0,0\n"
    (tmp_path / "real_pages").mkdir()
    (tmp_path / "real_pages" / "units.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
    table = load_real_pages(tmp_path)
    assert table["kind"].tolist() == ["heading", "prose", "item"]
    assert table["section"].tolist() == ["", "Side Effects", "Side Effects"]
    assert table["lead_in"].tolist() == ["", "", "They include:"]


def test_the_weights_know_three_kinds_of_units():
    """No feature of the shipped weights is of a unit whose kind was not known."""
    features = pd.read_csv(MODEL / "weights.csv")["feature"]
    assert set(features[features.str.startswith("kind:")]) == {"kind:heading", "kind:item", "kind:prose"}


# --- the model ------------------------------------------------------------------------------------------------------------


def test_the_digest_is_of_the_weights_alone(tmp_path):
    """The same weights have the same digest whatever the card says; one other digit changes it."""
    shutil.copytree(MODEL, tmp_path, dirs_exist_ok=True)
    assert digest(tmp_path) == digest(MODEL)
    (tmp_path / "card.json").write_text("{}\n", encoding="utf-8")
    assert digest(tmp_path) == digest(MODEL)
    weights = (tmp_path / "weights.csv").read_text(encoding="utf-8")
    (tmp_path / "weights.csv").write_text(weights[:-2] + str((int(weights[-2]) + 1) % 10) + "\n", encoding="utf-8")
    assert digest(tmp_path) != digest(MODEL)


def test_the_card_says_on_what_the_model_was_fitted(examples):
    """Counts in the shipped card are those of the examples that ship with it."""
    card = json.loads((MODEL / "card.json").read_text(encoding="utf-8"))
    for name, weight in (("example pages", 1.0), ("hard examples", HARD_WEIGHT)):
        fitted, part = card["fitted_on"][name], examples[examples["weight"] == weight]
        assert fitted["units"] == len(part)
        assert fitted["weight"] == weight
        assert fitted["pages"] == part["document"].nunique()
        assert fitted["focal_substances"] == part["focal"].nunique()
        assert set(fitted["positives"]) == set(CODES)
        assert fitted["positives"]["denies"] == (part["risk"] == "denies").sum()
    assert card["redistributable"] == {"real pages": False, "example pages": True, "hard examples": True}
    assert "five documents" in card["never_fitted_on"]


def test_the_model_is_rebuilt_from_the_examples_alone_byte_for_byte(tmp_path, examples):
    """Fitted to the examples alone, the weights are the very bytes that the card promises, and they code."""
    model = train(shipped("data/examples"))
    save_model(model, tmp_path)
    card = json.loads((MODEL / "card.json").read_text(encoding="utf-8"))
    assert digest(tmp_path) == card["examples_alone"]["sha256"]
    assert list(model.card["fitted_on"]) == ["example pages", "hard examples"]
    assert all(model.card["redistributable"].values())
    units = pd.DataFrame({"document": "a", "focal": "kava", "text": ["Kava may harm the liver.", "It is a root."]})
    coded = code_units(units, load_model(tmp_path))
    assert coded["hedged"].tolist() == [1, 0]
    assert coded["risk"].tolist() == ["acknowledges", "none"]
