// Reading server-sent events from a request that was made with POST, which the browser's own reader cannot.

// Gives each event as soon as it is whole: {comment}, {data} (its JSON) or {done}.
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) yield read(part);
  }
}

function read(part) {
  if (part.startsWith(":")) return { comment: part.slice(1).trim() };
  const data = part.replace(/^data: /, "");
  return data === "[DONE]" ? { done: true } : { data: JSON.parse(data) };
}
