"""``/m/collections/<id>/``: the bins of a day's round in order, each to be ticked when it is emptied."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cases.pages.mobile.access import phone_page, refused
from cases.pages.mobile.tasks import ASKED, TaskCard, phone_tasks
from cases.pages.mobile.texts import phone_texts
from devices.bins.days import current_q, is_current
from devices.bins.rounds import stop_empty, stop_untick, stops_told
from devices.models import CollectionRun, CollectionStop
from devices.querysets import EMPTIES
from governance.errors import Refused
from governance.models import Role
from governance.scoping import grant_for, roles_of

DEEDS = {"empty": stop_empty, "untick": stop_untick}


@phone_tasks
def collections_of_today(user) -> list[TaskCard]:
    """Rounds of today, or of last night and under way still, on which the person may tick bins."""
    if Role.HANDLER not in roles_of(user):
        return []
    rows = CollectionRun.objects.visible_to(user).to_empty(user).filter(current_q(timezone.now())).with_rows()
    return [
        TaskCard(
            group=_("Bins to empty today"),
            title=run.round.name,
            url=reverse("phone_devices:collection", args=[run.pk]),
            text=_("%(done)s of %(all)s bins emptied") % {"done": run.done_count, "all": run.stops_count},
            place=run.round.depot,
            badge=f"{run.round.starts_at:%H:%M}",
            tone="green" if run.done_count == run.stops_count else "blue",
            order=12,
        )
        for run in rows.order_by("day", "round__code")[:ASKED]
    ]


@phone_page
@require_safe
def collection(request, pk):
    """The round with its bins; those to be emptied first, next one on top."""
    run = CollectionRun.objects.visible_to(request.user).with_rows().filter(pk=pk).first()
    if run is None:
        raise Http404
    (stops,) = stops_told([run])
    mine = grant_for(EMPTIES, run.round, request.user) is not None
    context = {
        "run": run,
        "stops": [(told, f"{told.proof or 0:.0%}") for told in stops],
        "done": sum(told.state != "open" for told in stops),
        "next": next((told.stop.pk for told in stops if told.state == "open"), None),
        "ticking": mine and is_current(run, timezone.now()),
        "kilometres": run.metres / 1000,
        "texts": phone_texts(),
    }
    return render(request, "devices/mobile/collection.html", context)


@phone_page
@require_POST
def tick(request, pk, deed):
    """Tick a bin, or take the tick back; leads back to its place in the list."""
    stop = CollectionStop.objects.visible_to(request.user).filter(pk=pk).first()
    if stop is None:
        raise Http404
    back = f"{reverse('phone_devices:collection', args=[stop.run_id])}#stop-{stop.pk}"
    try:
        DEEDS[deed](stop, actor=request.user)
    except Refused as error:
        return refused(request, error, back)
    return redirect(back)
