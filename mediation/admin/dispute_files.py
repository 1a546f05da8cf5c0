"""Files on the page of a dispute, and of a track: added, marked for the court, taken away."""

from django.contrib import messages
from django.http import Http404
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from governance.admin.base import refusal_page
from governance.admin.bookings import FormPageMixin
from governance.errors import NotPermitted
from mediation.files.forms import FileForm, MarkForm, RemoveForm, TrackFilesForm
from mediation.files.keeping import file_add, file_mark, file_remove, may_add, may_add_to
from mediation.files.reading import files_of
from mediation.files.states import FileKind
from mediation.models import Dispute, DisputeFile, Track

METHODS = method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
GUARDED = method_decorator(csrf_protect)


def _sent(request, form, **initial):
    return form(request.POST, request.FILES) if request.method == "POST" else form(initial=initial)


class FilesMixin(FormPageMixin):
    """Gives the admin of disputes ``<pk>/files/new/``, and ``mark`` and ``remove`` of each file."""

    def get_urls(self):
        wrap, base = self.admin_site.admin_view, "<int:object_id>/files/"
        return [
            path(f"{base}new/", wrap(self.file_new_view), name="mediation_dispute_file_new"),
            path(f"{base}<int:file_id>/mark/", wrap(self.file_mark_view), name="mediation_dispute_file_mark"),
            path(f"{base}<int:file_id>/remove/", wrap(self.file_remove_view), name="mediation_dispute_file_remove"),
            *super().get_urls(),
        ]

    def files_for(self, request, dispute: Dispute) -> dict:
        """Return the files of a dispute as its page shows them, and where one is added by who may."""
        new = reverse("admin:mediation_dispute_file_new", args=[dispute.pk])
        may = may_add(dispute, request.user)
        return {"files": files_of(request.user, dispute=dispute), "new_file": new if may else "", "files_kept": may}

    @GUARDED
    @METHODS
    def file_new_view(self, request, object_id):
        """Add photos or a PDF."""
        dispute = self.find(request, object_id)
        form = _sent(request, FileForm)
        lead = _("Photos are stored without place and time. Who opens a file is written down.")
        return self._filed(request, dispute, form, _("Add a file"), lead, lambda given: file_add(
            dispute, actor=request.user, uploads=given.pop("files"), **given))  # fmt: skip

    @GUARDED
    @METHODS
    def file_mark_view(self, request, object_id, file_id):
        """Let the clerk of the court read it, or no longer."""
        dispute = self.find(request, object_id)
        row = self._file(request, dispute, file_id)
        form = _sent(request, MarkForm, for_court=row.for_court)
        title = _("For the court")
        return self._filed(request, dispute, form, title, str(row.get_kind_display()),
                           lambda given: file_mark(row, actor=request.user, **given))  # fmt: skip

    @GUARDED
    @METHODS
    def file_remove_view(self, request, object_id, file_id):
        """Take away what was added by mistake."""
        dispute = self.find(request, object_id)
        row = self._file(request, dispute, file_id)
        lead = _("Its content is gone for good; that it was there, who took it away and why stays known.")
        return self._filed(request, dispute, _sent(request, RemoveForm), _("Take the file away"), lead,
                           lambda given: file_remove(row, actor=request.user, **given), backward=True)  # fmt: skip

    def _file(self, request, dispute: Dispute, file_id: int) -> DisputeFile:
        rows = DisputeFile.objects.visible_to(request.user).kept().with_rows()
        found = rows.filter(dispute=dispute, pk=file_id).first()
        if found is None:
            raise Http404
        return found

    def _filed(self, request, dispute, form, title, lead, service, **more):
        back = f"{self.page_url(dispute)}#files"
        if not may_add(dispute, request.user):
            refusal = NotPermitted(_("You do not work on this dispute."))
            return refusal_page(self, request, refusal, back=back)

        def carry_out(form):
            service(dict(form.cleaned_data))
            messages.success(request, _("%(object)s: “%(label)s” done.") % {"object": dispute, "label": title})
            return back

        return self.form_page(request, form, title=title, lead=lead, button=title, carry_out=carry_out,
                              subtitle=dispute.number, back=back, **more)  # fmt: skip


class TrackFilesMixin(FormPageMixin):
    """Gives the admin of tracks ``<pk>/files/new/``: the document of the track, by its organ or who leads."""

    def get_urls(self):
        wrapped = self.admin_site.admin_view(self.file_new_view)
        return [path("<int:object_id>/files/new/", wrapped, name="mediation_track_file_new"), *super().get_urls()]

    def files_for(self, request, track: Track) -> dict:
        """Return the documents of a track as its page shows them, and where one is added by who may."""
        new = reverse("admin:mediation_track_file_new", args=[track.pk])
        may = may_add_to(track, request.user)
        return {"files": files_of(request.user, track=track), "new_file": new if may else ""}

    @GUARDED
    @METHODS
    def file_new_view(self, request, object_id):
        """Add the document of the track."""
        track = self.find(request, object_id)
        form, title = _sent(request, TrackFilesForm), _("Add a document")
        if not may_add_to(track, request.user):
            refusal = NotPermitted(_("You do not work on this dispute."))
            return refusal_page(self, request, refusal, back=self.page_url(track))

        def carry_out(form):
            given = dict(form.cleaned_data)
            file_add(track.dispute, actor=request.user, kind=FileKind.TRACK_DOCUMENT, track=track,
                     uploads=given.pop("files"), **given)  # fmt: skip
            messages.success(request, _("%(object)s: “%(label)s” done.") % {"object": track, "label": title})
            return self.page_url(track)

        return self.form_page(
            request, form, title=title, button=title, carry_out=carry_out, subtitle=str(track),
            lead=_("Photos are stored without place and time. Who opens a file is written down."),
            back=self.page_url(track),
        )  # fmt: skip
