"""The works queue of a large city: ten thousand cases, taken in as a city imports them."""

import re

import pytest
from psycopg import sql

from services.permits.application import queue
from shared.clock import from_micros
from shared.projection.generations import reading
from tests.integration.permits.desk import START_US, World
from tests.support.crowd import CASES, DISTRICTS, files


@pytest.mark.long
def test_ten_thousand_cases_are_each_found_once_and_none_is_sorted_on_disk(world: World) -> None:
    clerk, browser = world.key("clerk"), world.session("clerk", f"district:{DISTRICTS[0]}")
    for body in files(from_micros(START_US)):
        assert clerk.post("/imports?format=geojson", body).status_code == 200
    found, due = list[str](), list[str]()
    for number in range(1, 51):
        page = clerk.get(f"/permits?page={number}&page_size=200").get_json()
        assert page["total"] == CASES
        found += [row["permit_number"] for row in page["items"]]
        due += [row["due_at"] for row in page["items"]]
    assert sorted(found) == [f"61-{number:05}" for number in range(CASES)]
    assert due == sorted(due)
    first, last = (browser.get(f"/permits/?ortsteil=alle&seite={number}").text for number in (1, CASES // 50))
    assert "10.000 Vorgänge, was drängt zuerst" in first
    assert first.count("überschritten") == 50
    assert "Seite 200 von 200" in last
    own = browser.get("/permits/").text
    assert f"{-(-CASES // len(DISTRICTS))} Vorgänge" in own
    assert numbers(browser.get("/permits/?q=61-07777&ortsteil=alle").text) == {"61-07777"}
    both = f"/permits/?q=rheinallee&status=open&ortsteil={DISTRICTS[1]}"
    wanted = {n for n in range(CASES) if n % 11 == 1 and n % 17 == 0}
    assert f"{len(wanted)} Vorgänge" in browser.get(both).text
    assert "Disk" not in plan(world, page=100)


def numbers(text: str) -> set[str]:
    return set(re.findall(r"61-\d{5}", text.partition("<tbody")[2]))


def plan(world: World, page: int) -> str:
    """How PostgreSQL reads that page."""
    limits = {"now": from_micros(START_US), "burning": [], "limit": 50, "offset": 50 * (page - 1)}
    query = queue.SQL_PAGE.format(queue.COLUMNS, sql.SQL(""), queue.ORDER, queue.ORDER)
    with reading(world.database, queue.VIEW) as tx:
        lines = tx.execute(sql.SQL("EXPLAIN (ANALYZE) ") + query, limits).fetchall()
    return "\n".join(line for (line,) in lines)
