// One attempt of a call: sends a request, returns a reply or throws an ApiError.
import { fromReply, unreachable, unreadable } from "./failures.js";

/** @typedef {import("./call.js").Call} Call */

/**
 * Aborts an attempt: by the caller's signal, by a timeout, or when the caller reads no further.
 * `restartTimeout(ms)` replaces the timeout; Infinity removes it.
 */
export class AttemptController {
  #controller = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #caller;
  #forward = () => this.#controller.abort();
  expired = false;

  constructor(/** @type {AbortSignal | undefined} */ caller) {
    this.#caller = caller;
    if (caller?.aborted) this.#controller.abort();
    caller?.addEventListener("abort", this.#forward, { once: true });
  }

  get signal() {
    return this.#controller.signal;
  }

  restartTimeout(/** @type {number} */ ms) {
    clearTimeout(this.#timer);
    // setTimeout takes no more than 2^31 - 1.
    if (ms >= 2 ** 31) return;
    this.#timer = setTimeout(() => {
      this.expired = true;
      this.#controller.abort();
    }, ms);
  }

  /** Clears the timeout, and aborts the request where it still runs. */
  end() {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener("abort", this.#forward);
    this.#controller.abort();
  }
}

/**
 * Sends the request and returns a reply with status 2xx, its body unread.
 * @param {Call} call
 * @param {AttemptController} controller
 * @param {object} [more] members for fetch
 * @returns {Promise<Response>}
 */
export async function open(call, controller, more = {}) {
  const { settings, verb, url, headers, body } = call;
  const response = await settings.fetch(url, {
    method: verb,
    headers,
    body,
    signal: controller.signal,
    // A redirect would send the key to another address.
    redirect: "manual",
    ...more,
  });
  tell(call, response);
  if (response.ok) return response;
  throw fromReply(response, await response.text(), call.dependencies.now());
}

/**
 * Makes one attempt of a call whose reply is one JSON document.
 * @param {Call} call
 * @returns {Promise<unknown>}
 */
export async function fetchJson(call) {
  const controller = new AttemptController(call.options.signal);
  try {
    controller.restartTimeout(call.left);
    const response = await open(call, controller);
    const text = await response.text();
    return text === "" ? undefined : json(response, text);
  } catch (error) {
    throw translated(call, controller, error, call.timedOut());
  } finally {
    controller.end();
  }
}

/**
 * Converts an error for the caller: an ApiError, or the reason of the caller's own signal.
 * @param {Call} call
 * @param {AttemptController} controller
 * @param {any} error
 * @param {Error} late the error for a controller that expired down
 */
export function translated(call, controller, error, late) {
  if (call.options.signal?.aborted) return call.options.signal.reason;
  if (controller.expired) return late;
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
    // An exception of the hook isn't a failure of the call, which may have taken effect.
    if (hook) queueMicrotask(() => hook(info));
  }
}
