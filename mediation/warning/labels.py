"""What hot issues tell once a record of theirs leads to a dispute: at once, not only after the next night."""

from governance.classify.terms import normalised
from governance.events import on
from mediation.models import Hazard, HotIssue, Signal


@on("hazard.converted")
def labels_requote(_event, hazard: Hazard) -> None:
    """Labels tell no words that only records of disputes say."""
    _requote(hazard.pk)


@on("signal.typed", "signal.placed")
def labels_requote_joined(_event, signal: Signal) -> None:
    """A type or an area put right may have made a record one event with what became a dispute."""
    now = Signal.objects.select_related("hazard").get(pk=signal.pk)
    if now.disputed:
        _requote(now.hazard_id)


def _requote(hazard_id: int) -> None:
    """Keep the labels that another record says as a whole; of other issues the name of the type is told until the next
    night works them out anew."""
    for issue in HotIssue.objects.filter(signals__hazard=hazard_id).select_related("type").distinct():
        words = issue.label.split()
        told = issue.signals.filter(hazard__dispute=None).exclude(text="").values_list("text", flat=True)
        if not any(all(word in text for word in words) for text in map(normalised, told.iterator())):
            longest = HotIssue._meta.get_field("label").max_length
            HotIssue.objects.filter(pk=issue.pk).update(label=issue.type.name[:longest])
