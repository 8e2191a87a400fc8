// Keeps the live part of a page current: asks for it every two seconds while somebody can see it.
import { morph } from "./morph.js";

const EVERY_MS = 2000;
// After this long without an answer the server is called lost.
const PATIENCE_MS = 8000;

let personWasActive = false;
let lostSince = null;

export function goLive() {
  const part = document.querySelector("[data-live]");
  if (!part || !part.firstElementChild) return;
  for (const sign of ["pointerdown", "keydown", "wheel", "pointermove"]) {
    addEventListener(sign, () => (personWasActive = true), { passive: true });
  }
  let timer = null;
  const next = () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") timer = setTimeout(look, EVERY_MS);
    else tell("resting", "Paused while hidden");
  };
  const look = async () => {
    await refresh(part);
    next();
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") look();
    else next();
  });
  tell("live", "Live");
  next();
}

async function refresh(part) {
  const headers = { "X-Fragment": "live" };
  if (personWasActive) headers["X-Person-Active"] = "1";
  personWasActive = false;
  try {
    const answer = await fetch(location.href, { headers, signal: AbortSignal.timeout(PATIENCE_MS), redirect: "error" });
    if (answer.status === 401) return signedOut();
    if (answer.status === 404) return gone();
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const fresh = document.createElement("div");
    fresh.append(...parsed(await answer.text()));
    morph(part, fresh);
    found();
  } catch {
    lost();
  }
}

function parsed(text) {
  return new DOMParser().parseFromString(text, "text/html").body.childNodes;
}

function tell(state, words) {
  const place = document.querySelector("[data-liveness]");
  if (!place) return;
  place.hidden = false;
  if (place.dataset.state !== state) {
    place.dataset.state = state;
    place.textContent = words;
  }
}

function say(text, link) {
  const place = document.querySelector("[data-lost]");
  place.textContent = text;
  if (link) {
    const way = document.createElement("a");
    [way.href, way.textContent] = link;
    place.append(" ", way);
  }
  place.hidden = false;
  document.body.classList.add("is-lost");
}

function lost() {
  lostSince ??= new Date();
  const since = lostSince.toLocaleTimeString();
  const text = `The server does not answer since ${since}. What you see is from then; this page tries again by itself.`;
  if (document.querySelector("[data-lost]").textContent !== text) say(text);
  tell("lost", "Not connected");
}

function found() {
  lostSince = null;
  document.querySelector("[data-lost]").hidden = true;
  document.querySelector("[data-lost]").textContent = "";
  document.body.classList.remove("is-lost");
  tell("live", "Live");
}

function signedOut() {
  const place = encodeURIComponent(location.pathname + location.search);
  say("You are signed out, so this page stands still.", [`/admin/sign-in?next=${place}`, "Sign in again"]);
  tell("lost", "Signed out");
}

function gone() {
  say("What this page shows is no longer there.");
  tell("lost", "Gone");
}
