from itertools import pairwise

import pytest

from analysis.errors import CandorError
from analysis.lexicons import FOLDER, normalise
from analysis.substances import Substances, guess_focal, load_substances


def named(text, focal):
    normal = normalise(text)
    return [(normal[a:b], kind) for a, b, kind in Substances().mentions(normal, focal)]


# --- the table ------------------------------------------------------------------------------------------------------------


def test_the_shipped_table_is_read_as_it_stands():
    """Each row of the file is a row of the table; names are lower case, belong to one substance, and have a source."""
    table = load_substances([])
    assert list(table.columns) == ["substance", "name", "class", "source"]
    assert len(table) == len((FOLDER / "substances.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert (table["name"] == table["name"].str.lower()).all()
    assert not table["name"].map(normalise).duplicated().any()
    assert (table["source"].str.strip() != "").all()


@pytest.mark.parametrize(
    ("name", "substance"),
    [
        ("mitragyna speciosa", "kratom"),
        ("ketum", "kratom"),
        ("xanax", "benzodiazepines"),
        ("heroin", "opioids"),
        ("thc", "cannabis"),
        ("wine", "alcohol"),
        ("piper methysticum", "kava"),
    ],
)
def test_common_names_lead_to_their_substance(name, substance):
    """Latin names, brands and active compounds stand for the substance."""
    assert Substances().substance(name) == substance


def test_a_name_that_no_table_knows_stands_for_itself():
    """An unknown name is its own substance and its own only name."""
    assert Substances().substance("zorbitol") == "zorbitol"
    assert Substances().names("Zorbitol") == {"zorbitol"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("substance,class\nkava,x\n", "and has substance, class; name its columns so"),
        ("substance,name,colour\nkava,kava,brown\n", "needs the columns substance and name"),
        ("substance,name\nkava,awa\n ,yaqona\n", "mine.csv:3: the substance is empty"),
        ("substance,name,name\nkava,awa,awa\n", "mine.csv: has a column twice; keep one of each"),
        ("substance,name\nkava,awa\nzorbitol,zorb,\n", "mine.csv:3: has 3 cells, not 2; quote the cell that holds ','"),
        ("substance,name\nzorbitol,zorb, Inc\n", "mine.csv:2: has 3 cells, not 2; quote the cell that holds ','"),
        ('substance,name\nzorbitol,"zorb\n', "mine.csv:2: is not a whole CSV table"),
        ("substance,name\n\nzorbitol\n", "mine.csv:3: the name is empty; fill it in"),
        ("", "mine.csv: is empty; put its text in"),
        (None, "mine.csv: no such file; check the name"),
    ],
)
def test_a_bad_table_of_ones_own_is_one_clear_error(tmp_path, rows, message):
    """The error names the file and what to mend."""
    path = tmp_path / "mine.csv"
    if rows is not None:
        path.write_text(rows, encoding="utf-8")
    with pytest.raises(CandorError, match=message) as caught:
        load_substances(path)
    assert "mine.csv" in str(caught.value)


def test_a_finder_knows_names_of_ones_own(tmp_path):
    """Rows of one's own come on top of the shipped table and decide whose a mention is."""
    path = tmp_path / "mine.csv"
    path.write_text("substance,name\nzorbitol,zorb\nzorbitol,xanax\n", encoding="utf-8")
    finder = Substances(load_substances(path))
    assert finder.mentions("zorb, xanax or kava", "zorbitol") == [(0, 4, "own"), (6, 11, "own"), (15, 19, "other")]


@pytest.mark.parametrize("name", ["Xanax", "xanax", "XANAX "])
def test_a_name_of_ones_own_takes_the_place_of_a_shipped_one_in_any_letter_case(tmp_path, name):
    """Then the shipped substance has the name no more, nor has an earlier row of one's own."""
    path = tmp_path / "mine.csv"
    path.write_text(f"substance,name\nbar,xanax\nfoo,{name}\n", encoding="utf-8")
    finder = Substances(load_substances(path))
    assert finder.substance("xanax") == "foo"
    assert [kind for _, _, kind in finder.mentions("xanax", "foo")] == ["own"]
    assert [kind for _, _, kind in finder.mentions("xanax", "benzodiazepines")] == ["other"]
    assert [kind for _, _, kind in finder.mentions("xanax", "bar")] == ["other"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_table_of_ones_own_may_come_from_a_spreadsheet(tmp_path, encoding):
    """Semicolons, and the encodings that spreadsheets write, are read as a manifest's are."""
    path = tmp_path / "mine.csv"
    path.write_bytes("substance;name\r\nzorbitol;zorbé\r\n".encode(encoding))
    assert Substances(load_substances(path)).substance("zorbé") == "zorbitol"


# --- whose names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "focal", "expected"),
    [
        ("Kratom and heroin", "kratom", [("kratom", "own"), ("heroin", "other")]),
        ("Kratom and heroin", "heroin", [("kratom", "other"), ("heroin", "own")]),
        ("Ketum, Mitragyna speciosa", "kratom", [("ketum", "own"), ("mitragyna speciosa", "own")]),
        ("KRATOM’s leaf", "Kratom", [("kratom", "own")]),
        ("Xanax or wine", "benzodiazepines", [("xanax", "own"), ("wine", "other")]),
        ("Zorbitol beats kava", "Zorbitol", [("zorbitol", "own"), ("kava", "other")]),
        ("unkratomlike", "kratom", []),
        ("other drugs", "kratom", [("drugs", "drug")]),
        ("", "kratom", []),
    ],
)
def test_a_name_is_the_pages_own_or_anothers(text, focal, expected):
    """Which names are own depends on the focal substance alone; words so broad that they may be either are "drug"."""
    assert named(text, focal) == expected


@pytest.mark.parametrize("focal", ["kratom/kava", "kratom and kava", "Kratom, Kava", "kratom (kava)"])
def test_a_page_about_two_substances_owns_both(focal):
    """Names joined by a slash, a comma, brackets or "and" are all the page's own."""
    assert named("kratom, kava, rum", focal) == [("kratom", "own"), ("kava", "own"), ("rum", "other")]


@pytest.mark.parametrize("focal", ["", " ", "...", "(", "[a-z]+", "a|b", "kava*", "\\", "x" * 200])
def test_any_focal_name_is_taken_literally(focal):
    """An empty name, signs and patterns raise nothing and match nothing by chance."""
    text = "the leaf of any tree, 100% a-z"
    assert [kind for _, kind in named(text, focal) if kind == "own"] in ([], ["own"])
    assert ("leaf", "own") not in named(text, focal)


def test_mentions_stand_in_order_and_apart():
    """Spans do not overlap; the longest name is taken."""
    mentions = Substances().mentions(normalise("Green tea, delta-8 THC and CBD oil with heroin"), "cbd")
    assert mentions == sorted(mentions)
    assert all(a[1] <= b[0] for a, b in pairwise(mentions))


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("Kava tea relaxes. Unlike alcohol, kava is a root.", "", "kava"),
        ("It beats wine, beer and rum.", "All about kratom", "kratom"),
        ("Nothing is named here.", "", ""),
        ("", "", ""),
        ("Ketum, mitragyna speciosa, wine.", "", "kratom"),
    ],
)
def test_the_focal_substance_is_guessed_from_what_is_named_most(text, title, expected):
    """Names of one substance count together, the title counts five times, and nothing named is nothing guessed."""
    assert guess_focal(text, title) == expected


@pytest.mark.parametrize(
    ("focal", "text", "found"),
    [
        ("zorb kratom", "Zorb kratom is a kratom.", [("zorb kratom", "own"), ("kratom", "other")]),
        ("zorb wine", "Zorb wine and wine", [("zorb wine", "own"), ("wine", "other")]),
        ("zorb", "Zorbs or wine", [("zorbs", "own"), ("wine", "other")]),
    ],
)
def test_a_name_that_no_table_knows_counts_whole_though_it_holds_one_that_a_table_knows(focal, text, found):
    """Of names that overlap the longest counts, and an unknown name has a plural."""
    assert named(text, focal) == found
