"""The naive baseline, which the machine has to beat: a unit gets a code when it contains one of a few words."""

import re

import numpy as np
import pandas as pd

from analysis.codes import STANCES

KEYWORDS = {
    "hedged": "may|might|could|possibly|perhaps|potential|suggest|appear|seem|likely|some",
    "acknowledges": "risk|side effect|danger|harm|addict|withdrawal|overdose|toxic|warning",
    "minimises": "mild|rare|minor|safe|well tolerated|low risk",
    "denies": "no evidence|not addictive|non-addictive|harmless|myth|no side effects",
    "addiction": "addict|dependen|withdrawal|tolerance|craving|abuse",
    "other_addiction": "opioid|opiate|recovery|detox|withdrawal",
    "commercial": "buy|best|premium|natural|relief|quality|shop|order|product",
}


def naive_codes(units: pd.DataFrame) -> pd.DataFrame:
    """Code units by a few words a code.

    Of the stances denying comes first, then playing down. Columns ``has_…`` say of each stance by itself whether a word
    of it is there.

    Examples
    --------
    >>> naive_codes(pd.DataFrame({"text": ["It may harm.", "Harmless fun!"]}))[["hedged", "risk"]].values.tolist()
    [[1, 'acknowledges'], [0, 'denies']]
    """
    has = {
        code: np.array([bool(re.search(rf"\b(?:{words})", text, re.IGNORECASE)) for text in units["text"]], dtype=bool)
        for code, words in KEYWORDS.items()
    }
    risk = np.select([has[s] for s in reversed(STANCES)], list(reversed(STANCES)), "none")
    codes = {code: found.astype(int) for code, found in has.items() if code not in STANCES}
    return units.assign(**codes, risk=risk, **{f"has_{s}": has[s].astype(int) for s in STANCES})
