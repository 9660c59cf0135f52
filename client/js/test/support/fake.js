// A server that does what a test says: one step for each request, the last one for all that follow.
import { createServer } from "node:http";
import { Client } from "../../src/client.js";

export const TEST_KEY = `test_sk_${"k".repeat(48)}`;

/** Serves `steps` until the test ends. Returns its address and the requests that came. */
export async function serve(test, ...steps) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const step = steps[Math.min(requests.length, steps.length - 1)];
    const seen = { method: request.method, url: request.url, headers: request.headers, body: "" };
    requests.push(seen);
    for await (const chunk of request.setEncoding("utf8")) seen.body += chunk;
    await step(response, seen);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { baseUrl: `http://127.0.0.1:${server.address().port}`, requests };
}

/** A step that answers with JSON. */
export function answer(status, body, headers = {}) {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

/** A step that answers with an error of the API's. */
export function refuse(status, error, headers) {
  const whole = { status: "ABORTED", message: "no", requestId: "req_1", details: [], ...error };
  return answer(status, { error: whole }, headers);
}

/** A step that breaks the connection without a reply. */
export function drop(response) {
  response.destroy();
}

/** A step that never answers. */
export function hang() {}

/** A client whose pauses take no time; they are noted in `pauses`. */
export function clientOf(baseUrl, options = {}, dependencies = {}) {
  const pauses = [];
  let keys = 0;
  const client = new Client(
    { baseUrl, apiKey: TEST_KEY, ...options },
    {
      now: () => Date.now(),
      random: () => 1,
      newKey: () => `made-${++keys}`,
      sleep: async (ms) => void pauses.push(ms),
      idleMs: 60_000,
      ...dependencies,
    },
  );
  return { client, pauses };
}
