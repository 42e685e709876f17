"""Requests made from the description of the API, well-formed and not, and what came back held against it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings

from assistant.api.app import application
from tests.programs import CHAT, DESCRIPTION

try:
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.checks import CHECKS, load_all_checks
    from schemathesis.config import SchemathesisConfig
except ImportError:
    pytest.skip("schemathesis is not installed: make install", allow_module_level=True)

# A question may be in the shape described and yet no text that can be read.
_ACCEPTED = ["2xx", "422"]
_CONFIG = {"checks": {"positive_data_acceptance": {"expected-statuses": _ACCEPTED}}}


def tried(desk, key, examples):
    """Ask each operation in both ways, so many times; return how often which status came back.

    Raises whatever schemathesis finds: an answer that is not described, a fault, a wrong request that is taken.
    """
    load_all_checks()
    schema = schemathesis.openapi.from_asgi(DESCRIPTION, application(desk, frozenset({"testserver"})),
                                            config=SchemathesisConfig.from_dict(_CONFIG))
    found = Counter()
    for operation in (result.ok() for result in schema.get_all_operations()):
        for mode in GenerationMode if operation.body else [GenerationMode.POSITIVE]:
            cases = operation.as_strategy(generation_mode=mode)
            if (operation.path, mode) == (CHAT, GenerationMode.POSITIVE):
                cases = cases.map(_with_a_question)
            _tried(cases, key, examples, found)
    return found


def _with_a_question(case):
    """Return a conversation that ends with a question: few of those made by chance do."""
    case.body["messages"] = [*case.body["messages"], {"role": "user", "content": "Шиноснома чанд пул аст?"}]
    return case


def _tried(cases, key, examples, found):
    @settings(max_examples=examples, derandomize=True, database=None, deadline=None,
              suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def one(case):
        answer = case.call(headers={"Authorization": f"Bearer {key}"})
        found[case.operation.path, answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS.get_all())

    one()
