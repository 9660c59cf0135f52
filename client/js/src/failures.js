// Converter from error replies, lost connections and errors within streams to ApiError.
import { apiError } from "./errors.js";

/** @typedef {import("./index.js").ErrorCode} ErrorCode */

/** @type {Record<ErrorCode, number>} */
const STATUS = {
  invalid_argument: 400,
  failed_precondition: 400,
  out_of_range: 400,
  unauthenticated: 401,
  permission_denied: 403,
  insufficient_scope: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  request_timeout: 408,
  conflict: 409,
  length_required: 411,
  payload_too_large: 413,
  unsupported_media_type: 415,
  idempotency_key_reused: 422,
  rate_limited: 429,
  header_too_large: 431,
  cancelled: 499,
  internal: 500,
  unimplemented: 501,
  unavailable: 503,
  deadline_exceeded: 504,
};

/** Codes for replies without one, which a proxy before the server sends. */
const BY_STATUS = /** @type {Record<number, ErrorCode>} */ ({
  ...Object.fromEntries(Object.entries(STATUS).map(([code, status]) => [status, code])),
  400: "invalid_argument",
  403: "permission_denied",
  502: "unavailable",
});

/**
 * Makes the error for a reply whose status isn't 2xx.
 * @param {Response} response
 * @param {string} text its body
 * @param {number} now milliseconds since the epoch
 */
export function fromReply(response, text, now) {
  const body = parsed(text)?.error;
  const failure = body?.code ? told(body) : untold(response.status);
  return apiError({
    ...failure,
    status: response.status,
    requestId: failure.requestId || (response.headers.get("x-request-id") ?? ""),
    retryAfter: seconds(response.headers.get("retry-after"), now) ?? failure.retryAfter,
  });
}

/**
 * Makes the error that ended a stream.
 * @param {any} body the member `error` of its last message
 */
export function fromStream(body) {
  const failure = told(body);
  return apiError({ ...failure, status: STATUS[failure.code] ?? 500 });
}

/** What Node says where a TLS handshake failed on the certificate. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)/;

/**
 * Makes the error for a connection that failed.
 * @param {string} origin
 * @param {any} cause
 */
export function unreachable(origin, cause) {
  const why = cause?.cause?.code || cause?.cause?.message || cause?.message || "the connection broke";
  const cure = UNTRUSTED.test(why)
    ? ". Its certificate isn't trusted: name those that you trust, by NODE_EXTRA_CA_CERTS=FILE"
    : "";
  return apiError({ code: "unavailable", message: `no reply from ${origin}: ${why}${cure}`, cause });
}

/**
 * Makes the error for a call past its deadline.
 * @param {string} origin
 * @param {number} limit milliseconds
 */
export function timedOut(origin, limit) {
  return apiError({
    code: "deadline_exceeded",
    message: `no reply from ${origin} within ${limit} ms`,
  });
}

/** Makes the error for a 2xx reply that isn't JSON. */
export function unreadable(/** @type {Response} */ response) {
  return apiError({
    code: "internal",
    status: response.status,
    requestId: response.headers.get("x-request-id") ?? "",
    message: "the reply isn't JSON: is baseUrl the API's address?",
  });
}

/** @returns {import("./index.js").Failure} */
function told(/** @type {any} */ body) {
  const details = Array.isArray(body.details) ? body.details : [];
  const retry = details.find((/** @type {any} */ each) => /RetryInfo$/.test(each?.["@type"]));
  return {
    code: body.code,
    reason: body.reason,
    rpcStatus: body.status,
    message: body.message || body.code,
    requestId: body.requestId,
    details: details.filter((/** @type {any} */ each) => typeof each?.["@type"] === "string"),
    retryAfter: retry?.retryDelay === undefined ? undefined : Number.parseFloat(retry.retryDelay),
  };
}

/** @returns {import("./index.js").Failure} */
function untold(/** @type {number} */ status) {
  const redirect = status === 0 || (status >= 300 && status < 400);
  const message = redirect
    ? "the reply is a redirect, which is never followed: is baseUrl the API's address?"
    : `the reply has status ${status} and no error of the API's`;
  return { code: BY_STATUS[status] ?? "internal", message };
}

/** @returns {any} */
function parsed(/** @type {string} */ text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * `Retry-After` in either of its forms, as seconds from now.
 * @param {string | null} value
 * @param {number} now
 */
function seconds(value, now) {
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : Math.max(0, (time - now) / 1000);
}
