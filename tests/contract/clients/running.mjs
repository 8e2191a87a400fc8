// Runs the checks of the official JavaScript client as a program: `node openai_<which>.mjs FOLDER_OF_THE_CLIENT URL KEY`.
//
// Every check runs, also after one that failed. The last line names the client's version.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, url, key] = process.argv.slice(2);
const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));

export const { default: OpenAI } = await import(pathToFileURL(join(folder, "index.mjs")));

// The models of the tests' agent, and what it finds too long.
export const MODEL = "nomic-embed-text";
export const CHAT_MODEL = "qwen2.5:7b";
export const TOO_LONG = "longer than the model reads";
// Milliseconds after which a hurried client gives up, and how often it comes back.
export const HURRIED = { timeout: 1000, maxRetries: 10 };

// A client of the pool, as its users make it.
export const pool = (options) => new OpenAI({ baseURL: `${url}/v1`, apiKey: key, ...options });

// The error that a call ends with.
export async function fails(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: "no error came" });
}

// That every wanted case ends with its class and code, in words.
export async function failsAs(cases, call) {
  for (const [kind, options, body, code] of cases) {
    const error = await fails(call(pool({ ...options, maxRetries: 0 }), body));
    assert.equal(error.constructor, kind, String(error));
    assert.equal(error.code, code);
    assert.ok(error.error.message.length > 30, error.error.message);
    assert.match(error.requestID, /^req_/);
  }
}

export async function run(checks) {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      console.log(`passed ${name}`);
    } catch (error) {
      console.log(`FAILED ${name}\n${error.stack}`);
      process.exitCode = 1;
    }
  }
  console.log(`openai ${version}`);
}
