// State of one call over all its attempts: headers, deadline, decision to retry.
import { ApiError, ConfigurationError } from "./errors.js";
import { timedOut } from "./failures.js";
import { expand, withQuery } from "./paths.js";
import { pauseAfter, takesKey } from "./retry.js";
import { checkedTimeout } from "./settings.js";

/** @typedef {import("./index.js").AnyOptions} AnyOptions */
/** @typedef {ReturnType<typeof import("./settings.js").settingsOf>} Settings */
/** @typedef {typeof import("./dependencies.js").dependencies} Dependencies */

const OPTIONS = ["path", "query", "headers", "idempotencyKey", "statusToken", "timeoutMs", "signal", "onReply"];
// The client sets these from options of their own.
const RESERVED = ["authorization", "idempotency-key", "x-status-token", "content-type", "accept"];

export class Call {
  /**
   * Throws ConfigurationError, and the signal's reason where it is aborted already.
   * @param {{ settings: Settings, dependencies: Dependencies, verb: string, route: string,
   *   options: AnyOptions, body?: string, accept?: string, timeoutMs?: number }} given
   */
  constructor({ settings, dependencies, verb, route, options, body, accept, timeoutMs }) {
    checkNames(options);
    options.signal?.throwIfAborted();
    const path = expand(route, options.path);
    const key = idempotencyKey(verb, path, options, dependencies);
    this.settings = settings;
    this.dependencies = dependencies;
    this.verb = verb;
    this.path = path;
    this.options = options;
    this.url = settings.base + withQuery(path, options.query);
    this.body = body;
    this.headers = headersOf(settings, options, { key, body, accept: accept ?? "application/json" });
    this.attempt = 1;
    this.safe = verb === "GET" || key !== "";
    this.limit = checkedTimeout(options.timeoutMs ?? timeoutMs ?? settings.timeoutMs);
    this.ends = dependencies.now() + this.limit;
  }

  /** Milliseconds until the deadline; Infinity where there is none. */
  get left() {
    return Math.max(0, this.ends - this.dependencies.now());
  }

  /** Waits before the next attempt; throws the error where there is none. */
  async pauseAfter(/** @type {unknown} */ error) {
    if (!(error instanceof ApiError)) throw error;
    error.attempts = this.attempt;
    const { dependencies, settings } = this;
    const pause = this.safe
      ? pauseAfter(settings.retry, error, this.attempt, dependencies.random)
      : undefined;
    if (pause === undefined || pause >= this.left) throw error;
    this.attempt += 1;
    await dependencies.sleep(pause, this.options.signal);
  }

  /**
   * Counts attempts from 1 again, and continues after the message that a stream received.
   * @param {string | undefined} cursor
   */
  resumeAfter(cursor) {
    this.attempt = 1;
    if (!cursor) return;
    const { includeExisting, ...query } = this.options.query ?? {};
    this.url = this.settings.base + withQuery(this.path, { ...query, cursor });
  }

  /** Makes the error for a call past its deadline. */
  timedOut() {
    return timedOut(this.settings.origin, this.limit);
  }
}

function checkNames(/** @type {AnyOptions} */ options) {
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw new ConfigurationError(`no option is called ${unknown}`);
}

/**
 * Returns the caller's key, a new one for a write that takes one, or an empty string.
 * @param {string} verb
 * @param {string} path
 * @param {AnyOptions} options
 * @param {Dependencies} dependencies
 */
function idempotencyKey(verb, path, options, dependencies) {
  const given = options.idempotencyKey;
  if (given === undefined) return takesKey(verb, path.split("?")[0]) ? dependencies.newKey() : "";
  if (typeof given !== "string" || !/^[!-~]{1,255}$/.test(given)) {
    throw new ConfigurationError("idempotencyKey must be 1 to 255 visible ASCII characters");
  }
  return given;
}

/**
 * @param {Settings} settings
 * @param {AnyOptions} options
 * @param {{ key: string, body: string | undefined, accept: string }} call
 */
function headersOf(settings, options, { key, body, accept }) {
  const headers = new Headers({ ...settings.headers, ...options.headers });
  const taken = RESERVED.find((name) => headers.has(name));
  if (taken) throw new ConfigurationError(`${taken} can't be set by headers`);
  headers.set("accept", accept);
  if (settings.apiKey) headers.set("authorization", `Bearer ${settings.apiKey}`);
  if (settings.userAgent && !headers.has("user-agent")) {
    headers.set("user-agent", settings.userAgent);
  }
  if (body !== undefined) headers.set("content-type", "application/json");
  if (key) headers.set("idempotency-key", key);
  if (options.statusToken) headers.set("x-status-token", options.statusToken);
  return headers;
}
