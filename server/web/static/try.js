// Trying the pool: two texts are compared in place, a chat is read along, and both can be stopped.
import { letChat } from "./chat.js";
import { morph } from "./morph.js";
import { letKeysSend, said, working } from "./working.js";

function letCompare() {
  const form = document.querySelector("[data-compare]");
  if (!form) return;
  letKeysSend(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    compare(form);
  });
}

async function compare(form) {
  const result = document.getElementById("compare-result");
  const work = working(form, "Computing");
  if (!work) return;
  result.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), signal: work.signal });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("compare");
    if (fresh) morph(document.getElementById("compare"), fresh);
    else result.replaceChildren(said("bad", whatWentWrong(answer.status)));
  } catch {
    const words = work.signal.aborted ? "Stopped. The task was canceled." : "The server does not answer. Try again.";
    result.replaceChildren(said(work.signal.aborted ? "neutral" : "bad", words));
  } finally {
    work.end();
    result.removeAttribute("aria-busy");
  }
}

function whatWentWrong(status) {
  if (status === 401) return "You are signed out. Load this page again to sign in.";
  if (status === 403) return "This page is out of date. Load it again, and try once more.";
  return `The server could not do that (status ${status}). Load this page again, and try once more.`;
}

letCompare();
letChat(whatWentWrong);
