// Exceptions of this package: one class for each error code of the API.
//
// XaighError
//   ConfigurationError          the client or the call was set up in a way that can't work
//   WebhookError                a webhook doesn't verify
//   ApiError                    the call was refused, or failed; one subclass a code, below

/** Base of every exception that this package throws. */
export class XaighError extends Error {}

/** The client or the call was set up in a way that can't work. Nothing was sent. */
export class ConfigurationError extends XaighError {}

/** A webhook doesn't verify. Answer 400 and do nothing else. */
export class WebhookError extends XaighError {}

/** A call was refused, or failed. Test for a subclass, or look at `code` or `reason`. */
export class ApiError extends XaighError {
  /** @param {import("./index.js").Failure} failure */
  constructor(failure) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.code = failure.code;
    this.reason = failure.reason ?? "";
    this.status = failure.status ?? 0;
    this.rpcStatus = failure.rpcStatus ?? "";
    this.requestId = failure.requestId ?? "";
    this.details = failure.details ?? [];
    this.retryAfter = failure.retryAfter;
    this.attempts = failure.attempts ?? 1;
  }

  get metadata() {
    return this.#detail("google.rpc.ErrorInfo")?.metadata ?? {};
  }

  get violations() {
    const fields = this.#detail("google.rpc.BadRequest")?.fieldViolations ?? [];
    const unmet = this.#detail("google.rpc.PreconditionFailure")?.violations ?? [];
    return [
      ...fields.map((/** @type {any} */ { field, description }) => violation(field, description)),
      ...unmet.map((/** @type {any} */ { subject, type, description }) =>
        violation(subject || type, description),
      ),
    ];
  }

  /** @returns {any} */
  #detail(/** @type {string} */ type) {
    return this.details.find((detail) => detail["@type"].endsWith(`/${type}`));
  }
}

/** No credential, or one that isn't valid: unknown, expired, revoked. */
export class UnauthenticatedError extends ApiError {}

/** The key is good but doesn't carry the scope that the route needs. */
export class InsufficientScopeError extends ApiError {}

/** The caller may not do this, whatever its scopes. */
export class PermissionDeniedError extends ApiError {}

/** The request is wrong, whatever the state of things: `violations` lists the fields. */
export class InvalidArgumentError extends ApiError {}

/** The object's state doesn't allow it. */
export class FailedPreconditionError extends ApiError {}

/** A value lies past its bounds. */
export class OutOfRangeError extends ApiError {}

/** No such object, or not one of yours: the two aren't told apart. */
export class NotFoundError extends ApiError {}

/** The object changed, or exists already: read it again and decide anew. */
export class ConflictError extends ApiError {}

/** The idempotency key was used before, with another request. */
export class IdempotencyKeyReusedError extends ApiError {}

/** Too many calls, or too much at once: `retryAfter` says for how long. */
export class RateLimitedError extends ApiError {}

/** The server cancelled the call. A call that you abort rejects with the signal's own reason. */
export class CancelledError extends ApiError {}

/** Something broke on the server's side, or its reply wasn't JSON. */
export class InternalError extends ApiError {}

/** The server doesn't serve this. */
export class UnimplementedError extends ApiError {}

/** The server can't be reached, or can't take calls. */
export class UnavailableError extends ApiError {}

/** No reply came in time. Whether the call took effect isn't known. */
export class DeadlineExceededError extends ApiError {}

/** @type {Record<string, typeof ApiError>} */
const CLASSES = {
  unauthenticated: UnauthenticatedError,
  insufficient_scope: InsufficientScopeError,
  permission_denied: PermissionDeniedError,
  invalid_argument: InvalidArgumentError,
  failed_precondition: FailedPreconditionError,
  out_of_range: OutOfRangeError,
  not_found: NotFoundError,
  conflict: ConflictError,
  idempotency_key_reused: IdempotencyKeyReusedError,
  rate_limited: RateLimitedError,
  cancelled: CancelledError,
  internal: InternalError,
  unimplemented: UnimplementedError,
  unavailable: UnavailableError,
  deadline_exceeded: DeadlineExceededError,
};

for (const kind of [XaighError, ConfigurationError, WebhookError, ApiError, ...Object.values(CLASSES)]) {
  Object.defineProperty(kind.prototype, "name", { value: kind.name });
}

/**
 * Makes the error for a failure's code. ApiError itself is for codes of the HTTP layer.
 * @param {import("./index.js").Failure} failure
 */
export function apiError(failure) {
  return new (CLASSES[failure.code] ?? ApiError)(failure);
}

/**
 * @param {string} path
 * @param {string} description
 */
function violation(path, description) {
  return { path: path ?? "", description: description ?? "" };
}
