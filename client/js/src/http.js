// One try of a call: a request out, a reply or an ApiError back.
import { fromReply, unreachable, unreadable } from "./failures.js";

/** @typedef {import("./call.js").Call} Call */

/**
 * Ends a try: by the caller's signal, by the clock, or because nobody wants the rest.
 * `clock(ms)` begins a new count, Infinity stops it.
 */
export class Fuse {
  #controller = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #caller;
  #forward = () => this.#controller.abort();
  burnt = false;

  constructor(/** @type {AbortSignal | undefined} */ caller) {
    this.#caller = caller;
    if (caller?.aborted) this.#controller.abort();
    caller?.addEventListener("abort", this.#forward, { once: true });
  }

  get signal() {
    return this.#controller.signal;
  }

  clock(/** @type {number} */ ms) {
    clearTimeout(this.#timer);
    // setTimeout takes no more than 2^31 - 1.
    if (ms >= 2 ** 31) return;
    this.#timer = setTimeout(() => {
      this.burnt = true;
      this.#controller.abort();
    }, ms);
  }

  /** Stops the clock, and the request where it still runs. */
  end() {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener("abort", this.#forward);
    this.#controller.abort();
  }
}

/**
 * Sends the request and returns a reply with status 2xx, its body unread.
 * @param {Call} call
 * @param {Fuse} fuse
 * @param {object} [more] members for fetch
 * @returns {Promise<Response>}
 */
export async function open(call, fuse, more = {}) {
  const { settings, verb, url, headers, body } = call;
  const response = await settings.fetch(url, {
    method: verb,
    headers,
    body,
    signal: fuse.signal,
    // The key goes to the address that it was given for, and nowhere else.
    redirect: "manual",
    ...more,
  });
  tell(call, response);
  if (response.ok) return response;
  throw fromReply(response, await response.text(), call.dependencies.now());
}

/**
 * One try of a call whose reply is one JSON document.
 * @param {Call} call
 * @returns {Promise<unknown>}
 */
export async function fetchJson(call) {
  const fuse = new Fuse(call.options.signal);
  try {
    fuse.clock(call.left);
    const response = await open(call, fuse);
    const text = await response.text();
    return text === "" ? undefined : json(response, text);
  } catch (error) {
    throw translated(call, fuse, error, call.timedOut());
  } finally {
    fuse.end();
  }
}

/**
 * What a caller is to see of an error: an ApiError, or the reason of its own signal.
 * @param {Call} call
 * @param {Fuse} fuse
 * @param {any} error
 * @param {Error} late the error for a fuse that burnt down
 */
export function translated(call, fuse, error, late) {
  if (call.options.signal?.aborted) return call.options.signal.reason;
  if (fuse.burnt) return late;
  // fetch and the streams of a body throw TypeError where the connection breaks.
  return error instanceof TypeError ? unreachable(call.settings.origin, error) : error;
}

/**
 * @param {Response} response
 * @param {string} text
 */
function json(response, text) {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(response);
  }
}

/**
 * @param {Call} call
 * @param {Response} response
 */
function tell(call, response) {
  const info = {
    method: call.verb,
    path: call.path,
    status: response.status,
    requestId: response.headers.get("x-request-id") ?? "",
    replayed: response.headers.get("idempotent-replayed") === "true",
    attempts: call.attempt,
    headers: response.headers,
  };
  for (const hook of [call.settings.onReply, call.options.onReply]) {
    // What a hook throws is no failure of the call, which may have taken effect.
    if (hook) queueMicrotask(() => hook(info));
  }
}
