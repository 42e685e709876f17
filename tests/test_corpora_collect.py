"""Collecting: only what is listed and allowed is asked for, gently; what comes is kept, and nothing is lost.

The site is a real one, on the loopback address of this machine, under made-up names.
"""

from __future__ import annotations

import json
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from time import monotonic

import pytest

from corpora.collect import Outcome, collect
from corpora.collected import CollectedPages, Kept, collecting, record_of
from corpora.draft import Draft
from corpora.errors import DraftLockedError, FormatError
from corpora.fetch import SILENCE_S, Http, NotFetchedError, Refusal, Reply
from corpora.robots import MAX_BYTES
from corpora.sources import FILE, SourcesError, read_sources
from corpora.visit import Validators, Visitor, suffix_of
from tests.disk import PowerCut, cut_at, everything
from tests.polite_site import Answer, page, resolve, serving

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
FEE = "Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст."
TERM = "Шиноснома дар муҳлати 5-уми рӯзи корӣ дода мешавад."
EXAMPLE = Path(__file__).parents[1] / "corpora" / "seed" / "sources.toml"
SOURCE = """
[[source]]
name = "vazorat"
publisher = "Вазорати намунавӣ"
licence = "матни расмӣ"
language = "tg"
"""


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self):
        self.now, self.waits = 0.0, []

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def site():
    with serving() as served:
        yield served


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="module")
def http():
    """Requests as they are sent; it keeps nothing between two of them."""
    with closing(Http(resolve)) as opened:
        yield opened


@pytest.fixture
def visitor(http, clock):
    return Visitor(http, clock=lambda: clock.now, sleep=clock.sleep)


@pytest.fixture
def listed(tmp_path, site):
    """Return the one source of a file that lists paths of the site, and more lines where they are given."""
    def read(*paths, lines="", more=""):
        urls = json.dumps([path if path.startswith("http") else site.url(path) for path in paths])
        file = tmp_path / FILE
        file.write_text(f'{SOURCE}networks = ["127.0.0.0/8"]\nurls = {urls}\n{lines}\n{more}', encoding="utf-8")
        return read_sources(file)
    return read


@pytest.fixture
def drafts(tmp_path):
    return tmp_path / "drafts"


def outcomes(collected):
    return [report.outcome for report in collected.reports]


def codes(collected):
    return [report.error_code for report in collected.reports]


def texts(drafts, corpus="vazorat"):
    return {entry.document.id: "\n".join(passage.text for passage in entry.passages)
            for entry in Draft(drafts / corpus).documents()}


# What is listed

def test_the_example_asks_for_nothing_and_reads_as_it_stands():
    assert read_sources(EXAMPLE) == ()


def test_the_example_without_its_marks_is_a_source(tmp_path):
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    bare = [line.removeprefix("# ") for line in lines if " = " in line or line.startswith(("# [", "# ]", "#   "))]
    (tmp_path / FILE).write_text("\n".join(bare), encoding="utf-8")
    source, = read_sources(tmp_path / FILE, "vazorat")
    assert (source.delay_s, source.max_bytes) == (5, 50 * 1024 * 1024)
    assert source.contact == "mailto:hujjatho@vazorat.example"
    assert source.hosts == {"vazorat.example", "www.vazorat.example"}
    assert source.pages[2].document_id == "qaror-2"


@pytest.mark.parametrize(("lines", "says"), [
    ('nam = "а"', "unknown key 'nam' in source vazorat"),
    ('urls = ["ftp://vazorat.example/а"]', "no plain http or https address"),
    ('urls = ["https://vazorat.example@digar.example/"]', "no plain http or https address"),
    ('urls = ["https://vazorat.example\\\\@digar.example/"]', "no plain http or https address"),
    ('urls = ["https://%64igar.example/"]', "no plain http or https address"),
    ('urls = ["https://vazorat.example:0/"]', "no plain http or https address"),
    ('urls = ["https://vazorat.example/а", "https://vazorat.example/а#б"]', "twice"),
    ('urls = "https://vazorat.example/"', "must be a list of texts"),
    ('hosts = ["vazorat.example"]\nurls = ["https://digar.example/"]', "digar.example, not among its hosts"),
    ('urls = ["https://vazorat.example:8443/"]\nhosts = ["vazorat.example"]', "vazorat.example:8443, not among"),
    ('networks = ["10.0.0.1/8"]', "networks"),
    ("delay_s = -1", "delay_s of source vazorat must be a number from 0"),
    ("max_mb = true", "max_mb of source vazorat must be a number"),
    ('corpus = "Вазорат"', "name or corpus"),
    ('[[source.document]]\nurl = "https://vazorat.example/"\ntitel = "а"', "unknown key 'titel' in a document of"),
    (SOURCE, "two sources are named vazorat"),
    ("]", "cannot be read"),
    ("[contact]", "contact must be one line of text"),
])
def test_a_list_that_breaks_a_rule_is_refused_by_name(tmp_path, lines, says):
    (tmp_path / FILE).write_text(SOURCE + lines, encoding="utf-8")
    with pytest.raises(SourcesError, match=r".") as caught:
        read_sources(tmp_path / FILE)
    assert says in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("missing", ["name", "publisher", "licence"])
def test_a_source_without_name_publisher_or_licence_is_refused(tmp_path, missing):
    lines = [line for line in SOURCE.splitlines() if not line.startswith(missing)]
    (tmp_path / FILE).write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SourcesError, match=f"says no {missing}"):
        read_sources(tmp_path / FILE)


def test_a_contact_that_cannot_be_sent_is_refused(tmp_path):
    (tmp_path / FILE).write_text(f'contact = "Ҷамила"\n{SOURCE}', encoding="utf-8")
    with pytest.raises(SourcesError, match="contact has letters"):
        read_sources(tmp_path / FILE)


def test_without_a_list_nothing_is_collected_and_the_guide_is_named(tmp_path):
    with pytest.raises(SourcesError, match="there is no") as caught:
        read_sources(tmp_path / FILE)
    assert "docs/collect-documents.md" in caught.value.hint
    (tmp_path / FILE).write_text(SOURCE, encoding="utf-8")
    with pytest.raises(SourcesError, match="no source digar") as caught:
        read_sources(tmp_path / FILE, "digar")
    assert "vazorat" in caught.value.hint


# What becomes of a page

def test_a_page_is_new_then_unchanged_then_changed_then_gone(site, listed, drafts, visitor):
    site.pages["/boj"] = Answer(page(FEE))
    sources = listed("/boj")
    first = collect(sources, drafts, now=NOW, fetch=visitor)
    assert outcomes(first) == [Outcome.NEW]
    assert first.lines()[-1] == "Next: rohnamo build --wait"
    before = everything(drafts / "vazorat" / "documents")

    second = collect(sources, drafts, now=LATER, fetch=visitor)
    assert outcomes(second) == [Outcome.UNCHANGED]
    assert second.lines() == ["0 new, 0 changed, 1 unchanged, 0 gone, 0 refused"]
    assert everything(drafts / "vazorat" / "documents") == before
    assert site.asked[-1][2]["if-none-match"]

    site.pages["/boj"] = Answer(page(FEE, TERM))
    assert outcomes(collect(sources, drafts, now=LATER, fetch=visitor)) == [Outcome.CHANGED]
    assert TERM in next(iter(texts(drafts).values()))

    del site.pages["/boj"]
    gone = collect(sources, drafts, now=LATER, fetch=visitor)
    assert outcomes(gone) == [Outcome.GONE]
    assert "documents remove" in gone.reports[0].next_step
    assert TERM in next(iter(texts(drafts).values()))


def test_a_document_says_where_it_came_from(site, listed, drafts, visitor):
    site.pages["/boj"] = Answer(page(FEE))
    url = site.url("/boj")
    more = f'[[source.document]]\nurl = "{url}"\nid = "boj"\ntitle = "Боҷи «давлатӣ»"\nvalid_from = 2026-01-01\n' \
           '[source.document.act]\ntype = "қарори Ҳукумат"\nnumber = 406\ndate = 2014-06-13'
    collect(listed(more=more), drafts, now=NOW, fetch=visitor)
    document = Draft(drafts / "vazorat").entry("boj").document
    assert (document.publisher, document.language, document.source_url, document.as_of) \
        == ("Вазорати намунавӣ", "tg", url, "2026-11-25")
    assert (document.title, document.valid_from) == ("Боҷи «давлатӣ»", "2026-01-01")
    assert document.act.to_json() == {"type": "қарори Ҳукумат", "number": "406", "date": "2014-06-13"}
    record = record_of(drafts / "vazorat", "boj")
    assert (record["licence"], record["fetched"], record["source"]) == ("матни расмӣ", "2026-11-25", "vazorat")
    assert record_of(drafts / "vazorat", "digar") is None


def test_bytes_that_change_without_the_text_are_no_change(site, listed, drafts, visitor):
    sources = listed("/boj")
    site.pages["/boj"] = Answer(page(FEE) + b"<!-- 1 -->")
    collect(sources, drafts, now=NOW, fetch=visitor)
    site.pages["/boj"] = Answer(page(FEE) + b"<!-- 2 -->")
    again = collect(sources, drafts, now=LATER, fetch=visitor)
    assert outcomes(again) == [Outcome.UNCHANGED]
    assert "its text did not" in again.reports[0].notes[0]


def test_a_server_without_validators_is_compared_by_bytes(site, listed, drafts, visitor):
    site.pages["/boj"] = Answer(page(FEE), validated=False)
    sources = listed("/boj")
    collect(sources, drafts, now=NOW, fetch=visitor)
    before = everything(drafts / "vazorat" / "documents")
    assert outcomes(collect(sources, drafts, now=LATER, fetch=visitor)) == [Outcome.UNCHANGED]
    assert "if-none-match" not in site.asked[-1][2]
    assert everything(drafts / "vazorat" / "documents") == before


def test_last_modified_is_asked_about_too(site, listed, drafts, visitor):
    day = "Wed, 25 Nov 2026 10:00:00 GMT"
    site.pages["/boj"] = Answer(page(FEE), headers={"last-modified": day})
    sources = listed("/boj")
    collect(sources, drafts, now=NOW, fetch=visitor)
    collect(sources, drafts, now=LATER, fetch=visitor)
    assert site.asked[-1][2]["if-modified-since"] == day


def test_a_validator_that_cannot_be_sent_back_is_left_out(site, listed, drafts, visitor):
    site.pages["/boj"] = Answer(page(FEE), validated=False, headers={"etag": '"\xe9"'})
    sources = listed("/boj")
    collect(sources, drafts, now=NOW, fetch=visitor)
    assert outcomes(collect(sources, drafts, now=LATER, fetch=visitor)) == [Outcome.UNCHANGED]
    assert "if-none-match" not in site.asked[-1][2]


def test_a_file_that_was_damaged_here_is_fetched_whole_again(site, listed, drafts, visitor):
    site.pages["/boj"] = Answer(page(FEE))
    sources = listed("/boj")
    collect(sources, drafts, now=NOW, fetch=visitor)
    file = next((drafts / "vazorat" / "collected" / "vazorat").glob("*.html"))
    file.write_bytes(b"")
    assert outcomes(collect(sources, drafts, now=LATER, fetch=visitor)) == [Outcome.UNCHANGED]
    assert file.read_bytes() == page(FEE)


def test_what_cannot_be_read_takes_nothing_from_the_draft(site, listed, drafts, visitor):
    sources = listed("/boj")
    site.pages["/boj"] = Answer(page(FEE))
    collect(sources, drafts, now=NOW, fetch=visitor)
    before = texts(drafts)
    site.pages["/boj"] = Answer(b"%PDF-1.7 \x00 broken", "application/pdf")
    refused = collect(sources, drafts, now=LATER, fetch=visitor)
    assert outcomes(refused) == [Outcome.REFUSED]
    assert refused.nothing_taken
    assert refused.reports[0].error_code == "unreadable_file"
    assert texts(drafts) == before
    site.pages["/boj"] = Answer(page(FEE, TERM))
    assert outcomes(collect(sources, drafts, now=LATER, fetch=visitor)) == [Outcome.CHANGED]
    assert [path.suffix for path in sorted((drafts / "vazorat" / "collected" / "vazorat").iterdir())] \
        == [".html", ".toml"]


def test_a_wrong_word_about_a_document_is_refused_and_sources_toml_is_named(site, listed, drafts, visitor):
    site.pages["/boj"] = Answer(page(FEE))
    more = f'[[source.document]]\nurl = "{site.url("/boj")}"\nstatus = "амалкунанда"'
    refused = collect(listed(more=more), drafts, now=NOW, fetch=visitor)
    assert codes(refused) == ["bad_metadata"]
    assert FILE in refused.reports[0].next_step
    assert texts(drafts) == {}


def test_what_is_not_listed_any_more_is_kept_until_it_is_removed(site, listed, drafts, visitor):
    site.pages |= {"/boj": Answer(page(FEE)), "/mukhlat": Answer(page(TERM))}
    collect(listed("/boj", "/mukhlat"), drafts, now=NOW, fetch=visitor)
    fewer = listed("/boj")
    second = collect(fewer, drafts, now=LATER, fetch=visitor)
    assert outcomes(second) == [Outcome.UNCHANGED, Outcome.GONE]
    assert "not listed" in second.reports[1].message
    assert len(texts(drafts)) == 2
    Draft(drafts / "vazorat").remove(second.reports[1].document_id)
    assert outcomes(collect(fewer, drafts, now=LATER, fetch=visitor)) == [Outcome.UNCHANGED]
    assert len(CollectedPages(drafts / "vazorat", "vazorat").pages()) == 1


def test_a_removed_document_whose_page_is_gone_does_not_come_back(site, listed, drafts, visitor):
    site.pages["/boj"] = Answer(page(FEE))
    sources = listed("/boj")
    collect(sources, drafts, now=NOW, fetch=visitor)
    Draft(drafts / "vazorat").remove(next(iter(texts(drafts))))
    del site.pages["/boj"]
    assert codes(collect(sources, drafts, now=LATER, fetch=visitor)) == ["not_found"]
    assert texts(drafts) == {}


# What may be asked

def test_robots_txt_is_asked_for_once_and_obeyed(site, listed, drafts, visitor):
    site.pages |= {"/robots.txt": Answer(b"User-agent: *\nDisallow: /dokhili", "text/plain"),
                   "/boj": Answer(page(FEE)), "/dokhili/1": Answer(page(TERM))}
    collected = collect(listed("/boj", "/dokhili/1"), drafts, now=NOW, fetch=visitor)
    assert codes(collected) == [None, "robots"]
    assert [path for _, path, _ in site.asked] == ["/robots.txt", "/boj"]
    assert all(headers["user-agent"] == "rohnamo" for _, _, headers in site.asked)


@pytest.mark.parametrize(("status", "asked"), [(404, ["/boj"]), (410, ["/boj"]), (401, []), (403, []), (500, [])])
def test_a_site_that_guards_its_robots_txt_is_left_alone(site, listed, visitor, status, asked):
    site.pages |= {"/robots.txt": Answer(status=status), "/boj": Answer(page(FEE))}
    source, = listed("/boj")
    with nullcontext() if asked else pytest.raises(NotFetchedError, match=r"robots\.txt"):
        visitor(source.pages[0].url, source, Validators())
    assert site.paths == asked


@pytest.mark.parametrize("rules", [b"User-agent: *\nCrawl-delay: 86400\n", b"#" * (MAX_BYTES + 1),
                                   "User-agent: *\nCrawl-delay: ²\nDisallow:".encode()])
def test_rules_that_cannot_be_kept_are_not_broken(site, listed, drafts, visitor, clock, rules):
    site.pages |= {"/robots.txt": Answer(rules, "text/plain"), "/boj": Answer(page(FEE))}
    assert outcomes(collect(listed("/boj"), drafts, now=NOW, fetch=visitor)) == [Outcome.REFUSED]
    assert site.paths == []
    assert sum(clock.waits) < 60


@pytest.mark.parametrize(("rules", "pause"), [(b"", 5), (b"User-agent: *\nCrawl-delay: 20", 20),
                                              (b"User-agent: *\nRequest-rate: 1/30", 30),
                                              (b"User-agent: *\nRequest-rate: 0/9", 5),
                                              (b"\xff\xfe\x00 <html>", 5), (b"User-agent: *\nCrawl-delay: 1", 5)])
def test_requests_to_a_host_are_as_far_apart_as_we_or_the_site_want(site, listed, visitor, clock, rules, pause):
    site.pages |= {"/robots.txt": Answer(rules, "text/plain"), "/a": Answer(page(FEE)), "/b": Answer(page(TERM))}
    source, = listed("/a", "/b")
    for one in source.pages:
        visitor(one.url, source, Validators())
    assert clock.waits == [pause, pause]


def test_hosts_do_not_wait_for_each_other(site, listed, visitor, clock):
    site.pages |= {"/a": Answer(page(FEE))}
    source, = listed("/a", site.url("/a", "digar.example"))
    for one in source.pages:
        visitor(one.url, source, Validators())
    assert clock.waits == [5, 5]                       # each between its robots.txt and its page
    assert len(site.asked) == 4


def test_the_contact_is_told_to_the_site(site, listed, visitor):
    site.pages["/a"] = Answer(page(FEE))
    source, = listed("/a")
    visitor(source.pages[0].url, replace(source, contact="mailto:hujjatho@vazorat.example"), Validators())
    assert {headers["user-agent"] for _, _, headers in site.asked} == {"rohnamo (mailto:hujjatho@vazorat.example)"}


def test_a_redirect_is_followed_among_the_hosts_of_the_source(site, listed, drafts, visitor):
    port = site.server_port
    site.pages |= {"/kuhna": Answer(status=301, headers={"location": f"http://www.vazorat.example:{port}/nav"}),
                   "/nav": Answer(page(FEE))}
    hosts = f'hosts = ["vazorat.example:{port}", "www.vazorat.example:{port}"]'
    collected = collect(listed("/kuhna", lines=hosts), drafts, now=NOW, fetch=visitor)
    assert outcomes(collected) == [Outcome.NEW]
    assert collected.reports[0].notes[0].endswith("/nav now")
    assert site.paths == ["/kuhna", "/nav"]


@pytest.mark.parametrize("target", ["http://digar.example:{port}/nav", "http://127.0.0.1:{port}/nav",
                                    "//digar.example/", "http://vazorat.example/nav", "file:///etc/passwd", "http://[",
                                    "//vazorat.example\\@x"])
def test_a_redirect_elsewhere_is_refused_and_never_asked(site, listed, drafts, visitor, target):
    location = target.format(port=site.server_port)
    site.pages |= {"/kuhna": Answer(status=302, headers={"location": location}), "/nav": Answer(page(FEE))}
    assert codes(collect(listed("/kuhna"), drafts, now=NOW, fetch=visitor)) == ["foreign_host"]
    assert site.paths == ["/kuhna"]
    assert texts(drafts) == {}


def test_a_redirect_from_a_protected_address_to_an_open_one_is_refused(listed):
    source, = listed("https://vazorat.example/a")
    asked = []

    def get(request):
        asked.append(request.url)
        return Reply(request.url, 404) if request.url.endswith("robots.txt") \
            else Reply(request.url, 301, headers={"location": "http://vazorat.example/a"})

    with pytest.raises(NotFetchedError, match="not protected"):
        Visitor(get, clock=lambda: 0.0, sleep=lambda _: None)(source.pages[0].url, source, Validators())
    assert not [url for url in asked if url.startswith("http:")]


def test_a_redirect_without_end_ends(site, listed, drafts, visitor):
    site.pages["/davr"] = Answer(status=307, headers={"location": "/davr"})
    assert codes(collect(listed("/davr"), drafts, now=NOW, fetch=visitor)) == ["too_many_redirects"]
    assert len(site.paths) == 6


def test_a_redirect_into_what_robots_txt_forbids_is_not_followed(site, listed, drafts, visitor):
    site.pages |= {"/robots.txt": Answer(b"User-agent: rohnamo\nDisallow: /dokhili", "text/plain"),
                   "/a": Answer(status=302, headers={"location": "/dokhili"}), "/dokhili": Answer(page(FEE))}
    assert codes(collect(listed("/a"), drafts, now=NOW, fetch=visitor)) == ["robots"]
    assert site.paths == ["/a"]


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"],
                                       ["fe80::1%eth0"], ["0.0.0.1"], ["224.0.0.1"], []])
def test_a_name_that_leads_into_a_private_network_is_not_asked(site, listed, drafts, addresses):
    site.pages["/boj"] = Answer(page(FEE))
    source, = listed("/boj")
    visitor = Visitor(Http(lambda *_: addresses), clock=lambda: 0.0, sleep=lambda _: None)
    open_source = replace(source, networks=())
    assert codes(collect([open_source], drafts, now=NOW, fetch=visitor)) == ["private_address"]
    assert site.asked == []


def test_only_the_named_network_is_open_and_the_next_address_is_tried(site, listed, visitor):
    site.pages["/boj"] = Answer(page(FEE))
    source, = listed("/boj")
    visitor = Visitor(Http(lambda *_: ["10.0.0.1", "127.0.0.2", "127.0.0.1"]), clock=lambda: 0.0, sleep=lambda _: None)
    assert visitor(source.pages[0].url, source, Validators()).status == 200
    with pytest.raises(NotFetchedError) as caught:
        visitor(source.pages[0].url, replace(source, networks=(ip_network("172.16.0.0/12"),)), Validators())
    assert caught.value.why is Refusal.PRIVATE_ADDRESS


# What a server may do to us

@pytest.mark.parametrize(("answer", "code"), [
    (Answer(b"x" * 2_001, "text/plain"), "too_large"),
    (Answer(b"x", "text/plain", headers={"content-encoding": "gzip"}), "content_type"),
    (Answer(b"x", "video/mp4"), "content_type"),
    (Answer(b"x", ""), "content_type"),
    (Answer(b" \n", "text/plain"), "empty"),
    (Answer(b"x", "text/plain", length=9), "unreachable"),
    (Answer(status=500), "status"),
    (Answer(status=206), "status"),
    (Answer(status=304, validated=False), "status"),
    (Answer(status=301), "status"),
    (Answer(status=404), "not_found"),
    (Answer(status=429, headers={"retry-after": "60"}), "busy"),
])
def test_a_server_that_does_not_answer_as_it_should_is_refused(site, listed, drafts, visitor, answer, code):
    site.pages["/a"] = answer
    source, = listed("/a")
    collected = collect([replace(source, max_bytes=2_000)], drafts, now=NOW, fetch=visitor)
    assert codes(collected) == [code]
    assert collected.reports[0].message
    assert collected.reports[0].next_step
    assert not (drafts / "vazorat" / "documents").exists()


def test_a_server_that_never_ends_is_hung_up_on(site, listed, visitor):
    site.pages["/a"] = Answer(b"x", "text/plain", length=9, stalls=True)
    source, = listed("/a")
    begun = monotonic()
    with pytest.raises(NotFetchedError) as caught:
        visitor(source.pages[0].url, replace(source, page_seconds=0.2), Validators())
    assert caught.value.why is Refusal.TOO_SLOW
    assert monotonic() - begun < SILENCE_S / 2         # well before its silence alone would end it


@pytest.mark.parametrize(("media_type", "path", "suffix"), [
    ("text/html", "/", ".html"), ("text/html", "/a.php", ".html"), ("text/html", "/a.PDF", ""),
    ("application/pdf", "/a", ".pdf"), ("application/pdf", "/a.docx", ".pdf"),
    ("application/octet-stream", "/a.pdf", ".pdf"),
    ("application/octet-stream", "/a", ""), ("application/octet-stream", "/a.exe", ""), ("", "/a.htm", ".html"),
    ("image/jpeg", "/a", ".jpg"), ("application/zip", "/a.pdf", "")])
def test_a_login_page_is_not_taken_for_the_file_that_was_promised(media_type, path, suffix):
    assert suffix_of(media_type, f"https://vazorat.example{path}") == suffix


def test_a_busy_host_is_left_alone_and_the_others_are_not(site, listed, drafts, visitor):
    site.pages |= {"/a": Answer(status=429, headers={"retry-after": "60"}), "/b": Answer(page(FEE))}
    collected = collect(listed("/a", "/b", site.url("/b", "digar.example")), drafts, now=NOW, fetch=visitor)
    assert codes(collected) == ["busy", "busy", None]
    assert "60 seconds" in collected.reports[0].message
    assert site.paths == ["/a", "/b"]


def test_a_host_that_fails_again_and_again_is_left_alone(site, listed, drafts, visitor):
    broken = Answer(b"x", "text/plain", length=9)
    site.pages |= {f"/{number}": broken for number in range(5)}
    collected = collect(listed(*(f"/{number}" for number in range(5))), drafts, now=NOW, fetch=visitor)
    assert codes(collected) == ["unreachable"] * 3 + ["busy"] * 2
    assert len(site.paths) == 3


def test_no_cookie_is_sent_back_and_no_redirect_of_the_library_followed(site, listed, visitor):
    site.pages["/a"] = Answer(page(FEE), headers={"set-cookie": "who=1"})
    source, = listed("/a")
    for _ in range(2):
        visitor(source.pages[0].url, source, Validators())
    assert not [headers for _, _, headers in site.asked if "cookie" in headers]
    assert all(headers["accept-encoding"] == "identity" for _, _, headers in site.asked)


def test_an_unknown_name_is_refused_in_words(listed, drafts, visitor):
    collected = collect(listed("http://nomavjud.example/"), drafts, now=NOW, fetch=visitor)
    assert codes(collected) == ["unreachable"]
    assert "nomavjud.example is not found" in collected.reports[0].message


# Interruptions

def test_an_interrupted_collection_goes_on_where_it_stopped(site, listed, drafts, visitor):
    site.pages |= {f"/{number}": Answer(page(FEE + str(number))) for number in range(3)}
    sources = listed("/0", "/1", "/2")
    asked = iter(range(10))

    def interrupted(url, source, known):
        if next(asked) == 2:
            raise KeyboardInterrupt
        return visitor(url, source, known)

    with pytest.raises(KeyboardInterrupt):
        collect(sources, drafts, now=NOW, fetch=interrupted)
    assert texts(drafts) == {}
    assert len(CollectedPages(drafts / "vazorat", "vazorat").pages()) == 2
    assert outcomes(collect(sources, drafts, now=LATER, fetch=visitor)) == [Outcome.NEW] * 3
    assert [bool(headers.get("if-none-match")) for _, path, headers in site.asked if path != "/robots.txt"] \
        == [False, False, True, True, False]
    assert len(texts(drafts)) == 3


def kept(digest, file="a.html", **more):
    return Kept("https://vazorat.example/a", "a", file, digest, "2026-11-25", "", "", etag=digest, **more)


@pytest.mark.parametrize("file", ["a.html", "a.pdf"])
def test_power_that_goes_while_a_page_is_kept_leaves_the_old_one_or_asks_for_the_whole(tmp_path, monkeypatch, file):
    from hashlib import sha256
    old, new = (kept(sha256(data).hexdigest(), name) for data, name in ((b"old", "a.html"), (b"new", file)))
    cuts = 0
    for number in range(50):
        pages = CollectedPages(tmp_path / str(number), "vazorat")
        pages.put(old, b"old")
        with monkeypatch.context() as patch:
            cut_at(patch, number)
            try:
                pages.put(new, b"new")
            except PowerCut:
                cuts += 1
            else:
                break
        with collecting(tmp_path / str(number), "vazorat") as after:
            found = after.get(old.url)
            assert found in (old, new)
            assert not after.is_whole(found) or after.path(found).read_bytes() == (b"old" if found == old else b"new")
            assert not [path for path in after.folder.iterdir() if path.name.endswith(".part")]
            after.put(new, b"new")
            assert after.is_whole(new)
    assert cuts >= 4
    assert pages.is_whole(new)


def test_two_collections_of_one_source_do_not_run_at_once(site, listed, drafts, visitor):
    site.pages["/boj"] = Answer(page(FEE))
    with collecting(drafts / "vazorat", "vazorat"), pytest.raises(DraftLockedError, match="collecting vazorat"):
        collect(listed("/boj"), drafts, now=NOW, fetch=visitor)
    assert site.asked == []


@pytest.mark.parametrize("record", [b"{", b'{"format":"rohnamo-collected","version":2,"pages":[]}', b"[]"])
def test_a_record_of_another_version_is_not_overwritten(site, listed, drafts, visitor, record):
    path = drafts / "vazorat" / "collected" / "vazorat.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(record)
    with pytest.raises(FormatError):
        collect(listed("/boj"), drafts, now=NOW, fetch=visitor)
    assert path.read_bytes() == record
    assert site.asked == []
