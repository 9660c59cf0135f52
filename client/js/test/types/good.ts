// Compiles as it stands: what users write, and the types they get.
import { NotFoundError, createXaighClient, verifyWebhook } from "@xaigh/sdk-js";
import type { Job, JobChange, KeyEvent, ListJobsResponse, PostJobRequest, SyncRun, XaighClient } from "@xaigh/sdk-js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

const xaigh: XaighClient = createXaighClient({ baseUrl: "https://api.xaigh.com", apiKey: process.env.XAIGH_API_KEY });
declare const jobId: string;
declare const shift: PostJobRequest;

const posted = await xaigh.post("/v1/jobs/post", {
  employerUserId: "employer_123", title: "Warehouse closeout crew", slots: 12,
  startsAt: "2026-06-18T08:00:00.000Z"
}, { idempotencyKey: "shift-plan-2026-06-18-a" });
same<typeof posted, Job>(true);

const read = await xaigh.get("/v1/jobs/{jobId}", { path: { jobId } });
same<typeof read, Job>(true);
const filled = await xaigh.get(`/v1/jobs/${jobId}`);
same<typeof filled, Job>(true);
const literal = await xaigh.get("/v1/jobs/job_1");
same<typeof literal, Job>(true);
const closed = await xaigh.post(`/v1/jobs/${jobId}:close`);
same<typeof closed, Job>(true);
const listed = await xaigh.get("/v1/jobs", { query: { pageSize: 10, source: "DIRECT" }, timeoutMs: 1000 });
same<typeof listed, ListJobsResponse>(true);
const runs = await xaigh.get("/v1/jobs/ats/runs");
same<typeof runs.runs, SyncRun[] | undefined>(true);
const patched = await xaigh.patch("/v1/jobs/{jobId}", { jobContent: { slots: 3 } }, { path: { jobId }, query: { updateMask: "jobContent.slots" } });
same<typeof patched, Job>(true);
await xaigh.delete(`/v1/webhooks/endpoints/${jobId}`);
await xaigh.post("/v1/jobs/ats/sync", { provider: "GREENHOUSE", jobs: [{ id: 1 }] });
same<NonNullable<PostJobRequest["pay"]>["minMinor"], string | undefined>(true);

for await (const job of xaigh.list("/v1/jobs")) same<typeof job, Job>(true);
for await (const page of xaigh.pages("/v1/jobs")) same<typeof page, ListJobsResponse>(true);
for await (const change of xaigh.stream("/v1/jobs:watch", { query: { includeExisting: true } })) same<typeof change, JobChange>(true);
for await (const answer of xaigh.upload("/v1/jobs/ats/feed", [{ open: { integrationId: "int_1" } }])) answer.summary?.state;

const unknown = await xaigh.request("GET", "/v2/anything");
same<typeof unknown, unknown>(true);

try {
  await xaigh.post("/v1/jobs/post", shift);
} catch (error) {
  if (error instanceof NotFoundError) error.requestId.trim();
}
const event = await verifyWebhook(new Uint8Array(), new Headers(), ["whsec_a", "whsec_b"]);
event.timestamp.getTime();
if (event.type === "job.closed") event.data.closeReason?.trim();
if (event.type === "callback.challenge") event.data.challenge.trim();
same<Extract<typeof event, { type: "key.issued" }>["data"], KeyEvent>(true);
