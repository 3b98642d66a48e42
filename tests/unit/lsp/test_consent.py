"""Permissions are asked for once, and remembered in a file of the user's own."""

import asyncio
import json
import stat

import pytest

from cellwright.lsp.consent import Consent


class Person:
    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self):
        self.asked += 1
        await asyncio.sleep(0)
        return self.answers.pop(0)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state" / "permissions.json"


async def given(consent, person, place="/w", topic="trials", *, may_persist=True):
    return await consent.given(place, topic, person, may_persist=may_persist)


@pytest.mark.parametrize(("answer", "allowed"), [("allow", True), ("refuse", False)])
async def test_an_answer_holds_for_the_place_and_the_topic(file, answer, allowed):
    consent, person = Consent(file), Person(answer, "allow", "allow")
    assert await given(consent, person) is allowed
    assert await given(consent, person) is allowed
    assert person.asked == 1
    assert await given(consent, person, place="/other") is True
    assert await given(consent, person, topic="other") is True
    assert person.asked == 3
    assert not file.exists()


async def test_always_outlives_the_server_in_a_private_file(file):
    assert await given(Consent(file), Person("always")) is True
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    nobody = Person()
    assert await given(Consent(file), nobody) is True
    assert nobody.asked == 0
    other = Person("refuse")
    assert await given(Consent(file), other, place="/other") is False


async def test_always_outside_a_folder_is_only_for_now(file):
    assert await given(Consent(file), Person("always"), may_persist=False) is True
    assert not file.exists()


async def test_two_questions_at_once_become_one(file):
    consent, person = Consent(file), Person("allow")
    assert await asyncio.gather(given(consent, person), given(consent, person)) == [True, True]
    assert person.asked == 1


async def test_the_question_stays_open_when_one_who_waits_gives_up(file):
    consent, open_question = Consent(file), asyncio.Event()

    async def ask():
        await open_question.wait()
        return "allow"

    first = asyncio.ensure_future(given(consent, ask))
    second = asyncio.ensure_future(given(consent, ask))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    open_question.set()
    assert await second is True
    assert first.cancelled()


@pytest.mark.parametrize("content", ["{", "[]", '{"/w": "trials"}', '{"/w": 3}'])
async def test_a_broken_file_means_asking_again(file, content):
    file.parent.mkdir()
    file.write_text(content)
    person = Person("always")
    assert await given(Consent(file), person) is True
    assert person.asked == 1
    assert json.loads(file.read_text()) == {"/w": ["trials"]}
