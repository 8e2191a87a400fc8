// A form that is at work: it can be stopped, says for how long it has been, and is sent once at a time.

const LOOK_MS = 100;

// Returns null while the form is at work already; else what ends it, and the signal that stops it.
export function working(form, words) {
  if (form.dataset.working) return null;
  form.dataset.working = "yes";
  const [stop, send] = [form.querySelector("[data-stop]"), form.querySelector("[type=submit]")];
  const [place, seconds] = [form.querySelector("[data-words]"), form.querySelector("[data-seconds]")];
  const controller = new AbortController();
  const began = performance.now();
  // Apart from the words: those are read out when they change, and the seconds are not.
  const tick = () => (seconds.textContent = `${((performance.now() - began) / 1000).toFixed(1)} s`);
  const say = (words) => (place.textContent === words ? null : (place.textContent = words));
  const abort = () => controller.abort();
  const timer = setInterval(tick, LOOK_MS);
  stop.hidden = false;
  // Not disabled: the keyboard's place in the page would be lost.
  send.setAttribute("aria-disabled", "true");
  stop.addEventListener("click", abort, { once: true });
  say(words);
  tick();
  return {
    signal: controller.signal,
    say,
    end() {
      clearInterval(timer);
      if (document.activeElement === stop) send.focus();
      stop.hidden = true;
      stop.removeEventListener("click", abort);
      send.removeAttribute("aria-disabled");
      place.textContent = seconds.textContent = "";
      delete form.dataset.working;
    },
  };
}

export function letKeysSend(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}

// A message in the page; its words are never read as HTML.
export function said(kind, words) {
  const notice = document.createElement("p");
  notice.className = `notice notice-${kind}`;
  const text = document.createElement("span");
  text.textContent = words;
  notice.append(text);
  return notice;
}
