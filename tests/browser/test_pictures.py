"""Pictures that must not change unseen: the server's drawing of a place, which no font and no GPU has a part in.

Where it should look otherwise: delete the picture, run the test, look at what it has drawn.
"""

import base64
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Suite
from tests.browser.test_live_map import listed

GOLDEN = Path(__file__).parent / "pictures"
# Another rasteriser of the same browser smooths 0.00004 of the pixels that much differently; without the dashes of the
# site's line it is 0.0025, without one of its ends 0.0017 more.
UNLIKE = 48  # of 255, in any channel
UNLIKE_AT_MOST = 0.0005
ALONE = """svg => {
  svg.querySelectorAll("text").forEach((it) => it.remove());
  const alone = { position: "fixed", inset: "0 auto auto 0", width: "540px", maxWidth: "none", margin: 0, border: 0 };
  Object.assign(svg.style, alone);
  document.body.replaceChildren(svg);
}"""
SHARE_UNLIKE = """async ([one, other, unlike]) => {
  const pixels = async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const { width, height } = image;
    const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, width, height).data;
  };
  const [mine, golden] = [await pixels(one), await pixels(other)];
  if (mine.length !== golden.length) return 1;
  let count = 0;
  for (let at = 0; at < mine.length; at += 4) {
    if ([0, 1, 2].some((channel) => Math.abs(mine[at + channel] - golden[at + channel]) > unlike)) count += 1;
  }
  return count / (mine.length / 4);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_drawing_of_a_place_looks_as_it_did(page: Page, suite: Suite, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    address = listed(page, suite).get_by_role("link").get_attribute("href") or ""
    page.goto(suite.origin + address)
    drawing = page.locator("svg.extract")
    drawing.evaluate(ALONE)
    drawn = drawing.screenshot()
    golden = GOLDEN / f"place-{scheme}.png"
    if not golden.exists():
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(drawn)
        pytest.fail(f"there was no picture: look at {golden}")
    page.goto("about:blank")
    pictures = [base64.b64encode(picture).decode() for picture in (drawn, golden.read_bytes())]
    assert page.evaluate(SHARE_UNLIKE, [*pictures, UNLIKE]) <= UNLIKE_AT_MOST
