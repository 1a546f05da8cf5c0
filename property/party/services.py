"""Every write of party organisations beyond plain configuration rows."""

from collections.abc import Collection, Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.configuration import configuration_rows_save, configuration_save
from governance.errors import Invalid
from governance.models import AttachmentPurpose, Dwelling, Event
from governance.photos import Upload
from governance.transactions import atomically
from property.models import CrossAppointment, HouseholdCare, PartyOrganisation


def cross_appointment_save(appointment: CrossAppointment, *, actor, changed: Collection[str],
                           documents: Sequence[Upload] = ()) -> Event:  # fmt: skip
    """Enter a cross-appointment with the document it rests on, or end one earlier.

    Raises as ``configuration_save``, and Invalid when a new one comes without its document.
    """
    if appointment._state.adding and not documents:
        raise Invalid(_("The document that decided it is needed."), field="documents", code="required")
    with atomically():
        event = configuration_save(appointment, actor=actor, changed=changed)
        attach(appointment, documents, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return event


def household_care_set(household: PartyOrganisation, *, actor, dwellings: Collection[Dwelling]) -> Event | None:
    """Let a centre household look after exactly ``dwellings`` beside its own; None when it does already.

    Raises as ``configuration_rows_save``, and Invalid naming ``dwellings`` for one of another building or its own, or
    for an organisation of another level.
    """
    wanted = {dwelling.pk: dwelling for dwelling in dwellings}
    with atomically():
        PartyOrganisation.objects.select_for_update(of=("self",)).get(pk=household.pk)
        stored = list(HouseholdCare.objects.filter(household=household))
        known = {row.dwelling_id for row in stored}
        fresh = [HouseholdCare(household=household, dwelling=one) for key, one in wanted.items() if key not in known]
        for row in fresh:
            try:
                row.clean()
            except ValidationError as error:
                raise Invalid(error.messages[0], field="dwellings", code="outside") from error
        gone = [row for row in stored if row.dwelling_id not in wanted]
        return configuration_rows_save(household, actor=actor, name="looks_after", saved=fresh, removed=gone)
