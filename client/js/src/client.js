// The client: methods for routes, lists, streams and uploads, on call.js and http.js.
import { Call } from "./call.js";
import { ConfigurationError } from "./errors.js";
import { unreachable } from "./failures.js";
import { AttemptController, fetchJson, open, translated } from "./http.js";
import { hint } from "./keys.js";
import { itemsOf, pages } from "./pages.js";
import { settingsOf } from "./settings.js";
import { messages, ndjsonBody } from "./streams.js";

/** @typedef {import("./index.js").AnyOptions} AnyOptions */

const NDJSON = "application/x-ndjson";
const VERBS = ["GET", "POST", "PATCH", "DELETE"];

export class Client {
  #settings;
  #dependencies;

  /**
   * @param {import("./index.js").ClientOptions} options
   * @param {typeof import("./dependencies.js").dependencies} dependencies
   */
  constructor(options, dependencies) {
    this.#settings = settingsOf(options);
    this.#dependencies = dependencies;
    Object.freeze(this);
  }

  /** @param {string} path @param {AnyOptions} [options] */
  get(path, options) {
    return this.request("GET", path, options);
  }

  /** @param {string} path @param {unknown} [body] @param {AnyOptions} [options] */
  post(path, body, options) {
    return this.request("POST", path, { ...options, body: body ?? {} });
  }

  /** @param {string} path @param {unknown} [body] @param {AnyOptions} [options] */
  patch(path, body, options) {
    return this.request("PATCH", path, { ...options, body: body ?? {} });
  }

  /** @param {string} path @param {AnyOptions} [options] */
  delete(path, options) {
    return this.request("DELETE", path, options);
  }

  /**
   * @param {string} verb
   * @param {string} route
   * @param {AnyOptions & { body?: unknown }} [given]
   * @returns {Promise<any>}
   */
  async request(verb, route, { body, ...options } = {}) {
    if (!VERBS.includes(verb)) throw new ConfigurationError(`no route takes ${verb}`);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const call = this.#call({ verb, route, options, body: text });
    for (;;) {
      try {
        return await fetchJson(call);
      } catch (error) {
        await call.pauseAfter(error);
      }
    }
  }

  /** @param {string} route @param {AnyOptions} [options] */
  pages(route, options = {}) {
    const { query = {} } = options;
    return pages(
      (pageToken) => this.get(route, { ...options, query: { ...query, pageToken } }),
      /** @type {string | undefined} */ (query.pageToken),
    );
  }

  /** @param {string} route @param {AnyOptions} [options] */
  async *list(route, options) {
    for await (const page of this.pages(route, options)) yield* itemsOf(page);
  }

  /** @param {string} route @param {AnyOptions} [options] */
  async *stream(route, options = {}) {
    const call = this.#call({ verb: "GET", route, options, accept: NDJSON, timeoutMs: Infinity });
    for (;;) {
      try {
        for await (const message of this.#messages(call)) {
          call.resumeAfter(message.cursor);
          yield message;
        }
        return;
      } catch (error) {
        await call.pauseAfter(error);
      }
    }
  }

  /**
   * @param {string} route
   * @param {AsyncIterable<unknown> | Iterable<unknown>} items
   * @param {AnyOptions} [options]
   */
  async *upload(route, items, options = {}) {
    const call = this.#call({ verb: "POST", route, options, accept: NDJSON, timeoutMs: Infinity });
    call.headers.set("content-type", NDJSON);
    const controller = new AttemptController(options.signal);
    /** @type {{ error: unknown } | undefined} */
    let source;
    const body = ndjsonBody(items, (error) => (source = { error }));
    try {
      controller.restartTimeout(call.left);
      const response = await open(call, controller, { body, duplex: "half" });
      yield* messages(response, this.#settings.origin);
    } catch (error) {
      throw source ? source.error : translated(call, controller, error, call.timedOut());
    } finally {
      controller.end();
    }
  }

  toString() {
    return `XaighClient(${this.#settings.base}, ${hint(this.#settings.apiKey)})`;
  }

  toJSON() {
    return this.toString();
  }

  [Symbol.for("nodejs.util.inspect.custom")]() {
    return this.toString();
  }

  /** @param {Omit<ConstructorParameters<typeof Call>[0], "settings" | "dependencies">} given */
  #call(given) {
    return new Call({ settings: this.#settings, dependencies: this.#dependencies, ...given });
  }

  /** One connection of a stream. @param {Call} call */
  async *#messages(call) {
    const { origin, timeoutMs } = this.#settings;
    const controller = new AttemptController(call.options.signal);
    const watch = {
      waiting: () => controller.restartTimeout(Math.min(this.#dependencies.idleMs, call.left)),
      heard: () => controller.restartTimeout(Infinity),
    };
    try {
      controller.restartTimeout(Math.min(timeoutMs, call.left));
      yield* messages(await open(call, controller), origin, watch);
    } catch (error) {
      const late = call.left === 0 ? call.timedOut() : unreachable(origin, new Error("silence"));
      throw translated(call, controller, error, late);
    } finally {
      controller.end();
    }
  }
}
