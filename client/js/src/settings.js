// Settings of a client, validated once.
import { ConfigurationError } from "./errors.js";
import { VERSION } from "./generated/version.js";
import { hint, isBrowser, isLoopback, isPublishable, isSandbox } from "./keys.js";
import { retryPolicy } from "./retry.js";

const DEFAULT_URL = "https://api.xaigh.com";
const DEFAULT_TIMEOUT_MS = 30_000;
const OPTIONS = ["baseUrl", "apiKey", "timeoutMs", "retry", "fetch", "headers", "onReply"];

/**
 * Throws ConfigurationError.
 * @param {import("./index.js").ClientOptions} options
 */
export function settingsOf(options) {
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw new ConfigurationError(`no option is called ${unknown}`);
  const url = checkedUrl(options.baseUrl ?? DEFAULT_URL);
  const apiKey = checkedKey(options);
  const browser = isBrowser();
  refuseExposure(apiKey, url, browser);
  return Object.freeze({
    base: url.href.replace(/\/$/, ""),
    origin: url.origin,
    apiKey,
    timeoutMs: checkedTimeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    retry: retryPolicy(options.retry),
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    headers: { ...options.headers },
    onReply: options.onReply,
    // A page may not set it, and the attempt would cost a preflight.
    userAgent: browser ? "" : `xaigh-sdk-js/${VERSION}`,
  });
}

/** Milliseconds; Infinity for none. Throws ConfigurationError. */
export function checkedTimeout(/** @type {number} */ value) {
  if (!(value > 0)) throw new ConfigurationError("timeoutMs must be more than 0");
  return value;
}

/** @param {import("./index.js").ClientOptions} options */
function checkedKey(options) {
  if (!("apiKey" in options)) return "";
  const key = typeof options.apiKey === "string" ? options.apiKey.trim() : "";
  if (!key) {
    throw new ConfigurationError("apiKey is empty: is XAIGH_API_KEY set? Leave it out for none");
  }
  if (!/^[!-~]+$/.test(key)) {
    throw new ConfigurationError("the API key has characters that no key has");
  }
  return key;
}

function checkedUrl(/** @type {string | URL} */ given) {
  let url;
  try {
    url = new URL(given);
  } catch {
    throw new ConfigurationError(`can't read baseUrl ${JSON.stringify(String(given))}`);
  }
  const plain = !url.username && !url.password && !url.search && !url.hash;
  if (!plain || !["https:", "http:"].includes(url.protocol)) {
    throw new ConfigurationError("baseUrl must be https://host, with a port or path if need be");
  }
  return url;
}

/**
 * Refuses to expose a key: in a browser, or in clear text. Throws ConfigurationError.
 * @param {string} key
 * @param {URL} url
 * @param {boolean} browser
 */
function refuseExposure(key, url, browser) {
  if (!key) return;
  if (browser && !isPublishable(key)) {
    throw new ConfigurationError(
      `refused to use ${hint(key)} in a browser, where everybody can read it: ` +
        "keep secret keys on your servers; a page takes a publishable key (pk)",
    );
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname) && !isSandbox(key)) {
    throw new ConfigurationError(
      `refused to send ${hint(key)} to ${url.origin} in clear text: use https`,
    );
  }
}
