import os

import pandas as pd
import pytest

from analysis import cli, coder, notebooks, report
from analysis.corpus import named_substances, read_documents, readable_copy
from analysis.errors import CandorError
from analysis.gather import scan
from analysis.substances import Substances, guess_focal, load_substances

OWN = "substance,name,class\nzorbitol,zorb,sedatives\nzorbitol,old zorb,\nkava,beer,\n"
PAGE = "Zorb is a drink. Daily zorb can lead to dependence.\n"


@pytest.fixture
def table(tmp_path):
    (tmp_path / "names.csv").write_text(OWN)
    return tmp_path / "names.csv"


@pytest.fixture
def folder(tmp_path):
    """A folder with a page and names of its own."""
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "a.txt").write_text(PAGE)
    (pages / "substances.csv").write_text(OWN)
    return pages


def test_names_of_ones_own_are_added_and_the_last_table_decides(table):
    """Beer stands for alcohol in the shipped table and for kava in ours."""
    assert Substances(load_substances()).substance("beer") == "alcohol"
    own = Substances(load_substances(table))
    assert own.names("zorbitol") == {"zorbitol", "zorb", "old zorb"}
    assert own.substance("beer") == "kava"
    assert len(load_substances(table)) == len(load_substances()) + 2


def test_a_focal_substance_is_guessed_among_names_of_ones_own(table):
    assert guess_focal(PAGE) == ""
    assert guess_focal(PAGE, finder=Substances(load_substances(table))) == "zorbitol"


def test_a_changed_table_is_read_again(table):
    load_substances(table)
    table.write_text("substance,name\nzorbitol,zz\n")
    assert Substances(load_substances(table)).names("zorbitol") == {"zorbitol", "zz"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nzorb\n", "needs the columns substance and name"),
        ("substance,name\nzorbitol,\n", "names.csv:2: the name is empty"),
        ("", "names.csv: is empty; put its text in"),
    ],
)
def test_a_table_of_another_form_is_one_clear_error(tmp_path, text, message):
    (tmp_path / "names.csv").write_text(text)
    with pytest.raises(CandorError, match=message):
        load_substances(tmp_path / "names.csv")


def test_a_corpus_brings_names_of_its_own(folder):
    """The table beside the sources is found, and is no source itself."""
    names = named_substances(folder)
    assert "zorb" in set(names["name"])
    assert "zorb" not in set(named_substances("-")["name"])
    rows, problems = scan(folder, substances=names)
    assert ([(row["file"], row["focal"]) for row in rows], problems) == ([("a.txt", "zorbitol")], [])
    assert read_documents(folder, substances=names)["focal"].tolist() == ["zorbitol"]


def test_the_copy_that_a_report_is_made_of_keeps_the_names(folder, table):
    with readable_copy(folder) as (copy, problems):
        assert problems == []
        assert named_substances(copy).equals(named_substances(folder))
    (folder / "substances.csv").unlink()
    with readable_copy(folder, extra=table) as (copy, _):
        assert Substances(named_substances(copy)).names("zorbitol") == {"zorbitol", "zorb", "old zorb"}


def test_every_command_takes_names_of_ones_own(folder, table, tmp_path, monkeypatch, capsys):
    """Without them no known substance is named in the page."""
    asked = []

    def code_units(units, model=None, substances=None):
        asked.append(substances)
        return units

    monkeypatch.setattr(coder, "code_units", code_units)
    monkeypatch.setattr(report, "tabulate", lambda *_: 1 / 0)
    loose = tmp_path / "page.txt"
    loose.write_text(PAGE)
    for command in (["code", loose], ["score", loose], ["sample", loose, "-o", tmp_path / "s.csv"]):
        for given in ([], ["--substances", table]):
            monkeypatch.setattr("sys.argv", ["candor", *map(str, [*command, *given])])
            cli._run()
            assert ("no known substance is named" in capsys.readouterr().err) is not bool(given)
    monkeypatch.setattr(notebooks, "shipped_notebooks", list)
    for given in ([folder], [loose, "--substances", table]):
        monkeypatch.setattr("sys.argv", ["candor", "report", *map(str, given), "-o", str(tmp_path / "site")])
        cli._run()
    assert len(asked) == 5
    assert all("zorb" in set(names["name"]) for names in asked)


def test_a_report_is_made_with_a_model_of_ones_own(folder, tmp_path, monkeypatch, capsys):
    """The model reaches the kernels of the notebooks by the environment, for as long as the report takes."""
    seen = []
    monkeypatch.setattr(report, "build_site", lambda *_, **__: seen.append(os.environ.get("CANDOR_MODEL")))
    coder.save_model(coder.load_model(), tmp_path / "mine")
    for model in ("mine", "nowhere"):
        monkeypatch.setattr("sys.argv", ["candor", "report", str(folder), "--model", str(tmp_path / model)])
        cli._run()
    assert seen == [str(tmp_path / "mine")]
    assert "CANDOR_MODEL" not in os.environ
    assert "nowhere: no such folder; name one that candor fit wrote" in capsys.readouterr().err


def test_codes_follow_the_names_that_are_given(table):
    """Withdrawal from zorb is withdrawal from the focal substance where zorb is a name of it."""
    units = pd.DataFrame({"document": "a", "focal": "zorbitol", "text": ["Zorb causes withdrawal when it is stopped."]})
    own = coder.code_units(units, substances=load_substances(table))
    assert own["addiction"].tolist() == [1]


def test_what_a_class_of_ones_own_does_may_be_said_of_its_member(table):
    """A sentence about benzodiazepines speaks of the focal substance where the given table makes it one."""
    units = pd.DataFrame({"document": "a", "focal": "zorbitol", "text": ["Benzodiazepines can cause coma."]})
    for name, risk in (("benzodiazepines", "acknowledges"), ("roots", "none")):
        table.write_text(f"substance,name,class\nzorbitol,zorb,{name}\n")
        assert coder.code_units(units, substances=load_substances(table))["risk"].tolist() == [risk]


def test_what_resembles_another_substances_effect_is_not_the_others():
    """An opioid-like withdrawal is not withdrawal from an opioid; a drug like an opioid still names one."""
    finder = Substances()
    assert finder.mentions("it causes opioid like withdrawal", "kava") == []
    assert finder.mentions("it causes opioid withdrawal", "kava") == [(10, 16, "other")]
    assert finder.mentions("it acts like alcohol", "kava") == [(13, 20, "other")]
