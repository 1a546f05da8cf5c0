"""What the reason codes of transfers mean, in words for statements."""

_reasons: dict[str, str] = {}


def register_reason(code: str, label) -> str:
    """Let a statement say ``label`` (translated lazily) for the reason ``code``; return the code."""
    if _reasons.setdefault(code, label) is not label:
        raise ValueError(f"reason {code} is registered twice")
    return code


def reason_text(code: str) -> str:
    """Return what a person reads for a reason; the code itself where nobody registered it."""
    return str(_reasons[code]) if code in _reasons else code
