// The client against a real server.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  FailedPreconditionError,
  IdempotencyKeyReusedError,
  InsufficientScopeError,
  InvalidArgumentError,
  NotFoundError,
  PermissionDeniedError,
  UnauthenticatedError,
  createXaighClient,
} from "@xaigh/sdk-js";
import { grantAccess, requestForm, startServer } from "./support/server.js";
import { losingProxy } from "./support/losing_proxy.js";

const SHIFT = {
  employerUserId: "employer_123",
  title: "Warehouse closeout crew",
  slots: 12,
  startsAt: "2027-06-18T08:00:00Z",
};

let server;
let operator;
let access;
let xaigh;

before(async () => {
  server = await startServer();
  operator = createXaighClient({ baseUrl: server.baseUrl, apiKey: server.founder });
  access = await grantAccess(operator, {
    requestedScopes: ["jobs:read", "jobs:write", "employer:read", "ats:read", "ats:sync", "webhooks:write"],
  });
  xaigh = createXaighClient({ baseUrl: server.baseUrl, apiKey: access.apiKey });
});

after(() => server?.stop());

test("a job is posted, read, changed and closed", async () => {
  const posted = await xaigh.post("/v1/jobs/post", SHIFT);
  assert.equal(posted.employerUserId, "employer_123");
  const { jobId, etag } = posted;
  assert.equal((await xaigh.get(`/v1/jobs/${jobId}`)).jobContent.slots, 12);
  const changed = await xaigh.patch(
    "/v1/jobs/{jobId}",
    { jobContent: { slots: 14 }, etag },
    { path: { jobId }, query: { updateMask: "jobContent.slots" } },
  );
  assert.equal(changed.jobContent.slots, 14);
  assert.equal(changed.jobContent.title, SHIFT.title);
  const closed = await xaigh.post("/v1/jobs/{jobId}:close", {}, { path: { jobId } });
  assert.equal(closed.publicationStatus.state, "CLOSED");
});

test("64-bit integers are strings in both directions", async () => {
  const pay = { minMinor: "1000000000000", currency: "EUR", interval: "HOUR" };
  const { payRange } = await xaigh.post("/v1/jobs/post", { ...SHIFT, pay });
  assert.equal(payRange.pays[0].minMinor, "1000000000000");
});

test("an endpoint is made and deleted", async () => {
  const url = "https://hooks.northline-warehousing.example/more";
  const { endpointId, secret } = await xaigh.post("/v1/webhooks/endpoints", { url });
  assert.match(secret, /^whsec_/);
  assert.deepEqual(await xaigh.delete("/v1/webhooks/endpoints/{endpointId}", { path: { endpointId } }), {});
  await assert.rejects(xaigh.post(`/v1/webhooks/endpoints/${endpointId}:sendTest`), NotFoundError);
});

test("a lost reply makes no second job: the repeat has the same key and is a replay", async (t) => {
  const proxy = await losingProxy(t, server.baseUrl);
  const heard = [];
  const careful = createXaighClient({
    baseUrl: proxy.baseUrl,
    apiKey: access.apiKey,
    onReply: (info) => heard.push(info),
  });
  const externalReference = "lost-reply";
  const job = await careful.post("/v1/jobs/post", { ...SHIFT, externalReference });
  assert.equal(proxy.lost, 1);
  assert.deepEqual(heard.map(({ attempts, replayed }) => ({ attempts, replayed })), [
    { attempts: 2, replayed: true },
  ]);
  const jobs = await collected(xaigh.list("/v1/jobs", { query: { externalReference } }));
  assert.deepEqual(jobs.map(({ jobId }) => jobId), [job.jobId]);
});

test("a list comes item by item over all of its pages", async () => {
  const externalReference = "paged";
  for (let number = 0; number < 5; number += 1) {
    await xaigh.post("/v1/jobs/post", { ...SHIFT, title: `Shift ${number}`, externalReference });
  }
  const query = { externalReference, pageSize: 2 };
  const titles = (await collected(xaigh.list("/v1/jobs", { query }))).map((job) => job.jobContent.title);
  assert.deepEqual(titles, ["Shift 4", "Shift 3", "Shift 2", "Shift 1", "Shift 0"]);
  const pages = await collected(xaigh.pages("/v1/jobs", { query }));
  assert.deepEqual(pages.map((page) => page.jobs.length), [2, 2, 1]);
  assert.deepEqual(await collected(xaigh.list("/v1/jobs", { query: { externalReference: "none" } })), []);
});

test("a watch tells of a change while it is made, and ends when the loop is left", async () => {
  let posted;
  const employerUserId = "employer_123";
  for await (const change of xaigh.stream("/v1/jobs:watch", { query: { employerUserId } })) {
    // The bookmark comes first: from here on no change is missed.
    if (change.kind === "BOOKMARK" && !posted) posted = await xaigh.post("/v1/jobs/post", SHIFT);
    if (change.job?.jobId === posted?.jobId) {
      assert.equal(change.kind, "CREATED");
      break;
    }
  }
});

test("a watch is ended by its signal, and rejects with the signal's reason", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const options = { signal: controller.signal };
  await assert.rejects(async () => {
    for await (const _ of xaigh.stream("/v1/jobs:watch", options)) controller.abort(reason);
  }, reason);
});

test("a key that is revoked ends its watch with the server's own error, in mid-stream", async () => {
  const short = await grantAccess(operator);
  const holder = createXaighClient({ baseUrl: server.baseUrl, apiKey: short.apiKey });
  await assert.rejects(
    async () => {
      for await (const { kind } of holder.stream("/v1/jobs:watch")) {
        if (kind === "BOOKMARK") await holder.post("/v1/whoami:revoke", { reason: "done" });
      }
    },
    (error) => error instanceof UnauthenticatedError && error.reason === "KEY_REVOKED",
  );
});

/** What is called, the class of its error, its status and reason. */
const REFUSALS = [
  [() => xaigh.get("/v1/jobs/{jobId}", { path: { jobId: "job_nothing" } }), NotFoundError, 404, "NOT_FOUND"],
  [() => xaigh.get("/v1/admin/grants"), PermissionDeniedError, 403, "CREDENTIAL_KIND_REFUSED"],
  [() => xaigh.get("/v1/employers/employer_123/workforce-status"), InsufficientScopeError, 403, "SCOPE_NOT_GRANTED"],
  [() => operator.get("/v1/admin/grants/{grantId}", { path: { grantId: "../keys" } }), NotFoundError, 404, "NOT_FOUND"],
  [
    () => operator.post("/v1/admin/keys", { grantId: access.grantId, name: "x", scopes: ["workforce:read"] }),
    FailedPreconditionError,
    400,
    "GRANT_EXCEEDED",
  ],
];

for (const [call, kind, status, reason] of REFUSALS) {
  test(`${reason} is a ${kind.name} and carries what the server told`, async () => {
    const error = await call().then(() => assert.fail("it went well"), (caught) => caught);
    assert.ok(error instanceof kind, `${error.name}: ${error.message}`);
    assert.deepEqual([error.status, error.reason], [status, reason]);
    assert.match(error.requestId, /^req_/);
    assert.ok(error.details.length > 0);
  });
}

test("an invalid request names its fields", async () => {
  const error = await xaigh.post("/v1/jobs/post", { ...SHIFT, slots: 0 }).catch((caught) => caught);
  assert.ok(error instanceof InvalidArgumentError);
  assert.deepEqual(error.violations.map(({ path }) => path), ["slots"]);
  assert.match(error.violations[0].description, /\w/);
});

test("a missing scope is told by name", async () => {
  const call = xaigh.get("/v1/employers/{employerUserId}/workforce-status", {
    path: { employerUserId: "employer_123" },
  });
  const error = await call.catch((caught) => caught);
  assert.deepEqual([error.code, error.rpcStatus], ["insufficient_scope", "PERMISSION_DENIED"]);
  assert.match(JSON.stringify(error.metadata), /workforce:read/);
});

test("an idempotency key that meets another request is refused", async () => {
  const options = { idempotencyKey: "one-of-a-kind" };
  await xaigh.post("/v1/jobs/post", SHIFT, options);
  await assert.rejects(
    xaigh.post("/v1/jobs/post", { ...SHIFT, slots: 13 }, options),
    IdempotencyKeyReusedError,
  );
});

test("a feed is sent from an async iterable and answered record by record", async () => {
  const { integrationId } = await xaigh.post("/v1/jobs/ats/integrations", {
    provider: "CUSTOM",
    board: "main",
    employerUserIds: ["employer_123"],
    displayName: "Planning",
  });
  async function* feed() {
    yield { open: { integrationId, detail: "ALL" } };
    for (const externalJobId of ["a", "b"]) {
      yield { normalizedJob: { externalJobId, title: `Role ${externalJobId}`, status: "OPEN" } };
    }
    yield { complete: { expectedTotal: 2 } };
  }
  const answers = await collected(xaigh.upload("/v1/jobs/ats/feed", feed()));
  const outcomes = answers.flatMap(({ outcome }) => outcome?.outcome ?? []);
  assert.deepEqual(outcomes, ["CREATED", "CREATED"]);
  assert.equal(answers.at(-1).summary.state, "COMPLETED");
});

test("access is asked for by plain fetch: a ticket comes back, and no key", async () => {
  const response = await fetch(`${server.baseUrl}/v1/developer/api-access/request`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      companyName: "Northline Warehousing",
      contactName: "Maya Patel",
      contactEmail: "maya@northline-warehousing.example",
      useCase: "Post closeout shifts from our planning system.",
      requestedScopes: ["jobs:write", "employer:read"],
      monthlyVolumeEstimate: 2500,
      callbackUrl: "https://hooks.northline-warehousing.example/xaigh",
    }),
  });
  assert.equal(response.status, 200);
  const text = await response.text();
  assert.doesNotMatch(text, /(?:test|live)_(?:sk|pk)_/);
  const ticket = JSON.parse(text);
  assert.equal(ticket.state, "SUBMITTED");
  for (const member of ["ticketId", "submittedTime", "statusToken"]) assert.ok(ticket[member], member);
});

test("an applicant follows a ticket with its token alone", async () => {
  const applicant = createXaighClient({ baseUrl: server.baseUrl });
  const ticket = await applicant.post("/v1/developer/api-access/request", requestForm());
  const { ticketId, statusToken } = ticket;
  const status = await applicant.get("/v1/developer/api-access/requests/{ticketId}", {
    path: { ticketId },
    statusToken,
  });
  assert.equal(status.state, "SUBMITTED");
});

async function collected(items) {
  const all = [];
  for await (const item of items) all.push(item);
  return all;
}
