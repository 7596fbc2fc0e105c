"""docs/sync-protocol.md says what the code does: kinds, codes, examples, limits."""

import hashlib
import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
from django.conf import settings

from quizzes.models.pages import MOST_QUESTIONS
from tests.learning import ALL_RIGHT
from tests.sync.phone import Phone
from training.sync import codes, intake, jose, judging, packs, schemas

DOCS = Path(__file__).parent.parent.parent / "docs"
PROTOCOL = (DOCS / "sync-protocol.md").read_text(encoding="utf-8")
PACKS = (DOCS / "course-packs.md").read_text(encoding="utf-8")
REPLY = jsonschema_rs.validator_for(
    json.loads((Path(schemas.__file__).parent / "schema/reply.json").read_text(encoding="utf-8"))
)


def rows(part):
    """The rows of the tables of a part, without their heads, as lists of cells."""
    text = PROTOCOL.split(f"\n## {part}")[1].split("\n## ")[0]
    lines = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [
        [cell.strip() for cell in line] for line in lines if line[0].strip() not in ("kind", "verdict", "code")
    ]


def examples():
    return [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PROTOCOL, re.DOTALL)]


def example(field):
    return next(each for each in examples() if field in each)


def test_the_kinds_of_the_docs_are_those_of_the_code():
    kinds = [row[0].strip("`") for row in rows("2. Event")]
    assert set(kinds) == set(judging.handlers())
    assert set(kinds[:4]) == schemas.phone_kinds()
    assert len(kinds) == len(set(kinds))


def test_results_are_the_kinds_the_docs_call_so():
    sentence = re.search(r"A \*result\*.*?is a (.*?)\.", PROTOCOL, re.DOTALL)[1]
    assert set(re.findall(r"`(\w+)`", sentence)) == schemas.result_kinds()


def test_the_verdicts_and_codes_of_the_docs_are_those_of_the_code():
    documented = {row[1].strip("`"): row[0] for row in rows("4. Reply")}
    assert documented == codes.VERDICT_OF


def test_what_waits_is_what_phones_ask_about_again():
    asked = {row[1].strip("`") for row in rows("4. Reply") if row[3] == "keeps it, asks again"}
    assert asked == set(codes.WAITING)


def test_the_refusals_of_the_docs_are_those_of_the_code():
    assert {row[0].strip("`"): int(row[1]) for row in rows("9. Refused requests")} == codes.STATUS_OF


def test_every_code_a_handler_can_give_is_known():
    given = set()
    for module in judging.modules():
        given |= set(re.findall(r'(?:accept|hold|reject)\([^"()]*"(\w+)"', Path(module.__file__).read_text()))
    assert given
    assert given <= set(codes.VERDICT_OF)


def test_the_limits_of_the_docs_are_those_of_the_code():
    assert f"At most {settings.SYNC_MAX_EVENTS} events and {settings.SYNC_MAX_BYTES:,} bytes" in PROTOCOL
    assert f"at most {intake.MAX_EVENT:,} characters" in PROTOCOL
    assert f"the last {packs.FORMER_PACKS} packs" in PACKS
    delivery = json.loads((Path(schemas.__file__).parent / "schema/delivery.json").read_text(encoding="utf-8"))
    assert delivery["properties"]["events"]["maxItems"] == settings.SYNC_MAX_EVENTS
    assert f"names at most {delivery['properties']['devices']['maxProperties']}," in PROTOCOL


def test_a_quiz_has_no_more_questions_than_a_submission_has_answers():
    event = json.loads((Path(schemas.__file__).parent / "schema/event.json").read_text(encoding="utf-8"))
    answers = event["$defs"]["kinds"]["quiz_submitted"]["properties"]["answers"]
    assert answers["maxItems"] == MOST_QUESTIONS


def test_the_example_of_an_event_is_one_and_is_signed_as_shown():
    event = example("seq")
    assert schemas.read_event(json.dumps(event).encode()) == event
    text = re.search(r"```jws\n(\S+)\n```", PROTOCOL)[1]
    key = json.loads(re.search(r'^`(\{"kty".*\})`:$', PROTOCOL, re.MULTILINE)[1])
    assert json.loads(jose.verify(text, jose.public_key(key))) == event
    assert jose.kid_of(text) == jose.thumbprint(key)
    assert hashlib.sha256(text.encode()).hexdigest() in PROTOCOL


def test_the_examples_of_a_delivery_its_reply_and_a_registration_fit_together():
    assert schemas.is_delivery(example("sent_at"))
    reply = example("results")
    assert REPLY.is_valid(reply)
    registered = example("server_key")
    assert registered["server_key"]["kid"] == jose.thumbprint(registered["server_key"])
    assert set(reply["devices"]) == set(example("sent_at")["devices"]) == {registered["kid"]}


@pytest.mark.parametrize("kind", sorted(schemas.phone_kinds()))
def test_the_data_of_each_kind_is_as_documented(kind):
    cell = next(row[2] for row in rows("2. Event") if row[0] == f"`{kind}`")
    shown = re.search(r"`(\{.*?\})`", cell)[1]
    shown = shown.replace("<id of its quiz_started>", "3b241101-e2bb-4255-8caf-4136c566a962")
    data = json.loads(shown.replace("<64 hex>", "a" * 64))
    assert schemas.is_event({**example("seq"), "kind": kind, "data": data})


@pytest.mark.django_db
def test_what_the_server_says_fits_the_schema_of_replies(client, phone, colleague, course):
    stranger = Phone(colleague, course, registered=False)
    texts = [*phone.attempt(course.quizzes[0], ALL_RIGHT), "nonsense", stranger.finish(course.lessons[0])]
    for _ in range(2):
        reply = phone.deliver(client, *texts)
        assert REPLY.is_valid(reply)
