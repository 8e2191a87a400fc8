// Embeddings and models, as users of the official JavaScript client ask for them.

import assert from "node:assert/strict";
import { HURRIED, MODEL as model, OpenAI, TOO_LONG, failsAs, pool, run } from "./running.mjs";

await run({
  async one_text() {
    const answer = await pool().embeddings.create({ model, input: "hello world" });
    assert.equal(answer.model, model);
    assert.deepEqual(answer.usage, { prompt_tokens: 3, total_tokens: 3 });
    const vector = answer.data[0].embedding;
    assert.equal(vector.length, 8, "base64 was decoded; numbers taken for base64 would give a quarter of them");
    assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-3);
  },

  async many_texts_in_every_format() {
    const input = ["one", "two", "three"];
    const asked = await pool().embeddings.create({ model, input });
    const floats = await pool().embeddings.create({ model, input, encoding_format: "float" });
    const packed = await pool().embeddings.create({ model, input, encoding_format: "base64" });
    assert.deepEqual(asked.data.map((one) => one.index), [0, 1, 2]);
    for (const [index, one] of asked.data.entries()) {
      assert.deepEqual(one.embedding, floats.data[index].embedding.map(Math.fround));
      const raw = Buffer.from(packed.data[index].embedding, "base64");
      assert.deepEqual(one.embedding, Array.from({ length: 8 }, (_, place) => raw.readFloatLE(place * 4)));
    }
    assert.notDeepEqual(asked.data[0].embedding, asked.data[1].embedding);
  },

  async tokens_and_dimensions() {
    const tokens = await pool().embeddings.create({ model, input: [15339, 1917], dimensions: 3 });
    const text = await pool().embeddings.create({ model, input: "hello world", dimensions: 3 });
    assert.equal(tokens.data.length, 1);
    assert.equal(text.data[0].embedding.length, 3);
    assert.deepEqual(tokens.data[0].embedding, text.data[0].embedding);
  },

  async request_id_and_headers() {
    const { data, response, request_id } = await pool().embeddings.create({ model, input: "id" }).withResponse();
    assert.match(request_id, /^req_/);
    assert.equal(data._request_id, request_id);
    assert.ok(response.headers.get("x-embedpool-model-digest").startsWith(model));
  },

  async models() {
    const names = [];
    for await (const one of pool().models.list()) names.push(one.id);
    assert.ok(names.includes(model), names.join());
    assert.equal((await pool().models.retrieve("org/other:q8")).id, "org/other:q8");
  },

  async errors() {
    const cases = [
      [OpenAI.AuthenticationError, { apiKey: "sk-wrong" }, { input: "a" }, "invalid_api_key"],
      [OpenAI.NotFoundError, {}, { input: "a", model: "nobody-has-this" }, "model_not_found"],
      [OpenAI.BadRequestError, {}, { input: ["a", ""] }, "empty_input"],
      [OpenAI.BadRequestError, {}, { input: TOO_LONG }, "context_length_exceeded"],
    ];
    await failsAs(cases, (client, body) => client.embeddings.create({ model, ...body }));
  },

  async several_calls_at_once() {
    const ask = (count) => pool().embeddings.create({ model, input: Array(count).fill(`call ${count}`) });
    const answers = await Promise.all([1, 2, 3, 4].map(ask));
    assert.deepEqual(answers.map((answer) => answer.data.length), [1, 2, 3, 4]);
  },

  // The server hears of a timeout only where it was set for the call; with the client's it sees a hang-up.
  async patience_of_a_call() {
    const answer = await pool().embeddings.create({ model, input: "this one takes its time, said the call" }, HURRIED);
    assert.equal(answer.data[0].embedding.length, 8);
  },

  async patience_of_the_client() {
    const wanted = { model, input: "this one takes its time, said the client" };
    assert.equal((await pool(HURRIED).embeddings.create(wanted)).data[0].embedding.length, 8);
  },
});
