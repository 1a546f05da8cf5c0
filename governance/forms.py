"""Forms of transitions: one declaration validates the admin's POST and the API's.

An app registers a form where a transition asks for more than a reason and photos.
"""

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.attachments import read_uploads
from governance.errors import REASON_NEEDED, Invalid
from governance.workflow import Step

_forms: dict[tuple[str, str], type["TransitionForm"]] = {}


class WordsInput(forms.Textarea):
    """A text of several lines, of which each line break counts once: browsers count so, and send two characters."""

    def value_from_datadict(self, data, files, name):
        text = super().value_from_datadict(data, files, name)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several files at once; cleaned to a list of judged ``Upload`` objects."""

    def __init__(self, **options):
        attrs = {"accept": "image/*,application/pdf", "multiple": True}
        options.setdefault("label", _("Photos"))
        super().__init__(widget=ManyFilesInput(attrs=attrs), required=False, **options)

    def clean(self, data, initial=None):
        files = [file for file in (data or []) if file]
        if any(not hasattr(file, "read") for file in files):
            raise forms.ValidationError(_("Send photos as files (multipart/form-data)."), code="invalid")
        try:
            return read_uploads(files)
        except Invalid as error:
            raise forms.ValidationError(error.detail, code=error.code) from error


class TransitionForm(forms.Form):
    """What every transition may take: a reason (compulsory where the step says so), photos, and the version seen."""

    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    photos = PhotosField()
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, data=None, files=None, *, obj, step: Step, user):
        self.obj, self.step, self.user = obj, step, user
        super().__init__(data, files, initial=self.starting_values())
        reason = self.fields["reason"]
        reason.required = step.reason
        reason.label = _("Reason") if step.reason else _("Remark")
        reason.error_messages["required"] = REASON_NEEDED

    def starting_values(self) -> dict:
        """Return what the form shows first."""
        return {"version": self.obj.version}

    def arguments(self) -> dict:
        """Return the cleaned values as keyword arguments of ``governance.workflow.act``."""
        return dict(self.cleaned_data)


def register_form(label: str, name: str, form: type[TransitionForm]) -> None:
    """Use ``form`` for transition ``name`` of model ``label`` (``cases.case``)."""
    _forms[label, name] = form


def form_for(label: str, step: Step) -> type[TransitionForm]:
    """Return the form class of a transition."""
    return _forms.get((label, step.name), TransitionForm)
