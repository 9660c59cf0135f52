// Verifier of received webhooks: signature and age, by Standard Webhooks 1.0.
//
// The signed text is `{webhook-id}.{webhook-timestamp}.{body}`, the signature `v1,` and the base64
// of its HMAC-SHA-256 under the endpoint's secret. It covers the raw bytes: a body
// that was parsed and serialized again has another signature.
import { crypto } from "#crypto";
import { WebhookError } from "./errors.js";

const PREFIX = "whsec_";
const VERSION = "v1,";
const TOLERANCE_SECONDS = 300;
const PURPOSES = ["ticket", "sandbox", "production"];
const HMAC = { name: "HMAC", hash: "SHA-256" };
const encoder = new TextEncoder();

/**
 * Verifies a webhook and returns its event. Throws WebhookError.
 * @param {string | Uint8Array | ArrayBuffer} body
 * @param {import("./index.js").WebhookHeaders} headers
 * @param {string | readonly string[]} secret
 * @param {import("./index.js").WebhookOptions} [options]
 * @returns {Promise<import("./index.js").WebhookEvent>}
 */
export async function verifyWebhook(body, headers, secret, options = {}) {
  const { tolerance = TOLERANCE_SECONDS, now = Date.now() / 1000 } = options;
  const raw = bytesOf(body);
  const id = header(headers, "webhook-id");
  const sent = header(headers, "webhook-timestamp");
  const signatures = signaturesOf(header(headers, "webhook-signature"));
  checkTime(sent, tolerance, now);
  const signed = joined(encoder.encode(`${id}.${sent}.`), raw);
  const keys = await Promise.all([secret].flat().map(keyOf));
  // Compares every pair in constant time: an early end would tell which secret matched.
  const verdicts = await Promise.all(
    keys.flatMap((key) => signatures.map((each) => crypto.subtle.verify("HMAC", key, each, signed))),
  );
  if (!verdicts.includes(true)) throw new WebhookError("no signature of this webhook is right");
  return eventOf(raw, id);
}

/**
 * Derives the secret that signs a ticket's callbacks from the ticket's status token.
 * @param {string} statusToken
 * @param {"ticket" | "sandbox" | "production"} purpose
 */
export async function callbackSecret(statusToken, purpose) {
  if (!PURPOSES.includes(purpose)) {
    throw new TypeError("purpose takes ticket, sandbox or production");
  }
  const callback = await sign(encoder.encode(statusToken), "xaigh.callback-secret.v1");
  return PREFIX + btoa(String.fromCharCode(...(await sign(callback, purpose))));
}

/** @returns {Uint8Array} */
function bytesOf(/** @type {any} */ body) {
  if (typeof body === "string") return encoder.encode(body);
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  throw new WebhookError("give the raw body, as text or bytes, before anything parses it");
}

/**
 * @param {any} headers
 * @param {string} name in lower case
 * @returns {string}
 */
function header(headers, name) {
  const value =
    typeof headers.get === "function"
      ? headers.get(name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  if (typeof value !== "string" || !value) throw new WebhookError(`the header ${name} is missing`);
  return value;
}

function signaturesOf(/** @type {string} */ text) {
  return text
    .split(" ")
    .filter((each) => each.startsWith(VERSION))
    .map((each) => fromBase64(each.slice(VERSION.length)))
    .filter((each) => each !== undefined);
}

/**
 * @param {string} sent
 * @param {number} tolerance
 * @param {number} now
 */
function checkTime(sent, tolerance, now) {
  if (!/^\d{1,15}$/.test(sent)) {
    throw new WebhookError("the header webhook-timestamp isn't a number of seconds");
  }
  // The negation refuses a tolerance or a time that is NaN.
  if (!(Math.abs(now - Number(sent)) <= tolerance)) {
    throw new WebhookError("the webhook is too old, or this machine's clock is off");
  }
}

async function keyOf(/** @type {string} */ secret) {
  const text = String(secret ?? "").trim();
  const raw = fromBase64(text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text);
  if (!raw || raw.length === 0) {
    throw new WebhookError("the secret isn't one: it begins with whsec_ and is base64");
  }
  return hmacKey(raw, "verify");
}

/**
 * @param {Uint8Array} raw
 * @param {"sign" | "verify"} use
 */
function hmacKey(raw, use) {
  return crypto.subtle.importKey("raw", raw, HMAC, false, [use]);
}

/**
 * @param {Uint8Array} key
 * @param {string} text
 */
async function sign(key, text) {
  const made = await crypto.subtle.sign("HMAC", await hmacKey(key, "sign"), encoder.encode(text));
  return new Uint8Array(made);
}

function fromBase64(/** @type {string} */ text) {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/**
 * @param {Uint8Array} head
 * @param {Uint8Array} tail
 */
function joined(head, tail) {
  const all = new Uint8Array(head.length + tail.length);
  all.set(head);
  all.set(tail, head.length);
  return all;
}

/**
 * @param {Uint8Array} raw
 * @param {string} id
 */
function eventOf(raw, id) {
  const event = parsed(raw);
  const time = new Date(event?.timestamp);
  if (typeof event?.type !== "string" || Number.isNaN(time.getTime())) {
    throw new WebhookError("the signature is right, but the body is no event");
  }
  if (event.id !== id) {
    throw new WebhookError("the event's id isn't that of the header webhook-id");
  }
  const { type, environment = "", organizationId = "", data = {} } = event;
  return { id, type, timestamp: time, environment, organizationId, data };
}

/** @returns {any} */
function parsed(/** @type {Uint8Array} */ raw) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(raw));
  } catch {
    return undefined;
  }
}
