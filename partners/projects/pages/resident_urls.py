"""Addresses of projects for residents, partners and evaluators, under ``/r/``."""

from django.urls import path, re_path

from partners.projects.pages import claims, evaluations, public, signing

STEP = r"^projects/claims/(?P<pk>[0-9]{1,18})/(?P<name>withdraw|quit|deliver)/$"

app_name = "residents_projects"
urlpatterns = [
    path("projects/", public.home, name="home"),
    path("projects/<int:pk>/", public.project, name="project"),
    path("projects/<int:pk>/photos/<uuid:file>/", public.photo, name="photo"),
    path("projects/<int:pk>/claim/", claims.claim_new, name="claim-new"),
    path("projects/claims/<int:pk>/", claims.claim, name="claim"),
    path("projects/claims/<int:pk>/log/", claims.log_new, name="claim-log"),
    path("projects/claims/<int:pk>/tasks/<int:task>/", claims.task, name="claim-task"),
    re_path(STEP, claims.step, name="claim-step"),
    path("projects/<int:pk>/code/", signing.code, name="code"),
    re_path(r"^projects/sign-in/(?P<code>[0-9a-f-]{1,60})/$", signing.sign_in, name="sign-in"),
    path("projects/attendance/<int:pk>/out/", signing.sign_out, name="sign-out"),
    path("projects/evaluations/<int:pk>/", evaluations.evaluation, name="evaluation"),
]
