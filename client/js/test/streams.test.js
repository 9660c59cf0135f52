// Lists, streams and uploads, over bad connections and from bad servers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { InternalError, PermissionDeniedError, UnavailableError, UnauthenticatedError } from "@xaigh/sdk-js";
import { messages } from "../src/streams.js";
import { answer, clientOf, drop, refuse, serve } from "./support/fake.js";

const HEAD = { "content-type": "application/x-ndjson" };

/** A step that sends pieces one after the other, and then ends, breaks or stays open. */
function stream(pieces, end = (response) => response.end()) {
  return async (response) => {
    response.writeHead(200, HEAD);
    for (const piece of pieces) await new Promise((resolve) => response.write(piece, resolve));
    setImmediate(end, response);
  };
}

const broken = (response) => response.destroy();
const line = (message) => `${JSON.stringify(message)}\n`;
const change = (cursor) => line({ cursor, kind: "UPDATED" });

test("messages are whole lines, however they are cut, and empty lines are none", async () => {
  const text = Buffer.from(`\n${line({ job: "Zoë" })}\r\n${line({ job: "€ 18" }).trim()}`);
  for (let size = 1; size <= text.length; size += 1) {
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, each) =>
      text.subarray(each * size, (each + 1) * size),
    );
    const got = await collected(messages(new Response(readable(pieces)), ""));
    assert.deepEqual(got, [{ job: "Zoë" }, { job: "€ 18" }], `pieces of ${size} bytes`);
  }
});

test("bytes that are no UTF-8, and a line that is no JSON, count as a broken connection", async (t) => {
  for (const piece of [Buffer.from([0x22, 0xff, 0x22, 0x0a]), "<h1>\n"]) {
    const { baseUrl } = await serve(t, stream([piece]), stream([change("a")]));
    const got = await collected(clientOf(baseUrl).client.stream("/v1/jobs:watch"));
    assert.deepEqual(got.map(({ cursor }) => cursor), ["a"]);
  }
});

test("a stream asks for NDJSON", async (t) => {
  const { baseUrl, requests } = await serve(t, stream([]));
  await collected(clientOf(baseUrl).client.stream("/v1/jobs:watch"));
  assert.equal(requests[0].headers.accept, "application/x-ndjson");
});

test("a broken stream goes on behind the last cursor, and no message is lost or doubled", async (t) => {
  const { baseUrl, requests } = await serve(
    t,
    stream([change("a"), change("b"), '{"cursor":"c"'], broken),
    drop,
    stream([change("c")]),
  );
  const query = { includeExisting: true, employerUserId: "e" };
  const { client, pauses } = clientOf(baseUrl);
  const got = await collected(client.stream("/v1/jobs:watch", { query }));
  assert.deepEqual(got.map(({ cursor }) => cursor), ["a", "b", "c"]);
  assert.deepEqual(requests.map(({ url }) => new URL(url, baseUrl).search), [
    "?includeExisting=true&employerUserId=e",
    "?employerUserId=e&cursor=b",
    "?employerUserId=e&cursor=b",
  ]);
  assert.deepEqual(pauses, [100, 200]);
});

test("tries are counted anew after each message", async (t) => {
  const steps = Array.from({ length: 8 }, (_, each) => stream([change(String(each))], broken));
  const { baseUrl } = await serve(t, ...steps, stream([]));
  const got = await collected(clientOf(baseUrl).client.stream("/v1/jobs:watch"));
  assert.equal(got.length, 8);
});

test("a stream that can't be had again ends with the error", async (t) => {
  const { baseUrl, requests } = await serve(t, stream([change("a")], broken), drop);
  const got = [];
  await assert.rejects(async () => {
    for await (const each of clientOf(baseUrl).client.stream("/v1/jobs:watch")) got.push(each);
  }, UnavailableError);
  assert.deepEqual([got.length, requests.length], [1, 5]);
});

test("an error in mid-stream is thrown as what it is, behind the messages before it", async (t) => {
  const error = { code: "unauthenticated", status: "UNAUTHENTICATED", reason: "KEY_EXPIRED", message: "over", requestId: "req_3", details: [] };
  const { baseUrl, requests } = await serve(t, stream([change("a"), line({ error })]));
  const got = [];
  const failure = await (async () => {
    for await (const each of clientOf(baseUrl).client.stream("/v1/jobs:watch")) got.push(each);
  })().catch((caught) => caught);
  assert.ok(failure instanceof UnauthenticatedError);
  assert.deepEqual([failure.reason, failure.status, failure.requestId], ["KEY_EXPIRED", 401, "req_3"]);
  assert.deepEqual([got.length, requests.length], [1, 1]);
});

test("a server that goes down in mid-stream is asked again", async (t) => {
  const error = { code: "unavailable", reason: "SHUTTING_DOWN", message: "bye", requestId: "req_4", details: [] };
  const { baseUrl } = await serve(t, stream([change("a"), line({ error })]), stream([change("b")]));
  const got = await collected(clientOf(baseUrl).client.stream("/v1/jobs:watch"));
  assert.deepEqual(got.map(({ cursor }) => cursor), ["a", "b"]);
});

test("a stream that is refused at the start rejects with the refusal", async (t) => {
  const { baseUrl } = await serve(t, refuse(403, { code: "permission_denied", reason: "ADDRESS_NOT_ALLOWED" }));
  await assert.rejects(collected(clientOf(baseUrl).client.stream("/v1/jobs:watch")), PermissionDeniedError);
});

test("leaving the loop hangs up", async (t) => {
  let hungUp;
  const gone = new Promise((resolve) => (hungUp = resolve));
  const { baseUrl } = await serve(t, (response) => {
    response.on("close", hungUp);
    response.writeHead(200, HEAD).write(change("a"));
  });
  for await (const _ of clientOf(baseUrl).client.stream("/v1/jobs:watch")) break;
  await gone;
});

test("a connection that falls silent is given up and made anew", async (t) => {
  const { baseUrl, requests } = await serve(t, stream([change("a")], () => {}), stream([change("b")]));
  const { client } = clientOf(baseUrl, {}, { idleMs: 20 });
  const got = await collected(client.stream("/v1/jobs:watch"));
  assert.deepEqual(got.map(({ cursor }) => cursor), ["a", "b"]);
  assert.equal(requests[1].url, "/v1/jobs:watch?cursor=a");
});

test("a slow reader isn't taken for a silent connection", async (t) => {
  const whole = stream([change("a")], (response) => response.end(change("b")));
  const { baseUrl, requests } = await serve(t, whole, stream([]));
  const { client } = clientOf(baseUrl, {}, { idleMs: 50 });
  const got = [];
  for await (const { cursor } of client.stream("/v1/jobs:watch")) {
    got.push(cursor);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.deepEqual([got, requests.length], [["a", "b"], 1]);
});

test("an upload sends each message as a line, as it comes, without a key and only once", async (t) => {
  const { baseUrl, requests } = await serve(t, stream([line({ summary: {} })]));
  async function* feed() {
    yield { open: {} };
    yield { complete: {} };
  }
  const { client } = clientOf(baseUrl);
  assert.deepEqual(await collected(client.upload("/v1/jobs/ats/feed", feed())), [{ summary: {} }]);
  assert.deepEqual(await collected(client.upload("/v1/jobs/ats/feed", [{ open: {} }])), [{ summary: {} }]);
  assert.equal(requests[0].body, '{"open":{}}\n{"complete":{}}\n');
  assert.equal(requests[0].headers["content-type"], "application/x-ndjson");
  assert.equal(requests[0].headers["idempotency-key"], undefined);
});

test("an upload that breaks isn't repeated", async (t) => {
  const { baseUrl, requests } = await serve(t, drop);
  await assert.rejects(collected(clientOf(baseUrl).client.upload("/v1/jobs/ats/feed", [{}])), UnavailableError);
  assert.equal(requests.length, 1);
});

test("what the source of an upload throws comes out as it is", async (t) => {
  const { baseUrl } = await serve(t, stream([]));
  const reason = new Error("the board is down");
  async function* feed() {
    yield { open: {} };
    throw reason;
  }
  await assert.rejects(collected(clientOf(baseUrl).client.upload("/v1/jobs/ats/feed", feed())), reason);
});

test("a page that fails for a moment is asked for again, and no item is lost or doubled", async (t) => {
  const { baseUrl, requests } = await serve(
    t,
    answer(200, { jobs: [{ jobId: "1" }, { jobId: "2" }], nextPageToken: "t+/=" }),
    drop,
    answer(200, { jobs: [{ jobId: "3" }], nextPageToken: "u" }),
    answer(200, {}),
  );
  const { client } = clientOf(baseUrl);
  const got = await collected(client.list("/v1/jobs", { query: { pageSize: 2 } }));
  assert.deepEqual(got.map(({ jobId }) => jobId), ["1", "2", "3"]);
  assert.equal(requests[2].url, "/v1/jobs?pageSize=2&pageToken=t%2B%2F%3D");
});

test("pages are fetched as they are asked for", async (t) => {
  const { baseUrl, requests } = await serve(t, answer(200, { jobs: [{ jobId: "1" }], nextPageToken: "t" }));
  for await (const _ of clientOf(baseUrl).client.list("/v1/jobs")) break;
  assert.equal(requests.length, 1);
});

test("a list with an item that fails for good ends with the error", async (t) => {
  const { baseUrl } = await serve(t, refuse(500, { code: "internal", reason: "INTERNAL" }));
  await assert.rejects(collected(clientOf(baseUrl).client.list("/v1/jobs")), InternalError);
});

async function collected(items) {
  const all = [];
  for await (const item of items) all.push(item);
  return all;
}

function readable(pieces) {
  const rest = pieces.values();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = rest.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}
