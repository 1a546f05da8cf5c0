"""``/m/``: what this person has to do today."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.pages.mobile.access import phone_page
from cases.pages.mobile.tasks import buttons_of, tasks_of
from cases.pages.mobile.texts import phone_texts


@phone_page
@require_safe
def today(request):
    """Tasks in groups, and buttons for what may be begun."""
    context = {"groups": tasks_of(request.user), "buttons": buttons_of(request.user), "texts": phone_texts()}
    return render(request, "cases/mobile/today.html", context)
