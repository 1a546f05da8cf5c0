"""All addresses of the web server."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from governance import health
from governance.api.views import UnknownAddress
from governance.attachments import serve_file
from governance.calendar_pages import CalendarView

handler400 = "governance.api.errors.bad_request"
handler403 = "governance.api.errors.permission_denied"
handler404 = "governance.api.errors.not_found"
handler500 = "governance.api.errors.server_error"

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/v1/", include("governance.api.urls")),
    path("api/v1/", include("cases.api.urls")),
    path("api/v1/", include("devices.api.urls")),
    path("api/v1/", include("mediation.api.urls")),
    path("api/v1/", include("partners.api.urls")),
    path("api/v1/", include("property.api.urls")),
    path("files/<uuid:attachment_id>/", serve_file, name="file"),
    path("calendar/<str:token>.ics", CalendarView.as_view(), name="calendar"),
    path("r/costs/", include("property.costs.urls")),
    path("r/", include("partners.rewards.pages.resident_urls")),
    path("r/", include("property.assembly.pages.resident_urls")),
    path("r/", include("property.stewards.pages.resident_urls")),
    path("r/", include("property.gatherings.pages.resident_urls")),
    path("r/", include("partners.needs.pages.resident_urls")),
    path("r/estate/", include("property.pages.estate_urls")),
    path("r/votes/", include("property.pages.vote_urls")),
    path("r/", include("partners.projects.pages.resident_urls")),
    path("r/", include("partners.recruiting.pages.resident_urls")),
    path("r/", include("partners.earning.pages.resident_urls")),
    path("r/", include("partners.surveys.pages.resident_urls")),
    path("r/", include("partners.credit.pages.resident_urls")),
    path("r/", include("mediation.joint.pages.resident_urls")),
    path("r/", include("mediation.papers.pages.resident_urls")),
    path("r/", include("mediation.followup.pages.resident_urls")),
    path("r/", include("cases.pages.urls")),
    path("m/", include("cases.pages.mobile.urls")),
    path("m/", include("devices.pages.urls")),
    path("m/", include("mediation.disputes.pages.phone_urls")),
    path("m/", include("partners.surveys.pages.phone_urls")),
    path("m/", include("partners.needs.pages.phone_urls")),
    path("m/", include("mediation.prevention.pages.phone_urls")),
    path("m/", include("mediation.followup.pages.phone_urls")),
    path("m/", include("property.assembly.pages.phone_urls")),
    path("m/", include("property.gatherings.pages.phone_urls")),
    path("m/", include("property.pages.urls")),
    path("m/", include("property.stewards.pages.phone_urls")),
    path("open311/", include("cases.open311.urls")),
    path("v1.1", include("devices.sensorthings.urls")),
    re_path(r"^api/", UnknownAddress.as_view()),
]
