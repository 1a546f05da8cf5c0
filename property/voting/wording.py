"""A computation in words, step by step, for the admin, the API and the phone: what was compared with what.

Everybody who may see a resolution may see this once it was counted: sums only, nothing of anybody's own.
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from property.models import Resolution, ResolutionKind, ResolutionState
from property.voting.engine import STANDINGS

STANDING_LABELS = {
    "for": gettext_lazy("For"),
    "against": gettext_lazy("Against"),
    "abstain": gettext_lazy("Abstain"),
    "split": gettext_lazy("Dwellings of one owner voted differently"),
    "invalid": gettext_lazy("Invalid"),
    "set_aside": gettext_lazy("Contradicting ballots, not decided"),
    "silent": gettext_lazy("No ballot"),
}
CHECK_LABELS = {
    ("quorum", "heads"): gettext_lazy("Heads that take part"),
    ("quorum", "area"): gettext_lazy("Floor area that takes part"),
    ("share", "heads"): gettext_lazy("Heads in favour, of those that take part"),
    ("share", "area"): gettext_lazy("Floor area in favour, of that which takes part"),
    ("objection", "heads"): gettext_lazy("Heads that object, of all"),
    ("objection", "area"): gettext_lazy("Floor area that objects, of all"),
}


@dataclass(frozen=True)
class Line:
    """How much of the base stands where; ``area`` in m²."""

    standing: str
    label: str
    heads: int
    area: str


@dataclass(frozen=True)
class Comparison:
    """One comparison in words: ``sides`` is the exact one, multiplied out; ``percent`` is cut off, never rounded up."""

    label: str
    part: str
    whole: str
    demand: str
    sides: str
    percent: str
    met: bool


@dataclass(frozen=True)
class Computation:
    """All steps of a count, in words."""

    lines: list[Line]
    comparisons: list[Comparison]
    heads_taking_part: int
    area_taking_part: str
    left_out: int
    outcome: str
    outcome_label: str


def in_words(tally: dict) -> Computation:
    """Return a kept computation (``property.voting.tally.as_json``) in words."""
    lines = [
        Line(name, str(STANDING_LABELS[name]), tally["heads"][name], tally["areas"][name])
        for name in STANDINGS
        if tally["heads"][name] or Decimal(tally["areas"][name])
    ]
    return Computation(
        lines=lines,
        comparisons=[_comparison(check) for check in tally["checks"]],
        heads_taking_part=tally["heads_taking_part"],
        area_taking_part=tally["area_taking_part"],
        left_out=tally["units_left_out"],
        outcome=tally["outcome"],
        outcome_label=str(ResolutionState(tally["outcome"]).label),
    )


def _comparison(check: dict) -> Comparison:
    numerator, denominator = check["share"]
    part, whole = Decimal(check["part"]), Decimal(check["whole"])
    objection = check["name"] == "objection"
    sign = _sign(objection, check["inclusive"], check["met"])
    return Comparison(
        label=str(CHECK_LABELS[check["name"], check["measure"]]),
        part=check["part"],
        whole=check["whole"],
        demand=demand_words(numerator, denominator, inclusive=check["inclusive"], objection=objection),
        sides=f"{part} × {denominator} = {part * denominator} {sign} {whole * numerator} = {whole} × {numerator}",
        percent=f"{(part * 100 / whole).quantize(Decimal('0.01'), ROUND_DOWN)}%" if whole else "—",
        met=check["met"],
    )


def _sign(objection: bool, inclusive: bool, met: bool) -> str:
    """Return how the two sides really stand to each other."""
    if objection:
        return ("≤" if inclusive else "<") if met else (">" if inclusive else "≥")
    return ("≥" if inclusive else ">") if met else ("<" if inclusive else "≤")


def demand_words(numerator: int, denominator: int, *, inclusive: bool, objection: bool = False) -> str:
    """Return what is asked of a share: 以上 and 不超过 include the number, 超过 and 不足 do not."""
    share = f"{numerator}/{denominator}"
    if objection:
        return (_("at most %(share)s") if inclusive else _("less than %(share)s")) % {"share": share}
    return (_("at least %(share)s") if inclusive else _("more than %(share)s")) % {"share": share}


def rule_words(resolution: Resolution) -> list[str]:
    """Return the rule of a resolution in sentences."""
    rule = resolution.rule_set
    measures = _("of floor area and of heads") if rule.counts_area else _("of heads")
    share = demand_words(
        rule.share_numerator, rule.share_denominator, inclusive=rule.share_inclusive,
        objection=rule.method == "objection",
    )  # fmt: skip
    if rule.method == "objection":
        said = [_("Passed when objections come to %(share)s %(of)s of all.") % {"share": share, "of": measures}]
    else:
        quorum = demand_words(rule.quorum_numerator, rule.quorum_denominator, inclusive=rule.quorum_inclusive)
        said = [
            _("%(quorum)s %(of)s must take part.") % {"quorum": quorum, "of": measures},
            _("Passed when %(share)s %(of)s of those who take part agree.") % {"share": share, "of": measures},
        ]
    said += [f"{rule.get_head_by_display()}。", f"{_('Owner whose dwellings vote differently')}: "
             f"{rule.get_split_heads_display()}。"]  # fmt: skip
    if rule.invalid_takes_part:
        said.append(_("An invalid ballot counts as taking part."))
    if resolution.takes_online:
        changing = _("An online ballot may be changed until the end.") if rule.online_may_change else _(
            "An online ballot is not changed once it is cast."
        )  # fmt: skip
        said.append(changing)
    return said


def caveat(kind: str) -> str:
    """Return what stands on every page and in every answer: the product decides nothing."""
    if kind == ResolutionKind.CONSULTATIVE:
        return _("This is a consultation: its result has no legal force.")
    return _(
        "This is a computation under the rule named here. It has no legal force: what counts is the result declared by "
        "the body in charge, recorded beside it."
    )
