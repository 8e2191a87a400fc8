"""Bringing the live part of a page up to date, in a real browser: what is the same stays the same element."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.browser import Window

_PREPARE = """
(before) => {
  const part = document.createElement("div");
  part.append(...new DOMParser().parseFromString(before, "text/html").body.childNodes);
  document.querySelector("main").replaceChildren(part);
  window.find = (selector) => part.querySelector(selector);
  window.kept = {};
  window.part = part;
}
"""
_MORPH = """
async (after) => {
  const { morph } = await import("/assets/morph.js");
  const fresh = document.createElement("div");
  fresh.append(...new DOMParser().parseFromString(after, "text/html").body.childNodes);
  morph(part, fresh);
  return part.innerHTML;
}
"""

#: Texts that lie side by side are one to a parser.
_AS_PARSED = "text => new DOMParser().parseFromString(text, 'text/html').body.innerHTML"

ROWS = "".join(f'<p id="r{number}"><a href="#">{number}</a> <b>{number}</b></p>' for number in range(5))


@pytest.fixture
def page(visitor: Window) -> Window:
    """Give a window that shows a page of the server."""
    visitor.go("/admin/sign-in")
    return visitor


def morph(page: Window, before: str, after: str, prepare: str = "", question: str = "null") -> tuple[str, Any]:
    """Morph one HTML into another.

    Args:
        page: the window.
        before: the HTML at first.
        after: the HTML that the server sends.
        prepare: what the person does between the two, as a script; `find` finds elements, `kept` keeps them.
        question: what is asked afterwards, as a script.

    Returns the HTML that there is then, and the answer.
    """
    page.page.evaluate(_PREPARE, before)
    page.page.evaluate(f"() => {{ {prepare} }}")
    html = page.page.evaluate(_MORPH, after)
    return html, page.page.evaluate(f"() => {question}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "<p>new</p>"),
        ("<p>old</p>", ""),
        ("<p>old</p>", "<p>new</p>"),
        ("<p>old</p>text", "text<p>old</p>"),
        ("<p>a</p><div>b</div>", "<div>b</div><p>a</p>"),
        ('<p class="a" title="t">x</p>', '<p class="b">x</p>'),
        ('<p id="a">1</p><p id="b">2</p>', '<p id="b">2</p><p id="a">1</p>'),
        ('<p id="a">1</p>', '<div id="a">1</div>'),
        ('<p id="a">1</p><p>x</p>', '<p>x</p><p id="c">3</p>'),
        ("<svg><path d='M0 0'></path></svg>", '<svg><path d="M1 1"></path><title>t</title></svg>'),
        ("<!--a--><p>x</p>", "<p>x</p><!--b-->"),
        ("<meter value='1' max='3'></meter>", '<meter value="2" max="3"></meter>'),
    ],
)
def test_the_part_becomes_what_the_server_says(page: Window, before: str, after: str) -> None:
    assert morph(page, before, after)[0] == after


def tree(chance: random.Random, ids: list[str], depth: int = 3) -> str:
    """Return any HTML whose elements may have ids of a stock, each at most once."""
    parts = []
    for _ in range(chance.randrange(4)):
        kind = chance.choice(("p-text", "div", "div", "span", "text"))
        if kind == "text":
            parts.append(f"words {chance.randrange(3)} ")
            continue
        named = f' id="{ids.pop()}"' if ids and chance.random() < 0.5 else ""
        inside = tree(chance, ids, depth - 1) if depth and kind != "p-text" else str(chance.randrange(3))
        name = "b" if kind == "p-text" else kind
        parts.append(f"<{name}{named}>{inside}</{name}>")
    return "".join(parts)


def test_any_part_becomes_any_other(page: Window) -> None:
    for seed in range(120):
        chance = random.Random(seed)
        stock = [f"n{number}" for number in range(12)]
        before, after = (tree(chance, chance.sample(stock, len(stock))) for _ in range(2))
        expected = page.page.evaluate(_AS_PARSED, after)
        assert morph(page, before, after)[0] == expected, f"seed {seed}"


@pytest.mark.parametrize(
    "after",
    [
        ROWS.replace("<b>2</b>", "<b>two</b>"),
        ROWS.replace('<p id="r0"><a href="#">0</a> <b>0</b></p>', ""),
        '<p id="r9">first</p>' + ROWS,
        "".join(reversed([f"{row}</p>" for row in ROWS.split("</p>") if row])),
    ],
    ids=["changed", "one gone", "one new", "other order"],
)
def test_who_is_in_a_row_stays_in_it(page: Window, after: str) -> None:
    """The focus stays where it is, whatever happens to the rows around."""
    html, answer = morph(
        page,
        ROWS,
        after,
        "kept.row = find('#r2'); find('#r2 a').focus()",
        "[kept.row === find('#r2'), document.activeElement === find('#r2 a')]",
    )
    assert (html, answer) == (after, [True, True])


def test_selected_text_stays_selected(page: Window) -> None:
    _, answer = morph(
        page,
        ROWS,
        ROWS.replace("<b>4</b>", "<b>5</b>"),
        "getSelection().selectAllChildren(find('#r1 b'))",
        "[getSelection().toString(), getSelection().anchorNode === find('#r1 b')]",
    )
    assert answer == ["1", True]


def test_what_a_person_opened_or_ticked_stays_so(page: Window) -> None:
    """The server knows nothing of that: neither an absent attribute nor its own takes it back."""
    part = '<details id="d"><summary>s</summary>{0}</details><input type="checkbox" id="c"><p>{0}</p>'
    _, answer = morph(
        page,
        part.format(1),
        part.format(2),
        "find('#d').open = true; find('#c').checked = true",
        "[find('#d').open, find('#c').checked, find('p').textContent]",
    )
    assert answer == [True, True, "2"]


def test_an_open_dialog_is_left_alone(page: Window) -> None:
    part = '<dialog id="d"><p>{0}</p></dialog><p>{0}</p>'
    question = "[find('#d p').textContent, find('#d').open]"
    _, answer = morph(page, part.format(1), part.format(2), "find('#d').showModal()", question)
    assert answer == ["1", True]


def test_a_scrolled_table_stays_where_it_was_scrolled_to(page: Window) -> None:
    wide = "".join(f"<td>a wide cell {number}</td>" for number in range(60))
    row = f"<table><tbody><tr>{wide}<td>{{0}}</td></tr></tbody></table>"
    part = f'<div class="table-wrap" id="box">{row}</div>'
    scrolled = "find('#box').scrollLeft"
    _, answer = morph(page, part.format("a"), part.format("b"), f"{scrolled} = 150", scrolled)
    assert answer == 150
