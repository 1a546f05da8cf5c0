"""A counted resolution as a table, for Excel: rule, sums, comparisons, outcome; nobody's vote."""

from django.utils.translation import gettext as _

from property.models import Resolution
from property.voting.wording import caveat, in_words, rule_words


def tally_rows(resolution: Resolution) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of the computation of a counted resolution."""
    told = in_words(resolution.tally)
    header = [_("step"), _("heads"), _("floor area (m²)"), _("demand"), _("exact comparison"), _("met")]
    rows = [[resolution.number, "", "", resolution.title, "", ""], [str(resolution.rule_set), *[""] * 5]]
    rows += [[text, *[""] * 5] for text in rule_words(resolution)]
    rows += [[line.label, line.heads, line.area, "", "", ""] for line in told.lines]
    rows.append([_("Takes part"), told.heads_taking_part, told.area_taking_part, "", "", ""])
    rows += [
        [each.label, "", "", each.demand, each.sides, _("yes") if each.met else _("no")] for each in told.comparisons
    ]
    rows.append([_("computed outcome"), "", "", told.outcome_label, "", ""])
    if resolution.official_outcome:
        said = f"{resolution.get_official_outcome_display()} {resolution.official_on} {resolution.official_number}"
        rows.append([_("official result"), "", "", said.strip(), "", ""])
    rows.append([caveat(resolution.kind), *[""] * 5])
    return header, rows
