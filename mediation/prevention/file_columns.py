"""What a file has of the columns that the saved mapping of its source reads: said once, before any line is judged."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from cases.intake.mapping import Rules
from governance.errors import Invalid
from mediation.models import SignalSource
from mediation.prevention.mapping import FIELDS, columns_read

# Without these a record is nobody's, nowhere, or says nothing: a file that lacks them was renamed or is another's.
NEEDED = ("external_id", "area", "text")


def columns_check(source: SignalSource, rules: Rules, rows: Sequence[dict[str, str]]) -> list[str]:
    """Return what whoever brings a file of a source should know of its columns: which the mapping reads and it does not
    have, and then which nobody reads.

    Raises Invalid (field ``file``) where it has none of them, or lacks all that the number, the area or the words are
    read from.
    """
    has = set().union(*rows) if rows else set()
    read = columns_read(rules)
    wanted = list(dict.fromkeys(key for keys in read.values() for key in keys))
    if not has or not wanted:
        return []
    told = {"source": source.name, "columns": _listed(wanted)}
    if not has.intersection(wanted):
        raise _refused(_("The columns of this file are not those of the source “%(source)s”: is it the right source? It"
                         " is read by these columns: %(columns)s.") % told)  # fmt: skip
    for name in NEEDED:
        keys = read.get(name, [])
        if keys and not has.intersection(keys) and not rules.fields[name].default:
            raise _refused(_("The file lacks the column %(columns)s, from which “%(field)s” is read: was it renamed?")
                           % {"columns": _listed(keys), "field": FIELDS[name]})  # fmt: skip
    missing = [key for key in wanted if key not in has]
    if not missing:
        return []
    notes = [_("The file lacks columns that this source is read by: %(columns)s.") % {"columns": _listed(missing)}]
    if unread := sorted(has.difference(wanted)):  # the renamed one may be among them
        notes.append(_("Columns of the file that nothing is read from: %(columns)s.") % {"columns": _listed(unread)})
    return notes


def column_of(rules: Rules, field: str) -> str:
    """Return the header that a field of ours is read from, "" where that is none or several."""
    keys = columns_read(rules).get(field, [])
    return keys[0] if len(keys) == 1 else ""


def _listed(columns: Iterable[str]) -> str:
    return "、".join(columns)


def _refused(detail: str) -> Invalid:
    return Invalid(detail, field="file", code="other_columns")
