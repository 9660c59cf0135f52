// What a client sends, what it makes of replies, and that it gives no key away.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { ApiError, ConfigurationError, InternalError, NotFoundError, VERSION, createXaighClient } from "@xaigh/sdk-js";
import { TEST_KEY, answer, clientOf, refuse, serve } from "./support/fake.js";

const LIVE_KEY = `live_sk_${"s".repeat(48)}`;
const OK = answer(200, {});

test("a call carries the key, the media types, and who calls", async (t) => {
  const { baseUrl, requests } = await serve(t, OK);
  const { client } = clientOf(baseUrl, { headers: { "x-request-id": "planning-1" } });
  await client.post("/v1/jobs/post", { a: 1 });
  const { headers, method, url, body } = requests[0];
  assert.deepEqual([method, url, body], ["POST", "/v1/jobs/post", '{"a":1}']);
  assert.equal(headers.authorization, `Bearer ${TEST_KEY}`);
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers.accept, "application/json");
  assert.equal(headers["user-agent"], `xaigh-sdk-js/${VERSION}`);
  assert.equal(headers["x-request-id"], "planning-1");
});

test("without a key no credential is sent", async (t) => {
  const { baseUrl, requests } = await serve(t, OK);
  await createXaighClient({ baseUrl }).get("/v1/whoami");
  assert.equal(requests[0].headers.authorization, undefined);
});

/** Route, options, the URL that is asked for. */
const URLS = [
  ["/v1/jobs", { query: { pageSize: 5, state: undefined } }, "/v1/jobs?pageSize=5"],
  ["/v1/jobs?pageSize=5", { query: { source: "DIRECT" } }, "/v1/jobs?pageSize=5&source=DIRECT"],
  ["/v1/admin/access-requests", { query: { states: ["SUBMITTED", "DENIED"] } }, "/v1/admin/access-requests?states=SUBMITTED&states=DENIED"],
  ["/v1/jobs:watch", { query: { includeExisting: true } }, "/v1/jobs:watch?includeExisting=true"],
  ["/v1/usage", { query: { startDate: new Date(0) } }, "/v1/usage?startDate=1970-01-01T00%3A00%3A00.000Z"],
  ["/v1/jobs/{jobId}", { path: { jobId: "a/b?c#d %" } }, "/v1/jobs/a%2Fb%3Fc%23d%20%25"],
];

for (const [route, options, url] of URLS) {
  test(`${route} becomes ${url}`, async (t) => {
    const { baseUrl, requests } = await serve(t, OK);
    await clientOf(`${baseUrl}/prefix/`).client.get(route, options);
    assert.equal(requests[0].url, `/prefix${url}`);
  });
}

/** Routes and options that would lead to another route than the one that was written. */
const ASTRAY = [
  ["v1/jobs"],
  ["//evil.example/v1/jobs"],
  ["/v1/jobs/../admin/keys"],
  ["/v1/jobs/%2E%2e/admin/keys"],
  ["/v1/jobs/.."],
  ["/v1/jobs/..?x=1"],
  ["/v1/jobs/a#b"],
  ["/v1/jobs/a b"],
  ["/v1\\jobs"],
  ["/v1/jobs/{jobId}"],
  ["/v1/jobs/{jobId}", { path: { jobId: "" } }],
  ["/v1/jobs/{jobId}", { path: { jobId: "a", other: "b" } }],
  ["/v1/jobs", { idempotencykey: "a" }],
  ["/v1/jobs", { headers: { Authorization: "Bearer x" } }],
  ["/v1/jobs", { idempotencyKey: "" }],
  ["/v1/jobs", { idempotencyKey: "a\nb" }],
  ["/v1/jobs", { timeoutMs: 0 }],
];

for (const [route, options] of ASTRAY) {
  test(`not sent: ${route} ${options ? JSON.stringify(options) : ""}`, async (t) => {
    const { baseUrl, requests } = await serve(t, OK);
    await assert.rejects(clientOf(baseUrl).client.get(route, options), ConfigurationError);
    assert.equal(requests.length, 0);
  });
}

test("an id of dots is a segment and no step in the path", async (t) => {
  const { baseUrl, requests } = await serve(t, OK);
  await assert.rejects(
    clientOf(baseUrl).client.get("/v1/jobs/{jobId}", { path: { jobId: ".." } }),
    ConfigurationError,
  );
  assert.equal(requests.length, 0);
});

test("64-bit integers past 2^53 come through unchanged", async (t) => {
  const { baseUrl } = await serve(t, answer(200, { limit: "9223372036854775807" }));
  const { limit } = await clientOf(baseUrl).client.get("/v1/whoami");
  assert.equal(limit, "9223372036854775807");
});

test("a code of the HTTP layer alone is an ApiError with that code", async (t) => {
  const { baseUrl } = await serve(t, refuse(413, { code: "payload_too_large", reason: "PAYLOAD_TOO_LARGE" }));
  const error = await clientOf(baseUrl).client.get("/v1/jobs").catch((caught) => caught);
  assert.equal(error.constructor, ApiError);
  assert.deepEqual([error.code, error.status], ["payload_too_large", 413]);
});

test("a 404 that isn't ours is still NotFoundError, with the request id of its header", async (t) => {
  const { baseUrl } = await serve(t, (response) => response.writeHead(404, { "x-request-id": "req_9" }).end("nope"));
  const error = await clientOf(baseUrl).client.get("/v1/jobs").catch((caught) => caught);
  assert.ok(error instanceof NotFoundError);
  assert.deepEqual([error.reason, error.requestId], ["", "req_9"]);
});

test("a redirect isn't followed: the key stays with the address it was given for", async (t) => {
  const other = await serve(t, OK);
  const { baseUrl } = await serve(t, (response) => response.writeHead(307, { location: other.baseUrl }).end());
  await assert.rejects(clientOf(baseUrl).client.get("/v1/jobs"), { status: 307, message: /baseUrl/ });
  assert.equal(other.requests.length, 0);
});

test("a 200 that isn't JSON is an error and not a reply", async (t) => {
  const { baseUrl } = await serve(t, (response) => response.end("<h1>Welcome to the hotel</h1>"));
  await assert.rejects(clientOf(baseUrl).client.get("/v1/jobs"), InternalError);
});

test("Retry-After is understood as seconds, as a date, and from RetryInfo", async (t) => {
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1.5s" }];
  const error = { code: "rate_limited", reason: "RATE_LIMITED", details };
  const date = new Date(5000).toUTCString();
  const { baseUrl } = await serve(
    t,
    refuse(429, error, { "retry-after": "60" }),
    refuse(429, error, { "retry-after": date }),
    refuse(429, error),
  );
  const { client } = clientOf(baseUrl, { retry: false }, { now: () => 2000 });
  const told = [];
  for (let call = 0; call < 3; call += 1) {
    await client.get("/v1/jobs").catch((caught) => told.push(caught.retryAfter));
  }
  assert.deepEqual(told, [60, 3, 1.5]);
});

test("hooks hear of every reply, and what they throw is no failure of the call", async (t) => {
  const heard = [];
  const { baseUrl } = await serve(t, refuse(503, { code: "unavailable" }), answer(200, { ok: 1 }, { "x-request-id": "req_2", "idempotent-replayed": "true" }));
  const { client } = clientOf(baseUrl, { onReply: (info) => heard.push(info) });
  await client.post("/v1/jobs/post", {}, { onReply: ({ status }) => heard.push(status) });
  assert.deepEqual(heard.filter(Number.isInteger), [503, 200]);
  const { method, path, requestId, replayed, attempts } = heard[2];
  assert.deepEqual([method, path, requestId, replayed, attempts], ["POST", "/v1/jobs/post", "req_2", true, 2]);
});

/** Options that can't work, and a word of the message. */
const REFUSED = [
  [{ baseUrl: "api.example.com" }, /baseUrl/],
  [{ baseUrl: "ftp://api.example.com" }, /https/],
  [{ baseUrl: "https://user:pass@api.example.com" }, /https/],
  [{ baseUrl: "https://api.example.com/?a=1" }, /https/],
  [{ apiKey: undefined }, /XAIGH_API_KEY/],
  [{ apiKey: " " }, /XAIGH_API_KEY/],
  [{ apiKey: "test_sk_a b" }, /characters/],
  [{ timeoutMs: -1 }, /timeoutMs/],
  [{ retry: { maxAttempts: 0 } }, /attempt/],
  [{ key: LIVE_KEY }, /no option is called key/],
  [{ baseUrl: "http://api.example.com", apiKey: LIVE_KEY }, /clear text/],
  [{ baseUrl: "http://api.example.com", apiKey: `xop_${"o".repeat(48)}` }, /clear text/],
  [{ baseUrl: "http://10.0.0.1", apiKey: LIVE_KEY }, /clear text/],
  [{ baseUrl: "http://localhost.example.com", apiKey: LIVE_KEY }, /clear text/],
  [{ baseUrl: "http://127.0.0.1.example.com", apiKey: LIVE_KEY }, /clear text/],
];

for (const [options, message] of REFUSED) {
  test(`refused at once: ${inspect(options, { breakLength: Infinity }).replaceAll(/[so]{48}/g, "…")}`, () => {
    assert.throws(
      () => createXaighClient(options),
      (error) => error instanceof ConfigurationError && message.test(error.message) && !/[so]{9}/.test(error.message),
    );
  });
}

const TAKEN = ["http://localhost:8080", "http://api.localhost", "http://127.0.0.2", "http://[::1]:80", "https://api.example.com"];
for (const baseUrl of TAKEN) {
  test(`a live key may go to ${baseUrl}`, () => {
    createXaighClient({ baseUrl, apiKey: LIVE_KEY });
  });
}

test("a sandbox key may travel in clear text", () => {
  createXaighClient({ baseUrl: "http://staging.example.com", apiKey: TEST_KEY });
});

test("nothing that prints a client, or an error of one, shows the key", async (t) => {
  const { baseUrl } = await serve(t, refuse(404, { code: "not_found" }));
  const client = createXaighClient({ baseUrl, apiKey: LIVE_KEY });
  const error = await client.get("/v1/jobs").catch((caught) => caught);
  const lost = await createXaighClient({ baseUrl: "http://127.0.0.1:1", apiKey: LIVE_KEY, retry: false })
    .get("/v1/jobs")
    .catch((caught) => caught);
  for (const value of [client, { client }, error, lost]) {
    for (const text of [String(value), JSON.stringify(value), inspect(value, { depth: 9, showHidden: true })]) {
      assert.ok(!text.includes("ssss"), text);
    }
  }
  assert.equal(String(client), `XaighClient(${baseUrl}, live_sk_…)`);
  assert.equal(inspect(client), String(client));
  assert.deepEqual(Object.keys(client), []);
});

/** Global objects of a page and of a worker. */
const BROWSERS = [{ window: {}, document: {} }, { importScripts() {} }];

for (const scope of BROWSERS) {
  test(`in a browser (${Object.keys(scope)}) only a publishable key is taken`, (t) => {
    Object.assign(globalThis, scope);
    t.after(() => Object.keys(scope).forEach((name) => delete globalThis[name]));
    for (const apiKey of [LIVE_KEY, TEST_KEY, `xop_${"o".repeat(48)}`, "unheard-of"]) {
      assert.throws(() => createXaighClient({ apiKey }), /in a browser/);
    }
    createXaighClient({ apiKey: `live_pk_${"p".repeat(48)}` });
    createXaighClient();
  });
}

test("a certificate that isn't trusted is told, with the cure", async () => {
  for (const [code, untrusted] of [["SELF_SIGNED_CERT_IN_CHAIN", true], ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", true], ["ERR_TLS_CERT_ALTNAME_INVALID", true], ["ECONNREFUSED", false]]) {
    const fetch = async () => {
      throw new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
    };
    const client = createXaighClient({ baseUrl: "https://gateway.example.com", fetch, retry: { maxAttempts: 1 } });
    await assert.rejects(client.get("/v1/whoami"), (error) => {
      assert.equal(error.code, "unavailable");
      assert.equal(error.message.includes("NODE_EXTRA_CA_CERTS"), untrusted, error.message);
      return error.message.includes(code);
    });
  }
});
