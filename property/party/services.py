"""Every write of party organisations beyond plain configuration rows."""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.configuration import configuration_save
from governance.errors import Invalid
from governance.models import AttachmentPurpose, Event
from governance.photos import Upload
from governance.transactions import atomically
from property.models import CrossAppointment


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
