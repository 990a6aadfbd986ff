from pathlib import Path

import pandas as pd
import pytest

from analysis import coder, codes, refit
from analysis.codes import CODE_COLUMNS
from analysis.errors import CandorError
from analysis.paths import shipped
from analysis.refit import check_target, names_of_worse, people_units, save
from analysis.sheets import CONTEXT
from analysis.training import load_examples


def sheet(units: pd.DataFrame) -> pd.DataFrame:
    """Make a filled sheet of coded units."""
    filled = units.reindex(columns=[*CONTEXT, *CODE_COLUMNS], fill_value="")
    return filled.astype(dict.fromkeys(CODE_COLUMNS, str))


def coded_pages(pages: int) -> pd.DataFrame:
    """Units of the first shipped example pages, as if people had coded them."""
    examples = load_examples(shipped("data/examples"))
    chosen = examples["document"].drop_duplicates().iloc[:pages]
    units = examples[examples["document"].isin(chosen)]
    return units.assign(unit=units.groupby("document").cumcount())


def test_units_count_that_all_who_coded_them_code_alike():
    """Of four units one has a code missing, one is disputed and one was seen by one coder only."""
    units = pd.DataFrame({"document": "a", "unit": range(4), "text": list("abcd"), "focal": "kava"})
    codes = dict.fromkeys(CODE_COLUMNS, "0") | {"risk": "none"}
    ada = units.assign(**codes)
    ada.loc[0, "hedged"] = ""
    ben = ada.iloc[:3].copy()
    ben.loc[1, "risk"] = "denies"
    found, dropped = people_units({"ada": ada, "ben": ben})
    assert found["text"].tolist() == ["c", "d"]
    assert set(found["document"]) == {"a, unit 2"}
    assert dropped == 2


def test_too_little_to_learn_from_is_an_error():
    with pytest.raises(CandorError, match="hold 12 units that are coded in full and alike, not 20"):
        refit.refit({"ada": sheet(coded_pages(3).iloc[:12])})
    with pytest.raises(CandorError, match="are of one source: nothing could judge"):
        refit.refit({"ada": sheet(pd.concat([coded_pages(1)] * 3).assign(unit=range(3 * len(coded_pages(1)))))})


def test_a_model_of_ones_own_is_judged_on_what_it_did_not_learn_from(tmp_path, monkeypatch):
    """Its card and its comparison hold F1 of both models, its folder works as a model."""
    examples = load_examples(shipped("data/examples")).iloc[1_000:1_060]
    monkeypatch.setattr(refit, "load_examples", lambda _: examples)
    steps = []
    result = refit.refit({"ada": sheet(coded_pages(3))}, lambda done, total: steps.append((done, total)))
    assert steps == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert result.comparison["code"].tolist() == list(codes.CODES)
    assert result.comparison[["shipped", "refitted"]].stack().between(0, 1).all()
    save(result.model, tmp_path / "mine")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["card.json", "context.csv", "weights.csv"]
    model = coder.load_model(tmp_path / "mine")
    assert model.card["F1"]["hedged"]["refitted"] == round(float(result.comparison["refitted"][0]), 4)
    units = pd.DataFrame({"document": "a", "focal": "kava", "text": ["Kava may harm the liver."]})
    assert coder.code_units(units, model=model)["p_hedged"].between(0, 1).all()
    save(result.model, tmp_path / "mine")


def test_a_model_takes_the_place_of_a_model_only(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(CandorError, match="holds notes.txt, which is not part of a model; name a new or empty folder"):
        check_target(tmp_path)
    with pytest.raises(CandorError, match="does not exist; make it first"):
        check_target(tmp_path / "a" / "b")


def test_a_model_that_cannot_be_moved_in_place_leaves_the_older_one(tmp_path, monkeypatch):
    """Whatever fails at the end, the folder holds the model that it held."""
    save(coder.load_model(), tmp_path / "mine")
    (tmp_path / "mine" / "card.json").write_text("{}")
    rename = Path.rename

    def fail(self, target):
        if self.name == "new":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(CandorError, match="mine: cannot be written"):
        save(coder.load_model(), tmp_path / "mine")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert (tmp_path / "mine" / "card.json").read_text() == "{}"


def test_codes_that_got_worse_are_named():
    table = pd.DataFrame({"code": ["hedged", "denies"], "difference": [0.1, -0.1]})
    assert names_of_worse(table) == ["denies"]
