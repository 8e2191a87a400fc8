"""Draw the pages of the server: light, dark and as wide as a phone, over a made-up pool, in a real browser.

The documentation's pictures are in docs/images/pages. ImageMagick makes them small, where it is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sample_pool import NAME, Sample, fill  # noqa: E402
from tests.browser import DARK, LIGHT, PHONE, Look, window  # noqa: E402
from tests.factories import make_invite  # noqa: E402
from tests.live_pool import LivePool, live_pool  # noqa: E402

CHROMIUM = "/usr/bin/chromium"
LOOKS = {look.name: look for look in (LIGHT, DARK, PHONE)}
#: Page → its path, from what is in the pool.
PAGES: dict[str, Callable[[LivePool, Sample], str]] = {
    "overview": lambda _live, _sample: "/admin/",
    "agents": lambda _live, _sample: "/admin/agents",
    "agent": lambda _live, sample: f"/admin/agents/{sample.agent_id}",
    "tasks": lambda _live, _sample: "/admin/tasks",
    "task": lambda _live, sample: f"/admin/tasks/{sample.failed_task_id}",
    "keys": lambda _live, _sample: "/admin/keys",
    "key": lambda _live, sample: f"/admin/keys/{sample.key_id}",
    "new-key": lambda _live, _sample: "/admin/keys/new",
    "invites": lambda _live, _sample: "/admin/invites",
    "new-invite": lambda _live, _sample: "/admin/invites/new",
    "models": lambda _live, _sample: "/admin/models",
    "try": lambda _live, _sample: "/admin/try",
    "health": lambda _live, _sample: "/admin/health",
    "sign-in": lambda _live, _sample: "/admin/sign-in",
    "join": lambda live, _sample: f"/join/{make_invite(live.pool)}",
}
#: Pages that are looked at by somebody who is not signed in.
OPEN = frozenset({"sign-in", "join"})


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--only", multiple=True, type=click.Choice(sorted(PAGES)), help="Only this page. May be given often.")
@click.option("--look", multiple=True, type=click.Choice(sorted(LOOKS)), help="Only this look. May be given often.")
def main(folder: Path, only: tuple[str, ...], look: tuple[str, ...]) -> None:
    """Draw what was asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, live_pool(Path(data), pool_name=NAME) as live:
        sample = fill(live)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            for name in look or LOOKS:
                draw(browser, live, sample, LOOKS[name], only or tuple(PAGES), folder)
            browser.close()
    shrink(folder)


def draw(browser: Browser, live: LivePool, sample: Sample, look: Look, pages: tuple[str, ...], folder: Path) -> None:
    """Draw some pages in one look."""
    with window(browser, live.url, look) as stranger, window(browser, live.url, look) as operator:
        operator.sign_in(live.settings.mgmt_token)
        for name in pages:
            opened = stranger if name in OPEN else operator
            opened.go(PAGES[name](live, sample))
            opened.page.screenshot(path=folder / f"{name}-{look.name}.png", full_page=True)


def shrink(folder: Path) -> None:
    """Take the pictures' colours down to those that the eye tells apart: a fifth of the size."""
    magick = shutil.which("mogrify")
    if magick:
        subprocess.run([magick, "-strip", "+dither", "-colors", "192", *map(str, folder.glob("*.png"))], check=True)


if __name__ == "__main__":
    main()
