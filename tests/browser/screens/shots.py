"""One state of a page, in a browser of this process, as pictures at all sizes by day and by night."""

from pathlib import Path
from typing import Any, Literal, NamedTuple

from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.screens import beacons, feed, live, ops, permits
from tests.browser.screens.state import State

AREAS: dict[str, list[State]] = {
    "live": live.STATES,
    "permits": permits.STATES,
    "beacons": beacons.STATES,
    "feed": feed.STATES,
    "ops": ops.STATES,
}
FOLDER = Path(__file__).parents[3] / "screens"
DRAWN_MS, READ_MS = 700, 120  # what a map, or a page without one, needs once everything has arrived
TALLEST_PX = 8_000  # beyond, the browser paints the beginning again
LATE_S = 25  # where PostgreSQL stands still, doors wait for it first
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Size(NamedTuple):
    width: int
    height: int
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    scale: int = 1


# Twice as large is another layout, but no other colours.
SIZES = {
    "phone": Size(390, 844),
    "tablet": Size(820, 1180, ("light",)),
    "desk": Size(1440, 900),
    "narrow": Size(320, 640),
    "zoom": Size(720, 450, ("light",), 2),
}
# What takes its height from the window keeps it when the window becomes as high as the page.
FREEZE = """document.querySelectorAll(".live__map, .desk__map").forEach((it) => {
  it.style.height = `${it.offsetHeight}px`;
})"""
FULL_HEIGHT = ".live"  # always as high as the window
MAP = "[data-basemap]"
TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Job(NamedTuple):
    """One state of an area at all sizes; ``session``: the browser's storage of who is logged in."""

    area: str
    number: int
    origin: str
    session: Any

    @property
    def state(self) -> State:
        return AREAS[self.area][self.number]


def open_browser() -> None:
    """The browser of this process, for as long as the process lives."""
    global _browser  # noqa: PLW0603  # a pool's process has no other place that lasts
    expect.set_options(timeout=LATE_S * 1_000)
    _browser = sync_playwright().start().chromium.launch(executable_path=CHROMIUM, args=FLAGS)


_browser: Browser


def take(job: Job) -> list[str]:
    found: list[str] = []
    for name, size in SIZES.items():
        context = _browser.new_context(
            viewport={"width": size.width, "height": size.height},
            device_scale_factor=size.scale,
            color_scheme=size.schemes[0],
            locale="de-DE",
            base_url=job.origin,
            storage_state=job.session,
        )
        said = f"{job.area}-{job.state.name}-{name}"
        found += [f"{said}: {fault}" for fault in _shoot(context.new_page(), job.state, size, said)]
        context.close()
    return found


def _shoot(page: Page, state: State, size: Size, name: str) -> list[str]:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    try:
        page.goto(state.path)
        _settle(page)
        if state.prepare is not None:
            state.prepare(page)
            _settle(page)
    except (PlaywrightTimeoutError, AssertionError) as error:
        faults.append(f"not as prepared: {str(error).splitlines()[0]}")
    _show_whole(page)
    for scheme in size.schemes:
        if scheme != size.schemes[0]:
            page.emulate_media(color_scheme=scheme)
            page.evaluate(TWO_FRAMES)  # a map has heard of it then
            expect(page.locator("[aria-busy=true]")).to_have_count(0)
            _draw(page)
        page.screenshot(path=FOLDER / f"{name}-{scheme}.png", animations="disabled")
    return [*faults, "wider than the window"] if page.evaluate(WIDER) else faults


def _show_whole(page: Page) -> None:
    """Make the window as high as the page: a full-page picture would stretch the maps and not wait for them."""
    page.evaluate(FREEZE)
    if page.viewport_size and page.locator(FULL_HEIGHT).count() == 0:
        height: int = page.evaluate(f"Math.min(document.documentElement.scrollHeight, {TALLEST_PX})")
        page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
        _draw(page)


def _settle(page: Page) -> None:
    expect(page.locator(f"{MAP}:not([data-map-state])")).to_have_count(0)
    _draw(page)


def _draw(page: Page) -> None:
    page.wait_for_timeout(DRAWN_MS if page.locator(MAP).count() else READ_MS)
