import pandas as pd
import pytest

from analysis.coder import code_units
from analysis.reading import read_units
from analysis.settling import (
    denies_on_condition,
    names_a_topic,
    names_what_is_treated,
    speaks_of_another,
    surely_admits,
)
from analysis.units import add_context, split_units


def read(text, focal):
    frame = pd.DataFrame({"document": ["d"], "focal": [focal], "text": [text]})
    return read_units(add_context(frame))[0]


@pytest.mark.parametrize(
    ("text", "focal"),
    [
        ("Ibuprofen can cause nausea in some people.", "kratom"),
        ("Alcohol causes liver damage and seizures.", "gabapentin"),
        ("Prescription opioids have serious side effects.", "cbd"),
    ],
)
def test_the_harm_of_another_substance_is_no_stance_towards_the_focal_one(text, focal):
    """A sentence whose subject is another substance says nothing of the focal one's harm."""
    assert speaks_of_another(read(text, focal))
    coded = code_units(split_units(pd.DataFrame({"document": ["d"], "focal": [focal], "text": [text]})))
    assert coded["risk"].tolist() == ["none"]


@pytest.mark.parametrize(
    ("text", "focal"),
    [
        ("Beer makes it more dangerous.", "kava"),  # it: the focal substance
        ("Ibuprofen can cause nausea, as kratom does.", "kratom"),
        ("Alcohol and kava together cause liver damage.", "kava"),
        ("Regular drinkers get headaches when they stop.", "caffeine"),  # of whatever they drink
        ("No caffeine jitters and no crash.", "nootropics"),
        ("Opioids have serious side effects.", "opioids"),
    ],
)
def test_a_sentence_that_ties_itself_to_the_focal_substance_is_left_to_the_weights(text, focal):
    """Pronouns, comparisons, mixtures, habits and denials leave doubt whose harm is meant."""
    assert not speaks_of_another(read(text, focal))


@pytest.mark.parametrize(
    ("text", "focal"),
    [
        ("Kava is milder than whisky, but it can harm your liver.", "kava"),
        ("While its side effects are rare, phenibut can cause seizures.", "phenibut"),
        ("Shops say that phenibut is not addictive; in truth, the withdrawal is brutal.", "phenibut"),
        ("The maker insists that it has no side effects, which is nonsense.", "cbd"),
        ("He claims that kratom is not addictive, but the coroner's report says otherwise.", "kratom"),
    ],
)
def test_the_last_clause_decides_what_was_made_small_or_reported_as_denied_before(text, focal):
    """What first makes a harm small, or reports its denial, and then states it, acknowledges it."""
    assert surely_admits(read(text, focal))


@pytest.mark.parametrize(
    ("text", "focal"),
    [
        ("Kava is milder than whisky, but it is still not harmless fun for everyone, many believe.", "kava"),
        ("Kava has few side effects, but alcohol can cause seizures.", "kava"),  # another's harm
        ("Kava is mild, but people say it can harm the liver.", "kava"),  # others say so
        ("Phenibut can cause seizures, but the risk is small.", "phenibut"),  # the other way round
        ("No one claims that it is risk-free, but it can cause nausea.", "vaping"),
        ("It is mild, but you may like it.", "kanna"),
    ],
)
def test_a_last_clause_that_states_no_plain_harm_settles_nothing(text, focal):
    """Others' words, another's harm and a harm made small last are left to the weights."""
    assert not surely_admits(read(text, focal))


@pytest.mark.parametrize(
    "text",
    [
        "It is perfectly safe when used responsibly.",
        "Phenibut is not addictive if you follow the dosing schedule.",
        "There is no risk of dependence as long as you take it in moderation.",
    ],
)
def test_a_denial_on_condition_makes_the_harm_small(text):
    """Safe for those who use it rightly alone: the user is to blame."""
    assert denies_on_condition(read(text, "phenibut"))
    coded = code_units(split_units(pd.DataFrame({"document": ["d"], "focal": ["phenibut"], "text": [text]})))
    assert coded["risk"].tolist() == ["minimises"]


@pytest.mark.parametrize(
    "text",
    [
        "It is unclear if it is safe in moderate doses.",
        "Phenibut is not addictive.",
        "Phenibut is addictive even if used responsibly.",
    ],
)
def test_no_condition_no_denial_or_an_open_question_settles_nothing(text):
    """Both the denial and the condition must be there."""
    assert not denies_on_condition(read(text, "phenibut"))


def test_a_sentence_that_stands_alone_and_names_another_substance_alone_has_no_stance():
    """With no page around it, whatever its word order; with a page about the focal one, the weights decide."""
    text = "Please tell your nurse if you drive, because diazepam can make you drowsy."
    frame = pd.DataFrame({"document": ["d"], "focal": ["gabapentin"], "text": [text]})
    assert code_units(split_units(frame))["risk"].tolist() == ["none"]
    own = frame.assign(text=text.replace("diazepam", "gabapentin"))
    assert code_units(split_units(own))["risk"].tolist() == ["acknowledges"]


@pytest.mark.parametrize(
    ("lead_in", "risk"),
    [
        ("Farmers chew kratom leaves for:", "none"),
        ("Kratom is prescribed to relieve symptoms like:", "none"),
        ("Stop taking kratom and seek help for:", "acknowledges"),
        ("Kratom causes side effects such as:", "acknowledges"),
    ],
)
def test_an_item_of_a_list_of_uses_has_no_stance(lead_in, risk):
    """What the substance is used for is no harm of it."""
    frame = pd.DataFrame({"document": ["d"], "focal": ["kratom"], "text": [f"{lead_in}\n- Nausea\n- Headache"]})
    assert code_units(split_units(frame))["risk"].tolist()[-1] == risk


def test_an_item_that_says_more_than_an_ailment_is_left_to_the_weights():
    """A harm that a list of uses ends with is one."""
    text = "Kratom is used for:\n- Pain\n- Sleep, although regular use leads to dependence and withdrawal"
    frame = pd.DataFrame({"document": ["d"], "focal": ["kratom"], "text": [text]})
    assert code_units(split_units(frame))["risk"].tolist()[-1] == "acknowledges"


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Phenibut and Withdrawal", True),
        ("The Risks and Benefits of Phenibut", True),
        ("Phenibut Withdrawal", False),
        ("Phenibut and Alcohol: A Deadly Mix", False),
        ("Phenibut Is Addictive and Dangerous", False),
    ],
)
def test_a_heading_that_sets_a_harm_beside_its_substance_or_benefit_names_a_topic(text, topic):
    frame = pd.DataFrame({"document": ["d"], "focal": ["phenibut"], "kind": ["heading"], "text": [text]})
    assert names_a_topic(read_units(add_context(frame))[0]) == topic


@pytest.mark.parametrize(
    ("text", "addiction"),
    [
        ("Kratom withdrawal is real.\nIt usually lasts a week.", 1),
        ("Nicotine cravings come in waves.\nThey last some minutes each.", 1),
        ("Kratom is an addictive leaf.\nIt grows in wet soil.", 0),
        ("Alcohol withdrawal is dangerous.\nIt can kill.", 0),
    ],
)
def test_what_points_back_to_an_addiction_speaks_of_it(text, addiction):
    """A unit that opens with a pronoun for the focal substance's addiction, not its name, is about that."""
    focal = "nicotine" if "Nicotine" in text else "kratom"
    coded = code_units(split_units(pd.DataFrame({"document": ["d"], "focal": [focal], "text": [text]})))
    assert coded["addiction"].tolist()[-1] == addiction


@pytest.mark.parametrize(
    "text",
    [
        "Kratom withdrawal is real.\nThis website uses cookies.",
        "Kratom tolerance can build.\nIt comes in red, green and white strains.",
        "Kratom withdrawal symptoms are rare.\nThese capsules come in packs of 60.",
    ],
)
def test_a_pronoun_that_means_a_product_or_a_page_points_to_no_addiction(text):
    """What does not run a course is no withdrawal."""
    coded = code_units(split_units(pd.DataFrame({"document": ["d"], "focal": ["kratom"], "text": [text]})))
    assert coded["addiction"].tolist()[-1] == 0


@pytest.mark.parametrize(
    ("text", "focal"),
    [
        ("Skeptics claim ketamine does not work, but our patients say otherwise.", "ketamine"),
        ("They say you cannot use it without getting addicted, which is simply false.", "kratom"),
        ("Many wrongly believe safe CBD has to be expensive.", "cbd"),
    ],
)
def test_a_contradiction_admits_only_the_harm_that_was_denied(text, focal):
    """What was denied, or claimed, must be a harm or safety, and once."""
    assert not surely_admits(read(text, focal))


@pytest.mark.parametrize(
    "lead_in",
    ["While you are taking gabapentin, look out for:", "Patients taking it must be checked for:", "Get screened for:"],
)
def test_a_list_of_what_to_look_out_for_is_no_list_of_uses(lead_in):
    """Its items are harms."""
    frame = pd.DataFrame({"document": ["d"], "focal": ["gabapentin"], "text": [f"{lead_in}\n- Swelling\n- Seizures"]})
    assert code_units(split_units(frame))["risk"].tolist()[-1] == "acknowledges"


def test_what_the_class_does_may_be_said_of_its_member():
    """On a page about tramadol opioids are not another substance alone."""
    text = "Tramadol is a painkiller.\nOpioids can cause respiratory depression and death."
    frame = pd.DataFrame({"document": ["d"], "focal": ["tramadol"], "text": [text]})
    assert code_units(split_units(frame))["risk"].tolist()[-1] == "acknowledges"


@pytest.mark.parametrize(
    ("text", "treated"),
    [
        ("At baseline the children had 15 seizures a month.", True),
        ("A seizure is a storm of signals in the brain.", True),
        ("Gabapentin can cause seizures when it is stopped.", False),
        ("Two patients experienced seizures.", False),
        ("At high doses there were seizures.", False),
        ("Case reports of seizures came in from four states.", False),
        ("Seizures are common among heavy drinkers of it.", False),
        ("The seizures came with a rash.", False),
        ("Seizures are a sign of withdrawal.", False),
    ],
)
def test_an_ailment_that_the_page_says_is_relieved_is_no_harm(text, treated):
    """What the substance is taken against is no harm of it where only named, but is where something brings it on."""
    page = f"Gabapentin relieves seizures.\n\n{text}\n\nIt is a white powder."
    units = split_units(pd.DataFrame({"document": ["d"], "focal": ["gabapentin"], "text": [page]}))
    assert names_what_is_treated(units, read_units(units)) == [False, treated, False]


def test_an_ailment_that_only_another_page_says_is_relieved_is_left_to_the_weights():
    """Each document is read by itself."""
    texts = ["Gabapentin relieves seizures.", "At baseline the children had 15 seizures a month."]
    units = add_context(pd.DataFrame({"document": ["a", "b"], "focal": "gabapentin", "text": texts}))
    assert names_what_is_treated(units, read_units(units)) == [False, False]
