"""Measuring starts when all that it needs is there, and writes where it is told to."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from analysis import validate
from analysis.paths import shipped

HEADER = "document,position,focal,source_type,title,text,hedged,risk,addiction,other_addiction,commercial"
FILES = {
    "real_pages/units.csv": f"{HEADER}\n007,0,kava,forum,Kava,Kava may harm.,1,acknowledges,0,0,0\n",
    "real_pages/documents.csv": "document,candor,note\n007,4,\n",
    "conll2010/wiki_train.csv": "text,uncertain\nIt may.,1\n",
    "conll2010/bio_train.csv": "text,uncertain\nIt does.,0\n",
    "psytar/train.csv": "text,WD\nNone,1\n",
    "psytar/dev.csv": "text,WD\nI slept.,0\n",
}


@pytest.fixture
def corpora(tmp_path):
    """One row of everything that is measured against."""
    for name, text in FILES.items():
        path = tmp_path / "corpora" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "corpora"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    """Call `make validate`'s program."""
    examples = shipped("data/examples")
    monkeypatch.setattr(sys, "argv", ["validate", "--examples", str(examples), *map(str, arguments)])
    validate.main()


def never(*_: object) -> None:
    """Stands for minutes of fitting that must not start."""
    raise AssertionError


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_missing_is_named_before_anything_is_fitted(name, corpora, tmp_path, monkeypatch, capsys):
    (corpora / name).unlink()
    monkeypatch.setattr(validate, "code_pages", never)
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, "--corpora", corpora, "-o", tmp_path / "out")
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{corpora / name}: cannot be read")
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_column_that_is_missing_is_named_before_anything_is_fitted(corpora, tmp_path, monkeypatch, capsys):
    (corpora / "psytar" / "dev.csv").write_text("text,uncertain\nI slept.,0\n", encoding="utf-8")
    monkeypatch.setattr(validate, "code_pages", never)
    with pytest.raises(SystemExit):
        run(monkeypatch, "--corpora", corpora, "-o", tmp_path / "out")
    assert capsys.readouterr().err == f"{corpora / 'psytar' / 'dev.csv'}: lacks the column WD; restore it\n"


def test_a_text_that_reads_none_is_a_text(corpora):
    texts, labels = validate.load_public(corpora)["PsyTAR, withdrawal"]
    assert texts == ["None", "I slept."]
    assert labels.tolist() == [1, 0]


@pytest.mark.parametrize(("out", "card"), [("elsewhere", "elsewhere"), ("data/validation", "model")])
def test_the_shipped_card_is_written_with_the_shipped_tables_only(out, card, corpora, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    columns = ["variant", "code", "units", "positives", "precision", "recall", "f1", "f1_low", "f1_high"]
    monkeypatch.setattr(validate, "MODEL", Path("model"))
    monkeypatch.setattr(validate, "code_pages", lambda *_: {})
    monkeypatch.setattr(validate, "measure_pages", lambda *_: pd.DataFrame(columns=columns))
    monkeypatch.setattr(validate, "measure_candor", lambda *_: pd.DataFrame(columns=["codes", "pages", "spearman"]))
    monkeypatch.setattr(validate, "measure_public", lambda *_: pd.DataFrame(columns=["corpus", *columns]))
    run(monkeypatch, "--corpora", corpora, "-o", out)
    assert [str(path.parent) for path in Path().rglob("card.md")] == [card]
    assert sorted(path.name for path in Path(out).glob("*.csv")) == ["candor.csv", "public.csv", "real_pages.csv"]
