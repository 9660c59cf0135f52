// Retry policy: which failures are retried, and after which delay.
import {
  ConfigurationError,
  ConflictError,
  DeadlineExceededError,
  InternalError,
  RateLimitedError,
  UnavailableError,
} from "./errors.js";
import { KEYED } from "./generated/keyed.js";

/** @typedef {import("./errors.js").ApiError} ApiError */
/** @typedef {Required<import("./index.js").RetryPolicy>} Policy */

const KEYED_ROUTES = KEYED.map((route) => new RegExp(`^${route.replace(/\{\w+\}/g, "[^/:]+")}$`));

/** @type {Policy} */
const DEFAULTS = { maxAttempts: 5, firstDelayMs: 100, maxDelayMs: 5000 };

/**
 * A complete policy. Throws ConfigurationError.
 * @param {import("./index.js").RetryPolicy | false | undefined} given
 */
export function retryPolicy(given) {
  const policy = { ...DEFAULTS, ...(given === false ? { maxAttempts: 1 } : given) };
  if (!(policy.maxAttempts >= 1 && policy.firstDelayMs >= 0 && policy.maxDelayMs >= 0)) {
    throw new ConfigurationError("retry needs at least 1 attempt and delays of 0 or more");
  }
  return policy;
}

/**
 * True for a write that takes an idempotency key.
 * @param {string} verb
 * @param {string} path without its query
 */
export function takesKey(verb, path) {
  return KEYED_ROUTES.some((route) => route.test(`${verb} ${path}`));
}

/**
 * Returns the milliseconds after attempt number `attempt` (from 1); undefined: don't retry.
 * @param {Policy} policy
 * @param {ApiError} error
 * @param {number} attempt
 * @param {() => number} random a number from 0 to 1
 */
export function pauseAfter(policy, error, attempt, random) {
  if (attempt >= policy.maxAttempts || !mayPass(error)) return undefined;
  const ceiling = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
  // Jitter over the upper half: clients that failed together retry at different times.
  const pause = ceiling * (0.5 + random() / 2);
  return Math.max(pause, (error.retryAfter ?? 0) * 1000);
}

/** True for a failure that a retry may not meet. */
function mayPass(/** @type {ApiError} */ error) {
  if (error instanceof UnavailableError) return true;
  // Without a RetryInfo of the server it is a lasting limit, or a real conflict.
  if (error instanceof ConflictError) return error.retryAfter !== undefined;
  if (error instanceof RateLimitedError) return error.retryAfter !== undefined || !error.reason;
  // Without a reason a proxy before the server sent them.
  if (error instanceof InternalError || error instanceof DeadlineExceededError) {
    return error.status >= 500 && !error.reason;
  }
  return false;
}
