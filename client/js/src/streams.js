// NDJSON reader and writer: one JSON document a line.
import { fromStream, unreachable } from "./failures.js";

/** @typedef {{ waiting: () => void, heard: () => void }} Watch hears of every wait and its end */

const UNWATCHED = { waiting() {}, heard() {} };

/**
 * Iterates over the messages of a reply. Throws an ApiError for a line `{"error": …}`.
 * @param {Response} response
 * @param {string} origin
 * @param {Watch} [watch]
 * @returns {AsyncGenerator<any, void, void>}
 */
export async function* messages(response, origin, watch = UNWATCHED) {
  for await (const line of lines(response, watch)) {
    let message;
    try {
      message = JSON.parse(line);
    } catch (error) {
      throw unreachable(origin, error);
    }
    if (message?.error) throw fromStream(message.error);
    yield message;
  }
}

/**
 * Makes a request body from an iterable, which it reads as fast as the body is sent.
 * `failed(error)` hears what the iterable throws, since fetch wraps it.
 * @param {AsyncIterable<unknown> | Iterable<unknown>} items
 * @param {(error: unknown) => void} failed
 */
export function ndjsonBody(items, failed) {
  const iterator = iteratorOf(items);
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      } catch (error) {
        failed(error);
        throw error;
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

/** @returns {AsyncIterator<unknown> | Iterator<unknown>} */
function iteratorOf(/** @type {any} */ items) {
  return items[Symbol.asyncIterator]?.() ?? items[Symbol.iterator]();
}

/**
 * @param {Response} response
 * @param {Watch} watch
 */
async function* lines(response, watch) {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  for await (const chunk of chunks(response, watch)) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = /** @type {string} */ (pieces.pop());
    yield* pieces.filter(isText);
  }
  rest += decoder.decode();
  if (isText(rest)) yield rest;
}

/**
 * Not every browser can iterate a body.
 * @param {Response} response
 * @param {Watch} watch
 */
async function* chunks(response, watch) {
  if (!response.body) return;
  const reader = response.body.getReader();
  try {
    for (;;) {
      watch.waiting();
      const { done, value } = await reader.read();
      watch.heard();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function isText(/** @type {string} */ line) {
  return line.trim() !== "";
}
