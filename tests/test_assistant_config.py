"""`config.toml`: what is refused, and that docs/configuration.md tells of each setting as the readers read it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path
from typing import get_type_hints

import pytest

from assistant import config as settings
from assistant.config import READERS, TABLES, Config
from assistant.errors import ConfigError
from tests.disk import everything

GUIDE = Path(__file__).parents[1] / "docs" / "configuration.md"
TOP = ""
_HEADING = re.compile(r"^## (?:`\[(\w+)\]`|Above all tables)")
_UNSET = {None: "–", (): "`[]`"}


def told():
    """Return the rows of the guide, (default, example) by key, by table."""
    rows, table = {}, None
    for line in GUIDE.read_text("utf-8").splitlines():
        if line.startswith("## "):
            heading = _HEADING.match(line)
            table = (heading[1] or TOP) if heading else None
        elif table is not None and line.startswith("| `"):
            key, default, _unit, example, meaning = (cell.strip() for cell in line.strip("|").split(" | "))
            assert meaning.endswith("."), line
            rows.setdefault(table, {})[key.strip(" `")] = (default, example.strip("`"))
    return rows


def read_by(table):
    return set(import_module(TABLES[table]).READERS) if table else set(READERS) - set(TABLES)


def defaults(table):
    held = get_type_hints(import_module(TABLES[table]).read_table)["return"] if table else Config
    return {field.name: field.default for field in fields(held)}


def as_toml(value):
    if value is MISSING:
        return "needed"
    if value in _UNSET and not isinstance(value, bool):
        return _UNSET[value]
    return f"`{str(value).lower()}`" if isinstance(value, bool | int | float) else f'`"{value}"`'


def refused(folder, text):
    (folder / "config.toml").write_text(text, "utf-8")
    before = everything(folder)
    with pytest.raises(ConfigError) as caught:
        settings.load(folder)
    assert everything(folder) == before
    return f"{caught.value.message}\n{caught.value.hint}"


def test_the_guide_has_every_table_and_no_other():
    assert list(told()) == [TOP, *TABLES]


@pytest.mark.parametrize("table", [TOP, *TABLES])
def test_the_guide_has_every_setting_of_a_table_with_its_default_and_no_other(table):
    assert set(told()[table]) == read_by(table)
    known = defaults(table)
    assert {key: default for key, (default, _) in told()[table].items()} \
        == {key: as_toml(known[key]) for key in told()[table]}


def test_every_example_of_the_guide_is_read_and_is_not_the_default(tmp_path):
    tables = ["\n".join([f"[{table}]" if table else "", *(f"{key} = {example}" for key, (_, example) in rows.items())])
              for table, rows in told().items()]
    (tmp_path / "config.toml").write_text("\n".join(tables), "utf-8")
    found = settings.load(tmp_path)
    for table, rows in told().items():
        held = getattr(found, table) if table else found
        assert all(getattr(held, key) != defaults(table)[key] for key in rows)


def test_every_field_of_a_machine_s_settings_is_read_from_the_file():
    assert {field.name for field in fields(Config)} == {"data_dir", *READERS}


@pytest.mark.parametrize(("text", "meant"), [
    ("[kiosks]\n", "kiosk"), ("[Sync]\n", "sync"), ("[serve]\n", "server"), ('genrator = "auto"\n', "generator"),
    ('[index]\nserve = "postgresql://db1/rohnamo"\n', "server"), ('[server]\nurll = "https://ai/v1"\n', "url"),
    ("[desk]\nidle_minute = 5\n", "idle_minutes")])
def test_an_unknown_name_is_refused_with_the_nearest_one(tmp_path, text, meant):
    said = refused(tmp_path, text)
    assert "unknown setting" in said
    assert f'Is "{meant}" meant?' in said


@pytest.mark.parametrize(("text", "wanted"), [
    ('kiosk = "yes"\n', "It is a table, [kiosk]."), ("generator = 5\n", "It is a text."),
    ("generator = ''\n", "It is a text."), ('[index]\nserver = "mysql://db1"\n', "begins with postgresql://"),
    ("[index]\nserver = 1\n", "begins with postgresql://"), ("[server\n", "Correct the file")])
def test_a_value_that_cannot_be_is_refused_with_what_it_has_to_be(tmp_path, text, wanted):
    assert wanted in refused(tmp_path, text)


@pytest.mark.parametrize("text", [
    '[index]\nserver = "postgres://me:secret@db1/rohnamo"\n', '[sync]\nsource = "https://me:secret@a.example.tj/"\n',
    '[server]\nmodel = "soro"\nurl = "https://me:secret@ai/v1"\n'])
def test_a_password_in_an_address_is_not_repeated_when_it_is_refused(tmp_path, text):
    assert "secret" not in refused(tmp_path, text)


def test_a_machine_without_the_file_has_every_default(tmp_path):
    found = settings.load(tmp_path)
    assert found == Config(tmp_path)
    assert found.index_server is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", sorted(GUIDE.parent.glob("*.md")), ids=lambda path: path.stem)
def test_what_other_guides_write_into_the_file_is_read(tmp_path, path):
    for block in re.findall(r"^ *```toml\n(.*?)^ *```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE):
        text = "\n".join(line.strip() for line in block.splitlines())
        if set(tomllib.loads(text)) & set(READERS):
            (tmp_path / "config.toml").write_text(text, "utf-8")
            assert settings.load(tmp_path) != Config(tmp_path)
