"""What is said of sizes that were not measured: the two models, their errors, and where a limit is reached."""

from __future__ import annotations

import json
import sys
from xml.etree import ElementTree

import pytest

from benchmarks import projection
from benchmarks.projection import Fit, fitted, picture, table

SIZES = (10_000, 100_000, 1_000_000)


def rows(**numbers):
    return [{"passages": size, "what": "by words"} | {name: of(size) for name, of in numbers.items()}
            for size in SIZES]


def test_a_power_is_found_by_the_power_and_missed_by_the_line():
    power, line = (fit([(size, 3 * size ** 0.5) for size in SIZES]) for fit in (Fit.power, Fit.line))
    assert (power.a, power.b) == pytest.approx((3, 0.5))
    assert power.at(100_000_000) == pytest.approx(30_000)
    assert power.reaches(30_000) == pytest.approx(100_000_000)
    assert power.deviation < 1e-9 < 0.1 < line.deviation


def test_a_part_that_stays_with_a_part_for_each_is_found_by_the_line_and_missed_by_the_power():
    power, line = (fit([(size, 20 + size / 5_000) for size in SIZES]) for fit in (Fit.power, Fit.line))
    assert (line.a, line.b) == pytest.approx((20, 1 / 5_000))
    assert line.reaches(1_000) == pytest.approx(4_900_000)
    assert line.deviation < 1e-9 < 0.1 < power.deviation
    assert power.at(100_000_000) < line.at(100_000_000)


def test_a_number_that_was_measured_once_is_not_projected_and_small_sizes_of_another_kind_are_left_out():
    once = [{"passages": 10_000, "what": "by words", "build, s": 5.0}]
    assert list(fitted(once)) == []
    looked_up = [{"passages": size, "what": "vectors, x", "look-up, ms": 1.0} for size in SIZES]
    assert list(fitted(looked_up)) == []


def test_the_table_has_what_was_measured_both_ends_and_the_size_at_which_a_limit_is_reached():
    found = list(fitted(rows(**{"tg p95, ms of processor": lambda size: 20 + size / 5_000})))
    head, _, line = table(found, 100_000_000)
    assert [cell.strip() for cell in head.split("|")][2:5] == ["10,000", "100,000", "1,000,000"]
    assert [cell.strip() for cell in line.split("|")][2:5] == ["22", "40", "220"]
    assert "**20,000**" in line
    assert "1,000: 4,900,000" in line


def test_the_picture_is_whole_and_has_every_measured_point():
    found = list(fitted(rows(**{"build, s": lambda size: size / 2_000, "on disk, MB": lambda size: size / 450})))
    drawn = ElementTree.fromstring(picture(found, 100_000_000))  # noqa: S314 - our own
    assert len(drawn.findall(".//{*}circle")) == 2 * len(SIZES)
    assert len(drawn.findall(".//{*}path")) == 2 * 2


def test_the_command_prints_and_draws_and_leaves_what_it_read(tmp_path, monkeypatch, capsys):
    path, drawn = tmp_path / "m.json", tmp_path / "p.svg"
    path.write_text(json.dumps(rows(**{"build, s": lambda size: size / 2_000})), "utf-8")
    before = path.read_bytes()
    monkeypatch.setattr(sys, "argv", ["projection", str(path), "--svg", str(drawn)])
    projection.main()
    assert "by words: build, s" in capsys.readouterr().out
    assert drawn.read_text("utf-8").startswith("<svg")
    assert path.read_bytes() == before
