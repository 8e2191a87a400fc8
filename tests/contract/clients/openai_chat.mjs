// Chats, whole and as streams, as users of the official JavaScript client have them.

import assert from "node:assert/strict";
import { CHAT_MODEL as model, HURRIED, OpenAI, TOO_LONG, fails, failsAs, pool, run } from "./running.mjs";

const SAID = "Grüße 👩‍👩‍👧 aus 東京";
const says = (content, options) => ({ model, messages: [{ role: "user", content }], ...options });

const WEATHER = {
  name: "get_weather",
  description: "The weather in a city.",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const SCHEMA = {
  type: "object",
  properties: { city: { type: "string" }, people: { type: "integer" } },
  required: ["city", "people"],
  additionalProperties: false,
};

await run({
  async whole() {
    const answer = await pool().chat.completions.create(says(SAID));
    assert.equal(answer.object, "chat.completion");
    assert.equal(answer.model, model);
    assert.equal(answer.choices.length, 1);
    const { message, finish_reason } = answer.choices[0];
    assert.deepEqual([message.role, message.content, finish_reason], ["assistant", `You said ${SAID}`, "stop"]);
    assert.equal(message.tool_calls, undefined);
    assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
    assert.equal(answer.usage.prompt_tokens, 11);
    assert.match(answer._request_id, /^req_/);
  },

  async cut_short() {
    const answer = await pool().chat.completions.create(says("hi", { max_completion_tokens: 1 }));
    assert.equal(answer.choices[0].finish_reason, "length");
  },

  async streamed() {
    const stream = await pool().chat.completions.create(says(SAID, { stream: true }));
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    assert.equal(new Set(chunks.map((chunk) => `${chunk.id} ${chunk.created} ${chunk.model}`)).size, 1);
    assert.ok(chunks.every((chunk) => chunk.choices.length === 1), "many programs read choices[0] of every chunk");
    assert.equal(chunks[0].choices[0].delta.role, "assistant");
    assert.equal(chunks.map((chunk) => chunk.choices[0].delta.content ?? "").join(""), `You said ${SAID}`);
    assert.ok(chunks.length > 10, "piece by piece");
    const reasons = chunks.map((chunk) => chunk.choices[0].finish_reason);
    assert.deepEqual(reasons.filter((reason) => reason !== null), ["stop"]);
    assert.equal(reasons.at(-1), "stop");
  },

  async usage_of_a_stream() {
    const wanted = says(SAID, { stream: true, stream_options: { include_usage: true } });
    const chunks = [];
    for await (const chunk of await pool().chat.completions.create(wanted)) chunks.push(chunk);
    const last = chunks.pop();
    assert.deepEqual([last.choices.length, last.usage.prompt_tokens], [0, 11]);
    assert.ok(chunks.every((chunk) => chunk.usage === null));
  },

  async its_own_stream_reader() {
    const reader = pool().chat.completions.stream(says(SAID));
    const told = [];
    reader.on("content", (delta) => told.push(delta));
    const final = await reader.finalChatCompletion();
    assert.equal(final.choices[0].message.content, `You said ${SAID}`);
    assert.equal(told.join(""), `You said ${SAID}`);
  },

  async tools_called_by_hand() {
    const tools = [{ type: "function", function: WEATHER }];
    const asked = says("How is the weather?", { tools });
    const { message, finish_reason } = (await pool().chat.completions.create(asked)).choices[0];
    assert.deepEqual([message.content, finish_reason, message.tool_calls.length], [null, "tool_calls", 1]);
    const [call] = message.tool_calls;
    assert.deepEqual([call.type, call.function.name], ["function", "get_weather"]);
    assert.deepEqual(JSON.parse(call.function.arguments), { city: "Köln" });
    const messages = [...asked.messages, message, { role: "tool", tool_call_id: call.id, content: "18 °C" }];
    const after = await pool().chat.completions.create({ model, messages, tools });
    assert.equal(after.choices[0].message.content, "The tool get_weather said 18 °C");
  },

  async tools_called_by_its_runner() {
    const weather = { ...WEATHER, parse: JSON.parse, function: ({ city }) => `18 °C in ${city}` };
    for (const stream of [false, true]) {
      const wanted = says("How is the weather?", { tools: [{ type: "function", function: weather }], stream });
      const answer = await pool().chat.completions.runTools(wanted).finalContent();
      assert.equal(answer, "The tool get_weather said 18 °C in Köln");
    }
  },

  async parsed_schema() {
    const response_format = { type: "json_schema", json_schema: { name: "city", strict: true, schema: SCHEMA } };
    const { choices } = await pool().chat.completions.parse(says("Köln?", { response_format }));
    assert.deepEqual(choices[0].message.parsed, { city: "Köln", people: 1087000 });
  },

  async errors() {
    const cases = [
      [OpenAI.AuthenticationError, { apiKey: "sk-wrong" }, says("a"), "invalid_api_key"],
      [OpenAI.NotFoundError, {}, says("a", { model: "nobody-has-this" }), "model_not_found"],
      [OpenAI.BadRequestError, {}, says(TOO_LONG), "context_length_exceeded"],
      [OpenAI.BadRequestError, {}, says("a", { n: 2 }), "unsupported_parameter"],
    ];
    await failsAs(cases, (client, body) => client.chat.completions.create(body));
  },

  async a_stream_that_breaks_off() {
    const stream = await pool({ maxRetries: 0 }).chat.completions.create(says("break off", { stream: true }));
    const told = [];
    const read = async () => {
      for await (const chunk of stream) told.push(chunk.choices[0].delta.content);
    };
    const error = await fails(read());
    assert.equal(told.join(""), "It begins");
    assert.ok(error instanceof OpenAI.APIError, String(error));
    assert.equal(error.code, "worker_lost");
  },

  // The agent writes on until it hears that nobody reads; only then it can answer the next chat.
  async a_client_that_leaves() {
    const stream = await pool().chat.completions.create(says("never end", { stream: true }));
    for await (const chunk of stream) if (chunk.choices[0].delta.content) break;
    assert.ok(stream.controller.signal.aborted);
    const next = await pool({ timeout: 30_000, maxRetries: 0 }).chat.completions.create(says("still there?"));
    assert.equal(next.choices[0].message.content, "You said still there?");
  },

  async patience() {
    const answer = await pool().chat.completions.create(says("this one takes its time"), HURRIED);
    assert.equal(answer.choices[0].message.content, "You said this one takes its time");
  },
});
