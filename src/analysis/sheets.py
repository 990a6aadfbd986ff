"""Coding sheets for people: drawn from units, filled in by hand, read back and compared.

A sheet has one row a unit with its context and empty cells for the codes. What the machine coded is
not on it: who sees an answer tends to agree with it.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import agreement, paths, readers
from analysis.codes import CODE_COLUMNS
from analysis.errors import CandorError
from analysis.output import unescape_formula, whole_file, write_table
from analysis.readers import shown
from analysis.scores import check_draws

VALUES: dict[str, tuple[str, ...]] = dict.fromkeys(CODE_COLUMNS, ("0", "1")) | {
    "risk": ("none", "acknowledges", "minimises", "denies")
}
CONTEXT = ["document", "unit", "title", "focal", "kind", "section", "lead_in", "before", "text", "after"]
COLUMNS = [*CONTEXT, *CODE_COLUMNS, "comment"]

# Units are drawn evenly from these, the rarest first: in a plain draw of 100 units there may be no denial.
STRATA = ("denies", "minimises", "other_addiction", "addiction", "acknowledges", "commercial", "hedged", "none")
_CELL = 32_000  # characters; a spreadsheet's cell holds 32,767
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def draw_sheet(coded: pd.DataFrame, size: int = 100, seed: int = 0) -> pd.DataFrame:
    """Draw a coding sheet, spread evenly over what the machine coded and over the sources.

    Every unit belongs to the first of `STRATA` that it was coded as. The strata get equal shares of the
    sheet (what a small one cannot fill goes to the others), and within a stratum the sources take turns.

    Parameters
    ----------
    coded : DataFrame
        As from `code_units`.
    size : int
        How many units; all of them if there are fewer.
    seed : int
        The same seed draws the same units.

    Returns
    -------
    DataFrame
        `COLUMNS`, in reading order, the codes empty. ``before`` and ``after`` are the neighbouring units.

    Raises
    ------
    CandorError
        If `size` is less than 1, `seed` is below 0 or there is no unit.

    Examples
    --------
    >>> coded = pd.DataFrame({"document": "a", "unit": range(4), "text": ["Hi.", "No risk.", "May.", "Buy."],
    ...     "focal": "kava", "risk": ["none", "denies", "none", "none"], "hedged": [0, 0, 1, 0],
    ...     "addiction": 0, "other_addiction": 0, "commercial": [0, 0, 0, 1]})
    >>> draw_sheet(coded, size=3)[["unit", "text", "before", "risk"]].values.tolist()
    [[1, 'No risk.', 'Hi.', ''], [2, 'May.', 'No risk.', ''], [3, 'Buy.', 'May.', '']]
    """
    if size < 1:
        raise CandorError(f"--size {size}: is too small; draw at least one unit")
    check_draws(seed=seed)
    if coded.empty:
        raise CandorError("the corpus has no unit to draw; check its files")
    rng = np.random.Generator(np.random.PCG64(seed))
    frame = coded.reset_index(drop=True)
    groups = frame.groupby("document", sort=False)["text"]
    frame = frame.assign(before=groups.shift(1).fillna(""), after=groups.shift(-1).fillna(""))
    stratum = _stratum(frame)
    queues = []
    for name in STRATA:
        members = np.flatnonzero(stratum == name)
        shuffled = pd.Series(rng.permutation(members))
        # the first of each source, then the second of each, and so on
        turn = shuffled.groupby(frame.loc[shuffled, "document"].to_numpy()).cumcount()
        queues.append(shuffled.iloc[np.argsort(turn.to_numpy(), kind="stable")].tolist())
    chosen: list[int] = []
    while len(chosen) < min(size, len(frame)):
        for queue in queues:
            if queue and len(chosen) < size:
                chosen.append(queue.pop(0))
    sheet = frame.loc[sorted(chosen)].reindex(columns=CONTEXT, fill_value="").fillna("")
    for column in (*CODE_COLUMNS, "comment"):
        sheet[column] = ""
    return sheet.reset_index(drop=True)


def _stratum(coded: pd.DataFrame) -> pd.Series:
    stratum = pd.Series("none", index=coded.index, dtype=object)
    for name in reversed(STRATA[:-1]):
        flag = coded["risk"] == name if name in VALUES["risk"] else coded[name].astype(int) == 1
        stratum[flag] = name
    return stratum


def write_sheet(sheet: pd.DataFrame, target: str | Path) -> None:
    """Write a sheet as CSV, or as XLSX with drop-down values and the codebook on a second sheet.

    Parameters
    ----------
    sheet : DataFrame
        As from `draw_sheet`.
    target : path ending in .csv or .xlsx

    Raises
    ------
    CandorError
        For another ending, a file that cannot be written, and XLSX without openpyxl.
    """
    ending = Path(target).suffix.lower()
    if ending == ".csv":
        write_table(sheet, target)
    elif ending == ".xlsx":
        _write_xlsx(sheet, target)
    else:
        raise CandorError(f"{shown(target)}: unknown ending; take .csv or .xlsx")


def _write_xlsx(sheet: pd.DataFrame, target: str | Path) -> None:
    try:
        from openpyxl import Workbook
        from openpyxl.styles import Alignment, Font
        from openpyxl.utils import get_column_letter
        from openpyxl.worksheet.datavalidation import DataValidation
    except ImportError:
        raise CandorError('XLSX: needs openpyxl; pip install ".[xlsx]" in the checkout') from None
    book = Workbook()
    page = book.worksheets[0]
    page.title = "units"
    page.append(list(sheet.columns))
    widths = {
        "text": 70,
        "before": 40,
        "after": 40,
        "section": 24,
        "lead_in": 30,
        "title": 24,
        "comment": 30,
        "risk": 14,
    }
    for number, row in enumerate(sheet.itertuples(index=False), 2):
        for column, value in enumerate(row, 1):
            cell = page.cell(number, column)
            if isinstance(value, str):
                cell.value = _NO_XML.sub("\ufffd", value)[:_CELL]
                cell.data_type = "s"  # text, also where it begins like a formula
                cell.quotePrefix = True
            else:
                cell.value = int(value)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for column, name in enumerate(sheet.columns, 1):
        letter = get_column_letter(column)
        page.column_dimensions[letter].width = widths.get(name, 12)
        page.cell(1, column).font = Font(bold=True)
        if name in VALUES and len(sheet):
            rule = DataValidation("list", formula1=f'"{",".join(VALUES[name])}"', allow_blank=True)
            rule.errorTitle, rule.error = name, f"One of: {', '.join(VALUES[name])}"
            rule.showErrorMessage = True
            page.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{len(sheet) + 1}")
    page.freeze_panes = "A2"
    second = book.create_sheet("codebook")
    second.column_dimensions["A"].width = 120
    for number, line in enumerate(paths.shipped("data/codebook.md").read_text(encoding="utf-8").splitlines(), 1):
        cell = second.cell(number, 1)
        cell.value, cell.data_type = line, "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    with whole_file(target) as file:
        book.save(file)


def read_sheet(path: str | Path) -> pd.DataFrame:
    """Read a sheet that somebody filled in.

    Parameters
    ----------
    path : path to a CSV or XLSX file
        With the columns document, unit, text and at least one of `CODE_COLUMNS`.

    Returns
    -------
    DataFrame
        The sheet's columns as text; a code that was not given is "", a code in other letters or as
        ``1.0`` is put right.

    Raises
    ------
    CandorError
        For a file that is no sheet, and a value that is no code; the message names the row.
    """
    name = shown(path)
    rows = _xlsx_rows(path, name) if _is_xlsx(path) else _csv_rows(path)
    header, *body = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)] or [[]]
    missing = [c for c in ("document", "unit", "text") if c not in header]
    if missing or not set(header) & set(CODE_COLUMNS):
        lacks = missing[0] if missing else "risk"
        raise CandorError(f"{name}: is no coding sheet (no column {lacks!r}); draw one with candor sample")
    body = [(row + [""] * len(header))[: len(header)] for row in body]
    sheet = pd.DataFrame(body, columns=header, dtype=object)
    for column in set(header) & set(CODE_COLUMNS):
        sheet[column] = [
            _value(value, column, f"{name}: row {number}") for number, value in enumerate(sheet[column], 2)
        ]
    if sheet.empty or (sheet[[c for c in CODE_COLUMNS if c in sheet]] == "").all(axis=None):
        raise CandorError(f"{name}: holds no code; fill it in first")
    units = pd.to_numeric(sheet["unit"], errors="coerce")
    if units.isna().any():
        row = int(np.flatnonzero(units.isna())[0]) + 2
        raise CandorError(f"{name}: row {row}: the unit is no number; restore the columns document and unit")
    sheet["unit"] = units.astype(int)
    if (twice := sheet.duplicated(["document", "unit"])).any():
        row = int(np.flatnonzero(twice)[0]) + 2
        raise CandorError(f"{name}: row {row}: the unit stands twice; keep one row")
    return sheet


def _is_xlsx(path: str | Path) -> bool:
    return readers.read_bytes(path)[:4] == b"PK\x03\x04"


def _xlsx_rows(path: str | Path, name: str) -> list[list[str]]:
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise CandorError(f'{name}: reading XLSX needs openpyxl; pip install ".[xlsx]" in the checkout') from None
    import zipfile

    from analysis.formats import MAX_UNPACKED

    data = readers.read_bytes(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise CandorError(f"{name}: unpacks to more than {MAX_UNPACKED >> 20} MB; save it as CSV")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        page = book["units"] if "units" in book.sheetnames else book.worksheets[0]
        return [["" if cell is None else str(cell) for cell in row] for row in page.iter_rows(values_only=True)]
    except CandorError:
        raise
    except Exception as error:  # a damaged workbook can raise anything from deep inside the library
        raise CandorError(f"{name}: is damaged or no Excel workbook ({type(error).__name__}); save it again") from None


def _csv_rows(path: str | Path) -> list[list[str]]:
    header, rows = readers.read_table(path)
    return [[unescape_formula(cell) for cell in row] for row in (header, *(row for _, row in rows))]


def _value(raw: str, code: str, where: str) -> str:
    value = raw.strip().lower()
    value = value[:-2] if value in ("0.0", "1.0") else value
    value = {"minimizes": "minimises", "yes": "1", "no": "0", "true": "1", "false": "0"}.get(value, value)
    if value and value not in VALUES[code]:
        raise CandorError(f"{where}: {code} is {shown(raw)[:40]!r}; write one of {', '.join(VALUES[code])}, or nothing")
    return value


def read_sheets(names: Sequence[str | Path]) -> dict[str, pd.DataFrame]:
    """Read the sheets of several coders and see that they are of the same units.

    Returns
    -------
    dict
        From the coder (the file's name without its ending) to the sheet.

    Raises
    ------
    CandorError
        As `read_sheet`, and if a unit's text differs from sheet to sheet.
    """
    sheets: dict[str, pd.DataFrame] = {}
    for path in names:
        coder = _coder_name(path, sheets)
        sheets[coder] = read_sheet(path)
    known = {document for sheet in sheets.values() for document in sheet["document"]}
    for sheet in sheets.values():
        sheet["document"] = sheet["document"].map(_restored(known))
    texts: dict[tuple[str, int], tuple[str, str]] = {}
    for coder, sheet in sheets.items():
        for document, unit, text in zip(sheet["document"], sheet["unit"], sheet["text"], strict=True):
            bare = _bare(text)
            other, before = texts.setdefault((document, unit), (coder, bare))
            if before != bare:
                raise CandorError(
                    f"{shown(coder)}: unit {unit} of {shown(document)} has another text than in {shown(other)}; "
                    "compare sheets that were drawn from the same corpus"
                )
    return sheets


def _restored(known: set[str]) -> dict[str, str]:
    """Ids as they were: a spreadsheet that opens a CSV makes 0 of 000."""
    by_number: dict[str, set[str]] = {}
    for document in known:
        if document.isdecimal():
            by_number.setdefault(str(int(document)), set()).add(document)
    lost = {n: max(ids, key=len) for n, ids in by_number.items() if len(ids) == 2 and n in ids}
    return {document: lost.get(document, document) for document in known}


def _coder_name(path: str | Path, taken: Mapping[str, object]) -> str:
    stem = base = shown(Path(path).stem)
    number = 1
    while stem in taken:
        number += 1
        stem = f"{base}-{number}"
    return stem


def _bare(text: str) -> str:
    """A text without what a spreadsheet may change in it."""
    return re.sub(r"[\W_]+", "", text)[: _CELL // 2]


@dataclass(frozen=True)
class Comparison:
    """What a set of filled sheets says, as frames for a notebook.

    Attributes
    ----------
    agreement : DataFrame
        Krippendorff's alpha a code among the people, as of `agreement.agreement`; empty for one coder.
    machine : DataFrame
        Precision, recall and F1 of the machine a code, against every coder and against what all
        coders agree on (coder ``all agree``); empty without the machine's codes.
    confusion : DataFrame
        ``code, a, b, code_a, code_b, units``: how often coder a gave one code and coder b another.
    differences : DataFrame
        The units on which people, or people and machine, differ: a column a coder with the code as
        text ("" where none was given), and the unit's text.
    """

    agreement: pd.DataFrame
    machine: pd.DataFrame
    confusion: pd.DataFrame
    differences: pd.DataFrame


def compare_sheets(
    sheets: Mapping[str, pd.DataFrame], coded: pd.DataFrame | None = None, draws: int = 2_000, seed: int = 0
) -> Comparison:
    """Compare the sheets of several coders with each other and with the machine.

    Units that a coder left out, or that only one coder saw, are left out of the comparisons that need
    them; alpha takes every unit that two coders or more coded. A sheet that was drawn by strata holds more
    rare codes than its corpus, so precision and recall hold for the sheet, not for the corpus.

    Parameters
    ----------
    sheets : mapping
        From coder to sheet, as from `read_sheets`.
    coded : DataFrame, optional
        The machine's codes of the same corpus, as from `code_units`.
    draws, seed : int
        How often the units are redrawn for the intervals, and the seed.

    Returns
    -------
    Comparison

    Raises
    ------
    CandorError
        For one sheet alone without the machine, or a machine that coded none of the units.
    """
    if len(sheets) < 2 and coded is None:
        raise CandorError("one sheet agrees with itself; name two, or the corpus that it was drawn from (--corpus)")
    people = {coder: sheet.reindex(columns=["document", "unit", *CODE_COLUMNS]) for coder, sheet in sheets.items()}
    everyone = dict(people)
    machine = pd.DataFrame()
    if coded is not None:
        everyone["machine"] = own = _matching(coded, sheets)
        truths = dict(people) | ({"all agree": _consensus(list(people.values()))} if len(people) > 1 else {})
        machine = pd.concat(
            [
                agreement.precision_recall(truth, own, draws=draws, seed=seed).assign(coder=coder)
                for coder, truth in truths.items()
            ],
            ignore_index=True,
        )
        machine = machine[["coder", *machine.columns.drop("coder")]]
    among = agreement.agreement(people, draws=draws, seed=seed) if len(people) > 1 else pd.DataFrame()
    texts = pd.concat([s[["document", "unit", "text"]] for s in sheets.values()]).drop_duplicates(["document", "unit"])
    differences = agreement.disagreements(everyone).merge(texts, on=["document", "unit"], how="left")
    for coder in everyone:
        differences[coder] = ["" if pd.isna(value) else _label(value) for value in differences[coder]]
    return Comparison(among, machine, _confusions(everyone), differences)


def _matching(coded: pd.DataFrame, sheets: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The machine's codes of the units on the sheets, which must be the same text."""
    keys = pd.concat([s[["document", "unit", "text"]] for s in sheets.values()]).drop_duplicates(["document", "unit"])
    ids = _restored(set(keys["document"]) | set(coded["document"]))
    keys = keys.assign(document=keys["document"].map(ids))
    columns = ["document", "unit", "text", *CODE_COLUMNS]
    both = keys.merge(coded[columns], on=["document", "unit"], suffixes=("_sheet", ""))
    if both.empty:
        raise CandorError("the corpus holds none of the units of the sheets; name the corpus that they were drawn from")
    for sheet in sheets.values():
        sheet["document"] = sheet["document"].map(lambda d: ids.get(d, d))
    changed = both[both["text"].map(_bare) != both["text_sheet"].map(_bare)]
    if len(changed):
        row = changed.iloc[0]
        raise CandorError(
            f"unit {row['unit']} of {shown(row['document'])} has another text in the corpus than on the sheet; "
            "the corpus has changed since the sheet was drawn"
        )
    return both[["document", "unit", *CODE_COLUMNS]]


def _consensus(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The codes that all who coded a unit agree on (two at least), empty where they do not."""
    stacked = pd.concat(frames).replace("", np.nan)
    grouped = stacked.groupby(["document", "unit"], sort=False)[list(CODE_COLUMNS)]
    same = grouped.first().where((grouped.nunique() == 1) & (grouped.count() > 1))
    return same.reset_index()


def _confusions(codings: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    columns = ["code", "a", "b", "code_a", "code_b", "units"]
    rows = []
    names = list(codings)
    for code in CODE_COLUMNS:
        for position, a in enumerate(names):
            for b in names[position + 1 :]:
                table = agreement.confusion(codings[a], codings[b], code)
                rows += [
                    (code, a, b, _label(i), _label(j), int(table.loc[i, j])) for i in table.index for j in table.columns
                ]
    return pd.DataFrame([r for r in rows if r[-1]], columns=columns)


def _label(value: object) -> str:
    return str(int(value)) if isinstance(value, float) else str(value)
