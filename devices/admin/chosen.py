"""The rows somebody chose in a list for an action, also those that have left the list since."""

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.utils.translation import ngettext


def chosen_keys(request, queryset) -> list[str]:
    """Return the keys of what was chosen: as ticked, or all that is listed (on all pages)."""
    if request.POST.get("select_across") == "1":
        return [str(pk) for pk in queryset.values_list("pk", flat=True)]
    return list(dict.fromkeys(request.POST.getlist(ACTION_CHECKBOX_NAME)))


def left_out(request, queryset, treated: int) -> str:
    """Say how many of the chosen rows are not in the list any more, and so nothing was done to them; or nothing.

    A list with filters offers an action only what it still shows: an alarm may be over when the action arrives. Who
    chose all pages chose what the list shows, whatever that is by then.
    """
    if request.POST.get("select_across") == "1":
        return ""
    number = len(chosen_keys(request, queryset)) - treated
    if number <= 0:
        return ""
    return ngettext(
        "%(count)s of the chosen is not in this list any more: nothing was done to it.",
        "%(count)s of the chosen are not in this list any more: nothing was done to them.",
        number,
    ) % {"count": number}
