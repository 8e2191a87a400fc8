"""Looking whether a page holds anything that no template of ours wrote, and what it says."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser import Window

#: Says what stands in a page that none of our templates wrote.
STRANGERS = r"""() => {
  const found = window.pwned === undefined ? [] : ["a script ran"];
  const asset = /^\/assets\/[a-z.-]+\?v=[0-9a-f]+$/;
  const address = /^(\/(?!\/)|#|\?|embedpool:\/\/join\?|https:\/\/ollama\.com\/download$)/;
  const places = new Set(["href", "src", "action", "formaction", "xlink:href", "data", "srcdoc", "ping", "poster"]);
  const loads = {SCRIPT: "src", LINK: "href", IMG: "src"};
  const never = new Set(["IFRAME", "FRAME", "OBJECT", "EMBED", "BASE", "PORTAL", "MARQUEE", "APPLET", "STYLE",
    "TEMPLATE", "VIDEO", "AUDIO", "SOURCE", "math", "animate", "foreignObject", "set", "script", "a", "image", "use"]);
  const metas = new Set(["viewport", "color-scheme", "robots", "csrf-token"]);
  const ids = new Set();
  for (const one of document.querySelectorAll("*")) {
    const source = loads[one.tagName];
    const isMeta = one.tagName === "META" && !one.hasAttribute("charset") && !metas.has(one.name);
    if (never.has(one.tagName) || isMeta || (source && !asset.test(one.getAttribute(source) ?? ""))) {
      found.push(one.outerHTML.slice(0, 200));
    }
    for (const {name, value} of one.attributes) {
      const leads = places.has(name) && !source && value !== "" && !address.test(value);
      if (name.startsWith("on") || name === "style" || leads) found.push(`${one.tagName} ${name}=${value}`);
    }
    if (one.id && ids.has(one.id)) found.push(`two of id ${one.id}`);
    ids.add(one.id);
  }
  if (document.getElementById("main")?.tagName !== "MAIN") found.push("main is not ours");
  return found;
}"""
#: Returns every word of a page, and what stands in its fields.
_SAID = """() => {
  const typed = [...document.querySelectorAll("input, textarea")].map((one) => one.value);
  return [document.body.textContent, ...typed].join(" ");
}"""


@dataclass(frozen=True, slots=True)
class Text:
    """What a page says, without regard to space."""

    words: str

    def has(self, text: str) -> bool:
        """Whether a text stands there as it was written, as far as it can be printed."""
        return squeezed("".join(letter if letter.isprintable() else " " for letter in text)) in self.words


def squeezed(text: str) -> str:
    return "".join(text.split())


def look(window: Window, path: str, status: int = 200) -> Text:
    """Open a page, insist that nothing foreign stands in it, and return what it says, form fields included."""
    assert window.go(path) == status, path
    return look_again(window, path)


def look_again(window: Window, path: str) -> Text:
    """Insist that nothing foreign stands in the page that is open."""
    assert window.page.evaluate(STRANGERS) == [], path
    assert window.unexpected() == [], path
    return Text(squeezed(window.page.evaluate(_SAID)))


def let_it_look_again(window: Window) -> None:
    """Have the page ask for its live part now, and wait until it has it."""
    with window.page.expect_response(lambda answer: "x-fragment" in answer.request.headers) as answered:
        window.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    answered.value.finished()
    # One more turn of the page's own loop: the answer is in the page then.
    window.page.evaluate("new Promise((done) => setTimeout(done, 50))")
