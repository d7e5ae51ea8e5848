"""Run every benchmark and print one table. Exits 1 only for what could not be measured."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import cache_fill, many_phones, public_pages, queue, saving
from tests.bench.machine import CORES, load_program, on_core
from tests.bench.report import NotMeasured, Result, table
from tests.support.city import build, site_of


def run(folder: Path) -> Iterator[Result]:
    """One city, one server on the last core, the load on the first."""
    city = folder / "city.sqlite3"
    build(city)
    cards = saving.add_groups(city)
    yield from cache_fill.measure(city)
    with on_core(CORES[-1]), site_of(city, folder) as site, on_core(CORES[0]):
        yield from public_pages.speed(site.url, folder)
        phones = [saving.sign_in(site.url, card) for card in cards]
        yield from public_pages.weight(site.url, saving.FORM, phones[0].cookie)
        yield from saving.measure(site.url, folder / "portal.sqlite3", phones)
    yield from queue.measure(folder)
    yield from many_phones.measure(folder)


def main() -> int:
    begun, busy = time.monotonic(), os.getloadavg()[0]
    results: list[Result] = []
    try:
        with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
            for result in run(Path(folder)):
                results.append(result)
                sys.stderr.write(f"bench {time.monotonic() - begun:3.0f} s: {result.goal} {result.what}\n")
    except NotMeasured as error:
        sys.stderr.write(f"\nbench: could not measure: {error}\n")
        return 1
    where = "server and load on a core each" if len(CORES) > 1 else "server and load share one core"
    what = "wrk" if load_program() else "a loop in Python, so P1 goes by CPU alone (apt-get install wrk)"
    sys.stdout.write(f"\n{table(results)}\n\n")
    sys.stdout.write(
        f"Load of P1: {what}. {where.capitalize()}. One run of {time.monotonic() - begun:.0f} s; "
        f"load average before it {busy:.1f} (over 0.3, other work blurs the ratios of speed).\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
