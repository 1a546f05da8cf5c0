"""The numbers that people are told: D000012 (a dispute), H000012 (a hazard), S000012 (a signal)."""

import re

LETTERS = {"mediation.dispute": "D", "mediation.hazard": "H", "mediation.signal": "S"}
# As many digits as a key of the database holds for sure.
DIGITS = re.compile(r"0*([0-9]{1,18})")


def key_of(label: str, number: str) -> int | None:
    """Return the key that the number of a row of the model ``label`` says (H000012, h12: 12); None: it is no number."""
    text = number.strip()
    if text[:1].upper() != LETTERS[label]:
        return None
    found = DIGITS.fullmatch(text[1:])
    return int(found[1]) if found else None
