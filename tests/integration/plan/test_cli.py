"""`portal plan check`, `load`, `export` as an operator types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.plan import services
from portal.plan.cli import plan
from portal.web.unit_of_work import PortalFlask

ROOT = Path(__file__).parents[3]
MINATO = ROOT / "tests/data/plans/minato.yaml"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(plan, [str(word) for word in words])


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    file = tmp_path / "broken.yaml"
    file.write_text(MINATO.read_text("utf-8").replace("at_most", "exceed"), "utf-8")
    return file


def test_check_is_quiet_about_a_good_file(app: PortalFlask) -> None:
    done = run("check", MINATO)
    assert (done.exit_code, done.stderr) == (0, "")


def test_check_names_the_line_of_a_fault(app: PortalFlask, broken: Path) -> None:
    done = run("check", broken)
    lines = broken.read_text("utf-8").splitlines()
    number = next(index for index, line in enumerate(lines, 1) if "exceed" in line)
    assert done.exit_code == 1
    assert f"{broken}:{number}: " in done.stdout
    assert "1 to put right" in done.stderr


def test_load_shows_the_difference_then_loads(app: PortalFlask) -> None:
    first = run("load", MINATO)
    assert first.exit_code == 0, first.output
    assert "+ indicator 1-2-s1" in first.stdout
    assert "Loaded: " in first.stdout
    again = run("load", MINATO)
    assert (again.exit_code, again.stdout) == (0, "The plan in force says the same already.\n")


def test_load_refuses_a_faulty_file_and_writes_nothing(app: PortalFlask, broken: Path) -> None:
    done = run("load", broken)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "unknown_target_kind" in done.stderr
    assert services.in_force() is None


def test_export_gives_the_same_bytes(app: PortalFlask, tmp_path: Path) -> None:
    source, target = tmp_path / "in.yaml", tmp_path / "out.yaml"
    source.write_bytes(b"\xef\xbb\xbf" + MINATO.read_bytes().replace(b"\n", b"\r\n"))
    assert run("load", source).exit_code == 0
    assert run("export", target).exit_code == 0
    assert target.read_bytes() == source.read_bytes()


def test_a_file_that_is_not_utf8_is_said_so(app: PortalFlask, tmp_path: Path) -> None:
    file = tmp_path / "sjis.yaml"
    file.write_bytes("name: みなと市".encode("cp932"))
    for command in ("check", "load"):
        done = run(command, file)
        assert done.exit_code == 1
        assert "UTF-8" in done.stderr


@pytest.mark.parametrize(
    "words", [("check",), ("load", "no-such-file.yaml"), ("explain",), ("load", "--now", "x")]
)
def test_wrong_usage_is_2(app: PortalFlask, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


@pytest.mark.parametrize("command", ["check", "load", "export"])
def test_each_command_explains_itself(command: str) -> None:
    done = run(command, "--help")
    assert (done.exit_code, "Usage:" in done.stdout) == (0, True)
