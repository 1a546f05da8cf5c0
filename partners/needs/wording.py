"""What no column of text checks by itself."""

from django.utils.translation import gettext as _

from governance.errors import Invalid

LONGEST = 2000


def words_check(**texts: str) -> None:
    """Refuse what no text of the database holds (a null character), and what is longer than ``LONGEST``, naming the
    field. Raises Invalid."""
    for field, text in texts.items():
        if "\0" in text:
            raise Invalid(_("This text holds a character that cannot be stored."), field=field, code="invalid")
        if len(text) > LONGEST:
            raise Invalid(_("At most %(count)s characters.") % {"count": LONGEST}, field=field, code="max_length")
