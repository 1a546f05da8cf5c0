"""Addresses of community partners under ``/api/v1/``."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from partners.api import (
    credit,
    directory,
    earning,
    earning_books,
    ledger,
    needs,
    needs_mine,
    projects,
    recruiting,
    rewards,
    surveys,
    surveys_mine,
)

router = SimpleRouter()
router.register("points/accounts", ledger.AccountViewSet)
router.register("points/kinds", earning.PointsKindViewSet)
router.register("points/rules", earning.PointsRuleViewSet)
router.register("points/records", earning.PointsRecordViewSet, basename="points-record")
router.register("points/donations", earning.PointsDonationViewSet)
router.register("points/adjustments", earning_books.PointsAdjustmentViewSet)
router.register("points/settlements", earning_books.SettlementSheetViewSet)
router.register("points/hours", earning_books.VolunteerHoursViewSet)
router.register("points/certificates", earning_books.HoursCertificateViewSet)
router.register("partners/qualifications", recruiting.QualificationViewSet)
router.register("partners/agreements", recruiting.PartnerAgreementViewSet)
router.register("partners/offers", recruiting.OfferViewSet)
router.register("partners/dates", recruiting.OfferSlotViewSet)
router.register("partners/places", recruiting.OfferPlaceViewSet)
router.register("points/rewards", rewards.RewardViewSet)
router.register("points/redemptions", rewards.RedemptionViewSet)
router.register("points/stock-entries", rewards.StockEntryViewSet)
router.register("surveys", surveys.SurveyViewSet)
router.register("survey-sheets", surveys.SheetViewSet)
router.register("survey-templates", surveys.SurveyTemplateViewSet)
router.register("needs", needs.NeedViewSet)
router.register("need-categories", needs.NeedCategoryViewSet)
router.register("need-visits", needs.NeedVisitViewSet)
router.register("credit/formulas", credit.CreditFormulaViewSet)
router.register("credit/files", credit.CreditProfileViewSet)
router.register("credit/notes", credit.CreditNoteViewSet)
router.register("credit/appeals", credit.CreditAppealViewSet)
router.register("credit/lists", credit.CreditListViewSet)
router.register("credit/candidates", credit.CreditCandidateViewSet)
router.register("projects/public", projects.PublicProjectViewSet, basename="public-project")
router.register("projects/claims", projects.ClaimViewSet)
router.register("projects/evaluations", projects.EvaluationViewSet)
router.register("projects/forms", projects.EvaluationFormViewSet)
router.register("projects", projects.ProjectViewSet)
router.register("partners", recruiting.PartnerViewSet)

urlpatterns = [
    path("points/reports/liability/", earning_books.LiabilityView.as_view()),
    path("points/reports/categories/", earning_books.CategoriesView.as_view()),
    re_path(r"^partners/recruitment/(?P<code>[0-9]{12})/$", directory.RecruitmentView.as_view()),
    re_path(r"^partners/directory/(?P<code>[0-9]{12})/$", directory.DirectoryView.as_view()),
    path("points/codes/look-up/", rewards.CodeLookUpView.as_view(), name="points-code-look-up"),
    path("points/codes/take/", rewards.CodeTakeView.as_view(), name="points-code-take"),
    path("points/merchant-month/", rewards.MerchantMonthView.as_view(), name="points-merchant-month"),
    path("me/surveys/", surveys_mine.OwnSurveysView.as_view(), name="own-surveys"),
    path("me/surveys/<str:code>/", surveys_mine.OwnSurveyView.as_view(), name="own-survey"),
    path("me/surveys/<str:code>/answers/", surveys_mine.OwnAnswersView.as_view(), name="own-survey-answers"),
    path("me/surveys/<str:code>/results/", surveys_mine.OwnResultsView.as_view(), name="own-survey-results"),
    path("me/needs/", needs_mine.OwnNeedsView.as_view(), name="own-needs"),
    path("me/needs/<int:pk>/", needs_mine.OwnNeedView.as_view(), name="own-need"),
    path("me/projects/fitting/", projects.FittingProjectsView.as_view()),
    path("me/projects/sign-in/", projects.ProjectSignInView.as_view()),
    path("", include(router.urls)),
]
