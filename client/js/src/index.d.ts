import type {
  DeleteRoutes,
  ErrorBody,
  ErrorDetail,
  GetRoutes,
  PatchRoutes,
  PostRoutes,
  StreamRoutes,
  UploadRoutes,
  WebhookBody,
} from "./generated/api.js";
import type { Known, RouteOf } from "./routes.js";

export * from "./generated/api.js";

/** The version of this package. */
export declare const VERSION: string;

/** Makes a client. Throws ConfigurationError at once where it can't work or would give a key away. */
export declare function createXaighClient(options?: ClientOptions): XaighClient;

export interface ClientOptions {
  /** Where the API is. Default: https://api.xaigh.com. */
  baseUrl?: string | URL;
  /**
   * The key. Leave the member out to call public routes alone; an empty or undefined one is refused,
   * since it means a variable that isn't set.
   */
  apiKey?: string | undefined;
  /** For a whole call with all its tries, in milliseconds. Default 30000; Infinity for none. */
  timeoutMs?: number;
  /** False: never try again. */
  retry?: RetryPolicy | false;
  /** Instead of the global one. */
  fetch?: typeof globalThis.fetch;
  /** Sent with every call. */
  headers?: Record<string, string>;
  /** Hears of every reply, failed ones too. */
  onReply?: (info: ReplyInfo) => void;
}

/**
 * Only calls that are safe to repeat are repeated: reads, and writes with an idempotency key, which
 * the client makes by itself for routes that take one. The pause grows and varies, and is never
 * shorter than the server asks.
 */
export interface RetryPolicy {
  /** The first try included. Default 5. */
  maxAttempts?: number;
  /** Doubled each time. Default 100. */
  firstDelayMs?: number;
  /** Default 5000. */
  maxDelayMs?: number;
}

/** What came beside a reply. */
export interface ReplyInfo {
  method: string;
  path: string;
  /** The HTTP status. */
  status: number;
  /** Names the call to us. */
  requestId: string;
  /** True where the server answered from an earlier call with the same idempotency key. */
  replayed: boolean;
  /** The number of this try, from 1. */
  attempts: number;
  /** Rate limits, deprecation of a key in its grace, and so on. */
  headers: Headers;
}

/** What every call takes. */
export interface CallOptions {
  /** For this call, in milliseconds. Streams and uploads have no limit unless it is given. */
  timeoutMs?: number;
  /** Aborts the call, which then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Sent with this call. */
  headers?: Record<string, string>;
  /** Opens one ticket to whoever asked for it. */
  statusToken?: string;
  /** Hears of every reply to this call. */
  onReply?: (info: ReplyInfo) => void;
}

/** What a write takes besides. */
export interface WriteOptions extends CallOptions {
  /** 1 to 255 visible ASCII characters. Absent: one is made, and kept over all tries of the call. */
  idempotencyKey?: string;
}

/** The options of `request`, where nothing is known of the route. */
export interface AnyOptions extends WriteOptions {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
}

/** A route of the API as types. */
export interface Route {
  path: object;
  query: object;
  body: unknown;
  reply: unknown;
}

type Required_<T> = {} extends T ? never : keyof T;

/** Where the path is written with its `{parameters}`, their values are needed. */
type PathOption<R extends Route, Path> = Path extends `${string}{${string}`
  ? { path: R["path"] }
  : { path?: never };

type QueryOption<R extends Route> = [Required_<R["query"]>] extends [never]
  ? { query?: R["query"] }
  : { query: R["query"] };

type Options<R extends Route, Path, Base> = Base & PathOption<R, Path> & QueryOption<R>;

type OptionsArgument<O> = {} extends O ? [options?: O] : [options: O];

type BodyArguments<Body, O> = {} extends O
  ? {} extends Body ? [body?: Body, options?: O] : [body: Body, options?: O]
  : [body: Body, options: O];

type Reading<Routes, Path extends string> =
  OptionsArgument<Options<RouteOf<Routes, Path>, Path, CallOptions>>;

type Writing<Routes, Path extends string> =
  BodyArguments<RouteOf<Routes, Path>["body"], Options<RouteOf<Routes, Path>, Path, WriteOptions>>;

type Reply<Routes, Path extends string> = RouteOf<Routes, Path>["reply"];

/** The routes whose replies are pages. */
export type ListRoutes = {
  [Path in keyof GetRoutes as "nextPageToken" extends keyof GetRoutes[Path]["reply"]
    ? Path
    : never]: GetRoutes[Path];
};

type Item<Page> = NonNullable<Page[Exclude<keyof Page, "nextPageToken">]> extends (infer Each)[]
  ? Each
  : never;

/**
 * Paths are written as the API's documentation does, `"/v1/jobs/{jobId}"` with `path: { jobId }`,
 * which also encodes the values; or filled in, `` `/v1/jobs/${jobId}` ``, where the id is yours to
 * trust. Failed calls reject with an ApiError.
 */
export interface XaighClient {
  get<Path extends string>(
    path: Known<GetRoutes, Path>,
    ...rest: Reading<GetRoutes, Path>
  ): Promise<Reply<GetRoutes, Path>>;

  post<Path extends string>(
    path: Known<PostRoutes, Path>,
    ...rest: Writing<PostRoutes, Path>
  ): Promise<Reply<PostRoutes, Path>>;

  patch<Path extends string>(
    path: Known<PatchRoutes, Path>,
    ...rest: Writing<PatchRoutes, Path>
  ): Promise<Reply<PatchRoutes, Path>>;

  delete<Path extends string>(
    path: Known<DeleteRoutes, Path>,
    ...rest: OptionsArgument<Options<RouteOf<DeleteRoutes, Path>, Path, WriteOptions>>
  ): Promise<Reply<DeleteRoutes, Path>>;

  /** The items of a list, fetched page by page as they are asked for. */
  list<Path extends string>(
    path: Known<ListRoutes, Path>,
    ...rest: Reading<ListRoutes, Path>
  ): AsyncGenerator<Item<Reply<ListRoutes, Path>>, void, void>;

  /** The pages of a list. */
  pages<Path extends string>(
    path: Known<ListRoutes, Path>,
    ...rest: Reading<ListRoutes, Path>
  ): AsyncGenerator<Reply<ListRoutes, Path>, void, void>;

  /**
   * The messages of a stream. A connection that breaks is made anew behind the last message's
   * cursor; leaving the loop, or the signal, ends it.
   */
  stream<Path extends string>(
    path: Known<StreamRoutes, Path>,
    ...rest: Reading<StreamRoutes, Path>
  ): AsyncGenerator<Reply<StreamRoutes, Path>, void, void>;

  /**
   * Sends messages as they come and gives the answers. Nothing is sent before the first answer is
   * asked for. Never repeated by itself.
   */
  upload<Path extends string>(
    path: Known<UploadRoutes, Path>,
    messages:
      | AsyncIterable<RouteOf<UploadRoutes, Path>["body"]>
      | Iterable<RouteOf<UploadRoutes, Path>["body"]>,
    ...rest: Reading<UploadRoutes, Path>
  ): AsyncGenerator<Reply<UploadRoutes, Path>, void, void>;

  /** A call of a route that this version doesn't know. A write is repeated only with your key. */
  request(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    options?: AnyOptions & { body?: unknown },
  ): Promise<unknown>;

  /** Where it leads and which kind of key it has; never the key. */
  toString(): string;
}

/** From a closed list. */
export type ErrorCode = ErrorBody["code"];

/** Everything that a failed call told. */
export interface Failure {
  code: ErrorCode;
  message: string;
  reason?: string;
  status?: number;
  rpcStatus?: string;
  requestId?: string;
  details?: ErrorDetail[];
  retryAfter?: number;
  attempts?: number;
  cause?: unknown;
}

/** One thing that is wrong with a request or with the state of an object. */
export interface Violation {
  /** The field, for example `pay.minMinor`; what is unmet, where it isn't a field. */
  path: string;
  description: string;
}

/** Anything that this package throws on purpose. */
export declare class XaighError extends Error {}

/** The client or the call was set up in a way that can't work. Nothing was sent. */
export declare class ConfigurationError extends XaighError {}

/** A webhook isn't what it claims to be. Answer 400 and do nothing else. */
export declare class WebhookError extends XaighError {}

/** A call was refused, or failed. Test for a subclass, or look at `code` or `reason`. */
export declare class ApiError extends XaighError {
  constructor(failure: Failure);
  readonly code: ErrorCode;
  /** From an open list, for example `SCOPE_NOT_GRANTED`; empty where no server of ours answered. */
  readonly reason: string;
  /** The HTTP status; 0 where there was no reply. */
  readonly status: number;
  /** The gRPC code by name. */
  readonly rpcStatus: string;
  /** Quote it when you ask about the call. */
  readonly requestId: string;
  /** Facts for programs: `google.rpc` messages by `@type`. */
  readonly details: ErrorDetail[];
  /** Seconds that the server asks to wait before a repeat. */
  readonly retryAfter: number | undefined;
  /** How often the call was tried. */
  readonly attempts: number;
  /** The facts that came with the reason, for example the scope that is missing. */
  get metadata(): Record<string, string>;
  /** Each wrong field or unmet condition. */
  get violations(): Violation[];
}

/** No credential, or one that isn't valid: unknown, expired, revoked. */
export declare class UnauthenticatedError extends ApiError {}
/** The key is good but doesn't carry the scope that the route needs. */
export declare class InsufficientScopeError extends ApiError {}
/** The caller may not do this, whatever its scopes. */
export declare class PermissionDeniedError extends ApiError {}
/** The request is wrong, whatever the state of things: `violations` lists the fields. */
export declare class InvalidArgumentError extends ApiError {}
/** The object's state doesn't allow it. */
export declare class FailedPreconditionError extends ApiError {}
/** A value lies past its bounds. */
export declare class OutOfRangeError extends ApiError {}
/** No such object, or not one of yours: the two aren't told apart. */
export declare class NotFoundError extends ApiError {}
/** Somebody else was first: read again and decide anew. */
export declare class ConflictError extends ApiError {}
/** The idempotency key was used before, with another request. */
export declare class IdempotencyKeyReusedError extends ApiError {}
/** Too many calls, or too much at once: `retryAfter` says for how long. */
export declare class RateLimitedError extends ApiError {}
/** The server gave the call up. A call that you abort rejects with the signal's own reason. */
export declare class CancelledError extends ApiError {}
/** Something broke on the server's side, or it answered with something that is no reply. */
export declare class InternalError extends ApiError {}
/** The server doesn't serve this. */
export declare class UnimplementedError extends ApiError {}
/** The server can't be reached, or can't take calls. */
export declare class UnavailableError extends ApiError {}
/** No reply came in time. Whether the call took effect isn't known. */
export declare class DeadlineExceededError extends ApiError {}

/** The headers of a request in the form of `fetch`, or of Node's `http`. */
export type WebhookHeaders =
  | { get(name: string): string | null | undefined }
  | Record<string, string | string[] | undefined>;

export interface WebhookOptions {
  /** Seconds that a webhook may be old, or ahead. Default 300. */
  tolerance?: number;
  /** Seconds since the epoch. Default: the clock. */
  now?: number;
}

/** Asked of a callback to prove that it is yours: answer with `data.challenge`. */
export interface CallbackChallenge {
  type: "callback.challenge";
  data: { ticketId: string; challenge: string };
}

type Received<Body> = Body extends { type: infer Type; data: infer Data }
  ? {
      /** The same on every try: drop what you have seen. */
      id: string;
      /** For example `job.created`. Answer 2xx to one that you don't know: new ones may come. */
      type: Type;
      /** When it happened, not when it was sent. */
      timestamp: Date;
      /** `sandbox`, `production`, or empty. */
      environment: string;
      organizationId: string;
      data: Data;
    }
  : never;

/**
 * What happened to which object; a test of `type` tells what `data` holds. Thin: read the object
 * itself over the API.
 */
export type WebhookEvent = Received<WebhookBody | CallbackChallenge>;

/**
 * The event, if one signature is right under one of the secrets and the webhook is fresh. Rejects
 * with a WebhookError otherwise. `body` is the raw body, before anything parsed it; give several
 * secrets while one is being rotated.
 */
export declare function verifyWebhook(
  body: string | Uint8Array | ArrayBuffer,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  options?: WebhookOptions,
): Promise<WebhookEvent>;

/**
 * The secret that signs what a ticket's callback hears, from the ticket's status token: `ticket` for
 * the ticket's own events, `sandbox` or `production` for the endpoint that the grant of that
 * environment made, until its secret is rotated.
 */
export declare function callbackSecret(
  statusToken: string,
  purpose: "ticket" | "sandbox" | "production",
): Promise<string>;
