"""Chat completions: what clients of that shape send is understood, and they get the answer with its sources."""

from __future__ import annotations

import json
import re

import pytest

from assistant.api.chat import MOST_MESSAGES
from tests.programs import ASK, CHAT, JSON, MODELS, Programs, error_of

QUESTION = "Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?"
FEE, LEANING = "Шиносномаи хориҷӣ чанд пул аст?", "чанд рӯз?"
UNKNOWN = "Дар Қазоқистон шаҳодатномаи ронандагӣ чӣ тавр мегиранд?"


@pytest.fixture(scope="module")
def program(seed_config, tmp_path_factory):
    from dataclasses import replace
    data = tmp_path_factory.mktemp("api")
    for name in ("generations", "drafts"):
        (data / name).symlink_to(getattr(seed_config, name))
    programs = Programs(replace(seed_config, data_dir=data))
    with programs.program("chat") as client:
        yield client
    programs.close()


def user(*questions):
    """Return a conversation in which these were asked and each but the last was answered somehow."""
    said = [[{"role": "user", "content": one}, {"role": "assistant", "content": "…"}] for one in questions]
    return [message for pair in said for message in pair][:-1]


def completion(program, messages, **more):
    answer = program.post(CHAT, json={"model": "rohnamo", "messages": messages} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def said(program, messages, **more):
    return completion(program, messages, **more)["choices"][0]["message"]["content"]


def events(answer):
    """Return the objects of a stream, which ends as clients expect."""
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = answer.text.split("\n\n")
    assert blocks[-2:] == ["data: [DONE]", ""]
    assert all(block.startswith("data: ") for block in blocks[:-1])
    return [json.loads(block.removeprefix("data: ")) for block in blocks[:-2]]


def test_the_message_has_every_claim_with_its_number_and_the_sources_below(program):
    answer = program.post(ASK, json={"question": QUESTION}).json()
    text = said(program, user(QUESTION))
    for claim in answer["claims"]:
        assert re.search(re.escape(claim["text"]) + r" \[\d+\]", text)
        for citation in claim["citations"]:
            assert re.search(rf"\n\[\d+\] «{re.escape(citation['title'])}»", text)
            assert citation["source_url"] in text


def test_each_annotation_is_at_a_number_and_leads_to_its_source(program):
    message = completion(program, user(QUESTION))["choices"][0]["message"]
    assert message["annotations"]
    cited = {}
    for one in message["annotations"]:
        link = one["url_citation"]
        number = message["content"][link["start_index"]:link["end_index"]]
        assert re.fullmatch(r"\[\d+\]", number)
        assert cited.setdefault(number, link["title"]) == link["title"]
        assert f"{number} «{link['title']}»" in message["content"]
    assert set(cited) == {f"[{number}]" for number in range(1, len(cited) + 1)}


def test_the_object_is_that_of_chat_completions(program):
    whole = completion(program, user(QUESTION))
    [choice] = whole["choices"]
    assert (whole["object"], whole["model"], choice["finish_reason"]) == ("chat.completion", "rohnamo", "stop")
    assert (choice["message"]["role"], choice["message"]["refusal"]) == ("assistant", None)
    words = len(choice["message"]["content"].split())
    assert whole["usage"] == {"prompt_tokens": 6, "completion_tokens": words, "total_tokens": 6 + words}
    assert whole["id"] != completion(program, user(QUESTION))["id"]


def test_a_stream_ends_well_and_says_the_same(program):
    messages = user(QUESTION)
    chunks = events(program.post(CHAT, json={"model": "rohnamo", "messages": messages, "stream": True}))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    whole = completion(program, messages)["choices"][0]["message"]
    assert "".join(delta.get("content", "") for delta in deltas) == whole["content"]
    assert deltas[0]["role"] == "assistant"
    assert deltas[-1] == {"annotations": whole["annotations"]}
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert {(chunk["id"], chunk["object"]) for chunk in chunks} == {(chunks[0]["id"], "chat.completion.chunk")}


def test_the_usage_of_a_stream_comes_last_where_it_is_asked_for(program):
    body = {"model": "rohnamo", "messages": user(QUESTION), "stream": True, "stream_options": {"include_usage": True}}
    chunks = events(program.post(CHAT, json=body))
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"] == completion(program, user(QUESTION))["usage"]
    assert not [chunk for chunk in chunks[:-1] if "usage" in chunk]


def test_parts_of_text_a_system_message_and_what_is_asked_of_a_model_change_nothing(program):
    parts = [{"type": "text", "text": words} for words in (QUESTION[:25], QUESTION[26:])]
    messages = [{"role": "system", "content": "Say 100 сомонӣ."}, {"role": "user", "content": parts}]
    asked = said(program, messages, temperature=1.5, top_p=0.1, n=3, max_tokens=1, tools=[], seed=7, user="x",
                 response_format={"type": "json_object"}, stream=None, nonsense={"deep": [1]})
    assert asked == said(program, user(QUESTION))


def test_earlier_turns_are_carried_into_a_question_that_leans_on_them(program):
    before = program.post(ASK, json={"question": FEE}).json()
    carried = program.post(ASK, json={"question": LEANING, "previous": before}).json()
    leaning = said(program, user(FEE, LEANING))
    assert carried["claims"]
    assert all(claim["text"] in leaning for claim in carried["claims"])
    assert said(program, user(LEANING)) != leaning
    assert said(program, user("?!", "x" * 4001, FEE, LEANING)) == leaning


def test_a_question_of_its_own_carries_nothing(program):
    assert said(program, user(FEE, QUESTION)) == said(program, user(QUESTION))


def test_an_abstention_is_a_normal_message_that_names_the_nearest_documents(program):
    whole = completion(program, user(UNKNOWN))
    [choice] = whole["choices"]
    answer = program.post(ASK, json={"question": UNKNOWN}).json()
    assert answer["status"] == "abstained_no_evidence"
    assert choice["finish_reason"] == "stop"
    assert answer["hits"][0]["title"] in choice["message"]["content"]
    assert choice["message"]["annotations"] == []


def test_a_question_back_lists_what_can_be_chosen(program):
    back = program.post(ASK, json={"question": "шиноснома"}).json()["clarify"]
    text = said(program, user("шиноснома"))
    assert text.startswith(back["question"])
    assert all(f"– {option}" in text for option in back["options"])


@pytest.mark.parametrize("body", [
    {}, {"model": "gpt-5", "messages": user("a")}, {"model": "rohnamo"}, {"model": ["rohnamo"], "messages": user("a")},
    {"model": "rohnamo", "messages": []}, {"model": "rohnamo", "messages": [{"role": "system", "content": "a"}]},
    {"model": "rohnamo", "messages": "a"}, {"model": "rohnamo", "messages": ["a"]},
    {"model": "rohnamo", "messages": [{"role": ["user"], "content": "a"}]},
    {"model": "rohnamo", "messages": user(7)}, {"model": "rohnamo", "messages": user({"type": "text", "text": "a"})},
    {"model": "rohnamo", "messages": user("a") * (MOST_MESSAGES + 1)},
    {"model": "rohnamo", "messages": user("a"), "stream": "yes"}])
def test_what_is_no_conversation_is_refused(program, body):
    assert error_of(program.post(CHAT, content=json.dumps(body).encode(), headers=JSON)) == (400, "wrong_field")


@pytest.mark.parametrize("content", [
    "?!", "", "a" * 4001, None, [], [{"type": "text", "text": 7}],
    [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {}}], [["text"]]])
def test_a_question_that_cannot_be_read_is_refused_before_any_event(program, content):
    body = {"model": "rohnamo", "messages": [{"role": "user", "content": content}], "stream": True}
    assert error_of(program.post(CHAT, json=body)) == (422, "unusable_question")


def test_what_cannot_be_read_in_earlier_turns_is_passed_over(program):
    odd = [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}, {"role": "user"},
           {"role": "assistant", "content": None, "tool_calls": []}, {"role": "tool", "content": [1]}]
    assert said(program, [*odd, *user(FEE, LEANING)]) == said(program, user(FEE, LEANING))


def test_the_models_are_those_that_can_be_asked(program):
    listed = program.get(MODELS).json()
    assert listed["object"] == "list"
    for one in listed["data"]:
        assert (one["object"], one["owned_by"]) == ("model", "rohnamo")
        assert said(program, user(QUESTION), model=one["id"]) == said(program, user(QUESTION))
