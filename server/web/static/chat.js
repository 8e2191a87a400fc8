// A conversation with a chat model, read along while it is written. It is kept in this page only.
import { events } from "./events.js";
import { letKeysSend, said, working } from "./working.js";

export function letChat(whatWentWrong) {
  const form = document.querySelector("[data-chat]");
  if (!form) return;
  const chat = { form, log: document.querySelector("[data-log]"), messages: [], whatWentWrong };
  const anew = document.querySelector("[data-anew]");
  letKeysSend(form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    anew.hidden = false;
    await ask(chat);
  });
  anew.addEventListener("click", () => {
    form.querySelector("[data-stop]").click();
    chat.messages = [];
    chat.log.replaceChildren();
    chat.log.hidden = anew.hidden = true;
    form.querySelector("textarea").focus();
  });
}

async function ask(chat) {
  const box = chat.form.querySelector("textarea");
  const work = box.value.trim() ? working(chat.form, "Asking") : null;
  if (!work) return;
  const model = chat.form.querySelector("select").value;
  const messages = [...chat.messages, { role: "user", content: box.value }];
  const mine = turn(chat, "user", "You");
  mine.text.textContent = box.value;
  box.value = "";
  const answer = turn(chat, "model", model);
  chat.log.setAttribute("aria-busy", "true");
  try {
    await read(chat, { model, messages }, answer, work);
    if (answer.text.textContent) chat.messages = [...messages, { role: "assistant", content: answer.text.textContent }];
  } catch {
    const words = work.signal.aborted ? "Stopped: the agent's work was canceled." : "The answer broke off. Try again.";
    answer.end(said(work.signal.aborted ? "neutral" : "bad", words));
  } finally {
    work.end();
    chat.log.removeAttribute("aria-busy");
  }
  if (answer.text.textContent) return;
  answer.text.remove();
  // What was not answered is not lost.
  if (!box.value) box.value = mine.text.textContent;
}

async function read(chat, asked, answer, work) {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": chat.form.elements.csrf_token.value };
  const options = { method: "POST", headers, body: JSON.stringify(asked), signal: work.signal };
  const response = await fetch(chat.form.dataset.chat, options);
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    return answer.end(said("bad", chat.whatWentWrong(response.status)));
  }
  let job = null;
  for await (const event of events(response.body)) {
    if (event.comment) work.say(standing(event.comment));
    if (event.data?.error) return answer.end(said("bad", event.data.error.message));
    const delta = event.data?.choices[0]?.delta;
    if (delta) work.say("Writing");
    if (delta?.reasoning_content) answer.think(delta.reasoning_content);
    if (delta?.content) answer.write(delta.content);
    job = event.data?.id ?? job;
    if (event.done) return tellWho(chat, answer, job);
  }
  answer.end(said("bad", "The answer broke off. Try again."));
}

function standing(comment) {
  const place = comment.match(/^queued position=(\d+)$/);
  return place ? `In the queue, place ${place[1]}` : "Waiting for the agent";
}

// Asks who answered, and how long it took.
async function tellWho(chat, answer, job) {
  const told = await fetch(chat.form.dataset.work + encodeURIComponent(job.replace("chatcmpl-", "")));
  if (!told.ok) return;
  const list = new DOMParser().parseFromString(await told.text(), "text/html").querySelector(".work");
  if (list) answer.end(list);
}

// Adds a turn to the conversation; whoever reads at its end stays there.
function turn(chat, kind, who) {
  const [place, name, text] = [document.createElement("div"), document.createElement("p"), document.createElement("div")];
  place.className = `turn turn-${kind}`;
  name.className = "turn-who";
  name.textContent = who;
  text.className = "turn-text";
  place.append(name, text);
  const log = chat.log;
  log.hidden = false;
  const follow = (change) => {
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    change();
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  };
  log.append(place);
  log.scrollTop = log.scrollHeight;
  return {
    text,
    write: (piece) => follow(() => text.append(piece)),
    think: (piece) => follow(() => thoughts(place, text).append(piece)),
    end: (element) => follow(() => place.append(element)),
  };
}

function thoughts(place, text) {
  const there = place.querySelector("details div");
  if (there) return there;
  const [all, head, body] = [document.createElement("details"), document.createElement("summary"), document.createElement("div")];
  all.className = "turn-thoughts";
  head.textContent = "What the model thought";
  all.append(head, body);
  place.insertBefore(all, text);
  return body;
}
