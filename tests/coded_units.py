"""Coded units of our own making, for tests of scores and figures."""

import numpy as np
import pandas as pd

KEYS = ("addictive", "dependence", "tolerance", "withdrawal", "symptoms", "at_risk", "help")
CODES = ("hedged", "risk", "addiction", "other_addiction", "commercial")


def coded_units(rows, document="a", **columns):
    """Make coded units of one document from (risk, addiction, other_addiction, commercial, hedged, checklist) tuples."""
    names = ("risk", "addiction", "other_addiction", "commercial", "hedged", "checklist")
    table = pd.DataFrame([(*row, *("none", 0, 0, 0, 0, "")[len(row) :]) for row in rows], columns=names)
    table.insert(0, "document", document)
    table.insert(1, "unit", range(len(table)))
    table["statement"], table["section"], table["text"] = table["unit"], "", "six words stand in every unit"
    table["title"], table["focal"] = f"Title of {document}", "kava"
    table["hedge_target"] = ""
    table["evidence"] = [()] * len(table)
    return table.assign(**columns)


def random_sources(count, seed=0, units=30):
    """Make `count` sources with random codes, evidence and sections."""
    rng = np.random.default_rng(seed)
    frames = []
    for i in range(count):
        n = units if units < 3 else int(rng.integers(units // 2, units * 2))
        open_, sells = rng.random(2)
        harm = rng.random(n) < 0.6 * open_
        stance = rng.choice(["acknowledges", "minimises", "denies"], n, p=[0.7, 0.2, 0.1])
        own = harm & (rng.random(n) < 0.6)
        keys = [";".join(k for k in KEYS if rng.random() < 0.3) if o else "" for o in own]
        commercial = (rng.random(n) < 0.7 * sells).astype(int)
        hedged = (rng.random(n) < 0.3).astype(int)
        rows = zip(
            np.where(harm, stance, "none"),
            own.astype(int),
            (rng.random(n) < 0.3).astype(int),
            commercial,
            hedged,
            keys,
            strict=True,
        )
        table = coded_units(rows, f"s{i:03d}", section=[f"part {j // 8}" for j in range(n)])
        table["hedge_target"] = np.where(
            hedged == 0, "", np.where(harm, "harm", np.where(commercial == 1, "benefit", "other"))
        )
        table["evidence"] = [
            tuple(
                {
                    "start": 0,
                    "end": 3,
                    "text": t,
                    "term": t,
                    "category": c,
                    "family": f,
                    "whose": w,
                    "negation": "",
                    "target": "",
                    "codes": (k,),
                }
                for (t, c, f, w, k), hit in (
                    ((str(rng.choice(["may", "might", "some", "likely"])), "modal", "hedges", "", "hedged"), h),
                    ((str(rng.choice(["withdrawal", "addictive"])), "withdrawal", "addiction", "own", "addiction"), o),
                    ((str(rng.choice(["best", "natural", "relief"])), "praise", "promotion", "", "commercial"), s),
                )
                if hit
            )
            for h, o, s in zip(hedged, own, commercial, strict=True)
        ]
        frames.append(table)
    return pd.concat(frames, ignore_index=True)
