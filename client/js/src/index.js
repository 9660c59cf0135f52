// Public API of the package. Its types are in index.d.ts.
import { Client } from "./client.js";
import { dependencies } from "./dependencies.js";

export {
  ApiError,
  CancelledError,
  ConfigurationError,
  ConflictError,
  DeadlineExceededError,
  FailedPreconditionError,
  IdempotencyKeyReusedError,
  InsufficientScopeError,
  InternalError,
  InvalidArgumentError,
  NotFoundError,
  OutOfRangeError,
  PermissionDeniedError,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
  UnimplementedError,
  WebhookError,
  XaighError,
} from "./errors.js";
export { VERSION } from "./generated/version.js";
export { callbackSecret, verifyWebhook } from "./webhooks.js";

/** @param {import("./index.js").ClientOptions} [options] */
export function createXaighClient(options = {}) {
  return new Client(options, dependencies);
}
