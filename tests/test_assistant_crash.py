"""What a crash leaves: where it was and of which kind, and not a word of what was asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from assistant import cli
from assistant import config as settings
from assistant.cli import app
from assistant.crash import FOLDER, MOST, Crash, keep, kept, natively_watched, read, watched
from assistant.doctor.crashes import crash_checks
from assistant.llama import LlamaGenerator
from assistant.profile import profiles
from assistant.prompt import Prompt, compose_prompt
from assistant.trace import MOST_ERRORS, MOST_FRAMES, frames, place, raised
from tests.desk import desk, visitor
from tests.long_run import DEADLY, WORKER

ROOT = Path(__file__).parents[1]
CANARY = "Канарейкина"
QUESTION = f"Номам Ситора {CANARY}, шиноснома чанд пул аст?"
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)


class CanaryError(Exception):
    """A fault whose message has what was asked."""


def fault(*asked, **_named):
    """Raise with what was asked in the message, in a local variable, in the cause and in a note."""
    said = repr(asked)
    try:
        raise ValueError(said)
    except ValueError as cause:
        error = CanaryError(f"stumbled over {asked}")
        error.add_note(said)
        raise error from cause


def caught(call, *given):
    try:
        call(*given)
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def everything(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def reports(data):
    return [read(path) for path in kept(data)]


def test_a_report_has_the_chain_of_types_and_places_relative_to_their_packages():
    error = caught(fault, QUESTION)
    first, cause = raised(error)
    assert first.type.endswith("test_assistant_crash.CanaryError")
    assert cause.type == "ValueError"
    assert [frame.function for frame in first.frames] == ["caught", "fault"]
    assert {frame.file for frame in first.frames} == {"tests/test_assistant_crash.py"}
    assert CANARY not in repr(raised(error))


@pytest.mark.parametrize(("file", "named"), [(str(ROOT / "assistant" / "answer.py"), "assistant/answer.py"),
                                             (json.__file__, "json/__init__.py"), ("/srv/somewhere/else.py", "else.py"),
                                             ("<string>", "<string>"), ("<нафақа>\n", "<нафақа>?")])
def test_a_file_is_named_without_the_folders_of_this_machine(file, named):
    assert place(file) == named


def test_a_deep_recursion_and_a_long_chain_are_cut():
    def deeper():
        deeper()

    assert len(frames(caught(deeper))) == MOST_FRAMES

    def chained(left=MOST_ERRORS + 5):
        try:
            raise KeyError(left)
        except KeyError:
            if left:
                chained(left - 1)
            raise

    assert len(raised(caught(chained))) == MOST_ERRORS
    group = ExceptionGroup(QUESTION, [ValueError(QUESTION), ExceptionGroup("", [OSError(QUESTION)])])
    assert [one.type for one in raised(group)] == ["ExceptionGroup", "ValueError", "ExceptionGroup", "OSError"]


def test_a_crash_that_comes_again_is_counted_once_a_minute_in_one_file(tmp_path):
    crash = Crash("ask", raised(caught(fault, QUESTION)))
    for seconds in (0, 1, 59, 61, 200):
        keep(tmp_path, crash, NOW + timedelta(seconds=seconds))
    [report] = reports(tmp_path)
    assert (report["first"], report["last"], report["times"]) == ("2026-11-25T08:00:00Z", "2026-11-25T08:03:20Z", 3)
    assert CANARY.encode() not in everything(tmp_path)


def test_no_more_than_some_crashes_are_kept_and_the_newest_stay(tmp_path):
    for number in range(MOST + 5):
        keep(tmp_path, Crash(f"verb {number}"), NOW)
        os.utime(kept(tmp_path)[0], (number, number))
    assert [report["program"] for report in reports(tmp_path)] == [f"verb {number}" for number in range(24, 4, -1)]


def test_where_nothing_can_be_written_a_crash_fails_nobody(tmp_path, monkeypatch):
    keep(tmp_path / "absent", Crash("ask"), NOW)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr("assistant.crash.write_whole", fault)
    keep(tmp_path, Crash("ask"), NOW)
    assert kept(tmp_path) == []


def test_a_file_that_is_no_report_is_left_aside(tmp_path):
    folder = tmp_path / FOLDER
    folder.mkdir()
    for name, text in enumerate(("{", "[]", '{"format": "rohnamo-crash", "version": 2}', "0" * 200_000)):
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    assert reports(tmp_path) == [None] * 4
    assert list(crash_checks(settings.Config(tmp_path))) == []


@pytest.mark.parametrize("words", [["ask", QUESTION], ["ask", QUESTION, "--json"], ["search", QUESTION]])
def test_a_verb_that_crashes_says_where_and_keeps_no_word_of_what_was_asked(words, machine, monkeypatch):
    monkeypatch.setattr("assistant.answer.retrieve", fault)
    monkeypatch.setattr("assistant.cli.retrieve", fault)
    done = CliRunner().invoke(app, [*words, "--data-dir", str(machine.data_dir)])
    assert done.exit_code == 1
    assert "CanaryError in tests/test_assistant_crash.py" in done.output
    [report] = reports(machine.data_dir)
    assert (report["program"], report["signal"], report["times"]) == (words[0], None, 1)
    assert report["errors"][0]["frames"][-1]["function"] == "fault"
    assert CANARY not in done.output
    assert CANARY.encode() not in everything(machine.data_dir / FOLDER)


def test_a_fault_outside_of_every_verb_is_said_and_kept_too(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(settings.VARIABLE, str(tmp_path))
    monkeypatch.setattr(cli, "app", lambda **_named: fault(QUESTION))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr().err
    assert (ended.value.code, "CanaryError in tests/" in said, CANARY in said) == (1, True, False)
    assert [report["program"] for report in reports(tmp_path)] == ["rohnamo"]


def test_a_refusal_is_no_crash(tmp_path):
    done = CliRunner().invoke(app, ["ask", QUESTION, "--data-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "rohnamo ingest" in done.output
    assert list(tmp_path.iterdir()) == []


def test_a_question_of_a_batch_that_crashes_leaves_a_report_and_the_next_is_answered(machine, monkeypatch, tmp_path):
    from assistant import answer
    retrieve = answer.retrieve
    monkeypatch.setattr(answer, "retrieve", lambda snapshot, query: fault(QUESTION) if "крушение" in query.text
                        else retrieve(snapshot, query))
    batch = tmp_path / "asked.jsonl"
    batch.write_text("".join(json.dumps({"qid": "1", "question": question}) + "\n" for question in
                             ("крушение поезда", "шиноснома чанд пул аст")), encoding="utf-8")
    done = CliRunner().invoke(app, ["ask", "--batch", str(batch), "--data-dir", str(machine.data_dir)])
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["status"], second["status"]) == ("failed_internal", "answered")
    assert [report["program"] for report in reports(machine.data_dir)] == ["ask"]
    assert CANARY not in done.output


@pytest.mark.parametrize("accept", ["text/html", "text/event-stream"])
def test_a_page_that_crashes_leaves_a_report_and_no_word_anywhere(accept, machine, monkeypatch, capfd):
    from assistant.web import screens
    monkeypatch.setattr("assistant.answer.retrieve", lambda *_given: fault(QUESTION))
    opened = desk(machine)
    with watched(machine.data_dir, "serve kiosk"), opened.current, visitor(opened, *screens.routes()) as person:
        response = person.post("/ask", data={"question": QUESTION}, headers={"accept": accept})
    assert CANARY not in response.text
    [report] = reports(machine.data_dir)
    assert report["program"] == "serve kiosk"
    assert "assistant/answer.py" in {frame["file"] for frame in report["errors"][0]["frames"]}
    assert CANARY.encode() not in everything(machine.data_dir / FOLDER)
    assert CANARY not in "".join(capfd.readouterr())


def test_a_server_that_crashes_on_a_question_goes_on_and_no_word_is_in_its_log_its_files_or_its_numbers(machine):
    program = ("from assistant import answer, cli; from tests.test_assistant_crash import fault; "
               "honest = answer.retrieve; answer.retrieve = lambda snapshot, query: "
               "fault(query.text) if 'канарейка' in query.text else honest(snapshot, query); cli.main()")
    started = subprocess.Popen([sys.executable, "-c", program, "serve", "--port", "0", "--data-dir",
                                str(machine.data_dir)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    with started:
        try:
            host = started.stdout.readline().decode().split()[-1].removeprefix("http://").strip("/")
            assert asked(host, "POST", "/ask", f"question={quote('шиноснома ва канарейка чанд пул')}")[0] == 500
            assert asked(host, "POST", "/ask", f"question={quote('шиноснома чанд пул аст')}")[0] == 303
            numbers = asked(host, "GET", "/metrics")[1]
        finally:
            started.terminate()
        log = started.stderr.read()
    assert [report["program"] for report in reports(machine.data_dir)] == ["serve"]
    assert b'"event": "crashed", "type": "tests.test_assistant_crash.CanaryError"' in log
    assert b'rohnamo_answers_total{status="failed_internal"} 1.0' in numbers
    assert "канарейка".encode() not in log + numbers + everything(machine.data_dir)


def asked(host, method, path, body=""):
    connection = HTTPConnection(host, timeout=30)
    try:
        connection.request(method, path, body, {"origin": f"http://{host}",
                                                "content-type": "application/x-www-form-urlencoded"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_a_thread_that_crashes_leaves_a_report_and_its_message_is_not_written(tmp_path, capfd):
    with watched(tmp_path, "serve kiosk"):
        thread = Thread(target=fault, args=(QUESTION,))
        thread.start()
        thread.join()
    assert [report["program"] for report in reports(tmp_path)] == ["serve kiosk"]
    assert CANARY not in "".join(capfd.readouterr())
    assert CANARY.encode() not in everything(tmp_path)


def test_a_model_that_a_signal_ends_leaves_its_name_and_one_that_is_closed_leaves_nothing(tmp_path):
    command = [sys.executable, "-I", "-S", str(WORKER), DEADLY, str(int(signal.SIGSEGV))]
    with watched(tmp_path, "serve kiosk"), \
            LlamaGenerator("soro", Path("soro.gguf"), profiles()["soro"], command=command) as model:
        whole = compose_prompt("Боҷ?", [f"Боҷи {CANARY} 5 сомонӣ аст."], "tg")
        assert CANARY in model.generate(whole, deadline_s=60).text
        model.forget()
        assert reports(tmp_path) == []
        deadly = compose_prompt(f"{QUESTION} {DEADLY}", [f"Боҷи {CANARY} 5 сомонӣ аст."], "tg")
        assert model.generate(deadly, deadline_s=60).finish == "died"
        assert (model.starts, model.deaths) == (2, 1)
    [report] = reports(tmp_path)
    assert (report["program"], report["signal"], report["errors"]) == ("model", "SIGSEGV", [])
    assert CANARY.encode() not in everything(tmp_path)


def test_a_model_that_is_ended_for_what_it_wrote_did_not_crash(tmp_path):
    command = [sys.executable, "-I", "-S", str(WORKER.with_name("scripted_worker.py")), "well"]
    with watched(tmp_path, "serve kiosk"), \
            LlamaGenerator("soro", Path("soro.gguf"), profiles()["soro"], command=command) as model:
        assert model.generate(Prompt("Дастур. ", f"huge {CANARY}"), deadline_s=60).finish == "died"
        assert (model.starts, model.deaths) == (1, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_a_signal_ends_is_reported_by_the_next_start(tmp_path):
    program = ("import ctypes, sys; from pathlib import Path; from assistant.crash import natively_watched\n"
               "def asked(question):\n"
               "    with natively_watched(Path(sys.argv[1]), 'serve kiosk'): ctypes.string_at(0)\n"
               "asked(sys.argv[2])")
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path), QUESTION], capture_output=True, cwd=ROOT,
                          check=False, timeout=60)
    assert done.returncode == -signal.SIGSEGV
    assert kept(tmp_path) == []
    with natively_watched(tmp_path, "serve kiosk"):
        [report] = reports(tmp_path)
    assert (report["program"], report["signal"]) == ("serve kiosk", "SIGSEGV")
    assert [frame["function"] for frame in report["errors"][0]["frames"]][1:] == ["asked", "string_at"]
    assert CANARY.encode() not in everything(tmp_path)
    assert not list(tmp_path.rglob("*.native"))


def test_doctor_tells_how_many_kinds_and_the_newest(tmp_path):
    assert list(crash_checks(settings.Config(tmp_path))) == []
    keep(tmp_path, Crash("ask", raised(caught(fault, QUESTION))), NOW)
    keep(tmp_path, Crash("model", signal="SIGILL"), NOW + timedelta(days=2))
    [check] = crash_checks(settings.Config(tmp_path))
    assert (check.name, check.state) == ("crashes", "note")
    assert check.message == "2 kinds of crash since 2026-11-25; the newest on 2026-11-27 in model: SIGILL"
    done = CliRunner().invoke(app, ["doctor", "--data-dir", str(tmp_path)])
    assert check.message in done.output
