"""Forms by which files of a dispute are added, marked and taken away, in the admin and on the phone."""

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.forms import PhotosField
from mediation.disputes.work_forms import BlamedForm
from mediation.files.keeping import LONGEST_CAPTION
from mediation.files.states import OF_THE_FILE, FileKind


def caption() -> forms.CharField:
    return forms.CharField(label=_("What the file shows"), max_length=LONGEST_CAPTION, required=False)


class FilesField(PhotosField):
    """Photos or PDF; at least one."""

    def clean(self, data, initial=None):
        uploads = super().clean(data, initial)
        if not uploads:
            raise forms.ValidationError(_("Add the file: photos or a PDF."), code="required")
        return uploads


class TrackFilesForm(BlamedForm):
    """A document of a track."""

    files = FilesField(label=_("Photos or PDF"))
    caption = caption()


class FileForm(TrackFilesForm):
    """A paper of the file; ``photos`` where the page of the phone takes them with the camera."""

    field_order = ["kind", "files", "caption", "for_court"]
    kind = forms.ChoiceField(label=_("Kind of file"), choices=OF_THE_FILE, initial=FileKind.EVIDENCE)
    for_court = forms.BooleanField(
        label=_("For the court"), required=False,
        help_text=_("The clerk of the court reads it once confirmation is applied for."),
    )  # fmt: skip


class PhoneFileForm(FileForm):
    """The same by the camera."""

    files = None
    photos = FilesField(label=_("Photos or PDF"))


class MarkForm(BlamedForm):
    """Whether the court reads it."""

    for_court = FileForm.base_fields["for_court"]


class RemoveForm(BlamedForm):
    """Why a file is taken away."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
