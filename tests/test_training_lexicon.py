"""Where learnt words come from: translation catalogues read and aligned, parts kept apart, rows learnt."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("ROHNAMO_PUBLIC_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture
def training(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "training")
    monkeypatch.syspath_prepend(ROOT)
    return import_module


@pytest.fixture
def bitext(training):
    return training("bitext")


# Catalogues

def test_a_compiled_catalogue_gives_its_english_and_the_last_plural(tmp_path, training):
    catalog = pytest.importorskip("babel.messages.catalog").Catalog(locale="ru")
    mofile = pytest.importorskip("babel.messages.mofile")
    catalog.add("Open", "Кушодан", context="menu")
    catalog.add(("One file", "Files"), ("Як файл", "Файлҳо"))
    catalog.add("Not translated", "")
    path = tmp_path / "locale" / "tg" / "LC_MESSAGES" / "app.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        mofile.write_mo(file, catalog)
    found = [(language, text) for place, language, text in training("catalogues").strings(tmp_path)
             if "Project" not in text]
    assert {("tg", "Кушодан"), ("en", "Open"), ("tg", "Файлҳо"), ("en", "Files")} <= set(found)
    assert "Not translated" not in [text for _, text in found]


def test_language_packs_meet_by_place_whatever_folder_they_lie_in(tmp_path, training):
    pytest.importorskip("fluent.syntax")
    packs = {"langpack-tg@x.xpi": ("browser/localization/tg/menu.ftl", "open = Кушодани { $n }\n    .title = Меню\n"),
             "langpack-ru@x.xpi": ("browser/localization/ru/menu.ftl", "open = Открыть { $n }\n    .title = Меню\n"),
             "omni.ja": ("localization/en-US/menu.ftl",
                         "open =\n    { $n ->\n        [one] Open it\n       *[other] Open\n    }\n")}
    for name, (inner, text) in packs.items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(inner, text)
    found = list(training("catalogues").strings(tmp_path))
    opened = {language: text for place, language, text in found if place.endswith(" open")}
    assert opened == {"tg": "Кушодани {}", "ru": "Открыть {}", "en": "Open"}
    assert len({place for place, _, _ in found}) == 2


def test_properties_desktop_files_and_registries_are_read(tmp_path, training):
    with zipfile.ZipFile(tmp_path / "langpack-tg@x.xpi", "w") as archive:
        archive.writestr("chrome/tg/locale/a.properties", "# шарҳ\nsave=Нигоҳ доштан\n")
    (tmp_path / "a.desktop").write_text("[Desktop Entry]\nName=Printer\nName[tg]=Чопгар\nName[de]=Drucker\n",
                                        encoding="utf-8")
    (tmp_path / "registry_tg.xcd").write_text(
        '<oor:data xmlns:oor="http://openoffice.org/2001/registry"><node oor:name="a"><prop oor:name="Label">'
        '<value xml:lang="tg">Ҷадвал</value><value>none</value></prop></node></oor:data>', encoding="utf-8")
    (tmp_path / "notes.txt").write_text("Name[tg]=Не", encoding="utf-8")
    found = [(language, text) for _, language, text in training("catalogues").strings(tmp_path)]
    assert sorted(found) == sorted([("tg", "Нигоҳ доштан"), ("en", "Printer"), ("tg", "Чопгар"), ("tg", "Ҷадвал")])


# Cleaning and aligning

@pytest.mark.parametrize(("raw", "clean"), [
    ("_Кушодан…", "Кушодан"), ("Ку&шодан", "Кушодан"), ("~Чоп (&P)", "Чоп"), ("&amp;Чоп", "Чоп"),
    ("<b>Хато</b>:&nbsp;%s аз %2$d", "Хато: аз"),
    ("Файли %(name)s ва {count} дигар", "Файли ва дигар"), ("«Ҷадвал»\\n$(ARG1)", "Ҷадвал"),
    ("ҳар 100% сол", "ҳар 100% сол"), ("AT&T", "ATT")])
def test_a_message_is_read_as_it_is_seen(bitext, raw, clean):
    assert bitext.cleaned(raw) == clean


@pytest.mark.parametrize(("text", "tajik"), [
    ("Кушодани ҷузвдон", True), ("Доллари ИМА", True), ("Чоп", True), ("А", False), ("Open folder", False),
    ("Изменить формат страницы", False), ("Вы действительно хотите удалить", False), ("Файлни очиш учун", False),
    ("Янги ўйин", False), ("", False), ("а" * 700, False)])
def test_what_was_not_translated_into_tajik_is_left_out(bitext, text, tajik):
    assert bitext.is_tajik(text) is tajik


def test_messages_of_one_place_become_one_pair(bitext):
    found = list(bitext.aligned([
        ("a", "tg", "_Чоп"), ("a", "ru", "_Печать"), ("a", "en", "_Print"), ("b", "tg", "Хато"), ("b", "en", "Error"),
        ("c", "tg", "Бекас"), ("d", "ru", "Один"), ("e", "tg", "Формат"), ("e", "ru", "Формат"), ("e", "en", "Format"),
    ], "some"))
    assert [(pair.tg, pair.ru, pair.en, pair.source) for pair in found] == [
        ("Чоп", "Печать", "Print", "some"), ("Хато", None, "Error", "some"), ("Формат", None, "Format", "some")]


def test_pairs_are_kept_once_sorted_and_can_be_read_again(bitext, tmp_path):
    pairs = [bitext.Pair("Чоп", "Печать", None, "b"), bitext.Pair("чоп", "печать", None, "a"),
             bitext.Pair("Акс", "Фото", "Photo", "c")]
    kept = bitext.unique(pairs)
    assert kept == [pairs[2], pairs[0]]
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps({"tg": one.tg, "ru": one.ru, "en": one.en, "source": one.source}) + "\n"
                            for one in kept), encoding="utf-8")
    assert bitext.read(path) == kept


# Parts

def test_no_service_of_the_test_part_is_learnt_from(training):
    with (ROOT / "corpora" / "seed" / "services.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    kept_back = {name.strip() for row in rows if row["split"] == "test" for name in row["fact_names"].split("|")}
    facts = [json.loads(line) for path in (ROOT / "corpora" / "seed" / "facts").glob("*.jsonl")
             for line in path.read_text(encoding="utf-8").splitlines()]
    learnt = {pair.tg for pair in training("parts").seed_pairs()}
    assert len(learnt) > 400
    assert not learnt & {fact["statement_tg"] for fact in facts if fact["service_tg"] in kept_back}
    assert not learnt & (kept_back - {""})


def test_a_name_is_always_in_the_same_part_and_both_parts_have_some(training):
    part_of = training("parts").part_of
    parts = [part_of(f"bbc.{number}") for number in range(200)]
    assert parts == [part_of(f"bbc.{number}") for number in range(200)]
    assert 60 < parts.count("train") < 140
    assert set(parts) == {"train", "test"}


@pytest.mark.skipif(not DATA.is_dir(), reason="the public data does not lie beside this checkout")
def test_the_parts_of_public_data_do_not_meet(training):
    parts = training("parts")
    for file, owner in ((parts.SIB, "id"), (parts.NTREX, "doc"), (parts.REGISTER, "agency_tg")):
        train, test = ({row[owner] for row in parts.rows(DATA, file, part)} for part in ("train", "test"))
        assert train
        assert test
        assert not train & test


# Learning

PAIRS = [("красный дом", "хонаи сурх"), ("белый дом", "хонаи сафед"), ("красный хлеб", "нони сурх"),
         ("белый хлеб", "нони сафед"), ("дом", "хона"), ("старый дом", "хонаи кӯҳна"), ("старый хлеб", "нони кӯҳна"),
         ("база данных", "пойгоҳи додаҳо"), ("открыть базу данных", "кушодани пойгоҳи додаҳо"),
         ("закрыть базу данных", "пӯшидани пойгоҳи додаҳо"), ("невозможно", "имкон")]


@pytest.fixture
def texts(training):
    texts = training("lexicon").Texts("ru")
    for russian, tajik in PAIRS:
        texts.add(russian, tajik, 1)
    return texts


def test_words_that_keep_company_are_learnt_with_readable_forms(training, texts):
    lines = [line.split("\t")[:2] for line in training("lexicon").lines(texts, set())]
    assert ["дом", "хона"] in lines
    assert ["белый", "сафед"] in lines
    assert ["хлеб", "нон"] in lines
    assert not [line for line in lines if line[0] == "дом" and line[1] != "хона"]


def test_a_message_of_two_words_is_learnt_as_a_phrase(training, texts):
    lines = [line.split("\t")[:2] for line in training("lexicon").lines(texts, set())]
    assert ["база данных", "пойгоҳи додаҳо"] in lines


def test_what_is_known_and_what_loses_its_negation_is_not_learnt(training, texts):
    lines = list(training("lexicon").lines(texts, {("дом", "хона")}))
    assert not [line for line in lines if line.startswith(("дом\t", "невозможно\t"))]
    assert [line for line in lines if line.startswith("хлеб\t")]


def test_the_same_texts_give_the_same_file_in_any_process(tmp_path):
    script = ("import sys; from pathlib import Path; sys.path[:0] = ['training', '.']\n"
              "import lexicon\n"
              "texts = lexicon.Texts('ru')\n"
              f"for russian, tajik in {PAIRS!r}:\n    texts.add(russian, tajik, 1)\n"
              "sys.stdout.buffer.write(''.join(lexicon.lines(texts, set())).encode())\n")
    made = [subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True,
                           env=os.environ | {"PYTHONHASHSEED": seed}).stdout for seed in ("1", "2")]
    assert made[0] == made[1] != b""


def test_the_shipped_file_holds_words_not_sentences():
    text = (ROOT / "index" / "lexicon_learnt.tsv").read_text(encoding="utf-8")
    for row in csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE):
        assert row["domain"] == "learnt"
        assert 0 < float(row["weight"]) <= 1
        assert bool(row["ru"]) != bool(row["en"])
        assert max(len(row[side].split()) for side in ("ru", "en", "tg")) <= 3
