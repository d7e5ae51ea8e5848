"""The ground of the tests: one app a session and database, a fresh copy of a prepared database a test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from config import ROOT, Settings
from portal import create_app
from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.plan import services as plan
from portal.server import migrations
from portal.web import i18n
from portal.web.unit_of_work import PortalFlask
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.postgres import postgres_url

NOW = datetime.fromisoformat("2026-11-05T10:00:00+09:00")
ASAKA = ROOT / "portal" / "plan" / "cities" / "asaka.yaml"
DATABASES = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that touch the database run on SQLite; those marked `both_databases` on PostgreSQL too.

    `make test-all` runs all of them on both (the rest carries the mark `matrix`).
    """
    if "database" not in metafunc.fixturenames:
        return
    both = metafunc.definition.get_closest_marker("both_databases")
    marks = [pytest.mark.postgresql] if both else [pytest.mark.postgresql, pytest.mark.matrix]
    metafunc.parametrize(
        "database", ["sqlite", pytest.param("postgresql", marks=marks)], indirect=True, scope="session"
    )


class Database:
    """One kind of database with named, prepared states that are copied for each test."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.folder = folder
        self.states: set[str] = set()
        if kind == "sqlite":
            self.url = f"sqlite:///{folder / 'test.sqlite3'}"
        else:
            server = postgres_url()
            if server is None:
                pytest.skip("no PostgreSQL on this machine")
            self.url = str(
                make_url(server).set(database=f"t_{folder.name.replace('-', '_')}").render_as_string(False)
            )

    def empty(self) -> None:
        if self.kind == "sqlite":
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self._file}{suffix}").unlink(missing_ok=True)
        else:
            self._admin(f'DROP DATABASE IF EXISTS "{self._name}"', f'CREATE DATABASE "{self._name}"')

    def save(self, state: str) -> None:
        if self.kind == "sqlite":
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()
            shutil.copyfile(self._file, self.folder / f"{state}.saved")
        else:
            db.engine.dispose()
            copy = f"{self._name}_{state}"
            self._admin(
                f'DROP DATABASE IF EXISTS "{copy}"', f'CREATE DATABASE "{copy}" TEMPLATE "{self._name}"'
            )
        self.states.add(state)

    def load(self, state: str) -> None:
        db.engine.dispose()
        if self.kind == "sqlite":
            self.empty()
            shutil.copyfile(self.folder / f"{state}.saved", self._file)
        else:
            self._admin(
                f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)',
                f'CREATE DATABASE "{self._name}" TEMPLATE "{self._name}_{state}"',
            )

    @property
    def _file(self) -> str:
        return str(make_url(self.url).database)

    @property
    def _name(self) -> str:
        return str(make_url(self.url).database)

    def _admin(self, *statements: str) -> None:
        engine = create_engine(make_url(self.url).set(database="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Database:
    return Database(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="session")
def settings(database: Database) -> Settings:
    return Settings(
        environment="test",
        secret_key="a-secret-key-for-tests-only-0123456789",
        database_url=database.url,
        public_url="http://portal.test",
        trusted_hosts=("localhost", "portal.test", "127.0.0.1"),
        now=NOW,
    )


@pytest.fixture(scope="session")
def bare_app(settings: Settings, database: Database) -> PortalFlask:
    """The app of this database, at the newest schema; don't use directly, take `app`."""
    database.empty()
    app = create_app(settings)
    with app.app_context():
        migrations.upgrade()
        database.save("empty")
    return app


def _fresh(
    app: PortalFlask, database: Database, state: str, prepare: Callable[[], None]
) -> Iterator[PortalFlask]:
    with app.app_context():
        if state not in database.states:
            database.load("empty")
            prepare()
            db.session.commit()
            db.session.remove()
            database.save(state)
        database.load(state)
        i18n.unbind()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(bare_app: PortalFlask, database: Database) -> Iterator[PortalFlask]:
    """The app with an empty, migrated database, inside an app context."""
    yield from _fresh(bare_app, database, "empty", lambda: None)


@pytest.fixture
def asaka(bare_app: PortalFlask, database: Database) -> Iterator[PortalFlask]:
    """The app with 朝霞市's plan loaded: districts, offices, sections, data sets, 38 indicators."""
    yield from _fresh(bare_app, database, "asaka", lambda: void(plan.load(ASAKA.read_text("utf-8"), SYSTEM)))


def void(_value: Any) -> None:
    """Take a value and give nothing."""


@pytest.fixture
def make(asaka: PortalFlask) -> Factories:
    """Makers of groups, cards, staff and reports, on top of 朝霞市's plan."""
    return Factories(asaka)


@pytest.fixture
def client(asaka: PortalFlask) -> Client:
    """A browser: every HTML answer it gets is checked as the referee checks it."""
    return Client(asaka)


@pytest.fixture
def raw_client(asaka: PortalFlask) -> FlaskClient:
    return asaka.test_client()
