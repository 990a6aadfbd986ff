"""Coded units and scores of a source → what its page shows, as plain values for a template.

A page lays the text out as the source does (headings, paragraphs, lists), one unit a row: its number, the
letters of its codes, its text with every cue marked, and below it the codes and cues by name.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from analysis import findings
from analysis.candor import CHECKLIST, PARTS, WEIGHTS, own_statements
from analysis.display import CODE_LETTERS, RISK_LETTERS
from analysis.markup import mark_cues, visible

# What each code says, in words that stand alone; {focal} is the substance that the source is about.
MEANINGS = {
    "acknowledges": "acknowledges a harm of {focal}",
    "minimises": "plays a harm of {focal} down",
    "denies": "denies a harm of {focal}",
    "addiction": "speaks of addiction to {focal} or withdrawal from it",
    "other_addiction": "speaks of addiction to, or withdrawal from, something else",
    "commercial": "promotes {focal} or a product",
    "hedged": "holds back from full commitment",
}
NAMES = {
    "acknowledges": "acknowledges any harm",
    "minimises": "plays down",
    "denies": "denies",
    "addiction": "own addiction",
    "other_addiction": "other’s addiction",
    "commercial": "promotes",
    "hedged": "hedged",
}
ACTS = {"acknowledges": "acknowledges", "minimises": "plays down", "denies": "denies"}
LETTERS = {code: (RISK_LETTERS | CODE_LETTERS)[code] for code in NAMES}
FAMILIES = {
    "hedges": "hedge",
    "harms": "harm",
    "addiction": "addiction",
    "other_substances": "other substance",
    "substances": "substance",
    "minimisers": "plays down",
    "denials": "denial",
    "promotion": "promotion",
    "relations": "relation",
}


def has_code(coded: pd.DataFrame, code: str) -> pd.Series:
    """Which units carry a code, a value of ``risk`` included.

    Examples
    --------
    >>> frame = pd.DataFrame({"risk": ["denies", "none"], "hedged": [0, 1]})
    >>> has_code(frame, "denies").tolist(), has_code(frame, "hedged").tolist()
    ([True, False], [False, True])
    """
    return coded["risk"].eq(code) if code in RISK_LETTERS else coded[code].eq(1)


def codes_of(unit: Mapping[str, Any]) -> list[str]:
    """The codes of one unit, its stance first.

    Examples
    --------
    >>> codes_of({"risk": "none", "addiction": 1, "other_addiction": 0, "commercial": 0, "hedged": 1})
    ['addiction', 'hedged']
    """
    return [code for code in LETTERS if (unit["risk"] == code if code in RISK_LETTERS else unit[code] == 1)]


def tone_of(codes: Sequence[str]) -> str:
    """The one code that colours a unit: its stance, else whose addiction it is about, else promotion."""
    order = ("acknowledges", "minimises", "denies", "addiction", "other_addiction", "commercial", "hedged")
    return next((code for code in order if code in codes), "none")


def name_cue(cue: Mapping[str, Any], focal: str) -> str:
    """Say in words what a cue is, whose harm it names and what acts on it.

    Examples
    --------
    >>> name_cue({"family": "hedges", "category": "modal", "target": "dependence"}, "kratom")
    'hedge, modal, on “dependence”'
    >>> name_cue({"family": "addiction", "category": "withdrawal", "whose": "own", "negation": "negated"}, "kava")
    'addiction, withdrawal, of kava, negated'
    """
    family, category = str(cue["family"]), str(cue.get("category") or "").replace("_", " ")
    words = [FAMILIES.get(family, family.replace("_", " "))]
    if category and category not in (words[0], family):
        words.append(category)
    words += {"own": [f"of {focal}"], "other": ["of another substance"], "both": ["of both"]}.get(
        str(cue.get("whose") or "").rstrip("~"), []
    )
    words += {"negated": ["negated"], "double": ["twice negated"]}.get(str(cue.get("negation") or ""), [])
    if cue.get("target"):
        words.append(f"on “{cue['target']}”")
    return ", ".join(words)


def unit_row(unit: Mapping[str, Any]) -> dict[str, Any]:
    """What a page shows of one unit."""
    codes = codes_of(unit)
    focal = str(unit["focal"])
    probabilities = {code: unit.get("p_risk" if code in RISK_LETTERS else f"p_{code}", float("nan")) for code in codes}
    hedge = {"harm": " a harm", "benefit": " a benefit"}.get(str(unit.get("hedge_target") or ""), "")
    return {
        "number": int(unit["unit"]),
        "kind": unit["kind"],
        "tone": tone_of(codes),
        "letters": [(LETTERS[code], code) for code in codes],
        "codes": [
            {
                "code": code,
                "name": NAMES[code] + (hedge if code == "hedged" else ""),
                "sure": None if pd.isna(p := probabilities[code]) else round(100 * p),
            }
            for code in codes
        ],
        "html": Markup(mark_cues(unit["text"], unit["evidence"])),  # noqa: S704  # escaped by mark_cues
        "text": Markup(visible(unit["text"])),  # noqa: S704  # escaped by visible
        "cues": [
            (Markup(visible(text)), Markup(visible(name)))  # noqa: S704  # escaped by visible
            for text, name in dict.fromkeys((cue["text"], name_cue(cue, focal)) for cue in unit["evidence"])
        ],
    }


def lay_out(units: Sequence[Mapping[str, Any]], text: str) -> list[dict[str, Any]]:
    r"""Group the units of a document into headings, paragraphs and lists, as its text has them.

    Parameters
    ----------
    units : sequence of mapping
        The units of one document in order, with ``kind``, ``start`` and ``end``.
    text : str
        The document's text, in which a line end between two units parts them.

    Returns
    -------
    list of dict
        ``kind`` (heading, prose or list) and ``rows``: for a list, one list of units an item.

    Examples
    --------
    >>> text = "Risks\nIt may. It can.\n- a\n- b"
    >>> spans = [("heading", 0, 5), ("prose", 6, 13), ("prose", 14, 21), ("item", 24, 25), ("item", 28, 29)]
    >>> blocks = lay_out([{"kind": k, "start": a, "end": b} for k, a, b in spans], text)
    >>> [(block["kind"], len(block["rows"])) for block in blocks]
    [('heading', 1), ('prose', 2), ('list', 2)]
    """
    blocks: list[dict[str, Any]] = []
    end = 0
    for unit in units:
        gap = text[end : unit["start"]]
        same_line = bool(blocks) and not any(mark in gap for mark in "\n\r\x0b\x0c\x85\u2028\u2029")
        kind = "list" if unit["kind"] == "item" else unit["kind"]
        if blocks and blocks[-1]["kind"] == kind and kind == "list":
            if same_line:
                blocks[-1]["rows"][-1].append(unit)
            else:
                blocks[-1]["rows"].append([unit])
        elif blocks and blocks[-1]["kind"] == kind == "prose" and same_line:
            blocks[-1]["rows"].append(unit)
        else:
            blocks.append({"kind": kind, "rows": [[unit] if kind == "list" else unit]})
        end = unit["end"]
    return blocks


def statement_rows(coded: pd.DataFrame) -> list[dict[str, Any]]:
    """The statements of one source about its own addiction: what each counts as, and what each of its units does.

    Examples
    --------
    >>> coded = pd.DataFrame({"document": "a", "unit": [4, 5, 6], "statement": 4, "text": "…", "hedged": [0, 1, 0],
    ...     "risk": ["acknowledges", "acknowledges", "none"], "addiction": 1, "commercial": 0, "checklist": ""})
    >>> statement_rows(coded)
    [{'number': 4, 'stance': 'acknowledges', 'firm': False, 'size': 3,
      'acts': [('acknowledges', [4]), ('acknowledges, hedged', [5])]}]
    """
    sizes = (coded["statement"] if "statement" in coded else coded["unit"]).value_counts()
    rows = []
    for row in own_statements(coded).itertuples():
        units = {
            "acknowledges": [number for number in row.acknowledges if number not in row.hedged],
            "acknowledges, hedged": list(row.hedged),
            "plays down": list(row.minimises),
            "denies": list(row.denies),
        }
        rows.append(
            {
                "number": row.statement,
                "stance": ACTS[row.stance],
                "firm": row.stance == "acknowledges" and 2 * len(row.hedged) < len(row.acknowledges),
                "size": int(sizes[row.statement]),
                "acts": [(act, numbers) for act, numbers in units.items() if numbers],
            }
        )
    return rows


def parts_of_candor(profile: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parts of a source's candor: value, interval, weight, what it was counted from and where to look."""
    own, acknowledged = int(profile["own_statements"]), int(profile["own_acknowledged"])
    first, admitted = profile["first_position"], acknowledged + int(profile["own_minimised"])
    counted = {
        "disclosure": (
            "checklist",
            f"things that a unit acknowledges: {int(profile['items_acknowledged'])} of {len(CHECKLIST)}",
        ),
        "directness": (
            "statements",
            f"statements about its own addiction: {own}; acknowledging {acknowledged}, "
            f"playing down {int(profile['own_minimised'])}, denying {int(profile['own_denied'])}",
        ),
        "firmness": (
            "statements",
            f"acknowledging statements that are not hedged: {int(profile['own_firm'])} of {acknowledged}",
        ),
        "prominence": (
            "statements",
            f"statements that acknowledge it or play it down: {admitted} of {int(profile['statements'])}"
            + ("" if pd.isna(first) else f"; {findings.percent(first)} of all stand before the first"),
        ),
        "balance": (
            "commercial",
            f"statements that acknowledge any harm: {int(profile['harm_statements'])}; that promote: "
            f"{int(profile['promotion_statements'])}; one that does both counts in both",
        ),
    }
    return [
        {
            "name": part,
            "value": profile[part],
            "low": profile.get(f"{part}_low"),
            "high": profile.get(f"{part}_high"),
            "weight": WEIGHTS.get(part),  # directness has none: it multiplies the sum of the others
            "evidence": counted[part][0],
            "counted": counted[part][1],
        }
        for part in PARTS
    ]


def source_page(
    document: Mapping[str, Any],
    coded: pd.DataFrame,
    score: Mapping[str, Any],
    profile: Mapping[str, Any],
    cells: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Everything that the page of one source shows.

    Parameters
    ----------
    document : mapping
        Its row of the corpus.
    coded : DataFrame
        Its coded units.
    score, profile : mapping
        Its rows of `score_sources` and `candor_profile`.
    cells : sequence of mapping
        Its seven rows of `candor.checklist`.

    Returns
    -------
    dict
        Values for ``source.html``.
    """
    units = coded.to_dict("records")
    rows = {int(unit["unit"]): unit_row(unit) for unit in units}
    laid = lay_out(units, document["text"])
    for block in laid:
        block["rows"] = [
            [rows[unit["unit"]] for unit in row] if isinstance(row, list) else rows[row["unit"]]
            for row in block["rows"]
        ]
    return {
        "document": document,
        "statements": statement_rows(coded),
        "score": score,
        "profile": profile,
        "summary": findings.summary(score, profile, cells),
        "parts_of_candor": parts_of_candor(profile),
        "blocks": laid,
        "codes": [
            {
                "code": code,
                "letter": letter,
                "name": NAMES[code],
                "meaning": MEANINGS[code].format(focal=document["focal"]),
                "count": score[f"{code}_count"],
                "share": score[f"{code}_share"],
                "low": score[f"{code}_low"],
                "high": score[f"{code}_high"],
                "rows": [rows[int(number)] for number in coded.loc[has_code(coded, code), "unit"]],
            }
            for code, letter in LETTERS.items()
        ],
        "checklist": [
            cell | {"acts": [(act, [rows[int(n)] for n in cell[risk]]) for risk, act in ACTS.items() if cell[risk]]}  # type: ignore[operator]
            for cell in cells
        ],
    }
