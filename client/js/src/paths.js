// Builder of URLs from routes, path parameters and queries.
import { ConfigurationError } from "./errors.js";

const PARAMETER = /\{(\w+)\}/g;
// These would change the route that the caller wrote.
const FORBIDDEN = /[\\#\s\u0000-\u001f\u007f]|\/\/|\/(?:\.|%2e){1,2}(?:[/?]|$)/i;

/**
 * `/v1/jobs/{jobId}` with its values in place, percent-encoded. Throws ConfigurationError.
 * @param {string} route
 * @param {Record<string, unknown>} values
 */
export function expand(route, values = {}) {
  const used = new Set();
  const path = route.replace(PARAMETER, (_, name) => {
    used.add(name);
    return segment(name, values[name]);
  });
  const unused = Object.keys(values).find((name) => !used.has(name));
  if (unused !== undefined) throw new ConfigurationError(`${route} has no {${unused}}`);
  if (!path.startsWith("/") || FORBIDDEN.test(path)) {
    throw new ConfigurationError(`can't call ${JSON.stringify(route)}: it isn't a plain path`);
  }
  return path;
}

/**
 * The path with its query. Members that are undefined are left out, lists are repeated.
 * @param {string} path
 * @param {Record<string, unknown>} query
 */
export function withQuery(path, query = {}) {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null) pairs.append(name, plain(each));
    }
  }
  const text = pairs.toString();
  if (!text) return path;
  return `${path}${path.includes("?") ? "&" : "?"}${text}`;
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function segment(name, value) {
  if ((typeof value !== "string" && typeof value !== "number") || value === "") {
    throw new ConfigurationError(`the path needs {${name}}: give it in \`path\``);
  }
  // A URL parser resolves a segment of dots as a step in the path.
  return encodeURIComponent(value).replace(/^\.+$/, (dots) => "%2E".repeat(dots.length));
}

/** @param {unknown} value */
function plain(value) {
  return value instanceof Date ? value.toISOString() : String(value);
}
