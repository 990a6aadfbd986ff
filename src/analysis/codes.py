"""The codes of the codebook, in the order in which every table and matrix has them."""

CODES = (
    "hedged", "acknowledges", "minimises", "denies", "addiction", "other_addiction", "commercial",
)  # fmt: skip
# What a unit may do with a harm: at most one of these.
STANCES = ("acknowledges", "minimises", "denies")
# The columns that hold them: `risk` names the stance, or none.
CODE_COLUMNS = ("hedged", "risk", "addiction", "other_addiction", "commercial")
