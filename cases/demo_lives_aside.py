"""What happens to a case of the demo history beside its usual way: more time, rest, arbitration, appeals, repeats."""

from datetime import timedelta

from cases.models import AppealGround
from cases.services import case_report
from governance.models import Role, User
from governance.workflow import act

# What a unit asks for.
LONGER = {"amount": 2, "counted_in": "work_day"}
REST = timedelta(days=30)


class DeedsAside:
    """Deeds of a ``Life``; it inherits them."""

    def _ask_extension(self) -> None:
        self._act("ask_extension", self._handler(), reason=self.cast.because("ask_extension"), **LONGER)

    def _extend(self) -> None:
        self._act("extend", self.cast.who(Role.DISPATCHER, self.area))

    def _ask_suspension(self) -> None:
        reason = self.cast.because("ask_suspension")
        self._act("ask_suspension", self._handler(), reason=reason, until=self.at + REST)

    def _suspend(self) -> None:
        self._act("suspend", self.cast.who(Role.DISPATCHER, self.area))

    def _refer(self) -> None:
        self._act("refer", self.cast.who(Role.DISPATCHER, self.area), reason=self.cast.because("refer"))

    def _appeal(self) -> None:
        reason = self.cast.because("appeal")
        self._act("appeal", self._handler(), reason=reason, ground=AppealGround.OVERDUE)

    def _review(self) -> None:
        self._reviewed(0)

    def _review_again(self) -> None:
        self._reviewed(1)

    def _reviewed(self, place: int) -> None:
        centre = User.objects.filter(appointments__role=Role.OPERATIONS_CENTRE).distinct().order_by("username")
        self._act("review_appeal", centre[place], reason=self.cast.because("review"), upholds=True)

    def _repeat(self) -> None:
        """Somebody else reports the same; a registrar merges it into the first."""
        place = self.subject.place.given()
        again = case_report(
            actor=self.cast.system("public"), source="resident", description=self.subject.text, occurred_at=self.at,
            **place, **self.cast.caller(),
        )  # fmt: skip
        registrar = self.cast.who(Role.REGISTRAR, self.area)
        act(again, "merge", actor=registrar, into=self.case, occurred_at=self.at + timedelta(minutes=2))
        self.case.refresh_from_db()
