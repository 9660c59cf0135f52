// What is tried again, after how long, and what never is.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { ConflictError, DeadlineExceededError, InternalError, RateLimitedError, UnavailableError } from "@xaigh/sdk-js";
import { answer, clientOf, drop, hang, refuse, serve } from "./support/fake.js";

const OK = answer(200, { jobId: "job_1" });
const JOB = { employerUserId: "employer_123", title: "Crew", slots: 1, startsAt: "2027-06-18T08:00:00Z" };
const busy = (headers) => refuse(503, { code: "unavailable", reason: "UNAVAILABLE" }, headers);
const limited = (headers) => refuse(429, { code: "rate_limited", reason: "RATE_LIMITED" }, headers);

/** Name, what fails first, the pauses in milliseconds until it goes well. */
const REPEATED = [
  ["a connection that breaks", [drop], [100]],
  ["503", [busy()], [100]],
  ["pauses double", [busy(), busy(), drop], [100, 200, 400]],
  ["429 waits as long as it is asked to", [limited({ "retry-after": "7" })], [7000]],
  ["503 waits as long as it is asked to", [busy({ "retry-after": "2" })], [2000]],
  ["Retry-After shorter than the pause", [busy({ "retry-after": "0" })], [100]],
  ["409 with a time to come back", [refuse(409, { code: "conflict", reason: "RUN_IN_PROGRESS" }, { "retry-after": "1" })], [1000]],
  ["502 of a proxy, in HTML", [(response) => response.writeHead(502).end("<h1>Bad gateway</h1>")], [100]],
  ["500 without a reason", [(response) => response.writeHead(500).end()], [100]],
  ["504 of a proxy", [(response) => response.writeHead(504).end()], [100]],
  ["429 of a proxy", [(response) => response.writeHead(429).end()], [100]],
  ["a reply cut in the middle", [(response) => (response.writeHead(200, { "content-length": "99" }), response.write("{"), setImmediate(() => response.destroy()))], [100]],
];

for (const [name, failures, pauses] of REPEATED) {
  test(`repeated: ${name}`, async (t) => {
    const { baseUrl, requests } = await serve(t, ...failures, OK);
    const { client, pauses: waited } = clientOf(baseUrl);
    assert.deepEqual(await client.post("/v1/jobs/post", JOB), { jobId: "job_1" });
    assert.deepEqual(waited, pauses);
    const keys = requests.map(({ headers }) => headers["idempotency-key"]);
    assert.deepEqual(new Set(keys), new Set(["made-1"]), "one key over all tries");
    assert.deepEqual(new Set(requests.map(({ body }) => body)), new Set([JSON.stringify(JOB)]));
  });
}

/** Name, the refusal, the class that it is thrown as. */
const FINAL = [
  ["429 of a quota, without a time", refuse(429, { code: "rate_limited", reason: "QUOTA_EXCEEDED" }), RateLimitedError],
  ["409 without a time", refuse(409, { code: "conflict", reason: "ETAG_MISMATCH" }), ConflictError],
  ["500 with a reason", refuse(500, { code: "internal", reason: "INTERNAL" }), InternalError],
  ["504 of the server", refuse(504, { code: "deadline_exceeded", reason: "DEADLINE_EXCEEDED" }), DeadlineExceededError],
  ["a wait past the call's time", limited({ "retry-after": "31" }), RateLimitedError],
];

for (const [name, refusal, kind] of FINAL) {
  test(`thrown at once: ${name}`, async (t) => {
    const { baseUrl, requests } = await serve(t, refusal);
    await assert.rejects(clientOf(baseUrl).client.get("/v1/jobs"), kind);
    assert.equal(requests.length, 1);
  });
}

test("a write without an idempotency key is never repeated", async (t) => {
  const { baseUrl, requests } = await serve(t, busy({ "retry-after": "1" }));
  const { client } = clientOf(baseUrl);
  for (const path of ["/v1/admin/keys:verify", "/v1/whoami:revoke", "/v1/unheard-of"]) {
    requests.length = 0;
    await assert.rejects(client.request("POST", path, { body: {} }), UnavailableError);
    assert.equal(requests.length, 1, path);
    assert.equal(requests[0].headers["idempotency-key"], undefined);
  }
});

test("PATCH and DELETE get a key as well, a GET none", async (t) => {
  const { baseUrl, requests } = await serve(t, OK);
  const { client } = clientOf(baseUrl);
  await client.patch("/v1/jobs/{jobId}", {}, { path: { jobId: "job_1" } });
  await client.delete("/v1/webhooks/endpoints/we_1");
  await client.get("/v1/jobs");
  const keys = requests.map(({ headers }) => headers["idempotency-key"]);
  assert.deepEqual(keys, ["made-1", "made-2", undefined]);
});

test("a caller's own key is sent as it is, and makes any write repeatable", async (t) => {
  const { baseUrl, requests } = await serve(t, drop, OK);
  const options = { body: {}, idempotencyKey: "mine" };
  await clientOf(baseUrl).client.request("POST", "/v1/unheard-of", options);
  assert.deepEqual(requests.map(({ headers }) => headers["idempotency-key"]), ["mine", "mine"]);
});

test("after the last try the error says how many there were", async (t) => {
  const { baseUrl, requests } = await serve(t, busy());
  const error = await clientOf(baseUrl).client.get("/v1/jobs").catch((caught) => caught);
  assert.ok(error instanceof UnavailableError);
  assert.deepEqual([error.attempts, requests.length, error.requestId], [5, 5, "req_1"]);
});

test("retry: false switches it off, and other figures are kept to", async (t) => {
  const { baseUrl, requests } = await serve(t, busy());
  await assert.rejects(clientOf(baseUrl, { retry: false }).client.get("/v1/jobs"));
  assert.equal(requests.length, 1);
  const retry = { maxAttempts: 4, firstDelayMs: 10, maxDelayMs: 15 };
  const { client, pauses } = clientOf(baseUrl, { retry });
  await assert.rejects(client.get("/v1/jobs"));
  assert.deepEqual(pauses, [10, 15, 15]);
});

test("pauses vary between half of the ceiling and the whole", async (t) => {
  const { baseUrl } = await serve(t, busy(), OK);
  const { client, pauses } = clientOf(baseUrl, {}, { random: () => 0 });
  await client.get("/v1/jobs");
  assert.deepEqual(pauses, [50]);
});

test("a call that takes too long ends with DeadlineExceededError and isn't repeated", async (t) => {
  const { baseUrl, requests } = await serve(t, hang);
  const { client } = clientOf(baseUrl, { timeoutMs: 30 });
  await assert.rejects(client.get("/v1/jobs"), DeadlineExceededError);
  assert.equal(requests.length, 1);
});

test("the time is the call's, over all of its tries", async (t) => {
  let now = 0;
  const { baseUrl, requests } = await serve(t, busy());
  const sleep = async () => void (now += 400);
  const { client } = clientOf(baseUrl, { timeoutMs: 1000 }, { now: () => now, sleep });
  await assert.rejects(client.get("/v1/jobs"), UnavailableError);
  assert.equal(requests.length, 3);
});

test("a signal ends a call in flight with its own reason, and nothing is repeated", async (t) => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const { baseUrl, requests } = await serve(t, () => controller.abort(reason));
  const call = clientOf(baseUrl).client.get("/v1/jobs", { signal: controller.signal });
  await assert.rejects(call, reason);
  assert.equal(requests.length, 1);
});

test("a signal ends a pause", async (t) => {
  const controller = new AbortController();
  const { baseUrl } = await serve(t, busy({ "retry-after": "20" }));
  const { dependencies } = await import("../src/dependencies.js");
  const sleep = (ms, signal) => (queueMicrotask(() => controller.abort()), dependencies.sleep(ms, signal));
  const { client } = clientOf(baseUrl, {}, { sleep });
  await assert.rejects(client.get("/v1/jobs", { signal: controller.signal }), { name: "AbortError" });
});

test("a signal that is aborted already sends nothing", async (t) => {
  const { baseUrl, requests } = await serve(t, OK);
  const signal = AbortSignal.abort();
  await assert.rejects(clientOf(baseUrl).client.get("/v1/jobs", { signal }), { name: "AbortError" });
  assert.equal(requests.length, 0);
});

test("a call leaves no listener behind on its signal", async (t) => {
  const { signal } = new AbortController();
  const { baseUrl } = await serve(t, busy(), OK);
  const { dependencies } = await import("../src/dependencies.js");
  const { client } = clientOf(baseUrl, { retry: { firstDelayMs: 1 } }, { sleep: dependencies.sleep });
  await client.get("/v1/jobs", { signal });
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("where nothing listens the error says so, with its cause", async () => {
  const { client, pauses } = clientOf("http://127.0.0.1:1");
  const error = await client.get("/v1/jobs").catch((caught) => caught);
  assert.ok(error instanceof UnavailableError);
  assert.match(error.message, /http:\/\/127\.0\.0\.1:1: /);
  assert.deepEqual([error.status, error.reason, pauses.length], [0, "", 4]);
});
