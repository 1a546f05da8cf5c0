"""Addresses of partners for residents and partners, under ``/r/``."""

from django.urls import path, re_path

from partners.recruiting.pages import directory, mine, recruitment

CODE = r"(?P<code>[0-9]{12})"
STEP = r"^partners/mine/(?P<what>[a-z]{1,20})/(?P<pk>[0-9]{1,18})/(?P<name>[a-z_]{1,40})/$"

app_name = "residents_partners"
urlpatterns = [
    path("partners/", recruitment.home, name="home"),
    re_path(rf"^partners/{CODE}/$", recruitment.recruitment, name="recruitment"),
    re_path(rf"^partners/{CODE}/apply/$", recruitment.apply, name="apply"),
    re_path(rf"^partners/{CODE}/directory/$", directory.directory, name="directory"),
    re_path(rf"^partners/{CODE}/dates/(?P<pk>[0-9]{{1,18}})/$", directory.take, name="take"),
    re_path(r"^partners/places/(?P<pk>[0-9]{1,18})/$", directory.give_back, name="give-back"),
    path("partners/mine/<int:pk>/", mine.partner, name="partner"),
    path("partners/mine/<int:pk>/qualification/", mine.qualification_new, name="qualification-new"),
    path("partners/mine/<int:pk>/offer/", mine.offer_new, name="offer-new"),
    path("partners/offers/<int:pk>/", mine.offer_edit, name="offer-edit"),
    path("partners/offers/<int:pk>/dates/", mine.dates_new, name="dates-new"),
    path("partners/qualifications/<int:pk>/", mine.documents, name="documents"),
    path("partners/agreements/<int:pk>/agreement.docx", mine.agreement, name="agreement"),
    re_path(STEP, mine.step, name="step"),
]
