import sys

import numpy as np
import pandas as pd
import pytest

from analysis.codes import CODE_COLUMNS
from analysis.errors import CandorError
from analysis.sheets import COLUMNS, compare_sheets, draw_sheet, read_sheet, read_sheets, write_sheet

CODED = pd.DataFrame(
    {
        "document": ["000"] * 30 + ["001"] * 30,
        "unit": [*range(30), *range(30)],
        "title": "A page",
        "focal": "kava",
        "kind": "prose",
        "text": [f"Sentence {number} of kava." for number in range(60)],
        "risk": ["denies", "minimises", "acknowledges", "acknowledges", *["none"] * 56],
        "hedged": [0, 0, 0, 1] * 15,
        "addiction": [1, 0, 1, 0] + [0] * 56,
        "other_addiction": [0] * 40 + [1] * 2 + [0] * 18,
        "commercial": [0] * 30 + [1, 0] * 15,
    }
)


def fill(sheet: pd.DataFrame, **codes: object) -> pd.DataFrame:
    """Fill a sheet with the machine's own codes, or others for some columns."""
    own = CODED.set_index(["document", "unit"]).loc[list(zip(sheet["document"], sheet["unit"], strict=True))]
    return sheet.assign(**{code: own[code].astype(str).to_numpy() for code in CODE_COLUMNS} | codes)


def test_a_sheet_hides_the_codes_and_shows_the_context():
    sheet = draw_sheet(CODED, size=20)
    assert list(sheet.columns) == COLUMNS
    assert (sheet[[*CODE_COLUMNS, "comment"]] == "").all(axis=None)
    row = sheet[sheet["unit"] == 1].iloc[0]
    assert (row["before"], row["text"], row["after"]) == (
        "Sentence 0 of kava.", "Sentence 1 of kava.", "Sentence 2 of kava.",
    )  # fmt: skip


def test_rare_codes_are_all_drawn_and_sources_take_turns():
    """Of 60 units with one denial, a sheet of 16 holds it, and both sources."""
    sheet = draw_sheet(CODED, size=16)
    assert len(sheet) == 16
    assert {("000", 0), ("000", 1), ("001", 10), ("001", 11)} <= set(zip(sheet["document"], sheet["unit"], strict=True))
    assert sheet["document"].value_counts().min() >= 5


def test_a_seed_draws_the_same_units_and_another_seed_others():
    assert draw_sheet(CODED, 16, seed=1).equals(draw_sheet(CODED, 16, seed=1))
    assert not draw_sheet(CODED, 16, seed=1).equals(draw_sheet(CODED, 16, seed=2))


def test_a_sheet_larger_than_the_corpus_holds_all_of_it():
    assert draw_sheet(CODED, size=1_000)["text"].tolist() == CODED["text"].tolist()


def test_no_unit_no_size_and_no_such_seed_are_errors():
    with pytest.raises(CandorError, match="draw at least one unit"):
        draw_sheet(CODED, size=0)
    with pytest.raises(CandorError, match="seed -1: is below 0"):
        draw_sheet(CODED, seed=-1)
    with pytest.raises(CandorError, match="no unit to draw"):
        draw_sheet(CODED.iloc[:0])


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_filled_sheet_comes_back(tmp_path, ending):
    """Ids, texts that begin like formulas and codes survive the file."""
    sheet = fill(draw_sheet(CODED, size=12))
    sheet.loc[0, "text"] = '=HYPERLINK("http://x","Kava")'
    write_sheet(sheet, tmp_path / f"ada{ending}")
    back = read_sheet(tmp_path / f"ada{ending}")
    for column in ("document", "text", *CODE_COLUMNS):
        assert back[column].tolist() == sheet[column].tolist()
    assert back["unit"].tolist() == sheet["unit"].tolist()


def test_a_workbook_has_drop_downs_and_the_codebook_and_no_formula(tmp_path):
    from openpyxl import load_workbook

    sheet = draw_sheet(CODED, size=5)
    sheet.loc[0, "text"] = "=1+1"
    sheet.loc[1, "text"] = "a\x0bb\x00c"
    write_sheet(sheet, tmp_path / "s.xlsx")
    book = load_workbook(tmp_path / "s.xlsx")
    assert book.sheetnames == ["units", "codebook"]
    assert book["codebook"]["A1"].value == "# Codebook: how a unit of text is coded"
    rules = {str(rule.sqref): rule.formula1 for rule in book["units"].data_validations.dataValidation}
    assert rules == {
        "K2:K6": '"0,1"', "L2:L6": '"none,acknowledges,minimises,denies"',
        "M2:M6": '"0,1"', "N2:N6": '"0,1"', "O2:O6": '"0,1"',
    }  # fmt: skip
    assert (book["units"]["I2"].data_type, book["units"]["I2"].value) == ("s", "=1+1")
    assert book["units"]["I3"].value == "a\ufffdb\ufffdc"


def test_a_sheet_of_another_ending_is_refused(tmp_path):
    with pytest.raises(CandorError, match=r"s.ods: unknown ending; take .csv or .xlsx"):
        write_sheet(draw_sheet(CODED), tmp_path / "s.ods")


def test_a_missing_library_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(CandorError, match=r'pip install "\.\[xlsx\]" in the checkout'):
        write_sheet(draw_sheet(CODED), tmp_path / "s.xlsx")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["document,unit,text", "a,0,Hi"], "is no coding sheet (no column 'risk')"),
        (["document,text,risk", "a,Hi,none"], "is no coding sheet (no column 'unit')"),
        (["document,unit,text,risk", "a,0,Hi,"], "holds no code; fill it in first"),
        (["document,unit,text,risk", "a,0,Hi,none", "a,1,Ho,perhaps"], "row 3: risk is 'perhaps'; write one of none"),
        (["document,unit,text,hedged", "a,0,Hi,2"], "row 2: hedged is '2'; write one of 0, 1, or nothing"),
        (["document,unit,text,hedged", "a,x,Hi,1"], "row 2: the unit is no number"),
        (["document,unit,text,hedged", "a,0,Hi,1", "a,0,Hi,1"], "row 3: the unit stands twice"),
        (["document,unit,text,hedged", 'a,0,"Hi,1'], "s.csv:2: is not a whole CSV table"),
        (
            ["document,unit,text,hedged", "a,0,Hi, there,1"],
            "s.csv:2: has 5 cells, not 4; quote the cell that holds ','",
        ),
    ],
)
def test_what_is_wrong_with_a_sheet_is_said_with_its_row(tmp_path, rows, message):
    (tmp_path / "s.csv").write_text("\n".join(rows) + "\n")
    with pytest.raises(CandorError) as caught:
        read_sheet(tmp_path / "s.csv")
    assert message in str(caught.value)


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_long_unit_comes_back_and_counts_as_the_same(tmp_path, ending):
    """A unit of 240 kB is whole in CSV and cut to a cell in a workbook, and both are compared."""
    sheet = draw_sheet(CODED, size=3)
    sheet.loc[0, "text"] = "Kava is a root. " * 15_000
    write_sheet(fill(sheet), tmp_path / "ada.csv")
    write_sheet(fill(sheet), tmp_path / f"ben{ending}")
    sheets = read_sheets([tmp_path / "ada.csv", tmp_path / f"ben{ending}"])
    assert sheets["ada"].loc[0, "text"] == sheet.loc[0, "text"].strip()


def test_codes_in_other_letters_are_put_right(tmp_path):
    (tmp_path / "s.csv").write_text("document;unit;text;risk;hedged\na;0;Hi;Minimizes;1.0\na;1;Ho;;no\n")
    sheet = read_sheet(tmp_path / "s.csv")
    assert sheet[["risk", "hedged"]].values.tolist() == [["minimises", "1"], ["", "0"]]


def test_ids_that_a_spreadsheet_made_numbers_are_restored(tmp_path):
    """A CSV that was saved from a spreadsheet has 0 for 000."""
    (tmp_path / "ada.csv").write_text("document,unit,text,risk\n000,0,Hi,none\n")
    (tmp_path / "ben.csv").write_text("document,unit,text,risk\n0,0,Hi,none\n")
    sheets = read_sheets([tmp_path / "ada.csv", tmp_path / "ben.csv"])
    assert [sheet["document"][0] for sheet in sheets.values()] == ["000", "000"]


def test_sheets_of_different_texts_are_not_compared(tmp_path):
    (tmp_path / "ada.csv").write_text("document,unit,text,risk\na,0,Hi,none\n")
    (tmp_path / "ben.csv").write_text("document,unit,text,risk\na,0,Ho,none\n")
    with pytest.raises(CandorError, match="ben: unit 0 of a has another text than in ada"):
        read_sheets([tmp_path / "ada.csv", tmp_path / "ben.csv"])


def test_two_coders_and_the_machine_are_compared():
    """Ben takes one denial for none: alpha of risk falls, and the machine's recall of denials against Ben is of nothing."""
    ada = fill(draw_sheet(CODED, size=30))
    ben = ada.assign(risk=ada["risk"].replace("denies", "none"))
    result = compare_sheets({"ada": ada, "ben": ben}, CODED, draws=100)
    alpha = result.agreement.set_index("code")
    assert alpha.loc["hedged", "alpha"] == 1
    assert alpha.loc["risk", "observed"] == pytest.approx(29 / 30)
    assert 0 < alpha.loc["risk", "alpha"] < 1
    assert result.differences[["document", "unit", "code", "ada", "ben", "machine", "text"]].values.tolist() == [
        ["000", 0, "risk", "denies", "none", "denies", "Sentence 0 of kava."]
    ]
    denies = result.machine[result.machine["code"] == "denies"].set_index("coder")
    assert denies["support"].to_dict() == {"ada": 1, "ben": 0, "all agree": 0}
    assert denies.loc["ada", "f1"] == 1
    row = result.confusion.query("code == 'risk' and a == 'ada' and b == 'ben' and code_a == 'denies'")
    assert row[["code_b", "units"]].values.tolist() == [["none", 1]]


def test_missing_codes_and_coders_of_different_units_are_left_out():
    """Alpha takes the units that two coders coded: here ten of them."""
    ada = fill(draw_sheet(CODED, size=1_000)).iloc[:20]
    ben = fill(draw_sheet(CODED, size=1_000)).iloc[5:40].copy()
    ben.loc[ben.index[:5], "hedged"] = ""
    result = compare_sheets({"ada": ada, "ben": ben}, draws=100)
    assert result.agreement.set_index("code")["units"].to_dict() == {
        "hedged": 10, "risk": 15, "addiction": 15, "other_addiction": 15, "commercial": 15,
    }  # fmt: skip


def test_codes_that_never_vary_have_no_alpha_and_say_why():
    ada = fill(draw_sheet(CODED, size=60), commercial="0")
    result = compare_sheets({"ada": ada, "ben": ada.copy()}, draws=100)
    row = result.agreement.set_index("code").loc["commercial"]
    assert np.isnan(row["alpha"])
    assert "every code is 0" in row["note"]


def test_one_sheet_needs_the_machine():
    ada = fill(draw_sheet(CODED, size=10))
    with pytest.raises(CandorError, match="one sheet agrees with itself"):
        compare_sheets({"ada": ada})
    result = compare_sheets({"ada": ada}, CODED, draws=100)
    assert result.agreement.empty
    assert set(result.machine["coder"]) == {"ada"}


def test_a_corpus_that_changed_since_is_noticed():
    ada = fill(draw_sheet(CODED, size=10))
    with pytest.raises(CandorError, match="has another text in the corpus than on the sheet"):
        compare_sheets({"ada": ada}, CODED.assign(text="Other."))
    with pytest.raises(CandorError, match="holds none of the units"):
        compare_sheets({"ada": ada}, CODED.assign(document="zzz"))
