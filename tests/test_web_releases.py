"""What waits for signatures, as an admin sees it: read like a signer would, and never signed."""

from __future__ import annotations

import json
import re
import shlex
from copy import deepcopy
from html import unescape
from urllib.parse import quote

import pytest

from assistant.access.roles import Role
from assistant.prepared_view import Signed, read_prepared, read_waiting
from assistant.texts import LANGUAGES, text
from sync.prepared import Prepared
from tests.front import Front, desks
from tests.ministry import contents
from tests.prepared_releases import DIFF, prepare


@pytest.fixture
def config(tmp_path, monkeypatch):
    return desks(tmp_path / "data", monkeypatch)


@pytest.fixture
def admin(config):
    return Front(config, Role.ADMIN).inside()


def test_what_waits_is_listed_with_how_far_it_is_signed_and_what_it_changes(config, admin):
    assert text("tg", "admin_more", "prepared_none") in admin.get("/admin/releases").text
    folder = prepare(config, "min-labour-1")
    before = contents(folder)
    shown = unescape(admin.get("/admin/releases").text)
    assert text("tg", "admin_more", "release_of", publisher="min-labour", number=2) in shown
    assert text("tg", "admin_more", "signatures", role="min-labour", signed=1, wanted=2) in shown
    assert text("tg", "admin_more", "documents_counts", after=40, before=40, added=1, changed=1, removed=1) in shown
    assert 'href="/admin/releases/min-labour-2"' in shown
    admin.get("/admin/releases/min-labour-2")
    assert contents(folder) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_preview_shows_every_change_and_the_command_of_the_key_holder(config, admin, language):
    folder = prepare(config)
    admin.post("/language", data={"language": language})
    page = admin.get("/admin/releases/min-labour-2").text
    shown = unescape(page)
    assert "<del>60</del>" in shown
    assert "<ins>75</ins>" in shown
    assert "<b>75" not in page
    assert text(language, "admin_more", "becomes_wrong") in shown
    assert text(language, "fact_type", "fee") in shown
    assert "<ins>қарор 7</ins>" in shown
    assert "Занбӯрпарварӣ" in shown
    assert f"rohnamo release sign {folder} --key NAME.key" in shown
    assert Prepared.open(folder).digest in shown


def test_good_signatures_are_counted_and_others_are_not(config):
    one, both = prepare(config, "min-labour-1", name="one"), prepare(config, "min-labour-1", "min-labour-2", name="two")
    assert (read_prepared(one).signed, read_prepared(one).waits) == ((Signed("min-labour", 1, 2),), True)
    assert (read_prepared(both).signed, read_prepared(both).waits) == ((Signed("min-labour", 2, 2),), False)
    path = both / "metadata" / "min-labour.json"
    plain = json.loads(path.read_bytes())
    plain["signatures"][0]["sig"] = plain["signatures"][1]["sig"]
    path.write_text(json.dumps(plain), encoding="utf-8")
    assert read_prepared(both).signed == (Signed("min-labour", 1, 2),)


@pytest.mark.parametrize("gone", ["prepared.json", "metadata/min-labour.json", "trust/targets.json"])
def test_a_folder_that_is_not_whole_is_told_and_the_others_are_shown(config, admin, gone):
    path = prepare(config, name="broken") / gone
    prepare(config)
    path.write_text("{}", encoding="utf-8")
    shown = admin.get("/admin/releases").text
    assert shown.count(text("tg", "admin_more", "prepared_broken")) == 1
    assert "min-labour-2" in shown
    assert text("tg", "admin_more", "prepared_broken") in admin.get("/admin/releases/broken").text
    assert [one.broken for one in read_waiting(config)] == [True, False]


def test_a_comparison_that_is_not_the_one_that_is_signed_is_not_shown(config, admin):
    (prepare(config) / "diff.json").write_bytes(b'{"changed":"everything"}')
    shown = admin.get("/admin/releases/min-labour-2").text
    assert text("tg", "admin_more", "wrong_diff") in shown
    assert "everything" not in shown


def broken_diffs():
    """Yield comparisons of which one part is as no program of ours writes it."""
    for path, value in ((("size", "fetched"), "1"), (("answers",), None), (("documents", "changed"), [{}]),
                        (("facts",), [{"type": "fee"}]), (("before",), "1"), (("warnings",), {})):
        plain = at = deepcopy(DIFF)
        for name in path[:-1]:
            at = at[name]
        at[path[-1]] = value
        yield pytest.param(plain, id="-".join(path))


@pytest.mark.parametrize("diff", list(broken_diffs()))
def test_a_comparison_of_another_shape_is_told_as_broken(config, admin, diff):
    prepare(config, diff=diff)
    assert text("tg", "admin_more", "prepared_broken") in admin.get("/admin/releases").text
    assert admin.get("/admin/releases/min-labour-2").status_code == 200


@pytest.mark.parametrize("name", ["nothing", "..%2fprepared%2fmin-labour-2", "%2e%2e", "min-labour-2%2fmetadata"])
def test_no_other_folder_is_shown(config, admin, name):
    prepare(config)
    assert admin.get(f"/admin/releases/{name}").status_code in (404, 303)


def test_files_alone_are_compared_by_their_number(config, admin):
    diff = {name: value for name, value in DIFF.items() if name not in ("documents", "facts", "expiring")}
    prepare(config, diff=diff | {"files": {"before": 3, "after": 4, "added": [{}], "removed": []}})
    shown = admin.get("/admin/releases/min-labour-2").text
    assert text("tg", "admin_more", "files_counts", after=4, before=3, added=1, removed=0) in shown


def test_the_name_of_a_folder_is_quoted_in_the_commands(config, admin):
    folder = prepare(config, name="a; $(id) 'b'")
    commands = re.findall(r"<pre lang=\"en\">(.+?)</pre>", admin.get(f"/admin/releases/{quote(folder.name)}").text)
    assert [shlex.split(unescape(one))[3] for one in commands] == [str(folder)] * 3
