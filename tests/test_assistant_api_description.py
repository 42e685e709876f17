"""The description of the API holds: schemathesis asks by it and finds nothing, and it names what the program has."""

from __future__ import annotations

import pytest

from assistant.api.description import OPEN, description
from assistant.api.inputs import SEARCH, read_inputs, schema_of
from assistant.api.refusal import RefusalError
from assistant.api.schemas import SCHEMAS
from assistant.records import AnswerStatus
from tests.programs import DESCRIPTION, Programs

EXAMPLES = 20


@pytest.fixture
def programs(machine):
    opened = Programs(machine)
    yield opened
    opened.close()


def references(plain):
    """Yield every pointer in a description."""
    if isinstance(plain, dict):
        yield from ([plain["$ref"]] if "$ref" in plain else [])
        plain = list(plain.values())
    for one in plain if isinstance(plain, list) else []:
        yield from references(one)


def test_every_pointer_leads_somewhere_and_no_object_is_described_in_vain():
    found = {pointer.removeprefix("#/components/schemas/") for pointer in references(dict(description()))}
    assert found == set(SCHEMAS)


def test_every_request_but_those_that_are_open_needs_a_key_and_tells_of_its_refusals():
    for path, item in description()["paths"].items():
        [operation] = item.values()
        assert (operation.get("security") == []) == (path in OPEN)
        if path not in OPEN:
            assert {"401", "429", "500"} <= set(operation["responses"])
        if "requestBody" in operation:
            assert {"400", "413", "415", "422", "503"} <= set(operation["responses"])


def test_closed_sets_are_those_of_the_program():
    assert SCHEMAS["Answer"]["properties"]["status"]["enum"] == list(AnswerStatus)


def test_bounds_are_described_as_they_are_held():
    k, words = (schema_of(SEARCH)["properties"][name] for name in ("k", "query"))
    for name, least, most in (("k", k["minimum"], k["maximum"]), ("query", words["minLength"], words["maxLength"])):
        values = {number: "a" * number if name == "query" else number
                  for number in (least - 1, least, most, most + 1)}
        for number, value in values.items():
            body = {"query": "a", name: value}
            if least <= number <= most:
                assert read_inputs(body, SEARCH)[name] == value
            else:
                with pytest.raises(RefusalError, match=name):
                    read_inputs(body, SEARCH)


@pytest.mark.filterwarnings("default")       # those of the program that asks are its own
def test_whatever_is_asked_by_the_description_is_answered_as_it_says(programs):
    from tests.described import tried
    before = {path.name for path in programs.config.data_dir.iterdir()}
    found = tried(programs.desk, programs.key("tester"), EXAMPLES)
    for path, item in description()["paths"].items():
        assert path == DESCRIPTION or found[path, 200], path
        assert "post" not in item or found[path, 400], path
    assert not [status for _, status in found if status >= 500]
    assert {path.name for path in programs.config.data_dir.iterdir()} \
        == before | {"api-keys.json", "api-keys.lock"}
