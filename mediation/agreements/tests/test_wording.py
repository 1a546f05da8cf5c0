"""Sentences of papers in the words of a place: whose version a paper prints, what must stay in it, who enters it."""

import io
from datetime import date, timedelta

import pytest
from docx import Document

from cases.tests.api import client_of
from governance.exchange.engine import RowsRefused, run
from governance.exchange.importers import importer_named
from governance.exchange.tests.material import text
from mediation.agreements.documents.layouts import __dict__ as LAYOUTS
from mediation.agreements.documents.papers import PAPERS, paper_take
from mediation.agreements.sentences import USUAL, text_check
from mediation.agreements.states import PaperSentence
from mediation.agreements.tests.deals import effective
from mediation.models import PaperText
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
URL = "/api/v1/mediation/paper-texts/"
LOCAL = "咨询电话：0000-1234567，地址：柳堤社区调解室。"


def printed(county, dispute, code: str) -> str:
    _name, content = paper_take(dispute, code, actor=county.mediator)
    return "\n".join(line.text for line in Document(io.BytesIO(content)).paragraphs)


def worded(county, area: str, sentence: str, text: str, day=date(2026, 1, 1)) -> PaperText:
    return PaperText.objects.create(area=county.area(area), sentence=sentence, text=text, valid_from=day)


def test_every_sentence_has_its_place_in_its_paper():
    assert set(USUAL) == set(PaperSentence)
    for sentence, usual in USUAL.items():
        layout = LAYOUTS[PAPERS[usual.paper].layout]
        assert ("wording", sentence.value) in layout, sentence
    assert USUAL[PaperSentence.NOTICE_OPENING].articles == ["第三条", "第四条"]


def test_without_a_version_the_usual_text_is_printed_and_nothing_where_none_stands(county):
    dispute = effective(county).dispute
    for code in ("application", "notice", "agreement", "confirmation_notice"):
        told = printed(county, dispute, code)
        for sentence, usual in USUAL.items():
            if usual.paper == code:
                assert usual.text in told, sentence
        assert "wording" not in told and "{" not in told and "%" not in told


def test_the_nearest_area_and_the_day_of_the_paper_choose_the_version(county):
    # given the dispute was registered on June 2
    dispute = county.dispute()
    worded(county, "city", "notice_local", "全市统一咨询电话 0000-1。")
    assert "0000-1。" in printed(county, dispute, "notice")
    worded(county, "street", "notice_local", LOCAL)
    worded(county, "other_street", "notice_local", "别的街道。")
    worded(county, "street", "notice_local", "七月起的说法。", date(2026, 7, 1))
    worded(county, "street", "notice_routes", "可以依法通过其他途径维权（人民调解法第三条）。")
    # then of the nearest area the version of that day stands in it, in the place of the usual sentence
    told = printed(county, dispute, "notice")
    assert LOCAL in told and "0000-1。" not in told and "别的街道" not in told and "七月" not in told
    assert "可以依法通过其他途径维权" in told and USUAL[PaperSentence.NOTICE_ROUTES].text not in told
    # and other papers say what they said
    assert LOCAL not in printed(county, dispute, "application")


def test_what_a_place_writes_is_never_read_as_a_template_or_as_markup(county):
    dispute = county.dispute()
    wrote = "{{ names }} {% if 1 %} <w:p>甲&乙</w:p>\n第二行"
    worded(county, "street", "notice_local", wrote)
    told = printed(county, dispute, "notice")
    assert "{{ names }} {% if 1 %} <w:p>甲&乙</w:p>" in told and "第二行" in told


BODY = {
    "area": "",
    "sentence": "notice_routes",
    "valid_from": "2026-07-01",
    "text": "仲裁、行政、诉讼途径不受影响（第三条）。",
}
WRONG = [
    {"text": "其他途径不受影响。"}, {"text": " "}, {"text": ""}, {"text": "第三条" + "长" * 1000}, {"text": "第三条\0"},
    {"sentence": "notice"}, {"valid_from": "x"}, {"sentence": "confirmation_after", "text": "可以申请强制执行。"},
    {"text": "其他途径不受影响（第三条）。"}, {"text": "可以仲裁，也可以找行政机关（第三条）。"},
    {"valid_from": "2026-06-01"},
    {"sentence": "termination_routes", "text": "调解到此结束。"},
    {"sentence": "application_statement", "text": "申请人民调解。"},
    {"sentence": "notice_opening", "text": "遵循平等原则，免费（第三条、第四条）。"},
    {"sentence": "confirmation_after", "text": "可以申请强制执行（第二百零六条）。"},
]  # fmt: skip


def test_the_administrator_of_the_area_enters_a_version_by_rest_and_in_the_administration(county):
    code = county.area("street").code
    body = BODY | {"area": code}
    for role in ("village_mediator", "county_centre", "operations_centre", "outside_administrator", "counsellor",
                 "neighbour"):  # fmt: skip
        assert client_of(county.user(role)).post(URL, body, format="json").status_code == 403, role
        page = client_of(county.user(role)).post("/admin/mediation/papertext/add/", body, format="multipart")
        assert page.status_code in (200, 302, 403) and not PaperText.objects.exists(), role
    client = client_of(county.user("administrator"))
    for wrong in (*WRONG, {"area": "1"}):
        assert client.post(URL, body | wrong, format="json").status_code == 400, wrong
    answer = client.post(URL, body, format="json")
    assert answer.status_code == 201, answer.content
    assert client.post(URL, body, format="json").status_code in (400, 409)
    # in the administration, where what usually stands there is shown beside it
    add = "/admin/mediation/papertext/add/"
    assert USUAL[PaperSentence.NOTICE_OPENING].text in client.get(add).content.decode()
    form = {"area": county.area("street").pk, "sentence": "notice_local", "valid_from": "2026-07-01", "text": LOCAL}
    assert client.post(add, form, format="multipart").status_code == 302
    row = PaperText.objects.get(sentence="notice_routes")
    change = f"/admin/mediation/papertext/{row.pk}/change/"
    assert USUAL[PaperSentence.NOTICE_ROUTES].text in client.get(change).content.decode()
    client.post(change, {"text": "没有写明条款。"}, format="multipart")
    row.refresh_from_db()
    assert row.text == BODY["text"] and PaperText.objects.count() == 2
    # whoever mediates reads them, and what holds where and when
    reader = client_of(county.mediator)
    assert len(reader.get(URL, {"area": code}).json()["results"]) == 2
    asked = {"area": county.area("community").code, "on": "2026-07-01"}
    told = {one["sentence"]: one for one in reader.get(f"{URL}in-force/", asked).json()}
    assert (told["notice_routes"]["text"], told["notice_routes"]["version"]) == (BODY["text"], row.pk)
    assert told["notice_routes"]["articles"] == ["第三条"] and told["notice_opening"]["version"] is None
    assert client_of(county.people["neighbour"]).get(URL).status_code == 403


def test_versions_come_from_a_sheet_and_a_wrong_one_stores_nothing(county):
    code, head = county.area("street").code, ["area", "sentence", "valid_from", "text"]
    good = [code, "notice_local", "2026-06-02", LOCAL]

    def brought(*rows):
        return run(importer_named("mediation.papertext")(), text([head, *rows]), actor=county.user("administrator"))

    with pytest.raises(RowsRefused) as refused:
        brought(good, [code, "notice_routes", "2026-06-02", "没有写明条款。"])
    assert refused.value.report.errors[0].line == 3 and not PaperText.objects.exists()
    assert brought(good).adds == 1 and brought(good).same == 1
    assert PaperText.objects.get().text == LOCAL
    # nor one that would have held before today
    with pytest.raises(RowsRefused) as refused:
        brought([code, "notice_local", "2026-06-01", LOCAL])
    assert refused.value.report.errors[0].column == "valid_from" and PaperText.objects.count() == 1


def test_the_usual_text_tells_all_that_must_be_told():
    for sentence, usual in USUAL.items():
        if usual.text:
            text_check(sentence, usual.text)


@pytest.mark.parametrize("door", ["admin", "sheet"])
def test_a_version_that_holds_is_not_changed_and_old_papers_say_what_they_said(county, clock, door):
    # given a version that holds since today, and one that is to come
    dispute, by = county.dispute(), county.user("administrator")
    row = worded(county, "street", "notice_local", LOCAL, NOW.date())
    coming = worded(county, "street", "notice_local", "七月起的说法。", date(2026, 7, 1))

    def changed(version, wrote):
        if door == "admin":
            url = f"/admin/mediation/papertext/{version.pk}/change/"
            return client_of(by).post(url, {"text": wrote}, format="multipart").status_code == 302
        head = ["area", "sentence", "valid_from", "text"]
        sheet = text([head, [county.area("street").code, "notice_local", version.valid_from.isoformat(), wrote]])
        try:
            return run(importer_named("mediation.papertext")(), sheet, actor=by).changes == 1
        except RowsRefused:
            return False

    # then the first one stays, the other may still be put right
    assert not changed(row, "换了说法。") and changed(coming, "七月起的新说法。")
    # and a month later the paper of that day says what it said
    clock.move_to(NOW + timedelta(days=40))
    assert not changed(coming, "又换了说法。")
    told = printed(county, dispute, "notice")
    assert LOCAL in told and "七月" not in told and "换了说法" not in told
