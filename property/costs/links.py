"""The way to shared costs from a resident's own page."""

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.pages.links import ResidentLink, resident_links
from property.costs.own import own_books


@resident_links
def costs_link(user) -> list[ResidentLink]:
    """Return the link for people whose estate has books."""
    return [ResidentLink(_("Shared costs of my home"), reverse("cost_pages:mine"))] if own_books(user).exists() else []
