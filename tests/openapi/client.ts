// A client made of nothing but the served document: types by openapi-typescript, calls by
// openapi-fetch. What the document gets wrong doesn't compile here, or doesn't pass.
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

declare const process: { env: Record<string, string | undefined> };

type Job = components["schemas"]["Job"];

const baseUrl = process.env["BASE_URL"] ?? "";
const employerUserId = process.env["EMPLOYER"] ?? "";

function client(credential: string | undefined) {
  const made = createClient<paths>({ baseUrl });
  const authorize: Middleware = {
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${credential}`);
      return request;
    },
  };
  made.use(authorize);
  return made;
}

function check(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

const api = client(process.env["API_KEY"]);
const operator = client(process.env["OPERATOR"]);

const me = await api.GET("/v1/whoami");
check(me.data?.key?.state === "ACTIVE", "whoami names an active key");

const posted = await api.POST("/v1/jobs/post", {
  params: { header: { "Idempotency-Key": "generated-client-1" } },
  body: {
    employerUserId,
    title: "Night pickers",
    slots: 4,
    startsAt: "2027-06-18T08:00:00Z",
    pay: { minMinor: "1500", maxMinor: "1800", currency: "USD", interval: "HOUR" },
  },
});
check(posted.data, `posting answers a job: ${JSON.stringify(posted.error)}`);
const job: Job = posted.data;
const jobId = job.jobId ?? "";
check(job.payRange?.pays?.[0]?.minMinor === "1500", "64-bit integers stay text");

const path = { jobId };
const read = await api.GET("/v1/jobs/{jobId}", { params: { path } });
check(read.data?.jobContent?.title === "Night pickers", "reading gives what was posted");

const changed = await api.PATCH("/v1/jobs/{jobId}", {
  params: { path },
  body: { jobContent: { title: "Day pickers" } },
});
check(changed.data?.jobContent?.title === "Day pickers", "a patch changes what it names");
check(changed.data?.jobContent?.slots === 4, "and nothing else");

const listed = await api.GET("/v1/jobs", {
  params: { query: { employerUserId, state: "OPEN", pageSize: 5 } },
});
check(listed.data?.jobs?.some((each) => each.jobId === jobId), "the list holds it");

const closed = await api.POST("/v1/jobs/{jobId}:close", {
  params: { path, header: { "Idempotency-Key": "generated-client-2" } },
  body: {},
});
check(closed.data?.publicationStatus?.state === "CLOSED", "closing closes");

const missing = await api.GET("/v1/jobs/{jobId}", { params: { path: { jobId: "job_nothing" } } });
check(missing.response.status === 404, "a missing job is 404");
check(missing.error && "error" in missing.error, "with an error of the document's shape");
check(missing.error.error.code === "not_found", "whose code is one of the list");

const keys = await operator.GET("/v1/admin/keys", { params: { query: { pageSize: 1 } } });
check(keys.data?.keys?.length === 1, "an operator lists keys");

const ticket = await createClient<paths>({ baseUrl }).POST("/v1/developer/api-access/request", {
  body: {
    companyName: "Southline Kitchens",
    contactName: "Noor Haddad",
    contactEmail: "noor@southline-kitchens.example",
    useCase: "Post shifts.",
    requestedScopes: ["jobs:read"],
    monthlyVolumeEstimate: 100,
    callbackUrl: "https://hooks.southline-kitchens.example/xaigh",
  },
});
check(ticket.data?.statusToken, `asking for access: ${JSON.stringify(ticket.error)}`);
console.log("every call of the generated client succeeds");
