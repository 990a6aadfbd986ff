import json
import shutil

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from analysis import code_units, find_cues, load_corpus, split_units
from analysis.coder import (
    MODEL,
    QUESTIONS,
    codes_of,
    context_matrix,
    context_names,
    decide,
    first_answers,
    load_model,
    save_model,
    targets_of,
)
from analysis.codes import CODES, STANCES
from analysis.errors import CandorError
from analysis.evidence import CHECKLIST
from analysis.paths import shipped

# What the coding must reach on the five documents, which it never learned from: F1 against the adjudicated codes.
FLOORS = {
    "hedged": 0.94,
    "acknowledges": 0.74,
    "addiction": 0.87,
    "other_addiction": 0.90,
    "commercial": 0.74,
}
# Of a trap's paraphrases, the share that must be coded right: the coding is a statistical one.
TRAP_FLOOR = 0.85

ADDED = [
    "hedged", "risk", "addiction", "other_addiction", "commercial", "evidence", "hedge_target", "checklist",
    *(f"p_{code}" for code in CODES), "p_risk",
]  # fmt: skip
RECORD = {
    "start", "end", "text", "term", "category", "family",
    "whose", "negation", "minimised", "hedged", "relieved", "target", "codes",
}  # fmt: skip


def frame(*texts, focal="kava", document="a"):
    return pd.DataFrame({"document": document, "focal": focal, "text": list(texts)})


@pytest.fixture(scope="module")
def five():
    return code_units(split_units(load_corpus(shipped("data"))))


@pytest.fixture(scope="module")
def adjudicated(five):
    """Units of the five documents with the machine's codes and the adjudicated ones (final)."""
    codes = pd.read_csv(shipped("data/annotations/five_documents.csv"), dtype={"document": str})
    final = codes[codes["coder"] == "final"].drop(columns="coder")
    return five.merge(final, on=["document", "start", "end"], suffixes=("", "_final"))


# --- the contract -----------------------------------------------------------------------------------------------------


def test_the_units_come_back_with_codes_beside_them(five):
    """The columns of the units stay as they were, in rows of the same order, and the agreed ones are added."""
    units = split_units(load_corpus(shipped("data")))
    pd.testing.assert_frame_equal(five[units.columns], units)
    assert set(five.columns) - set(units.columns) == set(ADDED)


def test_codes_have_the_agreed_values(five):
    """Codes are 0 or 1, the risk one of four stances, probabilities between 0 and 1; nothing is missing."""
    for code in ("hedged", "addiction", "other_addiction", "commercial"):
        assert five[code].dtype.kind == "i"
        assert set(five[code]) <= {0, 1}
    assert set(five["risk"]) <= {"none", *STANCES}
    p = five[[f"p_{code}" for code in CODES] + ["p_risk"]]
    assert (p.dtypes == "float64").all()
    assert ((p >= 0) & (p <= 1)).all(axis=None)
    assert not five[ADDED].isna().any(axis=None)


def test_the_probability_of_the_risk_is_that_of_its_stance(five):
    """Of a decided stance it is that stance's; of none, what the surest stance leaves."""
    for stance in STANCES:
        rows = five[five["risk"] == stance]
        assert (rows["p_risk"] == rows[f"p_{stance}"]).all()
    rows = five[five["risk"] == "none"]
    assert np.allclose(rows["p_risk"], 1 - rows[[f"p_{s}" for s in STANCES]].max(axis=1), atol=1e-4)


def test_a_likelier_unit_is_never_the_one_left_out(five):
    """For each code there is one probability from which the answer is yes."""
    for code in ("hedged", "addiction", "other_addiction", "commercial"):
        assert five.loc[five[code] == 1, f"p_{code}"].min() >= five.loc[five[code] == 0, f"p_{code}"].max()


def test_evidence_reproduces_the_text(five):
    """Every record cuts its words out of the unit's text, and says for which codes it speaks."""
    count = 0
    for unit in five.itertuples():
        assert isinstance(unit.evidence, tuple)
        for record in unit.evidence:
            assert set(record) == RECORD
            assert unit.text[record["start"] : record["end"]] == record["text"]
            assert set(record["codes"]) <= {"hedged", "risk", "addiction", "other_addiction", "commercial"}
            count += 1
    assert count > len(five)


def test_evidence_can_be_written_as_one_string(five):
    """It is plain data: written as JSON and read again, it is the same."""
    for evidence in five["evidence"]:
        again = [{**record, "codes": tuple(record["codes"])} for record in json.loads(json.dumps(evidence))]
        assert tuple(again) == evidence


def test_evidence_is_what_the_table_of_cues_lists(five):
    """`find_cues` and `code_units` tell the same cues."""
    cues = find_cues(five)
    assert len(cues) == five["evidence"].map(len).sum()
    listed = [tuple(record[c] for c in ("start", "end", "term", "whose")) for e in five["evidence"] for record in e]
    assert list(cues[["start", "end", "term", "whose"]].itertuples(index=False, name=None)) == listed


def test_a_hedge_has_a_target_and_nothing_else_has(five):
    """Hedged units say what their hedge acts on; units that are not hedged say nothing."""
    assert set(five.loc[five["hedged"] == 1, "hedge_target"]) <= {"harm", "benefit", "other"}
    assert set(five.loc[five["hedged"] == 0, "hedge_target"]) == {""}


def test_the_checklist_is_of_units_about_addiction(five):
    """Its keys are the seven, in order, and stand only where the unit is about the substance's addiction."""
    assert set(five.loc[five["addiction"] == 0, "checklist"]) == {""}
    for checklist in five["checklist"]:
        keys = checklist.split(";") if checklist else []
        assert keys == [key for key in CHECKLIST if key in keys]


# --- any frame --------------------------------------------------------------------------------------------------------

PAGE = ("Side Effects", "Kava may cause:", "nausea", "Kava is not addictive.", "Buy it now!", "")


def test_missing_context_is_inferred():
    """A frame with document, text and focal alone is coded, and says what was inferred."""
    coded = code_units(frame(*PAGE))
    assert coded["section"].tolist() == ["", *["Side Effects"] * 5]
    assert coded["lead_in"].tolist()[2] == "Kava may cause:"
    assert coded["unit"].tolist() == list(range(6))
    assert set(ADDED) <= set(coded.columns)


def test_the_frame_that_is_given_is_not_changed():
    """Coding returns a new frame; further columns and the index are kept."""
    units = frame(*PAGE).assign(mine=range(6))
    units.index = [3, 3, 1, 0, 9, 7]
    before = units.copy()
    coded = code_units(units)
    pd.testing.assert_frame_equal(units, before)
    assert coded["mine"].tolist() == list(range(6))
    assert coded.index.tolist() == units.index.tolist()


def test_documents_may_be_interleaved():
    """Rows of two documents in turn get the codes that each document's rows get alone, in the order given."""
    a, b = frame(*PAGE, document="a"), frame(*reversed(PAGE), document="b", focal="kratom")
    mixed = pd.concat([a, b]).sort_index(kind="stable").reset_index(drop=True)
    coded = code_units(mixed)
    assert coded["document"].tolist() == ["a", "b"] * 6
    for part in (a, b):
        alone = code_units(part)
        rows = coded[coded["document"] == part["document"].iloc[0]].reset_index(drop=True)
        pd.testing.assert_frame_equal(rows[ADDED], alone[ADDED])


def test_a_document_is_coded_the_same_beside_others(five):
    """Alone or with the other four, a document's units get the same codes and probabilities."""
    one = five[five["document"] == "002"]
    alone = code_units(one.drop(columns=ADDED))
    pd.testing.assert_frame_equal(alone[ADDED], one[ADDED])


def test_no_units_give_the_empty_table():
    """A frame without rows gets the columns and no row."""
    coded = code_units(frame())
    assert len(coded) == 0
    assert set(ADDED) <= set(coded.columns)


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "🙂", "\x00", "x" * 10_000, "no " * 1_000, "<b>may</b>", "=1+1", "\u202eyam"]
)
def test_any_text_is_coded(text):
    """Empty, endless and odd text gets codes in their ranges."""
    coded = code_units(frame(text, "It may harm."))
    assert set(coded["risk"]) <= {"none", *STANCES}
    assert np.isfinite(coded[[f"p_{code}" for code in CODES]].to_numpy()).all()


@pytest.mark.parametrize("column", ["document", "text", "focal"])
def test_a_missing_column_is_one_clear_error(column):
    """The error names the column that is needed."""
    with pytest.raises(CandorError, match=f"units lack the column {column}; add it"):
        code_units(frame("a").drop(columns=column))


@pytest.mark.parametrize("value", [None, float("nan"), 3, b"bytes"])
@pytest.mark.parametrize("column", ["text", "focal"])
def test_what_is_no_text_is_one_clear_error(column, value):
    """A gap, a number and bytes where text belongs are refused, not coded."""
    units = frame("a", "b").astype(object)
    units.loc[1, column] = value
    with pytest.raises(CandorError, match=f"the column {column} must hold text in every row"):
        code_units(units)


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("kind", None, "the column kind must say heading, prose or item in every row"),
        ("kind", "title", "the column kind must say heading, prose or item in every row"),
        ("lead_in", 3, "the column lead_in must hold text or nothing"),
        ("section", 2.5, "the column section must hold text or nothing"),
    ],
)
def test_a_context_column_with_something_else_is_one_clear_error(column, value, expected):
    """Kinds that there are not and numbers for headings are refused; what to do is said."""
    units = frame("a", "b").assign(**{column: ["prose" if column == "kind" else "", value]})
    with pytest.raises(CandorError, match=expected):
        code_units(units)


def test_gaps_in_sections_and_lead_ins_are_none():
    """A missing heading is no heading."""
    units = frame("Kava may harm.", "It grows.").assign(section=[None, float("nan")], lead_in=[float("nan"), None])
    assert code_units(units)["hedged"].tolist() == [1, 0]


def test_the_name_of_the_substance_does_not_matter():
    """The same page about tramadol or a name nobody knows gets the same probabilities as about kava."""

    def p(name):
        texts = [
            f"{name} withdrawal",
            f"{name} is not addictive.",
            f"{name} may ease heroin withdrawal.",
            "These symptoms can be severe:",
            "tremor",
            f"Buy {name} now!",
        ]
        return code_units(frame(*texts, focal=name))[[f"p_{code}" for code in CODES]].to_numpy()

    assert np.array_equal(p("Zorbitol"), p("Kava"))
    assert np.array_equal(p("Tramadol"), p("Kava"))


def test_a_unit_that_ends_with_a_cancelled_denial_of_its_harm_is_certain():
    """Two negations that cancel acknowledge the harm when nothing makes it small or denies it again; irony is no harm."""
    p = code_units(
        pd.DataFrame(
            {
                "document": range(9),
                "focal": "kava",
                "text": [
                    "Milder than gin, kava is not without adverse effects.",
                    "Kava is not without adverse effects, but they are rare.",
                    "Gin is not without adverse effects.",
                    "Kava is without adverse effects.",
                    "Kava is not without irony.",
                    "Kava is not without mild side effects.",
                    "It is false that kava is not without adverse effects.",
                    "Kava is not without adverse effects and is never addictive.",
                    "(Kava is not without adverse effects.)",
                ],
            }
        )
    )["p_acknowledges"]
    assert (p == 1).tolist() == [True, False, False, False, False, False, False, False, True]


def test_the_second_step_admits_no_less_on_a_page_that_sells():
    """What the rest of a page is like has no weight in the second step's answer on acknowledgement."""
    weights = pd.Series(load_model().context[:, CODES.index("acknowledges")], context_names())
    assert (weights[weights.index.str.startswith("rest of page")] == 0).all()
    assert weights["unit -1: acknowledges"] > 0


def test_a_denial_or_safety_called_a_myth_is_certain_too():
    """A myth that nothing harms, or that all is safe, acknowledges; a myth that it harms denies, and belief decides nothing."""
    texts = [
        "It is a myth that kava never harms the liver.",
        "To say that kava has no side effects is a lie.",
        "It is a myth that kava is safe.",
        "It is a myth that gin is safe.",
        "It is a myth that kava is not safe.",
        "It is a myth that kava harms the liver.",
        "Contrary to popular belief, kava is not addictive.",
        "Kava is not addictive and the stories are propaganda.",
    ]
    p = code_units(pd.DataFrame({"document": range(len(texts)), "focal": "kava", "text": texts}))["p_acknowledges"]
    assert (p == 1).tolist() == [True, True, True, False, False, False, False, False]


def test_what_makes_a_harm_small_is_asked_of_admitted_harms_alone():
    """The chance that a unit minimises is that it admits a harm times that it then makes it small."""
    asked = np.zeros((2, len(QUESTIONS)))
    asked[:, QUESTIONS.index("minimises if admitted")] = 0.5
    asked[:, QUESTIONS.index("admits")] = [0.9, 0.1]
    assert first_answers(asked)[:, CODES.index("minimises")].round(2).tolist() == [0.45, 0.05]


# --- the five documents -------------------------------------------------------------------------------------------------


def test_all_annotated_units_of_the_five_documents_are_coded(adjudicated):
    """The 181 adjudicated units are found by their offsets."""
    assert len(adjudicated) == 181


@pytest.mark.parametrize("code", FLOORS)
def test_codes_of_the_five_documents_agree_with_the_adjudicated_ones(adjudicated, code):
    """F1 against the adjudicated codes is at least the floor; the five were never learned from."""
    if code in STANCES:
        theirs, ours = adjudicated["risk_final"] == code, adjudicated["risk"] == code
    else:
        theirs, ours = adjudicated[f"{code}_final"] == 1, adjudicated[code] == 1
    assert f1_score(theirs, ours) >= FLOORS[code]


# --- the traps ------------------------------------------------------------------------------------------------------------

OWN: dict[str, object] = {"addiction": 1}
DENIED: dict[str, object] = {"risk": "denies", "addiction": 1}
ADMITTED: dict[str, object] = {"risk": "acknowledges"}
ANOTHERS: dict[str, object] = {"addiction": 0, "other_addiction": 1}
# Trap: focal substance, the lines of a page, and what its last line must be coded as.
TRAPS: dict[str, list[tuple[str, list[str], dict[str, object]]]] = {
    "no such link": [
        ("kratom", ["There is no such link between kratom and addiction."], DENIED),
        ("kava", ["No link between kava and dependence has ever been found."], DENIED),
        ("phenibut", ["There is no evidence that phenibut is addictive."], DENIED),
        ("CBD", ["CBD is not addictive."], DENIED),
        ("kanna", ["Kanna does not cause withdrawal symptoms."], DENIED),
        ("caffeine", ["Nobody has ever shown a connection between caffeine and addiction."], DENIED),
        ("Zorbitol", ["Zorbitol is non-habit-forming, and stopping it brings no withdrawal."], DENIED),
        ("melatonin", ["You cannot become addicted to melatonin."], DENIED),
    ],
    "not devoid of": [
        ("kratom", ["This does not mean that kratom is entirely devoid of addictive potential."], OWN | ADMITTED),
        ("kava", ["That doesn't mean kava is free from the risk of dependence."], OWN | ADMITTED),
        ("tianeptine", ["Tianeptine is not devoid of addictive properties."], OWN | ADMITTED),
        ("tramadol", ["Being prescribed does not make tramadol free of withdrawal."], OWN | ADMITTED),
        ("CBD", ["This does not mean that CBD has no side effects."], ADMITTED),
        ("Zorbitol", ["A mild taste does not mean that Zorbitol is harmless."], ADMITTED),
        ("gabapentin", ["Gabapentin is by no means free of withdrawal symptoms."], OWN | ADMITTED),
        ("nicotine", ["Nicotine pouches are far from free of addiction risk."], OWN | ADMITTED),
    ],
    "for another's withdrawal": [
        ("kratom", ["Kratom offers natural relief for opioid withdrawal."], ANOTHERS),
        ("kava", ["Many people take kava to ease alcohol withdrawal."], ANOTHERS),
        ("CBD", ["CBD can help smokers through nicotine withdrawal."], ANOTHERS),
        ("gabapentin", ["Doctors prescribe gabapentin for alcohol withdrawal."], ANOTHERS),
        ("Zorbitol", ["Some use Zorbitol to fight their cravings for heroin."], ANOTHERS),
        ("phenibut", ["It got me through benzo withdrawal, and phenibut was all I took."], {"other_addiction": 1}),
        ("kratom", ["Kratom withdrawal can last two weeks."], OWN | ADMITTED | {"other_addiction": 0}),
        ("kava", ["Stopping kava suddenly can cause withdrawal symptoms."], OWN | ADMITTED | {"other_addiction": 0}),
        ("tramadol", ["Tapering off tramadol slowly keeps withdrawal mild."], OWN | {"other_addiction": 0}),
    ],
    "under a heading": [
        ("kratom", ["# Symptoms of Kratom Withdrawal", "- Runny nose"], OWN | ADMITTED),
        ("phenibut", ["# Phenibut Withdrawal Symptoms", "- Insomnia", "- Tremor"], OWN | ADMITTED),
        ("caffeine", ["Common symptoms of caffeine withdrawal include:", "- headache"], OWN | ADMITTED),
        ("Zorbitol", ["People who stop Zorbitol may go through withdrawal, such as:", "- sweating"], OWN | ADMITTED),
        ("tramadol", ["# Tramadol Withdrawal", "The symptoms of withdrawal are:", "- diarrhea"], OWN | ADMITTED),
        ("kava", ["# Side Effects of Kava", "Side effects include:", "- Dry skin", "- Nausea"], ADMITTED),
        ("CBD", ["# Side Effects", "CBD can cause:", "- dry mouth"], ADMITTED | {"addiction": 0}),
        ("kava", ["# Benefits of Kava", "Kava helps with:", "- better sleep"], {"risk": "none", "addiction": 0}),
    ],
    "not without risks": [
        ("kratom", ["Kratom is less addictive than heroin, but not without its own risks."], ADMITTED),
        ("kava", ["Like any herb, kava is not without risk."], ADMITTED),
        ("CBD", ["CBD isn't risk-free."], ADMITTED),
        ("Zorbitol", ["Zorbitol is far from harmless."], ADMITTED),
        ("melatonin", ["Melatonin is not without its own side effects."], ADMITTED),
        ("nicotine", ["Vaping nicotine is not without its dangers."], ADMITTED),
        ("gabapentin", ["Gabapentin is not as harmless as once thought."], ADMITTED),
        ("alcohol", ["No amount of alcohol is without risk."], ADMITTED),
    ],
}


@pytest.fixture(scope="module")
def traps():
    """The last line of every trap's page, coded."""
    documents = [(f"{trap}: {i}", case) for trap, cases in TRAPS.items() for i, case in enumerate(cases)]
    table = pd.DataFrame(
        [(name, focal, "\n\n".join(lines)) for name, (focal, lines, _) in documents],
        columns=["document", "focal", "text"],
    )
    last = code_units(split_units(table)).groupby("document").tail(1).set_index("document")
    return {name: (expected, last.loc[name]) for name, (_, _, expected) in documents}


@pytest.mark.parametrize("trap", TRAPS)
def test_traps_are_not_stepped_into(traps, trap):
    """Of a trap's paraphrases, about many substances, at least the floor's share is coded as a reader would."""
    cases = [(expected, unit) for name, (expected, unit) in traps.items() if name.startswith(f"{trap}: ")]
    wrong = [
        (unit["text"], {code: unit[code] for code, value in expected.items() if unit[code] != value})
        for expected, unit in cases
        if any(unit[code] != value for code, value in expected.items())
    ]
    assert 1 - len(wrong) / len(cases) >= TRAP_FLOOR, wrong


def test_a_small_change_of_words_turns_the_code():
    """Denied or admitted, caused or relieved, sold or told: the codes follow the words."""
    coded = code_units(
        pd.concat(
            [
                frame("There is no link between kava and addiction.", document="a"),
                frame("There is a strong link between kava and addiction.", document="b"),
                frame("Kava causes withdrawal.", document="c"),
                frame("Kava eases alcohol withdrawal.", document="d"),
                frame("Kava may damage the liver.", document="e"),
                frame("Kava damages the liver.", document="f"),
            ]
        )
    )
    assert coded["risk"].tolist()[:2] == ["denies", "acknowledges"]
    assert coded["addiction"].tolist()[2:4] == [1, 0]
    assert coded["other_addiction"].tolist()[2:4] == [0, 1]
    assert coded["hedged"].tolist()[4:] == [1, 0]
    assert coded["risk"].tolist()[4:] == ["acknowledges", "acknowledges"]


# --- decisions --------------------------------------------------------------------------------------------------------------


def test_a_unit_has_at_most_one_stance():
    """Of several stances that reach their threshold one is decided; if none reaches it, the risk is none."""
    p = np.array([[0, 0.9, 0.9, 0.9, 0, 0, 0], [0, 0.1, 0.1, 0.1, 0, 0, 0], [0, 0.5, 0, 0, 0, 0, 0]])
    assert decide(p, np.full(7, 0.5))["risk"].tolist()[1:] == ["none", "acknowledges"]
    assert decide(p, np.full(7, 0.5))["risk"].tolist()[0] in STANCES


def test_codes_and_columns_of_yes_and_no_are_each_others_reverse():
    """Codes as 0/1 columns and back are the codes."""
    codes = pd.DataFrame({"hedged": [1, 0, 0, 0], "risk": ["none", *STANCES], "addiction": [0, 1, 0, 1]}).assign(
        other_addiction=0, commercial=1
    )
    pd.testing.assert_frame_equal(codes_of(targets_of(codes)), codes, check_dtype=False)


def test_neighbours_are_those_of_the_same_document():
    """The second step sees the answers one to three units before and after, none of another document."""
    p = np.zeros((5, len(CODES)))
    p[:, 0] = [0.1, 0.2, 0.3, 0.8, 0.9]
    matrix = pd.DataFrame(context_matrix(p, np.array(["a", "a", "a", "b", "b"])), columns=context_names())
    assert matrix["unit -1: hedged"].tolist() == [0, 0.1, 0.2, 0, 0.8]
    assert matrix["unit +1: hedged"].tolist() == [0.2, 0.3, 0, 0.9, 0]
    assert matrix["unit +2: hedged"].tolist() == [0.3, 0, 0, 0, 0]
    assert matrix["rest of page: hedged"].tolist() == pytest.approx([0.25, 0.2, 0.15, 0.9, 0.8])


# --- the model's files --------------------------------------------------------------------------------------------------------


def test_a_model_saved_and_read_is_the_same(tmp_path):
    """Written as tables and read again, the model is written byte for byte the same."""
    save_model(load_model(), tmp_path / "a")
    save_model(load_model(tmp_path / "a"), tmp_path / "b")
    for name in ("weights.csv", "context.csv", "card.json"):
        assert (tmp_path / "a" / name).read_bytes() == (MODEL / name).read_bytes()
        assert (tmp_path / "b" / name).read_bytes() == (MODEL / name).read_bytes()


def test_the_model_is_plain_data():
    """The package holds tables and a card, no pickle: reading a model runs no code."""
    assert {path.name for path in MODEL.iterdir()} == {"weights.csv", "context.csv", "card.json", "card.md"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("weights.csv", None, "weights.csv: cannot be read as weights"),
        ("weights.csv", b"\xff\xfe", "weights.csv: cannot be read as weights"),
        ("weights.csv", b"feature,hedged\nmay,1\n", "weights.csv: is not a table of weights of this version"),
        ("context.csv", None, "context.csv: cannot be read as weights"),
        ("card.json", None, "card.json: cannot be read"),
        ("card.json", b"{", "card.json: cannot be read"),
    ],
)
def test_a_broken_model_is_one_clear_error(tmp_path, name, content, message):
    """The error names the file that is missing or of another form, and the mend."""
    shutil.copytree(MODEL, tmp_path, dirs_exist_ok=True)
    (tmp_path / name).unlink() if content is None else (tmp_path / name).write_bytes(content)
    with pytest.raises(CandorError, match=message) as caught:
        load_model(tmp_path)
    assert "refit" in str(caught.value)


@pytest.mark.parametrize("value", ["nan", "inf", "one"])
def test_a_weight_that_is_no_number_is_one_clear_error(tmp_path, value):
    """A weight that cannot be multiplied is refused when the model is read."""
    shutil.copytree(MODEL, tmp_path, dirs_exist_ok=True)
    lines = (tmp_path / "context.csv").read_text(encoding="utf-8").splitlines()
    cells = lines[-1].split(",")
    lines[-1] = ",".join([cells[0], value, *cells[2:]])
    (tmp_path / "context.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(CandorError, match="context.csv: holds a weight that is not a number"):
        load_model(tmp_path)
