"""Draw every window in every state: light and dark, at 100 and 200 %, in English and German.

Each combination is drawn on a desktop of its own (Xvfb, openbox, tint2), so no screen is needed.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from PySide6.QtCore import Qt  # noqa: E402
from PySide6.QtGui import QPixmap  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication, QMenu, QWidget  # noqa: E402

from desktop_agent.ui.language import use_language  # noqa: E402
from desktop_agent.ui.theme import use_theme  # noqa: E402
from scenes_status import STATUS_SCENES  # noqa: E402
from scenes_windows import WINDOW_SCENES  # noqa: E402
from tests.desktop_session import add_bus, add_panel, add_window_manager, add_x_server, bare_desktop  # noqa: E402

#: Every window and state: a name for the file, and what makes the widget once the language and the look are set.
SCENES: dict[str, Callable[[], QWidget]] = {**STATUS_SCENES, **WINDOW_SCENES}
SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
#: Large enough for every window at 200 %.
SCREEN = "2600x2000"
#: Milliseconds until a window has settled.
SETTLE_MS = 150
#: Pictures of the documentation, in docs/images: which scene, and in which scheme.
DOCUMENTED = {
    "status-light": ("status", "light"),
    "status-dark": ("status", "dark"),
    "what-ran-here": ("ran", "light"),
    "ollama-missing": ("status-error", "light"),
    "tray-menu": ("menu", "light"),
    "first-run": ("firstrun", "light"),
    "check-this-pc": ("firstrun-pc", "light"),
    "settings": ("settings-general", "light"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """How everything is drawn in one run."""

    scheme: str
    scale: str
    language: str

    def path(self, folder: Path, scene: str) -> Path:
        """Name the picture of a scene."""
        return folder / f"{scene}-{self.scheme}-{self.scale}x-{self.language}.png"


def _many(name: str, values: Iterable[str], text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(name, multiple=True, type=click.Choice(sorted(values)), help=f"{text} May be given often.")


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path))
@_many("--only", SCENES, "Only this scene.")
@_many("--scheme", SCHEMES, "Light or dark; both if not given.")
@_many("--scale", ("1", "2"), "100 or 200 %; both if not given.")
@_many("--language", ("en", "de"), "English or German; both if not given.")
@click.option("--documentation", is_flag=True, help="Draw those of the documentation into docs/images, too.")
@click.option("--here", is_flag=True, hidden=True, help="Draw on the display that is there.")
def main(
    folder: Path,
    only: tuple[str, ...],
    scheme: tuple[str, ...],
    scale: tuple[str, ...],
    language: tuple[str, ...],
    documentation: bool,
    here: bool,
) -> None:
    """Draw what was asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    looks = itertools.starmap(Look, itertools.product(scheme or SCHEMES, scale or ("1", "2"), language or ("en", "de")))
    if here:
        draw(folder, only or SCENES, next(looks))
        return
    if documentation:
        document()
    for look in looks:
        draw_on_a_desktop(folder, only, look)


def draw_on_a_desktop(folder: Path, scenes: Iterable[str], look: Look) -> None:
    """Run ourselves once more, on a desktop of its own: scale and theme are read when Qt starts."""
    with bare_desktop() as desktop:
        add_bus(desktop)
        add_x_server(desktop, SCREEN)
        add_window_manager(desktop)
        add_panel(desktop)
        # Qt's own theme for GNOME is the one that can be told to be dark without such a desktop around it.
        theme = {"QT_QPA_PLATFORMTHEME": "gnome", "QT_SCALE_FACTOR": look.scale, "LANG": "C.UTF-8"}
        options = zip(("--scheme", "--scale", "--language"), astuple(look), strict=True)
        words = [*itertools.chain(*options), *itertools.chain(*(("--only", scene) for scene in scenes))]
        command = [sys.executable, __file__, str(folder), "--here", *words]
        subprocess.run(command, env=desktop.environ | theme, check=True)


def draw(folder: Path, scenes: Iterable[str], look: Look) -> None:
    """Draw these scenes on the display that is there."""
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    app.styleHints().setColorScheme(SCHEMES[look.scheme])
    use_language(look.language)
    use_theme(app)
    for scene in scenes:
        widget = SCENES[scene]()
        path = look.path(folder, scene)
        _picture_of(widget).save(str(path))
        widget.deleteLater()
        print(path)


def _picture_of(widget: QWidget) -> QPixmap:
    """Draw a widget, once it has settled."""
    if isinstance(widget, QMenu):
        widget.popup(widget.pos())
    else:
        widget.show()
    QTest.qWait(SETTLE_MS)
    drawn = widget.grab()
    widget.hide()
    return drawn


def document() -> None:
    """Draw the pictures of the documentation to their place."""
    images, convert = ROOT / "docs" / "images", shutil.which("convert")
    if convert is None:
        raise click.ClickException("ImageMagick is needed for the pictures of the documentation.")
    with tempfile.TemporaryDirectory() as name:
        for scheme in SCHEMES:
            look = Look(scheme, "1", "en")
            scenes = {picture: scene for picture, (scene, drawn_in) in DOCUMENTED.items() if drawn_in == scheme}
            draw_on_a_desktop(Path(name), scenes.values(), look)
            for picture, scene in scenes.items():
                # A palette makes a file a third of the size, and nobody sees it.
                palette = ["+dither", "-colors", "200", "-strip", f"png8:{images / picture}.png"]
                subprocess.run([convert, str(look.path(Path(name), scene)), *palette], check=True)


if __name__ == "__main__":
    main()
