// Prefixes of keys: which keys a browser may hold, and which may travel in clear text.

const PUBLISHABLE = /^(?:test|live)_pk_/;
const SANDBOX = /^test_/;
const PREFIX = /^(?:(?:test|live)_(?:sk|pk)|xop)_/;

/** True for a key that a web page may hold. */
export function isPublishable(/** @type {string} */ key) {
  return PUBLISHABLE.test(key);
}

/** True for a key of the sandbox, which may travel in clear text. */
export function isSandbox(/** @type {string} */ key) {
  return SANDBOX.test(key);
}

/** Shortens a key to its prefix: `live_sk_…`. */
export function hint(/** @type {string} */ key) {
  if (!key) return "no key";
  return `${PREFIX.exec(key)?.[0] ?? ""}…`;
}

/**
 * True in a web page and in its workers. Servers have neither a document nor `importScripts`.
 * @param {any} scope the global object
 */
export function isBrowser(scope = globalThis) {
  const page = scope.window !== undefined && scope.document !== undefined;
  return page || typeof scope.importScripts === "function";
}

/** True for a host, as URL spells it, that never leaves this machine. */
export function isLoopback(/** @type {string} */ host) {
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(host)
  );
}
