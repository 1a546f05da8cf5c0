"""The words of a hazard are put right: by who reported it until it is assessed, by who keeps it until it is decided."""

from datetime import timedelta

import pytest
import time_machine

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Remark, Role
from governance.testing import snapshot
from governance.workflow import act
from mediation.models import Dispute, Hazard
from mediation.prevention.guessing import type_guessed
from mediation.prevention.retention import hazards_forget
from mediation.prevention.tests.test_doors import API, client
from mediation.prevention.tests.village import REWORDED, WORDS, hazard, in_state, step
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
MISHEARD, MEANT = "公司拖欠了小米的工资三个月", "楼上漏水，把小米家的天花板泡坏了，两家吵架"
WHY = {"reason": "语音听错了"}
DOORS = {"phone": "/m/hazards/{}/reword/", "api": API + "/hazards/{}/transitions/reword/",
         "admin": "/admin/mediation/hazard/{}/transition/reword/"}  # fmt: skip


def sent(county, key, door, found, **given):
    return client(county, key).post(DOORS[door].format(found.pk), {"words": REWORDED} | WHY | given,
                                    format="json" if door == "api" else "multipart")  # fmt: skip


@pytest.mark.parametrize("door", list(DOORS))
def test_the_wrong_person_and_the_wrong_place_are_put_right_too(county, door):
    # given a report that names somebody who has nothing to do with it, at a wrong door
    found = hazard(county, parties="张三家与李四家", place="三组水渠边")
    # when both are put right and the words stay
    given = {"words": WORDS, "parties": "张三家与王五家", "place": "二组水渠边", "reason": "听错了姓"}
    assert sent(county, "village_mediator", door, found, **given).status_code == (200 if door == "api" else 302)
    found.refresh_from_db()
    assert (found.words, found.parties, found.place) == (WORDS, "张三家与王五家", "二组水渠边")
    # then what stood there is told to the keeper with the reason, in no event
    event = Event.objects.get(name="hazard.reworded")
    assert "李四" in event.remark.text and "三组水渠边" in event.remark.text and WORDS not in event.remark.text
    assert "李四" not in str(event.payload) and "王五" not in str(event.payload)
    # and what is not sent stays; all of it again as it is, is no change
    assert sent(county, "village_mediator", "api", found, words=MEANT).status_code == 200
    found.refresh_from_db()
    assert (found.words, found.parties, found.place) == (MEANT, "张三家与王五家", "二组水渠边")
    again = given | {"words": MEANT}
    assert sent(county, "village_mediator", door, found, **again).status_code == 400


@pytest.mark.parametrize("door", ["phone", "api"])
def test_who_reported_it_puts_the_words_right_until_it_is_assessed(county, door):
    # given a report with a slip of the voice, of nobody's but the grid worker's keeping
    found = hazard(county)
    limit = found.assess_by
    worker = client(county, "grid_worker")
    if door == "phone":
        page = f"/m/hazards/{found.pk}/"
        assert f'data-step="reword" href="{page}reword/"' in worker.get(page).content.decode()
        assert WORDS in worker.get(page + "reword/").content.decode()
    else:
        row = worker.get(f"{API}/hazards/mine/").json()["results"][0]
        assert (row["transitions"], row["version"]) == (["reword"], 0)
    # when it is put right; without a reason it is not
    assert sent(county, "grid_worker", door, found, reason=" ").status_code == 400
    answer = sent(county, "grid_worker", door, found)
    assert answer.status_code == (200 if door == "api" else 302), answer.content.decode()[:300]
    if door == "api":  # of the own report nothing but what `mine` tells
        assert answer.json()["words"] == REWORDED and not {"finding", "reporter", "longitude"} & set(answer.json())
    found.refresh_from_db()
    assert (found.words, found.state, found.assess_by) == (REWORDED, "reported", limit)
    # then the mediator reads the new words, and the former ones with the reason; who reported it no history
    told = client(county, "village_mediator").get(f"/m/hazards/{found.pk}/").content.decode()
    assert REWORDED in told and WHY["reason"] in told and WORDS in told
    assert WORDS not in worker.get(f"/m/hazards/{found.pk}/").content.decode()
    # and once it is assessed it is the keeper's
    step(county, found, "assess")
    before = snapshot(found)
    assert sent(county, "grid_worker", door, found, words=WORDS).status_code == 403
    assert "data-step" not in worker.get(f"/m/hazards/{found.pk}/").content.decode()
    assert worker.get(f"{API}/hazards/mine/").json()["results"][0]["transitions"] == []
    assert snapshot(found) == before


@pytest.mark.parametrize("state", ["reported", "assessed", "watched"])
@pytest.mark.parametrize("door", list(DOORS))
def test_who_keeps_it_does_so_until_it_is_decided(county, state, door):
    found = in_state(county, state)
    assert WORDS in client(county, "village_mediator").get(DOORS[door].format(found.pk)).content.decode() or (
        door == "api")  # fmt: skip
    answer = sent(county, "village_mediator", door, found, version=found.version)
    assert answer.status_code == (200 if door == "api" else 302)
    found.refresh_from_db()
    assert (found.words, found.state) == (REWORDED, state)
    # a stale page is told so
    assert sent(county, "village_mediator", door, found, words=WORDS, version=found.version - 1).status_code == 409


def test_what_is_decided_keeps_its_words(county):
    for state in ("excluded", "converted"):
        with pytest.raises(Conflict):
            step(county, in_state(county, state), "reword")


def test_nobody_elses(county):
    for key in sorted(set(county.people) - {"grid_worker", "village_mediator", "colleague"}):
        found = hazard(county)
        before = snapshot(found), Event.objects.count()
        with pytest.raises(NotPermitted):
            step(county, found, "reword", by=county.user(key))
        for door in DOORS:
            assert sent(county, key, door, found).status_code in (302, 401, 403, 404), (key, door)
        assert (snapshot(found), Event.objects.count()) == before, key
    # the township puts right what is grave
    found = step(county, hazard(county, violence=True), "reword", by=county.user(Role.TOWNSHIP_MEDIATOR))
    assert found.words == REWORDED


@pytest.mark.parametrize(("given", "field"), [
    ({"words": " "}, "words"), ({"words": "吵\0架"}, "words"), ({"words": "吵" * 2001}, "words"),
    ({"words": f" {WORDS}\r\n"}, "words"), ({"parties": "张" * 201}, "parties"), ({"place": "村" * 121}, "place"),
    ({"parties": "张\0三"}, "parties"), ({"reason": " "}, "reason"), ({"reason": "错" * 2001}, "reason"),
])  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_kept(county, given, field):
    found = hazard(county)
    before = snapshot(found), Event.objects.count()
    with pytest.raises(Invalid) as refused:
        step(county, found, "reword", **given)
    assert refused.value.field == field and (snapshot(found), Event.objects.count()) == before


def test_a_type_that_was_only_guessed_follows_the_words(county):
    # given a report whose type was guessed from what was misheard
    found = hazard(county, words=MISHEARD)
    assert found.type == type_guessed(MISHEARD) != type_guessed(MEANT)
    # when the words are put right, then the type is guessed anew, and history tells both, no words
    found = step(county, found, "reword", words=MEANT)
    assert (found.type, found.type_guessed) == (type_guessed(MEANT), True)
    event = Event.objects.get(name="hazard.reworded")
    assert (event.payload["type_before"], event.payload["type"]) == (type_guessed(MISHEARD).code, found.type.code)
    assert "小米" not in str(event.payload) and MISHEARD in event.remark.text
    # what a person said stays: at the report, or at the assessment
    said = hazard(county, words=MISHEARD, type=county.type("houses_homesteads"))
    assert step(county, said, "reword", words=MEANT).type.code == "houses_homesteads"
    found = step(county, found, "assess")
    assert step(county, found, "reword", words=MISHEARD).type.code == "houses_homesteads"


def test_search_proposal_and_dispute_are_of_the_words_as_they_are_now(county):
    found = step(county, in_state(county, "assessed", words=MISHEARD), "reword", words=MEANT)
    mediator = client(county, "village_mediator")
    found_by = {word: f"/hazard/{found.pk}/" in mediator.get("/admin/mediation/hazard/", {"q": word}).content.decode()
                for word in ("天花板", "拖欠")}  # fmt: skip
    assert found_by == {"天花板": True, "拖欠": False}
    form = mediator.get(f"/m/hazards/{found.pk}/convert/").content.decode()
    assert MEANT in form and MISHEARD not in form
    # a form opened before is told that they changed
    stale = {"type": "neighbours", "title": MISHEARD, "facts": MISHEARD, "version": found.version - 1}
    assert mediator.post(f"/m/hazards/{found.pk}/convert/", stale, format="multipart").status_code == 409
    assert not Dispute.objects.exists()
    dispute = act(found, "convert", actor=county.mediator).dispute
    assert dispute.title == MEANT and MEANT in dispute.facts and MISHEARD not in dispute.facts


def test_the_former_words_go_with_the_words(county):
    # given a hazard whose words were put right before it was excluded
    found = step(county, step(county, in_state(county, "assessed"), "reword"), "exclude")
    assert Remark.objects.filter(text__contains=WORDS).exists()
    # when it is emptied
    with time_machine.travel(NOW + timedelta(days=400), tick=False):
        assert hazards_forget() == 1
    # then nothing of either is left
    assert Hazard.objects.get(pk=found.pk).words == "" and not Remark.objects.filter(text__contains=WORDS).exists()
